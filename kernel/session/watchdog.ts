// A thread of the executor that is awake while a cell keeps the main thread busy: it delivers interrupts, and ends the process when
// its front-end is gone. A signal stops synchronous code of a cell (the vm listens for it) and is heard by a main thread that waits;
// code that spins after an `await` hears nothing, so it is terminated through the inspector.

import { Session } from "node:inspector";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { type InterruptState, phases } from "./interrupts";

const { fd, state } = workerData as { fd: number; state: InterruptState };
const patience = 10;

/** Connected when first needed: an inspector session costs the main thread memory. */
let session: Session | null = null;

function terminate(): void {
  if (!session) {
    session = new Session();
    session.connectToMainThread();
  }
  session.post("Runtime.terminateExecution");
}

let working = false;

async function interrupt(): Promise<void> {
  if (working) return;
  working = true;
  const before = Atomics.load(state, 1);
  process.kill(process.pid, "SIGINT");
  await sleep(patience);
  while (Atomics.load(state, 1) === before) {
    if (Atomics.load(state, 0) === phases.after) {
      terminate();
      parentPort?.postMessage("interrupt");
    }
    await sleep(patience);
  }
  working = false;
}

const control = new Socket({ fd, readable: true, writable: false });
control.on("data", () => void interrupt());
control.on("close", () => process.kill(process.pid, "SIGKILL"));
