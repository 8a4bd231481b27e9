// The kernel, driven by Jupyter's own client, nbclient and nbconvert.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launcher } from "./recorder";

const python = "/usr/bin/python3";
const execute = promisify(execFile);

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cresset-jupyter-"));
  env = {
    ...process.env,
    JUPYTER_PATH: join(folder, "share", "jupyter"),
    JUPYTER_RUNTIME_DIR: folder,
    XDG_STATE_HOME: folder,
    NO_COLOR: "1",
  };
  await execute(process.execPath, [launcher, "kernel", "install", "--prefix", folder, "--name", "cresset-test"]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Step = Record<string, object>;

interface Executed {
  type: string;
  reply: Record<string, unknown>;
  messages: { type: string; content: Record<string, unknown> }[];
}

interface During {
  steps: Executed[];
  cell: Executed;
}

/** Runs the steps in one fresh kernel. */
async function drive<T>(...steps: Step[]): Promise<T[]> {
  const running = execute(python, [join(__dirname, "python/drive.py")], { cwd: folder, env, maxBuffer: 1 << 26 });
  running.child.stdin?.end(JSON.stringify(steps));
  return JSON.parse((await running).stdout) as T[];
}

const cell = (code: string, options: object = {}): Step => ({ execute: { code, ...options } });
const request = (kind: string, content: object, channel = "shell"): Step => ({ request: { kind, content, channel } });
const types = ({ messages }: Executed): string[] => messages.map((message) => message.type);
const content = ({ messages }: Executed, type: string) => messages.find((message) => message.type === type)?.content;

test("executes cells: results, streams, displays, errors", async () => {
  const [sum, prints, tensor, shows, fails, unchecked, silent, asks, expressions] = await drive<Executed>(
    cell("1 + 1"),
    cell("console.log('a'); console.log('b'); console.error('c');"),
    cell("torch.ones(2)"),
    cell("const chart = plot(); chart.push({ loss: 1 });"),
    cell("const f = () => {\n  throw new RangeError('far');\n};\nf();"),
    cell("const s: string = 1;"),
    cell("3", { silent: true }),
    cell("prompt('name?')"),
    cell("const v = 2;", { user_expressions: { twice: "v * 2", bad: "nothing" } }),
  );
  expect(sum.reply).toMatchObject({ status: "ok", execution_count: 1, payload: [] });
  expect(types(sum)).toEqual(["status", "execute_input", "execute_result", "status"]);
  expect(content(sum, "execute_result")).toMatchObject({ execution_count: 1, data: { "text/plain": "2" } });
  expect(prints.messages.filter((m) => m.type === "stream").map((m) => m.content)).toEqual([
    { name: "stdout", text: "a\nb\n" },
    { name: "stderr", text: "c\n" },
  ]);
  expect(content(tensor, "execute_result")).toMatchObject({ data: { "text/plain": "tensor([1., 1.])" } });
  expect(content(shows, "display_data")).toMatchObject({
    data: { "text/plain": expect.any(String) },
    transient: { display_id: expect.any(String) },
  });
  const error = {
    ename: "RangeError",
    evalue: "far",
    traceback: expect.arrayContaining(["❱ 2 │   throw new RangeError('far');"]),
  };
  expect(fails.reply).toMatchObject({ status: "error", execution_count: 5, ...error });
  expect(content(fails, "error")).toMatchObject(error);
  expect(unchecked.reply).toMatchObject({ status: "error", ename: "TypeCheckError" });
  expect(types(silent)).toEqual(["status", "status"]);
  expect(silent.reply).toMatchObject({ status: "ok", execution_count: 6 });
  expect(content(asks, "execute_result")).toMatchObject({ data: { "text/plain": "'typed for name?'" } });
  expect(expressions.reply.user_expressions).toMatchObject({
    twice: { status: "ok", data: { "text/plain": "4" } },
    bad: { status: "error", ename: "TypeCheckError" },
  });
});

test("answers requests, with positions in code points", async () => {
  const [info, , completed, inspected, unknown, incomplete, complete, invalid, history, comms, comm] =
    await drive<Executed>(
      request("kernel_info_request", {}),
      cell("const word = '𝒳'; /** Doubles. */ function double(n: number) { return 2 * n; }"),
      request("complete_request", { code: "'𝒳'; word.le", cursor_pos: 12 }),
      request("inspect_request", { code: "'𝒳'; double", cursor_pos: 7, detail_level: 0 }),
      request("inspect_request", { code: "nothing", cursor_pos: 3, detail_level: 0 }),
      request("is_complete_request", { code: "for (;;) {" }),
      request("is_complete_request", { code: "double(2)" }),
      request("is_complete_request", { code: "const = 2" }),
      request("history_request", { hist_access_type: "range", session: 0, output: false, raw: true }),
      request("comm_info_request", {}),
      request("kernel_info_request", {}, "control"),
    );
  expect(info.reply).toMatchObject({
    status: "ok",
    implementation: "cresset",
    protocol_version: "5.4",
    language_info: { name: "typescript", file_extension: ".ts" },
  });
  expect(completed.reply).toMatchObject({ cursor_start: 10, cursor_end: 12, matches: ["length"] });
  expect(completed.reply.metadata).toMatchObject({
    _jupyter_types_experimental: [{ text: "length", type: "property", start: 10, end: 12 }],
  });
  expect(inspected.reply).toMatchObject({ found: true });
  expect(JSON.stringify(inspected.reply.data)).toContain("function double(n: number): number");
  expect(unknown.reply).toMatchObject({ status: "ok", found: false });
  expect(incomplete.reply).toEqual({ status: "incomplete", indent: "  " });
  expect(complete.reply).toEqual({ status: "complete" });
  expect(invalid.reply).toEqual({ status: "invalid" });
  expect(history.reply.history).toEqual([[expect.any(Number), 1, expect.stringContaining("const word")]]);
  expect(comms.reply).toEqual({ status: "ok", comms: {} });
  expect(comm.reply.status).toBe("ok");
});

test("answers while a synchronous cell runs, and shows what it shows", async () => {
  const [started] = await drive<During>({
    during: {
      code: `import { existsSync } from "node:fs"; const chart = plot(); let i = 0;
        while (!existsSync("${join(folder, "enough")}")) chart.push({ loss: 1 / ++i });`,
      steps: [
        { seen: { kind: "update_display_data" } },
        request("complete_request", { code: "Math.sq", cursor_pos: 7 }),
        request("kernel_info_request", {}, "control"),
        { heartbeat: {} },
        { touch: { path: join(folder, "enough") } },
      ],
    },
  });
  expect(started.steps[1].reply.matches).toContain("sqrt");
  expect(started.steps[2].reply.status).toBe("ok");
  expect(started.steps[3]).toBe(true);
  expect(started.cell.reply.status).toBe("ok");
  const ids = (type: string) =>
    started.cell.messages.filter((m) => m.type === type).map((m) => JSON.stringify(m.content.transient));
  expect(new Set(ids("update_display_data"))).toEqual(new Set(ids("display_data")));
});

test("aborts what was sent before an error was known, unless told otherwise", async () => {
  const [stopped, alone, continued] = await drive<Executed[] & Executed>(
    { burst: { codes: ["throw new Error('first')", "2", "3"] } },
    cell("4"),
    { burst: { codes: ["throw new Error('first')", "5"], stop_on_error: false } },
  );
  expect(stopped.map((executed) => executed.reply.status)).toEqual(["error", "aborted", "aborted"]);
  expect(alone.reply.status).toBe("ok");
  expect(continued.map((executed) => executed.reply.status)).toEqual(["error", "ok"]);
});

test("keeps variables over an interrupt, and itself over a crash and nonsense", async () => {
  const [, stopped, kept, crashed, after, , calm, alive] = await drive<Executed & During & boolean>(
    cell("let keep = 5;"),
    { during: { code: "await null; console.log('in'); while (true) {}", steps: [{ interrupt: {} }] } },
    cell("keep"),
    cell("process.abort()"),
    cell("6"),
    { garbage: {} },
    cell("7"),
    { alive: {} },
  );
  expect(stopped.cell.reply).toMatchObject({ status: "error", ename: "Interrupted" });
  expect(content(kept, "execute_result")).toMatchObject({ data: { "text/plain": "5" } });
  expect(crashed.reply).toMatchObject({ status: "error", ename: "ExecutorDied" });
  expect(content(after, "execute_result")).toMatchObject({ data: { "text/plain": "6" } });
  expect(content(calm, "execute_result")).toMatchObject({ data: { "text/plain": "7" } });
  expect(alive).toBe(true);
});

test("delivers a synchronous flood whole and in order", async () => {
  const [flood] = await drive<Executed>(cell("for (let i = 0; i < 20_000; i++) console.log(i);"));
  const text = flood.messages.filter((m) => m.type === "stream").map((m) => m.content.text);
  expect(text.join("")).toBe(Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join(""));
});

const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "cresset-test", display_name: "Test", language: "typescript" } },
  cells: [
    "const x = torch.ones(2, 2);\nx.sum()",
    "for (const i of tqdm([1, 2, 3])) console.log(i);",
    "await Promise.resolve('done')",
  ].map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  })),
};

interface Output {
  output_type: string;
  text?: string | string[];
  data?: Record<string, string | string[]>;
}

function outputsOf(file: string): Output[][] {
  return (JSON.parse(readFileSync(file, "utf8")) as { cells: { outputs: Output[] }[] }).cells.map(
    ({ outputs }) => outputs,
  );
}

test("nbconvert executes a notebook", async () => {
  writeFileSync(join(folder, "n.ipynb"), JSON.stringify(notebook));
  const args = ["nbconvert", "--to", "notebook", "--execute", "n.ipynb", "--output", "converted.ipynb"];
  await execute("jupyter", args, { cwd: folder, env });
  const [sum, loop, last] = outputsOf(join(folder, "converted.ipynb"));
  expect(sum[0].data?.["text/plain"]).toEqual(["tensor(4.)"]);
  expect(
    loop
      .filter((output) => output.output_type === "stream")
      .flatMap((output) => output.text)
      .join(""),
  ).toBe("1\n2\n3\n");
  expect(loop.some((output) => output.output_type === "display_data")).toBe(true);
  expect(last[0].data?.["text/plain"]).toEqual(["'done'"]);
});

test("nbclient executes a notebook and stops at an error", async () => {
  const failing = {
    ...notebook,
    cells: [notebook.cells[0], { ...notebook.cells[1], source: "throw new Error('stop here')" }],
  };
  writeFileSync(join(folder, "failing.ipynb"), JSON.stringify(failing));
  const script = "import nbformat, nbclient; nbclient.execute(nbformat.read('failing.ipynb', 4))";
  const failed = execute(python, ["-c", script], { cwd: folder, env });
  await expect(failed).rejects.toMatchObject({ stderr: expect.stringContaining("Error: stop here") });
});
