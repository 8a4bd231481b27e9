// Notebooks as tests: runs them again and tells where what they put out differs from what they keep.

import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { compareOutputs } from "./compare";
import { type CodeCell, readNotebook, tagsOf } from "./format";
import { type RunOptions, runNotebook, runs } from "./run";

export interface CheckOptions extends Pick<RunOptions, "timeout" | "progress" | "signal"> {
  /** How far numbers may lie apart, relative to their size; default 1e-4. */
  tolerance?: number;
}

/** What a check of one notebook found. */
export interface Report {
  file: string;
  /** Cells whose outputs were compared. */
  compared: number;
  milliseconds: number;
  /** Empty when all is well. */
  problems: Problem[];
}

export interface Problem {
  /** Where it is: `cell 3, stdout`. */
  title: string;
  lines: string[];
}

/**
 * Runs the notebook in `file` and compares. Cells tagged `nondeterministic`, and cells that have never been run, must only succeed.
 * The file is not written. What is wrong with the file is a problem too.
 */
export async function checkNotebook(file: string, options: CheckOptions = {}): Promise<Report> {
  const start = performance.now();
  const report: Report = { file, compared: 0, milliseconds: 0, problems: [] };
  try {
    const stored = readNotebook(file);
    const { notebook, failure } = await runNotebook(stored, { ...options, cwd: dirname(resolve(file)) });
    const before = stored.cells.filter(runs);
    const after = notebook.cells.filter(runs);
    // The cell that failed and those behind it have nothing to compare.
    const ended = failure ? failure.cell - 1 : before.length;
    for (let i = 0; i < ended; i++) {
      if (!isCompared(before[i])) continue;
      report.compared++;
      for (const { what, lines } of compareOutputs(before[i].outputs, after[i].outputs, options.tolerance ?? 1e-4))
        report.problems.push({ title: `cell ${i + 1}, ${what}`, lines });
    }
    if (failure) report.problems.push({ title: `cell ${failure.cell} failed`, lines: failure.error.traceback });
  } catch (error) {
    report.problems.push({ title: "not run", lines: [error instanceof Error ? error.message : String(error)] });
  }
  report.milliseconds = performance.now() - start;
  return report;
}

function isCompared(cell: CodeCell): boolean {
  const hasRun = cell.execution_count !== null || cell.outputs.length > 0;
  return hasRun && !tagsOf(cell).includes("nondeterministic");
}

/** A report as a test runner prints it, without an end of line. */
export function reportText({ file, compared, milliseconds, problems }: Report): string {
  const cells = compared === 0 ? "no outputs stored" : `${compared} cell${compared === 1 ? "" : "s"} compared`;
  const head = `${problems.length === 0 ? "ok    " : "FAILED"}  ${file} (${cells}, ${(milliseconds / 1000).toFixed(1)} s)`;
  return [head, ...problemLines(problems)].join("\n");
}

/** The problems of a report, indented. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.flatMap(({ title, lines }) => [`  ${title}:`, ...lines.map((line) => `    ${line}`)]);
}

/**
 * The notebooks that `paths` name: files, and those below directories, in order of name. Hidden directories, such as Jupyter's
 * checkpoints, and node_modules are left out. Throws for a path that does not exist.
 */
export function findNotebooks(paths: readonly string[]): string[] {
  const found = paths.flatMap((path) => {
    if (!existsSync(path)) throw new Error(`There is no ${path}`);
    return statSync(path).isDirectory() ? below(path) : [path];
  });
  return [...new Set(found)];
}

function below(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return /^\.|^node_modules$/.test(entry.name) ? [] : below(path);
    return entry.name.endsWith(".ipynb") ? [path] : [];
  });
}
