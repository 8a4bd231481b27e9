// The threads of workers, from the loader's side. A thread that has done its work waits for the next loader: starting one takes
// longer than many a pass.

import { join } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { preloadedFiles } from "../../carry/settings";
import { discard } from "../../carry/unpack";
import { addon } from "../../native";
import { checkStop } from "../../stop";
import { type Reply, type Request, State, type ThreadData } from "./messages";

/** Counts replies of all threads, so that a loader can wait for any of them. */
const signal = new Int32Array(new SharedArrayBuffer(4));

/** The whole library: a data set that is found by its module may bring only a part of it along, and tensors would lack methods. */
const LIBRARY = join(__dirname, "..", "..", "index.js");

/** For so many milliseconds nobody looks whether a thread ended or the user interrupts. */
const WAIT_MS = 50;
/** For how many milliseconds a thread that was left may finish what it does, and how many wait for work how long. */
const BUSY_MS = 5_000;
const IDLE_THREADS = 16;
const IDLE_MS = 30_000;

/** Threads that loaders have left. */
const left: Thread[] = [];
let tasks = 0;

/** A thread that makes batches, and what it has replied. */
export class Thread {
  /** What it works on; replies to earlier tasks are dropped. */
  private task = 0;
  /** The task that it was given last. */
  private given = 0;
  /** Batches of that task that it was asked for and has not replied to. */
  private awaited = 0;
  private hasReplied = false;
  private replies: Reply[] = [];
  private readonly port: MessagePort;
  private readonly worker: Worker;
  private readonly state = new Int32Array(new SharedArrayBuffer(16));
  private wake: (() => void) | null = null;
  private retirement: NodeJS.Timeout | null = null;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const preloaded = [LIBRARY, ...preloadedFiles()];
    const data: ThreadData = { port: port2, signal, state: this.state, preloaded };
    this.worker = new Worker(join(__dirname, "main.js"), { workerData: data, transferList: [port2] });
    const end = () => {
      this.state[State.ended] = 1;
      this.wake?.();
    };
    this.worker.on("exit", end);
    // An error that nobody listens to would end the program; the loop that waits is told that the worker has ended.
    this.worker.on("error", end);
    this.worker.unref();
    this.port.on("message", (reply: Reply) => {
      this.receive(reply);
      this.wake?.();
    });
    this.port.unref();
  }

  /** A thread for a new task: one that waits for work, or a new one. */
  static take(): Thread {
    const found = left.findLast((thread) => thread.isFree && thread.isAlive);
    if (found === undefined) return new Thread();
    found.keep();
    return found;
  }

  /** Whether nothing that it was asked to do is left to do, although it may not have read yet that its task has ended. */
  private get isFree(): boolean {
    return this.isIdle || (this.hasReplied && this.awaited === 0);
  }

  private get isIdle(): boolean {
    return Atomics.load(this.state, State.finished) === this.given;
  }

  /** Whether it can still reply. */
  get isAlive(): boolean {
    const [environment, ended] = this.state;
    return ended === 0 && (environment === 0 || addon.info("isOpen", environment) === 1);
  }

  /** Says what the thread has to do; `begin` and `resume` are new tasks. */
  send(request: Request extends infer R ? (R extends Request ? Omit<R, "task"> : never) : never): void {
    if (request.kind === "begin" || request.kind === "resume") {
      this.task = ++tasks;
      this.given = this.task;
      this.awaited = 0;
      this.hasReplied = false;
    } else if (request.kind === "fetch") this.awaited++;
    this.port.postMessage({ ...request, task: this.task });
  }

  /** The next reply, if there is one. */
  poll(): Reply | undefined {
    if (this.replies.length === 0) {
      const received = receiveMessageOnPort(this.port);
      if (received !== undefined) this.receive(received.message as Reply);
    }
    return this.replies.shift();
  }

  private receive(reply: Reply): void {
    if (reply.task === this.given && "index" in reply) {
      this.awaited--;
      this.hasReplied = true;
    }
    if (reply.task === this.task) this.replies.push(reply);
    else drop(reply);
  }

  /** Ends the thread's task; it waits for another, for a while. */
  free(): void {
    // What it was asked for and has not begun is no longer wanted.
    Atomics.store(this.state, State.left, this.task);
    this.send({ kind: "end" });
    this.task = -1;
    for (const reply of this.replies) drop(reply);
    this.replies = [];
    left.push(this);
    // A thread that does not come to the end of what it does is ended.
    this.retire(BUSY_MS, () =>
      this.isIdle && left.length <= IDLE_THREADS ? this.retire(IDLE_MS, () => this.terminate()) : this.terminate(),
    );
  }

  /** The thread is in use again. */
  private keep(): void {
    if (this.retirement !== null) clearTimeout(this.retirement);
    left.splice(left.indexOf(this), 1);
  }

  private retire(after: number, then: () => void): void {
    this.retirement = setTimeout(then, after);
    this.retirement.unref();
  }

  private terminate(): void {
    left.splice(left.indexOf(this), 1);
    void this.worker.terminate();
  }

  /** Has `wake` called when a reply comes or the thread ends; null: not any more. Meanwhile the process stays alive. */
  onEvent(wake: (() => void) | null): void {
    this.wake = wake;
    if (wake === null) this.port.unref();
    else this.port.ref();
  }
}

function drop(reply: Reply): void {
  if ("parcel" in reply && reply.parcel !== null) discard(reply.parcel);
}

/** Waits, without running any other code, until a thread has replied or it is time to look after them. Throws when the user interrupts. */
export function waitForReply(seen: number): void {
  Atomics.wait(signal, 0, seen, WAIT_MS);
  checkStop();
}

/** The count of replies. To be read before threads are polled: a later reply then ends the wait at once. */
export function repliesSoFar(): number {
  return Atomics.load(signal, 0);
}
