// Run by `node --build-snapshot`: brings the language process to where it waits for cells, so that its memory can be kept as it is
// then. Plain JavaScript, since such a script is given Node's own modules and nothing else, not even `exports`; Node also refuses a
// snapshot in which its loader has loaded anything, so modules are loaded here by hand.
//
//   node --snapshot-blob BLOB --build-snapshot snapshot-image.js MAIN LIST
//
// MAIN: the module to load, which exports prepare() and serve(). LIST: the file for the names, dates and sizes of all files read.

const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { startupSnapshot } = require("node:v8");

const [main, list] = process.argv.slice(2);
const seen = new Map();
const modules = {};

/** A module in place of Node's class, as far as the modules loaded here use it. */
class ImageModule {
  constructor(id) {
    Object.assign(this, { id, filename: id, exports: {}, loaded: false });
  }

  _compile(code, file) {
    const node = createRequire(file);
    const require = (name) => {
      const found = node.resolve(name);
      return path.isAbsolute(found) ? load(found) : requireBuiltin(name);
    };
    Object.assign(require, { resolve: node.resolve, cache: modules });
    // One character beyond Latin-1 doubles the size of the whole source; a string made of bytes has none.
    const escaped = code.replace(/[^\0-\xff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
    const latin = Buffer.from(escaped, "latin1").toString("latin1");
    const names = ["exports", "require", "module", "__filename", "__dirname"];
    const body = new Function(...names, `${latin}\n//# sourceURL=${file}`);
    body.call(this.exports, this.exports, require, this, file, path.dirname(file));
  }
}

const requireBuiltin = require;

function load(file) {
  if (modules[file]) return modules[file].exports;
  const module = new ImageModule(file);
  modules[file] = module;
  const text = fs.readFileSync(file, "utf8");
  if (file.endsWith(".json")) module.exports = JSON.parse(text);
  else module._compile(text, file);
  module.loaded = true;
  return module.exports;
}

const read = fs.readFileSync;
fs.readFileSync = (file, ...options) => {
  if (typeof file === "string" && !seen.has(file)) {
    const found = fs.statSync(file, { throwIfNoEntry: false });
    if (found) seen.set(file, [found.mtimeMs, found.size]);
  }
  return read(file, ...options);
};
const { prepare, serve } = load(main);
prepare();
fs.readFileSync = read;
fs.writeFileSync(list, JSON.stringify([...seen].map(([file, [date, size]]) => [file, date, size])));
seen.clear();

startupSnapshot.setDeserializeMainFunction(() => serve(process.argv[2]));
