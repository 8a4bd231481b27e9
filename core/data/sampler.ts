// Which indices come next. Every draw is PyTorch's, so that the same seed gives the same order.

import { ArgumentError } from "../errors";
import { type Arguments, type Named, read } from "../arguments/arguments";
import { empty as newTensor, tensor } from "../ops/create/create";
import { randint, randperm } from "../ops/random/random";
import { multinomial } from "../ops/random/sample";
import { Generator } from "../random/generator";
import { float64, int64 } from "../tensor/dtype";
import type { Tensor } from "../tensor/tensor";
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
  constructor(
    /** What is sampled from. */
    readonly dataSource: Sized,
  ) {
    super();
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
  /** Whether an index may come twice in a pass. */
  readonly replacement: boolean;
  /** The stream to draw from, or null for one seeded at every pass. */
  readonly generator: Generator | null;
  private readonly asked: number | null;

  constructor(
    /** What is sampled from. */
    readonly dataSource: Sized,
    ...args: Arguments<
      [replacement?: boolean, numSamples?: number | null, generator?: Generator | null],
      RandomSamplerOptions
    >
  ) {
    super();
    const given = read<RandomSamplerOptions>("RandomSampler", args, ["replacement", "numSamples", "generator"]);
    this.replacement = given.replacement ?? false;
    this.generator = given.generator ?? null;
    this.asked = given.numSamples ?? null;
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
    for (let left = numSamples; left >= n; left -= n) yield* numbersOf(randperm(n, { generator }));
    // PyTorch draws this permutation even when nothing of it is used.
    yield* numbersOf(randperm(n, { generator })).subarray(0, numSamples % n);
  }
}

/** What takes a stream of random numbers by name. */
export interface GeneratorOption {
  /** The stream to draw from; default the default generator. */
  generator?: Generator | null;
}

/** The given indices in random order. Option: `generator`. Source: torch.utils.data.SubsetRandomSampler. */
export class SubsetRandomSampler extends Sampler {
  /** The stream to draw from, or null for the default one. */
  readonly generator: Generator | null;

  constructor(
    /** The indices to order. */
    readonly indices: readonly number[],
    ...args: Arguments<[generator?: Generator | null], GeneratorOption>
  ) {
    super();
    this.generator = read<GeneratorOption>("SubsetRandomSampler", args, ["generator"]).generator ?? null;
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
  ) {
    super();
    const order = ["numSamples", "replacement", "generator"] as const;
    const given = read<WeightedRandomSamplerOptions>("WeightedRandomSampler", args, order, [], 1);
    const { numSamples = 0 } = given;
    checkPositive("num_samples", numSamples);
    this.numSamples = numSamples;
    this.weights = Array.isArray(weights) ? tensor(weights, { dtype: float64 }) : (weights as Tensor).to(float64);
    this.replacement = given.replacement ?? true;
    this.generator = given.generator ?? null;
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
  /** Indices per batch. */
  readonly batchSize: number;
  /** Whether a shorter batch at the end is left out. */
  readonly dropLast: boolean;

  /** Throws ArgumentError unless `batchSize` is a positive whole number. */
  constructor(sampler: IndexOrder, ...args: BatchSamplerArguments);
  constructor(sampler: IndexOrder, options: Named<BatchSamplerOptions, "batchSize" | "dropLast">);
  constructor(
    /** The order of single indices. */
    readonly sampler: IndexOrder,
    ...args: BatchSamplerArguments | [BatchSamplerOptions]
  ) {
    super();
    const given = read<BatchSamplerOptions>("BatchSampler", args, ["batchSize", "dropLast"], [], 2);
    const { batchSize = 0, dropLast = false } = given;
    checkPositive("batch_size", batchSize);
    if (typeof dropLast !== "boolean") {
      throw new ArgumentError(`drop_last should be a boolean value, but got drop_last=${String(dropLast)}`);
    }
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
