// The typed seam to the backend, and the only file that imports the add-on. It knows the wire format (docs/architecture.md)
// and nothing of tensors: slots, descriptors and numbers go in, faults come out as CressetError.

import { join } from "node:path";
import { CressetError, FormatError, IndexError, OutOfMemoryError } from "./errors";
import { DTYPES, KERNELS, REDUCTIONS, STEPS } from "./wire";

/** A block of native memory. The garbage collector frees it; `release` frees it at once. */
export type Handle = { readonly __handle: unique symbol };

export interface Addon {
  scratch(): ArrayBuffer;
  alloc(bytes: number): Handle;
  adopt(memory: ArrayBufferView): Handle;
  /** The contents of an open file as memory, read when touched; writes stay in memory. */
  map(file: number, bytes: number): Handle;
  release(handle: Handle): void;
  /** Makes a block one that another thread may take or drop, once, by the address given; 0 for memory of JavaScript and of files. */
  share(handle: Handle): number;
  take(address: number): Handle;
  drop(address: number): void;
  /** Leaves a block that other threads hold to them, and gives the handle a copy. */
  unshare(handle: Handle): void;
  run(): void;
  call(): void;
  read(): void;
  readBytes(slot: number, byteOffset: number, bytes: number, into: ArrayBufferView): void;
  writeBytes(slot: number, byteOffset: number, from: ArrayBufferView): void;
  /** Memory of a storage as it lies there. It is valid until other code runs, and detached by then. */
  view(slot: number, byteOffset: number, bytes: number): ArrayBuffer;
  detach(buffer: ArrayBuffer): void;
  /** The CRC-32 of bytes that follow others, whose checksum is `before`. */
  crc32(bytes: ArrayBufferView, before: number): number;
  /** Begins to bring a range of an open file to the disk. */
  beginWriting(file: number, offset: number, bytes: number): void;
  sync(): void;
  info(what: "pointwise" | "reduce" | "kernels" | "dtypes"): string[];
  info(what: "memory"): MemoryStatistics;
  /** Gives all memory that is kept for reuse back to the system. */
  info(what: "emptyCache"): void;
  /** Gives back what was not used since the call before, unless that was less than so many milliseconds ago. */
  info(what: "ageCache", period: number): void;
  /** Counts peaks from now on. */
  info(what: "resetPeak"): void;
  info(what: "threads", value?: number): number;
  info(what: "target"): string;
  /** The number of this thread's environment; whether one is still open: 1 or 0. */
  info(what: "environment"): number;
  info(what: "isOpen", environment: number): number;
  /** Changes when the block that a slot names is collected or released. */
  info(what: "generation", slot: number): number;
}

/** Counters of the backend's pool, in bytes unless named otherwise. */
export interface MemoryStatistics {
  /** Bytes in blocks that tensors hold. */
  live: number;
  /** The largest `live` since the start, or since peaks were reset. */
  peak: number;
  /** Bytes kept for reuse. */
  cached: number;
  /** The largest `live + cached`, likewise. */
  reservedPeak: number;
  /** Blocks that tensors hold. */
  handles: number;
  /** The largest `handles`, likewise. */
  handlesPeak: number;
  /** Blocks asked for since the start. */
  allocations: number;
  /** Bytes in them. */
  allocatedBytes: number;
  /** Bytes taken from the system since the start. */
  mappedBytes: number;
}

/** What the add-on's functions return: the answer, or the fault that kept them from one. */
type Raw = {
  readonly [Name in Exclude<keyof Addon, "info">]: (
    ...args: Parameters<Addon[Name]>
  ) => ReturnType<Addon[Name]> | Error;
} & { info(what: string, value?: number): unknown };

const built = join(__dirname, "..", "..", "build", "Release");

/** Loads the add-on; before it the one that prepares the pool of threads, which reads its settings while it is loaded. */
function load(): Raw {
  require(join(built, "openmp.node"));
  return require(join(built, "cresset.node")) as Raw;
}

const raw = load();

/** The answer of a call of the add-on; a fault is thrown here, as what it means to a user, and not natively (native/seam.cpp says why). */
function answer<T>(returned: T | Error): T {
  if (returned instanceof Error) throw meaning(returned);
  return returned;
}

/** The error that a native fault means to a user. */
function meaning(fault: NodeJS.ErrnoException): Error {
  switch (fault.code) {
    case "ERR_OUT_OF_MEMORY":
      return new OutOfMemoryError(fault.message);
    case "ERR_INDEX":
      return new IndexError(fault.message);
    case "ERR_NUMERIC":
      return new CressetError(fault.message);
    case "ERR_FORMAT":
      return new FormatError(fault.message);
    default:
      return fault;
  }
}

export const addon: Addon = {
  scratch: () => answer(raw.scratch()),
  alloc: (bytes) => answer(raw.alloc(bytes)),
  adopt: (buffer) => answer(raw.adopt(buffer)),
  map: (file, bytes) => answer(raw.map(file, bytes)),
  release: (handle) => answer(raw.release(handle)),
  share: (handle) => answer(raw.share(handle)),
  take: (address) => answer(raw.take(address)),
  drop: (address) => answer(raw.drop(address)),
  unshare: (handle) => answer(raw.unshare(handle)),
  run: () => answer(raw.run()),
  call: () => answer(raw.call()),
  read: () => answer(raw.read()),
  readBytes: (slot, byteOffset, bytes, into) => answer(raw.readBytes(slot, byteOffset, bytes, into)),
  writeBytes: (slot, byteOffset, from) => answer(raw.writeBytes(slot, byteOffset, from)),
  view: (slot, byteOffset, bytes) => answer(raw.view(slot, byteOffset, bytes)),
  detach: (buffer) => answer(raw.detach(buffer)),
  crc32: (bytes, before) => answer(raw.crc32(bytes, before)),
  beginWriting: (file, offset, bytes) => answer(raw.beginWriting(file, offset, bytes)),
  sync: () => answer(raw.sync()),
  info: ((what: string, value?: number) => answer(raw.info(what, value))) as Addon["info"],
};

const scratch = addon.scratch();
const half = scratch.byteLength / 2;
/** Integers of the descriptor being built. */
export const i32: Int32Array = new Int32Array(scratch, 0, half / 4);
/** Offsets, sizes, strides and scalars of the descriptor being built. */
export const f64: Float64Array = new Float64Array(scratch, half, half / 8);
/** The same memory as `f64`, for scalars of 64-bit integer programs. */
export const i64: BigInt64Array = new BigInt64Array(scratch, half, half / 8);

/** Wire codes of names that all have one. */
interface Codes<Name> extends ReadonlyMap<Name, number> {
  get(name: Name): number;
}

/** Wire codes by name, from the list of both sides; an add-on with another list is of another version of the library. */
function codes<Name extends string>(
  list: "pointwise" | "reduce" | "kernels" | "dtypes",
  ours: readonly Name[],
): Codes<Name> {
  const theirs = addon.info(list).map((name) => (list === "dtypes" ? name.toLowerCase() : name));
  const at = theirs.findIndex((name, code) => name !== ours[code]);
  if (at >= 0 || theirs.length !== ours.length) {
    const code = at >= 0 ? at : theirs.length;
    throw new Error(
      `the add-on and the library have different lists of ${list}: number ${code} is ${theirs[code] ?? "absent"} in ` +
        `native/ops and ${ours[code] ?? "absent"} in core/wire.ts. Build the add-on again (npm run build).`,
    );
  }
  return new Map(ours.map((name, code) => [name, code])) as Codes<Name>;
}

/** Wire code of every pointwise step by name. */
export const pointwiseCodes = codes("pointwise", STEPS);
/** Wire code of every structured kernel by name. */
export const kernelCodes = codes("kernels", KERNELS);
/** Wire code of every reduction by name. */
export const reduceCodes = codes("reduce", REDUCTIONS);
codes("dtypes", DTYPES);

/** Wire codes of the compute types of a program. */
export const Compute = { Float32: 0, Float64: 1, Int32: 2, Int64: 3 } as const;
export type Compute = (typeof Compute)[keyof typeof Compute];
