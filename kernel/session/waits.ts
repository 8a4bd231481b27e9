// Where the user's code waits: each `await` of a cell, so that an interrupt can end it as an error thrown there. loop-checks.ts puts
// the calls into the code.

import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";

interface Wait {
  /** The run in which it began to wait. */
  run: number;
  /** Waits that began before control went back to the event loop have the same. */
  burst: number;
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
      const wait: Wait = { run: this.run, burst: this.burst, reject };
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
   * when what waits in `finally` blocks before it is done, or the run is `over`.
   */
  async stop(run: number, reason: Error, over: () => boolean): Promise<void> {
    // A function that has been resumed waits since later than its caller; in one burst it began first.
    const told = this.of(run).sort((a, b) => b.burst - a.burst);
    const known = new Set(told);
    for (const wait of told) {
      if (!this.pending.delete(wait)) continue;
      wait.reject(reason);
      await turn();
      while (!over() && this.of(run).some((later) => !known.has(later))) await sleep(1);
    }
  }

  private of(run: number): Wait[] {
    return [...this.pending].filter((wait) => wait.run === run);
  }

  private readonly close = (): void => {
    this.open = false;
    this.burst++;
  };
}

function isThenable(value: unknown): boolean {
  if (value instanceof Promise) return true;
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  return typeof (value as { then?: unknown }).then === "function";
}
