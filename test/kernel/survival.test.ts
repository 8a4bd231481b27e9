// What a session survives: busy cells, interrupts, the death of the executor.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-survival-"));
  cells = new Recorder({ cwd: folder });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

/** A loop that nothing but a file ends: what is seen meanwhile was sent from within it. */
function untilFile(name: string, body: string): string {
  return `import { existsSync } from "node:fs"; while (!existsSync("${name}")) { ${body} }`;
}

test("shows displays and output while a synchronous loop runs", async () => {
  const shown = cells.next("display");
  const updated = cells.next("updateDisplay");
  const printed = cells.next("stream");
  const reply = cells.run(
    `const chart = plot(); let step = 0; ${untilFile("seen", "chart.push({ loss: 1 / ++step }); console.log(step);")}`,
  );
  await Promise.all([shown, updated, printed]);
  writeFileSync(join(folder, "seen"), "");
  expect((await reply).status).toBe("ok");
});

test("a progress bar moves during a synchronous loop", async () => {
  const updated = cells.next("updateDisplay");
  const reply = cells.run(
    `import { existsSync } from "node:fs";
    function* forever() { for (let i = 0; ; i++) yield i; }
    for (const i of tqdm(forever())) if (existsSync("moved")) break;`,
  );
  await updated;
  writeFileSync(join(folder, "moved"), "");
  expect((await reply).status).toBe("ok");
  expect(cells.events.some((event) => event.type === "finishDisplay")).toBe(true);
});

test("completes while a cell runs", async () => {
  const printed = cells.next("stream");
  const reply = cells.run(`console.log('running'); ${untilFile("completed", "")}`);
  await printed;
  const { completions } = await cells.session.complete("Math.sq", 7);
  expect(completions[0].text).toBe("sqrt");
  writeFileSync(join(folder, "completed"), "");
  expect((await reply).status).toBe("ok");
});

const situations = {
  "a synchronous loop": "console.log('in'); while (true) {}",
  "a loop that catches": "console.log('in'); while (true) { try { while (true) {} } catch {} }",
  "a loop after await": "await null; console.log('in'); while (true) {}",
  "a loop of awaits": "console.log('in'); for (;;) await null;",
  "a promise that never settles": "console.log('in'); await new Promise(() => {});",
  "a loop in a timer": "setTimeout(() => { console.log('in'); while (true) {} }); await new Promise(() => {});",
  "a promise as the last value": "console.log('in'); new Promise(() => {})",
  "a wait for input": "console.log('in'); prompt('?')",
};

test.each(Object.entries(situations))("an interrupt stops %s and keeps variables", async (_, code) => {
  await cells.run("let keep = [1, 2];");
  const started = cells.next("stream");
  const reply = cells.run(`const inside = 5; ${code}`);
  await started;
  cells.session.interrupt();
  expect((await reply).error).toMatchObject({ kind: "interrupt", name: "Interrupted" });
  expect((await cells.run("keep.push(inside); keep")).result).toBe("[ 1, 2, 5 ]");
});

test("an interrupt before the cell runs stops it too", async () => {
  const reply = cells.run("console.log('never'); while (true) {}");
  await cells.next("status", (event) => event.state === "busy");
  cells.session.interrupt();
  expect((await reply).error?.kind).toBe("interrupt");
});

test("survives the death of the executor, and says so", async () => {
  await cells.run("const lost = 1;");
  const died = cells.next("status", (event) => event.state === "died");
  const { error } = await cells.run("console.log('last words'); process.abort()");
  await died;
  expect(error).toMatchObject({ kind: "died", message: expect.stringContaining("SIGABRT") });
  expect((await cells.run("lost")).error?.message).toBe("TS2304: Cannot find name 'lost'.");
  expect((await cells.run("process.exit(7)")).error).toMatchObject({ kind: "died", exitCode: 7 });
  expect((await cells.run("1 + 1")).result).toBe("2");
});

test("a cell that is stopped while its process ends takes the process along", async () => {
  const printed = cells.next("stream");
  const running = cells.run("process.on('exit', () => { console.log('ending'); while (true) {} }); process.exit(3)");
  await printed;
  cells.session.interrupt();
  expect((await running).error).toMatchObject({ kind: "died", exitCode: 3 });
  expect((await cells.run("1 + 1")).result).toBe("2");
});

test("running out of memory ends the executor only, and names the cell", async () => {
  process.env.NODE_OPTIONS = "--max-old-space-size=80";
  await cells.session.restart();
  process.env.NODE_OPTIONS = "";
  const { error, stderr } = await cells.run("const all: number[][] = []; for (;;) all.push(new Array(1e5).fill(1.5));");
  expect(error).toMatchObject({ kind: "died", message: expect.stringMatching(/aborted.*In \[\d+\]/) });
  expect(stderr).toContain("out of memory");
  expect((await cells.run("1 + 1")).result).toBe("2");
});

test.each([
  ["an error in a timer", "setTimeout(() => {\n  throw new TypeError('late');\n});", "TypeError: late", "❱ 2 │"],
  [
    "a promise that nobody awaits",
    "void (async () => { await null;\n  throw new Error('lost'); })();",
    "Error: lost",
    "❱ 2 │",
  ],
  ["a rejection with any value", "void Promise.reject(42);", "Uncaught 42", ""],
])("%s is told, and ends nothing", async (_, code, name, place) => {
  await cells.run("let still = 'here';");
  let told = "";
  const stop = cells.session.on((event) => {
    if (event.type === "stream" && event.name === "stderr") told += event.text;
  });
  const heard = cells.next("stream", (event) => event.name === "stderr");
  expect((await cells.run(code)).status).toBe("ok");
  await heard;
  stop();
  expect(told).toContain(name);
  expect(told).toContain(place);
  expect((await cells.run("still")).result).toBe("'here'");
});

test("a cell that closes its output ends all the same", async () => {
  await cells.run('import { closeSync } from "node:fs"; closeSync(1); console.log("closed");');
  expect((await cells.run("1 + 1")).result).toBe("2");
  await cells.session.restart();
});

test("the user's modules are there again after a restart", async () => {
  writeFileSync(join(folder, "answer.ts"), "export const answer: number = 42;\n");
  expect((await cells.run("import { answer } from './answer'; answer")).result).toBe("42");
  await cells.session.restart();
  expect((await cells.run("answer")).error?.kind).toBe("check");
  expect((await cells.run("import { answer } from './answer'; answer")).result).toBe("42");
});

test("cells given at once run in order", async () => {
  const replies = await Promise.all([cells.run("let order = 'a'"), cells.run("order += 'b'"), cells.run("order")]);
  expect(replies.map((reply) => reply.status)).toEqual(["ok", "ok", "ok"]);
  expect(cells.events.findLast((event) => event.type === "result")).toMatchObject({ bundle: { "text/plain": "'ab'" } });
});
