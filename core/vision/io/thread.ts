// sharp while the program waits. It works asynchronously only, and a data set's `get(index)` returns its item: so a thread runs
// sharp, and the caller sleeps on a counter in shared memory until the answer is there. Each thread of the program (a loader's
// worker, too) has one helper, from its first image on.

import { join } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { CressetError, FormatError } from "../../errors";
import { checkStop } from "../../stop";
import type { Picture, Request } from "./codec";

/** What the helper's thread is given. */
export interface HelperData {
  readonly port: MessagePort;
  /** Element 0 counts answers; element 1 is not 0 when the thread has ended. */
  readonly signal: Int32Array;
}

/** A request with its number. */
export interface Question {
  readonly id: number;
  readonly request: Request;
}

/** What came of the request with the same number. */
export type Answer =
  | { readonly id: number; readonly picture: Picture }
  | { readonly id: number; readonly error: string; readonly damaged: boolean };

export const ANSWERS = 0;
export const ENDED = 1;

/** For so many milliseconds nobody looks whether the thread ended or the user interrupts. */
const WAIT_MS = 50;

class Helper {
  private readonly port: MessagePort;
  private readonly signal = new Int32Array(new SharedArrayBuffer(8));
  private asked = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    const data: HelperData = { port: port2, signal: this.signal };
    const thread = new Worker(join(__dirname, "thread-main.js"), { workerData: data, transferList: [port2] });
    // An error that nobody listens to would end the program; who waits is told by `signal`.
    thread.on("error", () => undefined);
    thread.unref();
    port1.unref();
    this.port = port1;
  }

  get isAlive(): boolean {
    return Atomics.load(this.signal, ENDED) === 0;
  }

  /** Waits for the answer. Throws its error, and what `checkStop` throws when the user interrupts. */
  ask(request: Request): Picture {
    const question: Question = { id: ++this.asked, request };
    this.port.postMessage(question);
    for (;;) {
      const seen = Atomics.load(this.signal, ANSWERS);
      const received = receiveMessageOnPort(this.port);
      if (received === undefined) {
        if (!this.isAlive) throw new CressetError("the thread that reads and writes images ended unexpectedly");
        Atomics.wait(this.signal, ANSWERS, seen, WAIT_MS);
        checkStop();
        continue;
      }
      const answer = received.message as Answer;
      // Answers to questions before this one were given up by an interrupt.
      if (answer.id !== question.id) continue;
      if ("picture" in answer) return answer.picture;
      throw answer.damaged ? new FormatError(answer.error) : new CressetError(answer.error);
    }
  }
}

let helper: Helper | null = null;

/** Has the helper do what is asked while the caller waits. Throws as `perform` rejects. */
export function askHelper(request: Request): Picture {
  if (helper === null || !helper.isAlive) helper = new Helper();
  return helper.ask(request);
}
