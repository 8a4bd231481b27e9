// What a front-end asks while a cell is written: completion within strings and imports, explanations within calls, whole cells.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

/** What completes a text at `|`: the text with the first of them, and how many there are. */
async function completed(marked: string): Promise<[string | undefined, number]> {
  const offset = marked.indexOf("|");
  const code = marked.replace("|", "");
  const { start, end, completions } = await cells.session.complete(code, offset);
  const [first] = completions;
  return [first && code.slice(0, start) + first.text + code.slice(end), completions.length];
}

/** The first line of the explanation at `|`. */
async function explained(marked: string): Promise<string | undefined> {
  const { found, text } = await cells.session.inspect(marked.replace("|", ""), marked.indexOf("|"));
  return found ? text.split("\n")[0] : undefined;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cresset-assistance-"));
  mkdirSync(join(folder, "parts"));
  writeFileSync(join(folder, "shared.ts"), "export const shared = 1;\n");
  writeFileSync(join(folder, "parts", "deep.ts"), "export const deep = 1;\n");
  cells = new Recorder({ cwd: folder });
  await cells.run(
    "const record = { alpha: 1 }; function double(n: number, by?: string) { return 2 * n; }\nconst m = torch.ones(2);",
  );
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

test("the names of modules are completed one part at a time", async () => {
  expect(await completed("import * as s from './sh|'")).toEqual(["import * as s from './shared'", 1]);
  expect(await completed("import * as s from './|")).toEqual(["import * as s from './parts", 2]);
  expect(await completed("await import('./pa|')")).toEqual(["await import('./parts')", 1]);
  expect(await completed("import * as d from './parts/d|eep'")).toEqual(["import * as d from './parts/deep'", 1]);
  expect(await completed("import * as d from './|parts/deep'")).toEqual([undefined, 0]);
  expect(await completed("import fs from 'node:fs/p|'")).toEqual(["import fs from 'node:fs/promises'", 1]);
  expect(await completed("import fs from 'node:rep|'")).toEqual(["import fs from 'node:repl'", 1]);
  expect((await completed("import * as torch from 'cre|'"))[0]).toBe("import * as torch from 'cresset'");
});

test("a completion within a string replaces what was typed of it", async () => {
  expect(await completed("record['al|']")).toEqual(["record['alpha']", 1]);
  expect(await completed("record['|")).toEqual(["record['alpha", 1]);
  expect(await completed("'to|'")).toEqual([undefined, 0]);
  expect(await completed("// to|")).toEqual([undefined, 0]);
});

test("where an argument begins, the options of the call come first, without those given by position", async () => {
  const offered = async (marked: string): Promise<string[]> => {
    const { completions } = await cells.session.complete(marked.replace("|", ""), marked.indexOf("|"));
    return completions.map(({ text }) => text);
  };
  const first = async (marked: string): Promise<string[]> =>
    (await offered(marked)).filter((text) => text.startsWith("{ "));
  expect((await offered("new nn.Conv2d(3, 8, |)")).slice(0, 3)).toEqual([
    "{ kernelSize: ",
    "{ stride: ",
    "{ padding: ",
  ]);
  expect(await first("new nn.Conv2d(3, 8, pad|)")).toEqual(["{ padding: ", "{ paddingMode: "]);
  expect(await first("torch.sum(m, |")).toEqual(["{ dim: ", "{ keepdim: ", "{ dtype: "]);
  expect((await first("new nn.LSTM(|"))[0]).toBe("{ inputSize: ");
  expect((await first("new optim.SGD([], |)")).slice(0, 2)).toEqual(["{ lr: ", "{ momentum: "]);
  for (const code of ["Math.max(|", "[1].map(|", "double(1, |", "nn.|", "(|)", "double(nn.|", "'a|'"])
    expect(await first(code), code).toEqual([]);
  const keys = await offered("new nn.Conv2d(3, 8, { | })");
  expect([keys.includes("padding"), keys.includes("outChannels"), keys.includes("kernelSize")]).toEqual([
    true,
    false,
    true,
  ]);
  expect(await offered("torch.sum(m, { dim: 1, | })")).toEqual(["dtype", "keepdim"]);
  await cells.run("const held = { input: 1, dim: 2 };");
  expect(await offered("torch.sum(m, { dim: held.| })")).toEqual(["dim", "input"]);
  const { completions } = await cells.session.complete("new nn.Conv2d(3, 8, ", 20);
  expect(completions[1]).toMatchObject({
    documentation: "Step of the kernel. Default 1.",
    type: "Spatial | undefined",
  });
});

test("within the arguments of a call, the function is explained", async () => {
  const double = "function double(n: number, by?: string): number";
  for (const code of [
    "double(|",
    "double(|)",
    "double(1, |)",
    "double(1, 'te|xt'",
    "1 + double( |1)",
    "double(nothing|)",
  ])
    expect(await explained(code), code).toBe(double);
  expect(await explained("double(record.al|pha)")).toBe("(property) alpha: number");
  expect(await explained("double(Math.max(1, |2))")).toMatch(/^\(method\) Math\.max/);
  expect(await explained("new Map(|")).toMatch(/^var Map: MapConstructor/);
  for (const code of ["double(1)|", "1 + |2", "|", "(|)"]) expect(await explained(code), code).toBeUndefined();
});

test("a string that its line leaves open does not become whole by another line", async () => {
  const judged = async (code: string) => (await cells.session.isComplete(code)).status;
  expect(await judged("const s = 'open")).toBe("invalid");
  expect(await judged("const s = 'open\\")).toBe("incomplete");
  expect(await judged("const s = `open")).toBe("incomplete");
});

test("functions and methods of the library are explained by the first way to call them", async () => {
  expect(await explained("torch.mat|mul")).toMatch(
    /^function matmul\(input: torch.Tensor, other: torch.Tensor, options\?: \{ out\?: .*\}\): torch.Tensor \(\+3 overloads\)$/,
  );
  expect(await explained("m.argm|ax")).toMatch(
    /^\(method\) Tensor.argmax\(dim\?: number \| null, keepdim\?: boolean, options\?: \{ dim\?: .*\}\): torch.Tensor \(\+1 overload\)$/,
  );
});

test("a class is explained with its constructor", async () => {
  const { text } = await cells.session.inspect("nn.Linear", 5);
  expect(text.split("\n").slice(0, 2)).toEqual([
    "class Linear",
    "new Linear(inFeatures: number, outFeatures: number, bias?: boolean, device?: string | torch.Device | null, dtype?: torch.DType | null, options?: LinearOptions): torch.nn.Linear",
  ]);
});
