// The kernel, driven by Jupyter's own client: cells, requests, and what it survives.

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installedFor, type JupyterPlace } from "./jupyter-place";
import { cell, content, type During, driver, type Executed, request, types } from "./jupyter-driver";

let place: JupyterPlace;
let drive: ReturnType<typeof driver>;

beforeAll(async () => {
  place = await installedFor("jupyter");
  drive = driver(place);
});

afterAll(() => place.remove());

test("executes cells: results, streams, displays, errors", async () => {
  const [sum, prints, tensor, shows, fails, unchecked, silent, asks, expressions] = await drive<Executed>(
    cell("1 + 1"),
    cell("console.log('a'); console.log('b'); console.error('c');"),
    cell("torch.ones(2)"),
    cell("const chart = plot(); chart.push({ loss: 1 });"),
    cell("const f = () => {\n  throw new RangeError('far');\n};\nf();"),
    cell("console.log('never');\nconst s: string = 1;"),
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
  expect(types(unchecked)).toEqual(["status", "execute_input", "error", "status"]);
  expect(content(unchecked, "error")?.traceback).toEqual([
    "TypeCheckError: TS2322: Type 'number' is not assignable to type 'string'.",
    "In [6], line 2:",
    "  1 │ console.log('never');",
    "❱ 2 │ const s: string = 1;",
    "    │       ~",
  ]);
  expect(types(silent)).toEqual(["status", "status"]);
  expect(silent.reply).toMatchObject({ status: "ok", execution_count: 6 });
  expect(content(asks, "execute_result")).toMatchObject({ data: { "text/plain": "'typed for name?'" } });
  expect(expressions.reply.user_expressions).toMatchObject({
    twice: { status: "ok", data: { "text/plain": "4" } },
    bad: { status: "error", ename: "TypeCheckError" },
  });
});

test("runs magics: the next cell, something to read, results", async () => {
  const [loads, asks, hidden, last] = await drive<Executed>(
    cell("%load /etc/hostname"),
    cell("torch.ones?"),
    cell("%time 6 * 7;"),
    cell("Out[3] + _"),
  );
  expect(loads.reply.payload).toEqual([
    { source: "set_next_input", text: expect.stringMatching(/^\/\/ %load \/etc\/hostname\n./), replace: true },
  ]);
  expect(asks.reply.payload).toEqual([
    { source: "page", data: { "text/plain": expect.stringContaining("All ones.") }, start: 0 },
  ]);
  expect(types(hidden)).not.toContain("execute_result");
  expect(content(hidden, "stream")).toMatchObject({ text: expect.stringContaining("Wall time: ") });
  expect(content(last, "execute_result")).toMatchObject({ data: { "text/plain": "84" } });
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
        while (!existsSync("${join(place.folder, "enough")}")) chart.push({ loss: 1 / ++i });`,
      steps: [
        { seen: { kind: "update_display_data" } },
        request("complete_request", { code: "Math.sq", cursor_pos: 7 }),
        request("kernel_info_request", {}, "control"),
        { heartbeat: {} },
        { touch: { path: join(place.folder, "enough") } },
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
