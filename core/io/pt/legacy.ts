// The format before PyTorch 1.6: five pickles, then the storages one after another.

import { FormatError } from "../../errors";
import type { PickleHost } from "../pickle/machine";
import { unpickle } from "../pickle/read";
import { Dict } from "../pickle/values";
import type { Source } from "../source";
import type { StorageReader } from "./storages";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** What the older format holds: a value, and storages by key. */
export interface LegacyFile {
  readonly value: unknown;
  /** Sizes in bytes by key. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly read: StorageReader;
}

function isLittleEndian(system: unknown): boolean {
  return !(system instanceof Dict) || system.get("little_endian") !== false;
}

/**
 * Reads a file of the older format. `itemsize` tells of a key, once the value was read, how many bytes an element has. Throws
 * FormatError for anything else.
 */
export function readLegacy(
  source: Source,
  host: PickleHost,
  itemsize: (key: string) => number | undefined,
): LegacyFile {
  if (source.size === 0) throw new FormatError("Ran out of input: the file is empty");
  const bytes = source.bytes(0, source.size);
  let at = 0;
  const next = (): unknown => {
    const { value, end } = unpickle(bytes, at, host);
    at = end;
    return value;
  };
  if (next() !== MAGIC) throw new FormatError("Invalid magic number; corrupt file?");
  const protocol = next();
  if (protocol !== PROTOCOL) throw new FormatError(`Invalid protocol version: ${String(protocol)}`);
  if (!isLittleEndian(next())) throw new FormatError("the file is of a big-endian machine");
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw new FormatError("the file is damaged: it has no list of storages");
  const places = new Map<string, number>();
  const sizes = new Map<string, number>();
  for (const key of keys.map(String)) {
    const header = source.bytes(at, 8);
    const count = new DataView(header.buffer, header.byteOffset, 8).getBigInt64(0, true);
    const size = itemsize(key);
    if (size === undefined) throw new FormatError(`the file is damaged: nothing uses the storage ${key}`);
    if (count < 0n || count > BigInt(source.size)) throw new FormatError(`the storage ${key} is longer than the file`);
    places.set(key, at + 8);
    sizes.set(key, Number(count) * size);
    at += 8 + Number(count) * size;
    if (at > source.size) throw new FormatError(`the storage ${key} is longer than the file`);
  }
  const read: StorageReader = (key, length, element) => {
    const place = places.get(key);
    if (place === undefined) throw new FormatError(`the file has no storage ${key}`);
    return source.storage(place, length, element, null);
  };
  return { value, sizes, read };
}
