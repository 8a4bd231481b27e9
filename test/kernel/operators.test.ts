// Operators and brackets on tensors in cells: values, types, positions, and what stays as JavaScript has it.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-operators-"));
  cells = new Recorder({ cwd: folder });
});

beforeEach(async () => {
  await cells.run("let x = torch.tensor([[1., 2., 3.], [4., 5., 6.]]), y = torch.tensor([1, 2, 3]);");
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

/** Evaluates expressions in one cell; the text of each value without line breaks. */
async function values(...expressions: string[]): Promise<string[]> {
  const text = "((v: unknown) => (v instanceof torch.Tensor ? v.toString() : String(v)))";
  const list = expressions.map((e) => `${text}(${e})`).join(", ");
  const { stdout, error } = await cells.run(`console.log(JSON.stringify([${list}]))`);
  if (error) throw new Error(error.traceback.join("\n"));
  return (JSON.parse(stdout) as string[]).map((text) => text.replaceAll(/\s+/g, " "));
}

async function checkError(code: string): Promise<string> {
  const { error } = await cells.run(code);
  expect(error?.kind).toBe("check");
  return error?.message ?? "";
}

test("products of matrices, at the rank of *", async () => {
  expect(
    await values("x @ x.mT", "-x @ y.float() * 2", "x.mT @ x @ torch.ones(3, 1) / 2", "(x ** 2 @ y.float()).shape"),
  ).toEqual([
    "tensor([[14., 32.], [32., 77.]])",
    "tensor([-28., -64.])",
    "tensor([[33.0000], [43.5000], [54.0000]])",
    "torch.Size([2])",
  ]);
  const { error } = await cells.run("const both = (a: any, b: any) => a @ b; both(x, x.mT).sum(); both(x, 1)");
  expect(error?.message).toBe("unsupported operand type(s) for @: 'Tensor' and 'number'");
  expect(await checkError("x @ 2")).toContain("Operator '@' cannot be applied to types 'Tensor' and 'number'");
  expect(await checkError("1 @ 2")).toContain("Operator '@' cannot be applied to types 'number' and 'number'");
  expect(await checkError("const wrong: string = x @ x.mT;")).toContain(
    "Type 'Tensor' is not assignable to type 'string'",
  );
  expect((await cells.run("x @ x")).error?.message).toBe("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)");
  expect((await cells.session.isComplete("x @")).status).toBe("incomplete");
});

test("an @ that begins a line begins a decorator", async () => {
  const { result } = await cells.run(
    `function twice(_: undefined, { name }: ClassFieldDecoratorContext): void { console.log(name); }
class Decorated {
  @twice first = 1
  @twice second = x @ x.mT
}
new Decorated().second.shape`,
  );
  expect(result).toBe("torch.Size([2, 2])");
});

test("arithmetic with tensors and numbers on either side, by JavaScript's precedence", async () => {
  expect(await values("y + y", "(y + 1) * (y - 2)", "2 * y", "1 - y", "-y", "y ** 2", "2 ** y", "y / 2")).toEqual([
    "tensor([2, 4, 6])",
    "tensor([-2, 0, 4])",
    "tensor([2, 4, 6])",
    "tensor([ 0, -1, -2])",
    "tensor([-1, -2, -3])",
    "tensor([1, 4, 9])",
    "tensor([2, 4, 8])",
    "tensor([0.5000, 1.0000, 1.5000])",
  ]);
  expect(await values("-y % 2", "y % -2", "y + 2 * y", "-(y - 4) / 1", "6 / y")).toEqual([
    "tensor([1, 0, 1])",
    "tensor([-1, 0, -1])",
    "tensor([3, 6, 9])",
    "tensor([3., 2., 1.])",
    "tensor([6., 3., 2.])",
  ]);
});

test("comparisons and bits", async () => {
  expect(await values("y < 2", "2 >= y", "y == 2", "y != y", "(y > 1) & (y < 3)", "(y < 2) | (y > 2)")).toEqual([
    "tensor([ True, False, False])",
    "tensor([ True, True, False])",
    "tensor([False, True, False])",
    "tensor([False, False, False])",
    "tensor([False, True, False])",
    "tensor([ True, False, True])",
  ]);
  expect(await values("~y", "~(y > 1)", "y ^ 1", "y << 2", "y >> 1", "1 << y")).toEqual([
    "tensor([-2, -3, -4])",
    "tensor([ True, False, False])",
    "tensor([0, 3, 2])",
    "tensor([ 4, 8, 12])",
    "tensor([0, 1, 1])",
    "tensor([2, 4, 8])",
  ]);
  expect(await values("x === x", "x !== y", "x == null", "null != x")).toEqual(["true", "true", "false", "true"]);
});

test("brackets read and write as Python's do", async () => {
  expect(await values("x[0]", "x[-1]", "x[1, '1:3']", "x[x > 4]", "x['...', null, 0].shape", "x[[1, 0], 2]")).toEqual([
    "tensor([1., 2., 3.])",
    "tensor([4., 5., 6.])",
    "tensor([5., 6.])",
    "tensor([5., 6.])",
    "torch.Size([2, 1])",
    "tensor([6., 3.])",
  ]);
  expect(await values("x[0][1]", "x[0, 1] + x[1, 1]", "x['shape']")).toEqual([
    "tensor(2.)",
    "tensor(7.)",
    "torch.Size([2, 3])",
  ]);
  await cells.run('x[":", "1:3"] = 100; x[0] += 1; x[1, 0] = x[0, 0] * 2;');
  expect(await values("x")).toEqual(["tensor([[ 2., 101., 101.], [ 4., 100., 100.]])"]);
  expect(await values("(x[0, 0] = 7)")).toEqual(["7"]);
  await cells.run("[x[0], x[1, 0]] = [0, -1]; for (x[1, 1] of [8, 9]);");
  expect(await values("x")).toEqual(["tensor([[ 0., 0., 0.], [ -1., 9., 100.]])"]);
  expect(await values("x?.[0].sum()", "(undefined as torch.Tensor | undefined)?.[0].sum()")).toEqual([
    "tensor(0.)",
    "undefined",
  ]);
});

test("compound assignment writes a tensor in place, also under a constant name", async () => {
  await cells.run("let w = y * 1; const before = w; w += 1; w **= 2; before <<= 1;");
  expect(await values("w", "before", "w === before")).toEqual(["tensor([ 8, 18, 32])", "tensor([ 8, 18, 32])", "true"]);
  // The exponential moving average of a state dict, as tutorials write it.
  const { result } = await cells.run(`
    const source = new nn.Linear(2, 1), average = torch.deepcopy(source), decay = 0.9;
    torch.noGrad(() => {
      source.weight.fill_(1.); average.weight.fill_(2.); source.bias!.fill_(0.); average.bias!.fill_(1.);
      const now = source.stateDict();
      for (const [key, value] of Object.entries(average.stateDict())) {
        value *= decay;
        value += (1 - decay) * now[key].detach();
      }
      for (const row of average.weight) row -= 1;
    });
    [average.weight.detach(), average.bias!.detach()].join()`);
  expect(result).toBe("'tensor([[0.9000, 0.9000]]),tensor([0.9000])'");
  await cells.run("const grid = torch.zeros(2, 2), top = grid[0]; top += 1; grid[1] -= 2; grid[grid < 0] *= 4;");
  expect(await values("grid")).toEqual(["tensor([[ 1., 1.], [-8., -8.]])"]);
  expect((await cells.run("const count = torch.tensor([1, 2]); count += 0.5")).error?.message).toMatch(
    /result type Float can't be cast to the desired output type Long/,
  );
  expect((await cells.run("count += 2.")).error?.message).toMatch(/result type Float can't be cast/);
  expect((await cells.run("torch.ones(1, { requiresGrad: true }) && (w += 1)")).error).toBeUndefined();
  expect((await cells.run("const leaf = torch.ones(1, { requiresGrad: true }); leaf *= 2")).error?.message).toMatch(
    /a leaf Variable that requires grad is being used in an in-place operation/,
  );
  expect(await checkError("const plain = 1; plain += 1")).toMatch(/^TS2588/);
});

test("a compound assignment evaluates its target once", async () => {
  await cells.run(`
    let reads = 0, i = 0;
    const list = [torch.zeros(1), torch.zeros(1)];
    const box = { get inner() { reads++; return box.kept; }, kept: { t: torch.ones(1) } };
    class Counter { #t = torch.ones(1); static one = new Counter(); static get() { reads++; return Counter.one; }
      static step() { Counter.get().#t += 4; return Counter.one.#t; } }
    box.inner.t -= 3; list[i++] += 2; list[1] += await Promise.resolve(5);`);
  expect(await values("box.kept.t", "list[0]", "list[1]", "i", "Counter.step()", "reads")).toEqual([
    "tensor([-2.])",
    "tensor([2.])",
    "tensor([5.])",
    "1",
    "tensor([5.])",
    "2",
  ]);
});

test("operands are evaluated from left to right, in async code and generators too", async () => {
  const { result } = await cells.run(`
    const seen: string[] = [];
    const see = <T,>(name: string, value: T): T => { seen.push(name); return value; };
    see("a", y) + see("b", 1) * see("c", y) ** see("d", 2);
    see("e", x)[see("f", 0), see("g", 1)] = see("h", 1);
    see("i", x * 1)[see("j", 0)] += see("k", 1);
    const later = async () => await Promise.resolve(y) + (await Promise.resolve(1));
    function* steps(): Generator<torch.Tensor, torch.Tensor, number> { return y * (yield y - 1); }
    const run = steps();
    [seen.join(""), String(await later() + await later()), String(run.next().value), String(run.next(3).value)].join()`);
  expect(result).toBe("'abcdefghijk,tensor([4, 6, 8]),tensor([0, 1, 2]),tensor([3, 6, 9])'");
});

test("in modules, functions, default values, templates, decorated classes", async () => {
  await cells.run(`
    const seen: string[] = [];
    function named(made: Function) { seen.push(made.name + 1); }
    @named
    class Scale extends nn.Module {
      w = new nn.Parameter(torch.tensor([2.])); static readonly shift = torch.tensor([1.]) * 3;
      forward(x: torch.Tensor) { return x * this.w + Scale.shift; }
    }
    const scale = new Scale(), twice = (t: torch.Tensor, u = t * 2) => u;
    const generic = <T extends torch.Tensor>(a: T, b: T) => a - b;`);
  expect(await values("scale(torch.ones(1)).detach()", "twice(y)", "generic(y, y)", `\`<$\{y + 1}>\``)).toEqual([
    "tensor([5.])",
    "tensor([2, 4, 6])",
    "tensor([0, 0, 0])",
    "<tensor([2, 3, 4])>",
  ]);
  const { result } = await cells.run("y /* one */ + // two\n  // three\n  1 // four\n  * 2");
  expect(result).toBe("tensor([3, 4, 5])");
});

test("what require gives of the library has its types, and with them floats", async () => {
  const { result } = await cells.run('const { tensor } = require("cresset"); tensor([2., 2.]).dtype');
  expect(result).toBe("torch.float32");
});

test("parameters stay what an optimizer knows", async () => {
  const { result, error } = await cells.run(`
    class Line extends nn.Module { w = new nn.Parameter(torch.ones(1)); }
    const line = new Line(), known = line.w;
    let free = torch.ones(1, { requiresGrad: true }); const leaf = free;
    torch.noGrad(() => { line.w -= 0.5; free -= 0.5; });
    const same = [line.w === known, free === leaf];
    [...same, line.w.item(), [...line.parameters()].length, free === leaf, free.requiresGrad].join()`);
  expect(error).toBeUndefined();
  expect(result).toBe("'true,true,0.5,1,true,true'");
  expect((await cells.run("line.w += 1")).error?.message).toMatch(/a leaf Variable that requires grad/);
  // Its type stays as well: nothing but a parameter may stand in a parameter's place.
  await cells.run("let tuned = new nn.Parameter(torch.zeros(2)); const kept = tuned;");
  expect((await cells.run("torch.noGrad(() => { tuned += 1; tuned *= 2; }); tuned === kept && tuned")).result).toBe(
    "Parameter containing:\ntensor([2., 2.], requires_grad=True)",
  );
  expect(await checkError("tuned = tuned + 1")).toContain("required in type 'Parameter'");
  expect((await cells.run("line.w = line.w - 1")).error?.message).toMatch(
    /missing in type 'Tensor' but required in type 'Parameter'/,
  );
  expect((await cells.run("known -= 1")).error?.message).toMatch(/a leaf Variable that requires grad/);
});

test("a tensor is a truth value where the code asks for one, and what may be null asks for presence", async () => {
  const { result } = await cells.run(`
    let loss = torch.tensor(8.), steps = 0;
    while (loss > 1 && !(loss < 0)) { loss /= 2; steps++; }
    const small = loss < 2, none: torch.Tensor | null = JSON.parse("null"), some: torch.Tensor | null = none ?? y;
    [steps, loss > 1 ? "big" : "small", !small, (y > 5).any() ? 1 : 0, none ? 1 : 0, some ? 1 : 0].join()`);
  expect(result).toBe("'3,small,false,0,0,1'");
  const { error } = await cells.run("if (y > 1) { }");
  expect(error?.message).toBe("Boolean value of Tensor with more than one value is ambiguous");
});

test("&& and ||, callbacks of lists, Boolean and assert go by a tensor's value", async () => {
  await cells.run(
    "const zero = torch.tensor(0), five = torch.tensor(5.), both = torch.tensor([0., 1.]); let later: any = zero;",
  );
  expect(
    await values(
      "zero && 'yes'",
      "five && 'yes'",
      "zero || 'no'",
      "(five > 4) && (five < 6)",
      "five < 1 || five",
      "[zero, five, zero].filter((t) => t > 0.5).length",
      "[zero, five].some((t) => t == 5)",
      "[five, five].every((t) => t - 5)",
      "[zero, five].find((t) => t)",
      "[zero, five].findIndex((t) => t > 1)",
      "[Boolean(zero), Boolean(five), !zero, !!five].join()",
      "[later ? 1 : 0, later && 2, !later].join()",
    ),
  ).toEqual([
    "tensor(0)",
    "yes",
    "no",
    "tensor(True)",
    "tensor(5.)",
    "1",
    "true",
    "false",
    "tensor(5.)",
    "1",
    "false,true,true,true",
    "0,0,true",
  ]);
  const { stderr } = await cells.run("console.assert(five < 1, 'too large'); console.assert(five > 1, 'fine')");
  expect(stderr).toBe("Assertion failed: too large\n");
  for (const code of [
    "both && 1",
    "both > 0 || 1",
    "[both].filter((t) => t > 0)",
    "Boolean(both)",
    "later = both; !later",
  ])
    expect((await cells.run(code)).error?.message, code).toBe(
      "Boolean value of Tensor with more than one value is ambiguous",
    );
});

test("a tensor of one whole number is an index of a list", async () => {
  await cells.run(
    "const classes = ['shirt', 'shoe', 'bag'], label = torch.tensor(2), names: Record<number, string> = { 2: 'two' };",
  );
  expect(await values("classes[label]", "names[label]", "'abc'[label]", "[10, 20, 30][torch.tensor([1])]")).toEqual([
    "bag",
    "two",
    "c",
    "20",
  ]);
  expect((await cells.run("classes[torch.tensor(1.5)]")).error?.message).toBe(
    "only integer tensors of a single element can be converted to an index",
  );
  await cells.run("const counts = [0, 0, 0]; counts[label] += 2; counts[label]++; counts[torch.tensor(0)] = 7;");
  expect(await values("counts.join()")).toEqual(["7,0,3"]);
  expect(await checkError("({ a: 1 })[label]")).toMatch(/^TS2538/);
});

test("numbers written as floats make floats", async () => {
  expect(
    await values(
      "torch.tensor([1., 2.]).dtype",
      "torch.tensor([1, 2]).dtype",
      "torch.tensor([[1, -2.0], [3, 4]], { requiresGrad: true })",
      "torch.tensor(1e0).dtype",
      "torch.full([1], 2., { dtype: torch.float64 }).dtype",
      "torch.full([1], 2.)",
      "torch.arange(0, 2.)",
      "torch.asTensor([0x1e]).dtype",
      "y * 2.",
      "y * 2",
    ),
  ).toEqual([
    "torch.float32",
    "torch.int64",
    "tensor([[ 1., -2.], [ 3., 4.]], requires_grad=True)",
    "torch.float32",
    "torch.float64",
    "tensor([2.])",
    "tensor([0., 1.])",
    "torch.int64",
    "tensor([2., 4., 6.])",
    "tensor([2, 4, 6])",
  ]);
});

test("types follow: for later cells, completion and inspection", async () => {
  await cells.run("const z = (x + y) * 2, row = x[0], mixed = (Math.random() > 2 ? 1 : x) * 2;");
  expect((await cells.session.inspect("z", 1)).text).toContain("const z: torch.Tensor");
  expect((await cells.session.inspect("row", 1)).text).toContain("const row: torch.Tensor");
  expect((await cells.session.inspect("mixed", 1)).text).toContain("number | torch.Tensor");
  const code = "const q = 1; (x + y).reshap";
  const { start, end, completions } = await cells.session.complete(code, code.length);
  expect(code.slice(start, end)).toBe("reshap");
  expect(completions.map(({ text }) => text)).toContain("reshape");
  const brackets = 'x[":", 0].su';
  expect((await cells.session.complete(brackets, brackets.length)).completions[0].text).toBe("sub");
});

test("type errors stand where the operator was typed, in TypeScript's words", async () => {
  const { error } = await cells.run("const fine = 1;\nconst w = 1 + (y + {}) * 2;");
  expect(error?.message).toBe("TS2365: Operator '+' cannot be applied to types 'Tensor' and '{}'.");
  expect(error?.traceback.slice(2)).toEqual([
    "  1 │ const fine = 1;",
    "❱ 2 │ const w = 1 + (y + {}) * 2;",
    "    │                ~~~~~~",
  ]);
  expect(await checkError("y - 'a'")).toBe("TS2365: Operator '-' cannot be applied to types 'Tensor' and 'string'.");
  expect(await checkError("'a' * 2")).toMatch(/^TS2362/);
  expect(await checkError("[1, 2][0, 1]")).toMatch(/^TS2695/);
  expect(await checkError("const n: number = y + 1")).toMatch(
    /^TS2322: Type 'Tensor' is not assignable to type 'number'/,
  );
  expect(await checkError("let total = 0; total += y;")).toMatch(/^TS2322/);
  expect(await checkError("0 < y < 2")).toMatch(/^TS2365/);
  expect(await checkError("y[{}]")).toBe("TS2538: Type '{}' cannot be used as an index type.");
  expect(await checkError("y[0] = 'a'")).toMatch(/^TS2322/);
  expect(await checkError("y['shap']")).toContain("Property 'shap' does not exist on type 'Tensor'");
  expect(await checkError("delete y[0]")).toMatch(/^TS7053/);
  expect(await checkError("(y as torch.Tensor | null) + 1")).toMatch(/^TS2531/);
});

test("an error points at the operator, in a cell and in a module", async () => {
  writeFileSync(
    join(folder, "sums.ts"),
    "import * as torch from 'cresset';\nexport const sum = (a: torch.Tensor) =>\n  a\n    + torch.ones(7);\n",
  );
  const { error } = await cells.run("import { sum } from './sums';\nconst first =\n  y\n  * 2\n  + sum(y);");
  expect(error?.name).toBe("ShapeError");
  expect(error?.traceback).toContain("❱ 4 │     + torch.ones(7);");
  expect(error?.traceback.at(-1)).toMatch(/^In \[\d+\], line 5: \+ sum\(y\);$/);
});

test("values without a type are looked at when the code runs", async () => {
  const { result } = await cells.run(`
    const any: any = { t: y, n: 2, s: "a", list: [1, 2], call() { return this.n; } };
    any.t[0] = 9; any.t += 1; any.list[0] += 1; any["n"]++; [any.list[1]] = [7];
    [any.t, any.t[1], any.n + any.n, any.s + any.n, any.s + any.t[0], any.list, any["call"](), any.missing?.[0],
     any.t["shape"], -any.n, ~any.n, any.t > 3].map(String).join("|")`);
  expect(result).toBe(
    "'tensor([10,  3,  4])|3|6|a3|a10|2,7|3|undefined|torch.Size([3])|-3|-4|tensor([ True, False,  True])'",
  );
});

test("a tensor that is not there is an error, not the number 0", async () => {
  const message = async (code: string): Promise<string | undefined> => (await cells.run(code)).error?.traceback[0];
  expect(await message("x.grad! + 1")).toBe("TypeError: unsupported operand type(s) for +: 'null' and 'number'");
  expect(await message("let w = x; w -= 0.1 * x.grad!;")).toMatch(/ for \*: 'number' and 'null'$/);
  expect(await message("-(undefined as unknown as torch.Tensor)")).toMatch(/ for -: 'undefined'$/);
  expect((await cells.run("const none: any = null; [none + 1, none * 2, -none, none == null]")).result).toBe(
    "[ 1, 0, -0, true ]",
  );
});

test("what is no tensor stays as typed", async () => {
  await cells.run(
    "function source(n: number, m: number[], s: string) { n += m[0] * 2; m[1] = n ** 2; return s + n + -n; }",
  );
  expect((await cells.run("source.toString()")).result).toContain("n += m[0] * 2; m[1] = n ** 2; return s + n + -n;");
  expect((await cells.run("source(1, [2], 's')")).result).toBe("'s5-5'");
  const { result } = await cells.run(`
    enum Bits { A = 1 << 2, B = A | 1 }
    const t: [number, string] = [1, "a"], big = 2n ** 3n;
    [Bits.B & 1, t[1] + t[0], big, typeof y + "", 1 < 2 === true, "" + [1, 2][1]].join()`);
  expect(result).toBe("'1,a1,8,object,true,2'");
});

test("can be switched off for a cell and for a session, and is off in JavaScript", async () => {
  expect(await checkError("// @operators off\ny + 1")).toMatch(/^TS2365/);
  const inside = await cells.run("[torch.tensor([1.]).dtype, torch.tensor(0) ? 1 : 0].join() // @operators off");
  expect(inside.result).toBe("'torch.float32,0'");
  const off = await cells.run("// @operators off\n[torch.tensor([1.]).dtype, torch.tensor(0) ? 1 : 0].join()");
  expect(off.result).toBe("'torch.int64,1'");
  writeFileSync(join(folder, "plain.js"), "export const add = (a, b) => a + b + [1][0];\n");
  expect((await cells.run("import { add } from './plain';\nadd.toString()")).result).toBe("'(a, b) => a + b + [1][0]'");
  const without = new Recorder({ cwd: folder, operators: false });
  expect((await without.run("torch.ones(1)[0]")).error?.message).toMatch(/^TS7053/);
  expect((await without.run("[1][0] + 1")).result).toBe("2");
  await without.session.close();
});
