// DataLoader: batches of a data set, in order or shuffled with PyTorch's streams, in this process.

import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ArgumentError } from "../errors";
import type { Generator } from "../random/generator";
import { forkedCopy } from "../nn/deepcopy";
import { type Collated, collatedFor, defaultCollate, type NumberDtypes } from "./collate";
import { type DataSource, type Indexed, IterableDataset, itemOf, lengthOf, type Sized } from "./dataset";
import { kindOf } from "./kind";
import { BatchSampler, checkPositive, drawSeed, RandomSampler, SequentialSampler } from "./sampler";
import { Worker } from "./worker";

/** An order of indices; a sampler, an array, any iterable. */
export type Order<T = number> = Iterable<T> & { readonly length?: number };

/** What a loader hands to `collateFn`: the items of a batch, or one item when `batchSize` is null. */
export type Uncollated<T, S extends number | null> = S extends null ? T : T[];

/** What a DataLoader takes by name. */
export interface DataLoaderOptions<T, S extends number | null = number, B = unknown> {
  /** Items per batch, default 1; null gives items one by one, uncollated. */
  batchSize?: S;
  /** A new random order at every pass. Default false. */
  shuffle?: boolean | null;
  /** The order of indices, instead of `shuffle`. */
  sampler?: Order | null;
  /** The order of batches of indices, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: Order<readonly number[]> | null;
  /** How many workers PyTorch would start as processes. Default 0. Here items are made in this process, in the same order and with the random streams of those workers. Each has a copy of the data set when that is a stream or there is a `workerInitFn`. */
  numWorkers?: number;
  /** Makes one value of a batch's items. Default `defaultCollate`. */
  collateFn?: ((items: Uncollated<T, S>) => B) | null;
  /** No effect: memory is not moved to a device by itself. */
  pinMemory?: boolean;
  /** Whether a last batch that is not full is left out. Default false. */
  dropLast?: boolean;
  /** No effect: nothing is waited for. */
  timeout?: number;
  /** Called with a worker's number before its first batch. */
  workerInitFn?: ((id: number) => void) | null;
  /** No effect: there are no processes. */
  multiprocessingContext?: null;
  /** No effect: a batch is made when it is asked for. */
  prefetchFactor?: number | null;
  /** Whether workers, with their random streams and data sets, go on from one pass to the next. Default false. */
  persistentWorkers?: boolean;
  /** No effect: memory is not moved to a device by itself. */
  pinMemoryDevice?: string;
  /** The stream of the shuffle order; default: one seeded from the default generator at every pass. */
  generator?: Generator | null;
}

interface Given<T, S extends number | null, B, D> extends DataLoaderOptions<T, S, B> {
  dataset: D;
}

/** What may follow the size of a batch in order. */
type AfterSize<T, S extends number | null, B> = [
  shuffle?: boolean | null,
  sampler?: Order | null,
  batchSampler?: Order<readonly number[]> | null,
  numWorkers?: number,
  collateFn?: ((items: Uncollated<T, S>) => B) | null,
  pinMemory?: boolean,
  dropLast?: boolean,
  timeout?: number,
  workerInitFn?: ((id: number) => void) | null,
  multiprocessingContext?: null,
  generator?: Generator | null,
];

/** Gives the batch of the next indices; `done` at the end of a stream. */
type Fetch<B> = (indices: readonly number[] | number) => { done: boolean; value: B | null };

/**
 * Batches of a data set: `for (const [x, y] of new DataLoader(data, { batchSize: 64, shuffle: true }))`. Every pass is a new one.
 * Items are collated by `collateFn`; without it tensors are stacked and numbers become tensors (`defaultCollate`).
 * Throws ArgumentError for options that exclude each other. Source: torch.utils.data.DataLoader.
 */
export class DataLoader<
  T,
  S extends number | null = number,
  B = S extends null ? T : Collated<T>,
  D extends DataSource<T> = DataSource<T>,
> implements Iterable<B>
{
  /** @internal */
  static readonly [signature] = new Signature(
    "def DataLoader(any dataset, value batchSize=1, bool? shuffle=None, any sampler=None, any batchSampler=None, value numWorkers=0, function? collateFn=None, bool pinMemory=False, bool dropLast=False, float timeout=0, function? workerInitFn=None, any multiprocessingContext=None, Generator? generator=None, *, int? prefetchFactor=2, bool persistentWorkers=False, str pinMemoryDevice='')",
  );

  /** What is loaded. */
  readonly dataset: D;
  /** Items per batch; null when they come one by one or in the batches of a sampler. */
  readonly batchSize: number | null;
  /** The order of indices. */
  readonly sampler: Order;
  /** The order of batches; null when items come one by one. */
  readonly batchSampler: Order<readonly number[]> | null;
  /** Whether a last batch that is not full is left out. */
  readonly dropLast: boolean;
  /** How many workers' random streams there are. */
  readonly numWorkers: number;
  /** The stream of the shuffle order, or null. */
  readonly generator: Generator | null;
  private readonly collateFn: ((items: Uncollated<T, S>) => B) | null;
  private readonly workerInitFn: ((id: number) => void) | null;
  private readonly persistentWorkers: boolean;
  private readonly dtypes: NumberDtypes = new Map();
  private workers: readonly Worker<D>[] | null = null;

  constructor(dataset: D & DataSource<T>, options?: DataLoaderOptions<T, S, B>);
  constructor(
    dataset: D & DataSource<T>,
    batchSize: S,
    ...args: Arguments<AfterSize<T, S, B>, DataLoaderOptions<T, S, B>>
  );
  constructor(options: DataLoaderOptions<T, S, B> & { dataset: D & DataSource<T> });
  constructor(...args: unknown[]) {
    const given = DataLoader[signature].complete<Given<T, S, B, D>>(args);
    const { dataset, batchSize, sampler, batchSampler } = given;
    this.dataset = dataset;
    this.numWorkers = given.numWorkers;
    this.generator = given.generator;
    this.collateFn = given.collateFn;
    this.workerInitFn = given.workerInitFn;
    this.persistentWorkers = given.persistentWorkers;
    this.dropLast = given.dropLast;
    check(given);
    this.sampler = sampler ?? (batchSampler === null ? this.defaultOrder(given.shuffle ?? false) : []);
    if (batchSampler !== null) {
      this.batchSize = null;
      this.batchSampler = batchSampler;
    } else {
      this.batchSize = batchSize;
      this.batchSampler = batchSize === null ? null : new BatchSampler(this.sampler, batchSize, this.dropLast);
    }
  }

  /** The number of batches of a pass (of items when they come one by one). Throws for a stream of unknown length. */
  get length(): number {
    if (!(this.dataset instanceof IterableDataset)) return lengthOf((this.batchSampler ?? this.sampler) as Sized);
    const count = lengthOf(this.dataset) / (this.batchSize ?? 1);
    return this.dropLast ? Math.floor(count) : Math.ceil(count);
  }

  /** A new pass. The base seed of the workers is drawn now, also when there are none. */
  [Symbol.iterator](): IterableIterator<B> {
    if (this.persistentWorkers && this.workers !== null) return this.batches(this.workers);
    const workers = this.newWorkers(drawSeed(this.generator));
    if (this.persistentWorkers) this.workers = workers;
    return this.batches(workers);
  }

  private newWorkers(seed: bigint): Worker<D>[] {
    const { numWorkers, dataset, workerInitFn } = this;
    // Data sets with items by index have no state that passes from item to item, unless the workers are told to change them.
    const copied = dataset instanceof IterableDataset || workerInitFn !== null;
    return Array.from({ length: numWorkers }, (_, id) => {
      const own = copied ? forkedCopy(dataset) : dataset;
      return new Worker({ id, numWorkers, seed: seed + BigInt(id), dataset: own }, workerInitFn);
    });
  }

  /** A new pass with the number of each batch: `for (const [i, [x, y]] of loader.entries())` (Python: `enumerate(loader)`). */
  *entries(): IterableIterator<[number, B]> {
    let index = 0;
    for (const batch of this) yield [index++, batch];
  }

  private defaultOrder(shuffle: boolean): Order {
    if (this.dataset instanceof IterableDataset) return endless;
    return shuffle
      ? new RandomSampler(this.dataset, { generator: this.generator })
      : new SequentialSampler(this.dataset);
  }

  private *batches(workers: readonly Worker<D>[]): IterableIterator<B> {
    const turns: { fetch: Fetch<B>; worker: Worker<D> | null }[] =
      workers.length === 0
        ? [{ fetch: this.fetcher(this.dataset), worker: null }]
        : workers.map((worker) => ({ fetch: this.fetcher(worker.dataset), worker }));
    let turn = 0;
    for (const indices of this.batchSampler ?? this.sampler) {
      while (turns.length > 0) {
        const { fetch, worker } = turns[turn];
        const { done, value } = worker === null ? fetch(indices) : worker.run(() => fetch(indices));
        if (done) turns.splice(turn, 1);
        else turn += 1;
        if (turn >= turns.length) turn = 0;
        if (value !== null) yield value;
        if (!done || value !== null) break;
      }
      if (turns.length === 0) return;
    }
  }

  private fetcher(dataset: DataSource<T>): Fetch<B> {
    return dataset instanceof IterableDataset ? this.streamFetcher(dataset) : this.indexFetcher(dataset);
  }

  private indexFetcher(dataset: Indexed<T>): Fetch<B> {
    const whole = this.collateFn === null && "getBatch" in dataset && dataset.getBatch !== undefined;
    return (indices) => {
      if (typeof indices === "number") return { done: false, value: this.single(itemOf(dataset, indices)) };
      const batch: unknown = whole ? dataset.getBatch?.(indices) : null;
      if (batch !== null && batch !== undefined) return { done: false, value: batch as B };
      return { done: false, value: this.collated(indices.map((index) => itemOf(dataset, index))) };
    };
  }

  private streamFetcher(dataset: IterableDataset<T>): Fetch<B> {
    // Begun by the first fetch: a worker's data set may still be changed by its `workerInitFn`.
    let begun: Iterator<T> | null = null;
    return (indices) => {
      begun ??= dataset[Symbol.iterator]();
      const stream = begun;
      if (typeof indices === "number") {
        const next = stream.next();
        return next.done ? { done: true, value: null } : { done: false, value: this.single(next.value) };
      }
      const items: T[] = [];
      while (items.length < indices.length) {
        const next = stream.next();
        if (next.done) {
          const short = items.length === 0 || this.dropLast;
          return { done: true, value: short ? null : this.collated(items) };
        }
        items.push(next.value);
      }
      return { done: false, value: this.collated(items) };
    };
  }

  private collated(items: T[]): B {
    const { collateFn } = this;
    return collatedFor(this.dtypes, () => {
      const batch: unknown = collateFn === null ? defaultCollate(items) : collateFn(items as Uncollated<T, S>);
      return batch as B;
    });
  }

  private single(item: T): B {
    const found: unknown = item;
    return this.collateFn === null ? (found as B) : this.collateFn(found as Uncollated<T, S>);
  }
}

/** The order of a stream, which knows its end itself. */
const endless: Order = {
  *[Symbol.iterator]() {
    for (;;) yield 0;
  },
};

/** Throws ArgumentError, in PyTorch's words, for options that exclude each other. */
function check<T, S extends number | null, B, D>(given: Required<Given<T, S, B, D>>): void {
  const { dataset, batchSize, shuffle, sampler, batchSampler, dropLast, numWorkers } = given;
  if (!Number.isInteger(numWorkers) || numWorkers < 0) {
    throw new ArgumentError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.");
  }
  if (given.timeout < 0) throw new ArgumentError("timeout option should be non-negative");
  if (numWorkers === 0 && (given.prefetchFactor ?? 2) !== 2) {
    throw new ArgumentError(
      "prefetch_factor option could only be specified in multiprocessing. let num_workers > 0 to enable multiprocessing.",
    );
  }
  if (numWorkers === 0 && given.persistentWorkers) {
    throw new ArgumentError("persistent_workers option needs num_workers > 0");
  }
  if (dataset instanceof IterableDataset) {
    const refused = [
      ["shuffle", shuffle ? "True" : null],
      ["sampler", sampler],
      ["batch_sampler", batchSampler],
    ] as const;
    for (const [name, value] of refused) {
      if (value === null) continue;
      const shown = typeof value === "string" ? value : kindOf(value);
      throw new ArgumentError(
        `DataLoader with IterableDataset: expected unspecified ${name} option, but got ${name}=${shown}`,
      );
    }
  }
  if (sampler !== null && shuffle) throw new ArgumentError("sampler option is mutually exclusive with shuffle");
  if (batchSampler !== null) {
    if (batchSize !== 1 || shuffle || sampler !== null || dropLast) {
      throw new ArgumentError(
        "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last",
      );
    }
  } else if (batchSize === null) {
    if (dropLast) {
      throw new ArgumentError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last");
    }
  } else checkPositive("batch_size", batchSize);
}
