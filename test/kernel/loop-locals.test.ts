// Loops at the top of a cell compute with copies of its variables: nobody can tell.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let cells: Recorder;
beforeAll(() => {
  cells = new Recorder();
});
afterAll(() => cells.session.close());

async function value(code: string): Promise<unknown> {
  const { result, error } = await cells.run(code);
  if (error) throw new Error(error.traceback.join("\n"));
  return result;
}

test("sums, counts and searches end with the values they would have", async () => {
  expect(await value("let s = 0; for (let i = 0; i < 1000; i++) s += i * 0.5; s")).toBe("249750");
  expect(await value("let n = 10, odd = 0; while (n) { n--; if (n % 2 === 0) continue; odd += n; } [n, odd]")).toBe(
    "[ 0, 25 ]",
  );
  expect(await value("let k = 0; do { k += Math.sqrt(4); if (k > 5) break; } while (k); k")).toBe("6");
  expect(await value("let t = 0; for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) t += i * j; t")).toBe("9");
  expect(
    await value(
      "let c = 0; outer: for (let i = 0; i < 5; i++) { if (i === 3) break outer; if (i) continue outer; c++; } c",
    ),
  ).toBe("1");
  expect(await value("let a = 'x', i = 5; for (let i = 0; i < 3; i++) a += i; a + i")).toBe("'x0125'");
  expect(await value("let require = 0; while (require++ < 4) { if (require > 9) break; } require")).toBe("5");
  expect(await value("let big = 1n; for (let i = 0; i < 70; i++) big *= 2n; big")).toBe("1180591620717411303424n");
});

test("a loop within a block that declares a name anew computes with that variable", async () => {
  const shadow = "let n = 0; const seen: number[] = [];";
  const inner = "let n = 0; while (n < 5) n++; seen.push(n);";
  for (const block of [
    `for (let k = 0; k < 3; k++) { ${inner} }`,
    `try { ${inner} seen.push(n, n); } finally { }`,
    `switch (1) { case 1: ${inner} seen.push(n, n); }`,
    `{ { const [n0] = [0]; { ${inner} } } seen.push(5, 5); }`,
    `for (let n = 0, k = 0; k < 3; k++) { do n++; while (n < 5); seen.push(n); n = 0; }`,
    `try { throw 0 } catch (n) { do (n as number)++; while ((n as number) < 5); seen.push(n as number, 5, 5); }`,
  ])
    expect(await value(`${shadow} ${block} [seen, n]`), block).toBe("[ [ 5, 5, 5 ], 0 ]");
  expect(await value("let a = 7; { let a = 0; var beside = 1; while (a < 5) a++; beside += a; } [a, beside]")).toBe(
    "[ 7, 6 ]",
  );
});

test("later cells and functions see one variable", async () => {
  await value("let total = 0; for (let i = 0; i < 4; i++) total += i;");
  expect(await value("total += 1; for (let i = 0; i < 4; i++) total += i; total")).toBe("13");
  expect(
    await value(
      "let seen = 0; const look = () => seen; const log: number[] = []; for (; look() < 3; seen++) log.push(look()); [log, seen]",
    ),
  ).toBe("[ [ 0, 1, 2 ], 3 ]");
  expect(
    await value(
      "let left = 3; const box = { get some() { return left > 0; } }; let turns = 0; while (box.some) { left--; turns++; } turns",
    ),
  ).toBe("3");
});

test("an interrupt keeps what was reached", async () => {
  const begun = cells.next("stream");
  const running = cells.run("console.log('in'); let reached = 0; while (true) reached += 1;");
  await begun;
  await new Promise((done) => setTimeout(done, 100));
  cells.session.interrupt();
  const { error } = await running;
  expect(error?.kind).toBe("interrupt");
  expect(error?.traceback.join("\n")).toContain("while (true) reached += 1;");
  expect(await value("reached > 1000")).toBe("true");
});
