// Magics about the text of cells and about files: `%history`, `%save`, `%load`.

import { existsSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { writeWhole } from "../whole-file";
import { fileProblem, pathFrom } from "./paths";
import { wordsOf } from "./words";

/** An error of a magic whose message says what to do. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** `%history`: cells with their numbers. */
export function history(inputs: readonly string[], text: string): string {
  const cells = selected(inputs, wordsOf(text));
  const width = String(cells.at(-1) ?? 0).length;
  const margin = " ".repeat(width + 2);
  return cells
    .map((cell) => `${String(cell).padStart(width)}: ${inputs[cell].replaceAll("\n", `\n${margin}`)}`)
    .join("\n");
}

/** `%save`: the path written and what is in it. */
export function save(inputs: readonly string[], text: string): string {
  // The cell that saves is not part of what it saves.
  const { path, cells } = chosen(inputs, text, { folder: process.cwd(), magic: "save", end: inputs.length - 1 });
  writeWhole(path, cells.map((cell) => `${inputs[cell].trimEnd()}\n`).join("\n"));
  return written(path, cells.length);
}

/**
 * The file and the cells that `[-f] FILE [CELLS]` names; without cells all of `inputs` before `end`. Throws UsageError when nothing is
 * chosen, and when a file exists that is not to be replaced.
 */
export function chosen(
  inputs: readonly string[],
  text: string,
  { folder, magic, end }: { folder: string; magic: string; end: number },
): { path: string; cells: number[] } {
  const words = wordsOf(text);
  const replace = words[0] === "-f";
  const [file, ...ranges] = replace ? words.slice(1) : words;
  if (file === undefined) throw new UsageError(`Write %${magic} FILE 1-3 5: a file, then the cells`);
  const path = pathFrom(folder, extname(file) === "" ? `${file}.ts` : file);
  const cells = selected(inputs, ranges, ranges.length === 0 ? end : inputs.length);
  if (cells.length === 0) throw new UsageError("There are no cells to write");
  if (!replace && existsSync(path)) throw new UsageError(`${path} exists: write %${magic} -f to replace it`);
  return { path, cells };
}

/** What is said of a file that was written. */
export function written(path: string, cells: number): string {
  return `${cells} cell${cells === 1 ? "" : "s"} written to ${path}`;
}

/** `%load`: the text of the next cell. */
export function load(text: string): string {
  const [file] = wordsOf(text);
  if (file === undefined) throw new UsageError("Write %load FILE");
  const path = pathOf(file);
  try {
    return `// %load ${text.trim()}\n${readFileSync(path, "utf8")}`;
  } catch (error) {
    throw new UsageError(fileProblem(path, error));
  }
}

/** A path as typed, from the working directory. */
export function pathOf(path: string): string {
  return pathFrom(process.cwd(), path);
}

/** The cells of ranges such as `1-4`, `7` and `9-`, all without a range; those without text are left out. */
function selected(inputs: readonly string[], ranges: string[], end = inputs.length): number[] {
  const cells = new Set<number>();
  for (const range of ranges.length === 0 ? ["1-"] : ranges) {
    const found = /^(\d+)(?:(-)(\d*))?$/.exec(range);
    if (!found) throw new UsageError(`${range} names no cells: write 3, 1-4 or 5-`);
    const first = Number(found[1]);
    const last = found[2] === undefined ? first : found[3] === "" ? end - 1 : Number(found[3]);
    if (first >= end || last >= end) throw new UsageError(`There is no cell ${Math.max(first, last)} in this session`);
    for (let cell = first; cell <= last; cell++) if (inputs[cell] !== undefined && cell > 0) cells.add(cell);
  }
  return [...cells].sort((a, b) => a - b);
}
