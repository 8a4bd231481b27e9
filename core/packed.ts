// Loads the library's modules from one file, with V8's code for them, where the set-up has written that file (scripts/pack-core.js):
// a third of the time that Node takes to find, read and compile them one by one. They are the same modules, under the same names in
// `require.cache`, and a stack trace shows the same places. A file that has changed since makes the pack void, and Node loads all.

import { readFileSync, statSync } from "node:fs";
import Module from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

/** A module in the pack. */
interface Packed {
  /** Its file, seen from this folder, and what that file was like. */
  file: string;
  size: number;
  modified: number;
  /** The lengths of its text and of V8's code, in bytes, and how the text is written. */
  text: number;
  code: number;
  encoding: "latin1" | "utf8";
  /** What it asks for: places in the pack. */
  requires: Record<string, number>;
}

/** What Node's types leave out. */
const loader = Module as typeof Module & { wrapper: [string, string]; _nodeModulePaths(folder: string): string[] };

type Wrapped = (exports: unknown, require: unknown, module: NodeModule, file: string, folder: string) => void;

/** The pack's bytes behind the list of its modules, or nothing when there is no pack, or it is not of these files. */
function readPack(): { modules: Packed[]; bytes: Buffer } | undefined {
  try {
    const all = readFileSync(join(__dirname, "modules.pack"));
    const head = 4 + all.readUInt32LE(0);
    const modules = JSON.parse(all.toString("utf8", 4, head)) as Packed[];
    const isFresh = modules.every(({ file, size, modified }) => {
      const found = statSync(join(__dirname, file), { throwIfNoEntry: false });
      return found?.size === size && found.mtimeMs === modified;
    });
    return isFresh ? { modules, bytes: all.subarray(head) } : undefined;
  } catch {
    return undefined;
  }
}

function loadAll(modules: Packed[], bytes: Buffer): void {
  const loaded: NodeModule[] = [];
  let at = 0;
  for (const { file: name, text, code, encoding, requires } of modules) {
    const file = join(__dirname, name);
    const folder = dirname(file);
    const source = bytes.toString(encoding, at, at + text);
    const cachedData = bytes.subarray(at + text, at + text + code);
    at += text + code;
    const cached = require.cache[file];
    if (cached) {
      // Node's loader of ES modules puts those there whose names it has read; they wait for Node to run them.
      if (!cached.loaded) require(file);
      loaded.push(cached);
      continue;
    }
    const own = new Module(file, module) as NodeModule;
    own.filename = file;
    own.paths = loader._nodeModulePaths(folder);
    loaded.push(own);
    require.cache[file] = own;
    const ask = (request: string): unknown =>
      request in requires ? loaded[requires[request]].exports : own.require(request);
    try {
      const script = new Script(source, { filename: file, cachedData, columnOffset: -loader.wrapper[0].length });
      (script.runInThisContext() as Wrapped).call(
        own.exports,
        own.exports,
        Object.assign(ask, require),
        own,
        file,
        folder,
      );
      own.loaded = true;
    } finally {
      // As Node does: what failed is tried again by whoever asks next.
      if (!own.loaded) delete require.cache[file];
    }
  }
}

const pack = readPack();
if (pack) loadAll(pack.modules, pack.bytes);
