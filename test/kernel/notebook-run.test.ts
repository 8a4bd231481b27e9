// `cresset notebook run`: outputs as Jupyter keeps them, parameters, tags, failures and limits.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Output } from "../../kernel/notebook/outputs";
import type { testNotebooks } from "../../kernel/notebook/suite";
import { type Ended, root, runProgram } from "../support/child";
import { launcher } from "./recorder";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-notebook-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface WrittenCell {
  id: string;
  cell_type: string;
  source: string[];
  execution_count: number | null;
  outputs: Output[];
}

/** A code cell of a notebook to write: its source, then its tags. */
type Source = [code: string, ...tags: string[]];

function write(name: string, ...sources: Source[]): string {
  const cells = sources.map(([source, ...tags], i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    metadata: tags.length > 0 ? { tags } : {},
    execution_count: null,
    outputs: [],
    source,
  }));
  writeFileSync(join(folder, name), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
  return name;
}

const cresset = (...args: string[]): Promise<Ended> =>
  runProgram(process.execPath, [launcher, "notebook", ...args], { cwd: folder });

function cells(name: string): WrittenCell[] {
  return (JSON.parse(readFileSync(join(folder, name), "utf8")) as { cells: WrittenCell[] }).cells;
}

/** Texts of outputs as one string, whatever their form in the file. */
function plain(name: string): string[] {
  const text = (output: Output): string => {
    if (output.output_type === "stream") return [output.text].flat().join("");
    if (output.output_type === "error") return `${output.ename}: ${output.evalue}`;
    return [output.data["text/plain"]].flat().join("");
  };
  return cells(name).map(({ outputs }) => (outputs ?? []).map(text).join("|"));
}

test("writes what Jupyter writes", async () => {
  write(
    "rich.ipynb",
    ["console.log('one');\nconsole.log('two');\nconsole.error('three');\nconsole.log('four');\n1 + 1"],
    ["const chart = plot({ title: 'falling' });\nfor (const loss of [3, 2, 1]) chart.push({ loss });\n'end'"],
    ["chart.push({ loss: 0 });\ntorch.ones(2)"],
    [""],
    ["new nn.Linear(2, 3)"],
    ["prompt('name?')", "raises-exception"],
    ["console.log('gone');\nclearOutput();\nconsole.log('gone at last');\nclearOutput(true);\ndisplay(1).update(2);"],
    ["const bad: string = 3;", "raises-exception"],
    ["throw new RangeError('boo');", "raises-exception"],
  );
  const ran = await cresset("run", "rich.ipynb", "--output", "ours.ipynb");
  expect(ran).toMatchObject({ code: 0, stdout: "" });
  expect(ran.stderr).toMatch(
    /^rich\.ipynb: cell 1 of 8 \(\d+\.\d s\)\n(?:.*\n)*rich\.ipynb: cell 8 of 8 \(\d+\.\d s\)\n$/,
  );
  expect((await runProgram(process.execPath, [launcher, "kernel", "install", "--prefix", folder])).code).toBe(0);
  const jupyter = await runProgram("/usr/bin/python3", [
    join(root, "test/kernel/python/execute_file.py"),
    join(folder, "ours.ipynb"),
    join(folder, "theirs.ipynb"),
    join(folder, "share", "jupyter"),
  ]);
  expect(jupyter).toMatchObject({ code: 0, stderr: "" });
  // Where messages of one stream are cut is chance, and so is the id of a picture's parts.
  expect(cells("theirs.ipynb")).toEqual(cells("ours.ipynb"));
  expect(readFileSync(join(folder, "theirs.ipynb"), "utf8")).toBe(readFileSync(join(folder, "ours.ipynb"), "utf8"));
});

test("parameters reach the cells behind their declaration, and another run replaces them", async () => {
  write(
    "given.ipynb",
    ['const rate = 0.1;\nconst mode = "fast";\nlet steps = 1;', "parameters"],
    ["steps += 1;\n[rate, mode === 'fast', mode, steps].join(' ')"],
  );
  const given = ["--param", "rate=0.5", "--param", "mode=slow", "--param", "steps=4"];
  expect((await cresset("run", "given.ipynb", "--inplace", ...given)).code).toBe(0);
  expect(plain("given.ipynb")).toEqual(["", "", "'0.5 false slow 5'"]);
  const again = await cresset("run", "given.ipynb", "--output", "again.ipynb", "--param", "rate=2", "--param", "x=[1]");
  expect(again.stderr).toContain('given.ipynb has no parameter "x"');
  expect(plain("again.ipynb")).toEqual(["", "", "'2 true fast 2'"]);
});

test("ends at the first error, with its cell, and keeps what there is by then", async () => {
  write("fails.ipynb", ["skipped", "skip-execution"], ["'first'"], ["const n: number = 1;\nnull!.x;"], ["'never'"]);
  const ran = await cresset("run", "fails.ipynb", "--inplace");
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("cresset: fails.ipynb: cell 2 failed\n");
  expect(ran.stderr).toMatch(/❱ 2 │ null!\.x;/);
  expect(plain("fails.ipynb").slice(0, 2)).toEqual(["", "'first'"]);
  expect(cells("fails.ipynb").map((cell) => cell.outputs.length)).toEqual([0, 1, 1, 0]);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a cell that takes too long is stopped, and one that ends its process is told", async () => {
  write("long.ipynb", ["while (true) {}", "raises-exception"], ["'never'"]);
  const before = readFileSync(join(folder, "long.ipynb"), "utf8");
  const long = await cresset("run", "long.ipynb", "--timeout", "0.5");
  expect(long.code).toBe(1);
  expect(long.stderr).toContain("TimeoutError: In [1] took longer than 0.5 s and was stopped\n");
  expect(readFileSync(join(folder, "long.ipynb"), "utf8")).toBe(before);
  write("dies.ipynb", ["process.exit(3)"]);
  const died = await cresset("run", "dies.ipynb");
  expect(died).toMatchObject({ code: 1, stderr: expect.stringContaining("The executor ended with exit status 3") });
});

test("Ctrl-C stops the cell and the run", async () => {
  write("loop.ipynb", ["1"], ["while (true) {}", "raises-exception"], ["2"]);
  const child = spawn(process.execPath, [launcher, "notebook", "run", "loop.ipynb"], { cwd: folder });
  let told = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (!told.includes("cell 2 of 3") && text.includes("cell 2 of 3")) child.kill("SIGINT");
    told += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(130);
  expect(told).toContain("Interrupted: In [2] was stopped");
});

test("tells what is wrong with the command line and the file", async () => {
  write("any.ipynb");
  const wrong: [string[], number, string][] = [
    [["run"], 2, "needs one file"],
    [["run", "any.ipynb", "--inplace", "--output", "x"], 2, "only one of --inplace, --output"],
    [["run", "any.ipynb", "--timeout", "soon"], 2, "--timeout needs a positive number"],
    [["run", "any.ipynb", "--param", "1a=3"], 2, "--param needs NAME=VALUE"],
    [["test"], 2, "needs a file or a directory"],
    [["walk"], 2, "Unknown command: notebook walk"],
    [["run", "absent.ipynb"], 1, "absent.ipynb"],
    [["test", "absent"], 1, "There is no absent"],
  ];
  for (const [args, code, message] of wrong) {
    expect(await cresset(...args)).toMatchObject({ code, stderr: expect.stringContaining(message) });
  }
  const python = { nbformat: 4, metadata: { language_info: { name: "python" } }, cells: [] };
  writeFileSync(join(folder, "python.ipynb"), JSON.stringify(python));
  const other = await cresset("run", "python.ipynb");
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("written in python, not in TypeScript") });
});

test("test reports each notebook, with what differs", async () => {
  const name = "tests.ipynb";
  const wanted = [
    "torch.manualSeed(0);\ntorch.randn(3)",
    "Math.random()",
    "console.log('took', performance.now(), 'ms')",
  ];
  write(name, [wanted[0]], [wanted[1], "nondeterministic"], [wanted[2]]);
  expect((await cresset("run", name, "--inplace")).code).toBe(0);
  const good = readFileSync(join(folder, name), "utf8");
  writeFileSync(join(folder, "wrong.ipynb"), good.replace("1.5410", "1.6410"));
  write("new.ipynb", ["never + run"]);
  writeFileSync(join(folder, "broken.ipynb"), "<<<<<<< mine");
  const ran = await cresset("test", name, "wrong.ipynb", "new.ipynb", "broken.ipynb");
  expect(ran).toMatchObject({ code: 1, stderr: "" });
  const lines = ran.stdout.replaceAll(/\d+\.\d s/g, "0.1 s").split("\n");
  expect(lines.slice(0, 5)).toEqual([
    "ok      tests.ipynb (2 cells compared, 0.1 s)",
    "FAILED  wrong.ipynb (2 cells compared, 0.1 s)",
    "  cell 1, result, text/plain:",
    "    - tensor([ 1.6410, -0.2934, -2.1788])",
    "    + tensor([ 1.5410, -0.2934, -2.1788])",
  ]);
  expect(lines).toContain("  cell 1 failed:");
  expect(lines).toContain("FAILED  broken.ipynb (no outputs stored, 0.1 s)");
  expect(lines.slice(-2)).toEqual(["1 passed, 3 failed (0.1 s)", ""]);
  expect(readFileSync(join(folder, name), "utf8")).toBe(good);

  const declared: [string, () => Promise<void>][] = [];
  const suite = createRequire(__filename)("cresset/notebook") as { testNotebooks: typeof testNotebooks };
  suite.testNotebooks((title, run) => declared.push([title, run]), join(folder, "wrong.ipynb"));
  expect(declared.map(([title]) => title)).toEqual([expect.stringMatching(/wrong\.ipynb$/)]);
  await expect(declared[0][1]()).rejects.toThrow(/cell 1, result, text\/plain:\n {4}- tensor\(\[ 1\.6410/);
});
