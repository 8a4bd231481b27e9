// The memory of loaded tensors: each storage of a file is read once, so tensors that shared it share it again, on the device that
// the file or `mapLocation` says.

import { isAvailable } from "../../cuda";
import { ArgumentError, CressetError, DeviceError, FormatError } from "../../errors";
import { Device } from "../../tensor/device";
import { MetaStorage, type Storage } from "../../tensor/storage";
import type { StorageRef } from "./parts";

/** A storage as a function that maps locations sees it. */
export interface LocatedStorage {
  /** Its size in bytes. */
  readonly nbytes: number;
  /** Where its elements are now. */
  readonly device: Device;
}

/**
 * Where storages go: a device for all of them, a mapping from locations (`{ "cuda:0": "cpu" }`, also a Map), or a function of the
 * storage and its location. What a function returns is a device, the storage itself (it stays on the CPU), or null for the
 * location that the file says.
 */
export type MapLocation =
  | string
  | Device
  | { readonly [location: string]: string | Device }
  | ReadonlyMap<string, string | Device>
  | ((storage: LocatedStorage, location: string) => LocatedStorage | string | Device | null | undefined);

const NO_CUDA =
  "Attempting to deserialize object on a CUDA device but torch.cuda.isAvailable() is false. If you are running on a CPU-only " +
  "machine, please use torch.load with mapLocation: 'cpu' to map your storages to the CPU.";

function mapped(map: MapLocation | null | undefined, ref: StorageRef, nbytes: number): string {
  const { location } = ref;
  if (map === null || map === undefined) return location;
  if (typeof map === "string" || map instanceof Device) return String(map);
  if (typeof map === "function") {
    const storage: LocatedStorage = { nbytes, device: new Device("cpu") };
    const result = map(storage, location);
    if (result === null || result === undefined) return location;
    return result === storage ? "cpu" : String(result);
  }
  if (typeof map !== "object") throw new ArgumentError(`load(): mapLocation is a ${typeof map}`);
  const found = map instanceof Map ? map.get(location) : Reflect.get(map, location);
  return found === undefined ? location : String(found);
}

/** Where a storage of a location lives. Throws DeviceError, in PyTorch's words, for a device that is not there. */
function placeFor(location: string, ref: StorageRef): "cpu" | "meta" {
  if (location === "cpu" || location === "meta") return location;
  if (/^cuda(:\d+)?$/.test(location) && !isAvailable()) throw new DeviceError(NO_CUDA);
  throw new CressetError(
    `don't know how to restore data location of torch.${ref.dtype.scalarName}Storage (tagged with ${location})`,
  );
}

/** Reads the whole memory of a key, `bytes` long, whose elements have `itemsize` bytes. */
export type StorageReader = (key: string, bytes: number, itemsize: number) => Storage;

/** The storages of one file. */
export class StorageTable {
  private readonly known = new Map<string, Storage>();
  /** How much a key holds, where the file says so before its parts are asked for. */
  private readonly whole = new Map<string, number>();

  constructor(
    private readonly read: StorageReader,
    private readonly map: MapLocation | null | undefined,
  ) {}

  /** Tells how many bytes a key of the older format holds, of which references may show a part. */
  declare(key: string, bytes: number): void {
    this.whole.set(key, bytes);
  }

  /** The memory that a reference shows. Throws FormatError when the file does not have it. */
  get(ref: StorageRef): Storage {
    const { key, count, begin, dtype } = ref;
    const bytes = count * dtype.itemsize;
    if (!Number.isSafeInteger(bytes)) throw new FormatError(`the file is damaged: a storage of ${count} elements`);
    const all = this.whole.get(key) ?? bytes;
    let storage = this.known.get(key);
    if (storage === undefined) {
      const place = placeFor(mapped(this.map, ref, all), ref);
      storage = place === "meta" ? new MetaStorage(all) : this.read(key, all, dtype.itemsize);
      this.known.set(key, storage);
    }
    if ((begin + count) * dtype.itemsize > storage.bytes) {
      throw new FormatError(`the file is damaged: the storage ${key} has ${storage.bytes} bytes, not ${bytes}`);
    }
    return storage;
  }
}
