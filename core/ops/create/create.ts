// New tensors from numbers, nested arrays, typed arrays and ranges.

import { call, copyOf, fillWith } from "../../dispatch";
import { ArgumentError, AutogradError, CressetError, DTypeError, ShapeError } from "../../errors";
import { type Device, device, meta, requireDevice } from "../../tensor/device";
import * as dt from "../../tensor/dtype";
import type { DType, Scalar, TypedArray } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { numelOf, text } from "../../tensor/shape";
import { adopt } from "../../tensor/storage";
import { empty as allocateEmpty, emptyMeta, Tensor } from "../../tensor/tensor";
import { requireNotBool } from "../../tensor/dtype-checks";
import { type Arguments, isOptions, read, readSizes } from "../../arguments/arguments";
import { dtypeOf, isTypedArray, parse, store, type TensorData, write } from "./nested-data";

export type { TensorData } from "./nested-data";

/** What every creation function takes by name. */
export interface CreateOptions {
  /** The dtype of the elements. */
  dtype?: DType | null;
  /** Where the tensor lives; default the CPU. */
  device?: Device | string | null;
  /** Whether operations on it are recorded. Default false. */
  requiresGrad?: boolean;
}

const CREATE = ["dtype", "device", "requiresGrad"] as const;

/** Creation options with every check made; unknown names are refused. */
export function readCreate(call: string, options: object | undefined, extra: readonly string[] = []): CreateOptions {
  if (options === undefined) return {};
  for (const name of Object.keys(options)) {
    if (!(CREATE as readonly string[]).includes(name) && !extra.includes(name)) {
      throw new ArgumentError(`${call}() got an unexpected keyword argument '${name}'`);
    }
  }
  const given = options as CreateOptions;
  if (given.dtype !== undefined && given.dtype !== null && !(given.dtype instanceof dt.DType)) {
    throw new ArgumentError(`${call}(): argument 'dtype' must be torch.dtype, not ${typeof given.dtype}`);
  }
  if (given.device !== undefined && given.device !== null) requireDevice(given.device);
  return given;
}

function isMeta(place: Device | string | null | undefined): boolean {
  return place !== undefined && place !== null && device(place).type === "meta";
}

/** A new tensor marked as asked, or one without elements in its place for the meta device. */
export function finishCreate(made: Tensor, options: CreateOptions): Tensor {
  const out = isMeta(options.device) && made.device !== meta ? emptyMeta(made.sizes, made.dtype) : made;
  if (options.requiresGrad) {
    if (!out.dtype.isFloatingPoint) {
      throw new AutogradError("Only Tensors of floating point and complex dtype can require gradients");
    }
    out.requiresGrad = true;
  }
  return out;
}

/** Throws for a shape with negative sizes, in PyTorch's words. */
export function checkSizes(sizes: readonly number[]): readonly number[] {
  for (const n of sizes) {
    if (n < 0) throw new ShapeError(`Trying to create tensor with negative dimension ${n}: ${text(sizes)}`);
  }
  if (numelOf(sizes) > Number.MAX_SAFE_INTEGER) {
    throw new ShapeError(`Storage size calculation overflowed with sizes=${text(sizes)}`);
  }
  return sizes;
}

/** Sizes as numbers or one array, then creation options. */
export type SizeArguments =
  | [sizes: readonly number[], options?: CreateOptions]
  | [...sizes: number[]]
  | [...sizes: number[], options: CreateOptions];

/** Reads sizes and options of a creation function. */
export function readSizeArguments(
  call: string,
  args: readonly unknown[],
): { sizes: readonly number[]; options: CreateOptions } {
  const last = args[args.length - 1];
  const trailing = args.length > 0 && (isOptions(last) || last === undefined);
  const options = isOptions(last) ? last : undefined;
  const rest = trailing ? args.slice(0, -1) : args;
  const sizes = options !== undefined && "size" in options && rest.length === 0 ? [options.size] : rest;
  return { sizes: checkSizes(readSizes(call, sizes)), options: readCreate(call, options, ["size"]) };
}

/** One value everywhere, or undefined contents for null, where the options say. */
function uniform(
  sizes: readonly number[],
  dtype: DType,
  value: Scalar | null,
  options: CreateOptions,
  like: Tensor | null = null,
): Tensor {
  if (isMeta(options.device ?? like?.device)) return emptyMeta(sizes, dtype);
  const out = like === null ? allocateEmpty(sizes, dtype) : emptyPreserving(like, dtype);
  if (value !== null && out._numel > 0) fillWith(out, value);
  return out;
}

function filled(name: string, value: number | null) {
  return (...args: SizeArguments): Tensor => {
    const { sizes, options } = readSizeArguments(name, args);
    return finishCreate(uniform(sizes, options.dtype ?? dt.getDefaultDtype(), value, options), options);
  };
}

/** Undefined contents. Sizes, then options `dtype` (default float), `device`, `requiresGrad`. Source: torch.empty. */
export const empty = filled("empty", null);
/** All zeros. Sizes, then options `dtype` (default float), `device`, `requiresGrad`. Source: torch.zeros. */
export const zeros = filled("zeros", 0);
/** All ones. Sizes, then options `dtype` (default float), `device`, `requiresGrad`. Source: torch.ones. */
export const ones = filled("ones", 1);

/** One value everywhere; its kind decides the dtype: int64 for whole numbers, bool, or the default float. Source: torch.full. */
export function full(
  ...args: Arguments<
    [size: readonly number[], fillValue: Scalar],
    CreateOptions & { size?: readonly number[]; fillValue?: Scalar }
  >
): Tensor {
  const {
    size,
    fillValue = 0,
    ...options
  } = read<CreateOptions & { size?: readonly number[]; fillValue?: Scalar }>(
    "full",
    args,
    ["size", "fillValue"],
    CREATE,
  );
  const given = readCreate("full", options);
  const sizes = checkSizes(readSizes("full", [size]));
  return finishCreate(uniform(sizes, given.dtype ?? dt.scalarDtype(fillValue), fillValue, given), given);
}

function like(name: string, value: number | null) {
  return (input: Tensor, options?: CreateOptions): Tensor => {
    const given = readCreate(name, options);
    return finishCreate(uniform(input.sizes, given.dtype ?? input.dtype, value, given, input), given);
  };
}

/** Undefined contents in the shape, memory order and dtype of another. Options as `empty`. Source: torch.empty_like. */
export const emptyLike = like("emptyLike", null);
/** Zeros in the shape, memory order and dtype of another. Options as `zeros`. Source: torch.zeros_like. */
export const zerosLike = like("zerosLike", 0);
/** Ones in the shape, memory order and dtype of another. Options as `ones`. Source: torch.ones_like. */
export const onesLike = like("onesLike", 1);

/** One value in the shape, memory order and dtype of another. Source: torch.full_like. */
export function fullLike(input: Tensor, fillValue: Scalar, options?: CreateOptions): Tensor {
  const given = readCreate("fullLike", options);
  return finishCreate(uniform(input.sizes, given.dtype ?? input.dtype, fillValue, given, input), given);
}

/** A 0-d tensor of the default float dtype. Source: torch.scalar_tensor. */
export function scalarTensor(value: Scalar, options?: CreateOptions): Tensor {
  const given = readCreate("scalarTensor", options);
  return full([], value, { ...given, dtype: given.dtype ?? dt.getDefaultDtype() });
}

type RangeArguments =
  | [end: number, options?: CreateOptions]
  | [start: number, end: number, options?: CreateOptions]
  | [start: number, end: number, step: number, options?: CreateOptions];

/** From `start` (0) up to, without, `end` by `step` (1). Whole numbers give int64. Source: torch.arange. */
export function arange(...args: RangeArguments): Tensor {
  const last = args[args.length - 1];
  const options = isOptions(last) ? last : undefined;
  const given = readCreate("arange", options, ["start", "end", "step"]);
  const numbers = (options === undefined ? args : args.slice(0, -1)).filter((x): x is number => x !== undefined);
  const named = (options ?? {}) as { start?: number; end?: number; step?: number };
  const [first, second, third] = numbers;
  const start = named.start ?? (numbers.length > 1 || named.end !== undefined ? first : 0) ?? 0;
  const end = named.end ?? (numbers.length > 1 ? second : first);
  const step = named.step ?? third ?? 1;
  for (const value of [start, end, step]) {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      if (typeof value === "number") throw new CressetError(`unsupported range: ${start} -> ${end}`);
      throw new ArgumentError(`arange(): argument 'end' must be Number, not ${typeof value}`);
    }
  }
  const dtype = given.dtype ?? ([start, end, step].every(Number.isInteger) ? dt.int64 : dt.getDefaultDtype());
  requireNotBool("arange_cpu", dtype);
  const [from, to, by] = asElements(dtype, start, end, step);
  if (by === 0) throw new CressetError("step must be nonzero");
  if ((to - from) * by < 0) throw new CressetError("upper bound and larger bound inconsistent with step sign");
  // PyTorch counts int64 from truncated bounds, and narrower whole numbers from the bounds as given.
  const count = Math.ceil(dtype === dt.int64 ? (to - from) / by : (end - start) / step);
  const out = allocateEmpty([count], dtype);
  if (count > 0) call("arange", [out], [Math.trunc(from), Math.trunc(by)], [start, step]);
  return finishCreate(out, given);
}

/** Bounds as elements of a dtype: whole numbers lose their fraction. */
function asElements(dtype: DType, ...bounds: number[]): number[] {
  return dtype.isFloatingPoint ? bounds : bounds.map(Math.trunc);
}

interface LinspaceOptions extends CreateOptions {
  start?: number;
  end?: number;
  steps?: number;
}

/** `steps` values from `start` to `end`, both included. Source: torch.linspace. */
export function linspace(...args: Arguments<[start: number, end: number, steps: number], LinspaceOptions>): Tensor {
  const {
    start = 0,
    end = 0,
    steps = Number.NaN,
    ...options
  } = read<LinspaceOptions>("linspace", args, ["start", "end", "steps"], CREATE);
  const given = readCreate("linspace", options);
  if (!Number.isInteger(steps) || steps < 0) throw new CressetError("number of steps must be non-negative");
  const dtype = given.dtype ?? dt.getDefaultDtype();
  requireNotBool("linspace_cpu", dtype);
  const out = allocateEmpty([steps], dtype);
  if (steps > 0) call("linspace", [out], [], asElements(dtype, start, end));
  return finishCreate(out, given);
}

/** `steps` values from base^start to base^end, evenly in the exponent. Options: `base` (10). Source: torch.logspace. */
export function logspace(
  ...args: Arguments<[start: number, end: number, steps: number, base?: number], LinspaceOptions & { base?: number }>
): Tensor {
  const {
    start = 0,
    end = 0,
    steps = Number.NaN,
    base = 10,
    ...options
  } = read<LinspaceOptions & { base?: number }>("logspace", args, ["start", "end", "steps", "base"], CREATE);
  const given = readCreate("logspace", options);
  const dtype = given.dtype ?? dt.getDefaultDtype();
  requireNotBool("logspace_cpu", dtype);
  const [from, to] = asElements(dtype, start, end);
  const exponents = linspace(from, to, steps, { dtype: dt.float64 });
  const values = full([], base, { dtype: dt.float64 }).pow(exponents);
  return finishCreate(copyOf(values, dtype), given);
}

/** Ones on the diagonal, zeros elsewhere; `m` columns (default n). Source: torch.eye. */
export function eye(n: number, ...args: [m?: number | CreateOptions, options?: CreateOptions]): Tensor {
  const options = args.find(isOptions) as (CreateOptions & { m?: number }) | undefined;
  const given = readCreate("eye", options, ["m"]);
  const m = typeof args[0] === "number" ? args[0] : (options?.m ?? n);
  for (const [name, value] of [
    ["n", n],
    ["m", m],
  ] as const) {
    if (value < 0) throw new ShapeError(`${name} must be greater or equal to 0, got ${value}`);
  }
  const out = zeros([n, m], { dtype: given.dtype });
  const diagonal = out.alias([Math.min(n, m)], [m + 1], 0);
  if (diagonal._numel > 0) fillWith(diagonal, 1);
  return finishCreate(out, given);
}

/**
 * A 1-d tensor over a typed array's own memory, the counterpart of `torch.from_numpy`: writes are seen on both sides. The
 * array's type is the dtype. Throws DTypeError for an array type without one.
 */
export function fromTypedArray(array: TypedArray): Tensor {
  const dtype = isTypedArray(array) ? dtypeOf(array) : null;
  if (dtype === null) {
    throw new DTypeError(
      `fromTypedArray() takes a Float32Array, Float64Array, Int32Array, BigInt64Array, Uint8Array, Int8Array or Int16Array, not ${Object.prototype.toString.call(array).slice(8, -1)}`,
    );
  }
  if (array.length === 0) return allocateEmpty([0], dtype);
  return new Tensor(adopt(array.buffer, array.byteOffset, array.byteLength), [array.length], [1], 0, dtype);
}

/**
 * A new tensor with the given values: a number, nested arrays, a typed array (whose type is the dtype), or tensors. Whole
 * numbers make int64, other numbers the default float; with `requiresGrad` whole numbers make floats too. Options: `dtype`,
 * `device`, `requiresGrad`. Throws ShapeError for ragged arrays. Source: torch.tensor.
 */
export function tensor(data: TensorData, options?: CreateOptions): Tensor {
  const given = readCreate("tensor", options);
  if (data instanceof Tensor) return finishCreate(copyOf(data, given.dtype ?? data.dtype), given);
  if (isTypedArray(data)) {
    const own = dtypeOf(data);
    if (own !== null) {
      const out = allocateEmpty([data.length], own);
      if (data.length > 0) write(out, data);
      return finishCreate(given.dtype && given.dtype !== own ? copyOf(out, given.dtype) : out, given);
    }
  }
  const parsed = parse(data);
  const { dtype: own } = parsed;
  const dtype = given.dtype ?? (given.requiresGrad && own === dt.int64 ? dt.getDefaultDtype() : own);
  return finishCreate(store(parsed, dtype), given);
}

/** A tensor as it is, or of the dtype asked; other data as `tensor` (a typed array shares its memory). Source: torch.as_tensor. */
export function asTensor(data: TensorData, options?: CreateOptions): Tensor {
  const given = readCreate("asTensor", options);
  if (data instanceof Tensor) return given.dtype && given.dtype !== data.dtype ? data.to(given.dtype) : data;
  if (isTypedArray(data) && dtypeOf(data) !== null) {
    const shared = fromTypedArray(data);
    return given.dtype && given.dtype !== shared.dtype ? copyOf(shared, given.dtype) : shared;
  }
  return tensor(data, options);
}

/** A tensor over the values of an array-like: the same as `asTensor`. Source: torch.asarray. */
export function asarray(data: TensorData, options?: CreateOptions): Tensor {
  return asTensor(data, options);
}

/** Whether a value is a tensor. Source: torch.is_tensor. */
export function isTensor(obj: unknown): obj is Tensor {
  return obj instanceof Tensor;
}

/** The number of elements. Source: torch.numel. */
export function numel(input: Tensor): number {
  return input.numel();
}
