// The ten dtypes, what each is made of, and PyTorch's promotion rules. Pure: no tensor is known here.

import { inspectSymbol } from "../inspect";
import { DTypeError } from "../errors";
import { Compute } from "../native";
import { DTYPES, type DTypeName } from "../wire";

/** Order of categories in promotion: a higher one wins over any width of a lower one. */
export const Category = { Bool: 0, Int: 1, Float: 2 } as const;
export type Category = (typeof Category)[keyof typeof Category];

/** Typed arrays that hold elements of a dtype in JavaScript. */
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface TypedArrayConstructor {
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
}

/** The kind of a tensor's elements, as `torch.dtype`: `torch.float32`, `torch.int64`… Prints as `torch.float32`. */
export class DType {
  /** Number on the wire. */
  readonly code: number;

  constructor(
    /** The name without `torch.`. */
    readonly name: DTypeName,
    readonly itemsize: number,
    readonly category: Category,
    /** The type that arithmetic on these elements runs in. */
    readonly compute: Compute,
    /** The array type of raw elements; float16 and bfloat16 show their bits. */
    readonly array: TypedArrayConstructor,
    /** The name of PyTorch's tensor type, as some messages use it. */
    readonly tensorName: string,
    /** The name of the C type, as other messages use it. */
    readonly scalarName: string,
  ) {
    this.code = DTYPES.indexOf(name);
  }

  /** Whether the dtype is one of float16, bfloat16, float32, float64 (PyTorch: `torch.dtype.is_floating_point`). */
  get isFloatingPoint(): boolean {
    return this.category === Category.Float;
  }

  toString(): string {
    return `torch.${this.name}`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

export const bool = new DType("bool", 1, 0, Compute.Int32, Uint8Array, "BoolTensor", "Bool");
export const uint8 = new DType("uint8", 1, 1, Compute.Int32, Uint8Array, "ByteTensor", "Byte");
export const int8 = new DType("int8", 1, 1, Compute.Int32, Int8Array, "CharTensor", "Char");
export const int16 = new DType("int16", 2, 1, Compute.Int32, Int16Array, "ShortTensor", "Short");
export const int32 = new DType("int32", 4, 1, Compute.Int32, Int32Array, "IntTensor", "Int");
export const int64 = new DType("int64", 8, 1, Compute.Int64, BigInt64Array, "LongTensor", "Long");
export const float16 = new DType("float16", 2, 2, Compute.Float32, Uint16Array, "HalfTensor", "Half");
export const bfloat16 = new DType("bfloat16", 2, 2, Compute.Float32, Uint16Array, "BFloat16Tensor", "BFloat16");
export const float32 = new DType("float32", 4, 2, Compute.Float32, Float32Array, "FloatTensor", "Float");
export const float64 = new DType("float64", 8, 2, Compute.Float64, Float64Array, "DoubleTensor", "Double");

/** Every dtype in the order of the wire. */
export const dtypes: readonly DType[] = [bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64];

export { float64 as double, float32 as float, float16 as half, int16 as short, int32 as int, int64 as long };

let defaultDtype = float32;

/** The floating dtype that new float tensors get (PyTorch: `torch.get_default_dtype`). Initially float32. */
export function getDefaultDtype(): DType {
  return defaultDtype;
}

/** Sets the dtype of new float tensors (PyTorch: `torch.set_default_dtype`). Throws DTypeError for a dtype that is no float. */
export function setDefaultDtype(dtype: DType): void {
  if (!dtype.isFloatingPoint) {
    throw new DTypeError("only floating-point types are supported as the default type");
  }
  defaultDtype = dtype;
}

/** The dtype in which sums and statistics are kept until they are results: float32 for half types, which lack digits and range. */
export function opmathDtype(dtype: DType): DType {
  return dtype === float16 || dtype === bfloat16 ? float32 : dtype;
}

/** Whether values of `from` may be stored as `to` in place (PyTorch: `torch.can_cast`): floats never become ints or bools, ints never bools. */
export function canCast(from: DType, to: DType): boolean {
  return from.category <= to.category;
}

/** The smallest dtype that holds both (PyTorch: `torch.promote_types`). */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  if (a.category !== b.category && (a.category === Category.Float || b.category === Category.Float)) {
    return a.category === Category.Float ? a : b;
  }
  if (a.category === Category.Float) {
    return a.itemsize === b.itemsize ? float32 : a.itemsize > b.itemsize ? a : b;
  }
  if (a.category === Category.Bool) return b;
  if (b.category === Category.Bool) return a;
  if (a === uint8 || b === uint8) {
    const signed = a === uint8 ? b : a;
    return signed === int8 ? int16 : signed;
  }
  return a.itemsize > b.itemsize ? a : b;
}

/** What an operand contributes to promotion: its dtype, and how strongly (a tensor with dimensions, a 0-d tensor, a number). */
export interface Promotable {
  dtype: DType;
  rank: 0 | 1 | 2;
}

/** A JavaScript scalar that takes part in arithmetic. */
export type Scalar = number | boolean | bigint;

/** Whether a number counts as a whole one: it is, and int64 holds it. */
export function isWhole(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}

/** The dtype of a JavaScript scalar: whole numbers and bigints count as int64, other numbers as the default float, booleans as bool. */
export function scalarDtype(value: Scalar): DType {
  if (typeof value === "number") return isWhole(value) ? int64 : defaultDtype;
  return typeof value === "bigint" ? int64 : bool;
}

function combine(higher: DType | null, lower: DType | null): DType | null {
  if (higher === null) return lower;
  if (lower === null || higher.category >= lower.category) return higher;
  return promoteTypes(higher, lower);
}

/** The dtype of a result from its operands (PyTorch: `torch.result_type`): dimensioned tensors, then 0-d tensors, then numbers. */
export function resultDtype(operands: readonly Promotable[]): DType {
  const found: (DType | null)[] = [null, null, null];
  for (const { dtype, rank } of operands) {
    const current = found[rank];
    found[rank] = current === null ? dtype : promoteTypes(current, dtype);
  }
  return combine(found[2], combine(found[1], found[0])) ?? defaultDtype;
}
