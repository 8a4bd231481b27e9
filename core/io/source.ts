// Where bytes come from when a file is read: memory, an open file, or a file mapped into memory. Readers of formats ask for ranges
// and for storages, and do not know which of the three they have.

import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import type { Readable } from "./streams";

import { ArgumentError, FormatError, OutOfMemoryError } from "../errors";
import { addon } from "../native";
import { computePending } from "../tensor/pending";
import { allocate, mapFile, type MappedFile, mappedPart, type Storage } from "../tensor/storage";

/** Files from this size on are mapped: below it, a copy costs less than its page faults. */
const MAP_BYTES = 16 * 2 ** 20;
/** How much of a file passes through JavaScript at a time: what stays in a processor's cache between copy, checksum and write. */
export const CHUNK_BYTES = 2 ** 18;

/** What is loaded: a path, or the bytes of a file. */
export type FileSource = string | URL | ArrayBuffer | ArrayBufferView;

/** Bytes that a format is read from. */
export interface Source {
  readonly size: number;
  /** Whether storages are parts of the file, which is read when they are touched. */
  readonly mapped: boolean;
  /** A range as bytes. Throws FormatError when it reaches outside. */
  bytes(offset: number, length: number): Uint8Array;
  /**
   * A range as the memory of a tensor whose elements have `itemsize` bytes: a copy, or a part of the mapped file. A copy is held
   * against its checksum, when there is one; a mapped part is not, since that would read it.
   */
  storage(offset: number, length: number, itemsize: number, checksum: number | null): Storage;
  /** Gives an open file back. Storages that were made stay. */
  close(): void;
}

function checkRange(source: Source, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new FormatError(`the file is truncated: bytes ${offset} to ${offset + length} of ${source.size} are asked for`);
}

/** Throws FormatError when bytes do not have the checksum that the file says. */
export function checkCrc(found: number, expected: number | null): void {
  if (expected !== null && found !== expected)
    throw new FormatError("the file is damaged: a checksum (CRC-32) differs");
}

/** Bytes as the memory of a tensor. */
export function storageOf(bytes: Uint8Array): Storage {
  const storage = allocate(bytes.byteLength);
  computePending();
  if (bytes.byteLength > 0) addon.writeBytes(storage.slot, storage.byteOffset, bytes);
  return storage;
}

class Bytes implements Source {
  readonly mapped = false;

  constructor(private readonly all: Uint8Array) {}

  get size(): number {
    return this.all.byteLength;
  }

  bytes(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    return this.all.subarray(offset, offset + length);
  }

  storage(offset: number, length: number, _itemsize: number, checksum: number | null): Storage {
    const part = this.bytes(offset, length);
    if (checksum !== null) checkCrc(addon.crc32(part, 0), checksum);
    return storageOf(part);
  }

  close(): void {}
}

class OpenFile implements Source {
  readonly mapped = false;

  constructor(
    private readonly file: number,
    readonly size: number,
  ) {}

  bytes(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    const out = new Uint8Array(length);
    this.read(offset, out);
    return out;
  }

  private read(offset: number, out: Uint8Array): void {
    for (let at = 0; at < out.byteLength; ) {
      const count = readSync(this.file, out, at, out.byteLength - at, offset + at);
      if (count === 0) throw new FormatError("the file became shorter while it was read");
      at += count;
    }
  }

  storage(offset: number, length: number, _itemsize: number, checksum: number | null): Storage {
    checkRange(this, offset, length);
    const storage = allocate(length);
    computePending();
    const chunk = new Uint8Array(Math.min(length, CHUNK_BYTES));
    let crc = 0;
    for (let at = 0; at < length; at += chunk.byteLength) {
      const part = chunk.subarray(0, Math.min(chunk.byteLength, length - at));
      this.read(offset + at, part);
      if (checksum !== null) crc = addon.crc32(part, crc);
      addon.writeBytes(storage.slot, storage.byteOffset + at, part);
    }
    checkCrc(crc, checksum);
    return storage;
  }

  close(): void {
    closeSync(this.file);
  }
}

class Mapped implements Source {
  readonly mapped = true;

  constructor(private readonly file: MappedFile) {}

  get size(): number {
    return this.file.bytes;
  }

  bytes(offset: number, length: number): Uint8Array {
    checkRange(this, offset, length);
    const out = new Uint8Array(length);
    if (length > 0) addon.readBytes(this.file.slot, offset, length, out);
    return out;
  }

  storage(offset: number, length: number, itemsize: number, checksum: number | null): Storage {
    checkRange(this, offset, length);
    // Kernels may take elements to lie at multiples of their size.
    if (offset % itemsize === 0) return mappedPart(this.file, offset, length);
    const part = this.bytes(offset, length);
    if (checksum !== null) checkCrc(addon.crc32(part, 0), checksum);
    return storageOf(part);
  }

  close(): void {}
}

/** Bytes in memory as a source. */
export function sourceOf(bytes: ArrayBuffer | ArrayBufferView): Source {
  if (bytes instanceof ArrayBuffer) return new Bytes(new Uint8Array(bytes));
  return new Bytes(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function openPath(path: string | URL, map: boolean | undefined): Source {
  const file = openSync(path, "r");
  let kept = false;
  try {
    const status = fstatSync(file);
    // Pipes and devices have no size, and cannot be read twice.
    if (!status.isFile() || (status.size < MAP_BYTES && map !== true)) return new Bytes(readFileSync(file));
    if (map !== false && status.size > 0) {
      try {
        return new Mapped(mapFile(file, status.size));
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
      }
    }
    kept = true;
    return new OpenFile(file, status.size);
  } finally {
    if (!kept) closeSync(file);
  }
}

/**
 * Opens what is loaded. `map` true maps a file of any size into memory, false reads it; by default files from 16 MB on are mapped.
 * Throws ArgumentError for something that is neither a path nor bytes, and Node's error for a file that cannot be opened.
 */
export function openSource(file: FileSource, map?: boolean): Source {
  if (typeof file === "string" || file instanceof URL) return openPath(file, map);
  if (file instanceof ArrayBuffer || ArrayBuffer.isView(file)) return sourceOf(file);
  throw new ArgumentError(`a file is given by its path or as bytes, not as ${file === null ? "null" : typeof file}`);
}

/** Whether a value is a stream that is read to its end. */
export function isReadable(value: unknown): value is Readable {
  return typeof value === "object" && value !== null && "pipe" in value && Symbol.asyncIterator in value;
}

/** All bytes of a stream. */
export async function readAll(stream: Readable): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(typeof part === "string" ? Buffer.from(part) : (part as Uint8Array));
  return Buffer.concat(parts);
}
