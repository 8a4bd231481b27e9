// What the numbers of a dtype can be, torch.finfo and torch.iinfo, and the numbers that have names.

import { inspectSymbol } from "../inspect";
import { DTypeError } from "../errors";
import { bool, type DType, getDefaultDtype } from "./dtype";
import { exponentialText } from "./print-decimal";

/** The ratio of a circle's circumference to its diameter. Source: torch.pi. */
export const pi: number = Math.PI;
/** The base of the natural logarithm. Source: torch.e. */
export const e: number = Math.E;
/** Infinity. Source: torch.inf. */
export const inf: number = Number.POSITIVE_INFINITY;
/** Not a number. Source: torch.nan. */
export const nan: number = Number.NaN;

/** Limits of a float dtype. */
export interface FloatInfo {
  readonly bits: number;
  /** The distance from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The smallest positive number of full precision; also `smallestNormal`. */
  readonly tiny: number;
  readonly smallestNormal: number;
  /** The decimal place that is still exact. */
  readonly resolution: number;
  readonly dtype: string;
  toString(): string;
}

/** Limits of a whole-number dtype; bigints for int64. */
export interface IntInfo {
  readonly bits: number;
  readonly max: number | bigint;
  readonly min: number | bigint;
  readonly dtype: string;
  toString(): string;
}

/** Explicit bits of the significand, the largest exponent of two, and the decimal places that are exact. */
const FLOATS: { readonly [name: string]: readonly [fraction: number, exponent: number, places: number] } = {
  float16: [10, 15, 3],
  bfloat16: [7, 127, 2],
  float32: [23, 127, 6],
  float64: [52, 1023, 15],
};

/** Six significant digits, as C++ writes a double: `3.40282e+38`, `6.10352e-05`, `65504`. */
function brief(value: number | bigint): string {
  const [mantissa, power] = exponentialText(Number(value), 5).split("e");
  const exponent = Number(power);
  const plain = exponent >= -4 && exponent < 6;
  return plain ? String(Number(`${mantissa}e${power}`)) : `${Number(mantissa)}e${power}`;
}

/** The numbers of `info`, which prints as PyTorch's line. */
function printedAs<T extends object>(info: T, line: string): T {
  const value = () => line;
  return Object.defineProperties(info, { toString: { value }, [inspectSymbol]: { value } });
}

/** Limits of a float dtype, by default of the default one. Throws DTypeError for another. Source: torch.finfo. */
export function finfo(dtype: DType = getDefaultDtype()): FloatInfo {
  const shape = FLOATS[dtype.name];
  if (shape === undefined) {
    throw new DTypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'");
  }
  const [fraction, exponent, places] = shape;
  const eps = 2 ** -fraction;
  const max = (2 - eps) * 2 ** exponent;
  const tiny = 2 ** (1 - exponent);
  const resolution = Number(`1e-${places}`);
  return printedAs(
    { bits: dtype.itemsize * 8, eps, max, min: -max, tiny, smallestNormal: tiny, resolution, dtype: dtype.name },
    `finfo(resolution=${brief(resolution)}, min=${brief(-max)}, max=${brief(max)}, eps=${brief(eps)}, smallest_normal=${brief(tiny)}, tiny=${brief(tiny)}, dtype=${dtype.name})`,
  );
}

/** Limits of a whole-number dtype. Throws DTypeError for another. Source: torch.iinfo. */
export function iinfo(dtype: DType): IntInfo {
  if (dtype.isFloatingPoint || dtype === bool) {
    throw new DTypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'");
  }
  const bits = dtype.itemsize * 8;
  const span = 1n << BigInt(dtype.name === "uint8" ? bits : bits - 1);
  const exact = (value: bigint) => (bits === 64 ? value : Number(value));
  const [min, max] = [exact(dtype.name === "uint8" ? 0n : -span), exact(span - 1n)];
  return printedAs(
    { bits, max, min, dtype: dtype.name },
    `iinfo(min=${brief(min)}, max=${brief(max)}, dtype=${dtype.name})`,
  );
}
