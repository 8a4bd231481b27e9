// `new Worker("./w.ts")` in cells and in the modules that they import: the language process converts the file and what it imports, as it
// does for a cell, and worker.ts runs that in the thread.

import { existsSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import threads, { type WorkerOptions } from "node:worker_threads";
import type { ConvertedModule, ExecutorFrame } from "../wire";
import { Interrupted, type Interrupts } from "./interrupts";
import { readAnswer } from "./questions";

/** What a thread is given beside what the user gives it. */
export interface WorkerStart {
  /** The file of the thread, as typed. */
  path: string;
  modules: ConvertedModule[];
  workerData: unknown;
}

const bootstrap = join(__dirname, "worker.js");

/** Lets `Worker` of node:worker_threads take TypeScript. Relative paths start at the working directory, then at `root`. */
export function hookWorkers(root: string, send: (frame: ExecutorFrame) => void, interrupts: Interrupts): void {
  const modulesOf = (path: string): ConvertedModule[] => {
    send({ type: "modulesRequest", path });
    const answer = readAnswer();
    if ("modules" in answer) return answer.modules;
    if ("refused" in answer) throw new Error(answer.refused);
    interrupts.check(true);
    throw new Interrupted("The worker did not start: the cell was stopped");
  };

  class Worker extends threads.Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      const path = options.eval ? undefined : typescriptFile(file, root);
      if (path === undefined) {
        super(file, options);
        return;
      }
      const workerData: WorkerStart = { path, modules: modulesOf(path), workerData: options.workerData };
      super(bootstrap, { ...options, workerData });
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
