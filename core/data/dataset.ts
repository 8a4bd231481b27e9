// What a data set is: a length and items by index, or only items in order. PyTorch's `__len__`, `__getitem__` and `__iter__` are
// `length`, `get(index)` and `[Symbol.iterator]()` here.

import { ArgumentError, IndexError } from "../errors";
import { kindOf } from "./kind";
import type { Collated } from "./collate";

/**
 * Items by index, as `torch.utils.data.Dataset`: extend it, give `length` (PyTorch: `__len__`) and `get` (PyTorch: `__getitem__`).
 *
 *     class Squares extends Dataset<[Tensor, number]> {
 *       readonly length = 100;
 *       get(index: number): [Tensor, number] { return [torch.tensor([index]), index ** 2]; }
 *     }
 *
 * Brackets give items too: `squares[3]` is `squares.get(3)`. Without a type of its own the items have the type that `get` returns.
 */
export abstract class Dataset<T = unknown> implements Iterable<T> {
  /** The item at an index: what `get` gives for it. */
  readonly [index: number]: T;

  /** The number of items. */
  abstract get length(): number;

  /** The item at an index from 0 to `length` − 1. */
  abstract get(index: number): T;

  /**
   * A whole batch at once, equal to what `defaultCollate` makes of the items; null where that cannot be done. A DataLoader without
   * a `collateFn` asks for it first: a data set that can gather many items in one operation is much faster so. It is not asked of
   * a class that has a `get` of its own and inherits this.
   */
  getBatch?(indices: readonly number[]): Collated<T> | null;

  /** All items in the order of their index. */
  *[Symbol.iterator](): IterableIterator<ReturnType<this["get"]>> {
    for (let index = 0; index < this.length; index++) yield this.get(index) as ReturnType<this["get"]>;
  }
}

/** A property's name as an index, or null. */
function indexOf(key: string | symbol): number | null {
  return typeof key === "string" && /^-?\d+$/.test(key) ? Number(key) : null;
}

// Brackets end here, at the root of the prototypes, when an object has no such property: everything else costs what it always does.
Object.setPrototypeOf(
  Dataset.prototype,
  new Proxy(Object.create(Object.prototype), {
    get(target: object, key, dataset: Dataset) {
      const index = indexOf(key);
      return index === null ? Reflect.get(target, key, dataset) : dataset.get(index);
    },
    set(target: object, key, value, dataset: Dataset) {
      if (indexOf(key) !== null) throw new TypeError(`'${kindOf(dataset)}' object does not support item assignment`);
      return Reflect.set(target, key, value, dataset);
    },
  }),
);

/** Items in order only, as `torch.utils.data.IterableDataset`: a stream, of known length or not. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a property of a class could not be overridden by a getter
export abstract class IterableDataset<T> implements Iterable<T> {
  /** A new pass over the items. */
  abstract [Symbol.iterator](): Iterator<T>;
}

// biome-ignore lint/correctness/noUnusedVariables: both declarations have the same parameters
export interface IterableDataset<T> {
  /** The number of items, where it is known. */
  readonly length?: number;
}

/** What has a length and items by `get`: a Dataset, or any object of that shape. */
export interface Gettable<T> {
  readonly length: number;
  get(index: number): T;
  getBatch?(indices: readonly number[]): Collated<T> | null;
}

/** What has a length and items by `at`: arrays and typed arrays. */
export interface Sequence<T> {
  readonly length: number;
  at(index: number): T | undefined;
}

/** A tensor, as far as it has items: those of its first dimension. */
export interface Rows<T> {
  readonly length: number;
  select(dim: number, index: number): T;
}

/** Items by index: a Dataset, an array, or a tensor. */
export type Indexed<T> = Gettable<T> | Sequence<T> | Rows<T>;

/** Items in order: an IterableDataset, or anything to iterate by `for await`: a file's lines, the rows of a database. */
export type Stream<T> = IterableDataset<T> | AsyncIterable<T>;

/** Whatever a DataLoader reads. */
export type DataSource<T> = Indexed<T> | Stream<T>;

/** Whether a source gives its items in order only. */
export function isStream<T>(source: DataSource<T>): source is Stream<T> {
  return source instanceof IterableDataset || (Symbol.asyncIterator in source && !("get" in source));
}

/** What has a length: enough for a sampler. */
export type Sized = { readonly length: number };

/** The number of items. Throws ArgumentError for what has none. */
export function lengthOf(source: Sized | Stream<unknown>): number {
  const length = "length" in source ? source.length : undefined;
  if (typeof length === "number") return length;
  throw new ArgumentError(`object of type '${kindOf(source)}' has no length`);
}

/** The item at an index. Throws IndexError for an index beyond the end of an array, and ArgumentError for a stream. */
export function itemOf<T>(source: Indexed<T>, index: number): T {
  if ("get" in source) return source.get(index);
  if ("select" in source) return source.select(0, index);
  if (!("at" in source)) throw new ArgumentError(`'${kindOf(source)}' object has no items by index`);
  const item = source.at(index);
  if (item === undefined)
    throw new IndexError(`index ${index} is out of range for a sequence of length ${source.length}`);
  return item;
}

/**
 * A whole batch at once, where the data set can make it; else null. A `get` that overrides the one beside `getBatch`, in a class or in
 * the object itself, makes other items than `getBatch` knows of.
 */
export function batchOf<T>(source: Indexed<T>, indices: readonly number[]): Collated<T> | null {
  // No items are no batch, as `defaultCollate` says.
  if (indices.length === 0 || !("getBatch" in source) || source.getBatch === undefined) return null;
  let owner: object | null = source;
  while (owner !== null && !Object.hasOwn(owner, "getBatch")) {
    if (Object.hasOwn(owner, "get")) return null;
    owner = Object.getPrototypeOf(owner);
  }
  return source.getBatch(indices) ?? null;
}
