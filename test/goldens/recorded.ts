// Tensors as the groups `rng`, `train`, `vision` and `fast_transformers` record them: whole (`b64`), or as sums, ends and a checksum
// when they are large.

import { crc32 } from "node:zlib";
import { agrees, compareContents, compareEach, type Tolerance } from "./compare";
import { Mismatch } from "./library";
import { type Contents, describe, encode, fromBase64, readTensor } from "./tensors";

/** A tensor recorded whole. */
export interface WholeTensor {
  readonly dtype: string;
  readonly shape: number[];
  readonly b64: string;
}

/** A tensor of which only sums and ends are recorded. */
export interface SummedTensor {
  readonly dtype: string;
  readonly shape: number[];
  readonly sum: number;
  readonly abs_sum: number;
  readonly l2: number;
  readonly wsum: number;
  readonly head: number[];
  readonly tail: number[];
  readonly crc32?: string;
}

export type RecordedTensor = WholeTensor | SummedTensor;

/** How exactly two tensors must agree: to the bit, within units in the last place, or within a tolerance. */
export type Closeness = { readonly ulps: number; readonly or?: Tolerance };

const exponentBits: { readonly [dtype: string]: number } = { float64: 52, float32: 23, float16: 10, bfloat16: 7 };

/** The distance between neighbours at a value, in its dtype. */
function spacing(value: number, dtype: string): number {
  const exponent = Math.floor(Math.log2(Math.max(Math.abs(value), Number.MIN_VALUE)));
  return 2 ** (exponent - (exponentBits[dtype] ?? 0));
}

function close(dtype: string, { ulps, or }: Closeness): (got: number | bigint, expected: number | bigint) => boolean {
  return (got, expected) => {
    if (agrees(got, expected, or ?? { rtol: 0, atol: 0 })) return true;
    if (ulps === 0 || typeof got === "bigint" || typeof expected === "bigint") return false;
    return Math.abs(got - expected) <= ulps * spacing(expected, dtype);
  };
}

/** Sums over float64 values in row-major order, as recorded for large tensors. */
export function sums(contents: Contents): { sum: number; abs_sum: number; l2: number; wsum: number } {
  const total = { sum: 0, abs_sum: 0, l2: 0, wsum: 0 };
  contents.values.forEach((element, i) => {
    const value = Number(element);
    total.sum += value;
    total.abs_sum += Math.abs(value);
    total.l2 += value * value;
    total.wsum += value * (((i + 1) % 97) + 1);
  });
  return { ...total, l2: Math.sqrt(total.l2) };
}

/** Throws a Mismatch unless a tensor agrees with a recorded one. */
export function compareRecorded(what: string, value: unknown, expected: RecordedTensor, closeness: Closeness): void {
  const got = readTensor(value);
  if ("b64" in expected) {
    compareEach(what, got, fromBase64(expected), close(expected.dtype, closeness));
    return;
  }
  const { dtype, shape, head, tail } = expected;
  if (closeness.ulps === 0 && closeness.or === undefined && expected.crc32 !== undefined) {
    compareEach(what, { ...got, values: [] }, { dtype, shape, values: [] }, Object.is);
    const sum = crc32(encode(got)).toString(16).padStart(8, "0");
    if (sum !== expected.crc32) throw new Mismatch(`${what}: checksum ${sum}, expected ${expected.crc32}`);
    return;
  }
  const ends = [...got.values.slice(0, head.length), ...got.values.slice(got.values.length - tail.length)];
  compareEach(
    `${what}, ends`,
    { ...got, values: ends },
    { dtype, shape, values: [...head, ...tail] },
    close(dtype, closeness),
  );
  compareSums(what, got, expected, closeness.or?.rtol ?? 1e-6);
}

/** Compares the recorded sums, relative to the sum of magnitudes. */
export function compareSums(what: string, got: Contents, expected: SummedTensor, rtol: number): void {
  const found = sums(got);
  const scale: { [key in keyof typeof found]: number } = {
    sum: expected.abs_sum,
    abs_sum: expected.abs_sum,
    l2: expected.l2,
    wsum: expected.abs_sum * 97,
  };
  for (const key of ["sum", "abs_sum", "l2", "wsum"] as const) {
    if (!(Math.abs(found[key] - expected[key]) <= rtol * scale[key])) {
      throw new Mismatch(`${what}: ${key} ${describe(found[key])}, expected ${describe(expected[key])}`);
    }
  }
}

/** Compares every element of a whole tensor within a tolerance. */
export function compareWithin(what: string, value: unknown, expected: WholeTensor, tolerance: Tolerance): void {
  compareContents(what, readTensor(value), fromBase64(expected), tolerance);
}
