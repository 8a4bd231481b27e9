// From indices to a batch: what a loader does with its data set, in its own thread or in a worker's.

import { type Collated, collatedFor, defaultCollate, type NumberDtypes } from "./collate";
import { type DataSource, type Indexed, IterableDataset, itemOf } from "./dataset";

/** What a loader hands to `collateFn`: the items of a batch, or one item when `batchSize` is null. */
export type Uncollated<T, S extends number | null> = S extends null ? T : T[];

/** What is loaded, and how items become batches. */
export interface Loading<T, S extends number | null, B> {
  readonly dataset: DataSource<T>;
  readonly collateFn: ((items: Uncollated<T, S>) => B) | null;
  readonly dropLast: boolean;
}

/** A batch; `done` says that the stream has ended, with it or without one. */
export interface Fetched<B> {
  readonly done: boolean;
  readonly value: { readonly batch: B } | null;
}

/** Makes the batch of the next indices: one index when items come one by one. */
export class Fetcher<T, S extends number | null, B> {
  /** The index, or the number in its stream, of the item that is made now or was last; for messages. */
  item: number | null = null;
  private stream: Iterator<T> | null = null;
  private passed = 0;

  constructor(
    private readonly loading: Loading<T, S, B>,
    private readonly dtypes: NumberDtypes,
  ) {}

  fetch(indices: readonly number[] | number): Fetched<B> {
    this.item = null;
    const { dataset } = this.loading;
    return dataset instanceof IterableDataset
      ? this.fromStream(dataset, indices)
      : made(this.byIndex(dataset, indices));
  }

  private byIndex(dataset: Indexed<T>, indices: readonly number[] | number): B {
    if (typeof indices === "number") return this.single(this.get(dataset, indices));
    if (this.loading.collateFn === null && "getBatch" in dataset && dataset.getBatch !== undefined) {
      const whole: Collated<T> | null | undefined = dataset.getBatch(indices);
      if (whole !== null && whole !== undefined) return whole as B;
    }
    return this.collated(indices.map((index) => this.get(dataset, index)));
  }

  private get(dataset: Indexed<T>, index: number): T {
    this.item = index;
    return itemOf(dataset, index);
  }

  private fromStream(dataset: IterableDataset<T>, indices: readonly number[] | number): Fetched<B> {
    // Begun by the first fetch: a worker's data set may still be changed by its `workerInitFn`.
    this.stream ??= dataset[Symbol.iterator]();
    if (typeof indices === "number") {
      const next = this.next(this.stream);
      return next.done ? { done: true, value: null } : made(this.single(next.value));
    }
    const items: T[] = [];
    while (items.length < indices.length) {
      const next = this.next(this.stream);
      if (next.done) {
        const short = items.length === 0 || this.loading.dropLast;
        return { done: true, value: short ? null : { batch: this.collated(items) } };
      }
      items.push(next.value);
    }
    return made(this.collated(items));
  }

  private next(stream: Iterator<T>): IteratorResult<T> {
    this.item = this.passed++;
    return stream.next();
  }

  private collated(items: T[]): B {
    const { collateFn } = this.loading;
    return collatedFor(this.dtypes, () => {
      const batch: unknown = collateFn === null ? defaultCollate(items) : collateFn(items as Uncollated<T, S>);
      return batch as B;
    });
  }

  private single(item: T): B {
    const { collateFn } = this.loading;
    const found: unknown = item;
    return collateFn === null ? (found as B) : collateFn(found as Uncollated<T, S>);
  }
}

function made<B>(batch: B): Fetched<B> {
  return { done: false, value: { batch } };
}
