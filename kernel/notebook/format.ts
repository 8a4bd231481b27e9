// The file of a notebook, nbformat 4: read with a check of everything that the rest relies on, written as Jupyter writes it (sorted
// keys, text by lines), so that a diff shows what changed. Knows nothing of running cells.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { MimeBundle } from "../../core/display/host";
import { writeWhole } from "../session/whole-file";
import type { Output } from "./outputs";

/** A file that is not a notebook, or not one that can be used. */
export class NotebookError extends Error {
  override name = "NotebookError";
}

type Fields = Record<string, unknown>;

/** A cell with TypeScript. */
export interface CodeCell {
  cell_type: "code";
  id: string;
  metadata: Fields;
  source: string;
  execution_count: number | null;
  outputs: Output[];
}

/** A cell with text. */
export interface TextCell {
  cell_type: "markdown" | "raw";
  id: string;
  metadata: Fields;
  source: string;
  attachments?: Fields;
}

export type Cell = CodeCell | TextCell;

export interface Notebook {
  metadata: Fields;
  cells: Cell[];
}

const format = { nbformat: 4, nbformat_minor: 5 };
const idForm = /^[a-zA-Z0-9_-]{1,64}$/;

/** The notebook in `file`. Throws NotebookError, which names the file and the cell, for what is not one. */
export function readNotebook(file: string): Notebook {
  return parseNotebook(readFileSync(file, "utf8"), file);
}

/** As readNotebook, from text; `name` is what errors call it. */
export function parseNotebook(text: string, name: string): Notebook {
  try {
    const json = fields(JSON.parse(text.replace(/^\uFEFF/, "")), "the file");
    const { nbformat, metadata, cells } = json;
    if (typeof nbformat !== "number") throw new NotebookError("it has no nbformat");
    if (nbformat !== format.nbformat)
      throw new NotebookError(`its nbformat is ${nbformat}, not 4; save it with Jupyter, which converts it`);
    const taken = new Set<string>();
    return {
      metadata: fields(metadata ?? {}, "metadata"),
      cells: list(cells, "cells").map((cell, i) => readCell(cell, `cell ${i + 1}`, taken)),
    };
  } catch (error) {
    if (!(error instanceof NotebookError || error instanceof SyntaxError)) throw error;
    throw new NotebookError(`${name} is not a notebook: ${error.message}`);
  }
}

/** An id that no cell has. */
export function newCellId(): string {
  return randomBytes(4).toString("hex");
}

/** The tags that a person has given to a cell. */
export function tagsOf(cell: Cell): string[] {
  const { tags } = cell.metadata;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}

/** The text of a notebook's file. */
export function notebookText({ metadata, cells }: Notebook): string {
  return `${JSON.stringify(sorted({ ...format, metadata, cells: cells.map(writtenCell) }), null, 1)}\n`;
}

/** Writes the file whole or not at all. */
export function writeNotebook(file: string, notebook: Notebook): void {
  writeWhole(file, notebookText(notebook));
}

function readCell(value: unknown, where: string, taken: Set<string>): Cell {
  const cell = fields(value, where);
  const { cell_type: type, id: given, metadata, source } = cell;
  // Before nbformat 4.5 cells had no ids; two of the same come from copies made by hand.
  const id = typeof given === "string" && idForm.test(given) && !taken.has(given) ? given : newCellId();
  taken.add(id);
  const common = { id, metadata: fields(metadata ?? {}, `metadata of ${where}`), source: joined(source, where) };
  if (type === "markdown" || type === "raw") {
    const { attachments } = cell;
    return attachments === undefined
      ? { cell_type: type, ...common }
      : { cell_type: type, ...common, attachments: fields(attachments, `attachments of ${where}`) };
  }
  if (type !== "code") throw new NotebookError(`${where} has the cell_type ${JSON.stringify(type)}`);
  return {
    cell_type: "code",
    ...common,
    execution_count: count(cell.execution_count),
    outputs: list(cell.outputs ?? [], `outputs of ${where}`).map((output, i) =>
      readOutput(fields(output, `output ${i + 1} of ${where}`), `output ${i + 1} of ${where}`),
    ),
  };
}

function readOutput(output: Fields, where: string): Output {
  const read = outputReaders[String(output.output_type) as Output["output_type"]];
  if (!read) throw new NotebookError(`${where} has the output_type ${JSON.stringify(output.output_type)}`);
  return read(output, where);
}

const outputReaders: { readonly [T in Output["output_type"]]: (output: Fields, where: string) => Output } = {
  stream: ({ name, text }, where) => ({
    output_type: "stream",
    name: name === "stderr" ? "stderr" : "stdout",
    text: joined(text, where),
  }),
  display_data: (output, where) => ({ output_type: "display_data", ...shown(output, where) }),
  execute_result: (output, where) => ({
    output_type: "execute_result",
    ...shown(output, where),
    execution_count: count(output.execution_count),
  }),
  error: ({ ename, evalue, traceback }, where) => ({
    output_type: "error",
    ename: String(ename ?? ""),
    evalue: String(evalue ?? ""),
    traceback: list(traceback ?? [], `traceback of ${where}`).map(String),
  }),
};

function shown({ data, metadata }: Fields, where: string): { data: MimeBundle; metadata: Fields } {
  const forms = Object.entries(fields(data ?? {}, `data of ${where}`)).map(([mime, value]) => [
    mime,
    !isJson(mime) && isLines(value) ? value.join("") : value,
  ]);
  return { data: Object.fromEntries(forms), metadata: fields(metadata ?? {}, `metadata of ${where}`) };
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new NotebookError(`${what} should be an object`);
  return value as Fields;
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new NotebookError(`${what} should be a list`);
  return value;
}

function joined(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  if (isLines(value)) return value.join("");
  throw new NotebookError(`the text of ${where} should be a string or a list of strings`);
}

function isLines(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((line) => typeof line === "string");
}

function count(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function isJson(mime: string): boolean {
  return mime === "application/json" || /^application\/.*\+json$/.test(mime);
}

function isText(mime: string): boolean {
  return mime.startsWith("text/") || mime === "image/svg+xml" || mime === "application/javascript";
}

function writtenCell(cell: Cell): Fields {
  const source = lines(cell.source);
  return cell.cell_type === "code"
    ? { ...cell, source, outputs: cell.outputs.map(writtenOutput) }
    : { ...cell, source };
}

function writtenOutput(output: Output): Fields {
  if (output.output_type === "stream") return { ...output, text: lines(output.text) };
  if (output.output_type === "error") return { ...output };
  const data = Object.entries(output.data).map(([mime, value]) => [
    mime,
    isText(mime) && typeof value === "string" ? lines(value) : value,
  ]);
  return { ...output, data: Object.fromEntries(data) };
}

/** Text by lines, each with its end. */
function lines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
