// `torch.cpu`: the processor as a device, and the memory under its tensors.

import { addon } from "./native";
import { computePending } from "./tensor/pending";
import { collect } from "./tensor/collector";
import { memoryCounters, resetPeaks } from "./tensor/peaks";

/**
 * Waits until every op that was called is computed. Elementwise ops on large tensors may wait for the next one; only a clock sees that,
 * so this is for measuring. Source: torch.cpu.synchronize.
 */
export function synchronize(): void {
  computePending();
}

/** One quantity of `memoryStats`. */
export interface MemoryCounter {
  /** Now. */
  current: number;
  /** The most since the start, or since `resetPeakMemoryStats`. */
  peak: number;
  /** All that was added since the start. */
  allocated: number;
  /** All that went since the start. */
  freed: number;
}

/** What `memoryStats` gives. */
export interface MemoryStats {
  /** Blocks of memory that tensors hold; small tensors share one. */
  allocation: MemoryCounter;
  /** Bytes that tensors hold. Tensors that nobody can reach count until garbage is collected. */
  allocatedBytes: MemoryCounter;
  /** Bytes taken from the system: those that tensors hold, and those kept for the next ones. */
  reservedBytes: MemoryCounter;
}

/** Counters of the memory under tensors on the CPU. Source: torch.cuda.memory_stats. */
export function memoryStats(): MemoryStats {
  const memory = memoryCounters();
  const { live, peak, handles, handlesPeak, allocations, allocatedBytes, mappedBytes } = memory;
  const reserved = live + memory.cached;
  const counter = (current: number, most: number, allocated: number): MemoryCounter => ({
    current,
    peak: most,
    allocated,
    freed: allocated - current,
  });
  return {
    allocation: counter(handles, handlesPeak, allocations),
    allocatedBytes: counter(live, peak, allocatedBytes),
    reservedBytes: counter(reserved, memory.reservedPeak, mappedBytes),
  };
}

/** Bytes that tensors hold. Source: torch.cuda.memory_allocated. */
export function memoryAllocated(): number {
  return memoryCounters().live;
}

/** The most bytes that tensors held since the start or since `resetPeakMemoryStats`. Source: torch.cuda.max_memory_allocated. */
export function maxMemoryAllocated(): number {
  return memoryCounters().peak;
}

/** Bytes taken from the system for tensors. Source: torch.cuda.memory_reserved. */
export function memoryReserved(): number {
  const { live, cached } = memoryCounters();
  return live + cached;
}

/** The most bytes taken from the system at one time. Source: torch.cuda.max_memory_reserved. */
export function maxMemoryReserved(): number {
  return memoryCounters().reservedPeak;
}

/** Counts peaks from now on. Source: torch.cuda.reset_peak_memory_stats. */
export function resetPeakMemoryStats(): void {
  resetPeaks();
}

/**
 * Collects garbage and gives the memory that no tensor holds back to the system. Memory that lies unused for some seconds goes back
 * by itself. Source: torch.cuda.empty_cache.
 */
export function emptyCache(): void {
  computePending();
  collect("major");
  addon.info("emptyCache");
}
