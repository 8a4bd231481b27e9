// torch.optim.swa_utils: averages of weights along a run.

import { withGradMode } from "../autograd/modes";
import { ArgumentError } from "../errors";
import type { Forward } from "../nn/callable";
import { deepcopy } from "../nn/deepcopy";
import { stateKey } from "../nn/members";
import { Module } from "../nn/module";
import { RunningNorm } from "../nn/running-norm";
import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature, signed } from "../arguments/signed";
import { tensor } from "../ops/create/create";
import { int64 } from "../tensor/dtype";
import type { Device } from "../tensor/device";
import { Tensor } from "../tensor/tensor";
import { LRScheduler, numberIn, perGroup, type ScheduleOptions, type Scheduled } from "./scheduler";

/** The next average from the present one, a new value, and how many were averaged. */
export type AverageFunction = (averaged: Tensor, value: Tensor, count: Tensor) => Tensor;

interface AveragedOptions {
  /** Where the averages live. Default: where the model does. */
  device?: Device | string | null;
  /** Default: the mean of all values. */
  avgFn?: AverageFunction | null;
  /** Whether buffers are averaged too. Default false. */
  useBuffers?: boolean;
}

/** A copy of a model whose parameters are averages of the model's. Options: `avgFn`, `useBuffers`. Source: torch.optim.swa_utils.AveragedModel. */
export class AveragedModel<M extends Module & { forward: Forward } = Module> extends Module {
  /** @internal */
  static readonly [signature] = new Signature(
    "def AveragedModel(Module model, Device? device=None, function? avgFn=None, bool useBuffers=False)",
  );

  readonly module: M;
  nAveraged: Tensor;
  private readonly average: AverageFunction;
  private readonly useBuffers: boolean;

  constructor(
    model: M,
    ...args: Arguments<
      [device?: Device | string | null, avgFn?: AverageFunction | null, useBuffers?: boolean],
      AveragedOptions
    >
  );
  constructor(options: AveragedOptions & { model: M });
  constructor(...args: unknown[]) {
    super();
    const { model, device, avgFn, useBuffers } = AveragedModel[signature].complete<AveragedOptions & { model: M }>(
      args,
    );
    this.module = deepcopy(model);
    if (device !== null) this.module.to(device);
    this.nAveraged = tensor(0, { dtype: int64, device });
    this.registerBuffer("nAveraged", this.nAveraged);
    this.average = avgFn ?? ((averaged, value, count) => averaged.add(value.sub(averaged).div(count.add(1))));
    this.useBuffers = useBuffers;
  }

  override [stateKey](property: string): string {
    return property === "nAveraged" ? "n_averaged" : property;
  }

  override forward(...args: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    const inner: Module = this.module;
    return inner(...args);
  }

  /** Takes the parameters of a model into the average. */
  updateParameters(model: Module): void {
    const values = (of: Module): Tensor[] =>
      this.useBuffers ? [...of.parameters(), ...of.buffers()] : of.parameters();
    const theirs = values(model);
    withGradMode(false, () => {
      values(this.module).forEach((own, k) => {
        const value = theirs[k].detach();
        own.copy_(this.nAveraged.item() === 0 ? value : this.average(own.detach(), value, this.nAveraged));
      });
      this.nAveraged.add_(1);
    });
  }
}

interface SWALROptions extends Pick<ScheduleOptions, "lastEpoch"> {
  swaLr?: number | readonly number[];
  annealEpochs?: number;
  annealStrategy?: "cos" | "linear";
}

const ANNEAL = { cos: (t: number) => (1 - Math.cos(Math.PI * t)) / 2, linear: (t: number) => t };

/** From the present rate to `swaLr` over `annealEpochs` (10). Option: `annealStrategy` "cos" or "linear". Source: torch.optim.swa_utils.SWALR. */
export class SWALR extends LRScheduler {
  /** @internal */
  static override readonly [signature] = new Signature(
    "def SWALR(value optimizer, float|float[] swaLr, value annealEpochs=10, value annealStrategy='cos', int lastEpoch=-1)",
  );

  readonly annealEpochs: number;
  private readonly anneal: (t: number) => number;

  constructor(
    optimizer: Scheduled,
    ...args: Arguments<
      [swaLr: number | readonly number[], annealEpochs?: number, annealStrategy?: "cos" | "linear", lastEpoch?: number],
      SWALROptions
    >
  );
  constructor(options: SWALROptions & { optimizer: Scheduled; swaLr: number | readonly number[] });
  constructor(...args: unknown[]) {
    const { optimizer, swaLr, annealEpochs, annealStrategy, lastEpoch } = SWALR[signature].complete<
      SWALROptions & { optimizer: Scheduled }
    >(args);
    if (!(annealStrategy in ANNEAL)) {
      throw new ArgumentError(`anneal_strategy must by one of 'cos' or 'linear', instead got ${annealStrategy}`);
    }
    if (!Number.isInteger(annealEpochs) || annealEpochs < 0) {
      throw new ArgumentError(`anneal_epochs must be equal or greater than 0, got ${annealEpochs}`);
    }
    super(optimizer, { lastEpoch });
    const rates = perGroup("swa_lr", optimizer, swaLr);
    optimizer.paramGroups.forEach((group, k) => {
      Object.assign(group, { swaLr: rates[k] });
    });
    this.annealEpochs = annealEpochs;
    this.anneal = ANNEAL[annealStrategy];
    this.start();
  }

  getLr(): number[] {
    const { annealEpochs, anneal } = this;
    const step = annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const share = (at: number) => anneal(Math.max(0, Math.min(1, at / Math.max(1, annealEpochs))));
    const before = share(step - 1);
    const now = share(step);
    return this.optimizer.paramGroups.map((group) => {
      const target = numberIn(group, "swaLr") ?? group.lr;
      const initial = before === 1 ? target : (group.lr - before * target) / (1 - before);
      return target * now + initial * (1 - now);
    });
  }
}

/** Runs a model over batches (their first items) to give its batch normalisations the statistics of its weights. Source: torch.optim.swa_utils.update_bn. */
export const updateBn = signed(
  "def updateBn(value loader, Module model, Device? device=None)",
  (loader: Iterable<unknown>, model: Module, device: Device | string | null = null): void => {
    const norms = model.modules().filter((module) => module instanceof RunningNorm && module.tracksBatches);
    if (norms.length === 0) return;
    const wasTraining = model.training;
    model.train();
    const restore = norms.map((module) => (module as RunningNorm).averageAll());
    withGradMode(false, () => {
      for (const batch of loader) {
        const input: unknown = Array.isArray(batch) ? batch[0] : batch;
        if (!(input instanceof Tensor))
          throw new ArgumentError("update_bn: batches must be tensors, or begin with one");
        model(device === null ? input : input.to(device));
      }
    });
    for (const put of restore) put();
    model.train(wasTraining);
  },
);
