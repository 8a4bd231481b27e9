// Zip archives as PyTorch writes them: entries stored in one pass, their data at multiples of 64 bytes, so that it can be mapped;
// checksums follow the data, and the directory has the sizes.

import { deflateRawSync } from "node:zlib";
import { addon } from "../../native";
import { type Chunks, joined } from "../sink";
import { LIMIT_32, signatures, ZIP64_EXTRA } from "./layout";

const ALIGNMENT = 64;
/** Checksum and sizes after the data; names in UTF-8. */
const FLAGS = 0x0808;
/** The extra field that fills up to the alignment: PyTorch's. */
const PADDING_EXTRA = 0x4246;
/** 1980-00-00: checkpoints do not depend on when they were written. */
const NO_DATE = 0;

/** An entry to write. Stored entries state their size, since large ones have wider fields. */
export interface NewEntry {
  readonly name: string;
  readonly size: number;
  readonly chunks: Chunks;
  /** Whether the data is deflated. */
  readonly deflate?: boolean;
}

interface Written {
  readonly name: Buffer;
  readonly at: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

/** Fields of fixed widths, one after another. */
class Record {
  private readonly parts: Buffer[] = [];

  u16(...values: number[]): this {
    for (const value of values) this.parts.push(Buffer.of(value & 0xff, value >> 8));
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(4);
      part.writeUInt32LE(value);
      this.parts.push(part);
    }
    return this;
  }

  u64(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(8);
      part.writeBigUInt64LE(BigInt(value));
      this.parts.push(part);
    }
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.parts.push(Buffer.from(bytes));
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.parts);
  }
}

const isLarge = (...values: number[]) => values.some((value) => value >= LIMIT_32);

function localHeader(name: Buffer, at: number, method: number, size: number): Buffer {
  const large = isLarge(size);
  const wide = large ? new Record().u16(ZIP64_EXTRA, 16).u64(size, size).done() : Buffer.alloc(0);
  const start = at + 30 + name.byteLength + wide.byteLength + 4;
  const padding = method === 0 ? (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT : 0;
  const extra = new Record().raw(wide).u16(PADDING_EXTRA, padding).raw(Buffer.alloc(padding, "Z")).done();
  const stated = large ? LIMIT_32 : 0;
  return new Record()
    .u32(signatures.local)
    .u16(large ? 45 : 20, FLAGS, method, NO_DATE, NO_DATE)
    .u32(0, stated, stated)
    .u16(name.byteLength, extra.byteLength)
    .raw(name)
    .raw(extra)
    .done();
}

function descriptor({ crc, packed, size }: Written): Buffer {
  const record = new Record().u32(signatures.descriptor, crc);
  return (isLarge(size) ? record.u64(packed, size) : record.u32(packed, size)).done();
}

function directoryEntry({ name, at, method, crc, packed, size }: Written): Buffer {
  const values = [size, packed, at];
  const wide = values.filter((value) => isLarge(value));
  const extra =
    wide.length === 0
      ? Buffer.alloc(0)
      : new Record()
          .u16(ZIP64_EXTRA, 8 * wide.length)
          .u64(...wide)
          .done();
  const [statedSize, statedPacked, statedAt] = values.map((value) => Math.min(value, LIMIT_32));
  const version = wide.length > 0 ? 45 : 20;
  return new Record()
    .u32(signatures.central)
    .u16(version, version, FLAGS, method, NO_DATE, NO_DATE)
    .u32(crc, statedPacked, statedSize)
    .u16(name.byteLength, extra.byteLength, 0, 0, 0)
    .u32(0, statedAt)
    .raw(name)
    .raw(extra)
    .done();
}

/**
 * The end of an archive: PyTorch's reader takes the 64-bit record wherever it stands, so it always does; but NumPy knows an empty archive
 * by the record that always ends one.
 */
function ending(entries: number, at: number, bytes: number): Buffer {
  const end64 = new Record()
    .u32(signatures.end64)
    .u64(44)
    .u16(45, 45)
    .u32(0, 0)
    .u64(entries, entries, bytes, at)
    .u32(signatures.locator, 0)
    .u64(at + bytes)
    .u32(1)
    .done();
  const count = Math.min(entries, 0xffff);
  return new Record()
    .raw(entries === 0 ? new Uint8Array() : end64)
    .u32(signatures.end)
    .u16(0, 0, count, count)
    .u32(Math.min(bytes, LIMIT_32), Math.min(at, LIMIT_32))
    .u16(0)
    .done();
}

/** An archive of the given entries, which are read once, in order, while it is written. */
export function* zipChunks(entries: Iterable<NewEntry>): Generator<Uint8Array> {
  const written: Written[] = [];
  let at = 0;
  for (const { name: text, size, chunks, deflate = false } of entries) {
    const name = Buffer.from(text);
    const method = deflate ? 8 : 0;
    const header = localHeader(name, at, method, size);
    yield header;
    let crc = 0;
    let packed = 0;
    if (deflate) {
      const whole = joined(chunks);
      crc = addon.crc32(whole, 0);
      const data = deflateRawSync(whole);
      packed = data.byteLength;
      yield data;
    } else {
      for (const chunk of chunks) {
        crc = addon.crc32(chunk, crc);
        packed += chunk.byteLength;
        yield chunk;
      }
    }
    const entry: Written = { name, at, method, crc, packed, size };
    const after = descriptor(entry);
    yield after;
    written.push(entry);
    at += header.byteLength + packed + after.byteLength;
  }
  const directory = Buffer.concat(written.map(directoryEntry));
  yield directory;
  yield ending(written.length, at, directory.byteLength);
}
