// How `require` finds modules in the executor: the library from any directory, and the user's TypeScript modules, which the language
// process has converted, in place of files.

import Module from "node:module";
import { dirname, join, resolve } from "node:path";
import { ownModules } from "../prelude-names";
import { isData, moduleAt, shared, userModule } from "./user-modules";
import type { ConvertedModule } from "../wire";

/** A module that runs code as a file's; what the code returns comes back. */
export type CompilableModule = NodeModule & { _compile(code: string, file: string): unknown };

/** The two hooks of Node's CommonJS loader that its types leave out. */
interface Loader {
  _resolveFilename(request: string, parent: NodeModule | undefined, ...rest: unknown[]): string;
  _extensions: Record<string, (module: CompilableModule, file: string) => void>;
}

const dist = resolve(__dirname, "../../..");
const tslabExecutor = require.resolve("tslab/dist/executor");
/** Of modules that wait: their ends, which may give them more names. */
const ends = new Map<string, Promise<unknown>>();

/** Hooks the loader of this process. */
export function hookModules(): void {
  const loader = Module as typeof Module & Loader;
  const resolveFilename = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    // tslab's executor loads its own package for a cell that imports "tslab".
    const name = request === ".." && parent?.filename === tslabExecutor ? "tslab" : request;
    if (Object.hasOwn(ownModules, name)) return join(dist, `${ownModules[name]}.js`);
    const found = userModule(request, parent?.filename ? dirname(parent.filename) : process.cwd());
    return found?.path ?? resolveFilename.call(loader, request, parent, ...rest);
  };
  for (const extension of [".js", ".mjs", ".cjs", ".json"]) {
    const load = loader._extensions[extension] ?? loader._extensions[".js"];
    loader._extensions[extension] = (module, file) => {
      const found = moduleAt(file);
      if (!found || isData(found)) load(module, file);
      else if (found.waits) {
        const { exports } = module;
        const end = module._compile(waiting(found), file) as Promise<void>;
        ends.set(
          file,
          end.then(() => shared(file, exports)),
        );
      } else module._compile(found.code, file);
      if (found) module.exports = shared(file, module.exports);
    };
  }
}

/** The code of a module that waits: it returns its end. */
function waiting({ code }: ConvertedModule): string {
  return `return (async () => {${code}\n})();`;
}

/**
 * Forgets CommonJS modules whose code was terminated before its end, so that they load anew: Node forgets a module that throws, but
 * no code of Node's runs after a termination. To be called while no module loads.
 */
export function forgetUnfinished(): void {
  for (const [file, module] of Object.entries(require.cache)) if (!module?.loaded) delete require.cache[file];
}

/** Loads modules again that were forgotten since they have changed. Rejects with what such a module throws. */
export async function reload(modules: readonly ConvertedModule[]): Promise<void> {
  for (const { path, waits } of modules) {
    if (waits) await startOf(path);
    else require(path);
  }
}

/** Loads a module that waits, and waits for its end. One that fails is loaded again next time. */
export async function startOf(path: string): Promise<void> {
  require(path);
  try {
    await ends.get(path);
  } catch (error) {
    delete require.cache[path];
    throw error;
  }
}
