// `_`, `Out` and `In`: values of earlier cells, their types, and what they may keep in memory.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let cells: Recorder;

beforeAll(() => {
  cells = new Recorder();
});

afterAll(() => cells.session.close());

test("the newest values and every numbered one have names", async () => {
  const one = cells.count + 1;
  await cells.run("10");
  await cells.run("'two'");
  await cells.run("[3]");
  expect((await cells.run("[_, __, ___]")).result).toBe("[ [ 3 ], 'two', 10 ]");
  expect((await cells.run(`_${one} + Out[${one}]`)).result).toBe("20");
  expect((await cells.run(`In[${one + 1}]`)).result).toBe(`"'two'"`);
});

test("they have the types of their expressions", async () => {
  await cells.run("torch.ones(2, 3)");
  const { error } = await cells.run("_.nothing");
  expect(error).toMatchObject({
    kind: "check",
    message: "TS2339: Property 'nothing' does not exist on type 'Tensor'.",
  });
  expect((await cells.run("_.shape")).result).toBe("torch.Size([2, 3])");
  await cells.run("class Box { constructor(readonly inside: number) {} }\nPromise.resolve(new Box(5))");
  expect((await cells.run("_.inside")).result).toBe("5");
  const { completions } = await cells.session.complete("__.ins", 6);
  expect(completions.map(({ text }) => text)).toContain("inside");
});

test("a large collection is a value like any other", async () => {
  expect((await cells.run("new Set(Array.from({ length: 200_000 }, (_, i) => i))")).result).toMatch(
    /^Set\(200000\) \{/,
  );
  expect((await cells.run("_.size")).result).toBe("200000");
  await cells.run("new Map(Array.from({ length: 300_000 }, (_, i) => [i, 'n' + i]))");
  expect((await cells.run("_.get(7)")).result).toBe("'n7'");
  await cells.run("Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => ['k' + i, i]))");
  expect((await cells.run("_['k5']")).result).toBe("5");
  const guarded = "class Own<K, V> extends Map<K, V> { override entries(): never { throw new Error('asked'); } }";
  await cells.run(`${guarded} new Own([[1, 2]])`);
  expect((await cells.run("_.size")).result).toBe("1");
});

test("a value whose own display fails is a value all the same", async () => {
  const rich =
    'class Rich { side = 3; [Symbol.for("Jupyter.display")](): never { throw new Error("no"); } } new Rich()';
  expect((await cells.run(rich)).result).toBe("Rich { side: 3 }\n(showing this value failed: no)");
  expect((await cells.run("_.side")).result).toBe("3");
  const own =
    'class Own { side = 4; [Symbol.for("nodejs.util.inspect.custom")](): never { throw new Error("never"); } } new Own()';
  expect((await cells.run(own)).result).toBe("Own { side: 4 }\n(showing this value failed: never)");
  expect((await cells.run("_.side")).result).toBe("4");
});

test("undefined and null are no results", async () => {
  await cells.run("'kept'");
  await cells.run("null");
  await cells.run("undefined");
  await cells.run("const declared = 1");
  expect((await cells.run("_")).result).toBe("'kept'");
});

test("a semicolon at the end hides a value, which is kept all the same", async () => {
  expect((await cells.run("6 * 7;")).result).toBeUndefined();
  expect((await cells.run("_")).result).toBe("42");
  expect((await cells.run("6 * 8; // said")).result).toBeUndefined();
  expect((await cells.run("'a;'")).result).toBe("'a;'");
});

test("a cell that failed is in In, but leaves no result", async () => {
  await cells.run("'before'");
  const bad = cells.count;
  await cells.run("const wrong: string = 1");
  expect((await cells.run(`In[${bad + 1}]`)).result).toBe("'const wrong: string = 1'");
  expect((await cells.run("__")).result).toBe("'before'");
});

test("an evaluation that is not recorded leaves no result", async () => {
  await cells.run("'visible'");
  await cells.session.evaluate("'hidden'", 9999, false);
  expect((await cells.run("_")).result).toBe("'visible'");
});

test("a name that a cell declares or assigns is its own", async () => {
  await cells.run("'a result'");
  await cells.run("_ = 'assigned'");
  await cells.run("'another'");
  expect((await cells.run("_")).result).toBe("'assigned'");
  await cells.run("const _ = 12");
  await cells.run("'yet another'");
  expect((await cells.run("_ + 1")).result).toBe("13");
  await cells.session.restart();
});

test("large values do not pile up: the oldest leave a note", async () => {
  const first = cells.count + 1;
  const megabytes = (count: number): string => `torch.ones(${count}, 1024, 256)`;
  for (let i = 0; i < 12; i++) await cells.run(`${megabytes(50)};`);
  const { result } = await cells.run(`_${first}`);
  expect(result).toMatch(/^tensor\(\[\[\[1\., 1\.,/);
  expect(result).toMatch(/only this text was kept: old results may hold \d+ MB together/);
  expect((await cells.run(`Out[${first + 11}].shape`)).result).toBe("torch.Size([50, 1024, 256])");
  // One alone may be larger than all may be together.
  await cells.run(`${megabytes(150)};`);
  expect((await cells.run("_.numel()")).result).toBe(String(150 * 1024 * 256));
  // Values that share memory count once, and small ones stay for long.
  expect((await cells.run(`const shared = ${megabytes(50)}; shared.view(-1);`)).error).toBeUndefined();
  const view = cells.count;
  for (let i = 0; i < 4; i++) await cells.run("shared.view(50, -1);");
  expect((await cells.run(`Out[${view}].ndim`)).result).toBe("1");
});

test("memory stays level when a large tensor is the value of many cells", async () => {
  const resident = async (): Promise<number> => Number((await cells.run("process.memoryUsage().rss")).result);
  await cells.run("torch.ones(64, 1024, 256);");
  const before = await resident();
  for (let i = 0; i < 20; i++) await cells.run("torch.ones(64, 1024, 256);");
  expect((await resident()) - before).toBeLessThan(300 * 2 ** 20);
});

test("an old loss does not keep its graph", async () => {
  await cells.run("const w = torch.ones(3, { requiresGrad: true })\nw.mul(2).sum()");
  const loss = cells.count;
  expect((await cells.run(`Out[${loss}].requiresGrad`)).result).toBe("true");
  for (let i = 0; i < 3; i++) await cells.run(String(i));
  expect((await cells.run(`[Out[${loss}].requiresGrad, Out[${loss}].item()]`)).result).toBe("[ false, 6 ]");
});
