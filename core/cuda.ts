// `torch.cuda`: what programs ask before they choose a device. There is no CUDA backend, so all answers are those of PyTorch built
// without one.

import { DeviceError } from "./errors";
import type { Seed } from "./random/generator";

function absent(): never {
  throw new DeviceError(
    "Torch not compiled with CUDA enabled: Cresset computes on the CPU. torch.cuda.isAvailable() is false; a program that asks it runs anywhere.",
  );
}

/** Whether tensors can live on a CUDA device: false. Source: torch.cuda.is_available. */
export function isAvailable(): boolean {
  return false;
}

/** How many CUDA devices there are: none. Source: torch.cuda.device_count. */
export function deviceCount(): number {
  return 0;
}

/** Whether CUDA has been started: false. Source: torch.cuda.is_initialized. */
export function isInitialized(): boolean {
  return false;
}

/** The number of the current CUDA device. Throws DeviceError: there is none. Source: torch.cuda.current_device. */
export function currentDevice(): number {
  return absent();
}

/** Makes another CUDA device the current one. Throws DeviceError: there is none. Source: torch.cuda.set_device. */
export function setDevice(_device: number | string): void {
  absent();
}

/** The name of a CUDA device. Throws DeviceError: there is none. Source: torch.cuda.get_device_name. */
export function getDeviceName(_device?: number | string): string {
  return absent();
}

/** Waits for a CUDA device. Throws DeviceError: there is none. Source: torch.cuda.synchronize. */
export function synchronize(_device?: number | string): void {
  absent();
}

/** Seeds the current CUDA device's generator; without one nothing happens. Source: torch.cuda.manual_seed. */
export function manualSeed(_seed: Seed): void {}

/** Seeds the generators of all CUDA devices; without any nothing happens. Source: torch.cuda.manual_seed_all. */
export function manualSeedAll(_seed: Seed): void {}

/** Gives unused CUDA memory back; without any nothing happens. Source: torch.cuda.empty_cache. */
export function emptyCache(): void {}

/** Bytes of CUDA memory that tensors hold: 0. Source: torch.cuda.memory_allocated. */
export function memoryAllocated(_device?: number | string): number {
  return 0;
}

/** The most bytes of CUDA memory that tensors held: 0. Source: torch.cuda.max_memory_allocated. */
export function maxMemoryAllocated(_device?: number | string): number {
  return 0;
}

/** Bytes of CUDA memory that are reserved: 0. Source: torch.cuda.memory_reserved. */
export function memoryReserved(_device?: number | string): number {
  return 0;
}
