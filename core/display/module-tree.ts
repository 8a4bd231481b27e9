// A module and its children: as the text that PyTorch's repr gives, and as a tree that opens and closes, with parameter counts.

import type { MimeBundle } from "./host";
import { escaped } from "./html";

/** A module as far as it is shown. */
export interface ModuleView {
  /** The class: `Linear`. */
  readonly name: string;
  /** PyTorch's extra_repr: `in_features=2, out_features=1, bias=True`; may have several lines, or be empty. */
  readonly extra: string;
  /** In order of definition, without null children. */
  readonly children: readonly (readonly [name: string, child: ModuleView])[];
  /** The module's own parameters, without those of its children. A shared one is counted once. */
  readonly parameters: readonly { numel(): number }[];
}

const INDENT = "  ";

/**
 * PyTorch's text of a module: `Name(extra)` on one line without children, else one entry per line.
 * @param children name and text of each child
 */
export function formatModule(name: string, extra: string, children: Iterable<readonly [string, string]>): string {
  const entries = Array.from(children, ([key, text]) => `(${key}): ${text.replaceAll("\n", `\n${INDENT}`)}`);
  const extras = extra === "" ? [] : extra.split("\n");
  if (entries.length === 0 && extras.length <= 1) return `${name}(${extra})`;
  return `${name}(\n${[...extras, ...entries].map((line) => `${INDENT}${line}\n`).join("")})`;
}

/** The text of a module and all that it holds. */
export function moduleText(view: ModuleView): string {
  return formatModule(
    view.name,
    view.extra,
    view.children.map(([key, child]) => [key, moduleText(child)] as const),
  );
}

function parametersOf(view: ModuleView, found = new Set<{ numel(): number }>()): Set<{ numel(): number }> {
  for (const parameter of view.parameters) found.add(parameter);
  for (const [, child] of view.children) parametersOf(child, found);
  return found;
}

function count(view: ModuleView): number {
  let total = 0;
  for (const parameter of parametersOf(view)) total += parameter.numel();
  return total;
}

function counted(total: number): string {
  if (total === 0) return "";
  const unit = total === 1 ? "parameter" : "parameters";
  return ` <span style="opacity:0.6">${total.toLocaleString("en-US")} ${unit}</span>`;
}

function node(view: ModuleView, key: string | null): string {
  const label = key === null ? "" : `(${escaped(key)}): `;
  const head = `${label}<b>${escaped(view.name)}</b>(${escaped(view.extra)})${counted(count(view))}`;
  if (view.children.length === 0) return `<div style="margin-left:1.1em">${head}</div>`;
  const inner = view.children.map(([name, child]) => node(child, name)).join("");
  return `<details open><summary>${head}</summary><div style="margin-left:1.1em">${inner}</div></details>`;
}

/** The module as a tree in HTML. */
export function moduleHtml(view: ModuleView): string {
  return `<div style="font-family:monospace;white-space:nowrap">${node(view, null)}</div>`;
}

/** The module as a tree and as text. */
export function moduleBundle(view: ModuleView): MimeBundle {
  return { "text/html": moduleHtml(view), "text/plain": moduleText(view) };
}
