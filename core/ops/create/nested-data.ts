// What JavaScript values become as elements: nested arrays, typed arrays, numbers.

import { copyOf } from "../../dispatch";
import { ArgumentError, CressetError, ShapeError } from "../../errors";
import { addon } from "../../native";
import { computePending } from "../../tensor/pending";
import * as dt from "../../tensor/dtype";
import type { DType, TypedArray } from "../../tensor/dtype";
import { scalarFor } from "../../tensor/scalar";
import { sameShape } from "../../tensor/shape";
import { empty as allocateEmpty, type NestedArray, Tensor } from "../../tensor/tensor";

/** A typed array of elements that its dtype's kernels understand. */
export function dtypeOf(array: TypedArray | Uint8ClampedArray): DType | null {
  if (array instanceof Float32Array) return dt.float32;
  if (array instanceof Float64Array) return dt.float64;
  if (array instanceof Int32Array) return dt.int32;
  if (array instanceof BigInt64Array) return dt.int64;
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return dt.uint8;
  if (array instanceof Int8Array) return dt.int8;
  return array instanceof Int16Array ? dt.int16 : null;
}

export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** What `torch.tensor` takes. */
export type TensorData = NestedArray<number | boolean | bigint | Tensor> | TypedArray | Tensor;

/** Values out of nested arrays, in row order, and the sizes of the nesting. */
export interface Parsed {
  sizes: number[];
  values: (number | boolean | bigint)[];
  /** The dtype that holds them all. */
  dtype: DType;
}

/** Values of nested arrays; a tensor of one element counts as one value of its dtype, larger ones as arrays. */
export function parse(data: unknown): Parsed {
  const sizes: number[] = [];
  let level: unknown = data;
  while (Array.isArray(level) || isTypedArray(level) || level instanceof Tensor) {
    if (level instanceof Tensor) {
      if (level.numel() !== 1) sizes.push(...level.sizes);
      break;
    }
    sizes.push(level.length);
    if (level.length === 0) break;
    level = level[0];
  }
  const values: (number | boolean | bigint)[] = [];
  const dtypes = new Set<DType>();
  let latest: DType | null = null;
  const walk = (value: unknown, dim: number): void => {
    if (value instanceof Tensor) {
      if (value.numel() !== 1 ? !sameShape(value.sizes, sizes.slice(dim)) : dim < sizes.length) {
        throw new ShapeError("only one element tensors can be converted to Python scalars");
      }
      dtypes.add(value.dtype);
      const elements = value.elements();
      for (let k = 0; k < elements.length; k++) values.push(elements[k]);
      return;
    }
    if (Array.isArray(value) || isTypedArray(value)) {
      if (dim >= sizes.length)
        throw new ArgumentError("too many dimensions: a sequence stands where a number is expected");
      if (value.length !== sizes[dim]) {
        throw new ShapeError(`expected sequence of length ${sizes[dim]} at dim ${dim} (got ${value.length})`);
      }
      for (let k = 0; k < value.length; k++) walk(value[k], dim + 1);
      return;
    }
    if (dim < sizes.length) {
      throw new ArgumentError(`expected sequence of length ${sizes[dim]} at dim ${dim}, but got a ${typeof value}`);
    }
    if (typeof value !== "number" && typeof value !== "boolean" && typeof value !== "bigint") {
      throw new ArgumentError(
        typeof value === "string"
          ? "new(): invalid data type 'str'"
          : `Could not infer dtype of ${value === null ? "NoneType" : typeof value}`,
      );
    }
    const own = dt.scalarDtype(value);
    if (own !== latest) dtypes.add(own);
    latest = own;
    values.push(value);
  };
  walk(data, 0);
  const dtype = dtypes.size === 0 ? dt.getDefaultDtype() : [...dtypes].reduce(dt.promoteTypes);
  return { sizes, values, dtype };
}

export function store(parsed: Parsed, dtype: DType): Tensor {
  const { sizes, values } = parsed;
  const out = allocateEmpty(sizes, dtype);
  if (values.length === 0) return out;
  const wide = dtype === dt.int64 ? new BigInt64Array(values.length) : new Float64Array(values.length);
  if (wide instanceof BigInt64Array) {
    for (let k = 0; k < values.length; k++) wide[k] = BigInt(scalarFor(values[k], dtype, dtype.name));
  } else {
    for (let k = 0; k < values.length; k++) wide[k] = Number(values[k]);
    if (dtype.category === dt.Category.Int) requireRange(wide, dtype);
  }
  if (dtype.array === Float32Array || dtype === dt.float64 || dtype === dt.int64) {
    write(out, dtype === dt.float32 ? Float32Array.from(wide as Float64Array) : wide);
    return out;
  }
  const staged = allocateEmpty(sizes, dt.float64);
  write(staged, wide);
  return copyOf(staged, dtype);
}

/** Throws CressetError for numbers that a small whole-number dtype does not hold; negative whole ones wrap in uint8, as in PyTorch. */
function requireRange(values: Float64Array, dtype: DType): void {
  const unsigned = dtype === dt.uint8;
  const limit = 2 ** (dtype.itemsize * 8 - (unsigned ? 0 : 1));
  const least = unsigned ? 0 : -limit;
  const wraps = (value: number) => unsigned && value > -limit && Number.isInteger(value);
  if (values.every((value) => (value >= least || wraps(value)) && value <= limit - 1)) return;
  throw new CressetError(`value cannot be converted to type ${dtype.name} without overflow`);
}

export function write(out: Tensor, array: TypedArray): void {
  computePending();
  addon.writeBytes(out.storage.slot, out.storage.byteOffset + out.offset * out.itemsize, array);
}
