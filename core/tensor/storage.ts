// Storages: the memory under tensors. Nobody disposes of anything: the garbage collector frees a storage's handle, and is asked to
// run when the backend says that much was allocated since it last did.
//
// An External costs 300–700 ns, so storages of up to 256 bytes share a 4 KB slab: one External per up to 64 of them. A tensor
// that is kept pins at most its slab.

import { CressetError, DeviceError, OutOfMemoryError } from "../errors";
import { addon, type Handle, i32 } from "../native";
import { computePending } from "./pending";
import { collect } from "./collector";
import { relieve, watchIdle } from "./garbage";

const SLAB_BYTES = 4096;
const SMALL_BYTES = 256;
const ALIGNMENT = 64;
/** Blocks from this size on are worth giving back when nobody uses them. */
const IDLE_BYTES = 64 * 2 ** 10;

/** Bytes exchanged with other threads after which garbage is collected. */
const EXCHANGED_BYTES = 32 * 2 ** 20;

/** A block of memory on a device. Views, and `detach()`, share the storage of their base. */
export class Storage {
  /** Counts in-place writes; a value saved for backward remembers it. */
  version = 0;
  /** Order of allocation; 0 for memory that came from elsewhere. */
  serial = 0;
  /**
   * How many gradients of the running backward pass are in this memory, for memory that only the engine knows; 0 for other memory,
   * and −1 once a leaf, a hook or the user has it (autograd/ownership.ts).
   */
  holders = 0;

  constructor(
    readonly handle: Handle,
    /** The backend's name for the block. */
    readonly slot: number,
    /** Where the storage begins within its block. */
    readonly byteOffset: number,
    readonly bytes: number,
    /** The JavaScript memory under it, when it is shared with a typed array. */
    readonly shared: ArrayBufferLike | null,
  ) {}

  /** Takes the place of `larger`, which has the contents already: all tensors that share this storage go on sharing it. */
  moveTo({ handle, slot, byteOffset, bytes }: Storage): void {
    Object.assign(this, { handle, slot, byteOffset, bytes });
  }

  /** Notes a write, before it happens. Memory that other threads hold as well is left to them. */
  written(): void {
    this.version++;
    if (shared.size > 0 && shared.delete(this.slot)) {
      computePending();
      addon.unshare(this.handle);
    }
  }

  /** The same memory with a version of its own. */
  twin(): Storage {
    const { handle, slot, byteOffset, bytes, shared } = this;
    return new Storage(handle, slot, byteOffset, bytes, shared);
  }
}

/** Slots whose blocks other threads may hold as well. */
const shared = new Set<number>();

let allocations = 0;

/** The serial of the storage allocated last. */
export function lastSerial(): number {
  return allocations;
}

let slab: Handle | null = null;
let slabSlot = 0;
let slabUsed = SLAB_BYTES;

/** Memory for `bytes` bytes with undefined contents. Throws OutOfMemoryError when collecting garbage does not find it. */
export function allocate(bytes: number): Storage {
  if (bytes <= SMALL_BYTES) {
    const room = (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    if (slab === null || slabUsed + room > SLAB_BYTES) {
      slab = block(SLAB_BYTES);
      slabSlot = i32[0];
      slabUsed = 0;
      if (i32[1] === 1) relieve();
    }
    const storage = new Storage(slab, slabSlot, slabUsed, bytes, null);
    storage.serial = ++allocations;
    slabUsed += room;
    return storage;
  }
  const handle = block(bytes);
  if (bytes >= IDLE_BYTES) watchIdle();
  const storage = new Storage(handle, i32[0], 0, bytes, null);
  storage.serial = ++allocations;
  if (i32[1] === 1) relieve();
  return storage;
}

/** An ArrayBuffer as the backend knows it. */
interface Adopted {
  readonly handle: Handle;
  readonly slot: number;
  /** Its length at that time: a resizable one may have grown since. */
  readonly bytes: number;
}

const adopted = new WeakMap<ArrayBufferLike, Adopted>();

/**
 * A part of an ArrayBuffer or SharedArrayBuffer as a storage; writes are seen on both sides. All storages over one buffer have its
 * slot, so that memory in common can be seen.
 */
export function adopt(buffer: ArrayBufferLike, byteOffset: number, bytes: number): Storage {
  let block = adopted.get(buffer);
  if (block === undefined || block.bytes !== buffer.byteLength) {
    const handle = addon.adopt(new Uint8Array(buffer));
    block = { handle, slot: i32[0], bytes: buffer.byteLength };
    adopted.set(buffer, block);
  }
  return new Storage(block.handle, block.slot, byteOffset, bytes, buffer);
}

/** The contents of an open file as memory: read when it is touched, and never written back. */
export interface MappedFile {
  readonly handle: Handle;
  readonly slot: number;
  readonly bytes: number;
}

/** Maps an open file, which may be closed afterwards. Throws OutOfMemoryError when the system refuses. */
export function mapFile(file: number, bytes: number): MappedFile {
  const handle = addon.map(file, bytes);
  return { handle, slot: i32[0], bytes };
}

/** A part of a mapped file as a storage; all parts have the slot of the file, which stays mapped as long as one of them is used. */
export function mappedPart({ handle, slot }: MappedFile, byteOffset: number, bytes: number): Storage {
  return new Storage(handle, slot, byteOffset, bytes, null);
}

/** Gives a storage's memory back at once. Only for memory that nothing else can reach. */
export function release(storage: Storage): void {
  // A serial of 0: memory from elsewhere, of which other storages have parts.
  if (storage.shared !== null || storage.bytes <= SMALL_BYTES || storage.serial === 0) return;
  computePending();
  addon.release(storage.handle);
}

/**
 * Lets another thread hold a storage's block, which it takes by the address given. 0 for memory of JavaScript and of files, which
 * stays with its thread.
 */
export function shareBlock({ handle, slot, bytes }: Storage): number {
  const address = addon.share(handle);
  if (address === 0) return 0;
  shared.add(slot);
  exchange(bytes);
  return address;
}

/** Bytes that went to other threads or came from them since garbage was last collected for it. */
let exchanged = 0;

/**
 * Collects garbage now and then where memory is exchanged. The backend's signal does not see whose garbage it is: it goes to the thread
 * that allocates, while a block lives until every thread that held it has collected.
 */
function exchange(bytes: number): void {
  exchanged += bytes;
  if (exchanged < EXCHANGED_BYTES) return;
  exchanged = 0;
  relieve();
}

/** A part of a block that another thread shared. */
export function takeBlock(address: number, byteOffset: number, bytes: number): Storage {
  const handle = addon.take(address);
  const [slot] = i32;
  shared.add(slot);
  exchange(bytes);
  return new Storage(handle, slot, byteOffset, bytes, null);
}

/** Memory that is not there: the storage of a tensor on the meta device, which has a shape and a dtype but no elements. */
export class MetaStorage extends Storage {
  constructor(bytes: number) {
    super(NO_HANDLE, -1, 0, bytes, new ArrayBuffer(0));
  }

  override twin(): Storage {
    return new MetaStorage(this.bytes);
  }
}

// Never reaches the backend: a meta storage is refused by checkShared before its slot would cross.
const NO_HANDLE = Object.freeze({}) as Handle;

/** Throws when a typed array that shares its memory was transferred away. */
export function checkShared(storage: Storage): void {
  if (storage instanceof MetaStorage) {
    throw new DeviceError("Cannot copy out of meta tensor; no data! A tensor on 'meta' has only a shape and a dtype.");
  }
  if (storage.shared !== null && storage.shared.byteLength < storage.byteOffset + storage.bytes) {
    throw new CressetError("the typed array that shares its memory with this tensor was detached (transferred)");
  }
}

function block(bytes: number): Handle {
  try {
    return addon.alloc(bytes);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
  }
  collect("major");
  try {
    return addon.alloc(bytes);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    const { live } = addon.info("memory");
    throw new OutOfMemoryError(
      `DefaultCPUAllocator: can't allocate memory: you tried to allocate ${bytes} bytes; tensors hold ${live} bytes`,
    );
  }
}
