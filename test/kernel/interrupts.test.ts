// Interrupts as the code of a cell sees them: an error thrown where it loops or waits.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type * as Stress from "../../bench/interrupts";
import { launcher, type Outcome, Recorder } from "./recorder";

// Compiled, as the session is.
const { situations, stress } = createRequire(__filename)("../../dist/bench/interrupts.js") as typeof Stress;

let folder: string;
let cells: Recorder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-interrupts-"));
  cells = new Recorder({ cwd: folder });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

/** Runs a cell, interrupts it when it first prints, and gives its end. */
async function interrupted(code: string): Promise<Outcome> {
  const started = cells.next("stream");
  const reply = cells.run(code);
  await started;
  cells.session.interrupt();
  return reply;
}

test("every situation keeps variables and runs finally blocks", async () => {
  const stopped = await stress(3 * Object.keys(situations).length, 10);
  expect(stopped.filter(({ kept }) => !kept)).toEqual([]);
});

test("the error tells where the cell was", async () => {
  const { error } = await interrupted("let n = 0;\nconsole.log('in');\nfor (;;) {\n  n++;\n}");
  expect(error).toMatchObject({ kind: "interrupt", name: "Interrupted" });
  expect(error?.traceback.join("\n")).toContain("❱ 3 │ for (;;) {");
  const waits = "async function wait() {\n  console.log('in');\n  await new Promise(() => {});\n}\nawait wait();";
  const { traceback } = (await interrupted(waits)).error ?? {};
  expect(traceback).toContain("❱ 3 │   await new Promise(() => {});");
  expect(traceback?.at(-1)).toMatch(/^In \[\d+\], line 5: await wait\(\);$/);
});

test("functions that wait are told before those that called them", async () => {
  const inner =
    "try { for (let i = 0; ; i++) { await pause(1); if (i === 5) console.log('in'); } } finally { console.log('inner'); }";
  const { error, stdout } = await interrupted(
    `const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
    async function inner() { ${inner} }
    async function outer() { try { await inner(); } finally { await pause(1); console.log('outer'); } }
    try { await outer(); } finally { console.log('cell'); }`,
  );
  expect(error?.kind).toBe("interrupt");
  expect(stdout).toBe("in\ninner\nouter\ncell\n");
});

test("what waits side by side is stopped as a whole", async () => {
  const { error } = await interrupted(
    `let stopped = 0;
    const endless = async () => { try { await new Promise(() => {}); } finally { stopped++; } };
    console.log('in'); await Promise.all([endless(), endless(), endless()])`,
  );
  expect(error?.kind).toBe("interrupt");
  expect((await cells.run("await new Promise((done) => setTimeout(done, 50)); stopped")).result).toBe("3");
});

test("for await over a generator that waits", async () => {
  const { error, stdout } = await interrupted(
    `async function* ticks() { try { yield 1; await new Promise(() => {}); } finally { console.log('closed'); } }
    for await (const tick of ticks()) console.log(tick);`,
  );
  expect(error?.kind).toBe("interrupt");
  expect(stdout).toBe("1\nclosed\n");
});

test("for await keeps its meaning", async () => {
  const code = `const seen: number[] = [];
    async function* count() { try { for (let i = 0; ; i++) yield i; } finally { seen.push(-1); } }
    for await (const i of count()) { if (i > 2) break; seen.push(i); }
    for await (const i of [Promise.resolve(7), 8]) seen.push(i);
    seen.join()`;
  expect((await cells.run(code)).result).toBe("'0,1,2,-1,7,8'");
});

test("an error after an await still shows its callers", async () => {
  const { error } = await cells.run(
    `async function inner() { await null; throw new Error("deep"); }
    async function outer() {
      await inner();
    }
    await outer();`,
  );
  expect(error?.traceback.join("\n")).toContain("line 3, in outer: await inner();");
});

test("a cell may catch the error and end as it likes", async () => {
  const { status, result } = await interrupted(
    `let caught = ""; try { console.log('in'); while (true) {} } catch (error) { caught = (error as Error).name; }
    caught`,
  );
  expect({ status, result }).toEqual({ status: "ok", result: "'Interrupted'" });
});

test("a catch that does not look at the error lets an interrupt pass", async () => {
  const { error, stdout } = await interrupted(
    `try { console.log('in'); while (true) { try { try { while (true) {} } catch {} } catch (unused) { continue; } } }
    finally { console.log('cleaned'); }`,
  );
  expect(error?.kind).toBe("interrupt");
  expect(stdout).toBe("in\ncleaned\n");
  expect((await cells.run("let other = ''; try { JSON.parse('{'); } catch { other = 'caught'; } other")).result).toBe(
    "'caught'",
  );
});

test("a finally block may wait", async () => {
  const { error, stdout } = await interrupted(
    `try { console.log('in'); while (true) {} }
    finally { await new Promise((done) => setTimeout(done, 20)); console.log('saved'); }`,
  );
  expect(error?.kind).toBe("interrupt");
  expect(stdout).toBe("in\nsaved\n");
});

test("code that does not end after it was told is ended by force", async () => {
  const { error } = await interrupted(
    "console.log('in'); while (true) { try { await new Promise(() => {}); } catch (error) { void error; } }",
  );
  expect(error?.kind).toBe("interrupt");
});

test("code without checks is stopped, too", async () => {
  const { error } = await interrupted("let kept = 3; console.log('in'); new Function('for (;;) {}')();");
  expect(error?.kind).toBe("interrupt");
  expect((await cells.run("kept")).result).toBe("3");
});

test("a module whose loading was ended by force loads anew", async () => {
  writeFileSync(
    join(folder, "slow.cjs"),
    "exports.first = 1; if (process.env.SLOW) new Function('for (;;) {}')(); exports.last = 2;",
  );
  const load = 'require("./slow.cjs")';
  const { error } = await interrupted(`process.env.SLOW = 'yes'; console.log('in'); ${load}`);
  expect(error?.kind).toBe("interrupt");
  expect((await cells.run(`process.env.SLOW = ''; ${load}`)).result).toBe("{ first: 1, last: 2 }");
});

test("a long native call ends first, and finally blocks run", async () => {
  const { error, stdout } = await interrupted(
    `const big = torch.randn(1500, 1500);
    try { console.log('in'); for (;;) big.matmul(big).matmul(big).matmul(big); } finally { console.log('cleaned'); }`,
  );
  expect(error?.kind).toBe("interrupt");
  expect(stdout).toBe("in\ncleaned\n");
});

test("a child process that the cell waits for is stopped", async () => {
  const { error, stdout } = await interrupted(
    `import { execSync } from "node:child_process";
    try { console.log('in'); execSync("sleep 1000; echo never"); } finally { console.log('cleaned'); }`,
  );
  expect(error?.kind).toBe("interrupt");
  expect(stdout).toBe("in\ncleaned\n");
  expect((await cells.run('execSync("echo $HOME-$0", { env: { HOME: "here" } }).toString()')).result).toBe(
    "'here-/bin/sh\\n'",
  );
});

test("loops of the user's own modules are stopped", async () => {
  const body = "try { console.log('in'); for (;;) {} } finally { console.log('cleaned'); }";
  writeFileSync(join(folder, "endless.ts"), `export function endless(): void { ${body} }\n`);
  const { error, stdout } = await interrupted("import { endless } from './endless'; endless()");
  expect(error?.kind).toBe("interrupt");
  expect(stdout).toBe("in\ncleaned\n");
});

test("a cell that waits for a slow reader is stopped", async () => {
  await cells.run("let line = 0; const filler = 'x'.repeat(1000);");
  cells.session.hold(true);
  const reply = cells.run("for (; ; line++) console.log(filler);");
  // Time to fill the pipe.
  await new Promise((resolve) => setTimeout(resolve, 500));
  cells.session.interrupt();
  expect((await reply).error?.kind).toBe("interrupt");
  cells.session.hold(false);
  expect((await cells.run("line < 100_000")).result).toBe("true");
});

test("timers that a cell started go on", async () => {
  await interrupted(
    "let beats = 0; const heart = setInterval(() => beats++, 1); console.log('in'); await new Promise(() => {});",
  );
  const code =
    "const then = beats; while (beats === then) await new Promise((done) => setTimeout(done, 5)); clearInterval(heart);";
  expect((await cells.run(code)).status).toBe("ok");
});

test("an interrupt between cells changes nothing", async () => {
  cells.session.interrupt();
  expect((await cells.run("let sum = 0; for (let i = 0; i < 1000; i++) sum += i; sum")).result).toBe("499500");
});

const programs = {
  "its loop": "console.log('in'); for (;;) {}",
  "a function that goes on after the end":
    "const main = async () => { for (;;) await new Promise((done) => { console.log('in'); setTimeout(done, 10); }); }; main();",
  "its timers": "setInterval(() => {}, 1000); console.log('in');",
  "a loop in a timer": "setTimeout(() => { console.log('in'); for (;;) {} });",
};

test.each(Object.entries(programs))("Ctrl-C ends a program in %s with status 130", async (_, code) => {
  const file = join(folder, "program.ts");
  writeFileSync(file, `process.on("exit", () => console.log("exit"));\n${code}\n`);
  const program = spawn(process.execPath, [launcher, "run", file], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  program.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (printed === "") setTimeout(() => program.kill("SIGINT"), 100);
    printed += text;
  });
  const [status] = await once(program, "close");
  expect(status).toBe(130);
});

test("Ctrl-C runs the finally blocks of a program", async () => {
  const file = join(folder, "cleaning.ts");
  writeFileSync(
    file,
    "async function main() { try { console.log('in'); await new Promise((done) => setTimeout(done, 1e6)); } finally { console.log('cleaned'); } }\nmain();\n",
  );
  const program = spawn(process.execPath, [launcher, "run", file], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  program.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (printed === "") setTimeout(() => program.kill("SIGINT"), 100);
    printed += text;
  });
  const [status] = await once(program, "close");
  expect({ status, printed }).toEqual({ status: 130, printed: "in\ncleaned\n" });
});
