// Stopping a cell without losing the session, from the main thread's side. See watchdog.ts for how each case is reached.

import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { executorFds } from "./wire";

/** Places in the memory shared with the watchdog thread: how many cells have ended, how many interrupts were heard. */
export const shared = { ended: 0, heard: 1 } as const;

/** Thrown to a cell that waits for input. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

export class Interrupts {
  private readonly state = new Int32Array(new SharedArrayBuffer(8));

  /** @param stop ends the running cell at once, if one runs; called when an interrupt reaches the main thread. */
  constructor(stop: () => void) {
    const workerData = { fd: executorFds.control, state: this.state };
    const worker = new Worker(join(__dirname, "watchdog.js"), { workerData, stdin: false });
    worker.on("message", (ended: number) => {
      // Meant for a cell that has ended meanwhile, otherwise.
      if (ended === this.state[shared.ended]) stop();
      Atomics.add(this.state, shared.heard, 1);
    });
    worker.unref();
    keepSignals();
  }

  /** The running cell has ended. */
  leave(): void {
    Atomics.add(this.state, shared.ended, 1);
    keepSignals();
  }
}

/**
 * Ctrl-C in a terminal reaches this process too, when a front-end has not taken the keyboard over; it must not end it. tslab takes
 * listeners off while synchronous code runs, and a termination keeps it from putting them back.
 */
function keepSignals(): void {
  if (process.listenerCount("SIGINT") === 0) process.on("SIGINT", () => {});
}
