// How the items of a batch become one value: torch.utils.data.default_collate.

import { ArgumentError } from "../errors";
import { asTensor, tensor } from "../ops/create/create";
import { stack } from "../ops/create/join";
import { isOptions } from "../arguments/arguments";
import { overloaded } from "../arguments/signed";
import { bool, type DType, float64, int64, type TypedArray } from "../tensor/dtype";
import { Tensor } from "../tensor/tensor";
import { warn } from "../warnings";
import { kindOf } from "./kind";

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
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<K, Collated<V>>
          : T extends object
            ? { -readonly [K in keyof T]: Collated<T[K]> }
            : never;

/** The dtypes that the numbers at each place of the samples became, batch by batch of one loader. */
export type NumberDtypes = Map<string, DType>;

let dtypes: NumberDtypes | null = null;

/** Collates as part of a loader: batches that disagree about the dtype of a number are told of. */
export function collatedFor<T>(seen: NumberDtypes, collateBatch: () => T): T {
  const outer = dtypes;
  dtypes = seen;
  try {
    return collateBatch();
  } finally {
    dtypes = outer;
  }
}

/** JavaScript does not tell 1 from 1.0: only when a fractional number comes does a column of whole ones turn out to be floats. */
function notice(place: string, dtype: DType): void {
  const before = dtypes?.get(place) ?? dtype;
  dtypes?.set(place, dtype);
  if (before === dtype) return;
  const what = place === "" ? "The samples" : `The numbers sample${place}`;
  warn(
    `${what} are whole in some batches (torch.int64) and fractional in others (torch.float64): JavaScript does not tell 1 from ` +
      "1.0, so the batches have different dtypes. Let the data set give tensors of one dtype, as in torch.tensor(y, { dtype: torch.float32 }).",
  );
}

function ofNumbers(batch: readonly unknown[], place: string): Tensor {
  const numbers = batch.map(Number);
  const dtype = numbers.every(Number.isInteger) ? int64 : float64;
  notice(place, dtype);
  return tensor(numbers, { dtype });
}

function ofArrays(batch: readonly unknown[], place: string): unknown[] {
  const rows = batch as readonly (readonly unknown[])[];
  const width = rows[0].length;
  if (rows.some((row) => !Array.isArray(row) || row.length !== width)) {
    throw new ArgumentError("each element in list of batch should be of equal size");
  }
  return Array.from({ length: width }, (_, column) => {
    const members = rows.map((row) => row[column]);
    return collate(members, `${place}[${column}]`);
  });
}

function ofObjects(batch: readonly unknown[], place: string): { [key: string]: unknown } {
  const rows = batch as readonly { [key: string]: unknown }[];
  return Object.fromEntries(
    Object.keys(rows[0]).map((key) => {
      const members = rows.map((row) => row[key]);
      return [key, collate(members, `${place}.${key}`)];
    }),
  );
}

const NUMBERS: ReadonlySet<string> = new Set(["number", "bigint", "boolean"]);

function ofMaps(batch: readonly unknown[], place: string): Map<unknown, unknown> {
  const rows = batch as readonly ReadonlyMap<unknown, unknown>[];
  return new Map(
    [...rows[0].keys()].map((key) => {
      const members = rows.map((row) => row.get(key));
      return [key, collate(members, `${place}.get(${typeof key === "string" ? `"${key}"` : String(key)})`)];
    }),
  );
}

/** What a sample is, as far as samples of one batch must agree. */
function sortOf(value: unknown): string {
  if (value instanceof Tensor) return "Tensor";
  if (NUMBERS.has(typeof value)) return "number";
  if (Array.isArray(value)) return "Array";
  if (ArrayBuffer.isView(value)) return "TypedArray";
  if (value instanceof Map) return "Map";
  return typeof value === "object" && value !== null && isOptions(value) ? "object" : kindOf(value);
}

function collate(batch: readonly unknown[], place: string): unknown {
  const [first] = batch;
  const sort = sortOf(first);
  const odd = batch.findIndex((value) => sortOf(value) !== sort);
  if (odd >= 0 || !SORTS.has(sort)) {
    const at = Math.max(odd, 0);
    const where = batch.length > 1 || place !== "" ? ` in sample${place} (number ${at} of its batch)` : "";
    const beside = odd > 0 ? `, beside ${sort === "Array" ? "an" : "a"} ${sort}` : "";
    throw new ArgumentError(
      `default_collate: batch must contain tensors, typed arrays, numbers, objects or arrays; found ${kindOf(batch[at])}${where}${beside}`,
    );
  }
  switch (sort) {
    case "Tensor":
      return stack(batch as Tensor[]);
    case "string":
      return [...batch];
    case "Array":
      return ofArrays(batch, place);
    case "TypedArray":
      return stack(batch.map((array) => asTensor(array as TypedArray)));
    case "object":
      return ofObjects(batch, place);
    case "Map":
      return ofMaps(batch, place);
  }
  if (batch.every((value) => typeof value === "boolean")) return tensor(batch, { dtype: bool });
  if (batch.some((value) => typeof value === "bigint")) return tensor(batch as bigint[], { dtype: int64 });
  return ofNumbers(batch, place);
}

const SORTS: ReadonlySet<string> = new Set(["Tensor", "number", "string", "Array", "TypedArray", "object", "Map"]);

/**
 * One value from the items of a batch. Tensors of one shape are stacked along a new first dimension; whole numbers become int64,
 * other numbers float64, booleans bool; strings stay a list; arrays, plain objects and Maps are collated member by member.
 * Throws ArgumentError for items of another kind, null among them. Source: torch.utils.data.default_collate.
 */
export const defaultCollate = overloaded<DefaultCollate>([
  "def defaultCollate(any batch)",
  (batch: readonly unknown[]): unknown => {
    if (batch.length === 0) throw new ArgumentError("default_collate: the batch is empty");
    return collate(batch, "");
  },
]);

interface DefaultCollate {
  <T>(batch: readonly T[]): Collated<T>;
  <T>(options: { batch: readonly T[] }): Collated<T>;
}

/** The type of an item that is not collated: typed arrays become tensors. */
export type Converted<T> = unknown extends T
  ? T
  : T extends TypedArray
    ? Tensor
    : T extends Tensor | string | number | bigint | boolean | null | undefined
      ? T
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Converted<T[K]> }
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<K, Converted<V>>
          : [Extract<T[keyof T], TypedArray>] extends [never]
            ? T
            : { -readonly [K in keyof T]: Converted<T[K]> };

interface DefaultConvert {
  <T>(data: T): Converted<T>;
  <T>(options: { data: T }): Converted<T>;
}

function convert(data: unknown): unknown {
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return asTensor(data as TypedArray);
  if (Array.isArray(data)) return data.map(convert);
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, convert(value)]));
  if (typeof data !== "object" || data === null || data instanceof Tensor || !isOptions(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, convert(value)]));
}

/**
 * An item as a loader without batches gives it: typed arrays become tensors, also within arrays, plain objects and Maps; all else stays
 * as it is. Source: torch.utils.data.default_convert.
 */
export const defaultConvert = overloaded<DefaultConvert>(["def defaultConvert(any data)", convert]);
