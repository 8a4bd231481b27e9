// The user's TypeScript modules, which the language process has converted, by the file that `require` takes them for.

import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { addScript } from "./stacks";
import type { ConvertedModule } from "../wire";

const converted = new Map<string, ConvertedModule>();

/** Makes modules known, in place of earlier versions of them: these and what imports them are loaded again when next imported. */
export function addModules(modules: ConvertedModule[]): void {
  for (const module of modules) {
    converted.set(module.path, module);
    const source = (): string => readFileSync(module.source, "utf8");
    addScript(module.path, { label: basename(module.source), source, mapped: module, added: [0, 0, 0] });
  }
  const changed = new Set(modules.map(({ path }) => path));
  // Grows while it is walked through.
  for (const path of changed) {
    delete require.cache[path];
    for (const { path: importer, imports } of converted.values())
      if (imports.some((request) => userModule(request, dirname(importer))?.path === path)) changed.add(importer);
  }
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
  const candidates = [path, `${path}.js`, join(path, "index.js"), path.replace(/\.tsx?$/, ".js")];
  return candidates.map(moduleAt).find((module) => module !== undefined);
}
