// The session's end of the language process: requests by name, one at a time, in the order of their urgency. A request that takes too
// long for what waits behind it, or that nobody wants any more, costs the process, not the session: another one is started, from a
// snapshot where there is one that works. Where there is none, one is made for later sessions.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { buildInBackground, findSnapshot, languageFlags, noteFailure } from "./snapshot/snapshot";
import { type LanguageAnswer, type LanguageCalls, type LanguageRequest, type ProcessSetup, readyAnswer } from "./wire";

type CallName = keyof LanguageCalls;

/** A first cell is often followed by others at once; a snapshot can wait for a pause. */
const buildAfter = 2000;
/** Milliseconds that a process may go on with an abandoned check before it is replaced; starting another one costs about as much. */
const abandonedTime = 300;
/** Milliseconds after which help with a text that has changed, or that a cell waits for, costs the process. */
const outdatedTime = 1000;

/** What a cell or the Enter key waits for; everything else helps with a text that is being written. */
const urgent: readonly CallName[] = ["convert", "keep", "isComplete"];
/** Only the newest of these is of use: the text has changed since the others were asked. */
const outdating: readonly CallName[] = ["complete", "signature", "tokens"];

/** Why a request has no reply: its check was given up, or the text that it was about has changed. */
export class Abandoned extends Error {
  override name = "Abandoned";
}

interface Pending {
  request: LanguageRequest;
  resolve(reply: unknown): void;
  reject(reason: Error): void;
  /** It has been rejected, and the process still works on it. */
  abandoned: boolean;
}

export class LanguageProcess {
  private child: ChildProcess | null = null;
  private closed = false;
  /** What the process works on. */
  private current: Pending | null = null;
  /** When the process took it up; null while it still starts. */
  private since: number | null = null;
  private waiting: Pending[] = [];
  private count = 0;
  private snapshot = findSnapshot();
  private building: NodeJS.Timeout | null = null;
  private patience: NodeJS.Timeout | null = null;

  constructor(private readonly setup: ProcessSetup) {
    this.start();
  }

  /** Rejects when the process ended before it answered, could not answer, or the request was `Abandoned`. */
  call<K extends CallName>(call: K, content: LanguageCalls[K]["request"]): Promise<LanguageCalls[K]["reply"]> {
    if (this.closed) return Promise.reject(new Error("The session is closed"));
    if (outdating.includes(call)) this.drop((pending) => pending.request.call === call);
    const request = { id: ++this.count, call, request: content } as LanguageRequest;
    return new Promise<unknown>((resolve, reject) => {
      this.waiting.push({ request, resolve, reject, abandoned: false });
      this.advance();
    }) as Promise<LanguageCalls[K]["reply"]>;
  }

  /** Gives up the checks that run or wait. */
  abandonChecks(): void {
    this.drop(({ request }) => request.call === "convert" || request.call === "keep");
  }

  close(): void {
    this.closed = true;
    this.drop(() => true);
    this.child?.kill("SIGKILL");
    if (this.patience) clearTimeout(this.patience);
    if (this.building) this.build(this.building);
  }

  /** Rejects requests; what the process already works on is left to it for a little. */
  private drop(unwanted: (pending: Pending) => boolean): void {
    const dropped = this.waiting.filter(unwanted);
    this.waiting = this.waiting.filter((pending) => !dropped.includes(pending));
    const { current } = this;
    if (current && !current.abandoned && unwanted(current) && !outdating.includes(current.request.call)) {
      current.abandoned = true;
      dropped.push(current);
    }
    for (const { request, reject } of dropped) reject(new Abandoned(`${request.call} was given up`));
    this.watch();
  }

  /** Sends the most urgent request when the process is free. */
  private advance(): void {
    if (this.current === null && this.waiting.length > 0 && !this.closed) {
      const at = this.waiting.findIndex(({ request }) => urgent.includes(request.call));
      const [next] = this.waiting.splice(Math.max(at, 0), 1);
      const child = this.child ?? this.start();
      this.current = next;
      if (this.since !== null) this.since = performance.now();
      child.send(next.request);
    }
    this.watch();
  }

  /** How long the process may go on with what it works on, in milliseconds: for ever, unless somebody waits or nobody does. */
  private limit(): number | null {
    const { current, waiting } = this;
    if (current === null) return null;
    if (current.abandoned) return abandonedTime;
    const { call } = current.request;
    if (urgent.includes(call)) return null;
    const isOutdated = waiting.some(({ request }) => request.call === call || urgent.includes(request.call));
    return isOutdated ? outdatedTime : null;
  }

  private watch(): void {
    if (this.patience) clearTimeout(this.patience);
    this.patience = null;
    const limit = this.limit();
    // A process that is starting has its first request for longer; nothing would be won by starting another.
    if (limit === null || this.since === null || this.closed) return;
    const left = Math.max(0, this.since + limit - performance.now());
    this.patience = setTimeout(() => this.replace(), left);
  }

  /** Ends the process in the middle of its work; the next request, or one that waits, starts another. */
  private replace(): void {
    const { child, current } = this;
    this.child = null;
    this.current = null;
    child?.kill("SIGKILL");
    current?.reject(new Abandoned(`${current.request.call} took too long`));
    this.advance();
  }

  private build(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.building = null;
    buildInBackground();
  }

  private start(): ChildProcess {
    const { snapshot } = this;
    this.since = null;
    const child = fork(join(__dirname, "language/language.js"), [JSON.stringify(this.setup)], {
      cwd: this.setup.root,
      // It connects to nothing, and Node would read these certificates at every start. What memory Node needs to read a snapshot,
      // glibc would keep.
      env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, MALLOC_TRIM_THRESHOLD_: "65536" },
      execArgv: [...languageFlags, ...(snapshot === null ? [] : ["--snapshot-blob", snapshot])],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let lastWords = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      lastWords = (lastWords + text).slice(-2000);
    });
    let answered = false;
    child.on("message", (answer: LanguageAnswer) => {
      if (this.child !== child) return;
      if (answer.id === readyAnswer) {
        this.since = performance.now();
        this.watch();
        return;
      }
      if (!answered && snapshot === null) this.buildLater();
      answered = true;
      this.answered(answer);
    });
    child.on("exit", () => {
      if (this.child !== child) return;
      this.child = null;
      if (snapshot !== null && !answered && !this.closed) this.startPlainly();
      else this.ended(lastWords);
    });
    // Sending to a process that has just ended; its exit answers the calls.
    child.on("error", () => {});
    this.child = child;
    return child;
  }

  private answered({ id, reply, failure }: LanguageAnswer): void {
    const { current } = this;
    if (current?.request.id !== id) return;
    this.current = null;
    if (failure === undefined) current.resolve(reply);
    else current.reject(new Error(failure));
    this.advance();
  }

  /** What ended the process is the request that it worked on; the others get another process. */
  private ended(lastWords: string): void {
    const { current } = this;
    this.current = null;
    current?.reject(new Error(`The language process ended. ${lastWords}`.trim()));
    this.advance();
  }

  /** After a snapshot that did not get as far as an answer. */
  private startPlainly(): void {
    noteFailure();
    this.snapshot = null;
    const child = this.start();
    if (this.current) child.send(this.current.request);
  }

  private buildLater(): void {
    const timer = setTimeout(() => this.build(timer), buildAfter);
    this.building = timer.unref();
  }
}
