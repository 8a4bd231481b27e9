// Workers without processes. PyTorch's loader gives every worker process a random stream and a data set of its own; here batches are
// made in this process one after another, each in the stream and from the data set of the worker that PyTorch would have asked, so
// items are the same.

import { defaultGenerator, type Seed, withStream } from "../random/generator";
import { Scoped } from "../scoped";
import type { Tensor } from "../tensor/tensor";

/** What code that runs for a worker can know about it, as `torch.utils.data.get_worker_info()` gives. */
export interface WorkerInfo {
  /** The worker's number, from 0. */
  readonly id: number;
  /** The number of workers of the loader. */
  readonly numWorkers: number;
  /** The seed of the worker's stream: the loader's base seed + id. */
  readonly seed: Seed;
  /** The worker's data set, a copy of the loader's: what `workerInitFn` changes in it, no other worker sees. */
  readonly dataset: unknown;
}

const current = new Scoped<WorkerInfo | null>(null);

/** The worker that the running code belongs to; null outside of a loader with workers. Source: torch.utils.data.get_worker_info. */
export function getWorkerInfo(): WorkerInfo | null {
  return current.value;
}

/** A random stream, a data set, and the name of who draws from them. */
export class Worker<D> {
  private state: Tensor | null = null;

  constructor(
    private readonly info: WorkerInfo & { readonly dataset: D },
    private readonly init: ((id: number) => void) | null,
  ) {}

  /** What the worker reads. */
  get dataset(): D {
    return this.info.dataset;
  }

  /** Calls `work` as this worker: the default generator is its own meanwhile. */
  run<T>(work: () => T): T {
    const first = this.state === null;
    this.state ??= defaultGenerator().getState();
    const stream = this.state;
    return current.during(this.info, () =>
      withStream(stream, () => {
        if (first) {
          defaultGenerator().manualSeed(this.info.seed);
          this.init?.(this.info.id);
        }
        return work();
      }),
    );
  }
}
