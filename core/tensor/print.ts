// PyTorch's text of a tensor (torch/_tensor_str.py of 1.13). Pure over a small view, so that it knows neither storages nor devices,
// and reads only the elements that it shows.

import { exponentialText, fixedText } from "./print-decimal";
import { tupleText } from "./print-names";
import { type PrintOptions, printOptions } from "./print-options";

/** An element: booleans for bool, bigints (or numbers) for integers, numbers for floats. */
export type Element = number | bigint | boolean;

/** Indices `start` to `end` (exclusive) of one dimension. */
export type Range = readonly [start: number, end: number];

/** What the formatter needs of a tensor. */
export interface Printable {
  /** The dtype's name without `torch.`: `float32`, `int64`, `bool`… */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** `cpu`, `cuda:0`, `meta`. */
  readonly device: string;
  readonly requiresGrad: boolean;
  /** The name of the node that made it (`MulBackward0`), or null for a leaf. */
  readonly gradFn: string | null;
  readonly isParameter: boolean;
  /**
   * The elements at every combination of the given ranges (one list per dimension), row by row. Called at most once per text, and
   * never for a tensor without elements or on the meta device.
   */
  elements(ranges: readonly (readonly Range[])[]): ArrayLike<Element>;
}

const TENSOR = "tensor(";
const DOTS = "...";
/** Between the elements of the last dimension the dots carry a leading blank. */
const VECTOR_DOTS = " ...";

const SCIENTIFIC_RATIO = 1000;
const SCIENTIFIC_MAX = 1e8;
const SCIENTIFIC_MIN = 1e-4;

function isFloating(dtype: string): boolean {
  return dtype.startsWith("float") || dtype.startsWith("bfloat");
}

/**
 * The text that PyTorch's `repr` gives: `tensor([1., 2.], requires_grad=True)`.
 * @param defaultDtype the default float dtype, whose name is not printed
 * @param options default: those of setPrintoptions
 */
export function formatTensor(
  view: Printable,
  defaultDtype = "float32",
  options: Readonly<PrintOptions> = printOptions(),
): string {
  const text = withSuffixes(TENSOR + contents(view, options), suffixes(view, defaultDtype), options.linewidth);
  return view.isParameter ? `Parameter containing:\n${text}` : text;
}

function numel(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function suffixes(view: Printable, defaultDtype: string): string[] {
  const list: string[] = [];
  if (view.device !== "cpu") list.push(`device='${view.device}'`);
  const empty = numel(view.shape) === 0;
  const meta = view.device === "meta";
  if (meta || (empty && view.shape.length !== 1)) list.push(`size=${tupleText(view.shape)}`);
  const inferred = [defaultDtype, ...(empty || meta ? [] : ["int64", "bool"])];
  if (!inferred.includes(view.dtype)) list.push(`dtype=torch.${view.dtype}`);
  if (view.gradFn !== null) list.push(`grad_fn=<${view.gradFn}>`);
  else if (view.requiresGrad) list.push("requires_grad=True");
  return list;
}

function withSuffixes(text: string, list: readonly string[], linewidth: number): string {
  let result = text;
  // The last line's length, and two for the separator that a suffix needs.
  let length = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of list) {
    if (length + suffix.length + 2 > linewidth) {
      result += `,\n${" ".repeat(TENSOR.length)}${suffix}`;
      length = TENSOR.length + suffix.length;
    } else {
      result += `, ${suffix}`;
      length += suffix.length + 2;
    }
  }
  return `${result})`;
}

function contents(view: Printable, options: Readonly<PrintOptions>): string {
  if (view.device === "meta") return DOTS;
  const count = numel(view.shape);
  if (count === 0) return "[]";
  const edge = count > options.threshold ? options.edgeitems : Number.POSITIVE_INFINITY;
  const ranges = view.shape.map((size): Range[] =>
    size > 2 * edge
      ? [
          [0, edge],
          [size - edge, size],
        ]
      : [[0, size]],
  );
  const values = view.elements(ranges);
  const column = isFloating(view.dtype) ? floatColumn(values, options) : integerColumn(values);
  if (view.shape.length === 0) return column.cells[0];
  return nested(column, ranges, options.linewidth);
}

/** Every element shown, padded to the column's width, and that width (which nan and inf may exceed). */
interface Column {
  readonly cells: readonly string[];
  readonly width: number;
}

function padded(texts: readonly string[], width: number): Column {
  return { cells: texts.map((text) => text.padStart(width)), width };
}

function integerColumn(values: ArrayLike<Element>): Column {
  const texts = Array.from(values, (value) =>
    typeof value === "boolean" ? (value ? "True" : "False") : String(value),
  );
  return padded(
    texts,
    texts.reduce((width, text) => Math.max(width, text.length), 1),
  );
}

/** The notation is chosen, and the width measured, over the finite elements that are not zero. */
function floatColumn(values: ArrayLike<Element>, options: Readonly<PrintOptions>): Column {
  const { precision, sciMode } = options;
  const numbers = Array.from(values, Number);
  const measured = numbers.filter((x) => x !== 0 && Number.isFinite(x));
  const decimal = (x: number) => fixedText(x, precision);
  const integral = (x: number) => (Number.isFinite(x) ? `${fixedText(x, 0)}.` : fixedText(x, 0));
  const scientific = (x: number) => exponentialText(x, precision);
  if (measured.length === 0) return padded(numbers.map(integral), 1);

  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  let whole = true;
  for (const x of measured) {
    const magnitude = Math.abs(x);
    if (magnitude < min) min = magnitude;
    if (magnitude > max) max = magnitude;
    whole &&= Number.isInteger(x);
  }
  const plain = whole ? integral : decimal;
  const spread = max / min > SCIENTIFIC_RATIO || max > SCIENTIFIC_MAX || (!whole && min < SCIENTIFIC_MIN);
  const natural = spread ? scientific : plain;
  // An option changes the notation after the width was measured, so its columns may be narrower than their contents.
  const chosen = sciMode === null ? natural : sciMode ? scientific : plain;
  if (chosen !== natural) {
    const width = measured.reduce((widest, x) => Math.max(widest, natural(x).length), 1);
    return padded(numbers.map(chosen), width);
  }
  const texts = numbers.map(natural);
  let width = 1;
  numbers.forEach((x, i) => {
    if (x !== 0 && Number.isFinite(x)) width = Math.max(width, texts[i].length);
  });
  return padded(texts, width);
}

function nested(column: Column, ranges: readonly (readonly Range[])[], linewidth: number): string {
  let next = 0;
  const last = ranges.length - 1;

  function vector(indent: number): string {
    const items: string[] = [];
    ranges[last].forEach(([start, end], part) => {
      if (part > 0) items.push(VECTOR_DOTS);
      for (let i = start; i < end; i++) items.push(column.cells[next++]);
    });
    const perLine = Math.max(1, Math.floor((linewidth - indent) / (column.width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(", "));
    return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
  }

  function block(dim: number, indent: number): string {
    if (dim === last) return vector(indent);
    const parts: string[] = [];
    ranges[dim].forEach(([start, end], part) => {
      if (part > 0) parts.push(DOTS);
      for (let i = start; i < end; i++) parts.push(block(dim + 1, indent + 1));
    });
    return `[${parts.join(`,${"\n".repeat(last - dim)}${" ".repeat(indent + 1)}`)}]`;
  }

  return block(0, TENSOR.length);
}
