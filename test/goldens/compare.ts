// Comparing what the library gave with what was recorded. The tolerances come from the goldens; here is only the arithmetic.

import { Mismatch } from "./library";
import { type Contents, describe } from "./tensors";

/** The bound for floats: |got − expected| ≤ atol + rtol · |expected|. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** Equality of integers of which either may be a bigint. */
function sameInteger(a: number | bigint, b: number | bigint): boolean {
  if (typeof a === typeof b) return a === b;
  return Number.isInteger(Number(a)) && Number.isInteger(Number(b)) && BigInt(a) === BigInt(b);
}

/** Whether two elements agree: integers and bools exactly, NaN with NaN, infinities by sign, 0 with −0. */
export function agrees(got: number | bigint, expected: number | bigint, { rtol, atol }: Tolerance): boolean {
  if (got === expected) return true;
  if (typeof got === "bigint" || typeof expected === "bigint") return sameInteger(got, expected);
  if (Number.isNaN(expected)) return Number.isNaN(got);
  if (!Number.isFinite(expected)) return false;
  return Math.abs(got - expected) <= atol + rtol * Math.abs(expected);
}

const isFloat = (dtype: string) => dtype.includes("float");

function place(index: number, shape: readonly number[]): string {
  const digits: number[] = [];
  let rest = index;
  for (let d = shape.length - 1; d >= 0; d--) {
    digits.unshift(rest % shape[d]);
    rest = Math.floor(rest / shape[d]);
  }
  return `[${digits.join(", ")}]`;
}

/** Throws a Mismatch that names the first difference, unless dtype, shape and all elements agree. */
export function compareContents(what: string, got: Contents, expected: Contents, tolerance: Tolerance): void {
  compareEach(what, got, expected, isFloat(expected.dtype) ? (a, b) => agrees(a, b, tolerance) : sameInteger);
}

/** The same with another notion of equal elements. */
export function compareEach(
  what: string,
  got: Contents,
  expected: Contents,
  equal: (got: number | bigint, expected: number | bigint) => boolean,
): void {
  if (got.dtype !== expected.dtype) throw new Mismatch(`${what}: dtype ${got.dtype}, expected ${expected.dtype}`);
  if (got.shape.join() !== expected.shape.join()) {
    throw new Mismatch(`${what}: shape [${got.shape}], expected [${expected.shape}]`);
  }
  if (got.values.length !== expected.values.length) {
    throw new Mismatch(`${what}: ${got.values.length} elements, expected ${expected.values.length}`);
  }
  const wrong = expected.values.flatMap((value, i) => (equal(got.values[i], value) ? [] : [i]));
  if (wrong.length === 0) return;
  const shown = wrong
    .slice(0, 4)
    .map((i) => `${place(i, expected.shape)} ${describe(got.values[i])}, expected ${describe(expected.values[i])}`);
  throw new Mismatch(`${what}: ${wrong.length} of ${expected.values.length} elements differ: ${shown.join("; ")}`);
}

/** Throws a Mismatch unless two texts are the same. */
export function compareText(what: string, got: string, expected: string): void {
  if (got !== expected) throw new Mismatch(`${what}:\n--- expected\n${expected}\n--- got\n${got}`);
}

/** Throws a Mismatch unless two plain values (numbers, texts, lists) are the same. */
export function compareJson(what: string, got: unknown, expected: unknown): void {
  const write = (value: unknown) =>
    JSON.stringify(value, (_, item) => (typeof item === "bigint" ? Number(item) : item));
  if (write(got) !== write(expected)) {
    throw new Mismatch(`${what}: ${describe(write(got))}, expected ${describe(write(expected))}`);
  }
}
