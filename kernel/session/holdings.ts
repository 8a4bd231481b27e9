// What a value keeps in memory: tensors and buffers reachable from it, counted per block, so that views and values that share a
// block are not counted twice. Looks at data only and calls nothing of the user's.

import { types } from "node:util";
import { loadPrelude } from "./library";

/** Blocks of memory by an identity that does not keep them alive, with their bytes. */
export type Holdings = Map<number | string, number>;

/** Names for memory that has no number of its own. */
let count = 0;
const buffers = new WeakMap<ArrayBufferLike, string>();

/** Objects looked at in one value; what lies beyond is not counted. */
const VISITED = 10_000;
const DEPTH = 6;

/** The blocks that `value` keeps alive. */
export function holdingsOf(value: unknown): Holdings {
  const blocks: Holdings = new Map();
  const seen = new Set<object>();
  let level: unknown[] = [value];
  for (let depth = 0; depth < DEPTH && level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === "string") blocks.set(`text ${++count}`, 2 * item.length);
      if ((typeof item !== "object" && typeof item !== "function") || item === null || seen.has(item)) continue;
      if (seen.size >= VISITED) return blocks;
      seen.add(item);
      if (!isMemory(item, blocks)) next.push(...partsOf(item));
    }
    level = next;
  }
  return blocks;
}

/** The sum of bytes of several holdings, each block once. */
export function totalBytes(all: Iterable<Holdings>): number {
  const union: Holdings = new Map();
  for (const holdings of all) for (const [block, bytes] of holdings) union.set(block, bytes);
  let total = 0;
  for (const bytes of union.values()) total += bytes;
  return total;
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

function partsOf(item: object): unknown[] {
  if (types.isProxy(item)) return [];
  if (Array.isArray(item)) return item.slice(0, VISITED);
  if (types.isMap(item)) return [...item.entries()].flat();
  if (types.isSet(item)) return [...item];
  return Object.values(Object.getOwnPropertyDescriptors(item)).map((property) => property.value as unknown);
}
