// Numbers on their way into a tensor: PyTorch's checked conversion (c10::checked_convert), for every op that writes or computes with
// a number in the dtype of a tensor.

import { CressetError } from "../errors";
import {
  bfloat16,
  bool,
  Category,
  type DType,
  float16,
  float32,
  int16,
  int32,
  int64,
  int8,
  type Scalar,
  uint8,
} from "./dtype";

/** The numbers that a dtype holds, and the name of its C++ type in messages. */
interface Limits {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

const symmetric = (name: string, high: number): Limits => ({ name, low: -high, high });
const signed = (name: string, bits: number): Limits => ({ name, low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 });

const LIMITS = new Map<DType, Limits>([
  [uint8, { name: "uint8_t", low: 0, high: 255 }],
  [int8, signed("int8_t", 8)],
  [int16, signed("int16_t", 16)],
  [int32, signed("int", 32)],
  [int64, signed("int64_t", 64)],
  [float16, symmetric("at::Half", 65504)],
  [bfloat16, symmetric("at::BFloat16", 3.3895313892515355e38)],
  [float32, symmetric("float", 3.4028234663852886e38)],
]);

function overflow(name: string): CressetError {
  return new CressetError(`value cannot be converted to type ${name} without overflow`);
}

/** As `scalarFor`, of a number that PyTorch has as a float: one below zero is no byte. */
export function floatFor(value: number, dtype: DType): Scalar {
  if (dtype === uint8 && value <= -1) throw overflow("uint8_t");
  return scalarFor(value, dtype);
}

/**
 * The number as an element of the dtype: fractions into whole numbers lose what is behind the point, anything but 0 is true, and
 * negative whole numbers down to −255 wrap in uint8. Throws CressetError in PyTorch's words for a number that the dtype does not hold,
 * NaN and infinities in whole numbers included; `called` is the dtype's name there, by default that of its C++ type.
 */
export function scalarFor(value: Scalar, dtype: DType, called?: string): Scalar {
  if (typeof value === "bigint" && BigInt.asIntN(64, value) !== value)
    throw new CressetError("Overflow when unpacking long");
  if (dtype === bool) return value !== 0 && Boolean(value || Number.isNaN(value));
  const limits = LIMITS.get(dtype);
  if (limits === undefined || typeof value === "boolean") return value;
  const { low, high } = limits;
  if (dtype.category === Category.Float) {
    if ((value < low || value > high) && Math.abs(Number(value)) !== Number.POSITIVE_INFINITY)
      throw overflow(called ?? limits.name);
    return value;
  }
  if (dtype === int64 && typeof value === "bigint") return value;
  if (dtype === uint8 && value < 0 && value >= -255 && Number.isInteger(Number(value))) return Number(value) + 256;
  // The largest int64 is no float64: its limit rounds to 2^63, which int64 does not hold.
  if (!(value >= low && value <= high) || value === 2 ** 63) throw overflow(called ?? limits.name);
  return typeof value === "number" ? Math.trunc(value) : value;
}
