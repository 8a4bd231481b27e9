// Methods that fill a tensor with random numbers. Values and their order are PyTorch's for the same seed.

import { call } from "../../dispatch";
import { ArgumentError, CressetError } from "../../errors";
import { type Generator, halves, stateOf } from "../../random/generator";
import { checkProbabilities } from "../../random/probability";
import { bool, Category, type DType, float16, bfloat16, float32, float64 } from "../../tensor/dtype";
import { expandStrides } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";
import { type Arguments, read } from "../../arguments/arguments";
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
type Whole = number | bigint;

function fill(
  node: string,
  kernel: KernelName,
  out: Tensor,
  generator: Generator | null | undefined,
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

interface UniformOptions extends GeneratorOption {
  from?: number;
  to?: number;
}

/** Uniform in [from, to), default [0, 1). Floats only. Option: `generator`. Source: Tensor.uniform_. */
export function uniform_(input: Tensor, ...args: Arguments<[from?: number, to?: number], UniformOptions>): Tensor {
  const { from = 0, to = 1, generator } = read<UniformOptions>("uniform_", args, ["from", "to"], ["generator"]);
  requireFloat("check_uniform_bounds", input.dtype);
  if (from > to) {
    throw new CressetError(`uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`);
  }
  return fill("UniformBackward0", "randomUniform", input, generator, [from, to]);
}

interface NormalOptions extends GeneratorOption {
  mean?: number;
  std?: number;
}

/** Normal with `mean` (0) and `std` (1). Floats only. Option: `generator`. Source: Tensor.normal_. */
export function normal_(input: Tensor, ...args: Arguments<[mean?: number, std?: number], NormalOptions>): Tensor {
  const { mean = 0, std = 1, generator } = read<NormalOptions>("normal_", args, ["mean", "std"], ["generator"]);
  if (!(std >= 0)) throw new CressetError(`normal expects std >= 0.0, but found std ${std}`);
  requireFloat("normal_kernel_cpu", input.dtype);
  return fill("NormalBackward0", "randomNormal", input, generator, [mean, std]);
}

/** Normal with `mean` (1) and `std` (2), exponentiated. Floats only. Option: `generator`. Source: Tensor.log_normal_. */
export function logNormal_(input: Tensor, ...args: Arguments<[mean?: number, std?: number], NormalOptions>): Tensor {
  const { mean = 1, std = 2, generator } = read<NormalOptions>("log_normal_", args, ["mean", "std"], ["generator"]);
  if (!(std > 0)) throw new CressetError(`log_normal_ expects std > 0.0, but found std=${std}`);
  requireFloat("log_normal_cpu", input.dtype);
  return fill("LogNormalBackward0", "randomLogNormal", input, generator, [mean, std]);
}

interface CauchyOptions extends GeneratorOption {
  median?: number;
  sigma?: number;
}

/** Cauchy with `median` (0) and `sigma` (1). Floats only. Option: `generator`. Source: Tensor.cauchy_. */
export function cauchy_(input: Tensor, ...args: Arguments<[median?: number, sigma?: number], CauchyOptions>): Tensor {
  const { median = 0, sigma = 1, generator } = read<CauchyOptions>("cauchy_", args, ["median", "sigma"], ["generator"]);
  if (!(sigma > 0)) throw new CressetError(`cauchy_ expects sigma > 0.0, but found sigma=${sigma}`);
  requireFloat("cauchy_cpu", input.dtype);
  return fill("CauchyBackward0", "randomCauchy", input, generator, [median, sigma]);
}

interface ExponentialOptions extends GeneratorOption {
  lambd?: number;
}

/** Exponential with rate `lambd` (1). Floats only. Option: `generator`. Source: Tensor.exponential_. */
export function exponential_(input: Tensor, ...args: Arguments<[lambd?: number], ExponentialOptions>): Tensor {
  const { lambd = 1, generator } = read<ExponentialOptions>("exponential_", args, ["lambd"], ["generator"]);
  if (!(lambd > 0)) throw new CressetError(`exponential_ expects lambda > 0.0, but found lambda=${lambd}`);
  requireFloat("exponential_cpu", input.dtype);
  return fill("ExponentialBackward0", "randomExponential", input, generator, [lambd]);
}

interface ProbabilityOptions<P> extends GeneratorOption {
  p?: P;
}

/** The number of trials until the first success with probability `p` in (0, 1). Option: `generator`. Source: Tensor.geometric_. */
export function geometric_(input: Tensor, ...args: Arguments<[p: number], ProbabilityOptions<number>>): Tensor {
  const { p = Number.NaN, generator } = read<ProbabilityOptions<number>>("geometric_", args, ["p"], ["generator"]);
  if (!(p > 0 && p < 1)) throw new CressetError(`geometric_ expects p to be in (0, 1), but got p=${p}`);
  requireNotBool("geometric_cpu", input.dtype);
  return fill("GeometricBackward0", "randomGeometric", input, generator, [p]);
}

/**
 * 1 with probability `p` (0.5), else 0; `p` may be a float tensor that broadcasts to this one. Option: `generator`.
 * Source: Tensor.bernoulli_.
 */
export function bernoulli_(
  input: Tensor,
  ...args: Arguments<[p?: number | Tensor], ProbabilityOptions<number | Tensor>>
): Tensor {
  const { p = 0.5, generator } = read<ProbabilityOptions<number | Tensor>>("bernoulli_", args, ["p"], ["generator"]);
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

function wholeBound(name: string, value: unknown): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  throw new ArgumentError(
    `random_(): argument '${name}' must be int, not ${typeof value === "number" ? "float" : typeof value}`,
  );
}

interface RandomOptions extends GeneratorOption {
  from?: Whole;
  to?: Whole | null;
}

/**
 * Whole numbers in [from, to): `random_()` all that the dtype holds exactly from 0, `random_(to)`, `random_(from, to)`; with
 * `to` null up to the largest. Throws CressetError for bounds that the dtype does not hold. Option: `generator`.
 * Source: Tensor.random_.
 */
export function random_(input: Tensor, ...args: Arguments<[from?: Whole, to?: Whole | null], RandomOptions>): Tensor {
  const given = read<RandomOptions>("random_", args, ["from", "to"], ["generator"]);
  const { generator } = given;
  if (given.from === undefined && (given.to === undefined || given.to === null)) {
    return fill("RandomBackward2", "randomBits", input, generator, []);
  }
  const single = given.to === undefined;
  const from = single ? 0n : wholeBound("from", given.from ?? 0);
  const [low, high] = bounds(input.dtype);
  const end = single ? given.from : given.to;
  const to = end === null ? high + 1n : wholeBound("to", end);
  if (from >= to) {
    throw new CressetError(`random_ expects 'from' to be less than 'to', but got from=${from} >= to=${to}`);
  }
  if (input.dtype.category !== Category.Float) {
    const name = C_NAMES[input.dtype.name];
    if (from < low || from > high) throw new CressetError(`from is out of bounds for ${name}`);
    if (to - 1n < low || to - 1n > high) throw new CressetError(`to - 1 is out of bounds for ${name}`);
  }
  const ints = [...halves(from), ...halves(to - from)];
  return fill(single ? "RandomBackward1" : "RandomBackward0", "randomInteger", input, generator, [], ints);
}
