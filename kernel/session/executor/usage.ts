// What a cell takes: time, and memory of tensors, which is known once the library is loaded.

import { join } from "node:path";
import type * as peaks from "../../../core/tensor/peaks";
import type { CellUsage } from "../protocol";

const peaksPath = join(__dirname, "../../../core/tensor/peaks.js");
const nativePath = join(__dirname, "../../../core/native.js");

/** Measures from now until the result is called. */
export function measureUsage(): () => CellUsage {
  // Not loaded for the sake of measuring: without it there are no tensors.
  const memory = require.cache[nativePath]?.loaded ? (require(peaksPath) as typeof peaks).measureMemory() : undefined;
  const cpu = process.cpuUsage();
  const since = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { time: performance.now() - since, cpu: (user + system) / 1000, ...(memory ?? unmeasured)() };
  };
}

/** A cell that loaded the library itself: all that tensors held is its own. */
function unmeasured(): { peakBytes: number; allocatedBytes: number } {
  if (!require.cache[nativePath]?.loaded) return { peakBytes: 0, allocatedBytes: 0 };
  const { peak, allocatedBytes } = (require(peaksPath) as typeof peaks).memoryCounters();
  return { peakBytes: peak, allocatedBytes };
}
