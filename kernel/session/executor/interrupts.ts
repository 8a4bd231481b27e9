// Stopping a cell without losing the session, from the main thread's side. The user's code is told by an error, thrown where it
// loops (a flag that loops look at), where it waits (waits.ts), or where it reads input; code that hears nothing of it is ended by
// force. watchdog.ts decides when.

import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { setStop } from "../../../core/stop";
import { checkNames, hideChecks } from "../check-names";
import { Waits } from "./waits";
import { executorFds } from "../wire";

/**
 * Places in the memory shared with the watchdog thread: the run that is to stop (0: none), the last run that began and that ended,
 * how many forced ends were heard, the number of the synchronous call of a child process that goes on (0: none), and whether code
 * was terminated since the main thread last asked.
 */
export const shared = { stop: 0, began: 1, ended: 2, heard: 3, child: 4, terminated: 5 } as const;

/** What the watchdog tells the main thread: end `run`, by asking the code or by force. */
export interface Order {
  run: number;
  force: boolean;
}

/** How long an interrupt may come after what it has caused: a signal to the process group, an answer to the input. */
const late = 100;

/** What an interrupted cell is thrown. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** Throws an interrupt again, so that it reaches the end of the cell. */
export function pass(error: unknown): void {
  if (error instanceof Interrupted) throw error;
}

export class Interrupts {
  readonly state = new Int32Array(new SharedArrayBuffer(4 * Object.keys(shared).length));
  private readonly waits = new Waits();
  private label = "";
  private thrown: Interrupted | null = null;
  /** A run that was interrupted before it began, by an error that hit other code. */
  private owed = 0;

  /** @param end ends the running cell at once, if one runs, whatever its code does. */
  constructor(private readonly end: () => void) {
    const workerData = { fd: executorFds.control, state: this.state };
    const worker = new Worker(join(__dirname, "watchdog.js"), { workerData, stdin: false });
    worker.on("message", ({ run, force }: Order) => {
      if (force) {
        // Meant for a cell that has ended meanwhile, otherwise.
        if (this.runs(run)) end();
        Atomics.add(this.state, shared.heard, 1);
      } else if (this.runs(run)) {
        this.throwIfRaised();
      }
    });
    // Without it no cell could be stopped. Its end closes the pipe, upon which the session replaces this process, and says so.
    worker.on("error", () => {});
    worker.unref();
    const fixed = {
      [checkNames.flag]: this.state,
      [checkNames.wait]: this.waits.wait,
      [checkNames.steps]: this.waits.steps,
      [checkNames.pass]: pass,
    };
    for (const [name, value] of Object.entries(fixed)) Object.defineProperty(globalThis, name, { value });
    hideChecks();
    Object.defineProperty(globalThis, checkNames.error, { get: () => this.take() });
    setStop(this.state, () => this.take());
    // Ctrl-C in a terminal reaches this process too, when a front-end has not taken the keyboard over; it must not end it.
    process.on("SIGINT", () => {});
  }

  /** A cell begins; `label` is what errors call it. */
  enter(run: number, label: string): void {
    const { state } = this;
    this.label = label;
    this.thrown = null;
    this.waits.run = run;
    if (this.owed === run) Atomics.store(state, shared.stop, run);
    else if (state[shared.stop] !== run) Atomics.store(state, shared.stop, 0);
    Atomics.store(state, shared.began, run);
    // Stopped before it began.
    if (this.raised) setImmediate(() => this.throwIfRaised());
  }

  /** A program has come to its end, and is stopped from now on as `run`: with what still waits in it. */
  linger(run: number, label: string): void {
    this.waits.adopt(run);
    this.enter(run, label);
  }

  /** The running cell has ended; when it was `stopped`, what it left waiting is stopped too. */
  leave(stopped: boolean): void {
    const run = this.state[shared.began];
    Atomics.store(this.state, shared.ended, run);
    Atomics.store(this.state, shared.stop, 0);
    if (stopped) void this.stopWaits(run, this.thrown ?? this.error());
  }

  /** Gives `error` the place where the running cell waits. */
  locate(error: Error): Promise<void> {
    return this.waits.locate(this.state[shared.began], error);
  }

  /** Throws when an interrupt has come; waits a little for one that is announced. */
  check(announced: boolean): void {
    if (announced && !this.raised) Atomics.wait(this.state, shared.stop, 0, late);
    if (this.raised) throw this.take();
  }

  /** Whether code was terminated since the last question, at a place that is not known. */
  wasTerminated(): boolean {
    return Atomics.exchange(this.state, shared.terminated, 0) !== 0;
  }

  /** Takes note of an error that nobody caught; whether it was an interrupt. One that hit another's code is thrown to the cell again. */
  stray(error: unknown): boolean {
    if (error === this.thrown && error !== null) this.throwWhereItWaits(this.error());
    return error instanceof Interrupted;
  }

  private throwIfRaised(): void {
    if (this.raised) this.throwWhereItWaits(this.take());
  }

  private get raised(): boolean {
    return Atomics.load(this.state, shared.stop) !== 0;
  }

  private runs(run: number): boolean {
    return this.state[shared.began] === run && this.state[shared.ended] < run;
  }

  private error(): Interrupted {
    return new Interrupted(`${this.label} was stopped`);
  }

  /** An interrupt is thrown once: the flag goes down. */
  private take(): Interrupted {
    const run = Atomics.exchange(this.state, shared.stop, 0);
    if (run > this.state[shared.began]) this.owed = run;
    this.thrown = this.error();
    return this.thrown;
  }

  private stopWaits(run: number, error: Interrupted): Promise<void> {
    return this.waits.stop(run, error, () => !this.runs(run));
  }

  /** Nothing of the user's runs: what waits is told, and a cell that waits for nothing of its own, or no longer, is ended. */
  private throwWhereItWaits(error: Interrupted): void {
    const run = this.state[shared.began];
    const told = this.stopWaits(run, error);
    void told.then(turn).then(() => {
      if (this.runs(run) && !this.waits.has(run)) this.end();
    });
  }
}
