// What later cells know of names: also of those whose types no declaration file could express.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

const results = async (...codes: string[]): Promise<unknown[]> => {
  const found: unknown[] = [];
  for (const code of codes) {
    const { result, error } = await cells.run(code);
    found.push(error?.traceback ?? result);
  }
  return found;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-declarations-"));
  cells = new Recorder({ cwd: folder });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

test("classes with private members as values, and types that their module or function keeps to itself", async () => {
  writeFileSync(
    join(folder, "hidden.ts"),
    "class Hidden { private p = 1; get() { return this.p; } }\nexport const make = () => new Hidden();\n",
  );
  expect(
    await results(
      "const K = class { private x = 1; protected y = 2; sum() { return this.x + this.y; } }; new K().sum()",
      "new K().sum().toFixed(1)",
      "const factory = () => class { private q = 1; get() { return this.q; } };",
      "class Derived extends factory() {} ; new Derived().get()",
      "import { make } from './hidden'; const hidden = make();",
      "hidden.get()",
      "function local() { interface Local { z: number } return { z: 1 } as Local; } const made = local();",
      "made.z",
    ),
  ).toEqual(["3", "'3.0'", undefined, "1", undefined, "1", undefined, "1"]);
});

test("patterns that rename, nest or default what earlier cells declared", async () => {
  await cells.run(
    "const point = { px: 1, py: { deep: [2, 3] }, far: undefined as number | undefined }; let $value = 1;",
  );
  expect((await cells.run("const { px: renamed } = point; renamed")).result).toBe("1");
  expect((await cells.run("const { py: { deep: [, second] }, far: gone = 9 } = point; [second, gone]")).result).toBe(
    "[ 3, 9 ]",
  );
  expect(
    (await cells.run("let total = 0; for (const { px: each } of [point, point]) total += each; total")).result,
  ).toBe("2");
  expect((await cells.run("[point].map(({ px: q, py: { deep } }) => q + deep.length + renamed)")).result).toBe("[ 4 ]");
  expect(
    (await cells.run("let taken = 0; ({ px: taken, py: { deep: [renamedToo] } } = point); taken")).error?.message,
  ).toMatch(/renamedToo/);
  expect(
    (await cells.run("let own = 0; ({ px: own } = point); ({ px: total } = { px: 5 }); [own, total]")).result,
  ).toBe("[ 1, 5 ]");
  expect((await cells.run("const like: typeof point = { px: 4, py: point.py, far: 1 }; like.px")).result).toBe("4");
  await cells.run("$value = 2");
  expect((await cells.run("$value")).result).toBe("2");
});

test("a function sees what a name means now, in its own cell and in later ones", async () => {
  expect(
    await results(
      `let rate = 0.1; const step = () => rate; function helper(n: number) { return n; } function main() { return helper(1); }
class Shape { area() { return 1; } static make() { return new Shape(); } }
let sum = 0, list: number[] = [];
const add = (k: number) => { sum += k; sum++; [list] = [[...list, sum]]; ({ sum } = { sum: sum + 1 }); [sum = 0] = [sum]; ({ kept: sum = 0 } = { kept: sum }); for (sum of [sum, sum + 1]); return { sum, list }; };
class Holder { held = rate; static first = rate; get now() { return rate; } }
const make = () => Shape.make().area();
function* twice(): Generator<number> { yield rate; yield helper(rate); }
const local = (rate: number) => { let sum = rate; sum += 1; return sum; };
[step(), main(), add(1), make()]`,
      `let rate = 0.5; function helper(n: number) { return 10 * n; } class Shape { area() { return 2; } static make() { return new Shape(); } }
[step(), main(), make(), new Holder().held, Holder.first, new Holder().now, ...twice(), local(1)].join()`,
      "let sum = 100; const later = () => sum;\n[add(2), sum, later()]",
      "sum = 5; rate = 7; [add(0).sum, later(), step()]",
      "let rate = '!'; rate + step() + [step, local].map(String)",
    ),
  ).toEqual([
    "[ 0.1, 1, { sum: 4, list: [ 2 ] }, 1 ]",
    "'0.5,10,2,0.5,0.1,0.5,0.5,5,2'",
    "[ { sum: 105, list: [ 2, 103 ] }, 105, 105 ]",
    "[ 8, 8, 7 ]",
    expect.stringMatching(/^'!!\(\) => rate,/),
  ]);
});

test("a name means what it did until the cell that declares it again gives it a value", async () => {
  expect(
    await results(
      "var count = 1; let model = 5; const both = () => [count, model]; const step = () => { count++; model++; };",
      "var count = (step(), both()[0] + 10); let model = both()[1] * 2; [both(), count, model]",
      "let model = (() => { step(); throw new Error(String(both())); })();",
      "[both(), model]",
      "var count: number; enum Kind { A }",
      "for (var count = 4; count < 20; count++); enum Kind { B = 3 } [both(), Kind]",
      "const twice = count * 2; var count: number = count % 6; [twice, count]",
      "var count: string = count + '!'",
    ),
  ).toEqual([
    undefined,
    "[ [ 12, 12 ], 12, 12 ]",
    expect.arrayContaining([expect.stringContaining("13,13")]),
    "[ [ 13, 13 ], 13 ]",
    undefined,
    "[ [ 20, 13 ], { '3': 'B', B: 3 } ]",
    "[ 40, 2 ]",
    expect.arrayContaining([expect.stringContaining("'count' is used before being assigned")]),
  ]);
});

test("a namespace that a cell ends with knows its own names", async () => {
  expect(
    await results(
      "namespace Rates { export const base = 2; export const more = base + 1; export const up = (v: number) => v * base; export namespace Deep { export let far = base + more; } }",
      "[Rates.up(4), Rates.more, Rates.Deep.far]",
    ),
  ).toEqual([undefined, "[ 8, 3, 5 ]"]);
});

test("namespaces and global declarations outlive the next cell", async () => {
  expect(
    await results(
      "namespace Space { export const v = 1; export type Q = { z: number }; }",
      "declare global { interface Array<T> { mine(): T } } Array.prototype.mine = function () { return this[0]; };",
      "const q: Space.Q = { z: Space.v }; q.z",
      "[5].mine() + Space.v",
      "namespace Space { export const v = 'new'; } Space.v",
      "1",
      "Space.v.length",
    ),
  ).toEqual([undefined, undefined, "1", "6", "'new'", "1", "3"]);
});

test("var in blocks and loops, and names that begin with two underscores", async () => {
  expect(
    await results(
      "if (true) { var inBlock = 5; } for (var i = 0, { length } = 'four'; i < 3; i++) {}",
      "inBlock + i + length",
      "const __two = 2; class __Three { value = 3; }",
      "__two + new __Three().value",
    ),
  ).toEqual([undefined, "12", undefined, "5"]);
  expect((await cells.run("inBlock.nothing")).error?.message).toMatch(/^TS2339/);
});

test("what a cell exports by default has its name for later cells", async () => {
  expect(
    await results(
      "export default class Exported { value = 1; }",
      "export default async function exported() { return new Exported().value; }",
      "await exported() + new Exported().value",
      "export default class { nothing = 1; }",
    ),
  ).toEqual([undefined, undefined, "2", undefined]);
});

test("a cell that is nothing but an object in braces has it as its value", async () => {
  expect(
    await results("{ a: 1, f: [2] }", "{\n  x: _.a + 1,\n}", "{}", "{ a: 1 };", "{ let a = 1; }", "{ a: 1, }"),
  ).toEqual(["{ a: 1, f: [ 2 ] }", "{ x: 2 }", "{}", undefined, undefined, "{ a: 1 }"]);
  expect((await cells.run("{ a: 1, b: missing }")).error?.traceback.slice(2)).toEqual([
    "❱ 1 │ { a: 1, b: missing }",
    "    │            ~~~~~~~",
  ]);
});

test("what this Node has beyond the declarations of ES2023", async () => {
  const code =
    "[[3, 1, 2].toSorted().with(0, 9).toReversed(), new Float32Array([2, 1]).toSorted()[0], 'a'.isWellFormed()]";
  expect(await results(code)).toEqual(["[ [ 3, 2, 9 ], 1, true ]"]);
});

test("a function without a name as the value of a cell gets none", async () => {
  expect(await results("async () => 1", "(function () {})", "class {}")).toEqual([
    "[AsyncFunction (anonymous)]",
    "[Function (anonymous)]",
    expect.anything(),
  ]);
});
