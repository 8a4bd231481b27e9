// What a session recovers from: checks that take too long, restarts in between, descriptors that a cell closes or writes to, listeners
// that throw, children that hold its output.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-recovery-"));
  cells = new Recorder({ cwd: folder });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

/** A cell whose check takes minutes: ten thousand object types are held against each other. */
const heavy = `type D = 0|1|2|3|4|5|6|7|8|9; type T = \`\${D}\${D}\${D}\${D}\`;
type O<K extends string> = K extends unknown ? { [P in K]: P } : never;
declare const u: { [K in T]: O<K> }[T]; const v: Exclude<typeof u, { a: 1 }> | { b: 2 } = u;`;

/** Runs a cell and does something when its check has begun. */
async function duringCheck(code: string, act: () => unknown) {
  const busy = cells.next("status", (event) => event.state === "busy");
  const reply = cells.run(code);
  await busy;
  await new Promise((resolve) => setTimeout(resolve, 100));
  await act();
  return reply;
}

test("a check can be interrupted, and the names of earlier cells stay", async () => {
  await cells.run("const before = 20;");
  const { error } = await duringCheck(heavy, () => cells.session.interrupt());
  expect(error).toMatchObject({ kind: "interrupt", message: expect.stringMatching(/^In \[\d+\] was stopped/) });
  expect((await cells.run("before + 1")).result).toBe("21");
});

test("a restart ends a check, the cells that wait, and all names", async () => {
  await cells.run("const alive = [1];");
  let waiting: Promise<unknown> = Promise.resolve();
  const { error } = await duringCheck(heavy, () => {
    waiting = cells.run("alive.push(2)");
    return cells.session.restart();
  });
  expect(error).toMatchObject({ kind: "died", name: "SessionRestarted" });
  expect(await waiting).toMatchObject({ error: { name: "SessionRestarted" } });
  expect((await cells.run("alive.length")).error?.message).toBe("TS2304: Cannot find name 'alive'.");
});

test("a restart during a cell says that it was wished", async () => {
  const printed = cells.next("stream");
  const reply = cells.run("console.log('in'); while (true) {}");
  await printed;
  await cells.session.restart();
  const { error } = await reply;
  expect(error?.message).toMatch(/In \[\d+\] was ended: the session was started again/);
  expect(error?.message).not.toContain("memory");
});

test("a cell whose executor dies during its check is checked again, without the dead names", async () => {
  await cells.run("const gone = [1];");
  const died = cells.next("status", (event) => event.state === "died" && !event.replied);
  await cells.run("setTimeout(() => process.exit(3), 150);");
  const slower = `const s = { ${Array.from({ length: 4000 }, (_, i) => `a${i}: ${i}`).join(", ")} };`;
  const replies = await Promise.all([cells.run(`${slower} gone.length`), cells.run("gone"), died]);
  for (const reply of replies.slice(0, 2)) expect(reply?.error?.kind).toMatch(/check|died/);
  expect((await cells.run("gone")).error?.message).toBe("TS2304: Cannot find name 'gone'.");
});

test("a completion that the text has outrun is not given", async () => {
  const first = cells.session.complete("Math.sq", 7);
  const second = cells.session.complete("Math.sqr", 8);
  const third = cells.session.complete("Math.ma", 7);
  expect((await third).completions.map(({ text }) => text)).toEqual(["max"]);
  expect((await second).completions).toEqual([]);
  expect((await first).completions[0].text).toBe("sqrt");
});

test.each([
  ["closes descriptor 3", "closeSync(3);"],
  ["writes to descriptor 3", 'writeSync(3, "hello");'],
  ["writes one byte to descriptor 3", 'writeSync(3, "x");'],
  ["closes descriptor 4", "closeSync(4); while (true) {}"],
  ["closes descriptor 5", "closeSync(5); await new Promise(() => {});"],
])("a cell that %s ends, and is told why", async (_, code) => {
  const { error } = await cells.run(`import { closeSync, writeSync } from "node:fs"; ${code}`);
  expect(error).toMatchObject({ kind: "died", message: expect.stringMatching(/descriptor \d.*started again/) });
  expect((await cells.run("1 + 1")).result).toBe("2");
});

test("closing the standard descriptors hangs nothing", async () => {
  expect((await cells.run('import { closeSync } from "node:fs"; closeSync(1); closeSync(2); 5')).result).toBe("5");
  expect((await cells.run("console.log('still'); 6")).stdout).toBe("still\n");
  await cells.session.restart();
});

test("output that goes to a file while a child holds the old one ends its cell, and gets no marks", async () => {
  const code = `import { closeSync, openSync } from "node:fs"; import { spawn } from "node:child_process";
    const child = spawn("sleep", ["600"], { stdio: "inherit" });
    closeSync(1); openSync("log", "w"); require("node:fs").writeSync(1, "to the file"); child.pid`;
  const { result, status } = await cells.run(code);
  expect(status).toBe("ok");
  process.kill(Number(result));
  expect(readFileSync(join(folder, "log"), "utf8")).toBe("to the file");
  await cells.session.restart();
});

test("a character in two writes arrives whole", async () => {
  const { stdout } = await cells.run(
    "for (const byte of Buffer.from('ä€👍!')) process.stdout.write(new Uint8Array([byte])); process.stdout.write('c3b6', 'hex');",
  );
  expect(stdout).toBe("ä€👍!ö");
  expect((await cells.run("process.stdout.write(new Uint8Array([0xe2, 0x82]))")).stdout).toBe("\ufffd");
});

test("a listener that throws takes nothing along", async () => {
  const uncaught: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  const off = cells.session.on(() => {
    throw new Error("of the listener");
  });
  try {
    expect((await cells.run("1 + 1")).result).toBe("2");
    expect((await cells.run("2 + 1")).result).toBe("3");
    off();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(String(uncaught[0])).toBe("Error: of the listener");
  } finally {
    off();
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  }
});

test("the text of a function runs elsewhere", async () => {
  const code = `const sum = async (n: number) => { let s = 0; for (let i = 0; i < n; i++) { try { s += await i; } catch { s = 0; } } return s; };
    import { Worker } from "node:worker_threads";
    const text = "require('node:worker_threads').parentPort.postMessage((" + sum + ").toString().length); (" + sum + ")(4).then((s) => require('node:worker_threads').parentPort.postMessage(s))";
    const worker = new Worker(text, { eval: true });
    const told: unknown[] = [];
    await new Promise<void>((done, fail) => { worker.on("message", (m) => told.push(m) === 2 && done()); worker.on("error", fail); });
    [told[1], /cresset/.test(String(sum)), Function.prototype.toString.call(Math.max)]`;
  expect((await cells.run(code)).result).toBe("[ 6, false, 'function max() { [native code] }' ]");
});

test("the user's error stays with its cell only", async () => {
  await cells.run(
    "let kept: WeakRef<object>; { const big = { a: 1 }; kept = new WeakRef(big); throw Object.assign(new Error('x'), { big }) }",
  );
  writeFileSync(join(folder, "unused"), "");
  const { result } = await cells.run(
    "import { setFlagsFromString } from 'node:v8'; import { runInNewContext } from 'node:vm'; setFlagsFromString('--expose-gc'); await new Promise((r) => setTimeout(r, 50)); runInNewContext('gc')(); kept.deref()",
  );
  expect(result).toBeUndefined();
});
