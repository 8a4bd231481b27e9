// Data sets made of tensors and of other data sets.

import { ArgumentError, CressetError, IndexError, ShapeError } from "../errors";
import { type Arguments, isOptions } from "../arguments/arguments";
import { requireTensors, Signature } from "../arguments/signature";
import { overloaded, signature } from "../arguments/signed";
import { randperm } from "../ops/random/random";
import type { Generator } from "../random/generator";
import type { Tensor } from "../tensor/tensor";
import type { Collated } from "./collate";
import { batchOf, Dataset, type Indexed, IterableDataset, itemOf, lengthOf } from "./dataset";
import { indexTensor } from "./gather";
import { type GeneratorOption, numbersOf } from "./sampler";

/** Items `[a[i], b[i], …]` of tensors with one first size. Source: torch.utils.data.TensorDataset. */
export class TensorDataset<T extends Tensor[] = Tensor[]> extends Dataset<T> {
  /** The tensors themselves. */
  readonly tensors: T;

  /** Throws ShapeError when the first sizes differ. */
  constructor(...tensors: T) {
    super();
    requireTensors("TensorDataset.__init__", tensors);
    if (tensors.length === 0) throw new ArgumentError("TensorDataset() needs at least one tensor");
    if (tensors.some((x) => x.ndim === 0 || x.sizes[0] !== tensors[0].sizes[0])) {
      throw new ShapeError("Size mismatch between tensors");
    }
    this.tensors = tensors;
  }

  get length(): number {
    return this.tensors[0].sizes[0];
  }

  get(index: number): T {
    const item: unknown = this.tensors.map((x) => x.at(index));
    return item as T;
  }

  override getBatch(indices: readonly number[]): Collated<T> | null {
    const index = indexTensor(indices, this.length);
    if (index === null) return null;
    const batch: unknown = this.tensors.map((x) => x.indexSelect(0, index));
    return batch as Collated<T>;
  }
}

/** The items of a data set at the given indices. Source: torch.utils.data.Subset. */
export class Subset<T> extends Dataset<T> {
  /** @internal */
  static readonly [signature] = new Signature("def Subset(any dataset, value indices)");

  /** Where the items come from. */
  readonly dataset: Indexed<T>;
  /** Their indices in it, in order. */
  readonly indices: readonly number[];

  constructor(dataset: Indexed<T>, indices: readonly number[] | { indices: readonly number[] });
  constructor(options: { dataset: Indexed<T>; indices: readonly number[] });
  constructor(...args: unknown[]) {
    super();
    type Given = { dataset: Indexed<T>; indices: readonly number[] };
    const { dataset, indices } = Subset[signature].complete<Given>(args);
    this.dataset = dataset;
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }

  get(index: number): T {
    return itemOf(this.dataset, this.inner(index));
  }

  override getBatch(indices: readonly number[]): Collated<T> | null {
    return batchOf(
      this.dataset,
      indices.map((index) => this.inner(index)),
    );
  }

  private inner(index: number): number {
    const found = this.indices.at(index);
    if (found === undefined)
      throw new IndexError(`index ${index} is out of range for a Subset of length ${this.length}`);
    return found;
  }
}

/** What the items of a StackDataset are made of. */
type Stacked = readonly Indexed<unknown>[] | { readonly [name: string]: Indexed<unknown> };

type ItemOf<D> = D extends Indexed<infer T> ? T : never;

/** The items of a StackDataset: an array or an object of the items of its data sets. */
type StackedItem<P extends Stacked> = { -readonly [K in keyof P]: ItemOf<P[K]> };

/**
 * Data sets side by side: `new StackDataset(images, labels)` has items `[image, label]`, `new StackDataset({ image, label })` has items
 * `{ image, label }`. Throws ArgumentError when there are none or their lengths differ. Source: torch.utils.data.StackDataset (PyTorch 2.1).
 */
export class StackDataset<P extends Stacked = Stacked> extends Dataset<StackedItem<P>> {
  /** The data sets, in an array or by their names. */
  readonly datasets: P;

  constructor(datasets: P & { readonly [name: string]: Indexed<unknown> });
  constructor(...datasets: P & readonly Indexed<unknown>[]);
  constructor(...args: readonly unknown[]) {
    super();
    const [first] = args;
    const isNamed = args.length === 1 && isOptions(first) && !("get" in (first as object));
    this.datasets = (isNamed ? first : args) as P;
    const [length, ...others] = Object.values(this.datasets).map(lengthOf);
    if (length === undefined) throw new ArgumentError("At least one dataset should be passed");
    if (others.some((other) => other !== length)) throw new ArgumentError("Size mismatch between datasets");
  }

  get length(): number {
    return lengthOf(Object.values(this.datasets)[0]);
  }

  get(index: number): StackedItem<P> {
    const { datasets } = this;
    const items: unknown = Array.isArray(datasets)
      ? datasets.map((dataset) => itemOf(dataset, index))
      : Object.fromEntries(Object.entries(datasets).map(([name, dataset]) => [name, itemOf(dataset, index)]));
    return items as StackedItem<P>;
  }
}

/** Data sets one after another. Source: torch.utils.data.ConcatDataset. */
export class ConcatDataset<T> extends Dataset<T> {
  /** @internal */
  static readonly [signature] = new Signature("def ConcatDataset(value datasets)");

  /** The data sets in order. */
  readonly datasets: readonly Indexed<T>[];
  /** The number of items up to the end of each data set. */
  readonly cumulativeSizes: readonly number[];

  /** Throws ArgumentError when there are none, and for streams. */
  constructor(datasets: Iterable<Indexed<T>>);
  constructor(options: { datasets: Iterable<Indexed<T>> });
  constructor(...args: unknown[]) {
    super();
    this.datasets = [...ConcatDataset[signature].complete<{ datasets: Iterable<Indexed<T>> }>(args).datasets];
    if (this.datasets.length === 0) throw new ArgumentError("datasets should not be an empty iterable");
    if (this.datasets.some((dataset) => dataset instanceof IterableDataset)) {
      throw new ArgumentError("ConcatDataset does not support IterableDataset");
    }
    let total = 0;
    this.cumulativeSizes = this.datasets.map((dataset) => {
      total += lengthOf(dataset);
      return total;
    });
  }

  get length(): number {
    return this.cumulativeSizes[this.cumulativeSizes.length - 1];
  }

  get(index: number): T {
    const at = index < 0 ? index + this.length : index;
    if (at < 0) throw new IndexError("absolute value of index should not exceed dataset length");
    const k = this.cumulativeSizes.findIndex((end) => at < end);
    if (k < 0) throw new IndexError(`index ${index} is out of range for a ConcatDataset of length ${this.length}`);
    return itemOf(this.datasets[k], k === 0 ? at : at - this.cumulativeSizes[k - 1]);
  }
}

/** Streams one after another. A pass throws ArgumentError when it comes to something else. Source: torch.utils.data.ChainDataset. */
export class ChainDataset<T> extends IterableDataset<T> {
  /** @internal */
  static readonly [signature] = new Signature("def ChainDataset(value datasets)");

  /** The streams in order. */
  readonly datasets: Iterable<IterableDataset<T>>;

  constructor(datasets: Iterable<IterableDataset<T>>);
  constructor(options: { datasets: Iterable<IterableDataset<T>> });
  constructor(...args: unknown[]) {
    super();
    this.datasets = ChainDataset[signature].complete<{ datasets: Iterable<IterableDataset<T>> }>(args).datasets;
  }

  /** The sum of the lengths, where all are streams of known length. */
  override get length(): number | undefined {
    let total = 0;
    for (const dataset of this.datasets) {
      if (!(dataset instanceof IterableDataset) || dataset.length === undefined) return undefined;
      total += dataset.length;
    }
    return total;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const dataset of this.datasets) {
      if (!(dataset instanceof IterableDataset)) throw new ArgumentError("ChainDataset only supports IterableDataset");
      yield* { [Symbol.iterator]: () => dataset[Symbol.iterator]() };
    }
  }
}

/** Counts from fractions: each the floor of its share, what is left over one by one from the first. */
function countsOf(total: number, lengths: readonly number[]): readonly number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  if (Math.abs(sum - 1) > 1e-9 || sum > 1 + 1e-9) return lengths;
  lengths.forEach((fraction, i) => {
    if (fraction < 0 || fraction > 1) throw new ArgumentError(`Fraction at index ${i} is not between 0 and 1`);
  });
  const counts = lengths.map((fraction) => Math.floor(total * fraction));
  const left = total - counts.reduce((a, b) => a + b, 0);
  for (let i = 0; i < left; i++) counts[i % counts.length]++;
  return counts;
}

/**
 * A data set in random parts that do not overlap: `randomSplit(data, [0.8, 0.2])`, or counts that add up to its length. Option:
 * `generator`. Throws CressetError when they do not. Source: torch.utils.data.random_split.
 */
export const randomSplit = overloaded<RandomSplit>([
  "def randomSplit(any dataset, float[] lengths, Generator? generator=None)",
  split,
]);

interface RandomSplit {
  <T>(
    dataset: Indexed<T>,
    lengths: readonly number[],
    ...args: Arguments<[generator?: Generator | null], GeneratorOption>
  ): Subset<T>[];
  <T>(dataset: Indexed<T>, options: GeneratorOption & { lengths: readonly number[] }): Subset<T>[];
  <T>(options: GeneratorOption & { dataset: Indexed<T>; lengths: readonly number[] }): Subset<T>[];
}

function split<T>(dataset: Indexed<T>, lengths: readonly number[], generator?: Generator | null): Subset<T>[] {
  const total = lengthOf(dataset);
  const counts = countsOf(total, lengths);
  if (counts.reduce((a, b) => a + b, 0) !== total) {
    throw new CressetError("Sum of input lengths does not equal the length of the input dataset!");
  }
  const order = numbersOf(randperm(total, { generator }));
  let from = 0;
  return counts.map((count) => {
    from += count;
    return new Subset(dataset, Array.from(order.subarray(from - count, from)));
  });
}
