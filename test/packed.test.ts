// The library as it loads from one file: the same modules as Node would load one by one.

import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(__dirname, "..");
let folder: string;
let core: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-packed-"));
  core = join(folder, "dist", "core");
  cpSync(join(root, "dist", "core"), core, { recursive: true });
  for (const name of ["build", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  execFileSync(process.execPath, [join(root, "scripts", "pack-core.js"), core]);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs code that has the copy of the library as `torch`, and gives what it prints; `loadedByNode` are the library's files that Node read. */
function run(code: string): unknown {
  const program = `
    const core = ${JSON.stringify(core)};
    const { _extensions } = require("node:module");
    const load = _extensions[".js"];
    const loadedByNode = [];
    _extensions[".js"] = (module, file) => {
      if (file.startsWith(core)) loadedByNode.push(file.slice(core.length + 1));
      return load(module, file);
    };
    const torch = require(core + "/index.js");
    console.log(JSON.stringify((() => { ${code} })()));`;
  return JSON.parse(execFileSync(process.execPath, ["-e", program], { encoding: "utf8" }));
}

test("Node reads the entry alone", () => {
  expect(run("return [loadedByNode, torch.ones(2).add(1).tolist()]")).toEqual([
    ["index.js", "packed.js"],
    [2, 2],
  ]);
});

test("an ES module imports the same library", () => {
  const program = `
    import * as torch from ${JSON.stringify(join(core, "index.js"))};
    import { createRequire } from "node:module";
    const required = createRequire(import.meta.url)(${JSON.stringify(join(core, "index.js"))});
    console.log(torch.ones(2).add(1).tolist().join(), required.Tensor === torch.Tensor);`;
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" })).toBe(
    "2,2 true\n",
  );
});

test("a module asked for by its file is the library's", () => {
  expect(run('return require(core + "/tensor/tensor.js").Tensor === torch.Tensor')).toBe(true);
});

test("a stack names the places that it names without the pack", () => {
  const stack = () => run("try { torch.ones(2).reshape(3) } catch (error) { return error.stack }");
  const packed = stack();
  const pack = join(core, "modules.pack");
  renameSync(pack, `${pack}.aside`);
  const plain = stack();
  renameSync(`${pack}.aside`, pack);
  expect(plain).toContain("/dist/core/ops/view/");
  expect(packed).toBe(plain);
});

test("a file that has changed is read, whatever the pack says", () => {
  appendFileSync(join(core, "version.js"), '\nexports.__version__ = "changed";\n');
  expect(run('return [torch.__version__, loadedByNode.includes("tensor/tensor.js")]')).toEqual(["changed", true]);
});
