// The session's end of the executor process: one cell at a time, its output as it comes, and word of its death.

import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Arrivals } from "./arrivals";
import { BrokenFrames, frameReader } from "./frames";
import type { InputLine } from "./executor/questions";
import type { Terminal } from "./protocol";
import { type ExecutorFrame, type ExecutorQuestions, executorFds, type ProcessSetup, type RunRequest } from "./wire";

type DoneFrame = Extract<ExecutorFrame, { type: "done" }>;
type AnswerFrame = Extract<ExecutorFrame, { type: "answer" }>;
/** Everything but marks, answers, and the end of a cell, which is the reply of run(). */
export type OutputFrame = Exclude<ExecutorFrame, DoneFrame | AnswerFrame | { type: "mark" }>;

/** How the process ended. */
export interface Death {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why the session ended it, as a sentence, where it did. */
  reason?: string;
}

const drainTime = 300;
/** Milliseconds between the end of a pipe and that of the process, when the process ends by itself. */
const endTime = 500;

export class ExecutorProcess {
  /** Resolves when the process has ended and its output has been read. */
  readonly ended: Promise<Death>;
  /** Whether it has come as far as to run cells. */
  ready = false;
  private readonly child: ChildProcess;
  private count = 0;
  private gone = false;
  /** `ended` has resolved. */
  private over = false;
  private readonly pipes: readonly (Readable | Writable | null | undefined)[];
  private readonly arrivals = new Arrivals((frames) => this.receive(frames));
  private waiting: { run: number; resolve(done: DoneFrame | null): void } | null = null;
  private readonly questions = new Map<number, (frame: AnswerFrame | null) => void>();
  private asked = 0;
  /** Why it was killed. */
  private reason: string | undefined;

  constructor(
    setup: ProcessSetup,
    stdin: "ignore" | "inherit",
    private readonly onOutput: (frame: OutputFrame) => void,
  ) {
    this.child = fork(join(__dirname, "executor/executor.js"), [JSON.stringify(setup)], {
      cwd: setup.cwd,
      // Without it, terminating code in a callback aborts the process.
      execArgv: ["--no-force-async-hooks-checks"],
      stdio: [stdin, "pipe", "pipe", "pipe", "pipe", "pipe", "ipc"],
    });
    this.pipes = this.child.stdio;
    const read = frameReader<ExecutorFrame>();
    const frames = this.pipes[executorFds.frames] as Readable;
    frames.on("data", (chunk: Buffer) => {
      try {
        this.arrivals.framesCame(read(chunk));
      } catch (error) {
        if (!(error instanceof BrokenFrames)) throw error;
        frames.removeAllListeners("data").resume();
        this.lose(executorFds.frames);
      }
    });
    this.readRaw("stdout");
    this.readRaw("stderr");
    // The other two are read as well, so that their end is seen.
    for (const fd of [executorFds.control, executorFds.input]) (this.pipes[fd] as Readable).resume();
    for (const fd of [executorFds.frames, executorFds.control, executorFds.input])
      this.pipes[fd]?.on("error", () => {}).once("end", () => this.loseSoon(fd));
    this.child.on("error", () => {}).once("disconnect", () => this.loseSoon(executorFds.requests));
    this.ended = new Promise((resolve) => {
      this.child.once("exit", (code, signal) => {
        this.hold(false);
        this.gone = true;
        // A process that the cell left behind may hold the pipes open.
        const death = { code, signal, reason: this.reason };
        const end = (): void => {
          clearTimeout(timer);
          this.over = true;
          resolve(death);
          this.waiting?.resolve(null);
          for (const answer of this.questions.values()) answer(null);
        };
        const timer = setTimeout(end, drainTime);
        this.child.once("close", end);
      });
    });
  }

  /** The end of the cell, or `null` when the process ended first. */
  run(request: Omit<RunRequest, "type" | "run">): Promise<DoneFrame | null> {
    const run = ++this.count;
    if (this.over) return Promise.resolve(null);
    this.child.send({ ...request, type: "run", run });
    return new Promise((resolve) => {
      this.waiting = { run, resolve };
    });
  }

  /** The answer, which comes when the process runs no code; `null` when it ended first. */
  async ask<K extends keyof ExecutorQuestions>(
    about: K,
    question: ExecutorQuestions[K]["question"],
  ): Promise<ExecutorQuestions[K]["answer"] | null> {
    const id = ++this.asked;
    if (this.over) return null;
    this.child.send({ type: "ask", id, about, question });
    const frame = await new Promise<AnswerFrame | null>((resolve) => this.questions.set(id, resolve));
    this.questions.delete(id);
    if (frame?.failure !== undefined) throw new Error(frame.failure);
    return frame && (frame.answer as ExecutorQuestions[K]["answer"]);
  }

  terminal(terminal: Terminal): void {
    this.child.send({ type: "terminal", terminal });
  }

  /** Interrupts what was asked for last, if it has not ended. */
  interrupt(): void {
    (this.pipes[executorFds.control] as Writable).write(`${this.count}\n`);
  }

  input(line: InputLine): void {
    (this.pipes[executorFds.input] as Writable).write(`${JSON.stringify(line)}\n`);
  }

  /** Leaves its output in the pipes, or goes on reading. What is left when it ends is always read. */
  hold(held: boolean): void {
    if (this.gone) return;
    for (const pipe of [this.pipes[executorFds.frames] as Readable, this.child.stdout, this.child.stderr])
      pipe?.[held ? "pause" : "resume"]();
  }

  /** Lets the process end when nothing is left to do in it. */
  finish(): void {
    this.child.send({ type: "finish", run: ++this.count });
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** What goes through this descriptor of the process can reach its reader no more: it is ended, since nothing else would end its cell. */
  private lose(fd: number): void {
    if (this.gone) return;
    this.reason ??= `The executor had to be ended, since its file descriptor ${fd}, which the session needs, was closed or written to`;
    this.kill();
  }

  /** The end of a pipe, which mostly is that of the process. */
  private loseSoon(fd: number): void {
    if (!this.gone) setTimeout(() => this.lose(fd), endTime).unref();
  }

  private receive(frames: ExecutorFrame[]): void {
    for (let i = 0; i < frames.length; i++) {
      const frame = frames[i];
      if (frame.type === "ready") this.ready = true;
      if (frame.type === "done") {
        // An interrupted end may tell it twice.
        if (this.waiting?.run !== frame.run) continue;
        this.waiting.resolve(frame);
        this.waiting = null;
      } else if (frame.type === "answer") {
        this.questions.get(frame.id)?.(frame);
      } else if (frame.type === "stream") {
        // Neighbours become one event: a loop that prints makes thousands.
        const texts = [frame.text];
        for (let next = frames[i + 1]; next?.type === "stream" && next.name === frame.name; next = frames[i + 1]) {
          texts.push(next.text);
          i++;
        }
        this.onOutput({ ...frame, text: texts.join("") });
      } else if (frame.type !== "mark") {
        this.onOutput(frame);
      }
    }
  }

  /** What native code and child processes write. */
  private readRaw(name: "stdout" | "stderr"): void {
    const pipe = this.child[name]?.setEncoding("utf8");
    pipe?.on("data", (text: string) => this.arrivals.rawCame(name, text));
    pipe?.once("end", () => this.arrivals.rawEnded(name));
  }
}
