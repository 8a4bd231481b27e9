// Runs the cells of a notebook through a session, as Jupyter does through the kernel, and keeps what they put out. No Jupyter is
// needed. Knows nothing of files and of where progress is shown.

import type { SessionError, SessionEvent } from "../session/protocol";
import { type Session, startSession } from "../session/session";
import { type Cell, type CodeCell, type Notebook, NotebookError, tagsOf } from "./format";
import { kernelSpec, languageInfo } from "./language";
import {
  cannotAsk,
  type DisplayOutput,
  displayOutput,
  errorOutput,
  type Output,
  resultOutput,
  streamOutput,
} from "./outputs";

export interface RunOptions {
  /** Working directory of the cells. */
  cwd: string;
  /** Milliseconds that one cell may take; default: no limit. */
  timeout?: number;
  /** Hears of cells; both numbers count the cells that run. */
  progress?: { started(cell: number, of: number): void; ended(milliseconds: number): void };
  /** Stops the running cell, and with it the run. */
  signal?: AbortSignal;
}

/** The cell at which a run ended. */
export interface Failure {
  /** Counts the cells that run, as `In [cell]` does. */
  cell: number;
  error: SessionError;
}

export interface RunResult {
  /** With the outputs of this run; those of cells behind a failure are empty. */
  notebook: Notebook;
  failure?: Failure;
}

/** Milliseconds that a cell has to end in after it was told to. */
const grace = 5000;

/**
 * Runs the code cells in order, to the end or to the first that fails. A cell tagged `raises-exception` may fail, one tagged
 * `skip-execution` does not run and keeps its outputs; asking for input is an error. Throws NotebookError for a
 * notebook of another language.
 */
export async function runNotebook(notebook: Notebook, options: RunOptions): Promise<RunResult> {
  checkLanguage(notebook);
  const cells = notebook.cells.map((cell): Cell => {
    if (cell.cell_type !== "code" || isSkipped(cell)) return cell;
    return { ...cell, execution_count: null, outputs: [] };
  });
  const session = startSession({ cwd: options.cwd });
  let killing: NodeJS.Timeout | undefined;
  const stop = (): void => {
    killing = end(session);
  };
  options.signal?.addEventListener("abort", stop);
  try {
    const failure = await runCells(session, cells.filter(runs), options);
    const metadata = { kernelspec: kernelSpec, ...notebook.metadata, language_info: languageInfo };
    return { notebook: { metadata, cells }, failure };
  } finally {
    options.signal?.removeEventListener("abort", stop);
    clearTimeout(killing);
    await session.close();
  }
}

/** Whether a run executes this cell. */
export function runs(cell: Cell): cell is CodeCell {
  return cell.cell_type === "code" && cell.source.trim() !== "" && !isSkipped(cell);
}

function isSkipped(cell: Cell): boolean {
  return tagsOf(cell).includes("skip-execution");
}

function checkLanguage({ metadata }: Notebook): void {
  const { kernelspec, language_info: info } = metadata as {
    kernelspec?: { language?: unknown };
    language_info?: { name?: unknown };
  };
  const language = info?.name ?? kernelspec?.language ?? "typescript";
  if (language !== "typescript" && language !== "javascript")
    throw new NotebookError(`The notebook is written in ${language}, not in TypeScript`);
}

async function runCells(session: Session, cells: CodeCell[], options: RunOptions): Promise<Failure | undefined> {
  const recorder = new OutputRecorder(cells, () => session.refuseInput(cannotAsk));
  session.on((event) => recorder.hear(event));
  // The start of the session is not the first cell's time.
  await session.evaluate("", 0);
  for (const [i, cell] of cells.entries()) {
    const number = i + 1;
    if (options.signal?.aborted)
      return { cell: number, error: stopError("Interrupted", number, "was stopped before it ran") };
    options.progress?.started(number, cells.length);
    cell.execution_count = number;
    const start = performance.now();
    const { error, fatal } = await evaluate(session, cell.source, number, options.timeout);
    options.progress?.ended(performance.now() - start);
    if (!error) continue;
    recorder.add(number, errorOutput(error));
    if (fatal || options.signal?.aborted || !tagsOf(cell).includes("raises-exception")) return { cell: number, error };
  }
  return undefined;
}

/** A cell that took too long ends the run, whatever its tags. */
async function evaluate(
  session: Session,
  code: string,
  number: number,
  timeout: number | undefined,
): Promise<{ error?: SessionError; fatal: boolean }> {
  let killing: NodeJS.Timeout | undefined;
  const limit = timeout === undefined ? undefined : setTimeout(() => (killing = end(session)), timeout);
  const { error } = await session.evaluate(code, number);
  clearTimeout(limit);
  clearTimeout(killing);
  if (!killing || !error) return { error, fatal: false };
  const what = `took longer than ${(timeout ?? 0) / 1000} s and was stopped`;
  return { error: stopError("TimeoutError", number, what), fatal: true };
}

/** Stops the running cell, and everything when that does not help in time: native code hears no interrupt. */
function end(session: Session): NodeJS.Timeout {
  session.interrupt();
  return setTimeout(() => void session.close(), grace);
}

function stopError(name: string, cell: number, what: string): SessionError {
  const message = `In [${cell}] ${what}`;
  return { kind: "interrupt", name, message, traceback: [`${name}: ${message}`] };
}

/** Turns events of a session into outputs of cells. */
class OutputRecorder {
  /** Everything shown under an id, for the updates that replace it, from later cells too. */
  private readonly shownAs = new Map<string, DisplayOutput[]>();
  /** Cells whose outputs go when the next one comes. */
  private readonly clearing = new Set<number>();

  constructor(
    private readonly cells: readonly CodeCell[],
    private readonly refuseInput: () => void,
  ) {}

  hear<T extends SessionEvent["type"]>(event: Extract<SessionEvent, { type: T }>): void {
    this.records[event.type as T](event);
  }

  /** What comes before the first cell has nowhere to go. */
  add(cell: number, output: Output): void {
    const outputs = this.cells[cell - 1]?.outputs ?? [];
    if (this.clearing.delete(cell)) outputs.length = 0;
    const last = outputs.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name)
      last.text += output.text;
    else outputs.push(output);
  }

  private readonly records: { [T in SessionEvent["type"]]: (event: Extract<SessionEvent, { type: T }>) => void } = {
    stream: ({ cell, name, text }) => this.add(cell, streamOutput(name, text)),
    display: ({ cell, bundle, id }) => {
      const output = displayOutput(bundle);
      this.add(cell, output);
      if (id === undefined) return;
      this.update(id, bundle);
      this.shownAs.set(id, [...(this.shownAs.get(id) ?? []), output]);
    },
    updateDisplay: ({ bundle, id }) => this.update(id, bundle),
    result: ({ cell, bundle }) => this.add(cell, resultOutput(bundle, cell)),
    clearOutput: ({ cell, wait }) => {
      if (wait) this.clearing.add(cell);
      else this.cells[cell - 1]?.outputs.splice(0);
    },
    inputRequest: () => this.refuseInput(),
    finishDisplay: () => {},
    // For people who type: the next cell's text, a page to read.
    payload: () => {},
    status: () => {},
  };

  private update(id: string, bundle: DisplayOutput["data"]): void {
    for (const output of this.shownAs.get(id) ?? []) output.data = bundle;
  }
}
