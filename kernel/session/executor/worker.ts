// The first code of a thread that a cell starts with a file of TypeScript: it makes the converted modules known, then runs the file's.

import { dirname } from "node:path";
import threads from "node:worker_threads";
import { checkNames } from "../check-names";
import { compiledPath } from "../language/user-sources";
import { operators } from "../operators/runtime";
import { hookImports, prepareImports } from "./imports";
import { hookModules } from "./modules";
import { mapStacks } from "./stacks";
import { addModules } from "./user-modules";
import { hookWorkers, modulesOfParent, type WorkerStart } from "./workers";

const { path, modules, workerData, root, questions } = threads.workerData as WorkerStart;

/** What converted code finds as globals. A thread is ended by terminate(), so nothing in it is asked to stop. */
const globals = {
  __tslab__: { operators },
  [checkNames.flag]: new Int32Array(1),
  [checkNames.wait]: (value: unknown) => value,
  [checkNames.steps]: (source: unknown) => source,
  [checkNames.pass]: () => {},
};

async function run(): Promise<void> {
  Object.assign(globalThis, globals);
  Object.assign(threads, { workerData });
  process.argv[1] = path;
  hookModules();
  hookImports();
  hookWorkers(root, modulesOfParent(questions));
  mapStacks();
  addModules(modules);
  const compiled = compiledPath(path);
  await prepareImports([compiled], dirname(path));
  require(compiled);
}

// A rejection that nobody handles is the thread's error, as what a file throws is.
void run();
