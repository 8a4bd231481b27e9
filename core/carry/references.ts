// Values that both sides have, by where they are found: what CommonJS modules export, what is global, what Node's own modules give.

import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import type { Node } from "./format";

/** The values that one side can name. */
export class References {
  private readonly known = new Map<unknown, Node>();
  private looked = 0;
  private lookedBuiltin = 0;

  constructor() {
    this.addGlobals();
  }

  /** Where a function, an object or a symbol is found; null when nowhere. */
  find(value: object | symbol): Node | null {
    return this.known.get(value) ?? null;
  }

  private addGlobals(): void {
    for (const name of platform) {
      // Getters load what they give.
      this.addGlobal(name, Object.getOwnPropertyDescriptor(globalThis, name)?.value);
    }
    this.addGlobal("Buffer", Buffer);
    this.addGlobal("process", process);
    for (const [value, path] of intrinsics) this.add(value, { kind: "global", path });
    this.add(globalThis, { kind: "global", path: [] });
  }

  /** A global, its functions and the methods of its objects. */
  private addGlobal(name: string, value: unknown): void {
    if (!isObject(value) || value === globalThis) return;
    this.add(value, { kind: "global", path: [name] });
    this.addFunctions(value, [name]);
    const prototype: unknown = Object.getOwnPropertyDescriptor(value, "prototype")?.value;
    if (!isObject(prototype)) return;
    this.add(prototype, { kind: "global", path: [name, "prototype"] });
    this.addFunctions(prototype, [name, "prototype"]);
  }

  private addFunctions(owner: object, path: readonly string[]): void {
    for (const key of Object.getOwnPropertyNames(owner)) {
      const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
      if (typeof value === "function") this.add(value, { kind: "global", path: [...path, key] });
    }
  }

  /** Looks at modules that were loaded since. */
  addModules(): void {
    const files = Object.keys(require.cache);
    for (; this.looked < files.length; this.looked++) {
      const file = files[this.looked];
      const loaded = require.cache[file];
      // The main program is not loaded again: its functions go by their text.
      if (loaded === undefined || loaded === require.main || !loaded.loaded) continue;
      // Modules of cells are compiled in memory: their functions go by their text as well.
      if (!existsSync(file)) continue;
      this.addExports(loaded.exports, file);
    }
  }

  /** A value of one of Node's own modules; those that nothing has loaded are not looked at. */
  findBuiltin(value: object): Node | null {
    const loaded = (process as { moduleLoadList?: string[] }).moduleLoadList ?? [];
    for (; this.lookedBuiltin < loaded.length; this.lookedBuiltin++) {
      const name = loaded[this.lookedBuiltin].replace(/^NativeModule /, "");
      if (builtinModules.includes(name)) this.addExports(require(name), `node:${name}`);
    }
    return this.known.get(value) ?? null;
  }

  private addExports(exported: unknown, file: string): void {
    if (!isObject(exported)) return;
    this.add(exported, { kind: "commonjs", file, path: [] });
    for (const name of Object.getOwnPropertyNames(exported)) {
      const value = read(exported, name);
      if (typeof value === "symbol") this.add(value, { kind: "commonjs", file, path: [name] });
      if (!isObject(value)) continue;
      this.add(value, { kind: "commonjs", file, path: [name] });
      const prototype = typeof value === "function" ? read(value, "prototype") : undefined;
      if (isObject(prototype)) this.add(prototype, { kind: "commonjs", file, path: [name, "prototype"] });
    }
  }

  private add(value: unknown, node: Node): void {
    if (!this.known.has(value)) this.known.set(value, node);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Compilers make exports getters; other getters might compute. */
function read(owner: object, name: string): unknown {
  try {
    return Reflect.get(owner, name);
  } catch {
    return undefined;
  }
}

/** What JavaScript and Node have as globals, since programs add to them only after they have loaded the library. */
const platform = Object.getOwnPropertyNames(globalThis);

const generatorFunction = function* () {};
const asyncGeneratorFunction = async function* () {};

/** Prototypes that no global names; worker threads find them by the same rule. */
export const intrinsics: readonly (readonly [object, readonly string[]])[] = [
  [Object.getPrototypeOf(generatorFunction), ["(generator)"]],
  [Object.getPrototypeOf(asyncGeneratorFunction), ["(async generator)"]],
  [Object.getPrototypeOf(async () => {}), ["(async)"]],
  [Object.getPrototypeOf(Int8Array), ["(typed array)"]],
];

/** What a path of names leads to on this side. */
export function atPath(root: unknown, path: readonly string[]): unknown {
  const named = path.length === 1 ? intrinsics.find(([, [name]]) => name === path[0]) : undefined;
  if (named !== undefined) return named[0];
  let found = root;
  for (const name of path) found = Reflect.get(found as object, name);
  return found;
}
