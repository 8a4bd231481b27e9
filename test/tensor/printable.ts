// A Printable over nested data as the reference files hold it, so that the formatter is tested without storages.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Element, Printable, Range } from "../../core/tensor/print";

/** Numbers that JSON cannot hold are strings: "nan", "inf", "-inf", "-0.0", and integers beyond 2^53. */
export type Nested = number | boolean | string | readonly Nested[];

export interface Input {
  dtype: string;
  shape: number[];
  data: Nested;
  requires_grad?: boolean;
  device?: string;
}

export interface PrintCase {
  id: string;
  kind: string;
  text: string;
  python: string;
  js: string | null;
  form?: string;
  input?: Input;
  options?: Record<string, unknown>;
}

/** The cases of one file of reference texts. */
export function printCases(file: string): PrintCase[] {
  const path = join(__dirname, "../data/goldens/print", file);
  return (JSON.parse(readFileSync(path, "utf8")) as { cases: PrintCase[] }).cases;
}

const special: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  "-0.0": -0,
};

function element(value: number | boolean | string, dtype: string): Element {
  if (dtype === "bool") return Boolean(value);
  if (typeof value === "string" && value in special) return special[value];
  return dtype === "int64" ? BigInt(value) : Number(value);
}

/** A view of `input`; `reads` counts the elements asked for. */
export function printable(input: Input): Printable & { reads: number } {
  const view = {
    dtype: input.dtype,
    shape: input.shape,
    device: input.device ?? "cpu",
    requiresGrad: input.requires_grad ?? false,
    gradFn: null,
    isParameter: false,
    reads: 0,
    elements(ranges: readonly (readonly Range[])[]): Element[] {
      const values: Element[] = [];
      const visit = (data: Nested, dim: number): void => {
        if (!Array.isArray(data)) {
          values.push(element(data as number | boolean | string, input.dtype));
          return;
        }
        for (const [start, end] of ranges[dim]) for (let i = start; i < end; i++) visit(data[i], dim + 1);
      };
      visit(input.data, 0);
      view.reads += values.length;
      return values;
    },
  };
  return view;
}
