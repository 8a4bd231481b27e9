// From indices to a batch: what a loader does with its data set, in its own thread or in a worker's.

import { ArgumentError } from "../errors";
import { collatedFor, defaultCollate, defaultConvert, type NumberDtypes } from "./collate";
import { batchOf, type DataSource, type Indexed, isStream, itemOf, type Stream } from "./dataset";

/** What a loader hands to `collateFn`: the items of a batch, or one item when `batchSize` is null. */
export type Uncollated<T, S extends number | null> = S extends null ? Awaited<T> : Awaited<T>[];

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

/** What has to be there before a fetch goes on: values, or promises of them. It is resumed with the values. */
type Needs<R> = Generator<readonly unknown[], R, readonly unknown[]>;

/** Makes the batch of the next indices: one index when items come one by one. */
export class Fetcher<T, S extends number | null, B> {
  /** The index, or the number in its stream, of the item that is made now or was last; for messages. */
  item: number | null = null;
  private stream: Iterator<unknown> | AsyncIterator<unknown> | null = null;
  private passed = 0;
  private readonly needs: (indices: readonly number[] | number) => Needs<Fetched<B>>;

  constructor(
    private readonly loading: Loading<T, S, B>,
    private readonly dtypes: NumberDtypes,
  ) {
    const { dataset } = loading;
    this.needs = isStream(dataset)
      ? (indices) => this.fromStream(dataset, indices)
      : (indices) => this.byIndex(dataset, indices);
  }

  /** Throws ArgumentError when the data set gives promises. */
  fetch(indices: readonly number[] | number): Fetched<B> {
    this.item = null;
    const needs = this.needs(indices);
    let step = needs.next();
    while (!step.done) {
      if (step.value.some((value) => value instanceof Promise)) {
        throw new ArgumentError(
          "the items of this data set are promises: write `for await (const batch of loader)`, or give the loader workers (numWorkers: 1), which wait for them",
        );
      }
      step = needs.next(step.value);
    }
    return step.value;
  }

  /** The same, with promises awaited, those of a batch at once. */
  async fetchAsync(indices: readonly number[] | number): Promise<Fetched<B>> {
    this.item = null;
    const needs = this.needs(indices);
    let step = needs.next();
    while (!step.done) step = needs.next(await Promise.all(step.value));
    return step.value;
  }

  private *byIndex(dataset: Indexed<T>, indices: readonly number[] | number): Needs<Fetched<B>> {
    if (typeof indices === "number") return this.single((yield [this.get(dataset, indices)])[0]);
    const whole = this.loading.collateFn === null ? batchOf(dataset, indices) : null;
    if (whole !== null) return made(whole as B);
    return this.collated(yield indices.map((index) => this.get(dataset, index)));
  }

  private get(dataset: Indexed<T>, index: number): T {
    this.item = index;
    return itemOf(dataset, index);
  }

  private *fromStream(dataset: Stream<T>, indices: readonly number[] | number): Needs<Fetched<B>> {
    // Begun by the first fetch: a worker's data set may still be changed by its `workerInitFn`.
    this.stream ??= Symbol.asyncIterator in dataset ? dataset[Symbol.asyncIterator]() : dataset[Symbol.iterator]();
    const items: unknown[] = [];
    const wanted = typeof indices === "number" ? 1 : indices.length;
    while (items.length < wanted) {
      this.item = this.passed++;
      const next = (yield [this.stream.next()])[0] as IteratorResult<unknown>;
      if (next.done) {
        const short = items.length === 0 || this.loading.dropLast;
        return { done: true, value: short ? null : this.collated(items).value };
      }
      items.push(...(yield [next.value]));
    }
    return typeof indices === "number" ? this.single(items[0]) : this.collated(items);
  }

  private collated(items: readonly unknown[]): Fetched<B> {
    const { collateFn } = this.loading;
    return collatedFor(this.dtypes, () => {
      const batch: unknown = collateFn === null ? defaultCollate(items) : collateFn(items as Uncollated<T, S>);
      return made(batch as B);
    });
  }

  private single(item: unknown): Fetched<B> {
    const { collateFn } = this.loading;
    return made(collateFn === null ? (defaultConvert(item) as B) : collateFn(item as Uncollated<T, S>));
  }
}

function made<B>(batch: B): Fetched<B> {
  return { done: false, value: { batch } };
}
