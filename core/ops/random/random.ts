// New tensors of random numbers. Values are PyTorch's for the same seed.

import { call } from "../../dispatch";
import { ArgumentError, CressetError } from "../../errors";
import { type Generator, stateOf } from "../../random/generator";
import { type DType, getDefaultDtype, int64 } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { broadcastPair } from "../../tensor/shape";
import { empty, Tensor } from "../../tensor/tensor";
import { isOptions } from "../../arguments/arguments";
import { checkSizes, type CreateOptions, finishCreate, readCreate, readSizeArguments } from "../create/create";
import { type GeneratorOption, normal_, random_, uniform_ } from "./random-inplace";

/** What every random creation function takes by name. */
export interface RandomCreateOptions extends CreateOptions, GeneratorOption {}

/** Sizes as numbers or one array, then options. */
export type RandomSizeArguments =
  | [sizes: readonly number[], options?: RandomCreateOptions]
  | [...sizes: number[]]
  | [...sizes: number[], options: RandomCreateOptions];

interface Split {
  generator: Generator | null | undefined;
  rest: unknown[];
}

/** Takes the generator out of trailing options. */
function splitGenerator(args: readonly unknown[]): Split {
  const last = args[args.length - 1];
  if (!isOptions(last) || !("generator" in last)) return { generator: undefined, rest: [...args] };
  const { generator, ...options } = last;
  return { generator: generator as Generator | null | undefined, rest: [...args.slice(0, -1), options] };
}

function filled(name: string, fill: (out: Tensor, options: GeneratorOption) => Tensor) {
  return (...args: RandomSizeArguments): Tensor => {
    const { generator, rest } = splitGenerator(args);
    const { sizes, options } = readSizeArguments(name, rest);
    return finishCreate(fill(empty(sizes, options.dtype ?? getDefaultDtype()), { generator }), options);
  };
}

/** Uniform in [0, 1). Sizes, then options `dtype` (default float), `generator`, `requiresGrad`. Source: torch.rand. */
export const rand = filled("rand", (out, options) => uniform_(out, options));
/** Standard normal. Sizes, then options `dtype` (default float), `generator`, `requiresGrad`. Source: torch.randn. */
export const randn = filled("randn", (out, options) => normal_(out, options));

function like(name: string, fill: (out: Tensor, options: GeneratorOption) => Tensor) {
  return (input: Tensor, options?: RandomCreateOptions): Tensor => {
    const { generator, rest } = splitGenerator(options === undefined ? [] : [options]);
    const given = readCreate(name, rest[0] as object | undefined);
    const out = fill(emptyPreserving(input, given.dtype ?? input.dtype), { generator });
    return finishCreate(out, { ...given, device: given.device ?? input.device });
  };
}

/** Uniform in [0, 1) in the shape and dtype of another. Source: torch.rand_like. */
export const randLike = like("randLike", (out, options) => uniform_(out, options));
/** Standard normal in the shape and dtype of another. Source: torch.randn_like. */
export const randnLike = like("randnLike", (out, options) => normal_(out, options));

interface IntegerOptions extends RandomCreateOptions {
  low?: number | bigint;
  high?: number | bigint;
  size?: readonly number[];
}

type IntegerArguments =
  | [high: number | bigint, size: readonly number[], options?: IntegerOptions]
  | [low: number | bigint, high: number | bigint, size: readonly number[], options?: IntegerOptions]
  | [high: number | bigint, options: IntegerOptions]
  | [low: number | bigint, high: number | bigint, options: IntegerOptions]
  | [options: IntegerOptions];

interface Integers {
  low: number | bigint;
  high: number | bigint;
  options: IntegerOptions;
}

/** Bounds given as `high`, or `low, high`, or by name. */
function readIntegers(call: string, bounds: readonly unknown[], options: IntegerOptions): Integers {
  const numbers = bounds.filter(
    (value): value is number | bigint => typeof value === "number" || typeof value === "bigint",
  );
  if (numbers.length !== bounds.length || numbers.length > 2) {
    throw new ArgumentError(`${call}() received an invalid combination of arguments`);
  }
  const positionalLow = numbers.length === 2 || (numbers.length === 1 && options.high !== undefined);
  const low = options.low ?? (positionalLow ? numbers[0] : 0);
  const high = options.high ?? numbers[numbers.length - 1];
  if (high === undefined) throw new ArgumentError(`${call}() missing 1 required positional arguments: "high"`);
  return { low, high, options };
}

function integers(
  sizes: readonly number[],
  dtype: DType,
  { low, high }: Integers,
  generator: Generator | null | undefined,
): Tensor {
  return random_(empty(checkSizes(sizes), dtype), low, high, { generator });
}

/**
 * Whole numbers in [low, high): `randint(high, size)` or `randint(low, high, size)`. Options: `dtype` (int64), `generator`,
 * `requiresGrad`. Source: torch.randint.
 */
export function randint(...args: IntegerArguments): Tensor {
  const { generator, rest } = splitGenerator(args);
  const last = rest[rest.length - 1];
  const options: IntegerOptions = isOptions(last) ? last : {};
  const given = readCreate("randint", options, ["low", "high", "size"]);
  const positional = isOptions(last) || last === undefined ? rest.slice(0, -1) : rest;
  const shaped = positional.length > 0 && Array.isArray(positional[positional.length - 1]);
  const size = shaped ? (positional[positional.length - 1] as number[]) : options.size;
  if (size === undefined) throw new ArgumentError('randint() missing 1 required positional arguments: "size"');
  const found = readIntegers("randint", shaped ? positional.slice(0, -1) : positional, options);
  return finishCreate(integers(size, given.dtype ?? int64, found, generator), given);
}

/** Whole numbers in [low, high) in the shape and dtype of another: `randintLike(x, high)` or `randintLike(x, low, high)`. Source: torch.randint_like. */
export function randintLike(input: Tensor, ...args: (number | bigint | IntegerOptions | undefined)[]): Tensor {
  const { generator, rest } = splitGenerator(args);
  const last = rest[rest.length - 1];
  const options: IntegerOptions = isOptions(last) ? last : {};
  const given = readCreate("randintLike", options, ["low", "high"]);
  const found = readIntegers("randintLike", isOptions(last) || last === undefined ? rest.slice(0, -1) : rest, options);
  const out = integers(input.sizes, given.dtype ?? input.dtype, found, generator);
  return finishCreate(out, { ...given, device: given.device ?? input.device });
}

/** The numbers from 0 to n − 1 in random order. Options: `dtype` (int64), `generator`. Source: torch.randperm. */
export function randperm(n: number, options?: RandomCreateOptions): Tensor {
  const { generator, rest } = splitGenerator(options === undefined ? [] : [options]);
  const given = readCreate("randperm", rest[0] as object | undefined);
  if (!Number.isInteger(n))
    throw new ArgumentError(`randperm(): argument 'n' (position 1) must be int, not ${typeof n}`);
  if (n < 0) throw new CressetError(`n must be non-negative, got${n}`);
  const out = empty([n], given.dtype ?? int64);
  if (n > 0) call("randomPermutation", [stateOf(generator), out]);
  return finishCreate(out, given);
}

interface NormalOptions extends RandomCreateOptions {
  mean?: number | Tensor;
  std?: number | Tensor;
  size?: readonly number[];
}

type NormalArguments = [
  mean: number | Tensor | NormalOptions,
  std?: number | Tensor | NormalOptions,
  size?: readonly number[] | NormalOptions,
  options?: NormalOptions,
];

/**
 * Normal numbers: with `mean` and `std` numbers in a given `size`; with either a tensor, one draw per element of both broadcast
 * together. Options: `generator`, and `dtype` for two numbers. Throws for a negative `std`. Source: torch.normal.
 */
export function normal(...args: NormalArguments): Tensor {
  const { generator, rest } = splitGenerator(args);
  const last = rest[rest.length - 1];
  const options: NormalOptions = isOptions(last) ? last : {};
  const given = readCreate("normal", options, ["mean", "std", "size"]);
  const positional = isOptions(last) ? rest.slice(0, -1) : rest;
  const mean = (positional[0] as number | Tensor | undefined) ?? options.mean ?? 0;
  const std = (positional[1] as number | Tensor | undefined) ?? options.std ?? 1;
  const size = (positional[2] as readonly number[] | undefined) ?? options.size;
  if (!(mean instanceof Tensor) && !(std instanceof Tensor)) {
    if (size === undefined) throw new ArgumentError('normal() missing 1 required positional arguments: "size"');
    const out = empty(checkSizes(size), given.dtype ?? getDefaultDtype());
    return finishCreate(normal_(out, mean, std, { generator }), given);
  }
  if (std instanceof Tensor && std.numel() > 0 && std.detach().lt(0).any().item()) {
    throw new CressetError("normal expects all elements of std >= 0.0");
  }
  const shape = broadcastPair(mean instanceof Tensor ? mean.sizes : [], std instanceof Tensor ? std.sizes : []);
  const dtype = mean instanceof Tensor ? mean.dtype : (std as Tensor).dtype;
  const out = normal_(empty(shape, dtype), 0, std instanceof Tensor ? 1 : std, { generator });
  const scaled = std instanceof Tensor ? out.mul(std.detach()) : out;
  return scaled.add(mean instanceof Tensor ? mean.detach() : mean);
}
