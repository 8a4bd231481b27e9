// Workers without processes. PyTorch's loader gives every worker process a random stream of its own; here batches are made in this
// process one after another, each in the stream of the worker that PyTorch would have asked, so random items are the same.

import { defaultGenerator, type Seed } from "../random/generator";
import type { Tensor } from "../tensor/tensor";

/** What code that runs for a worker can know about it, as `torch.utils.data.get_worker_info()` gives. */
export interface WorkerInfo {
  /** The worker's number, from 0. */
  readonly id: number;
  /** The number of workers of the loader. */
  readonly numWorkers: number;
  /** The seed of the worker's stream: the loader's base seed + id. */
  readonly seed: Seed;
  /** The data set of the loader. */
  readonly dataset: unknown;
}

let current: WorkerInfo | null = null;

/** The worker that the running code belongs to; null outside of a loader with workers. Source: torch.utils.data.get_worker_info. */
export function getWorkerInfo(): WorkerInfo | null {
  return current;
}

/** A random stream, and the name of who draws from it. */
export class Worker {
  private state: Tensor | null = null;

  constructor(
    private readonly info: WorkerInfo,
    private readonly init: ((id: number) => void) | null,
  ) {}

  /** Calls `work` as this worker: the default generator is its own meanwhile. */
  run<T>(work: () => T): T {
    const generator = defaultGenerator();
    const outer = generator.getState();
    const before = current;
    current = this.info;
    try {
      if (this.state === null) {
        generator.manualSeed(this.info.seed);
        this.init?.(this.info.id);
      } else generator.setState(this.state);
      return work();
    } finally {
      this.state = generator.getState();
      generator.setState(outer);
      current = before;
    }
  }
}
