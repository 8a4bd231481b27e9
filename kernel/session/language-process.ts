// The session's end of the language process: calls by name, a new process when one ends. It starts from a snapshot where there is
// one that works, and has one made for later sessions where there is none.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { buildInBackground, findSnapshot, languageFlags, noteFailure } from "./snapshot";
import type { LanguageAnswer, LanguageCalls, LanguageRequest, ProcessSetup } from "./wire";

/** A first cell is often followed by others at once; a snapshot can wait for a pause. */
const buildAfter = 2000;

interface Pending {
  request: LanguageRequest;
  resolve(reply: unknown): void;
  reject(reason: Error): void;
}

export class LanguageProcess {
  private child: ChildProcess | null = null;
  private closed = false;
  private readonly pending = new Map<number, Pending>();
  private count = 0;
  private snapshot = findSnapshot();
  private building: NodeJS.Timeout | null = null;

  constructor(private readonly setup: ProcessSetup) {
    this.start();
  }

  /** Rejects when the process ended before it answered, or could not answer. */
  call<K extends keyof LanguageCalls>(
    call: K,
    content: LanguageCalls[K]["request"],
  ): Promise<LanguageCalls[K]["reply"]> {
    const child = this.child ?? this.start();
    const id = ++this.count;
    const request = { id, call, request: content } as LanguageRequest;
    return new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { request, resolve, reject });
      child.send(request);
    }) as Promise<LanguageCalls[K]["reply"]>;
  }

  close(): void {
    this.closed = true;
    this.child?.kill("SIGKILL");
    if (this.building) this.build(this.building);
  }

  private build(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.building = null;
    buildInBackground();
  }

  private start(): ChildProcess {
    if (this.closed) throw new Error("The session is closed");
    const { snapshot } = this;
    const child = fork(join(__dirname, "language.js"), [JSON.stringify(this.setup)], {
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
    child.on("message", ({ id, reply, failure }: LanguageAnswer) => {
      if (!answered && snapshot === null) this.buildLater();
      answered = true;
      const call = this.pending.get(id);
      this.pending.delete(id);
      if (failure === undefined) call?.resolve(reply);
      else call?.reject(new Error(failure));
    });
    child.on("exit", () => {
      if (this.child === child) this.child = null;
      if (snapshot !== null && !answered && !this.closed) {
        this.startPlainly();
        return;
      }
      for (const { reject } of this.pending.values())
        reject(new Error(`The language process ended. ${lastWords}`.trim()));
      this.pending.clear();
    });
    // Sending to a process that has just ended; its exit answers the calls.
    child.on("error", () => {});
    this.child = child;
    return child;
  }

  /** After a snapshot that did not get as far as an answer. */
  private startPlainly(): void {
    noteFailure();
    this.snapshot = null;
    const child = this.start();
    for (const { request } of this.pending.values()) child.send(request);
  }

  private buildLater(): void {
    const timer = setTimeout(() => this.build(timer), buildAfter);
    this.building = timer.unref();
  }
}
