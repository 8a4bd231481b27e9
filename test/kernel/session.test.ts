// Cells through the two real processes: values, types, errors, output.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-session-"));
  cells = new Recorder({ cwd: folder });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

test("shows the value of the last expression, but not undefined", async () => {
  expect(await cells.run("1 + 1")).toMatchObject({ status: "ok", result: "2" });
  expect((await cells.run("[1, { a: 'x' }]")).result).toBe("[ 1, { a: 'x' } ]");
  expect((await cells.run("null")).result).toBe("null");
  expect((await cells.run("undefined")).result).toBeUndefined();
  expect((await cells.run("const silent = 1;")).result).toBeUndefined();
});

test("a value shows itself by its own forms", async () => {
  const { events } = await cells.run(
    "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>b</b>' }), toString: () => 's' })",
  );
  const result = events.find((event) => event.type === "result");
  expect(result).toMatchObject({
    bundle: { "text/html": "<b>b</b>", "text/plain": expect.stringContaining("toString") },
  });
});

test("carries names and types from cell to cell, and lets them be declared again", async () => {
  await cells.run("const a = 1; interface Point { x: number } class Box { constructor(readonly p: Point) {} }");
  expect((await cells.run("new Box({ x: a }).p")).result).toBe("{ x: 1 }");
  expect((await cells.run("const shorthand = { a }; shorthand")).result).toBe("{ a: 1 }");
  expect((await cells.run("const a = 'text'; a.length")).result).toBe("4");
  expect((await cells.run("a.toUpperCase()")).result).toBe("'TEXT'");
  expect((await cells.run("export const exported = 7")).status).toBe("ok");
  expect((await cells.run("exported")).result).toBe("7");
});

test("functions and later cells share one variable", async () => {
  await cells.run("let n = 0; function increment() { return ++n; }");
  expect((await cells.run("increment(); n")).result).toBe("1");
  await cells.run("n = 10");
  expect((await cells.run("increment()")).result).toBe("11");
});

test("finds type errors before anything runs", async () => {
  const { error, stdout } = await cells.run("console.log('ran');\n\nconst s: string = 5;");
  expect(stdout).toBe("");
  expect(error).toMatchObject({
    kind: "check",
    name: "TypeCheckError",
    message: "TS2322: Type 'number' is not assignable to type 'string'.",
  });
  expect(error?.traceback.slice(1)).toEqual([
    expect.stringMatching(/^In \[\d+\], line 3:$/),
    "❱ 3 │ const s: string = 5;",
    "    │       ~",
  ]);
  expect((await cells.run("const = 2")).error).toMatchObject({ kind: "check", name: "SyntaxError" });
});

test("an error points at the line typed and lists the user's calls only", async () => {
  await cells.run("function inner(): never {\n  const a: number = 1;\n  throw new RangeError('bad ' + a);\n}");
  const { error } = await cells.run("// a comment\n[1].forEach(() => inner());");
  expect(error).toMatchObject({ kind: "run", name: "RangeError", message: "bad 1" });
  const [title, place, ...rest] = error?.traceback ?? [];
  expect(title).toBe("RangeError: bad 1");
  expect(place).toMatch(/^In \[\d+\], line 3, in inner:$/);
  expect(rest.find((line) => line.startsWith("❱"))).toBe("❱ 3 │   throw new RangeError('bad ' + a);");
  expect(rest.at(-1)).toMatch(/^In \[\d+\], line 2: \[1\]\.forEach/);
  expect(rest.join("\n")).not.toMatch(/node:|\.js/);
  expect((await cells.run("throw { code: 3 }")).error?.message).toBe("{ code: 3 }");
});

test("a cell that fails keeps what it had declared until then", async () => {
  await cells.run("const late = 'before'");
  const { error } = await cells.run(
    "const early = 1; function helper() { return early; }\nthrow new Error('x');\nconst late = 2;",
  );
  expect(error?.name).toBe("Error");
  expect((await cells.run("helper() + early")).result).toBe("2");
  expect((await cells.run("late")).result).toBe("'before'");
});

test("awaits outside functions in every form, and a promise as the last value", async () => {
  expect((await cells.run("await (Promise.resolve(1))")).result).toBe("1");
  expect((await cells.run("const [w] = await Promise.all([2]); w")).result).toBe("2");
  expect((await cells.run("let total = 0; for await (const v of [1, 2]) total += v; total")).result).toBe("3");
  expect((await cells.run("Promise.resolve('p')")).result).toBe("'p'");
  expect((await cells.run("Promise.reject(new TypeError('no'))")).error).toMatchObject({ name: "TypeError" });
});

test("keeps the order of output, also that of child processes", async () => {
  const { stdout, stderr } = await cells.run(`
    import { execSync } from "node:child_process";
    console.log("one");
    execSync("echo two; echo err >&2", { stdio: "inherit" });
    process.stdout.write("three\\n");
    console.error("late");`);
  expect(stdout).toBe("one\ntwo\nthree\n");
  expect(stderr).toBe("err\nlate\n");
});

test("loses no line of a synchronous flood", async () => {
  const { stdout } = await cells.run("for (let i = 0; i < 50_000; i++) console.log(i)");
  const lines = stdout.split("\n");
  expect(lines.length).toBe(50_001);
  expect(lines.every((line, i) => i === 50_000 || line === String(i))).toBe(true);
});

test("imports the user's modules, checked, and reports errors in them", async () => {
  writeFileSync(
    join(folder, "shapes.ts"),
    "import { pi } from './numbers';\nexport function area(r: number) {\n  if (r < 0) throw new Error('negative');\n  return pi * r;\n}\n",
  );
  writeFileSync(join(folder, "numbers.ts"), "export const pi: number = 3;\n");
  expect((await cells.run("import { area } from './shapes';\narea(2)")).result).toBe("6");
  expect((await cells.run("area('x')")).error?.message).toMatch(/^TS2345/);
  const { error } = await cells.run("area(-1)");
  expect(error?.traceback[1]).toBe("shapes.ts, line 3, in area:");
});

test("completes with what cells declared, inspects, and judges completeness", async () => {
  await cells.run("const words = ['a', 'b'];");
  const { start, end, completions } = await cells.session.complete("words.le", 8);
  expect([start, end]).toEqual([6, 8]);
  expect(completions[0]).toMatchObject({ text: "length", kind: "property" });
  expect(await cells.session.inspect("words", 2)).toEqual({
    found: true,
    text: "const words: string[]",
    markdown: "```typescript\nconst words: string[]\n```",
  });
  expect((await cells.session.inspect("unheardOf", 2)).found).toBe(false);
  const judged = async (code: string) => (await cells.session.isComplete(code)).status;
  expect(await judged("const a = 1")).toBe("complete");
  expect(await judged("await (null)")).toBe("complete");
  expect(await cells.session.isComplete("  if (true) {")).toEqual({ status: "incomplete", indent: "    " });
  expect(await judged("const t = `line")).toBe("incomplete");
  expect(await judged("/* note")).toBe("incomplete");
  expect(await judged("const = 1\nf()")).toBe("invalid");
});

test("asks for input and waits for the answer", async () => {
  const asked = cells.next("inputRequest", (event) => event.prompt === "name? ");
  const reply = cells.run("prompt('name?') + '!'");
  await asked;
  cells.session.input("Ada");
  expect((await reply).result).toBe("'Ada!'");
});

test("has the library without an import and by its name from any directory", async () => {
  expect((await cells.run("torch.ones(2)")).status).toBe("ok");
  expect((await cells.run("import * as cresset from 'cresset'; cresset.Tensor === torch.Tensor")).result).toBe("true");
  await cells.run("const x: torch.Tensor = torch.ones(2, 3);");
  expect((await cells.run("x.add(1).sum().item()")).result).toBe("12");
  expect((await cells.run("const wrong: string = x")).error?.message).toMatch(/^TS2322/);
});

test("a network is declared, trained and inspected over several cells", async () => {
  await cells.run(`torch.manualSeed(0);
    class Net extends nn.Module {
      first = new nn.Linear(4, 8);
      last = new nn.Linear(8, 2);
      forward(x: torch.Tensor) { return this.last(this.first(x).relu()); }
    }
    const model = new Net();
    const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-2 });
    const inputs = torch.randn(16, 4), labels = torch.randint(0, 2, [16]);`);
  const trained = await cells.run(`const chart = plot(), losses: number[] = [];
    for (const _ of tqdm(Array(20).keys())) {
      const loss = F.crossEntropy(model(inputs), labels);
      optimizer.zeroGrad(); loss.backward(); optimizer.step();
      losses.push(loss.item()); chart.push({ loss: loss.item() });
    }
    losses[19] < losses[0]`);
  expect(trained.result).toBe("true");
  const bundles = trained.events.flatMap((event) => (event.type === "updateDisplay" ? [event.bundle] : []));
  expect(bundles.some((bundle) => "image/svg+xml" in bundle)).toBe(true);
  expect(trained.events.filter((event) => event.type === "finishDisplay").length).toBe(2);
  const { result } = await cells.run("model");
  expect(result).toMatch(/^Net\(\n {2}\(first\): Linear\(in_features=4, out_features=8, bias=True\)\n/);
  const { error } = await cells.run("model(torch.ones(2, 3))");
  expect(error).toMatchObject({ name: "ShapeError", message: expect.stringContaining("(2x3 and 4x8)") });
  expect(error?.traceback[1]).toMatch(/^In \[\d+\], line 5, in forward:$/);
  expect((await cells.run("model('text')")).error?.message).toMatch(/^TS2345/);
});

test("what a prompt allows: lists that begin empty, parameters without types, gradients that are there", async () => {
  await cells.run("const losses = [], names = []; let best = null;");
  await cells.run("function note(value) { losses.push(value); } for (const v of [1, 2]) note(v);");
  expect((await cells.run("losses.map((x, i) => x * i)")).result).toBe("[ 0, 2 ]");
  await cells.run("const line = new nn.Linear(2, 1); line(torch.ones(1, 2)).sum().backward();");
  expect((await cells.run("[line.weight.grad.norm() > 1, line.bias.grad.sum() + line.bias.shape.length]")).error).toBe(
    undefined,
  );
  const { error } = await cells.run("torch.abs(line.weight.grad)");
  expect(error?.traceback[1]).toBe("Where it is surely there, write line.weight.grad!");
});

test("Python's words for going through things", async () => {
  const code = `[
    [...range(3)], [...range(1, 8, 3)], [...range(3, 0, -2)], range(10).length,
    [...enumerate("ab", 1)], [...zip([1, 2, 3], "xy")], next(iter([7, 8])), next(iter([]), "none"),
    [...trange(3)].length, [...tqdm(2)],
  ].map((each) => JSON.stringify(each)).join(" ")`;
  expect((await cells.run(code)).result).toBe(
    `'[0,1,2] [1,4,7] [3,1] 10 [[1,"a"],[2,"b"]] [[1,"x"],[2,"y"]] 7 "none" 3 [0,1]'`,
  );
  expect((await cells.run("const pair = [...zip([1], ['a'])][0]; pair[0].toFixed(1) + pair[1].length")).result).toBe(
    "'1.01'",
  );
  expect((await cells.run("next(iter([]))")).error?.message).toBe("next(): the iterator has no more items");
});

test("what display has shown is not shown again as the value of the cell", async () => {
  const { events, result } = await cells.run("display(torch.ones(2))");
  expect(events.filter(({ type }) => type === "display")).toHaveLength(1);
  expect(result).toBeUndefined();
});

test("plot draws numbers and tensors as they come", async () => {
  for (const code of [
    "plot([3, 2, 1])",
    "plot(torch.tensor([3., 2., 1.]))",
    "plot({ data: { loss: torch.tensor([3, 2]) } })",
  ]) {
    const { error, result } = await cells.run(code);
    expect(error, code).toBeUndefined();
    expect(String(result), code).toMatch(/3\.0/);
  }
});
