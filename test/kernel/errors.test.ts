// What is thrown, as people see it, whatever it is.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let cells: Recorder;

beforeAll(() => {
  cells = new Recorder();
});

afterAll(async () => {
  await cells.session.close();
});

const traceback = async (code: string): Promise<string[] | undefined> => (await cells.run(code)).error?.traceback;

test("an error that stands for several shows them", async () => {
  const shown = await traceback("throw new AggregateError([new Error('one'), 'two', null], 'many')");
  expect(shown?.filter((line) => !line.includes("│"))).toEqual([
    "AggregateError: many",
    "In [1], line 1:",
    "1 of 3: Error: one",
    "In [1], line 1:",
    "2 of 3: Uncaught 'two'",
    "3 of 3: Uncaught null",
  ]);
});

test("an error has the name that its class has, unless it names itself", async () => {
  expect((await traceback("class Mine extends Error {}\nthrow new Mine('m')"))?.[0]).toBe("Mine: m");
  const named = "class Own extends TypeError { override name = 'Named'; }\nthrow new Own('m')";
  expect((await traceback(named))?.[0]).toBe("Named: m");
  expect((await traceback("AbortSignal.abort().throwIfAborted()"))?.[0]).toBe("AbortError: This operation was aborted");
});

test("errors whose properties cannot be read end their cell like others", async () => {
  const throwing = (name: string): string =>
    `const e = new Error('e'); Object.defineProperty(e, '${name}', { get() { throw new Error('no'); } }); throw e;`;
  for (const name of ["message", "name", "stack", "cause"]) {
    expect((await traceback(throwing(name)))?.[0], name).toMatch(/^Error/);
  }
  expect((await traceback("throw Object.assign(new Error('e'), { message: Symbol('s') })"))?.[0]).toBe(
    "Error: Symbol(s)",
  );
  const custom = "throw { [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no'); } }";
  expect((await traceback(custom))?.[0]).toMatch(/^Uncaught \{/);
  expect((await cells.run("({ [Symbol.for('Jupyter.display')]: () => null })")).result).toMatch(/Jupyter\.display/);
  expect((await cells.run("1")).result).toBe("1");
});

test("what native code and child processes wrote comes before the value", async () => {
  const { events } = await cells.run("require('fs').writeSync(1, 'native\\n'); 1");
  expect(events.map(({ type }) => type).filter((type) => type !== "status")).toEqual(["stream", "result"]);
});

test("what cannot be parsed is told alone, and what is missing at the end behind what was written", async () => {
  expect(await traceback("const n: number = 'text';\nfoo(1, {\n  a: 2,\n\n")).toEqual([
    "SyntaxError: TS1005: '}' expected.",
    expect.stringMatching(/^In \[\d+\], line 3:$/),
    "  2 │ foo(1, {",
    "❱ 3 │   a: 2,",
    "    │        ~",
  ]);
  expect((await traceback("class Half {\n  method("))?.[0]).toBe("SyntaxError: TS1005: ')' expected.");
  expect((await traceback("1 satisfies string"))?.[0]).toMatch(/^TypeCheckError: TS1360/);
});

test("a call with a wrong number of arguments is told what it takes", async () => {
  await cells.run("class Net extends nn.Module { override forward(x: torch.Tensor, h?: number) { return x; } }");
  const reason = async (code: string): Promise<string | undefined> => (await traceback(code))?.[0].split("\n")[1];
  expect(await reason("new Net()()")).toMatch(/^ {2}Its forward takes \(x: torch\.Tensor, h\?: number/);
  expect(await reason("new Net().forward()")).toMatch(/^ {2}It takes \(x: torch\.Tensor/);
  expect(await reason("new nn.Linear(1)")).toMatch(
    /^ {2}It takes \(inFeatures, outFeatures, bias\?.* by name in one object$/,
  );
  expect(await reason("new nn.Linear(1, 1)(torch.ones(1), Math.max(1))")).toBe(
    "  Its forward takes (input: torch.Tensor), or all of these by name in one object",
  );
  expect(await reason("new Net(1)")).toBeUndefined();
});

test("what Python writes and TypeScript has not is told with what to write", async () => {
  await cells.run("const m = torch.ones(3, 4);");
  const hint = async (code: string): Promise<string | undefined> =>
    (await cells.run(code)).error?.traceback
      .slice(1)
      .find((line) =>
        /^(?=[A-Z]).*(write|Write|CPU|written|text|object|begins|declared|function|made|spread|compared|keeps)/.test(
          line,
        ),
      );
  const slice = 'A slice is written as text: x["1:3"], x[":", 0]';
  for (const code of ["m[1:3]", "m[:, 0]", "m[0, 1:]", "m[::2]", "m[:2] = 1"])
    expect(await hint(code), code).toBe(slice);
  for (const code of ["m[..., 0]", "m[0, ...]", "m[0, ..., 1]", "m[...] = 1"])
    expect(await hint(code), code).toBe('An ellipsis is written as text: x["...", 0]');
  expect(await hint("fresh = m + 1")).toBe("A new name is declared where it first gets a value: let fresh = …");
  for (const [code, words] of [
    ["m[None]", "null"],
    ["m.sum(1, True)", "true"],
    ["math.pi", "Math.PI"],
    ["m.numpy()", "x.toTypedArray()"],
    ["torch.fromNumpy([1])", "torch.fromTypedArray(array)"],
  ])
    expect(await hint(code), code).toContain(words);
  expect(await hint("let p = m; p @= m.T")).toBe("There is no operator @=: write x = x @ y");
  expect(await hint("for (turn = 0; turn < 2; turn++) {}")).toBe(
    "A new name is declared where it first gets a value: for (let turn = …",
  );
  expect(await hint("-m ** 2")).toBe("The sign before a power stands in brackets: write -(x ** 2)");
  expect(await hint("m.sum(dim=1)")).toBe("Arguments have names in an object: { dim: … }");
  expect(await hint("const q = m ? : 1;")).toBeUndefined();
  const written = {
    "print(m)": "Write console.log(x), or x alone at the end of a cell",
    "len(m)": "Write x.length",
    "const n = None;": "Write null",
    "const t = [True];": "Write true",
    'f"sum {m}"': "Write text with values in it between backticks",
    "lambda x: x + 1": "Write x => …",
    "with torch.noGrad():":
      "A mode lasts to the end of a block: { using _ = torch.noGrad(); … }; or it is a function: torch.noGrad(() => { … })",
    "model = new nn.Linear(2, 3)": "A new name is declared where it first gets a value: let model = …",
    "new nn.Linear(1, 1).weight = torch.ones(1, 1)":
      "A parameter is made by new nn.Parameter(x), and changed under torch.noGrad(() => { … })",
    "new nn.Sequential([new nn.ReLU()])": "Modules of a list are spread: new nn.Sequential(...layers)",
    "m.shape == [3, 4]": "Lists are compared by their elements: m.shape.join() === [3, 4].join()",
    "let layer = new nn.Linear(1, 1); layer = new nn.ReLU();":
      "A variable keeps its type; another cell may declare it again: let layer = …",
    "torch.randn((2, 3))": "A tuple is written as an array: [2, 3]",
  };
  for (const [code, text] of Object.entries(written)) expect(await hint(code), code).toBe(text);
  for (const code of ["unknown", "m.print()", "fancy"]) expect(await hint(code), code).toBeUndefined();
  const sum = "A tensor's number is x.item(); what adds up tensors begins as one: let loss = torch.tensor(0.)";
  for (const code of ["loss += m.sum()", "{ loss = loss + m.sum() }"]) {
    expect(await hint(`let loss = 0; ${code}`), code).toBe(sum);
  }
  expect(await hint("let loss: torch.Tensor = torch.tensor(0.); loss = 1;")).toBeUndefined();
  expect(await hint("const { Sampler, DataLoader } = torch.utils.data;\nlet d: DataLoader<number>;")).toBe(
    "To take a class along with its type, write import DataLoader = torch.utils.data.DataLoader",
  );
});

test("a cell of Python is proposed as TypeScript, which Tab writes", async () => {
  const python = `class Net(nn.Module):
    def __init__(self, hidden: int = 3):
        super().__init__()
        self.fc = nn.Linear(2, hidden, bias=False)

    def forward(self, x):
        if x.dim() == 1 and True:
            x = x.unsqueeze(0)  # a batch
        return self.fc(x)

net = Net()
total, seen = 0, [k * 2 for k in range(3) if k > 0]
for i, (a, b) in enumerate(zip(seen, seen)):
    with torch.no_grad():
        net(torch.ones(2))
    total += a * b
print(f"total {total}", net(torch.ones(2)).requires_grad)`;
  const typescript = `class Net extends nn.Module {
    constructor(hidden = 3) {
        super()
        this.fc = new nn.Linear(2, hidden, { bias: false })
    }

    forward(x) {
        if (x.dim() == 1 && true) {
            x = x.unsqueeze(0) // a batch
        }
        return this.fc(x)
    }
}

let net = new Net()
let [total, seen] = [0, [...range(3)].filter((k) => k > 0).map((k) => k * 2)]
for (const [i, [a, b]] of enumerate(zip(seen, seen))) {
    { using _ = torch.noGrad();
        net(torch.ones(2))
    }
    total += a * b
}
console.log(\`total \${total}\`, net(torch.ones(2)).requiresGrad)`;
  const { error } = await cells.run(python);
  expect([error?.suggestion, error?.traceback.at(-1)]).toEqual([typescript, "Tab writes the cell as TypeScript."]);
  expect(await cells.session.complete(python, 5)).toEqual({
    start: 0,
    end: python.length,
    completions: [{ text: typescript, kind: "text" }],
  });
  const done = await cells.run(
    typescript.replace("this.fc =", "this.fc ??=").replace("nn.Module {", "nn.Module { fc!: nn.Linear;"),
  );
  expect([done.error, done.stdout]).toEqual([undefined, "total 20 true\n"]);
  expect((await cells.session.complete(python, 5)).completions).not.toHaveLength(1);
  for (const code of [
    "const x = (1 + 2;",
    "let s = 'it and that",
    "const q = m ? : 1;",
    "unknown + 1",
    "for (let i = 0; i < 3; i++) {",
  ])
    expect((await cells.run(code)).error?.suggestion, code).toBeUndefined();
});

test("classes called as in Python are one error, and Tab writes them with new", async () => {
  const { error } = await cells.run("const layers = nn.Sequential(\n  nn.Linear(2, 3), nn.ReLU())\nlayers");
  expect(error?.traceback).toEqual([
    expect.stringContaining("Did you mean to include 'new'?"),
    "A class makes its objects with new: new nn.Sequential(…)",
    expect.stringContaining("line 1"),
    expect.anything(),
    expect.anything(),
    expect.anything(),
    "Tab writes the cell as TypeScript.",
  ]);
  expect(error?.suggestion).toBe("const layers = new nn.Sequential(\n  new nn.Linear(2, 3), new nn.ReLU())\nlayers");
});

test("a line of Python is told with the line to write", async () => {
  const hint = async (code: string): Promise<string | undefined> =>
    (await cells.run(code)).error?.traceback.find((line) => line.startsWith("Write "));
  const written = {
    "import torch.nn.functional as F": "Write // torch, nn, F and optim are there without an import",
    "from torch.utils.data import DataLoader": "Write const { DataLoader } = torch.utils.data;",
    "class M(nn.Module):": "Write class M extends nn.Module {",
    "for i, x in enumerate([1]):": "Write for (const [i, x] of enumerate([1])) {",
    "if not m:": "Write if (!m) {",
    "const both = true and false": "Write const both = true && false",
    "const f = lambda x: x + 1": "Write const f = (x) => x + 1",
    "const twice = [2 * x for x in xs if x > 1]": "Write const twice = [...xs].filter((x) => x > 1).map((x) => 2 * x)",
    "# a comment": "Write // a comment",
    "except ValueError as e:": "Write } catch (e) {",
  };
  for (const [python, line] of Object.entries(written)) expect(await hint(python), python).toBe(line);
  expect((await traceback("torch.ones(2, requires_grad=True)"))?.[1]).toContain("{ requiresGrad: … }");
});

test("an error of an operator marks the operator; a formatter of the user's takes no excerpt away", async () => {
  const marked = async (code: string): Promise<readonly string[] | undefined> => (await traceback(code))?.slice(1, 4);
  expect(await marked("const pair = torch.ones(2); pair + pair * torch.ones(2) @ torch.ones(5);")).toEqual([
    expect.stringMatching(/^In \[\d+\], line 1:$/),
    "❱ 1 │ const pair = torch.ones(2); pair + pair * torch.ones(2) @ torch.ones(5);",
    `    │ ${" ".repeat(56)}~`,
  ]);
  await cells.run("const formatter = Error.prepareStackTrace; Error.prepareStackTrace = () => 'mine';");
  expect(await marked("throw new Error(new Error().stack)")).toEqual([
    expect.stringMatching(/^In \[\d+\], line 1:$/),
    "❱ 1 │ throw new Error(new Error().stack)",
  ]);
  expect((await cells.run("Error.prepareStackTrace = formatter; String(new Error('x').stack)")).result).toMatch(
    /^'Error: x/,
  );
});
