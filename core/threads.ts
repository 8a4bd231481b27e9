// The number of threads that kernels use.

import { ArgumentError } from "./errors";
import { addon } from "./native";

/** How many threads kernels use; at start OMP_NUM_THREADS, or one per core (PyTorch: `torch.get_num_threads`). */
export function getNumThreads(): number {
  return addon.info("threads");
}

/** Sets how many threads kernels use. Throws ArgumentError below 1 (PyTorch: `torch.set_num_threads`). */
export function setNumThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1) throw new ArgumentError("set_num_threads expects a positive integer");
  addon.info("threads", threads);
}
