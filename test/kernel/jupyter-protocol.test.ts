// The kernel by Jupyter's own client: what it promises beyond running cells, row by row.

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cell, content, type During, driver, type Executed, request, types } from "./jupyter-driver";
import { installedFor, type JupyterPlace } from "./jupyter-place";

let place: JupyterPlace;
let drive: ReturnType<typeof driver>;

beforeAll(async () => {
  // The signal reaches the whole process group, as Ctrl-C in a terminal does.
  place = await installedFor("protocol", "--interrupt-mode", "signal");
  drive = driver(place);
});

afterAll(() => place.remove());

test("shows values in their own forms, and takes shown things away", async () => {
  const [own, result, replaced, tslab, cleared] = await drive<Executed>(
    cell(
      "const rich = { [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>1</b>', 'text/plain': '1' }) }; display(rich);",
    ),
    cell("rich"),
    cell("const shown = display('first'); shown.update(rich);"),
    cell(
      "import * as tslab from 'tslab'; tslab.display.html('<i>2</i>'); tslab.display.png(new Uint8Array([1, 2])); const d = tslab.newDisplay(); d.text('a'); d.text('b');",
    ),
    cell("console.log('gone'); clearOutput(true); console.log('kept');"),
  );
  const data = { "text/html": "<b>1</b>", "text/plain": "1" };
  expect(content(own, "display_data")).toMatchObject({ data });
  expect(content(result, "execute_result")).toMatchObject({ data });
  expect(content(replaced, "update_display_data")).toMatchObject({
    data,
    transient: content(replaced, "display_data")?.transient,
  });
  const shown = tslab.messages.filter(({ type }) => type.endsWith("display_data"));
  expect(shown.map(({ type, content }) => [type, content.data])).toEqual([
    ["display_data", expect.objectContaining({ "text/html": "<i>2</i>" })],
    ["display_data", expect.objectContaining({ "image/png": "AQI=" })],
    ["display_data", { "text/plain": "a" }],
    ["update_display_data", { "text/plain": "b" }],
  ]);
  expect(types(cleared)).toEqual(["status", "execute_input", "stream", "clear_output", "stream", "status"]);
  expect(content(cleared, "clear_output")).toEqual({ wait: true });
});

test("gives the front-end text for the next cell and pages to read", async () => {
  writeFileSync(join(place.folder, "part.ts"), "const part = 1;\n");
  const [loaded, explained] = await drive<Executed>(cell("%load part.ts"), cell("Math.max?"));
  expect(loaded.reply.payload).toEqual([
    { source: "set_next_input", text: expect.stringContaining("const part = 1;"), replace: true },
  ]);
  expect(explained.reply.payload).toEqual([
    { source: "page", data: { "text/plain": expect.stringContaining("max(") }, start: 0 },
  ]);
});

test("asks for input, and says so where nobody can be asked", async () => {
  const [asked, refused, questions] = await drive<Executed>(
    cell("[prompt('name?'), promptSecret('word?'), confirm('sure?')]"),
    cell("prompt('name?')", { allow_stdin: false }),
    { questions: {} },
  );
  expect(content(asked, "execute_result")?.data).toEqual({
    "text/plain": "[ 'typed for name?', 'typed for word?', false ]",
  });
  expect(refused.reply).toMatchObject({
    ename: "InputRefused",
    evalue: expect.stringContaining("Nobody can be asked for input here"),
  });
  expect(questions).toEqual([
    { prompt: "name? ", password: false },
    { prompt: "word? ", password: true },
    { prompt: "sure? [y/N] ", password: false },
  ]);
});

test("completes with types and explains with documentation", async () => {
  const [, completed, explained, sourced, foreign, info] = await drive<Executed>(
    cell("/** Doubles.\n * @param n what */\nfunction double(n: number) { return 2 * n; }"),
    request("complete_request", { code: "'𝒳𝒳'; doub", cursor_pos: 10 }),
    request("inspect_request", { code: "double(1)", cursor_pos: 3, detail_level: 0 }),
    request("inspect_request", { code: "'𝒳' + double(1)", cursor_pos: 9, detail_level: 1 }),
    request("inspect_request", { code: "torch.double", cursor_pos: 9, detail_level: 1 }),
    request("kernel_info_request", {}),
  );
  expect(completed.reply.metadata).toEqual({
    _jupyter_types_experimental: [
      { text: "double", type: "function", signature: "(n: number) => number", start: 6, end: 10 },
    ],
  });
  expect(explained.reply.data).toEqual({
    "text/plain": expect.stringContaining("Doubles."),
    "text/markdown": "```typescript\nfunction double(n: number): number\n```\n\nDoubles.\n\n- *@param* n what",
  });
  expect(sourced.reply.data).toMatchObject({
    "text/markdown": expect.stringContaining(
      "```\n\nDoubles.\n\n- *@param* n what\n\nDeclared in In [1]\n\n```typescript\nfunction double(",
    ),
  });
  expect(foreign.reply.data).toMatchObject({ "text/plain": expect.not.stringContaining("Declared") });
  expect(info.reply).toMatchObject({
    banner: expect.any(String),
    debugger: false,
    help_links: expect.arrayContaining([{ text: expect.any(String), url: expect.stringMatching(/^https:/) }]),
    implementation_version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    supported_features: [],
  });
});

test("completes a cell of Python that ran last with the cell of TypeScript", async () => {
  const python = "for k in range(2):\n    print(k)";
  const [failed, completed, ran] = await drive<Executed>(
    cell(python),
    request("complete_request", { code: python, cursor_pos: python.length }),
    cell("for (const k of range(2)) {\n    console.log(k)\n}"),
  );
  expect(failed.reply).toMatchObject({
    status: "error",
    traceback: expect.arrayContaining(["Tab writes the cell as TypeScript."]),
  });
  expect(completed.reply).toMatchObject({
    matches: ["for (const k of range(2)) {\n    console.log(k)\n}"],
    cursor_start: 0,
    cursor_end: python.length,
  });
  expect(content(ran, "stream")?.text).toBe("0\n1\n");
});

test("remembers cells of earlier kernels", async () => {
  const history = (options: object): Record<string, object> =>
    request("history_request", { output: false, raw: true, ...options });
  const [, , , , , range, tail, found, unique, before] = await drive<Executed>(
    cell("'old' + 1"),
    cell("'old' + 2"),
    { fresh: {} },
    cell("'new' + 1"),
    cell("'old' + 1"),
    history({ hist_access_type: "range", session: 0, start: 1, stop: 2, output: true }),
    history({ hist_access_type: "tail", n: 3 }),
    history({ hist_access_type: "search", pattern: "'old' + [1-9]" }),
    history({ hist_access_type: "search", pattern: "'old'*", unique: true, n: 2 }),
    history({ hist_access_type: "range", session: -1, start: 2 }),
  );
  const [[session, line, entry]] = range.reply.history as [number, number, string[]][];
  expect([line, entry]).toEqual([1, ["'new' + 1", "'new1'"]]);
  const [first, second] = [session - 1, session];
  expect(tail.reply.history).toEqual([
    [first, 2, "'old' + 2"],
    [second, 1, "'new' + 1"],
    [second, 2, "'old' + 1"],
  ]);
  const olds = [
    [first, 1, "'old' + 1"],
    [first, 2, "'old' + 2"],
    [second, 2, "'old' + 1"],
  ];
  expect(found.reply.history).toEqual(olds);
  expect(unique.reply.history).toEqual(olds.slice(1));
  expect(before.reply.history).toEqual([[first, 2, "'old' + 2"]]);
});

test("closes comms that nobody knows, and forgets what is said in them", async () => {
  const [opened, , info] = await drive<Executed["messages"] & Executed>(
    { comm_open: { comm_id: "c" } },
    { forget: {} },
    request("comm_info_request", { target_name: "nowhere" }),
  );
  expect(opened.map(({ type }) => type)).toEqual(["status", "comm_close", "status"]);
  expect(opened[1].content).toMatchObject({ comm_id: "c" });
  expect(info.reply).toEqual({ status: "ok", comms: {} });
});

const situations = {
  "a synchronous loop": "console.log('in'); for (;;) {}",
  "a loop after await": "await null; console.log('in'); for (;;) {}",
  "a promise that never settles": "console.log('in'); await new Promise(() => {});",
};

test("an interrupt by signal keeps variables", async () => {
  const steps = Object.values(situations).map((code) => ({ during: { code, steps: [{ signal: {} }] } }));
  const [, ...results] = await drive<During & Executed>(cell("const kept = 5;"), ...steps, cell("kept"));
  const kept = results.pop();
  for (const { cell } of results) expect(cell.reply).toMatchObject({ status: "error", ename: "Interrupted" });
  expect(kept && content(kept, "execute_result")).toMatchObject({ data: { "text/plain": "5" } });
});

test("refuses what is not signed, and survives nonsense on every socket", async () => {
  const [, forged, huge, nothing, alive] = await drive<Executed & boolean>(
    { garbage: {} },
    cell("typeof (globalThis as { forged?: number }).forged"),
    cell(`/* ${"x".repeat(1 << 22)} */ 1 + 1`),
    request("execute_request", { code: 5 }),
    { alive: {} },
  );
  expect(content(forged, "execute_result")).toMatchObject({ data: { "text/plain": "'undefined'" } });
  expect(content(huge, "execute_result")).toMatchObject({ data: { "text/plain": "2" } });
  expect(nothing.reply).toMatchObject({ status: "error", ename: "RequestError" });
  expect(alive).toBe(true);
});

test("ends while a cell runs, and tells everybody", async () => {
  const [end] = await drive({ leave: { code: "console.log('in'); for (;;) {}", restart: true } });
  expect(end).toEqual({ reply: { status: "ok", restart: true }, told: [{ status: "ok", restart: true }] });
});

const lines = 200_000;
const printed = Array.from({ length: lines }, (_, i) => `${i}\n`).join("");

test("delivers a flood whole, in order and in bounded memory, also to a slow reader", async () => {
  const digest = createHash("sha256").update(printed).digest("hex");
  const wide = 100;
  const wideDigest = createHash("sha256").update(printed.replaceAll("\n", `${"x".repeat(wide)}\n`));
  const [fast, slow, unread] = await drive<{ digest: string; memory: number; grown: number; reply: object }>(
    { flood: { code: `for (let i = 0; i < ${lines}; i++) console.log(i);` } },
    { flood: { code: `for (let i = 0; i < ${lines}; i++) console.log(i + 'x'.repeat(${wide}));`, pause: 0.005 } },
    { unread: { code: "for (;;) console.log('x'.repeat(1000));", enough: 20 } },
  );
  expect(fast.digest).toBe(digest);
  expect(slow.digest).toBe(wideDigest.digest("hex"));
  for (const { memory } of [fast, slow, unread]) expect(memory).toBeLessThan(300);
  expect(unread.reply).toMatchObject({ status: "error", ename: "Interrupted" });
});
