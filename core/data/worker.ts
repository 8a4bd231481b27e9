// What code that runs in a loader's worker can know about it.

import type { Seed } from "../random/generator";

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

let current: WorkerInfo | null = null;

/** The worker whose thread runs the code; null outside of a loader's workers. Source: torch.utils.data.get_worker_info. */
export function getWorkerInfo(): WorkerInfo | null {
  return current;
}

/** @internal Makes the running thread a worker's. */
export function setWorkerInfo(info: WorkerInfo): void {
  current = info;
}
