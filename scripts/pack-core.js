// Writes dist/core/modules.pack: the modules that the library loads at its start, with the code that V8 has made of them, in one
// file. Node takes half a millisecond to find, read and compile each of some hundred files; core/packed.ts reads them all at once.

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

/** The compiled library; a test packs a copy. */
const folder = path.resolve(process.argv[2] ?? path.join(__dirname, "..", "dist", "core"));
const target = path.join(folder, "modules.pack");
/** Loaded by Node itself: it reads the pack, or is what asks for it. */
const apart = ["index.js", "packed.js"].map((name) => path.join(folder, name));

/** The scripts of the library's modules, by file, in the order in which they end: what a module needs comes before it. */
function load() {
  const scripts = new Map();
  const compile = Module._extensions[".js"];
  Module._extensions[".js"] = (module, file) => {
    if (!file.startsWith(folder + path.sep) || apart.includes(file)) return compile(module, file);
    const source = fs.readFileSync(file, "utf8");
    const script = new vm.Script(Module.wrap(source), { filename: file });
    const run = script.runInThisContext();
    run.call(module.exports, module.exports, Module.createRequire(file), module, file, path.dirname(file));
    scripts.set(file, { source, script });
  };
  require(apart[0]);
  return scripts;
}

/** What a module asks for by relative paths, each with its place in the pack. */
function requests(file, source, places) {
  const found = {};
  for (const [, request] of source.matchAll(/\brequire\("(\.[^"]*)"\)/g)) {
    const place = places.get(Module.createRequire(file).resolve(request));
    if (place !== undefined) found[request] = place;
  }
  return found;
}

fs.rmSync(target, { force: true });
const scripts = load();
const places = new Map([...scripts.keys()].map((file, place) => [file, place]));
const parts = [];
const modules = [...scripts].map(([file, { source, script }]) => {
  const text = Buffer.from(Module.wrap(source));
  const code = script.createCachedData();
  parts.push(text, code);
  const { size, mtimeMs } = fs.statSync(file);
  // V8 reads a text of one byte per character faster, and keeps it in half of the memory.
  const encoding = text.length === Module.wrap(source).length ? "latin1" : "utf8";
  return {
    file: path.relative(folder, file),
    size,
    modified: mtimeMs,
    encoding,
    text: text.length,
    code: code.length,
    requires: requests(file, source, places),
  };
});
const head = Buffer.from(JSON.stringify(modules));
const length = Buffer.alloc(4);
length.writeUInt32LE(head.length);
fs.writeFileSync(`${target}.new`, Buffer.concat([length, head, ...parts]));
fs.renameSync(`${target}.new`, target);
