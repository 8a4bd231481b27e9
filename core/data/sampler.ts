// Which indices come next. Every draw is PyTorch's, so that the same seed gives the same order.

import { ArgumentError } from "../errors";
import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { empty as newTensor, tensor } from "../ops/create/create";
import { randint, randperm } from "../ops/random/random";
import { multinomial } from "../ops/random/sample";
import { Generator } from "../random/generator";
import { float64, int64 } from "../tensor/dtype";
import { type PythonValue, pythonText } from "../tensor/python-text";
import { Tensor } from "../tensor/tensor";
import { lengthOf, type Sized } from "./dataset";

/** PyTorch draws with replacement this many at a time. */
const DRAWS = 32;

/** An order of indices (or of batches of them), as `torch.utils.data.Sampler`: every pass is a new iterator. */
export abstract class Sampler<T = number> implements Iterable<T> {
  /** The number of indices (or batches) of a pass. */
  abstract get length(): number;

  /** A new pass. */
  abstract [Symbol.iterator](): Iterator<T>;
}

/** The elements of a 1-d tensor as JavaScript numbers. */
export function numbersOf(x: Tensor): Float64Array {
  return x.to(float64).raw() as Float64Array;
}

/** A 63-bit number for seeding, drawn from a generator or the default one. */
export function drawSeed(generator: Generator | null | undefined): bigint {
  return BigInt(newTensor([], { dtype: int64 }).random_({ generator }).elementAt(0));
}

/** The indices 0, 1, 2, … Source: torch.utils.data.SequentialSampler. */
export class SequentialSampler extends Sampler {
  /** @internal */
  static readonly [signature] = new Signature("def SequentialSampler(any dataSource)");

  /** What is sampled from. */
  readonly dataSource: Sized;

  constructor(dataSource: Sized);
  constructor(options: { dataSource: Sized });
  constructor(...args: unknown[]) {
    super();
    this.dataSource = SequentialSampler[signature].complete<{ dataSource: Sized }>(args).dataSource;
  }

  get length(): number {
    return lengthOf(this.dataSource);
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const { length } = this;
    for (let i = 0; i < length; i++) yield i;
  }
}

/** What RandomSampler takes by name. */
export interface RandomSamplerOptions {
  /** Whether an index may come twice in a pass. Default false. */
  replacement?: boolean;
  /** Indices per pass; default the length of the data source. */
  numSamples?: number | null;
  /** The stream to draw from; default: one seeded from the default generator at every pass. */
  generator?: Generator | null;
}

/** Indices in random order. Throws ArgumentError unless `numSamples` is positive. Source: torch.utils.data.RandomSampler. */
export class RandomSampler extends Sampler {
  /** @internal */
  static readonly [signature] = new Signature(
    "def RandomSampler(any dataSource, value replacement=False, value numSamples=None, Generator? generator=None)",
  );

  /** What is sampled from. */
  readonly dataSource: Sized;
  /** Whether an index may come twice in a pass. */
  readonly replacement: boolean;
  /** The stream to draw from, or null for one seeded at every pass. */
  readonly generator: Generator | null;
  private readonly asked: number | null;

  constructor(
    dataSource: Sized,
    ...args: Arguments<
      [replacement?: boolean, numSamples?: number | null, generator?: Generator | null],
      RandomSamplerOptions
    >
  );
  constructor(options: RandomSamplerOptions & { dataSource: Sized });
  constructor(...args: unknown[]) {
    super();
    const given = RandomSampler[signature].complete<RandomSamplerOptions & { dataSource: Sized }>(args);
    checkBoolean("replacement", given.replacement);
    this.dataSource = given.dataSource;
    this.replacement = given.replacement;
    this.generator = given.generator;
    this.asked = given.numSamples;
    checkPositive("num_samples", this.numSamples);
  }

  /** Indices per pass. */
  get numSamples(): number {
    return this.asked ?? lengthOf(this.dataSource);
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const n = lengthOf(this.dataSource);
    checkPositive("num_samples", n);
    const generator = this.generator ?? new Generator().manualSeed(drawSeed(null));
    const { numSamples } = this;
    if (this.replacement) {
      for (let left = numSamples; left >= 0; left -= DRAWS) {
        yield* numbersOf(randint(n, [Math.min(DRAWS, left)], { generator }));
      }
      return;
    }
    for (let left = numSamples; left >= 0; left -= n) {
      // PyTorch draws the last permutation even when nothing of it is used.
      const order = numbersOf(randperm(n, { generator }));
      const count = Math.min(left, n);
      // Half the time of `yield*`.
      for (let k = 0; k < count; k++) yield order[k];
    }
  }
}

/** What takes a stream of random numbers by name. */
export interface GeneratorOption {
  /** The stream to draw from; default the default generator. */
  generator?: Generator | null;
}

/** The given indices in random order. Option: `generator`. Source: torch.utils.data.SubsetRandomSampler. */
export class SubsetRandomSampler extends Sampler {
  /** @internal */
  static readonly [signature] = new Signature("def SubsetRandomSampler(value indices, Generator? generator=None)");

  /** The indices to order. */
  readonly indices: readonly number[];
  /** The stream to draw from, or null for the default one. */
  readonly generator: Generator | null;

  constructor(indices: readonly number[], ...args: Arguments<[generator?: Generator | null], GeneratorOption>);
  constructor(options: GeneratorOption & { indices: readonly number[] });
  constructor(...args: unknown[]) {
    super();
    type Given = GeneratorOption & { indices: readonly number[] };
    const { indices, generator } = SubsetRandomSampler[signature].complete<Given>(args);
    this.indices = indices;
    this.generator = generator;
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (const i of numbersOf(randperm(this.length, { generator: this.generator }))) yield this.indices[i];
  }
}

/** What WeightedRandomSampler takes by name. */
export interface WeightedRandomSamplerOptions {
  /** Indices per pass. */
  numSamples?: number;
  /** Whether an index may come twice in a pass. Default true. */
  replacement?: boolean;
  /** The stream to draw from; default the default generator. */
  generator?: Generator | null;
}

/**
 * `numSamples` indices, each as probable as its weight says. Throws ArgumentError unless `numSamples` is a positive whole number.
 * Source: torch.utils.data.WeightedRandomSampler.
 */
export class WeightedRandomSampler extends Sampler {
  /** @internal */
  static readonly [signature] = new Signature(
    "def WeightedRandomSampler(value weights, value numSamples, value replacement=True, Generator? generator=None)",
  );

  /** Indices per pass. */
  readonly numSamples: number;
  /** One weight per index (float64). */
  readonly weights: Tensor;
  /** Whether an index may come twice in a pass. */
  readonly replacement: boolean;
  /** The stream to draw from, or null for the default one. */
  readonly generator: Generator | null;

  constructor(
    weights: readonly number[] | Tensor,
    ...args: Arguments<
      [numSamples: number, replacement?: boolean, generator?: Generator | null],
      WeightedRandomSamplerOptions
    >
  );
  constructor(options: WeightedRandomSamplerOptions & { weights: readonly number[] | Tensor; numSamples: number });
  constructor(...args: unknown[]) {
    super();
    type Given = WeightedRandomSamplerOptions & { weights: readonly number[] | Tensor };
    const { weights, numSamples, replacement, generator } = WeightedRandomSampler[signature].complete<Given>(args);
    checkPositive("num_samples", numSamples);
    checkBoolean("replacement", replacement);
    this.numSamples = numSamples;
    this.weights = weights instanceof Tensor ? weights.to(float64) : tensor([...weights], { dtype: float64 });
    this.replacement = replacement;
    this.generator = generator;
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const { weights, numSamples, replacement, generator } = this;
    yield* numbersOf(multinomial(weights, numSamples, replacement, { generator }));
  }
}

interface BatchSamplerOptions {
  batchSize?: number;
  dropLast?: boolean;
}

/** Indices in some order, of which there may be a known number. */
type IndexOrder = Iterable<number> & { readonly length?: number };

type BatchSamplerArguments = Arguments<[batchSize: number, dropLast: boolean], BatchSamplerOptions>;

/** Indices in groups of `batchSize`; with `dropLast` never a shorter one at the end. Source: torch.utils.data.BatchSampler. */
export class BatchSampler extends Sampler<number[]> {
  /** @internal */
  static readonly [signature] = new Signature("def BatchSampler(any sampler, value batchSize, value dropLast)");

  /** The order of single indices. */
  readonly sampler: IndexOrder;
  /** Indices per batch. */
  readonly batchSize: number;
  /** Whether a shorter batch at the end is left out. */
  readonly dropLast: boolean;

  /** Throws ArgumentError unless `batchSize` is a positive whole number. */
  constructor(sampler: IndexOrder, ...args: BatchSamplerArguments);
  constructor(sampler: IndexOrder, options: Required<BatchSamplerOptions>);
  constructor(options: Required<BatchSamplerOptions> & { sampler: IndexOrder });
  constructor(...args: unknown[]) {
    super();
    type Given = BatchSamplerOptions & { sampler: IndexOrder };
    const { sampler, batchSize, dropLast } = BatchSampler[signature].complete<Given>(args);
    checkPositive("batch_size", batchSize);
    checkBoolean("drop_last", dropLast);
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  get length(): number {
    const count = lengthOf(this.sampler as Sized) / this.batchSize;
    return this.dropLast ? Math.floor(count) : Math.ceil(count);
  }

  *[Symbol.iterator](): IterableIterator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

/** Throws ArgumentError, in PyTorch's words, for a count that is no positive whole number. */
export function checkPositive(name: string, value: unknown): void {
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return;
  throw new ArgumentError(`${name} should be a positive integer value, but got ${name}=${String(value)}`);
}

/** Throws ArgumentError, in PyTorch's words, for a switch that is neither true nor false. */
function checkBoolean(name: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new ArgumentError(`${name} should be a boolean value, but got ${name}=${pythonText(value as PythonValue)}`);
}
