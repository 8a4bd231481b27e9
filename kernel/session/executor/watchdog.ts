// A thread of the executor that is awake while a cell keeps the main thread busy: it delivers interrupts, and ends the process when
// its front-end is gone. First the code is asked: a flag that its loops look at, and a message, which reaches a main thread that
// waits. Code without checks spins on: it answers the inspector, which a native call does not, and is terminated. So is what does
// not end in time, or is interrupted again.
// Termination may strike whatever runs at that moment, the kernel's own code included: so a cell is ended by a message's handler
// alone, which is safe to repeat, and the message is repeated until it was heard. Signals would do for synchronous code, but end
// the process when they come at the edges of it.

import { Session } from "node:inspector";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { signalChild } from "./child-calls";
import { type Order, shared } from "./interrupts";

const { fd, state } = workerData as { fd: number; state: Int32Array };

/** Milliseconds after which code that runs, and has not looked at the flag, counts as code without checks. */
const lookTime = 40;
/** How long code may take to end after it was told, and a child process after its signal. */
const graceTime = 1000;
/** A second interrupt within this time is the same wish. */
const sameWish = 300;
/** How long the main thread has to hear a forced end before it is terminated; doubled each time, for a busy machine. */
const firstPatience = 10;
const longestPatience = 1000;
/** How long to wait for a termination; a main thread that was not stuck is not terminated before it runs again. */
const unwindTime = 50;

/** Connected when first needed: an inspector session costs the main thread memory. */
let session: Session | null = null;

/** Resolves when the main thread runs JavaScript, or waits for events. */
function inspect(method: "Runtime.getIsolateId" | "Runtime.terminateExecution"): Promise<void> {
  if (!session) {
    session = new Session();
    session.connectToMainThread();
  }
  return new Promise((resolve) => session?.post(method, () => resolve()));
}

/** Resolves when `done`, at the latest after `time`. */
async function until(done: () => boolean, time = Number.POSITIVE_INFINITY): Promise<void> {
  const deadline = performance.now() + time;
  while (!done() && performance.now() < deadline) await sleep(1);
}

function order(given: Order): void {
  parentPort?.postMessage(given);
}

/** The interrupt that is being delivered. */
let wish: { run: number; since: number; insisted: boolean } | null = null;

async function interrupt(run: number): Promise<void> {
  const over = (): boolean => Atomics.load(state, shared.ended) >= run;
  if (over()) return;
  if (wish?.run === run) {
    wish.insisted ||= performance.now() - wish.since > sameWish;
    return;
  }
  const mine = { run, since: performance.now(), insisted: false };
  wish = mine;
  Atomics.store(state, shared.stop, run);
  Atomics.notify(state, shared.stop);
  order({ run, force: false });
  await ask(() => over() || mine.insisted);
  if (!over()) await force(run, over);
  if (wish === mine) wish = null;
}

/** Returns when the code has ended, or must be ended by force. */
async function ask(done: () => boolean): Promise<void> {
  const heard = (): boolean => done() || Atomics.load(state, shared.stop) === 0;
  await until(heard, lookTime);
  while (!heard()) {
    if (state[shared.child] !== 0) await stopChild(state[shared.child], done);
    let runs = false;
    void inspect("Runtime.getIsolateId").then(() => {
      runs = true;
    });
    await until(() => runs || heard() || state[shared.child] !== 0);
    await until(heard, lookTime);
    if (runs && !heard()) return;
  }
  await until(done, graceTime);
}

/** The main thread waits for a child process: that one is interrupted, then killed. */
async function stopChild(call: number, done: () => boolean): Promise<void> {
  const over = (): boolean => done() || state[shared.child] !== call;
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    if (over()) return;
    signalChild(call, signal);
    await until(over, graceTime);
  }
}

async function force(run: number, over: () => boolean): Promise<void> {
  const heard = Atomics.load(state, shared.heard);
  const ended = (): boolean => over() || Atomics.load(state, shared.heard) !== heard;
  for (let patience = firstPatience; !ended(); patience = Math.min(2 * patience, longestPatience)) {
    order({ run, force: true });
    await until(ended, patience);
    if (ended()) continue;
    Atomics.store(state, shared.terminated, 1);
    await Promise.race([inspect("Runtime.terminateExecution"), sleep(unwindTime)]);
  }
}

// Whatever fails in it, the next interrupt must find it awake.
process.on("uncaughtException", () => {
  wish = null;
});

const control = new Socket({ fd, readable: true, writable: false });
control.setEncoding("utf8").on("data", (text: string) => {
  // One line for each interrupt, shorter than what a pipe splits.
  for (const line of text.split("\n")) if (line !== "") void interrupt(Number(line));
});
control.on("close", () => process.kill(process.pid, "SIGKILL"));
