// The command `cresset` as people start it: piped text, programs, exit status, kernel specs.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launcher } from "../kernel/recorder";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-cli-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

function cresset(args: string[], input = "", env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const child = spawn(process.execPath, [launcher, ...args], { cwd: folder, env: { ...process.env, ...env } });
  const ran: Ran = { status: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ran.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ran.stderr += text;
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (status) => resolve({ ...ran, status })));
}

test("piped text runs as one program and prints its value exactly", async () => {
  expect(await cresset([], "torch.ones(2)\n")).toEqual({ status: 0, stdout: "tensor([1., 1.])\n", stderr: "" });
  const program = "const a: number[] = [];\nfor (let i = 0; i < 3; i++) a.push(i);\nconsole.log('log');\na\n";
  expect(await cresset([], program)).toEqual({ status: 0, stdout: "log\n[ 0, 1, 2 ]\n", stderr: "" });
  expect(await cresset([], "")).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("operators work on tensors unless the environment says otherwise", async () => {
  const program = "const x = torch.ones(2) * 3;\nx[0] += 1;\nx\n";
  expect(await cresset([], program)).toEqual({ status: 0, stdout: "tensor([4., 3.])\n", stderr: "" });
  const without = await cresset([], program, { CRESSET_OPERATORS: "0" });
  expect(without).toMatchObject({ status: 2, stdout: "" });
  expect(without.stderr).toMatch(/^TypeCheckError: TS2362/);
});

test("a program needs the types that a prompt does without", async () => {
  expect(await cresset([], "const losses = [];\nlosses.push(1);\nlosses\n")).toMatchObject({
    status: 0,
    stdout: "[ 1 ]\n",
  });
  const { status, stderr } = await cresset([], "function double(x) { return x * 2; }\ndouble(1)");
  expect(status).toBe(2);
  expect(stderr).toContain("TS7006: Parameter 'x' implicitly has an 'any' type.");
  expect(stderr).toContain("The type of a parameter stands behind its name: x: torch.Tensor");
  expect((await cresset([], "const l = new nn.Linear(1, 1);\nl.weight.grad.sum()")).stderr).toContain(
    "possibly 'null'",
  );
});

test("the exit status tells what happened", async () => {
  const thrown = await cresset([], "console.log('before');\nthrow new Error('bad')");
  expect(thrown).toMatchObject({ status: 1, stdout: "before\n" });
  expect(thrown.stderr).toMatch(/^Error: bad\n\[stdin\], line 2:\n/);
  const unchecked = await cresset([], "console.log('never');\nconst s: string = 1;");
  expect(unchecked).toMatchObject({ status: 2, stdout: "" });
  expect(unchecked.stderr).toContain("TS2322: Type 'number' is not assignable to type 'string'.");
  expect(await cresset([], "process.exit(3)")).toEqual({ status: 3, stdout: "", stderr: "" });
  const late = await cresset([], "setTimeout(() => { throw new Error('late'); }, 1);");
  expect(late.status).toBe(1);
  expect(late.stderr).toMatch(/^Error: late\n/);
});

test("a program that waits for what never comes ends as in Node", async () => {
  writeFileSync(
    join(folder, "waits.ts"),
    "async function inner() {\n  await new Promise(() => {});\n}\nprocess.on('exit', (code) => console.log(code));\nawait inner();\n",
  );
  const waits = await cresset(["run", "waits.ts"]);
  expect(waits).toMatchObject({ status: 13, stdout: "0\n" });
  expect(waits.stderr.split("\n").filter((line) => !/^ {2}/.test(line))).toEqual([
    "Warning: Detected unsettled top-level await",
    "waits.ts, line 2, in inner:",
    "❱ 2 │   await new Promise(() => {});",
    "waits.ts, line 5: await inner();",
    "",
  ]);
  expect((await cresset([], "await new Promise(() => {});")).status).toBe(13);
  expect((await cresset(["-e", "process.exitCode = 3; await new Promise(() => {})"])).status).toBe(3);
  const late = "let go: () => void = () => {};\nprocess.once('beforeExit', () => setTimeout(go, 1));\n";
  const revived = `${late}await new Promise<void>((done) => { go = done; });\n'gone on'`;
  expect(await cresset([], revived)).toEqual({ status: 0, stdout: "'gone on'\n", stderr: "" });
  const unawaited = { status: 0, stdout: "Promise { <pending> }\n", stderr: "" };
  expect(await cresset(["-e", "(async () => { await new Promise(() => {}); })()"])).toEqual(unawaited);
});

test("run checks and runs a file with its modules and arguments", async () => {
  mkdirSync(join(folder, "programs", "parts"), { recursive: true });
  writeFileSync(join(folder, "programs", "shared.ts"), "export const base: number = 40;\n");
  writeFileSync(
    join(folder, "programs", "parts", "add.ts"),
    'import { base } from "../shared";\nexport function add(n: number): number {\n  if (n > 2) throw new RangeError("too big");\n  return base + n;\n}\n',
  );
  const main = [
    "#!/usr/bin/env cresset",
    'import * as torch from "cresset";',
    'import { basename } from "node:path";',
    'import { add } from "./parts/add";',
    "console.log(add(2), process.argv.slice(2), basename(__filename));",
    "export const t: torch.Tensor = torch.ones(1);",
    "setTimeout(() => console.log('end'), 1);",
    "if (process.argv[2] === 'fail') add(3);",
    "t",
  ].join("\n");
  writeFileSync(join(folder, "programs", "main.ts"), main);
  const ok = { status: 0, stdout: "42 [ 'x', '--flag' ] main.ts\nend\n", stderr: "" };
  expect(await cresset(["run", "programs/main.ts", "x", "--flag"])).toEqual(ok);
  expect(await cresset(["programs/main.ts", "x", "--flag"])).toEqual(ok);
  const failed = await cresset(["run", "programs/main.ts", "fail"]);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toMatch(/^RangeError: too big\nadd\.ts, line 3, in add:\n/);
  expect(failed.stderr).toContain("main.ts, line 8: if (process.argv[2] === 'fail') add(3);");
});

test("a program reads its standard input", async () => {
  writeFileSync(
    join(folder, "upper.ts"),
    'import { text } from "node:stream/consumers";\nconsole.log((await text(process.stdin)).toUpperCase());\n',
  );
  expect(await cresset(["run", "upper.ts"], "abc")).toEqual({ status: 0, stdout: "ABC\n", stderr: "" });
});

test("-e prints the value of its code", async () => {
  expect(await cresset(["-e", "process.argv[2] + 1", "x"])).toEqual({ status: 0, stdout: "'x1'\n", stderr: "" });
});

test("names what it does not understand", async () => {
  expect(await cresset(["--colour"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("Unknown option: --colour"),
  });
  expect(await cresset(["train"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("Unknown command: train"),
  });
  expect(await cresset(["kernel", "install", "--nmae", "x"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--nmae"),
  });
  expect(await cresset(["run"])).toMatchObject({ status: 2, stderr: expect.stringContaining("needs a file") });
  expect(await cresset(["run", "absent.ts"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("absent.ts"),
  });
  expect((await cresset(["--help"])).stdout).toMatch(/^Usage:\n/);
  expect((await cresset(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("installs and removes kernel specs", async () => {
  const env = { JUPYTER_DATA_DIR: join(folder, "data") };
  const spec = join(folder, "data", "kernels", "mine", "kernel.json");
  expect((await cresset(["kernel", "install", "--name", "mine", "--display-name", "Mine"], "", env)).status).toBe(0);
  expect(JSON.parse(readFileSync(spec, "utf8"))).toMatchObject({
    argv: [process.execPath, launcher, "kernel", "run", "--connection-file", "{connection_file}"],
    display_name: "Mine",
    language: "typescript",
    interrupt_mode: "message",
  });
  expect((await cresset(["kernel", "list"], "", env)).stdout).toContain(`mine  ${dirname(spec)}\n`);
  const png = readFileSync(join(dirname(spec), "logo-64x64.png"));
  expect([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(["PNG", 64, 64]);
  expect(existsSync(join(dirname(spec), "logo-32x32.png"))).toBe(true);
  expect(readFileSync(join(dirname(spec), "logo-svg.svg"), "utf8")).toContain("<svg");
  expect((await cresset(["kernel", "uninstall", "--name", "mine"], "", env)).status).toBe(0);
  expect(existsSync(spec)).toBe(false);
  const again = await cresset(["kernel", "uninstall", "--name", "mine"], "", env);
  expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no kernel "mine"') });
  const prefix = ["--prefix", join(folder, "prefix")];
  const below = join(folder, "prefix", "share", "jupyter", "kernels");
  expect((await cresset(["kernel", "list", ...prefix])).stdout).toContain("No kernel is installed");
  expect((await cresset(["kernel", "install", ...prefix, "--interrupt-mode", "signal"])).status).toBe(0);
  expect(readFileSync(join(below, "cresset", "kernel.json"), "utf8")).toContain('"interrupt_mode": "signal"');
  expect((await cresset(["kernel", "list", ...prefix])).stdout).toBe(`cresset  ${join(below, "cresset")}\n`);
  mkdirSync(join(below, "other"));
  writeFileSync(join(below, "other", "kernel.json"), '{ "argv": ["python3"] }');
  const taken = await cresset(["kernel", "install", ...prefix, "--name", "other"]);
  expect(taken).toMatchObject({ status: 1, stderr: expect.stringContaining("Another kernel is installed") });
  const both = await cresset(["kernel", "install", "--user", "--sys-prefix"]);
  expect(both).toMatchObject({ status: 2, stderr: expect.stringContaining("only one of") });
});

test("leaves no process behind when it is killed", async () => {
  const child = spawn(process.execPath, [launcher, "-e", "console.log(process.pid); while (true) {}"], { cwd: folder });
  const executor = await new Promise<number>((resolve) => child.stdout.once("data", (text) => resolve(Number(text))));
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
  const alive = (): boolean => {
    try {
      return process.kill(executor, 0);
    } catch {
      return false;
    }
  };
  while (alive()) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(alive()).toBe(false);
});
