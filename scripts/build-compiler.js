// Writes dist/compiler/typescript.js: TypeScript, opened (kernel/session/operators/openings.ts) and minified. Its text is the largest
// single thing in the memory of the language process and in its snapshot, and two thirds of it are comments, spaces and long names.

const fs = require("node:fs");
const path = require("node:path");
const { transformSync } = require("esbuild");
const ts = require("typescript");

const root = path.join(__dirname, "..");
const { opened } = require(path.join(root, "dist/kernel/session/operators/openings.js"));

const folder = path.join(root, "dist/compiler");
const text = opened(fs.readFileSync(require.resolve("typescript"), "utf8"), ts);
// One character beyond ASCII would double the memory of the whole text.
const { code } = transformSync(text, { minify: true, charset: "ascii" });
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, "typescript.js.new"), code);
fs.renameSync(path.join(folder, "typescript.js.new"), path.join(folder, "typescript.js"));
