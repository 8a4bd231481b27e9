// What a value keeps in memory: tensors and buffers reachable from it, counted per block, so that views and values that share a
// block are not counted twice. Looks at data only and calls nothing of the user's.

import { types } from "node:util";
import { loadPrelude } from "./library";

/** Blocks of memory by an identity that does not keep them alive, with their bytes. */
export type Holdings = Map<number | string, number>;

/** Names for memory that has no number of its own. */
let count = 0;
const buffers = new WeakMap<ArrayBufferLike, string>();

/** Parts looked at in one value; what lies beyond is not counted. */
const MOST_PARTS = 50_000;
const DEPTH = 6;

/** The blocks that `value` keeps alive. Its strings count together, as one block. */
export function holdingsOf(value: unknown): Holdings {
  const blocks: Holdings = new Map();
  const seen = new Set<object>();
  let textBytes = 0;
  let looked = 0;
  let level: unknown[] = [value];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === "string") textBytes += 2 * item.length;
      if ((typeof item !== "object" && typeof item !== "function") || item === null || seen.has(item)) continue;
      seen.add(item);
      if (isMemory(item, blocks)) continue;
      for (const part of partsOf(item)) {
        if (++looked > MOST_PARTS) break;
        next.push(part);
      }
    }
    level = next;
  }
  if (textBytes > 0) blocks.set(`text ${++count}`, textBytes);
  return blocks;
}

/** The sum of bytes of several holdings, each block once. */
export function totalBytes(all: Iterable<Holdings>): number {
  const sum = new HoldingsSum();
  for (const holdings of all) sum.add(holdings);
  return sum.bytes;
}

/** The bytes of many holdings together, each block once, kept up to date as holdings come and go. */
export class HoldingsSum {
  /** How many of the holdings have a block. */
  private readonly holders = new Map<number | string, number>();
  /** The bytes of all blocks. */
  bytes = 0;

  add(holdings: Holdings): void {
    for (const [block, bytes] of holdings) {
      const holders = this.holders.get(block) ?? 0;
      if (holders === 0) this.bytes += bytes;
      this.holders.set(block, holders + 1);
    }
  }

  /** Takes out holdings that were added. */
  remove(holdings: Holdings): void {
    for (const [block, bytes] of holdings) {
      const holders = this.holders.get(block) ?? 0;
      if (holders > 1) this.holders.set(block, holders - 1);
      else if (this.holders.delete(block)) this.bytes -= bytes;
    }
  }

  /** The bytes of blocks that none of the holdings but `own` have. */
  onlyIn(own: Holdings): number {
    let bytes = 0;
    for (const [block, size] of own) if (this.holders.get(block) === 1) bytes += size;
    return bytes;
  }
}

/** Counts a value that is memory itself; false when its parts have to be looked at. */
function isMemory(item: object, blocks: Holdings): boolean {
  const { torch } = loadPrelude();
  if (item instanceof torch.Tensor) {
    const { serial, slot, bytes } = item.storage;
    blocks.set(serial > 0 ? serial : `slot ${slot}`, bytes);
    if (item.grad) isMemory(item.grad, blocks);
    return true;
  }
  const buffer = ArrayBuffer.isView(item) ? item.buffer : types.isAnyArrayBuffer(item) ? item : null;
  if (buffer === null) return false;
  let name = buffers.get(buffer);
  if (name === undefined) {
    name = `buffer ${++count}`;
    buffers.set(buffer, name);
  }
  blocks.set(name, buffer.byteLength);
  return true;
}

/** What an object is made of, one part at a time. Collections are read by the built-in methods: a subclass may have its own. */
function* partsOf(item: object): Iterable<unknown> {
  if (types.isProxy(item)) return;
  if (Array.isArray(item)) {
    for (let k = 0; k < item.length; k++) yield Object.getOwnPropertyDescriptor(item, k)?.value;
  } else if (types.isMap(item)) {
    for (const [key, value] of Map.prototype.entries.call(item) as IterableIterator<[unknown, unknown]>) {
      yield key;
      yield value;
    }
  } else if (types.isSet(item)) {
    yield* Set.prototype.values.call(item) as IterableIterator<unknown>;
  } else {
    for (const key of Reflect.ownKeys(item)) yield Object.getOwnPropertyDescriptor(item, key)?.value;
  }
}
