// A session as its front-end sees it: two child processes behind one object. The language process checks, transforms and
// completes; the executor owns variables and tensors, and may die without taking the language process or the front-end along.

import { basename, dirname, resolve } from "node:path";
import type { MimeBundle } from "../../core/display/host";
import { type CellHost, Cells } from "./cells";
import { ExecutorProcess, type OutputFrame } from "./executor-process";
import { deathReason, restarted } from "./failures";
import { HistoryStore, historyFolder } from "./history";
import type { InputLine } from "./executor/questions";
import { Abandoned, LanguageProcess } from "./language-process";
import type {
  CompleteReply,
  EvaluateReply,
  InspectReply,
  IsCompleteReply,
  SessionError,
  SessionEvent,
  SignatureReply,
  Terminal,
  TokensReply,
  Variable,
} from "./protocol";
import type { LanguageCalls, ProcessSetup } from "./wire";

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
  /** The terminal that output reaches, where there is one. */
  terminal?: Terminal;
  /** The folder of the history; default: the person's own. An empty one keeps none on the disk. */
  history?: string;
}

export interface Session {
  /** What was run, in this session and before it; front-ends add the cells that people give them. */
  readonly history: HistoryStore;
  /**
   * Checks and runs one cell. Never rejects for what the user's code does. Calls are queued in order.
   * @param record whether `In` and `Out` remember it; default true
   */
  evaluate(code: string, cell: number, record?: boolean): Promise<EvaluateReply>;
  /**
   * Nothing is proposed when the text changed meanwhile: when another completion was asked for before this one was begun. For a cell that ran
   * last and looks like Python, what it is in TypeScript is proposed alone.
   */
  complete(code: string, offset: number): Promise<CompleteReply>;
  /** The signatures of the call around a position, and the argument that is written there. */
  signature(code: string, offset: number): Promise<SignatureReply>;
  /** What the words of a cell are. */
  tokens(code: string): Promise<TokensReply>;
  /** @param withSource whether the statement that declares the name is told, too, where a cell did; default false */
  inspect(code: string, offset: number, withSource?: boolean): Promise<InspectReply>;
  isComplete(code: string): Promise<IsCompleteReply>;
  /** Whether cells are held to their types, as `%check` sets it; a line `// @check off` frees one cell or file. */
  checks: boolean;
  /** The variables of cells. Told when no code runs; none when the executor ends first. */
  variables(): Promise<Variable[]>;
  /** The forms of a variable's value, as a result would have them; null when there is no such variable. */
  preview(name: string): Promise<MimeBundle | null>;
  /**
   * The cells that ran to their end, as a program without Cresset's syntax: operators on tensors are methods, magics comments or Node's
   * calls, and the value that a cell ends with is printed. Rejects when a cell can no longer be read.
   * @param file where the program is to stand, which relative imports are written for
   */
  export(file: string): Promise<string>;
  /** Tells cells and what they show of the terminal that their output reaches; again whenever it changes. */
  terminal(terminal: Terminal): void;
  /** Stops the running cell, in its check as well, and keeps variables. */
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
  /** Ends the executor and starts a new one; variables are gone. The running cell and those that wait end with an error. */
  restart(): Promise<void>;
  /** Waits for timers and servers of what ran, as Node does at the end of a program, then closes; the exit status. */
  finish(): Promise<number>;
  /** Ends both processes. */
  close(): Promise<void>;
  /** What a listener throws reaches nobody else's listener or cell: it is an uncaught exception of this process. */
  on(listener: (event: SessionEvent) => void): () => void;
}

/** Starts both processes; returns at once, and what is asked before they are ready waits. */
export function startSession(options: SessionOptions = {}): Session {
  return new ProcessSession(options);
}

class ProcessSession implements Session, CellHost {
  private readonly setup: ProcessSetup;
  readonly language: LanguageProcess;
  readonly history: HistoryStore;
  private executor: ExecutorProcess;
  private readonly listeners = new Set<(event: SessionEvent) => void>();
  private readonly cells: Cells;
  /** The executor ended before it could run a cell. */
  private dead = false;
  private queue: Promise<unknown> = Promise.resolve();
  restarts = 0;
  private cell = 0;
  private running = false;
  private finishing = false;
  interrupted = false;
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
      terminal: options.terminal,
    };
    this.history = new HistoryStore(options.history ?? historyFolder(process.env));
    this.language = new LanguageProcess(this.setup);
    this.cells = new Cells(this, cwd);
    this.executor = this.startExecutor();
  }

  evaluate(code: string, cell: number, record = true): Promise<EvaluateReply> {
    const start = performance.now();
    const { restarts } = this;
    const reply = this.queue.then(async (): Promise<EvaluateReply> => {
      this.emit({ type: "status", state: "busy" });
      // What it was written for is gone.
      const isWanted = restarts === this.restarts;
      const error = isWanted ? await this.runCell(code, cell, record) : restarted(this.labelOf(cell));
      const usage = isWanted ? this.cells.usage : undefined;
      this.emit({ type: "status", state: "idle" });
      const duration = performance.now() - start;
      return { status: error ? "error" : "ok", duration, ...(error && { error }), ...(usage && { usage }) };
    });
    this.queue = reply.catch(() => {});
    return reply;
  }

  complete(code: string, offset: number): Promise<CompleteReply> {
    const { suggestion } = this.cells;
    if (suggestion && suggestion.code.trimEnd() === code.trimEnd()) {
      const completions = [{ text: suggestion.text, kind: "text" }];
      return Promise.resolve({ start: 0, end: code.length, completions });
    }
    const { declarations, results, cwd, recentNames: recent } = this.cells;
    const known = declarations + results.forCompletion(code);
    const request = { code, offset, declarations: known, cwd, recent };
    return this.help("complete", request, { start: offset, end: offset, completions: [] });
  }

  signature(code: string, offset: number): Promise<SignatureReply> {
    const request = { code, offset, declarations: this.declarationsFor(code) };
    return this.help("signature", request, { signatures: [], active: 0, parameter: 0 });
  }

  tokens(code: string): Promise<TokensReply> {
    return this.help("tokens", { code, declarations: this.declarationsFor(code) }, { tokens: [], brackets: [] });
  }

  /** Declarations for a text that is not to run. */
  private declarationsFor(code: string): string {
    return this.cells.declarations + this.cells.results.for(code);
  }

  /** Help with a text that is being written; `nothing` when the text has changed meanwhile. */
  private async help<K extends "complete" | "signature" | "tokens">(
    call: K,
    request: LanguageCalls[K]["request"],
    nothing: LanguageCalls[K]["reply"],
  ): Promise<LanguageCalls[K]["reply"]> {
    try {
      return await this.language.call(call, request);
    } catch (error) {
      if (error instanceof Abandoned) return nothing;
      throw error;
    }
  }

  inspect(code: string, offset: number, withSource = false): Promise<InspectReply> {
    const sources = withSource ? this.cells.recentSources() : [];
    return this.language.call("inspect", { code, offset, declarations: this.declarationsFor(code), sources });
  }

  isComplete(code: string): Promise<IsCompleteReply> {
    return this.language.call("isComplete", { code });
  }

  get checks(): boolean {
    return this.cells.checks;
  }

  set checks(on: boolean) {
    this.cells.checks = on;
  }

  async variables(): Promise<Variable[]> {
    return (await this.executor.ask("variables", {})) ?? [];
  }

  preview(name: string): Promise<MimeBundle | null> {
    return this.executor.ask("preview", { name });
  }

  export(file: string): Promise<string> {
    return this.cells.exported(resolve(this.setup.cwd, file));
  }

  tell(text: string): void {
    this.emit({ type: "stream", cell: this.cell, name: "stdout", text });
  }

  terminal(terminal: Terminal): void {
    this.setup.terminal = terminal;
    this.executor.terminal(terminal);
  }

  interrupt(): void {
    if (!this.running && !this.finishing) return;
    this.interrupted = true;
    this.applyHold();
    // Nothing is asked of the executor before it was given the cell.
    if (this.cells.executing || this.finishing) this.executor.interrupt();
    else this.language.abandonChecks();
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
    this.restarts++;
    this.executor = this.startExecutor();
    old.kill();
    this.language.abandonChecks();
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
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        // As Node's own event targets do.
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }

  private answer(line: InputLine): void {
    this.asking = false;
    this.executor.input(line);
  }

  /** A new executor knows no names. */
  private startExecutor(): ExecutorProcess {
    this.cells.forget();
    this.dead = false;
    this.emit({ type: "status", state: "starting" });
    const executor: ExecutorProcess = new ExecutorProcess(this.setup, this.options.stdin ?? "ignore", (frame) => {
      if (this.executor === executor) this.forward(frame);
    });
    executor.hold(this.held);
    void executor.ended.then((death) => {
      if (this.closed || this.executor !== executor) return;
      this.emit({ type: "status", state: "died", reason: deathReason(death), replied: this.cells.executing });
      this.asking = false;
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
    if (frame.type === "checks") {
      this.checks = frame.on;
      return;
    }
    if (frame.type === "modulesRequest") {
      void this.giveModules(frame.path);
      return;
    }
    if (frame.type === "inputRequest") {
      this.asking = true;
      // A cell that was already told to stop waits for nothing else.
      if (this.interrupted) this.answer({ stopped: true });
    }
    this.emit({ ...frame, cell: this.cell });
  }

  /** Answers a cell that starts a worker; the cell waits for the modules of its file. */
  private async giveModules(path: string): Promise<void> {
    const { executor } = this;
    this.asking = true;
    if (this.interrupted) this.answer({ stopped: true });
    const line: InputLine = await this.language
      .call("modules", { path })
      .catch((error: Error) => ({ refused: error.message }));
    if (this.asking && this.executor === executor) this.answer(line);
  }

  private labelOf(cell: number): string {
    return this.setup.file ? basename(this.setup.file) : `In [${cell}]`;
  }

  private async runCell(code: string, cell: number, record: boolean): Promise<SessionError | undefined> {
    this.cell = cell;
    this.running = true;
    this.interrupted = false;
    this.applyHold();
    const error = await this.cells.run(code, this.labelOf(cell), record && !this.setup.file ? cell : null);
    this.running = false;
    this.asking = false;
    return error;
  }

  livingExecutor(): ExecutorProcess {
    if (this.dead) this.executor = this.startExecutor();
    return this.executor;
  }
}
