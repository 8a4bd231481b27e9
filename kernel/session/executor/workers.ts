// `new Worker("./w.ts")` in cells and in the modules that they import: the language process converts the file and what it imports, as it
// does for a cell, and worker.ts runs that in the thread.

import { existsSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import threads, { type MessagePort, type WorkerOptions } from "node:worker_threads";
import type { ConvertedModule, ExecutorFrame } from "../wire";
import { Interrupted, type Interrupts } from "./interrupts";
import { readAnswer } from "./questions";

/** What a thread is given beside what the user gives it. */
export interface WorkerStart {
  /** The file of the thread, as typed. */
  path: string;
  modules: ConvertedModule[];
  workerData: unknown;
  /** Where relative paths of threads start that this one makes, and where it asks for their modules. */
  root: string;
  questions: MessagePort;
}

/** A thread asks for the modules of a file; `asked` rises to 1 when the answer is there. */
interface ModulesQuestion {
  path: string;
  asked: Int32Array;
}

type ModulesAnswer = { modules: ConvertedModule[] } | { failure: Error };

/** The modules that a file and its imports are, converted. Throws what is wrong with them. */
export type ModulesOf = (path: string) => ConvertedModule[];

const bootstrap = join(__dirname, "worker.js");

/** Asks the language process. */
export function modulesOfSession(send: (frame: ExecutorFrame) => void, interrupts: Interrupts): ModulesOf {
  return (path) => {
    send({ type: "modulesRequest", path });
    const answer = readAnswer();
    if ("modules" in answer) return answer.modules;
    if ("refused" in answer) throw new Error(answer.refused);
    interrupts.check(true);
    throw new Interrupted("The worker did not start: the cell was stopped");
  };
}

/** Asks the thread that made this one, which answers when it next waits for events. */
export function modulesOfParent(questions: MessagePort): ModulesOf {
  return (path) => {
    const asked = new Int32Array(new SharedArrayBuffer(4));
    questions.postMessage({ path, asked } satisfies ModulesQuestion);
    Atomics.wait(asked, 0, 0);
    const answer = threads.receiveMessageOnPort(questions)?.message as ModulesAnswer;
    if ("failure" in answer) throw answer.failure;
    return answer.modules;
  };
}

/** Answers what a thread asks. */
function answerQuestions(port: MessagePort, modulesOf: ModulesOf): void {
  port.on("message", ({ path, asked }: ModulesQuestion) => {
    let answer: ModulesAnswer;
    try {
      answer = { modules: modulesOf(path) };
    } catch (error) {
      answer = { failure: error as Error };
    }
    port.postMessage(answer);
    Atomics.store(asked, 0, 1);
    Atomics.notify(asked, 0);
  });
  // Threads that have ended ask nothing.
  port.unref();
}

/** Lets `Worker` of node:worker_threads take TypeScript. Relative paths start at the working directory, then at `root`. */
export function hookWorkers(root: string, modulesOf: ModulesOf): void {
  class Worker extends threads.Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      const path = options.eval ? undefined : typescriptFile(file, root);
      if (path === undefined) {
        super(file, options);
        return;
      }
      const { port1, port2 } = new threads.MessageChannel();
      const { workerData, transferList = [] } = options;
      const start: WorkerStart = { path, modules: modulesOf(path), workerData, root, questions: port2 };
      super(bootstrap, { ...options, workerData: start, transferList: [...transferList, port2] });
      answerQuestions(port1, modulesOf);
    }
  }
  Object.assign(threads, { Worker });
  syncBuiltinESMExports();
}

/** The path of a file of TypeScript; `undefined` for what Node runs itself, or refuses. */
function typescriptFile(file: string | URL, root: string): string | undefined {
  const isUrl = file instanceof URL;
  if (isUrl ? file.protocol !== "file:" : !/^(?:\.{0,2}\/)/.test(file)) return undefined;
  const path = isUrl ? fileURLToPath(file) : file;
  if (!/^\.[cm]?tsx?$/.test(extname(path))) return undefined;
  const [here, there] = [resolve(path), resolve(root, path)];
  return !existsSync(here) && existsSync(there) ? there : here;
}
