// What front-ends ask of a session beside running cells: variables, the terminal, what a cell took.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-frontends-"));
  cells = new Recorder({ cwd: folder, display: "text", history: "" });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

test("variables have types, shapes, memory and the cell that declared them", async () => {
  await cells.run("const x = torch.zeros(2, 3, { requiresGrad: true }); const list = [1, 2]; let text = 'abc';");
  await cells.run("const net = new nn.Linear(3, 1); class Own {} const own = new Own();");
  const variables = new Map((await cells.session.variables()).map((each) => [each.name, each]));
  expect(variables.get("x")).toMatchObject({
    type: "Tensor",
    shape: [2, 3],
    dtype: "float32",
    device: "cpu",
    requiresGrad: true,
    cell: "In [1]",
  });
  expect(variables.get("x")?.bytes).toBeGreaterThanOrEqual(24);
  expect(variables.get("list")).toMatchObject({ type: "Array", summary: "2 elements" });
  expect(variables.get("text")).toMatchObject({ type: "string", summary: '"abc"' });
  expect(variables.get("net")).toMatchObject({ type: "Linear", cell: "In [2]" });
  expect(variables.get("own")?.type).toBe("Own");
  expect(variables.has("torch")).toBe(false);
  expect((await cells.session.preview("list"))?.["text/plain"]).toBe("[ 1, 2 ]");
  expect(await cells.session.preview("nothing")).toBeNull();
});

test("a declaration anew is of the new cell, and a reset leaves none", async () => {
  await cells.run("let text = 'longer';");
  const text = (await cells.session.variables()).find(({ name }) => name === "text");
  expect(text).toMatchObject({ summary: '"longer"', cell: "In [3]" });
  await cells.run("%reset -f");
  expect(await cells.session.variables()).toEqual([]);
});

test("a cell tells its time and memory, and peaks of the user's own stay", async () => {
  await cells.run("torch.cpu.resetPeakMemoryStats(); { torch.zeros(1 << 20); }");
  const { usage } = await cells.run("{ const big = torch.zeros(1 << 22); big.sum(); }");
  expect(usage?.peakBytes).toBeGreaterThanOrEqual(2 ** 24);
  expect(usage?.allocatedBytes).toBeGreaterThanOrEqual(2 ** 24);
  expect(usage?.time).toBeGreaterThan(0);
  expect(usage?.cpu).toBeGreaterThan(0);
  const small = await cells.run("1 + 1");
  expect(small.usage?.allocatedBytes).toBe(0);
  expect((await cells.run("torch.cpu.maxMemoryAllocated() >= 2 ** 24")).result).toBe("true");
  expect((await cells.run("const never: string = 1;")).usage).toBeUndefined();
});

test("cells see the size of the terminal, also after a restart", async () => {
  cells.session.terminal({ columns: 50, rows: 20, colors: "true", pictures: ["kitty"] });
  const words = "({ first: 'some words', second: 'some more', third: 'and the last' })";
  expect((await cells.run("[process.stdout.columns, process.stderr.rows]")).result).toBe("[ 50, 20 ]");
  const narrow = String((await cells.run(words)).result);
  for (const line of narrow.split("\n")) expect(line.length).toBeLessThanOrEqual(50);
  await cells.run("let sizes: number[] = []; process.stdout.on('resize', () => sizes.push(process.stdout.columns));");
  cells.session.terminal({ columns: 120, rows: 40, colors: "true", pictures: [] });
  expect((await cells.run("sizes")).result).toBe("[ 120 ]");
  expect(String((await cells.run(words)).result).split("\n").length).toBeLessThan(narrow.split("\n").length);
  await cells.session.restart();
  expect((await cells.run("process.stdout.columns")).result).toBe("120");
});
