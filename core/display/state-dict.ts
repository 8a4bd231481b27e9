// A state_dict: the text that Python prints for its OrderedDict, and a table of what it holds.

import { tupleText } from "../tensor/print-names";
import { type PythonValue, pythonText } from "../tensor/python-text";
import type { MimeBundle } from "./host";
import { escaped } from "./html";

/** A tensor as far as the table shows it. */
export interface EntryTensor {
  readonly shape: readonly number[];
  readonly dtype: { toString(): string };
  readonly device: { toString(): string };
  numel(): number;
  toString(): string;
}

/** Names and values in order; values are tensors, or anything that Python text is known for. */
export type StateEntries = Iterable<readonly [string, EntryTensor | PythonValue]>;

function isTensor(value: EntryTensor | PythonValue): value is EntryTensor {
  return typeof value === "object" && value !== null && "shape" in value && "dtype" in value;
}

/** `OrderedDict([('weight', tensor([[0.5000]])), ('bias', tensor([0.]))])`. */
export function stateDictText(entries: StateEntries): string {
  const items = Array.from(entries, ([key, value]) => `(${pythonText(key)}, ${pythonText(value)})`);
  return items.length === 0 ? "OrderedDict()" : `OrderedDict([${items.join(", ")}])`;
}

function row(cells: readonly string[], tag: "td" | "th"): string {
  const style = `style="text-align:left"`;
  return `<tr>${cells.map((cell) => `<${tag} ${style}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
}

/** A table of name, shape, dtype and device, with the number of elements below. */
export function stateDictHtml(entries: StateEntries): string {
  let total = 0;
  const rows = Array.from(entries, ([key, value]) => {
    if (!isTensor(value)) return row([key, "", pythonText(value), ""], "td");
    // What a lazy module holds before its first call has no shape.
    if ("materialize" in value) return row([key, "", String(value.dtype), String(value.device)], "td");
    total += value.numel();
    return row([key, tupleText(value.shape), String(value.dtype), String(value.device)], "td");
  });
  const head = row(["name", "shape", "dtype", "device"], "th");
  const caption = `${rows.length} entries, ${total.toLocaleString("en-US")} elements`;
  return (
    `<table style="font-family:monospace"><thead>${head}</thead><tbody>${rows.join("")}</tbody></table>` +
    `<div style="opacity:0.6">${caption}</div>`
  );
}

/** The state_dict as a table and as text. */
export function stateDictBundle(entries: StateEntries): MimeBundle {
  const list = [...entries];
  return { "text/html": stateDictHtml(list), "text/plain": stateDictText(list) };
}
