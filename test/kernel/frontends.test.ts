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

/** Code with the cursor at `|`. */
function at(code: string): [code: string, offset: number] {
  return [code.replace("|", ""), code.indexOf("|")];
}

test("a signature marks the parameter that is written, with what is said of it", async () => {
  const documented = `/**\n * Adds.\n * @param a the first\n * @param b the second\n */\n function add(a: number, b = 1, ...more: string[]) { return a + b; }
    function twice(a: number): number; function twice(a: string, times: number): string; function twice(a: any) { return a; }`;
  await cells.run(documented);
  const parameterOf = async (code: string): Promise<string | undefined> => {
    const { signatures, active, parameter } = await cells.session.signature(...at(code));
    const current = signatures[active]?.parameters[parameter];
    return current && `${signatures[active].text.slice(current.start, current.end)} - ${current.documentation}`;
  };
  expect(await parameterOf("add(|")).toBe("a: number - the first");
  expect(await parameterOf("add(1, |)")).toBe("b?: number - the second");
  expect(await parameterOf("add(Math.max(1, 2), [1, 2].length|")).toBe("b?: number - the second");
  expect(await parameterOf("add(1, 2, 'x', |)")).toBe("...more: string[] - ");
  expect(await parameterOf("%time add(1, |)")).toBe("b?: number - the second");
  expect(await parameterOf("add(1)|")).toBeUndefined();
  const overloads = await cells.session.signature(...at("twice('a', |"));
  expect(overloads.signatures.map(({ text }) => text)).toEqual([
    "twice(a: number): number",
    "twice(a: string, times: number): string",
  ]);
  expect(overloads.active).toBe(1);
  const layer = await cells.session.signature(...at("new nn.Linear(3, |"));
  expect(layer.signatures[0].text).toMatch(/^Linear\(/);
  expect(layer.parameter).toBe(1);
  const explained = await cells.session.inspect(...at("add(1, |)"));
  expect(explained.text).toMatch(/^function add\(a: number.*Adds\..*\n\nb: the second$/s);
  expect((await cells.session.inspect(...at("new nn.Linear(3, |)"))).text).toContain("Linear(");
});

test("words have kinds; names that nobody knows are told; brackets are paired", async () => {
  await cells.run(
    "const known = { list: [1] }; type Pair = [number, string]; class Thing { size = 1; grow(by: number) { return by; } }",
  );
  const code =
    "%time known.list.nope\nfor (const k of [1]) { new Thing().grow(k, missing); } let p: Pair; // text\n`a$" +
    "{k}`; any.thing";
  const { tokens, brackets } = await cells.session.tokens(code);
  const told = tokens.map(({ start, end, kind, unknown }) => `${code.slice(start, end)}:${kind}${unknown ? "?" : ""}`);
  for (const expected of [
    "known:variable",
    "list:property",
    "nope:property?",
    "for:keyword",
    "k:variable",
    "Thing:class",
    "grow:method",
    "missing:variable?",
    "Pair:type",
    "any:variable?",
    "1:number",
  ])
    expect(told).toContain(expected);
  expect(told.filter((each) => each.endsWith("?"))).toEqual([
    "nope:property?",
    "missing:variable?",
    "k:variable?",
    "any:variable?",
  ]);
  const pairs = brackets.map(([open, close]) => code.slice(open, close + 1));
  expect(pairs).toContain("(k, missing)");
  expect(pairs).toContain("{ new Thing().grow(k, missing); }");
});

test("completions replace the whole word, with types and documentation, names used lately first, deprecated ones last", async () => {
  await cells.run(`/** Counts things. */ function countAll(of: number[]): number { return of.length; } const countB = 1, countA = 2;
    /** @deprecated use countAll */ function countOld() {} const Count = 1;`);
  await cells.run("countB");
  const { start, end, completions } = await cells.session.complete(...at("1 + cou|ntAx"));
  expect([start, end]).toEqual([4, 11]);
  const own = completions.map(({ text }) => text).filter((text) => /^count/i.test(text));
  expect(own.slice(0, 3).sort()).toEqual(["countA", "countAll", "countB"]);
  expect(own[0]).toBe("countB");
  expect(own.indexOf("Count")).toBe(3);
  expect(own.at(-1)).toBe("countOld");
  const all = completions.find(({ text }) => text === "countAll");
  expect(all).toMatchObject({ type: "(of: number[]) => number", documentation: "Counts things." });
  expect(completions.find(({ text }) => text === "countOld")?.deprecated).toBe(true);
  const library = await cells.session.complete(...at("torch.|"));
  expect(library.completions.length).toBeGreaterThan(250);
  expect(library.completions.filter(({ type }) => type !== undefined).length).toBeGreaterThan(250);
});

test("the check of types can be turned off, for one cell and for all", async () => {
  expect((await cells.run("const wrong: string = 5;")).error?.kind).toBe("check");
  expect((await cells.run("// @check off\nconst wrong: string = 5; wrong")).result).toBe("5");
  expect((await cells.run("const again: string = 5;")).error?.kind).toBe("check");
  expect((await cells.run("%check off")).stdout).toContain("without");
  expect((await cells.run("const free: string = 6; free")).result).toBe("6");
  expect((await cells.run("const = ;")).error?.name).toBe("SyntaxError");
  expect((await cells.run("nobody.knows")).error).toMatchObject({ kind: "run", name: "ReferenceError" });
  expect(cells.session.checks).toBe(false);
  await cells.run("%check on");
  expect((await cells.run("const held: string = 5;")).error?.kind).toBe("check");
});

test("lists of lists are shown in part, flat ones as console.log shows them", async () => {
  const nested = String(
    (await cells.run("Array.from({ length: 300 }, () => Array.from({ length: 200 }, () => [0.1, 0.2]))")).result,
  );
  expect(nested.length).toBeLessThan(20_000);
  expect(nested).toContain("280 more items");
  expect((await cells.run("Array.from({ length: 200 }, (_, k) => k)")).result).toContain("100 more items");
  expect(String((await cells.run("'x'.repeat(9_000)")).result)).toHaveLength(9_002);
});
