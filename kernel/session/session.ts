// A session as its front-end sees it: two child processes behind one object. The language process checks, transforms and
// completes; the executor owns variables and tensors, and may die without taking the language process or the front-end along.

import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type Death, ExecutorProcess, type OutputFrame } from "./executor-process";
import type { InputLine } from "./input";
import { LanguageProcess } from "./language-process";
import { fileProblem, pathFrom } from "./magics/paths";
import { wordsOf } from "./magics/words";
import { initialDeclarations } from "./prelude-names";
import type {
  CompleteReply,
  EvaluateReply,
  InspectReply,
  IsCompleteReply,
  SessionError,
  SessionEvent,
} from "./protocol";
import { ResultTypes } from "./result-types";
import type { ConvertReply, ConvertedCell, ConvertedModule, ProcessSetup, RunRequest } from "./wire";

export interface SessionOptions {
  /** Working directory of cells; default: the process's own. */
  cwd?: string;
  /** "text" when the front-end can draw only text/plain (a terminal); default "rich". */
  display?: "rich" | "text";
  /**
   * The file of a program: relative imports resolve from it, errors name it, and what it fails to catch ends the executor.
   * Names in brackets, such as `[stdin]`, stand for no file.
   */
  file?: string;
  /** A program's arguments, `process.argv` from the third on. */
  argv?: string[];
  /** "inherit" gives cells this process's standard input; default "ignore". */
  stdin?: "ignore" | "inherit";
  /**
   * Whether `x + y`, `x[0, "1:3"]` and their like work on tensors. Default: yes, unless the environment has CRESSET_OPERATORS=0.
   * A cell or file with a line `// @operators off` goes without.
   */
  operators?: boolean;
}

export interface Session {
  /**
   * Checks and runs one cell. Never rejects for what the user's code does. Calls are queued in order.
   * @param record whether `In` and `Out` remember it; default true
   */
  evaluate(code: string, cell: number, record?: boolean): Promise<EvaluateReply>;
  complete(code: string, offset: number): Promise<CompleteReply>;
  inspect(code: string, offset: number): Promise<InspectReply>;
  isComplete(code: string): Promise<IsCompleteReply>;
  /** Stops the running cell and keeps variables. */
  interrupt(): void;
  /** Answers an inputRequest event. */
  input(text: string): void;
  /** Answers an inputRequest event when nobody can be asked: the cell gets an error that says `reason`. */
  refuseInput(reason: string): void;
  /**
   * Stops taking the executor's output, or goes on with it: a cell that writes more than the pipes hold then waits. For a front-end
   * whose reader is slow.
   */
  hold(held: boolean): void;
  /** Ends the executor and starts a new one; variables are gone. */
  restart(): Promise<void>;
  /** Waits for timers and servers of what ran, as Node does at the end of a program, then closes; the exit status. */
  finish(): Promise<number>;
  /** Ends both processes. */
  close(): Promise<void>;
  on(listener: (event: SessionEvent) => void): () => void;
}

/** Starts both processes; returns at once, and what is asked before they are ready waits. */
export function startSession(options: SessionOptions = {}): Session {
  return new ProcessSession(options);
}

class ProcessSession implements Session {
  private readonly setup: ProcessSetup;
  private readonly language: LanguageProcess;
  private executor: ExecutorProcess;
  private readonly listeners = new Set<(event: SessionEvent) => void>();
  private declarations = initialDeclarations;
  private readonly results = new ResultTypes();
  /** Sources of all cells, and how many of them the executor knows. */
  private readonly inputs: [cell: number, source: string][] = [];
  private inputsTold = 0;
  /** What ran, with its label. */
  private readonly sources: [label: string, source: string][] = [];
  private lastError: readonly string[] = [];
  /** The working directory of cells now. */
  private cwd: string;
  /** All user modules so far: the language process converts each once, a new executor needs them again. */
  private readonly modules = new Map<string, ConvertedModule>();
  /** The executor has none of the modules yet. */
  private fresh = true;
  /** The executor ended before it could run a cell. */
  private dead = false;
  private queue: Promise<unknown> = Promise.resolve();
  private cell = 0;
  private running = false;
  /** The cell has passed the check, and the executor has it. */
  private executing = false;
  private finishing = false;
  private interrupted = false;
  private asking = false;
  private held = false;
  private closed = false;

  constructor(private readonly options: SessionOptions) {
    const cwd = resolve(options.cwd ?? process.cwd());
    const file = options.file && resolve(cwd, options.file);
    this.setup = {
      root: file ? dirname(file) : cwd,
      cwd,
      file,
      argv: [file ?? "", ...(options.argv ?? [])],
      display: options.display ?? "rich",
      operators: options.operators ?? process.env.CRESSET_OPERATORS !== "0",
    };
    this.cwd = cwd;
    this.language = new LanguageProcess(this.setup);
    this.executor = this.startExecutor();
  }

  evaluate(code: string, cell: number, record = true): Promise<EvaluateReply> {
    const start = performance.now();
    const reply = this.queue.then(async (): Promise<EvaluateReply> => {
      this.emit({ type: "status", state: "busy" });
      const error = await this.runCell(code, cell, record && !this.setup.file);
      this.emit({ type: "status", state: "idle" });
      const duration = performance.now() - start;
      return error ? { status: "error", error, duration } : { status: "ok", duration };
    });
    this.queue = reply;
    return reply;
  }

  complete(code: string, offset: number): Promise<CompleteReply> {
    const declarations = this.declarations + this.results.forCompletion(code);
    return this.language.call("complete", { code, offset, declarations, cwd: this.cwd });
  }

  inspect(code: string, offset: number): Promise<InspectReply> {
    const declarations = this.declarations + this.results.for(code);
    return this.language.call("inspect", { code, offset, declarations });
  }

  isComplete(code: string): Promise<IsCompleteReply> {
    return this.language.call("isComplete", { code });
  }

  interrupt(): void {
    if (!this.running && !this.finishing) return;
    this.interrupted = true;
    this.applyHold();
    // Nothing is asked of the executor before it was given the cell.
    if (this.executing || this.finishing) this.executor.interrupt();
    if (this.asking) this.answer({ stopped: true });
  }

  input(text: string): void {
    if (this.asking) this.answer({ text });
  }

  refuseInput(reason: string): void {
    if (this.asking) this.answer({ refused: reason });
  }

  hold(held: boolean): void {
    this.held = held;
    this.applyHold();
  }

  async restart(): Promise<void> {
    const old = this.executor;
    this.executor = this.startExecutor();
    old.kill();
    await old.ended;
  }

  async finish(): Promise<number> {
    await this.queue;
    const { executor } = this;
    this.closed = true;
    executor.finish();
    this.finishing = true;
    const { code } = await executor.ended;
    this.language.close();
    return code ?? 1;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.language.close();
    this.executor.kill();
    await this.executor.ended;
  }

  on(listener: (event: SessionEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A cell that is to stop must not wait for its reader. */
  private applyHold(): void {
    this.executor.hold(this.held && !this.interrupted);
  }

  private emit(event: SessionEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private answer(line: InputLine): void {
    this.asking = false;
    this.executor.input(line);
  }

  /** A new executor knows no names. */
  private startExecutor(): ExecutorProcess {
    this.declarations = initialDeclarations;
    this.results.clear();
    this.inputsTold = 0;
    this.cwd = this.setup.cwd;
    this.fresh = true;
    this.dead = false;
    this.emit({ type: "status", state: "starting" });
    const executor: ExecutorProcess = new ExecutorProcess(this.setup, this.options.stdin ?? "ignore", (frame) => {
      if (this.executor === executor) this.forward(frame);
    });
    executor.hold(this.held);
    void executor.ended.then((death) => {
      if (this.closed || this.executor !== executor) return;
      this.emit({ type: "status", state: "died", reason: deathReason(death) });
      // One that could not even start is tried again when a cell needs it, not for ever.
      if (executor.ready) this.executor = this.startExecutor();
      else this.dead = true;
    });
    return executor;
  }

  private forward(frame: OutputFrame): void {
    if (frame.type === "ready") {
      if (!this.running) this.emit({ type: "status", state: "idle" });
      return;
    }
    if (frame.type === "inputRequest") {
      this.asking = true;
      // A cell that was already told to stop waits for nothing else.
      if (this.interrupted) this.answer({ stopped: true });
    }
    this.emit({ ...frame, cell: this.cell });
  }

  private async runCell(code: string, cell: number, record: boolean): Promise<SessionError | undefined> {
    this.cell = cell;
    this.running = true;
    this.interrupted = false;
    this.applyHold();
    if (record) this.inputs.push([cell, code]);
    const label = this.setup.file ? basename(this.setup.file) : `In [${cell}]`;
    try {
      const error = await this.runParts(code, label, record ? cell : null);
      if (error) this.lastError = error.traceback;
      return error;
    } catch (error) {
      return failure("died", "LanguageProcessError", error instanceof Error ? error.message : String(error));
    } finally {
      this.running = false;
      this.executing = false;
      this.asking = false;
    }
  }

  /** A cell is one part, but for magics that change which names exist: what stands below one is checked when it has run. */
  private async runParts(code: string, label: string, cell: number | null): Promise<SessionError | undefined> {
    const sources = mayAsk.test(code) ? this.sources.slice(-sourcesSearched) : [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const before = this.declarations;
      const declarations = before + this.results.for(code);
      const reply: ConvertReply = await this.language.call("convert", { code, from, label, declarations, sources });
      if (!reply.ok) return reply.error;
      if (this.interrupted) return failure("interrupt", "Interrupted", `${label} was stopped before it ran`);
      from = reply.next;
      const part = { source: code, label, cell: from === undefined ? cell : null };
      const error = await this.execute(part, reply.cell, before);
      if (error) return error;
      const failed = reply.run === undefined ? undefined : await this.runFile(reply.run);
      if (failed) return failed;
    }
    return undefined;
  }

  /** `%run`: a file as if it were typed; its names stay. */
  private async runFile(text: string): Promise<SessionError | undefined> {
    const [path, ...args] = wordsOf(text);
    if (path === undefined) return failure("check", "UsageError", "Write %run FILE.ts [ARGUMENT…]");
    const file = pathFrom(this.cwd, path);
    let source: string;
    try {
      source = readFileSync(file, "utf8");
    } catch (error) {
      return failure("check", "FileError", fileProblem(file, error));
    }
    const label = basename(file);
    const before = this.declarations;
    const request = { code: source, from: 0, label, declarations: before, sources: [], program: file };
    const reply = await this.language.call("convert", request);
    if (!reply.ok) return reply.error;
    if (this.interrupted) return failure("interrupt", "Interrupted", `${label} was stopped before it ran`);
    return await this.execute({ source, label, cell: null, program: [file, ...args] }, reply.cell, before);
  }

  private async execute(
    cell: Pick<RunRequest, "source" | "label" | "cell" | "program">,
    converted: ConvertedCell,
    before: string,
  ): Promise<SessionError | undefined> {
    if (this.dead) this.executor = this.startExecutor();
    const { executor } = this;
    this.sources.push([cell.label, cell.source]);
    for (const module of converted.modules) this.modules.set(module.path, module);
    const modules = this.fresh ? [...this.modules.values()] : converted.modules;
    this.fresh = false;
    const inputs = this.inputs.slice(this.inputsTold);
    this.inputsTold = this.inputs.length;
    this.executing = true;
    const done = await executor.run({
      ...cell,
      inputs,
      lastError: this.lastError,
      converted: { ...converted, modules },
    });
    if (!done) {
      const death = await executor.ended;
      const message = `${deathReason(death)} while it ran ${cell.label}; it was started again, and variables are gone`;
      return { ...failure("died", "ExecutorDied", message), exitCode: death.code ?? undefined };
    }
    if (done.kept && cell.cell !== null) this.results.add(cell.cell, converted.resultType ?? "unknown");
    const { dropped } = done;
    this.cwd = done.cwd;
    if (done.reset) {
      this.declarations = initialDeclarations;
      this.results.clear();
      return done.error;
    }
    this.declarations =
      dropped.length === 0
        ? converted.declarations
        : (await this.language.call("keep", { before, after: converted.declarations, dropped })).declarations;
    return done.error;
  }
}

/** A cell that may ask about a name. */
const mayAsk = /\?[ \t]*$|^[ \t]*\?/m;
/** Earlier cells and files that a question about a name looks through. */
const sourcesSearched = 500;

function failure(kind: SessionError["kind"], name: string, message: string): SessionError {
  return { kind, name, message, traceback: [`${name}: ${message}`] };
}

/** What an end by a signal means to people. */
const signalMeanings: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "was killed, perhaps because memory ran out",
  SIGABRT: "aborted",
  SIGSEGV: "crashed in native code",
  SIGBUS: "crashed in native code",
  SIGILL: "crashed in native code",
  SIGFPE: "crashed in native code",
};

function deathReason({ code, signal }: Death): string {
  if (!signal) return `The executor ended with exit status ${code}`;
  return `The executor ${signalMeanings[signal] ?? "was ended"} (${signal})`;
}
