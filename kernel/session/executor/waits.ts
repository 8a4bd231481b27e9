// Where the user's code waits: each `await` of a cell, so that an interrupt can end it as an error thrown there. loop-checks.ts puts
// the calls into the code.

import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";

interface Wait {
  /** The run in which it began to wait. */
  run: number;
  /** Waits that began before control went back to the event loop have the same. */
  burst: number;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

const settled = Promise.resolve();

export class Waits {
  private readonly pending = new Set<Wait>();
  private burst = 0;
  private open = false;
  /** The run that waits belong to from now on. */
  run = 0;

  /** What is awaited in place of `value`. */
  readonly wait = (value: unknown): unknown => {
    if (!isThenable(value)) return value;
    if (!this.open) {
      this.open = true;
      void settled.then(this.close);
    }
    return new Promise((resolve, reject) => {
      const wait: Wait = { run: this.run, burst: this.burst, resolve, reject };
      this.pending.add(wait);
      // One reaction, made of the promise's own functions: so V8 finds the callers of what waits, for stacks.
      void Promise.resolve(value)
        .then(resolve, reject)
        .then(() => this.pending.delete(wait));
    });
  };

  /** What `for await` walks through in place of `source`. */
  readonly steps = (source: Partial<AsyncIterable<unknown> & Iterable<unknown>>): unknown => {
    const { wait } = this;
    const begin = source?.[Symbol.asyncIterator];
    if (typeof begin === "function") {
      const steps = begin.call(source);
      const next = () => wait(steps.next());
      const end = (value: unknown) => steps.return?.(value) ?? { done: true, value };
      return { [Symbol.asyncIterator]: () => ({ next, return: end }) };
    }
    if (typeof source?.[Symbol.iterator] !== "function") return source;
    return (function* () {
      for (const value of source as Iterable<unknown>) yield wait(value);
    })();
  };

  /** What waits now belongs to `run`. */
  adopt(run: number): void {
    for (const wait of this.pending) wait.run = run;
  }

  /** Whether code of `run` waits. */
  has(run: number): boolean {
    return this.of(run).length > 0;
  }

  /**
   * Throws `reason` wherever code of `run` waits now: innermost first, so that callers hear of it from what they called, each
   * when what waits in `finally` blocks before it is done, or the run is `over`. The stack of `reason` becomes that of the first.
   */
  async stop(run: number, reason: Error, over: () => boolean): Promise<void> {
    const told = this.innermostFirst(run);
    const known = new Set(told);
    for (const wait of told) {
      if (!this.pending.delete(wait)) continue;
      if (wait === told[0]) await stackAt(wait, reason);
      wait.reject(reason);
      await turn();
      while (!over() && this.of(run).some((later) => !known.has(later))) await sleep(1);
    }
  }

  /** Gives `error` the stack of what waits innermost in `run`, which goes on waiting. */
  async locate(run: number, error: Error): Promise<void> {
    const [innermost] = this.innermostFirst(run);
    if (innermost) await stackAt(innermost, error);
  }

  /** A function that has been resumed waits since later than its caller; in one burst it began first. */
  private innermostFirst(run: number): Wait[] {
    return this.of(run).sort((a, b) => b.burst - a.burst);
  }

  private of(run: number): Wait[] {
    return [...this.pending].filter((wait) => wait.run === run);
  }

  private readonly close = (): void => {
    this.open = false;
    this.burst++;
  };
}

/**
 * Gives `error` the stack of what waits. V8 finds it from a function whose end would end the wait; this one has none, since who waits
 * must not be told yet.
 */
function stackAt({ resolve, reject }: Wait, error: Error): Promise<void> {
  return new Promise((taken) => {
    const capture = async (): Promise<never> => {
      await null;
      try {
        Error.captureStackTrace(error);
        // Formatted, it holds on to nothing.
        void error.stack;
      } catch {
        // The user's own way to format stacks.
      }
      taken();
      return new Promise<never>(() => {});
    };
    void capture().then(resolve, reject);
  });
}

function isThenable(value: unknown): boolean {
  if (value instanceof Promise) return true;
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return typeof (value as { then?: unknown }).then === "function";
}
