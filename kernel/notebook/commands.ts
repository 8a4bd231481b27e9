// What `cresset notebook run` and `cresset notebook test` do once the command line is understood.

import { dirname, resolve } from "node:path";
import { type CheckOptions, checkNotebook, findNotebooks, reportText } from "./check";
import { readNotebook, writeNotebook } from "./format";
import { type RunOptions, runNotebook } from "./run";

export interface RunRequest {
  file: string;
  /** Where the notebook with its outputs goes; nowhere when it is not given. */
  output?: string;
  /** Milliseconds per cell. */
  timeout?: number;
  /** Name → JSON or text. */
  parameters: ReadonlyMap<string, string>;
}

/** Runs a notebook and writes it, also when a cell fails, as far as it came; the exit status: 0, 1, or 130 when interrupted. */
export async function runCommand({ file, output, timeout, parameters }: RunRequest): Promise<number> {
  let notebook = readNotebook(file);
  if (parameters.size > 0) {
    // Loads the compiler.
    const { withParameters } = await import("./parameters");
    const given = withParameters(notebook, parameters);
    for (const name of given.unknown) tell(`cresset: ${file} has no parameter "${name}"; it is set all the same\n`);
    notebook = given.notebook;
  }
  return interruptible(async (signal) => {
    const cwd = dirname(resolve(file));
    const { notebook: done, failure } = await runNotebook(notebook, { cwd, timeout, signal, progress: progress(file) });
    if (output !== undefined) writeNotebook(output, done);
    if (!failure) return 0;
    tell(`cresset: ${file}: cell ${failure.cell} failed\n${failure.error.traceback.join("\n")}\n`);
    return signal.aborted ? 130 : 1;
  });
}

/** Checks notebooks one after another and prints a report of each; the exit status: 0, 1, or 130 when interrupted. */
export async function testCommand(paths: readonly string[], options: CheckOptions): Promise<number> {
  const files = findNotebooks(paths);
  if (files.length === 0) throw new Error(`There are no notebooks in ${paths.join(", ")}`);
  return interruptible(async (signal) => {
    const start = performance.now();
    let failed = 0;
    for (const file of files) {
      const report = await checkNotebook(file, { ...options, signal });
      process.stdout.write(`${reportText(report)}\n`);
      if (signal.aborted) return 130;
      if (report.problems.length > 0) failed++;
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(`\n${files.length - failed} passed, ${failed} failed (${seconds} s)\n`);
    return failed === 0 ? 0 : 1;
  });
}

/** Ctrl-C stops the running cell, and then the command. */
async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.on("SIGINT", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}

function progress(file: string): NonNullable<RunOptions["progress"]> {
  return {
    started: (cell, of) => tell(`${file}: cell ${cell} of ${of}`),
    ended: (milliseconds) => tell(` (${(milliseconds / 1000).toFixed(1)} s)\n`),
  };
}

function tell(text: string): void {
  process.stderr.write(text);
}
