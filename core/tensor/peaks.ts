// The most bytes that tensors held: for the user since the start or the last reset, and for a front-end during one cell. The backend
// counts one peak, so each measurement starts it anew and what it was before is remembered here.

import { addon, type MemoryStatistics } from "../native";

type Peaks = Pick<MemoryStatistics, "peak" | "reservedPeak" | "handlesPeak">;

const none: Peaks = { peak: 0, reservedPeak: 0, handlesPeak: 0 };
let earlier = none;

/** Counters of the backend's memory, with the peaks since the start or `resetPeaks`. */
export function memoryCounters(): MemoryStatistics {
  const now = addon.info("memory");
  return { ...now, ...highest(now, earlier) };
}

/** Counts peaks from now on. */
export function resetPeaks(): void {
  earlier = none;
  addon.info("resetPeak");
}

/** Measures what tensors hold at most, and what is allocated for them, from now until the result is called. The peaks of others stay. */
export function measureMemory(): () => { peakBytes: number; allocatedBytes: number } {
  const start = addon.info("memory");
  earlier = highest(start, earlier);
  addon.info("resetPeak");
  return () => {
    const { peak, allocatedBytes } = addon.info("memory");
    return { peakBytes: peak, allocatedBytes: allocatedBytes - start.allocatedBytes };
  };
}

function highest(a: Peaks, b: Peaks): Peaks {
  return {
    peak: Math.max(a.peak, b.peak),
    reservedPeak: Math.max(a.reservedPeak, b.reservedPeak),
    handlesPeak: Math.max(a.handlesPeak, b.handlesPeak),
  };
}
