// New tensors from numbers, nested arrays, typed arrays and ranges.

import { call, copyOf, fillWith } from "../../dispatch";
import { ArgumentError, AutogradError, CressetError, DTypeError, ShapeError } from "../../errors";
import { type Device, device, meta, requireDevice } from "../../tensor/device";
import * as dt from "../../tensor/dtype";
import type { DType, Scalar, TypedArray } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { scalarFor } from "../../tensor/scalar";
import { numelOf, text } from "../../tensor/shape";
import { adopt } from "../../tensor/storage";
import { empty as allocateEmpty, emptyMeta, Tensor } from "../../tensor/tensor";
import { requireNotBool } from "../../tensor/dtype-checks";
import { overloaded, signed } from "../../arguments/signed";
import { warn } from "../../warnings";
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

/** `CreateOptions` as signatures have them, behind everything else. */
export const CREATE = "Dtype? dtype=None, Device? device=None, bool requiresGrad=False";

/** The values of `CreateOptions` in order. */
export type Created = [dtype?: DType | null, device?: Device | string | null, requiresGrad?: boolean];

/** The options that creation functions got in order, with the device checked. */
export function createOptions(created: Created): CreateOptions {
  const [dtype, place, requiresGrad] = created;
  if (place !== undefined && place !== null) requireDevice(place);
  return { dtype, device: place, requiresGrad };
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

function filled(value: number | null) {
  return (size: readonly number[], ...created: Created): Tensor => {
    const options = createOptions(created);
    const dtype = options.dtype ?? dt.getDefaultDtype();
    return finishCreate(uniform(checkSizes(size), dtype, value, options), options);
  };
}

/** Undefined contents. Sizes, then options `dtype` (default float), `device`, `requiresGrad`. Source: torch.empty. */
export const empty = signed(`empty(int[]... size, *, ${CREATE})`, filled(null));
/** All zeros. Sizes, then options `dtype` (default float), `device`, `requiresGrad`. Source: torch.zeros. */
export const zeros = signed(`zeros(int[]... size, *, ${CREATE})`, filled(0));
/** All ones. Sizes, then options `dtype` (default float), `device`, `requiresGrad`. Source: torch.ones. */
export const ones = signed(`ones(int[]... size, *, ${CREATE})`, filled(1));

/** One value everywhere; its kind decides the dtype: int64 for whole numbers, bool, or the default float. Source: torch.full. */
export const full = signed(`full(int[] size, Tensor|Number fillValue, *, ${CREATE})`, fullOf);

function fullOf(size: readonly number[], fillValue: Scalar | Tensor, ...created: Created): Tensor {
  const options = createOptions(created);
  const [value, own] = spoken("full", "fill_value", fillValue);
  return finishCreate(uniform(checkSizes(size), options.dtype ?? own, value, options), options);
}

/** A number, or that of a 0-d tensor in its place, and the dtype of a result that it alone decides. */
function spoken(call: string, name: string, given: Scalar | Tensor): [value: Scalar, dtype: DType] {
  if (!(given instanceof Tensor)) return [given, dt.scalarDtype(given)];
  if (given.ndim > 0 || given.requiresGrad) {
    throw new ArgumentError(`${call}(): argument '${name}' (position 2) must be Number, not Tensor`);
  }
  if (given.dtype.isFloatingPoint) return [given.item(), dt.getDefaultDtype()];
  return [given.item(), given.dtype === dt.bool ? dt.bool : dt.int64];
}

function like(value: number | null) {
  return (input: Tensor, ...created: Created): Tensor => filledLike(input, value, created);
}

function filledLike(input: Tensor, value: Scalar | null, created: Created): Tensor {
  const options = createOptions(created);
  return finishCreate(uniform(input.sizes, options.dtype ?? input.dtype, value, options, input), options);
}

/** Undefined contents in the shape, memory order and dtype of another. Options as `empty`. Source: torch.empty_like. */
export const emptyLike = signed(`emptyLike(Tensor input, *, ${CREATE})`, like(null));
/** Zeros in the shape, memory order and dtype of another. Options as `zeros`. Source: torch.zeros_like. */
export const zerosLike = signed(`zerosLike(Tensor input, *, ${CREATE})`, like(0));
/** Ones in the shape, memory order and dtype of another. Options as `ones`. Source: torch.ones_like. */
export const onesLike = signed(`onesLike(Tensor input, *, ${CREATE})`, like(1));

/** One value in the shape, memory order and dtype of another. Options as `zeros`. Source: torch.full_like. */
export const fullLike = signed(`fullLike(Tensor input, Number fillValue, *, ${CREATE})`, fullLikeOf);

function fullLikeOf(input: Tensor, fillValue: Scalar, ...created: Created): Tensor {
  return filledLike(input, fillValue, created);
}

/** A 0-d tensor of the default float dtype. Options as `zeros`. Source: torch.scalar_tensor. */
export const scalarTensor = signed(`scalarTensor(Number s, *, ${CREATE})`, scalarTensorOf);

function scalarTensorOf(s: Scalar, ...created: Created): Tensor {
  const [dtype, ...place] = created;
  return fullOf([], s, dtype ?? dt.getDefaultDtype(), ...place);
}

/** The ways to call `arange`. */
interface Arange {
  (end: Scalar, options?: CreateOptions): Tensor;
  (start: Scalar, end: Scalar, options?: CreateOptions & { step?: Scalar }): Tensor;
  (start: Scalar, end: Scalar, step: Scalar, options?: CreateOptions): Tensor;
  (options: CreateOptions & { end: Scalar }): Tensor;
  (options: CreateOptions & { start: Scalar; end: Scalar; step?: Scalar }): Tensor;
  (start: Scalar, options: CreateOptions & { end: Scalar; step?: Scalar }): Tensor;
}

/** From `start` (0) up to, without, `end` by `step` (1). Whole numbers give int64. Options as `zeros`. Source: torch.arange. */
export const arange = overloaded<Arange>(
  [
    `arange(Tensor|Number end, *, ${CREATE})`,
    (end: Bound, ...created: Created): Tensor => arangeOf(0, end, 1, created),
  ],
  [
    `arange(Tensor|Number start, Tensor|Number end, Tensor|Number step=1, *, ${CREATE})`,
    (start: Bound, end: Bound, step: Bound = 1, ...created: Created): Tensor => arangeOf(start, end, step, created),
  ],
);

/**
 * From `start` up to and with `end` by `step` (1), of the default float. Options as `zeros`. PyTorch's own advice is `arange`. Source:
 * torch.range.
 */
export const range = signed(`range(Number start, Number end, Number step=1, *, ${CREATE})`, inclusiveRange);

function inclusiveRange(start: Scalar, end: Scalar, step: Scalar = 1, ...created: Created): Tensor {
  const [dtype, ...place] = created;
  const [from, to, by] = [start, end, step].map(Number);
  warn(
    "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with Python's range builtin. Instead, use torch.arange, which produces values in [start, end).",
  );
  if (by === 0) throw new CressetError("step must be nonzero");
  if ((to - from) * by < 0) throw new CressetError("upper bound and lower bound inconsistent with step sign");
  const count = Math.floor((to - from) / by) + 1;
  const positions = arangeOf(0, count, 1, [dt.float64]);
  return finishCreate(
    copyOf(positions.mul(by).add(from), dtype ?? dt.getDefaultDtype()),
    createOptions([dtype, ...place]),
  );
}

/** A number, or a 0-d tensor of one. */
type Bound = Scalar | Tensor;

function arangeOf(first: Bound, last: Bound, by: Bound, created: Created): Tensor {
  const options = createOptions(created);
  const given = Object.entries({ start: first, end: last, step: by });
  const whole = given.every(([, bound]) => !(bound instanceof Tensor && bound.dtype.isFloatingPoint));
  const [start, end, step] = given.map(([name, bound]) => Number(spoken("arange", name, bound)[0]));
  if (![start, end, step].every(Number.isFinite)) throw new CressetError(`unsupported range: ${start} -> ${end}`);
  const dtype =
    options.dtype ?? (whole && [start, end, step].every(Number.isInteger) ? dt.int64 : dt.getDefaultDtype());
  requireNotBool("arange_cpu", dtype);
  const [from, to, stride] = asElements(dtype, start, end, step);
  if (stride === 0) throw new CressetError("step must be nonzero");
  if ((to - from) * stride < 0) throw new CressetError("upper bound and larger bound inconsistent with step sign");
  // PyTorch counts int64 from truncated bounds, and narrower whole numbers from the bounds as given.
  const count = Math.ceil(dtype === dt.int64 ? (to - from) / stride : (end - start) / step);
  const out = allocateEmpty([count], dtype);
  if (count > 0) call("arange", [out], [Math.trunc(from), Math.trunc(stride)], [start, step]);
  return finishCreate(out, options);
}

/** Bounds as elements of a dtype: whole numbers lose their fraction. */
function asElements(dtype: DType, ...bounds: number[]): number[] {
  return dtype.isFloatingPoint ? bounds : bounds.map(Math.trunc);
}

/** As `asElements`, for ends that are elements of the result. Throws CressetError for one that the dtype does not hold. */
function asEnds(dtype: DType, ...ends: number[]): number[] {
  return dtype.isFloatingPoint ? ends : ends.map((end) => Number(scalarFor(end, dtype)));
}

/** `steps` values from `start` to `end`, both included. Options as `zeros`. Source: torch.linspace. */
export const linspace = signed(`linspace(Number start, Number end, int steps, *, ${CREATE})`, linspaceOf);

function linspaceOf(start: Scalar, end: Scalar, steps: number, ...created: Created): Tensor {
  const options = createOptions(created);
  if (steps < 0) throw new CressetError("number of steps must be non-negative");
  const dtype = options.dtype ?? dt.getDefaultDtype();
  const out = allocateEmpty([steps], dtype);
  if (steps === 1) fillWith(out, scalarFor(start, dtype));
  else if (steps > 1) {
    requireNotBool("linspace_cpu", dtype);
    call("linspace", [out], [], asEnds(dtype, Number(start), Number(end)));
  }
  return finishCreate(out, options);
}

/** `steps` values from base^start to base^end, evenly in the exponent. Options as `zeros`. Source: torch.logspace. */
export const logspace = signed(
  `logspace(Number start, Number end, int steps, float base=10, *, ${CREATE})`,
  logspaceOf,
);

function logspaceOf(start: Scalar, end: Scalar, steps: number, base = 10, ...created: Created): Tensor {
  const options = createOptions(created);
  const dtype = options.dtype ?? dt.getDefaultDtype();
  // One power is filled in as it is; several are computed from ends in the dtype of the result.
  if (steps === 1) return finishCreate(fullOf([1], base ** Number(start), dtype), options);
  if (steps > 1) requireNotBool("logspace_cpu", dtype);
  const [from, to] = steps > 1 ? asEnds(dtype, Number(start), Number(end)) : [0, 0];
  const exponents = linspaceOf(from, to, steps, dt.float64);
  const values = fullOf([], base, dt.float64).pow(exponents);
  return finishCreate(copyOf(values, dtype), options);
}

/** Ones on the diagonal, zeros elsewhere; `m` columns (default n). Options as `zeros`. Source: torch.eye. */
export const eye = signed(`eye(int n, int m=n, *, ${CREATE})`, eyeOf);

function eyeOf(n: number, m = n, ...created: Created): Tensor {
  for (const [name, value] of [
    ["n", n],
    ["m", m],
  ] as const) {
    if (value < 0) throw new ShapeError(`${name} must be greater or equal to 0, got ${value}`);
  }
  const options = createOptions(created);
  const out = filled(0)([n, m], options.dtype);
  const diagonal = out.alias([Math.min(n, m)], [m + 1], 0);
  if (diagonal._numel > 0) fillWith(diagonal, 1);
  return finishCreate(out, options);
}

/**
 * A 1-d tensor over a typed array's own memory, the counterpart of `torch.from_numpy`: writes are seen on both sides. The
 * array's type is the dtype. Throws DTypeError for an array type without one.
 */
export const fromTypedArray = signed("def fromTypedArray(object array)", fromTypedArrayOf);

function fromTypedArrayOf(array: TypedArray): Tensor {
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
export const tensor = signed(`tensor(any data, *, ${CREATE})`, tensorOf);

function tensorOf(data: TensorData, ...created: Created): Tensor {
  const options = createOptions(created);
  if (data instanceof Tensor) return finishCreate(copyOf(data, options.dtype ?? data.dtype), options);
  if (isTypedArray(data)) {
    const own = dtypeOf(data);
    if (own !== null) {
      const out = allocateEmpty([data.length], own);
      if (data.length > 0) write(out, data);
      return finishCreate(options.dtype && options.dtype !== own ? copyOf(out, options.dtype) : out, options);
    }
  }
  const parsed = parse(data);
  const { dtype: own } = parsed;
  const dtype = options.dtype ?? (options.requiresGrad && own === dt.int64 ? dt.getDefaultDtype() : own);
  return finishCreate(store(parsed, dtype), options);
}

/** A tensor as it is, or of the dtype asked; other data as `tensor` (a typed array shares its memory). Source: torch.as_tensor. */
export const asTensor = signed("asTensor(any data, *, Dtype? dtype=None, Device? device=None)", asTensorOf);

function asTensorOf(data: TensorData, dtype: DType | null = null, device: Device | string | null = null): Tensor {
  createOptions([dtype, device]);
  if (data instanceof Tensor) return dtype && dtype !== data.dtype ? data.to(dtype) : data;
  if (isTypedArray(data) && dtypeOf(data) !== null) {
    const shared = fromTypedArrayOf(data);
    return dtype && dtype !== shared.dtype ? copyOf(shared, dtype) : shared;
  }
  return tensorOf(data, dtype, device);
}

/** As `asTensor`; `copy` always copies, `requiresGrad` records. Source: torch.asarray. */
export const asarray = signed(
  "asarray(any obj, *, Dtype? dtype=None, Device? device=None, bool? copy=None, bool requiresGrad=False)",
  asarrayOf,
);

function asarrayOf(
  obj: TensorData,
  dtype: DType | null = null,
  device: Device | string | null = null,
  copy: boolean | null = null,
  requiresGrad = false,
): Tensor {
  const made = copy ? tensorOf(obj, dtype, device) : asTensorOf(obj, dtype, device);
  return requiresGrad ? finishCreate(made, { requiresGrad }) : made;
}

/** Whether a value is a tensor. Source: torch.is_tensor. */
export const isTensor = overloaded<(obj: unknown) => obj is Tensor>([
  "def isTensor(any obj)",
  (obj: unknown): boolean => obj instanceof Tensor,
]);

/** The number of elements. Source: torch.numel. */
export const numel = signed("numel(Tensor input)", (input: Tensor): number => input.numel());
