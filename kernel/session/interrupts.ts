// Stopping a cell without losing the session, from the main thread's side. See watchdog.ts for how each case is reached.

import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { executorFds } from "./wire";

/** [phase, count of interrupts heard], shared with the watchdog thread. */
export type InterruptState = Int32Array;

/** What the main thread does: nothing of the user's; a cell's synchronous part; what follows its first `await`. */
export const phases = { idle: 0, synchronous: 1, after: 2 } as const;

/** Thrown to a cell that waits. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

export class Interrupts {
  private readonly state: InterruptState = new Int32Array(new SharedArrayBuffer(8));
  private reject: ((reason: Interrupted) => void) | null = null;

  /** @param onInterrupt called when an interrupt arrives outside synchronous code. */
  constructor(private readonly onInterrupt: () => void) {
    process.on("SIGINT", () => this.hear());
    const workerData = { fd: executorFds.control, state: this.state };
    const worker = new Worker(join(__dirname, "watchdog.js"), { workerData, stdin: false });
    worker.on("message", () => this.hear());
    worker.unref();
  }

  enter(phase: keyof typeof phases): void {
    Atomics.store(this.state, 0, phases[phase]);
  }

  /** Tells the watchdog that synchronous code was stopped. */
  heard(): void {
    Atomics.add(this.state, 1, 1);
  }

  /** `promise`, or a rejection when an interrupt comes first. */
  async race<T>(promise: Promise<T>): Promise<T> {
    const stopped = new Promise<never>((_, reject) => {
      this.reject = reject;
    });
    try {
      return await Promise.race([promise, stopped]);
    } finally {
      this.reject = null;
    }
  }

  private hear(): void {
    this.heard();
    this.onInterrupt();
    this.reject?.(new Interrupted("Interrupted"));
  }
}
