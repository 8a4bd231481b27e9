// How the items of a batch become one value: torch.utils.data.default_collate.

import { ArgumentError } from "../errors";
import { asTensor, tensor } from "../ops/create/create";
import { stack } from "../ops/create/join";
import { bool, float64, int64, type TypedArray } from "../tensor/dtype";
import { Tensor } from "../tensor/tensor";
import { kindOf } from "./dataset";

/**
 * The type of a batch of `T`: tensors are stacked and numbers become one tensor; strings stay a list; in tuples, arrays and plain
 * objects every member is collated by itself.
 */
export type Collated<T> = unknown extends T
  ? T
  : T extends Tensor | TypedArray | number | bigint | boolean
    ? Tensor
    : T extends string
      ? string[]
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Collated<T[K]> }
        : T extends object
          ? { -readonly [K in keyof T]: Collated<T[K]> }
          : never;

function ofNumbers(batch: readonly unknown[]): Tensor {
  const numbers = batch.map(Number);
  return tensor(numbers, { dtype: numbers.every(Number.isInteger) ? int64 : float64 });
}

function ofArrays(batch: readonly unknown[]): unknown[] {
  const rows = batch as readonly (readonly unknown[])[];
  const width = rows[0].length;
  if (rows.some((row) => !Array.isArray(row) || row.length !== width)) {
    throw new ArgumentError("each element in list of batch should be of equal size");
  }
  return Array.from({ length: width }, (_, column) => collate(rows.map((row) => row[column])));
}

function ofObjects(batch: readonly unknown[]): { [key: string]: unknown } {
  const rows = batch as readonly { [key: string]: unknown }[];
  return Object.fromEntries(Object.keys(rows[0]).map((key) => [key, collate(rows.map((row) => row[key]))]));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function collate(batch: readonly unknown[]): unknown {
  const [first] = batch;
  if (first instanceof Tensor) return stack(batch as Tensor[]);
  switch (typeof first) {
    case "number":
      return ofNumbers(batch);
    case "bigint":
      return tensor(batch as bigint[], { dtype: int64 });
    case "boolean":
      return tensor(batch as boolean[], { dtype: bool });
    case "string":
      return [...batch];
  }
  if (Array.isArray(first)) return ofArrays(batch);
  if (ArrayBuffer.isView(first)) return stack(batch.map((array) => asTensor(array as TypedArray)));
  if (typeof first === "object" && first !== null && isPlain(first)) return ofObjects(batch);
  throw new ArgumentError(
    `default_collate: batch must contain tensors, typed arrays, numbers, objects or arrays; found ${kindOf(first)}`,
  );
}

/**
 * One value from the items of a batch. Tensors of one shape are stacked along a new first dimension; whole numbers become int64,
 * other numbers float64, booleans bool; strings stay a list; arrays and plain objects are collated member by member.
 * Throws ArgumentError for items of another kind. Source: torch.utils.data.default_collate.
 */
export function defaultCollate<T>(batch: readonly T[]): Collated<T> {
  if (batch.length === 0) throw new ArgumentError("default_collate: the batch is empty");
  return collate(batch) as Collated<T>;
}
