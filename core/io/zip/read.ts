// Zip archives, read from their central directory: stored and deflated entries, with the 64-bit extension. An archive is damaged
// until it is shown to be sound: every number that it states is held against the file before it is used.

import { inflateRawSync } from "node:zlib";
import { FormatError } from "../../errors";
import { addon } from "../../native";
import type { Storage } from "../../tensor/storage";
import { checkCrc, type Source, storageOf } from "../source";
import { LIMIT_32, signatures, ZIP64_EXTRA } from "./layout";

/** The longest comment that may follow the end record, and the record itself. */
const END_BYTES = 22;
const MAX_COMMENT = 65535;
/** Deflated entries that unpack to more than this, and to more than so many times their size, are bombs. */
const FREE_BYTES = 2 ** 30;
const MAX_RATIO = 100;

interface Entry {
  readonly name: string;
  /** Where the local header is. */
  readonly at: number;
  readonly packed: number;
  readonly size: number;
  readonly method: number;
  readonly crc: number;
}

const text = new TextDecoder();
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function damaged(what: string): never {
  throw new FormatError(`the zip archive is damaged: ${what}`);
}

/** A 64-bit number that a file offset can be. */
function large(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) damaged("a size or an offset is out of range");
  return Number(value);
}

interface Directory {
  readonly at: number;
  readonly bytes: number;
  readonly entries: number;
}

function findDirectory(source: Source): Directory {
  const tail = Math.min(source.size, END_BYTES + MAX_COMMENT);
  const start = source.size - tail;
  const bytes = source.bytes(start, tail);
  const view = viewOf(bytes);
  let end = tail - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== signatures.end) end--;
  if (end < 0)
    throw new FormatError("PytorchStreamReader failed reading zip archive: failed finding central directory");
  const at = start + end;
  const short = {
    entries: view.getUint16(end + 10, true),
    bytes: view.getUint32(end + 12, true),
    at: view.getUint32(end + 16, true),
  };
  const locator = at >= 20 ? viewOf(source.bytes(at - 20, 20)) : null;
  if (locator === null || locator.getUint32(0, true) !== signatures.locator) return endingAt(at, short);
  const place = large(locator, 8);
  const record = viewOf(source.bytes(place, 56));
  if (record.getUint32(0, true) !== signatures.end64) damaged("its 64-bit end record is missing");
  const long = { entries: large(record, 32), bytes: large(record, 40), at: large(record, 48) };
  const agree = (["entries", "bytes", "at"] as const).every(
    (field) => short[field] === (field === "entries" ? 0xffff : LIMIT_32) || short[field] === long[field],
  );
  if (!agree) damaged("its two end records differ");
  return endingAt(place, long);
}

/** A directory, which lies right before its end record. */
function endingAt(end: number, directory: Directory): Directory {
  if (directory.at + directory.bytes !== end) damaged("its directory does not end where its end record begins");
  return directory;
}

/** The sizes and the offset that the 64-bit extra field of an entry gives in place of those that did not fit. */
function widened(view: DataView, at: number, length: number, values: number[]): number[] {
  const end = at + length;
  for (let field = at; field + 4 <= end; ) {
    const bytes = view.getUint16(field + 2, true);
    if (view.getUint16(field, true) === ZIP64_EXTRA) {
      let next = field + 4;
      return values.map((value) => {
        if (value !== LIMIT_32) return value;
        if (next + 8 > field + 4 + bytes || next + 8 > end) damaged("a 64-bit field is too short");
        next += 8;
        return large(view, next - 8);
      });
    }
    field += 4 + bytes;
  }
  return values;
}

function readEntries(source: Source): Map<string, Entry> {
  const directory = findDirectory(source);
  const bytes = source.bytes(directory.at, directory.bytes);
  const view = viewOf(bytes);
  const found = new Map<string, Entry>();
  let at = 0;
  let total = 0;
  for (let k = 0; k < directory.entries; k++) {
    if (at + 46 > bytes.byteLength || view.getUint32(at, true) !== signatures.central) damaged("its directory is cut");
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > bytes.byteLength) damaged("its directory is cut");
    const name = text.decode(bytes.subarray(at + 46, at + 46 + nameBytes));
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw new FormatError(`the entry '${name}' is encrypted`);
    const [size, packed, header] = widened(view, at + 46 + nameBytes, extraBytes, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    if (found.has(name)) damaged(`two entries are called '${name}'`);
    const method = view.getUint16(at + 10, true);
    found.set(name, { name, at: header, packed, size, method, crc: view.getUint32(at + 16, true) });
    total += packed;
    at = next;
  }
  if (at !== bytes.byteLength) damaged("its directory has other entries than its end record says");
  // Entries that lie over each other are how small bombs are made.
  if (total > source.size) damaged("its entries overlap");
  return found;
}

/** An archive, and its entries by name in the order of its directory. */
export class ZipArchive {
  private readonly entries: Map<string, Entry>;

  /** Throws FormatError for what is no archive. */
  constructor(private readonly source: Source) {
    this.entries = readEntries(source);
  }

  /** The names of all entries. */
  names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** The unpacked size of an entry, as the directory states it. */
  size(name: string): number {
    return this.entry(name).size;
  }

  private entry(name: string): Entry {
    const found = this.entries.get(name);
    if (found === undefined) {
      throw new FormatError(`PytorchStreamReader failed locating file ${name}: file not found`);
    }
    return found;
  }

  /** Where the data of an entry begins. The directory alone knows its sizes; the local header, how long it is itself. */
  private start({ name, at, packed, size, method }: Entry): number {
    const header = viewOf(this.source.bytes(at, 30));
    if (header.getUint32(0, true) !== signatures.local) damaged(`the entry '${name}' is not where the directory says`);
    if (method === 0 && packed !== size) damaged(`the entry '${name}' has two sizes`);
    const nameBytes = header.getUint16(26, true);
    if (text.decode(this.source.bytes(at + 30, nameBytes)) !== name) damaged(`the entry '${name}' has two names`);
    return at + 30 + nameBytes + header.getUint16(28, true);
  }

  private inflated(entry: Entry): Uint8Array {
    const { name, packed, size, method, crc } = entry;
    if (method !== 8)
      throw new FormatError(`the entry '${name}' is compressed by method ${method}, which is not known here`);
    if (size > FREE_BYTES && size > packed * MAX_RATIO) {
      throw new FormatError(`the entry '${name}' unpacks ${packed} bytes to ${size}: no checkpoint does`);
    }
    const data = this.source.bytes(this.start(entry), packed);
    let out: Uint8Array;
    try {
      out = inflateRawSync(data, { maxOutputLength: Math.max(size, 1) });
    } catch (error) {
      damaged(`the entry '${name}' cannot be unpacked (${(error as Error).message})`);
    }
    if (out.byteLength !== size) damaged(`the entry '${name}' has not the size that the directory says`);
    checkCrc(addon.crc32(out, 0), crc);
    return out;
  }

  /** The contents of an entry. Throws FormatError when there is none of that name, or when it is damaged. */
  bytes(name: string): Uint8Array {
    const entry = this.entry(name);
    if (entry.method !== 0) return this.inflated(entry);
    const out = this.source.bytes(this.start(entry), entry.size);
    checkCrc(addon.crc32(out, 0), entry.crc);
    return out;
  }

  /** A part of an entry, unchecked: the beginning of something whose rest becomes a storage. */
  head(name: string, length: number): Uint8Array {
    const entry = this.entry(name);
    const wanted = Math.min(length, entry.size);
    return entry.method === 0 ? this.source.bytes(this.start(entry), wanted) : this.inflated(entry).subarray(0, wanted);
  }

  /**
   * An entry from an offset on as the memory of a tensor whose elements have `itemsize` bytes; see Source.storage. Throws FormatError
   * when there is no entry of that name, or when it is damaged.
   */
  storage(name: string, itemsize: number, from = 0, length?: number): Storage {
    const entry = this.entry(name);
    const wanted = length ?? entry.size - from;
    if (from < 0 || wanted < 0 || from + wanted > entry.size) damaged(`the entry '${name}' is too short`);
    const whole = from === 0 && wanted === entry.size;
    if (entry.method !== 0 || !(whole || this.source.mapped)) {
      return storageOf(this.bytes(name).subarray(from, from + wanted));
    }
    return this.source.storage(this.start(entry) + from, wanted, itemsize, whole ? entry.crc : null);
  }
}
