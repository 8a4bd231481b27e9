// What `require` cannot load is loaded before the code that imports it runs: ES modules, which may wait or be meant for `import`
// only, and the user's own modules that wait. `import()` goes the same way when it is called.

import { readFileSync } from "node:fs";
import Module, { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { importNames } from "../import-forms";
import { type CompilableModule, startOf } from "./modules";
import { ownModules } from "../prelude-names";
import { sourceOf, userModule } from "./user-modules";

type Namespace = Record<string, unknown>;

/** ES modules that were imported, by the folder and the specifier of the import. */
const loaded = new Map<string, Namespace>();

function keyOf(request: string, folder: string): string {
  return `${folder}\0${request}`;
}

/** Loads what `requests`, made from a file in `folder`, need beyond `require`. Rejects with what such a module throws. */
export async function prepareImports(requests: readonly string[], folder: string): Promise<void> {
  await prepare(requests, folder, new Set());
}

async function prepare(requests: readonly string[], folder: string, seen: Set<string>): Promise<void> {
  for (const request of requests) {
    const own = userModule(request, folder);
    if (own) {
      if (seen.has(own.path)) continue;
      seen.add(own.path);
      await prepare(own.imports, dirname(own.path), seen);
      if (own.waits) await startOf(own.path);
    } else if (!loaded.has(keyOf(request, folder))) {
      const file = esModule(request, folder);
      if (file !== undefined) loaded.set(keyOf(request, folder), await importFrom(folder, file));
    }
  }
}

/** What to import natively, if `require` does not do for a specifier. */
function esModule(request: string, folder: string): string | undefined {
  if (isBuiltin(request) || Object.hasOwn(ownModules, request)) return undefined;
  try {
    const file = createRequire(join(folder, "module.js")).resolve(request);
    if (!isEsModule(file)) return undefined;
    // A package may have another file for `import` than for `require`; a path may lack its extension.
    return /^\.{0,2}\//.test(request) ? pathToFileURL(file).href : request;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ? request : undefined;
  }
}

function isEsModule(file: string): boolean {
  if (!file.endsWith(".js")) return file.endsWith(".mjs");
  for (let folder = dirname(file), inner = ""; folder !== inner; inner = folder, folder = dirname(folder)) {
    try {
      return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).type === "module";
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") return false;
    }
  }
  return false;
}

/** Node's own `import()`, as of a module in `folder`. */
function importFrom(folder: string, specifier: string): Promise<Namespace> {
  const file = join(folder, "module.js");
  const importer = new Module(file) as CompilableModule;
  importer._compile("exports.load = (specifier) => import(specifier);", file);
  return (importer.exports as { load(specifier: string): Promise<Namespace> }).load(specifier);
}

/** `import()` in compiled code; `require` is that of its module. */
async function importCall(specifier: unknown, require: NodeJS.Require): Promise<unknown> {
  const request = String(specifier);
  const [folder] = require.resolve.paths("./") ?? [process.cwd()];
  await prepareImports([request], folder);
  const found = loaded.get(keyOf(request, folder)) ?? (require(request) as Namespace | null);
  if (loaded.has(keyOf(request, folder)) || found?.__esModule) return found;
  return { ...found, default: found };
}

/** `import.meta` in compiled code; `file` is that of its module, where it has one. */
function importMeta(file: string | undefined, require: NodeJS.Require): object {
  const filename = file === undefined ? join(process.cwd(), "cell.ts") : sourceOf(file);
  const resolve = (specifier: string): string => {
    const found = require.resolve(specifier);
    return isBuiltin(found) ? found : pathToFileURL(found).href;
  };
  return { dirname: dirname(filename), filename, url: pathToFileURL(filename).href, resolve };
}

/** Makes `require` give what was prepared, and compiled code find its calls. */
export function hookImports(): void {
  const loader = Module as typeof Module & {
    _load(request: string, parent: NodeModule | undefined, ...rest: unknown[]): unknown;
  };
  const load = loader._load;
  loader._load = (request, parent, ...rest) => {
    const found = parent?.filename ? loaded.get(keyOf(request, dirname(parent.filename))) : undefined;
    return found ? asCommonJs(found) : load.call(loader, request, parent, ...rest);
  };
  Object.defineProperty(globalThis, importNames.call, { value: importCall });
  Object.defineProperty(globalThis, importNames.meta, { value: importMeta });
}

/** The namespace as compiled code expects an ES module: with the mark that it is one. */
function asCommonJs(namespace: Namespace): object {
  return new Proxy(namespace, { get: (target, name) => name === "__esModule" || Reflect.get(target, name) });
}
