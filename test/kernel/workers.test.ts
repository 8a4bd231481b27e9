// Threads of cells: `new Worker("./w.ts")` runs TypeScript with operators on tensors, as the modules that cells import do.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-workers-"));
  mkdirSync(join(folder, "inner"));
  writeFileSync(
    join(folder, "inner/scale.ts"),
    'import * as torch from "cresset";\nexport const scaled = (x: torch.Tensor): torch.Tensor => x * 2 + 1;\n',
  );
  writeFileSync(
    join(folder, "w.ts"),
    `import * as torch from "cresset";
import { basename } from "node:path";
import { parentPort, workerData, isMainThread } from "node:worker_threads";
import { scaled } from "./inner/scale";
interface Job { values: number[] }
const told = await Promise.resolve(workerData as { by: number });
parentPort!.on("message", ({ values }: Job) => {
  const x = scaled(torch.tensor(values));
  for (const each of x) if (each < 0) throw new RangeError("below zero");
  parentPort!.postMessage([(x[-1] * told.by).item(), isMainThread, basename(import.meta.url), basename(process.argv[1])]);
});
`,
  );
  writeFileSync(join(folder, "wrong.ts"), "const count: number = 'text';\nexport {};\n");
  cells = new Recorder({ cwd: folder });
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

const ask = `import { Worker } from "node:worker_threads";
import { once } from "node:events";
const ask = async (worker: Worker, values: number[]): Promise<unknown> => {
  worker.postMessage({ values });
  const [answer] = await once(worker, "message");
  return answer;
};`;

test("a file of TypeScript runs in a thread, with what it imports", async () => {
  await cells.run(ask);
  const { result, error } = await cells.run(
    `const first = new Worker("./w.ts", { workerData: { by: 10 } });
await ask(first, [1, 2])`,
  );
  expect([error, result]).toEqual([undefined, "[ 50, false, 'w.ts', 'w.ts' ]"]);
  const url = await cells.run(
    `%cd inner
const second = new Worker(new URL("../w.ts", import.meta.url), { workerData: { by: 1 } });
const third = new Worker("./w.ts", { workerData: { by: 3 } });
[await ask(second, [3]), await ask(third, [3]), first instanceof Worker]`,
  );
  expect(url.result).toBe("[ [ 7, false, 'w.ts', 'w.ts' ], [ 21, false, 'w.ts', 'w.ts' ], true ]");
});

test("an edited file is the thread's as it is now, and stays new to cells", async () => {
  await cells.run("%cd -");
  const before = await cells.run('import { scaled } from "./inner/scale";\nscaled(torch.tensor(1)).item()');
  expect(before.result).toBe("3");
  writeFileSync(
    join(folder, "inner/scale.ts"),
    'import * as torch from "cresset";\nexport const scaled = (x: torch.Tensor): torch.Tensor => x * 5;\n',
  );
  const { result } = await cells.run(
    'const fourth = new Worker("./w.ts", { workerData: { by: 1 } });\n[await ask(fourth, [1]), await ask(first, [1])]',
  );
  expect(result).toBe("[ [ 5, false, 'w.ts', 'w.ts' ], [ 30, false, 'w.ts', 'w.ts' ] ]");
  expect((await cells.run("scaled(torch.tensor(1)).item()")).result).toBe("5");
});

test("a thread starts threads of TypeScript, and is told what is wrong with them", async () => {
  writeFileSync(
    join(folder, "outer.ts"),
    `import { once } from "node:events";
import { parentPort, Worker } from "node:worker_threads";
const inner = new Worker("./w.ts", { workerData: { by: 2 } });
inner.postMessage({ values: [4] });
const [answer] = await once(inner, "message");
let refused = "";
try { new Worker("./wrong.ts"); } catch (error) { refused = (error as Error).message; }
await inner.terminate();
parentPort!.postMessage([...answer, /'string' is not assignable/.test(refused)]);
`,
  );
  const { result, error } = await cells.run(
    'const outer = new Worker("./outer.ts");\n(await once(outer, "message"))[0]',
  );
  expect([error, result]).toEqual([undefined, "[ 40, false, 'w.ts', 'w.ts', true ]"]);
});

test("errors: of the check where the thread is made, of the file as its error event", async () => {
  const refused = await cells.run('new Worker("./wrong.ts")');
  expect(refused.error?.message).toContain("Type 'string' is not assignable to type 'number'");
  const thrown = await cells.run(
    `const failing = new Worker("./w.ts", { workerData: { by: 1 } });
failing.postMessage({ values: [-9] });
const [reason] = await once(failing, "error");
[reason.name, reason.message, /w\\.ts:9/.test(reason.stack)]`,
  );
  expect(thrown.result).toBe("[ 'RangeError', 'below zero', true ]");
  const missing = await cells.run('new Worker("./nowhere.ts")');
  expect(missing.error?.message).toMatch(/nowhere/);
  const plain = await cells.run(
    'const evaluated = new Worker("require(\'node:worker_threads\').parentPort.postMessage(4)", { eval: true });\n(await once(evaluated, "message"))[0]',
  );
  expect(plain.result).toBe("4");
});
