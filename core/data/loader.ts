// DataLoader: batches of a data set, in order or shuffled with PyTorch's streams, made in this thread or by workers.

import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ArgumentError } from "../errors";
import { empty } from "../ops/create/create";
import { pinMemory } from "../ops/shared/query";
import type { Generator } from "../random/generator";
import { warn } from "../warnings";
import type { Collated, Converted, NumberDtypes } from "./collate";
import { type DataSource, isStream, lengthOf, type Sized } from "./dataset";
import { Fetcher, type Loading, type Uncollated } from "./fetch";
import { kindOf } from "./kind";
import { BatchSampler, checkPositive, drawSeed, RandomSampler, SequentialSampler } from "./sampler";
import { asyncBatchesOf, batchesOf, freeWith, Pass, Team } from "./workers/pass";

/** An order of indices; a sampler, an array, any iterable. */
export type Order<T = number> = Iterable<T> & { readonly length?: number };

type AnyLoading = Loading<unknown, number | null, unknown>;

/** What a DataLoader takes by name. */
export interface DataLoaderOptions<T, S extends number | null = number, B = unknown> {
  /** Items per batch, default 1; null gives items one by one, as `defaultConvert` makes them. */
  batchSize?: S;
  /** A new random order at every pass. Default false. */
  shuffle?: boolean | null;
  /** The order of indices, instead of `shuffle`. */
  sampler?: Order | null;
  /** The order of batches of indices, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: Order<readonly number[]> | null;
  /** How many threads make batches beside this one, each with a copy of the data set and a random stream of its own. Default 0: none. */
  numWorkers?: number;
  /** Makes one value of a batch's items. Default `defaultCollate`. */
  collateFn?: ((items: Uncollated<T, S>) => B) | null;
  /** Puts batches into page-locked memory, from which a GPU copies faster. Without CUDA no effect, as in PyTorch. */
  pinMemory?: boolean;
  /** Whether a last batch that is not full is left out. Default false. */
  dropLast?: boolean;
  /** Seconds to wait for a batch of the workers before CressetError is thrown. Default 0: without end. */
  timeout?: number;
  /** Called in each worker with its number, before its first batch. */
  workerInitFn?: ((id: number) => void) | null;
  /** "fork", "spawn" or "forkserver", which say how PyTorch starts processes. No effect: workers are threads. */
  multiprocessingContext?: string | null;
  /** How many batches each worker makes ahead. Default 2. */
  prefetchFactor?: number | null;
  /** Whether workers, with their random streams and data sets, go on from one pass to the next. Default false. */
  persistentWorkers?: boolean;
  /** The device for whose copies `pinMemory` is; default CUDA. A pass over the loader throws DeviceError: there is none. */
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
  multiprocessingContext?: string | null,
  generator?: Generator | null,
];

/**
 * Batches of a data set: `for (const [x, y] of new DataLoader(data, { batchSize: 64, shuffle: true }))`. Every pass is a new one.
 * Items are collated by `collateFn`; without it tensors are stacked and numbers become tensors (`defaultCollate`).
 * Throws ArgumentError for options that exclude each other. Source: torch.utils.data.DataLoader.
 */
export class DataLoader<
  T,
  S extends number | null = number,
  B = S extends null ? Converted<Awaited<T>> : Collated<Awaited<T>>,
  D extends DataSource<T> = DataSource<T>,
> implements Iterable<B>, AsyncIterable<B>
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
  /** Whether batches shall come in page-locked memory, where there is CUDA. */
  readonly pinMemory: boolean;
  /** The device that the page-locked memory is for; empty: CUDA. */
  readonly pinMemoryDevice: string;
  private readonly collateFn: ((items: Uncollated<T, S>) => B) | null;
  private readonly workerInitFn: ((id: number) => void) | null;
  private readonly persistentWorkers: boolean;
  private readonly dtypes: NumberDtypes = new Map();
  private readonly prefetchFactor: number;
  private readonly timeout: number;
  /** The workers that go on from pass to pass. */
  private team: Team | null = null;

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
    this.pinMemory = given.pinMemory;
    this.pinMemoryDevice = given.pinMemoryDevice;
    this.collateFn = given.collateFn;
    this.workerInitFn = given.workerInitFn;
    this.persistentWorkers = given.persistentWorkers;
    this.dropLast = given.dropLast;
    this.prefetchFactor = given.prefetchFactor ?? 2;
    this.timeout = given.timeout;
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
    if (!isStream<T>(this.dataset)) return lengthOf((this.batchSampler ?? this.sampler) as Sized);
    const count = lengthOf(this.dataset) / (this.batchSize ?? 1);
    return this.dropLast ? Math.floor(count) : Math.ceil(count);
  }

  /** A new pass. The base seed of the workers is drawn now, also when there are none, and workers begin. */
  [Symbol.iterator](): IterableIterator<B> {
    this.checkPinning();
    if (this.numWorkers > 0) return this.withWorkers(batchesOf);
    drawSeed(this.generator);
    return this.batches();
  }

  /** A new pass for `for await`: while workers make the next batch, or its items are promises, other code runs. */
  [Symbol.asyncIterator](): AsyncIterableIterator<B> {
    this.checkPinning();
    if (this.numWorkers > 0) return this.withWorkers(asyncBatchesOf);
    drawSeed(this.generator);
    return this.asyncBatches();
  }

  /** Throws DeviceError where memory is to be pinned for a device that is not there. */
  private checkPinning(): void {
    if (this.pinMemoryDevice === "") return;
    if (this.pinMemory) pinMemory(empty(0), this.pinMemoryDevice);
    warn(
      "pin memory device is set and pin_memory flag is not used then device pinned memory won't be used" +
        "please set pin_memory to true, if you need to use the device pin memory",
    );
  }

  private withWorkers<I>(iterate: (pass: Pass<B>, team: Team, keepsTeam: boolean) => I): I {
    if (this.team?.isAlive === false) this.team = null;
    this.team?.resume();
    const team = this.team ?? this.newTeam();
    const { prefetchFactor, timeout } = this;
    const pass = new Pass<B>({ team, order: this.batchSampler ?? this.sampler, prefetchFactor, timeout });
    return iterate(pass, team, this.persistentWorkers);
  }

  private newTeam(): Team {
    const { numWorkers, workerInitFn: init } = this;
    const seed = drawSeed(this.generator);
    const team = new Team({ loading: this.loading as AnyLoading, init, numWorkers, seed });
    if (this.persistentWorkers) {
      this.team = team;
      freeWith(this, team);
    }
    return team;
  }

  private get loading(): Loading<T, S, B> {
    const { dataset, collateFn, dropLast } = this;
    return { dataset, collateFn, dropLast };
  }

  /** A new pass with the number of each batch: `for (const [i, [x, y]] of loader.entries())` (Python: `enumerate(loader)`). */
  *entries(): IterableIterator<[number, B]> {
    let index = 0;
    for (const batch of this) yield [index++, batch];
  }

  private defaultOrder(shuffle: boolean): Order {
    if (isStream<T>(this.dataset)) return endless;
    return shuffle
      ? new RandomSampler(this.dataset, { generator: this.generator })
      : new SequentialSampler(this.dataset);
  }

  private *batches(): IterableIterator<B> {
    const fetcher = new Fetcher(this.loading, this.dtypes);
    for (const indices of this.batchSampler ?? this.sampler) {
      const { done, value } = fetcher.fetch(indices);
      if (value !== null) yield value.batch;
      if (done) return;
    }
  }

  private async *asyncBatches(): AsyncIterableIterator<B> {
    const fetcher = new Fetcher(this.loading, this.dtypes);
    for (const indices of this.batchSampler ?? this.sampler) {
      const { done, value } = await fetcher.fetchAsync(indices);
      if (value !== null) yield value.batch;
      if (done) return;
    }
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
  checkContext(given.multiprocessingContext, numWorkers);
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
  if (isStream(dataset as DataSource<T>)) {
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

/** Throws ArgumentError, in PyTorch's words, for a way of starting processes that there is not. */
function checkContext(context: unknown, numWorkers: number): void {
  if (context === null) return;
  if (numWorkers === 0) {
    throw new ArgumentError(
      `multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got num_workers=${numWorkers}`,
    );
  }
  const known = ["fork", "forkserver", "spawn"];
  if (typeof context === "string" && known.includes(context)) return;
  const shown = typeof context === "string" ? `'${context}'` : kindOf(context);
  throw new ArgumentError(
    `multiprocessing_context option should specify a valid start method in ['fork', 'spawn', 'forkserver'], but got multiprocessing_context=${shown}; it has no effect here, where workers are threads`,
  );
}
