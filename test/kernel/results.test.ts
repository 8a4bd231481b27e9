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
