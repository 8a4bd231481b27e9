// New tensors of random numbers. Values are PyTorch's for the same seed.

import { call } from "../../dispatch";
import { CressetError } from "../../errors";
import { type Generator, stateOf } from "../../random/generator";
import { getDefaultDtype, int64 } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { broadcastPair } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { overloaded, signed } from "../../arguments/signed";
import { CREATE, checkSizes, type Created, type CreateOptions, createOptions, finishCreate } from "../create/create";
import { type GeneratorOption, normal_, random_, uniform_, type Whole } from "./random-inplace";

/** What every random creation function takes by name. */
export interface RandomCreateOptions extends CreateOptions, GeneratorOption {}

/** `RandomCreateOptions` as signatures have them. */
const RANDOM = `Generator? generator=None, ${CREATE}` as const;

/** The values of `RandomCreateOptions` in order. */
type RandomCreated = [generator?: Generator | null, ...created: Created];

type Fill = (out: Tensor, options: GeneratorOption) => Tensor;

function filled(fill: Fill) {
  return (size: readonly number[], ...[generator, ...created]: RandomCreated): Tensor => {
    const options = createOptions(created);
    const out = empty(checkSizes(size), options.dtype ?? getDefaultDtype());
    return finishCreate(fill(out, { generator }), options);
  };
}

/** Uniform in [0, 1). Sizes, then options `dtype` (default float), `generator`, `requiresGrad`. Source: torch.rand. */
export const rand = signed(`rand(int[]... size, *, ${RANDOM})`, filled(uniform_));
/** Standard normal. Sizes, then options `dtype` (default float), `generator`, `requiresGrad`. Source: torch.randn. */
export const randn = signed(`randn(int[]... size, *, ${RANDOM})`, filled(normal_));

function like(fill: Fill) {
  return (input: Tensor, ...[generator, ...created]: RandomCreated): Tensor => {
    const options = createOptions(created);
    const out = fill(emptyPreserving(input, options.dtype ?? input.dtype), { generator });
    return finishCreate(out, { ...options, device: options.device ?? input.device });
  };
}

/** Uniform in [0, 1) in the shape and dtype of another. Options as `rand`. Source: torch.rand_like. */
export const randLike = signed(`randLike(Tensor input, *, ${RANDOM})`, like(uniform_));
/** Standard normal in the shape and dtype of another. Options as `randn`. Source: torch.randn_like. */
export const randnLike = signed(`randnLike(Tensor input, *, ${RANDOM})`, like(normal_));

function integers(low: Whole, high: Whole, size: readonly number[], given: RandomCreated): Tensor {
  const [generator, ...created] = given;
  const options = createOptions(created);
  const out = empty(checkSizes(size), options.dtype ?? int64);
  return finishCreate(random_(out, low, high, { generator }), options);
}

/** The ways to call `randint`. */
interface RandInt {
  (high: Whole, size: readonly number[], options?: RandomCreateOptions): Tensor;
  (low: Whole, high: Whole, size: readonly number[], options?: RandomCreateOptions): Tensor;
  (high: Whole, options: RandomCreateOptions & { size: readonly number[] }): Tensor;
  (low: Whole, options: RandomCreateOptions & { high: Whole; size: readonly number[] }): Tensor;
  (low: Whole, high: Whole, options: RandomCreateOptions & { size: readonly number[] }): Tensor;
  (options: RandomCreateOptions & { low?: Whole; high: Whole; size: readonly number[] }): Tensor;
}

/**
 * Whole numbers in [low, high): `randint(high, size)` or `randint(low, high, size)`. Options: `dtype` (int64), `generator`,
 * `requiresGrad`. Source: torch.randint.
 */
export const randint = overloaded<RandInt>(
  [
    `randint(long high, int[] size, *, ${RANDOM})`,
    (high: Whole, size: readonly number[], ...given: RandomCreated): Tensor => integers(0, high, size, given),
  ],
  [
    `randint(long low, long high, int[] size, *, ${RANDOM})`,
    (low: Whole, high: Whole, size: readonly number[], ...given: RandomCreated): Tensor =>
      integers(low, high, size, given),
  ],
);

function integersLike(input: Tensor, low: Whole, high: Whole, given: RandomCreated): Tensor {
  const [generator, dtype, device, requiresGrad] = given;
  return integers(low, high, input.sizes, [generator, dtype ?? input.dtype, device ?? input.device, requiresGrad]);
}

/** The ways to call `randintLike`. */
interface RandIntLike {
  (input: Tensor, high: Whole, options?: RandomCreateOptions): Tensor;
  (input: Tensor, low: Whole, high: Whole, options?: RandomCreateOptions): Tensor;
  (input: Tensor, low: Whole, options: RandomCreateOptions & { high: Whole }): Tensor;
  (input: Tensor, options: RandomCreateOptions & { low?: Whole; high: Whole }): Tensor;
  (options: RandomCreateOptions & { input: Tensor; low?: Whole; high: Whole }): Tensor;
}

/** Whole numbers in [low, high) in the shape and dtype of another: `randintLike(x, high)` or `randintLike(x, low, high)`. Source: torch.randint_like. */
export const randintLike = overloaded<RandIntLike>(
  [
    `randintLike(Tensor input, long high, *, ${RANDOM})`,
    (input: Tensor, high: Whole, ...given: RandomCreated): Tensor => integersLike(input, 0, high, given),
  ],
  [
    `randintLike(Tensor input, long low, long high, *, ${RANDOM})`,
    (input: Tensor, low: Whole, high: Whole, ...given: RandomCreated): Tensor => integersLike(input, low, high, given),
  ],
);

/** The numbers from 0 to n − 1 in random order. Options: `dtype` (int64), `generator`. Source: torch.randperm. */
export const randperm = signed(`randperm(int n, *, ${RANDOM})`, randpermOf);

function randpermOf(n: number, ...[generator, ...created]: RandomCreated): Tensor {
  const options = createOptions(created);
  if (n < 0) throw new CressetError(`n must be non-negative, got${n}`);
  const out = empty([n], options.dtype ?? int64);
  if (n > 0) call("randomPermutation", [stateOf(generator), out]);
  return finishCreate(out, options);
}

function normalOfNumbers(
  mean: number,
  std: number,
  size: readonly number[],
  ...[generator, ...created]: RandomCreated
): Tensor {
  const options = createOptions(created);
  const out = empty(checkSizes(size), options.dtype ?? getDefaultDtype());
  return finishCreate(normal_(out, mean, std, { generator }), options);
}

function normalOfMeans(mean: Tensor, std = 1, generator: Generator | null = null): Tensor {
  return normal_(empty(mean.sizes, mean.dtype), 0, std, { generator }).add(mean.detach());
}

function normalOfDeviations(mean: number | Tensor, std: Tensor, generator: Generator | null = null): Tensor {
  if (std.numel() > 0 && std.detach().lt(0).any().item()) {
    throw new CressetError("normal expects all elements of std >= 0.0");
  }
  const means = typeof mean === "number" ? null : mean.detach();
  const shape = means === null ? std.sizes : broadcastPair(means.sizes, std.sizes);
  const out = normal_(empty(shape, (means ?? std).dtype), 0, 1, { generator });
  return out.mul(std.detach()).add(means ?? mean);
}

/** The ways to call `normal`. */
interface Normal {
  (
    mean: Tensor,
    std?: number | Tensor | (GeneratorOption & { std?: number | Tensor }),
    options?: GeneratorOption,
  ): Tensor;
  (mean: number, std: Tensor | (GeneratorOption & { std: Tensor }), options?: GeneratorOption): Tensor;
  (mean: number, std: number, size: readonly number[], options?: RandomCreateOptions): Tensor;
  (mean: number, std: number, options: RandomCreateOptions & { size: readonly number[] }): Tensor;
  (mean: number, options: RandomCreateOptions & { std: number; size: readonly number[] }): Tensor;
  (options: RandomCreateOptions & { mean: number; std: number; size: readonly number[] }): Tensor;
  (options: GeneratorOption & { mean: Tensor; std?: number | Tensor }): Tensor;
  (options: GeneratorOption & { mean: number; std: Tensor }): Tensor;
}

/**
 * Normal numbers: with `mean` and `std` numbers in a given `size`; with either a tensor, one draw per element of both broadcast
 * together. Options: `generator`, and `dtype` for two numbers. Throws for a negative `std`. Source: torch.normal.
 */
export const normal = overloaded<Normal>(
  ["normal(Tensor mean, float std=1, *, Generator? generator=None)", normalOfMeans],
  ["normal(float|Tensor mean, Tensor std, *, Generator? generator=None)", normalOfDeviations],
  [`normal(float mean, float std, int[] size, *, ${RANDOM})`, normalOfNumbers],
);
