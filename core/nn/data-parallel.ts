// Data parallelism within a process, over the devices that there are: one.

import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import type { Forward } from "./callable";
import { Module } from "./module";

interface DataParallelOptions {
  deviceIds?: readonly unknown[] | null;
  outputDevice?: unknown;
  dim?: number;
}

/**
 * Runs a module, `module`, on the device where it is: on one device, as on the CPU, there is nothing to share out. Names in
 * state_dicts begin with `module.`, as in programs for several. `deviceIds`, `outputDevice` and `dim` are accepted. Source:
 * torch.nn.DataParallel.
 */
export class DataParallel<M extends Module & { forward: Forward } = Module> extends Module {
  /** @internal */
  static readonly [signature] = new Signature(
    "def DataParallel(Module module, value deviceIds=None, value outputDevice=None, int dim=0)",
  );

  readonly module: M;
  readonly dim: number;

  constructor(
    module: M,
    ...args: Arguments<
      [deviceIds?: readonly unknown[] | null, outputDevice?: unknown, dim?: number],
      DataParallelOptions
    >
  );
  constructor(options: DataParallelOptions & { module: M });
  constructor(...args: unknown[]) {
    super();
    const { module, dim } = DataParallel[signature].complete<DataParallelOptions & { module: M }>(args);
    this.module = module;
    this.dim = dim;
  }

  override forward(...args: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    const inner: Module = this.module;
    return inner(...args);
  }
}
