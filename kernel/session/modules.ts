// How `require` finds modules in the executor: the library from any directory, and the user's TypeScript modules, which the language
// process has converted, in place of files.

import { readFileSync } from "node:fs";
import Module from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { ownModules } from "./prelude-names";
import { addScript } from "./stacks";
import type { ConvertedModule } from "./wire";

/** The two hooks of Node's CommonJS loader that its types leave out. */
interface Loader {
  _resolveFilename(request: string, parent: NodeModule | undefined, ...rest: unknown[]): string;
  _extensions: Record<
    string,
    (module: NodeModule & { _compile(code: string, file: string): void }, file: string) => void
  >;
}

const dist = resolve(__dirname, "../..");
const tslabExecutor = require.resolve("tslab/dist/executor");
const converted = new Map<string, ConvertedModule>();

/** Makes modules known, in place of earlier versions of them. */
export function addModules(modules: ConvertedModule[]): void {
  for (const module of modules) {
    converted.set(module.path, module);
    delete require.cache[module.path];
    const source = (): string => readFileSync(module.source, "utf8");
    addScript(module.path, { label: basename(module.source), source, mapped: module, added: [0, 0, 0] });
  }
}

/** Hooks the loader of this process. */
export function hookModules(): void {
  const loader = Module as typeof Module & Loader;
  const resolveFilename = loader._resolveFilename;
  loader._resolveFilename = (request, parent, ...rest) => {
    // tslab's executor loads its own package for a cell that imports "tslab".
    const name = request === ".." && parent?.filename === tslabExecutor ? "tslab" : request;
    if (Object.hasOwn(ownModules, name)) return join(dist, `${ownModules[name]}.js`);
    const found = /^\.{0,2}\//.test(request) ? userModule(request, parent) : undefined;
    return found ?? resolveFilename.call(loader, request, parent, ...rest);
  };
  const load = loader._extensions[".js"];
  loader._extensions[".js"] = (module, file) => {
    const found = converted.get(file);
    if (found) module._compile(found.code, file);
    else load(module, file);
  };
}

function userModule(request: string, parent: NodeModule | undefined): string | undefined {
  const path = resolve(parent?.filename ? dirname(parent.filename) : process.cwd(), request);
  return [path, `${path}.js`, join(path, "index.js"), path.replace(/\.tsx?$/, ".js")].find((p) => converted.has(p));
}
