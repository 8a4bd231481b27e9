// The user's modules, which the language process has converted, by the file that `require` takes them for. What imports a module holds one
// object for the life of the executor, whose properties read the exports of the module as it was loaded last. So an edited module has its
// new values at every place that imports it, as the check has its new types.

import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type InspectOptions, inspect } from "node:util";
import { compiledPath } from "../language/user-sources";
import { addScript } from "./stacks";
import type { ConvertedModule } from "../wire";

type Exports = Record<string, unknown>;

const converted = new Map<string, ConvertedModule>();
/** What importers hold, and the exports behind it. */
const namespaces = new Map<string, { shared: Exports; current: Exports }>();

/**
 * Makes modules known, in place of earlier versions of them, and forgets what was loaded of these and of what imports them. Gives back
 * the forgotten ones in the order of `modules`.
 */
export function addModules(modules: ConvertedModule[]): ConvertedModule[] {
  const changed = new Set<string>();
  for (const module of modules) {
    // A new language process converts anew what has not changed.
    const known = converted.get(module.path);
    if (known && known.code === module.code && !isData(module)) continue;
    converted.set(module.path, module);
    changed.add(module.path);
    const source = (): string => readFileSync(module.source, "utf8");
    addScript(module.path, { label: basename(module.source), source, mapped: module, added: [0, 0, 0] });
  }
  // A set that grows while it is walked through: importers of importers are found, too.
  for (const path of changed)
    for (const { path: importer, imports } of converted.values())
      if (imports.some((request) => userModule(request, dirname(importer))?.path === path)) changed.add(importer);
  const loaded = [...changed].filter((path) => require.cache[path]?.loaded);
  for (const path of changed) delete require.cache[path];
  return loaded.flatMap((path) => converted.get(path) ?? []);
}

/** JSON, which is read when it is loaded. */
export function isData({ path }: ConvertedModule): boolean {
  return path.endsWith(".json");
}

/**
 * What importers of a module are given for its exports: the same object each time it is loaded. Only for exports of ES modules; what
 * CommonJS exports may be a function or a number.
 */
export function shared(path: string, exports: unknown): unknown {
  if (typeof exports !== "object" || exports === null) return exports;
  const current = exports as Exports;
  if (!current.__esModule && !path.endsWith(".json")) return exports;
  const known = namespaces.get(path);
  if (!current.__esModule) {
    if (!known) namespaces.set(path, { shared: current, current });
    else if (Array.isArray(known.shared) === Array.isArray(current)) return replaceContents(known.shared, current);
    return exports;
  }
  const namespace: { shared: Exports; current: Exports } = known ?? {
    shared: emptyNamespace(() => namespace.current),
    current,
  };
  for (const name of Object.keys(current)) if (known) adopt(namespace.current[name], current[name]);
  namespace.current = current;
  namespaces.set(path, namespace);
  for (const name of Object.keys(namespace.shared)) if (!(name in current)) delete namespace.shared[name];
  for (const name of Object.keys(current)) {
    if (Object.hasOwn(namespace.shared, name)) continue;
    const get = (): unknown => namespace.current[name];
    Object.defineProperty(namespace.shared, name, { get, enumerable: true, configurable: true });
  }
  return namespace.shared;
}

/** Whether importers of a loaded module have what it exports now: not those of CommonJS, which may export anything. */
export function isShared({ path }: ConvertedModule): boolean {
  return namespaces.has(path);
}

/** The mark of ES modules, without names yet; shown as the exports behind it. */
function emptyNamespace(current: () => Exports): Exports {
  const shown = (_: number, options: InspectOptions): string => inspect({ ...current() }, options);
  return Object.defineProperties({} as Exports, { __esModule: { value: true }, [inspect.custom]: { value: shown } });
}

/** Puts what JSON says now into the object or list that importers hold. */
function replaceContents(held: Exports, now: Exports): Exports {
  if (Array.isArray(held)) held.length = 0;
  for (const name of Object.keys(held)) delete held[name];
  return Object.assign(held, now);
}

/** Gives instances of a class that was loaded before the methods of its new version. */
function adopt(before: unknown, now: unknown): void {
  if (!isClass(before) || !isClass(now) || before === now) return;
  const { prototype } = before;
  for (const name of Reflect.ownKeys(prototype)) Reflect.deleteProperty(prototype, name);
  Object.setPrototypeOf(prototype, now.prototype);
}

function isClass(value: unknown): value is new () => object {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** The module that `require` gives this file name. */
export function moduleAt(path: string): ConvertedModule | undefined {
  return converted.get(path);
}

/** The user's file behind one that `require` knows. */
export function sourceOf(path: string): string {
  return converted.get(path)?.source ?? path;
}

/** The user's module that a specifier names, imported from a file in `folder`. */
export function userModule(request: string, folder: string): ConvertedModule | undefined {
  if (!/^\.{0,2}(?:\/|$)/.test(request)) return undefined;
  const path = resolve(folder, request);
  const candidates = [path, `${path}.js`, join(path, "index.js"), compiledPath(path)];
  return candidates.map(moduleAt).find((module) => module !== undefined);
}
