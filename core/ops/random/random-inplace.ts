// Methods that fill a tensor with random numbers. Values and their order are PyTorch's for the same seed.

import { call } from "../../dispatch";
import { CressetError } from "../../errors";
import { type Generator, halves, stateOf } from "../../random/generator";
import { checkProbabilities } from "../../random/probability";
import { bool, Category, type DType, float16, bfloat16, float32, float64 } from "../../tensor/dtype";
import { expandStrides } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";
import { overloaded, signed } from "../../arguments/signed";
import { withoutOverlap, writtenInPlace } from "../shared/write";
import { zerosAs } from "../../autograd/zeros";
import { requireFloat, requireNotBool } from "../../tensor/dtype-checks";
import type { KernelName } from "../../wire";

/** Where random numbers come from. */
export interface GeneratorOption {
  /** The stream to draw from; the default generator when absent. */
  generator?: Generator | null;
}

/** A whole number as a bound. */
export type Whole = number | bigint;

function fill(
  node: string,
  kernel: KernelName,
  out: Tensor,
  generator: Generator | null,
  floats: readonly number[],
  ints: readonly number[] = [],
  probabilities?: Tensor | null,
): Tensor {
  const state = stateOf(generator);
  return writtenInPlace(out, {
    node,
    operands: [],
    aligned: probabilities ? [probabilities] : [],
    run(target) {
      const operands: (Tensor | null)[] = [state, target];
      if (probabilities !== undefined) operands.push(probabilities && withoutOverlap(probabilities, target));
      if (target._numel > 0) call(kernel, operands, ints, floats);
    },
    backward: ([g]) => [zerosAs(g as Tensor)],
  });
}

/** Uniform in [from, to), default [0, 1). Floats only. Option: `generator`. Source: Tensor.uniform_. */
export const uniform_ = signed(
  "uniform_(Tensor input, float from=0, float to=1, *, Generator? generator=None)",
  uniformInPlace,
);

function uniformInPlace(input: Tensor, from = 0, to = 1, generator: Generator | null = null): Tensor {
  requireFloat("check_uniform_bounds", input.dtype);
  if (from > to) {
    throw new CressetError(`uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`);
  }
  return fill("UniformBackward0", "randomUniform", input, generator, [from, to]);
}

/** Normal with `mean` (0) and `std` (1). Floats only. Option: `generator`. Source: Tensor.normal_. */
export const normal_ = signed(
  "normal_(Tensor input, float mean=0, float std=1, *, Generator? generator=None)",
  normalInPlace,
);

function normalInPlace(input: Tensor, mean = 0, std = 1, generator: Generator | null = null): Tensor {
  if (!(std >= 0)) throw new CressetError(`normal expects std >= 0.0, but found std ${std}`);
  requireFloat("normal_kernel_cpu", input.dtype);
  return fill("NormalBackward0", "randomNormal", input, generator, [mean, std]);
}

/** Normal with `mean` (1) and `std` (2), exponentiated. Floats only. Option: `generator`. Source: Tensor.log_normal_. */
export const logNormal_ = signed(
  "logNormal_(Tensor input, float mean=1, float std=2, *, Generator? generator=None)",
  logNormalInPlace,
);

function logNormalInPlace(input: Tensor, mean = 1, std = 2, generator: Generator | null = null): Tensor {
  if (!(std > 0)) throw new CressetError(`log_normal_ expects std > 0.0, but found std=${std}`);
  requireFloat("log_normal_cpu", input.dtype);
  return fill("LogNormalBackward0", "randomLogNormal", input, generator, [mean, std]);
}

/** Cauchy with `median` (0) and `sigma` (1). Floats only. Option: `generator`. Source: Tensor.cauchy_. */
export const cauchy_ = signed(
  "cauchy_(Tensor input, float median=0, float sigma=1, *, Generator? generator=None)",
  cauchyInPlace,
);

function cauchyInPlace(input: Tensor, median = 0, sigma = 1, generator: Generator | null = null): Tensor {
  if (!(sigma > 0)) throw new CressetError(`cauchy_ expects sigma > 0.0, but found sigma=${sigma}`);
  requireFloat("cauchy_cpu", input.dtype);
  return fill("CauchyBackward0", "randomCauchy", input, generator, [median, sigma]);
}

/** Exponential with rate `lambd` (1). Floats only. Option: `generator`. Source: Tensor.exponential_. */
export const exponential_ = signed(
  "exponential_(Tensor input, float lambd=1, *, Generator? generator=None)",
  exponentialInPlace,
);

function exponentialInPlace(input: Tensor, lambd = 1, generator: Generator | null = null): Tensor {
  if (!(lambd > 0)) throw new CressetError(`exponential_ expects lambda > 0.0, but found lambda=${lambd}`);
  requireFloat("exponential_cpu", input.dtype);
  return fill("ExponentialBackward0", "randomExponential", input, generator, [lambd]);
}

/** The number of trials until the first success with probability `p` in (0, 1). Option: `generator`. Source: Tensor.geometric_. */
export const geometric_ = signed("geometric_(Tensor input, float p, *, Generator? generator=None)", geometricInPlace);

function geometricInPlace(input: Tensor, p: number, generator: Generator | null = null): Tensor {
  if (!(p > 0 && p < 1)) throw new CressetError(`geometric_ expects p to be in (0, 1), but got p=${p}`);
  requireNotBool("geometric_cpu", input.dtype);
  return fill("GeometricBackward0", "randomGeometric", input, generator, [p]);
}

/**
 * 1 with probability `p` (0.5), else 0; `p` may be a float tensor that broadcasts to this one. Option: `generator`.
 * Source: Tensor.bernoulli_.
 */
export const bernoulli_ = signed(
  "bernoulli_(Tensor input, float|Tensor p=0.5, *, Generator? generator=None)",
  bernoulliInPlace,
);

function bernoulliInPlace(input: Tensor, p: number | Tensor = 0.5, generator: Generator | null = null): Tensor {
  if (p instanceof Tensor) {
    checkProbabilities(p);
    const wide = p.detach().expand([...input.sizes]);
    const chances = wide.alias(wide.sizes, expandStrides(wide.sizes, wide.strides, input.sizes), wide.offset);
    return fill("BernoulliBackward1", "randomBernoulli", input, generator, [0], [], chances);
  }
  if (!(p >= 0 && p <= 1)) throw new CressetError(`bernoulli_ expects p to be in [0, 1], but got p=${p}`);
  return fill("BernoulliBackward2", "randomBernoulli", input, generator, [p], [], null);
}

/** The largest whole number up to which a dtype holds all, by its name. */
const EXACT_FLOATS = new Map<DType, bigint>([
  [float16, 2n ** 11n],
  [bfloat16, 2n ** 8n],
  [float32, 2n ** 24n],
  [float64, 2n ** 53n],
]);

/** The whole numbers that a dtype holds. */
function bounds(dtype: DType): [low: bigint, high: bigint] {
  const exact = EXACT_FLOATS.get(dtype);
  if (exact !== undefined) return [-exact, exact];
  if (dtype === bool) return [0n, 1n];
  const bits = BigInt(8 * dtype.itemsize);
  if (dtype.name === "uint8") return [0n, 255n];
  return [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

const C_NAMES: { readonly [name: string]: string } = {
  bool: "bool",
  uint8: "unsigned char",
  int8: "signed char",
  int16: "short",
  int32: "int",
  int64: "long",
};

/** The ways to call `random_`. */
interface RandomInPlace {
  (input: Tensor, options?: GeneratorOption): Tensor;
  (input: Tensor, to: Whole, options?: GeneratorOption): Tensor;
  (input: Tensor, from: Whole, to: Whole | null, options?: GeneratorOption): Tensor;
  (input: Tensor, from: Whole, options: GeneratorOption & { to: Whole | null }): Tensor;
  (input: Tensor, options: GeneratorOption & { from?: Whole; to: Whole | null }): Tensor;
}

/**
 * Whole numbers in [from, to): `random_()` all that the dtype holds exactly from 0, `random_(to)`, `random_(from, to)`; with
 * `to` null up to the largest. Throws CressetError for bounds that the dtype does not hold. Option: `generator`.
 * Source: Tensor.random_.
 */
export const random_ = overloaded<RandomInPlace>(
  [
    "random_(Tensor input, *, Generator? generator=None)",
    (input: Tensor, generator: Generator | null = null): Tensor =>
      fill("RandomBackward2", "randomBits", input, generator, []),
  ],
  [
    "random_(Tensor input, long to, *, Generator? generator=None)",
    (input: Tensor, to: Whole, generator: Generator | null = null): Tensor =>
      integersInPlace("RandomBackward1", input, 0, to, generator),
  ],
  [
    "random_(Tensor input, long from, long? to, *, Generator? generator=None)",
    (input: Tensor, from: Whole, to: Whole | null, generator: Generator | null = null): Tensor =>
      integersInPlace("RandomBackward0", input, from, to, generator),
  ],
);

function integersInPlace(
  node: string,
  input: Tensor,
  first: Whole,
  end: Whole | null,
  generator: Generator | null,
): Tensor {
  const [low, high] = bounds(input.dtype);
  const from = BigInt(first);
  const to = end === null ? high + 1n : BigInt(end);
  if (from >= to) {
    throw new CressetError(`random_ expects 'from' to be less than 'to', but got from=${from} >= to=${to}`);
  }
  if (input.dtype.category !== Category.Float) {
    const name = C_NAMES[input.dtype.name];
    if (from < low || from > high) throw new CressetError(`from is out of bounds for ${name}`);
    if (to - 1n < low || to - 1n > high) throw new CressetError(`to - 1 is out of bounds for ${name}`);
  }
  const ints = [...halves(from), ...halves(to - from)];
  return fill(node, "randomInteger", input, generator, [], ints);
}
