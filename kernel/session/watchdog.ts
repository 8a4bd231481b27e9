// A thread of the executor that is awake while a cell keeps the main thread busy: it delivers interrupts, and ends the process when
// its front-end is gone. A message reaches a main thread that waits. Code that spins hears none, so it is terminated through the
// inspector, after which the main thread is free to hear the message. Termination may strike whatever runs at that moment, the
// kernel's own code included: so a cell is ended by the message's handler alone, which is safe to repeat, and the message is
// repeated until it was heard. Signals would do for synchronous code, but end the process when they come at the edges of it.

import { Session } from "node:inspector";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { shared } from "./interrupts";

const { fd, state } = workerData as { fd: number; state: Int32Array };

/** Milliseconds that the main thread has to answer before it counts as stuck; doubled each time, for a busy machine. */
const firstPatience = 10;
const longestPatience = 1000;
/** How long to wait for a termination; a main thread that was not stuck is not terminated before it runs again. */
const unwindTime = 50;

/** Connected when first needed: an inspector session costs the main thread memory. */
let session: Session | null = null;

async function terminate(): Promise<void> {
  if (!session) {
    session = new Session();
    session.connectToMainThread();
  }
  const unwound = new Promise<void>((resolve) => session?.post("Runtime.terminateExecution", () => resolve()));
  await Promise.race([unwound, sleep(unwindTime)]);
}

let working = false;

async function interrupt(): Promise<void> {
  if (working) return;
  working = true;
  const ended = Atomics.load(state, shared.ended);
  const heard = Atomics.load(state, shared.heard);
  const over = (): boolean =>
    Atomics.load(state, shared.ended) !== ended || Atomics.load(state, shared.heard) !== heard;
  for (let patience = firstPatience; !over(); patience = Math.min(2 * patience, longestPatience)) {
    parentPort?.postMessage(ended);
    const deadline = performance.now() + patience;
    while (!over() && performance.now() < deadline) await sleep(1);
    if (!over()) await terminate();
  }
  working = false;
}

const control = new Socket({ fd, readable: true, writable: false });
control.on("data", () => void interrupt());
control.on("close", () => process.kill(process.pid, "SIGKILL"));
