// What cells import: packages of every shape, ES modules, modules that wait, and modules that were edited.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

function write(files: Record<string, string | object>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  }
}

const result = async (code: string): Promise<unknown> => {
  const { result, error } = await cells.run(code);
  return error ? error.traceback : result;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-imports-"));
  cells = new Recorder({ cwd: folder });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

test("packages for import only, ES modules that wait, packages without types", async () => {
  write({
    "node_modules/only/package.json": {
      name: "only",
      type: "module",
      exports: { ".": { types: "./i.d.ts", import: "./i.js" }, "./sub": { types: "./s.d.ts", import: "./s.js" } },
    },
    "node_modules/only/i.js": "export const one = 1; export default () => 'hello';",
    "node_modules/only/i.d.ts": "export declare const one: number; export default function hello(): string;",
    "node_modules/only/s.js": "export let count = 0; export const next = () => ++count;",
    "node_modules/only/s.d.ts": "export declare let count: number; export declare function next(): number;",
    "node_modules/waits/package.json": { name: "waits", type: "module", main: "./i.js", types: "./i.d.ts" },
    "node_modules/waits/i.js": "export const late = await Promise.resolve(7);",
    "node_modules/waits/i.d.ts": "export declare const late: number;",
    "node_modules/plain/package.json": { name: "plain", main: "i.js" },
    "node_modules/plain/i.js": "module.exports = () => 'plain'; module.exports.x = 1;",
    "own.mjs": "export const own = await Promise.resolve(3); export default 4;",
    "through.ts": "import { late } from 'waits'; export const twice = 2 * late;",
  });
  expect(await result("import hello, { one } from 'only'; [hello(), one]")).toBe("[ 'hello', 1 ]");
  expect(await result("hello().length + one")).toBe("6");
  expect(await result("import { count, next } from 'only/sub'; next(); count")).toBe("1");
  expect(await result("import { late } from 'waits'; late")).toBe("7");
  expect(await result("(await import('waits')).late + (await import('only')).one")).toBe("8");
  expect(await result("import four, { own } from './own.mjs'; four + own")).toBe("7");
  expect(await result("const name: string = './own.mjs'; (await import(name)).own")).toBe("3");
  expect(await result("import { twice } from './through'; twice")).toBe("14");
  expect(await result("import plain from 'plain'; plain() + plain.x")).toBe("'plain1'");
  expect(await result("const { default: again } = await import('plain'); again()")).toBe("'plain'");
});

test("packages installed while the session runs, and one that imports another", async () => {
  write({
    "node_modules/outer/package.json": { name: "outer", main: "i.js", types: "i.d.ts" },
    "node_modules/outer/i.js": "const { Inner } = require('inner'); exports.make = () => new Inner();",
    "node_modules/outer/i.d.ts": "import { Inner } from 'inner'; export declare function make(): Inner;",
  });
  expect(JSON.stringify(await result("import { Inner } from 'inner';"))).toContain("Cannot find module 'inner'");
  write({
    "node_modules/inner/package.json": { name: "inner", main: "i.js", types: "i.d.ts" },
    "node_modules/inner/i.js": "exports.Inner = class { value = 5 };",
    "node_modules/inner/i.d.ts": "export declare class Inner { value: 5 }",
  });
  // Its type has no name that the cell imports.
  expect(await result("import { make } from 'outer'; const made = make(); made.value")).toBe("5");
  expect(await result("const five: 5 = made.value; five")).toBe("5");
  expect(JSON.stringify(await result("made.valeu"))).toContain("Did you mean 'value'?");
  expect(await result("import { Inner } from 'inner'; made instanceof Inner")).toBe("true");
});

test("what Node has without an import is typed: fetch and its kin", async () => {
  expect(await result("const answer = new Response('body', { status: 201 }); answer.status")).toBe("201");
  expect(await result("const text: string = await answer.text(); text")).toBe("'body'");
  expect(await result("new Headers({ a: 'b' }).get('a')!.length")).toBe("1");
  expect(JSON.stringify(await result("answer.stauts"))).toContain("Did you mean 'status'?");
});

test("the user's modules that wait, and what goes wrong in them", async () => {
  write({
    "waiting.ts": "import { base } from './base.ts';\nexport const sum: number = base + (await Promise.resolve(1));\n",
    "base.ts": "export const base = await Promise.resolve(10);\n",
    "failing.ts": "await null;\nthrow new Error('at load');\n",
    "endless.ts": "export const never = await new Promise<number>(() => {});\n",
  });
  expect(await result("import { sum } from './waiting'; sum")).toBe("11");
  expect(await result("(await import('./waiting.ts')).sum")).toBe("11");
  expect(await result("import './failing'")).toEqual([
    "Error: at load",
    "failing.ts, line 2:",
    "  1 │ await null;",
    "❱ 2 │ throw new Error('at load');",
  ]);
  const waiting = cells.run("import { never } from './endless'; never");
  await sleep(300);
  cells.session.interrupt();
  expect((await waiting).error?.kind).toBe("interrupt");
  expect(await result("sum")).toBe("11");
});

test("a module that imports one that was edited is loaded again, too", async () => {
  write({
    "outer.ts": "import { inner } from './inner'; export const outer = () => inner * 2;",
    "inner.ts": "export const inner = 1;",
  });
  expect(await result("import { outer } from './outer'; outer()")).toBe("2");
  const edited = async (): Promise<unknown> => {
    await sleep(50);
    return await result("import { outer } from './outer'; outer()");
  };
  write({ "inner.ts": "export const inner = 21;" });
  await expect.poll(edited, { timeout: 10_000 }).toBe("42");
});

test("an edited CommonJS module is told to be imported again", async () => {
  write({ "common.cjs": "module.exports = { now: 1 };" });
  expect(await result("import common from './common.cjs'; common.now")).toBe("1");
  write({ "common.cjs": "module.exports = { now: 20 };" });
  const edited = async (): Promise<string> => {
    await sleep(50);
    return (await cells.run("common.now")).stderr;
  };
  await expect.poll(edited, { timeout: 10_000 }).toBe("Edited; import again what CommonJS exports now: common.cjs\n");
  expect(await result("import common from './common.cjs'; common.now")).toBe("20");
});

test("cells have a folder by the name that CommonJS gives it", async () => {
  expect(await result("__dirname")).toBe(`'${folder}'`);
  write({ "program.ts": "console.log(__dirname);" });
  await cells.run("%run program.ts");
  expect(await result("__dirname")).toBe(`'${folder}'`);
});

test("import.meta tells the folder of a cell and the file of a module", async () => {
  write({ "where.ts": "export const where = import.meta.filename;" });
  expect(await result("import { where } from './where'; [where, import.meta.dirname]")).toBe(
    `[ '${join(folder, "where.ts")}', '${folder}' ]`,
  );
  expect(await result("new URL('./where.ts', import.meta.url).pathname")).toBe(`'${join(folder, "where.ts")}'`);
});

test("names that CommonJS gives a module are the user's to declare", async () => {
  write({
    "own.ts": [
      "import { createRequire } from 'node:module';",
      "import { basename, dirname } from 'node:path';",
      "import { fileURLToPath } from 'node:url';",
      "const __filename = fileURLToPath(import.meta.url);",
      "const __dirname = dirname(__filename);",
      "const require = createRequire(import.meta.url);",
      "const module = basename(__filename) + require('node:path').sep;",
      "export { module as own, __dirname, exports };",
      "function exports() { return { module }; }",
    ].join("\n"),
  });
  expect(await result("import * as own from './own'; [own.own, own.exports(), own.__dirname]")).toBe(
    `[ 'own.ts/', { module: 'own.ts/' }, '${folder}' ]`,
  );
  expect(await result("const given = 1; const { exports, ...require } = { exports: given, b: 2 }; exports")).toBe("1");
  expect(await result("[{ exports, require }, ((exports: number) => exports + given)(2)]")).toBe(
    "[ { exports: 1, require: { b: 2 } }, 3 ]",
  );
  expect(await result("let exports = 'later'; exports += '!'; ({ exports } = { exports: exports + '?' });")).toBe(
    undefined,
  );
  expect(await result("exports += given; import { sep as require } from 'node:path'; [exports, require]")).toBe(
    "[ 'later!?1', '/' ]",
  );
});

test("JavaScript files that export by module.exports, and modules that end with an expression", async () => {
  write({
    "own/common.js":
      "const { sep } = require('node:path'); module.exports = (n) => n + sep; module.exports.more = __dirname;",
    "own/named.js": "exports.one = 1; exports.two = 2",
    "own/modern.js": "export const three = 3; export default () => 4;",
    "own/tail.ts": "export const value = 1;\nvalue + 1;\n",
  });
  expect(await result("import common from './own/common'; [common(1), common.more]")).toBe(
    `[ '1/', '${join(folder, "own")}' ]`,
  );
  expect(await result("import named, { one } from './own/named.js'; [one, named.two]")).toBe("[ 1, 2 ]");
  expect(await result("import four, { three } from './own/modern'; [three, four()]")).toBe("[ 3, 4 ]");
  expect(await result("import * as tail from './own/tail'; tail")).toBe("{ value: 1 }");
});

test("JSON is read again when it was edited, and checked as it is", async () => {
  write({
    "own/data.json": { n: 1 },
    "own/reads.ts": "import data from './data.json';\nexport const n: number = data.n;\n",
  });
  expect(await result("import data from './own/data.json'; import { n } from './own/reads'; [data.n, n]")).toBe(
    "[ 1, 1 ]",
  );
  write({ "own/data.json": { n: 2, name: "new" } });
  const edited = () => result("import again from './own/data.json'; import { n } from './own/reads'; [again.name, n]");
  await expect.poll(edited, { timeout: 10_000 }).toBe("[ 'new', 2 ]");
});
