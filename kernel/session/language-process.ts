// The session's end of the language process: calls by name, a new process when one ends.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { LanguageAnswer, LanguageCalls, ProcessSetup } from "./wire";

interface Pending {
  resolve(reply: unknown): void;
  reject(reason: Error): void;
}

export class LanguageProcess {
  private child: ChildProcess | null = null;
  private closed = false;
  private readonly pending = new Map<number, Pending>();
  private count = 0;

  constructor(private readonly setup: ProcessSetup) {
    this.start();
  }

  /** Rejects when the process ended before it answered, or could not answer. */
  call<K extends keyof LanguageCalls>(
    call: K,
    request: LanguageCalls[K]["request"],
  ): Promise<LanguageCalls[K]["reply"]> {
    const child = this.child ?? this.start();
    const id = ++this.count;
    return new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      child.send({ id, call, request });
    }) as Promise<LanguageCalls[K]["reply"]>;
  }

  close(): void {
    this.closed = true;
    this.child?.kill("SIGKILL");
  }

  private start(): ChildProcess {
    if (this.closed) throw new Error("The session is closed");
    const child = fork(join(__dirname, "language.js"), [JSON.stringify(this.setup)], {
      cwd: this.setup.root,
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let lastWords = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      lastWords = (lastWords + text).slice(-2000);
    });
    child.on("message", ({ id, reply, failure }: LanguageAnswer) => {
      const call = this.pending.get(id);
      this.pending.delete(id);
      if (failure === undefined) call?.resolve(reply);
      else call?.reject(new Error(failure));
    });
    child.on("exit", () => {
      if (this.child === child) this.child = null;
      for (const { reject } of this.pending.values())
        reject(new Error(`The language process ended. ${lastWords}`.trim()));
      this.pending.clear();
    });
    // Sending to a process that has just ended; its exit answers the calls.
    child.on("error", () => {});
    this.child = child;
    return child;
  }
}
