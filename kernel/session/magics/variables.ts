// `%who`, `%whos`, `%mem` and the facts that `name?` tells of a value: what variables are, and what they keep in memory.

import { types } from "node:util";
import type { Module } from "../../../core/nn/module";
import type { Tensor } from "../../../core/tensor/tensor";
import { type Holdings, holdingsOf, totalBytes } from "../executor/holdings";
import { loadPrelude, memoryStatistics } from "../executor/library";
import { preludeNames } from "../prelude-names";
import type { Variable } from "../protocol";

type Variables = Record<string, unknown>;

const longestValue = 60;
const largestShown = 10;

/** Names that cells declared, in alphabetical order. */
export function variableNames(variables: Variables): string[] {
  const own = Object.keys(variables).filter((name) => !name.startsWith("tsLastExpr"));
  return own.filter((name) => !isPrelude(name, variables)).sort((a, b) => (a < b ? -1 : 1));
}

/** `%who`. */
export function who(variables: Variables): string {
  return variableNames(variables).join("  ") || "There are no variables.";
}

/** `%whos`. */
export function whos(variables: Variables): string {
  const rows = variableNames(variables).map((name): string[] => {
    const value = read(variables, name);
    return [name, typeName(value), details(value)];
  });
  return rows.length === 0 ? "There are no variables." : table(["Variable", "Type", "Data"], rows);
}

/** The same for front-ends. `cellOf`: the cell that declared a name. */
export function describeVariables(variables: Variables, cellOf: (name: string) => string): Variable[] {
  const { torch } = loadPrelude();
  return variableNames(variables).map((name): Variable => {
    const value = read(variables, name);
    const common = { name, type: typeName(value), summary: details(value), bytes: heldBy(value), cell: cellOf(name) };
    if (!(value instanceof torch.Tensor)) return common;
    const { shape, device, requiresGrad } = value;
    return { ...common, shape: [...shape], dtype: dtypeName(value), device: String(device), requiresGrad };
  });
}

/** `%mem`; `results`: what `Out` holds beside. */
export function memory(variables: Variables, results: Holdings[]): string {
  const { rss, heapUsed } = process.memoryUsage();
  const { live, peak, cached, handles } = memoryStatistics();
  const facts = [
    ["Process", `${bytesText(rss)} resident, ${bytesText(heapUsed)} of JavaScript`],
    [
      "Tensors",
      `${bytesText(live)} in ${handles} blocks, at most ${bytesText(peak)} so far, ${bytesText(cached)} kept for reuse`,
    ],
    ["Results", `${bytesText(totalBytes(results))} in Out; %reset out lets go of them`],
  ].map(([name, text]) => `${name.padEnd(9)} ${text}`);
  const sizes = variableNames(variables).map((name) => ({ name, bytes: heldBy(read(variables, name)) }));
  const largest = sizes.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
  if (largest.length === 0) return facts.join("\n");
  const rows = largest.slice(0, largestShown).map(({ name, bytes }) => {
    const value = read(variables, name);
    return [name, typeName(value), bytesText(bytes)];
  });
  return `${facts.join("\n")}\n\n${table(["Variable", "Type", "Memory"], rows)}`;
}

/** A property of a value, without running code of the user's: undefined for getters but those of the library and of modules, and for proxies. */
export function propertyAsItIs(value: unknown, name: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null || types.isProxy(value))
    return undefined;
  const { torch } = loadPrelude();
  for (let holder: object | null = value; holder; holder = Object.getPrototypeOf(holder)) {
    const found = Object.getOwnPropertyDescriptor(holder, name);
    if (!found) continue;
    if ("value" in found) return found.value;
    const isKnown = value instanceof torch.Tensor || Object.hasOwn(value, "__esModule");
    return isKnown ? Reflect.get(value, name) : undefined;
  }
  return undefined;
}

/** What `name?` tells of a value, a fact a line. */
export function facts(value: unknown): string[] {
  const { torch } = loadPrelude();
  if (value instanceof torch.Tensor) {
    const node = value._state?.node;
    const grad = value.requiresGrad ? `, requires grad${node ? `, made by ${node.name()}` : ""}` : "";
    return [
      `Tensor: shape [${value.shape.join(", ")}], ${dtypeName(value)} on ${value.device}, ${bytesText(bytesOf(value))}${grad}`,
    ];
  }
  if (value instanceof torch.nn.Module) return [`${typeName(value)}: ${parametersText(value)}`];
  if (typeof value === "object" && value !== null) return [`Value: ${typeName(value)} ${details(value)}`.trimEnd()];
  return typeof value === "function" || value === undefined ? [] : [`Value: ${details(value)}`];
}

/** `1.5 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let size = bytes;
  let unit = "B";
  for (unit of ["kB", "MB", "GB", "TB"]) {
    size /= 1000;
    if (size < 999.5) break;
  }
  return `${Number(size.toPrecision(3))} ${unit}`;
}

function isPrelude(name: string, variables: Variables): boolean {
  const prelude = preludeNames.find((each) => each === name);
  return prelude !== undefined && read(variables, name) === loadPrelude()[prelude];
}

/** A variable that its cell has not reached has no value. */
function read(variables: Variables, name: string): unknown {
  try {
    return variables[name];
  } catch {
    return undefined;
  }
}

function typeName(value: unknown): string {
  if (value === null || typeof value !== "object") {
    const isModule = typeof value === "function" && value instanceof loadPrelude().torch.nn.Module;
    if (!isModule)
      return typeof value === "function" && /^class\b/.test(String(value))
        ? "class"
        : value === null
          ? "null"
          : typeof value;
  }
  return (value as object).constructor?.name || "object";
}

function details(value: unknown): string {
  const { torch } = loadPrelude();
  if (value instanceof torch.Tensor) {
    const grad = value.requiresGrad ? ", requires grad" : "";
    return `[${value.shape.join(", ")}] ${dtypeName(value)} ${value.device}, ${bytesText(bytesOf(value))}${grad}`;
  }
  if (value instanceof torch.nn.Module) return parametersText(value);
  if (typeof value === "function") return value.name;
  if (Array.isArray(value)) return `${value.length} elements`;
  if (ArrayBuffer.isView(value)) return bytesText(value.byteLength);
  if (types.isMap(value) || types.isSet(value)) return `${value.size} entries`;
  if (typeof value === "object" && value !== null)
    return `{ ${Object.keys(value).join(", ")} }`.replace("{  }", "{}").slice(0, longestValue);
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

function parametersText(module: Module): string {
  const parameters = [...module.parameters()];
  const count = parameters.reduce((sum, parameter) => sum + parameter.numel(), 0);
  return `${count.toLocaleString("en-US")} parameters, ${bytesText(heldBy(parameters))}`;
}

function dtypeName(tensor: Tensor): string {
  return String(tensor.dtype).replace(/^torch\./, "");
}

function bytesOf(tensor: Tensor): number {
  return tensor.numel() * tensor.dtype.itemsize;
}

function heldBy(value: unknown): number {
  return totalBytes([holdingsOf(value)]);
}

function table(head: string[], rows: string[][]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const text = (cells: string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]))
      .join("  ")
      .trimEnd();
  return [text(head), "-".repeat(text(widths.map((width) => "-".repeat(width))).length), ...rows.map(text)].join("\n");
}
