// Loaders with workers as programs use them: a data set reaches its workers from a script, an imported module or a closure, and what
// goes wrong there is told here.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as torch from "cresset";
import { afterAll, describe, expect, test } from "vitest";
import { measureScript, root, runProgram } from "../support/child";

const { DataLoader, Dataset, getWorkerInfo, IterableDataset } = torch.utils.data;

const folder = mkdtempSync(join(tmpdir(), "cresset-workers-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Numbers below `length`; `get` does what it is told. */
class Numbers extends Dataset<number> {
  constructor(
    readonly length: number,
    private readonly work: (index: number) => void = () => {},
  ) {
    super();
  }

  get(index: number): number {
    this.work(index);
    return index;
  }
}

describe("a data set reaches its workers", () => {
  test("from an imported ES module, by its export or without one", async () => {
    writeFileSync(
      join(folder, "shapes.mjs"),
      `
      let loads = 0;
      export const counter = () => ++loads;
      export class Exported { constructor(length) { this.length = length; } get(index) { return index * counter(); } }
      class Inner { length = 2; get(index) { return 10 + index; } }
      export const inner = new Inner();
      `,
    );
    const result = await measureScript<number[][]>(`
      const torch = require("cresset");
      const { DataLoader } = torch.utils.data;
      import(${JSON.stringify(join(folder, "shapes.mjs"))}).then(({ Exported, inner }) => {
        const items = (data) => [...new DataLoader(data, { numWorkers: 2 })].map((x) => x.item());
        console.log(JSON.stringify([items(new Exported(4)), items(inner)]));
      });
    `);
    expect(result).toEqual([
      [0, 1, 4, 6],
      [10, 11],
    ]);
  });

  test("from a script, which does not run again", async () => {
    writeFileSync(
      join(folder, "main.cjs"),
      `
      const { DataLoader, Dataset } = require(${JSON.stringify(root)}).utils.data;
      const factor = 3;
      class Own extends Dataset { length = 4; get(index) { return index * factor; } }
      console.log(JSON.stringify([...new DataLoader(new Own(), { numWorkers: 2, collateFn: ([x]) => x + factor })]));
      `,
    );
    const { stdout } = await runProgram(process.execPath, [join(folder, "main.cjs")]);
    expect(stdout).toBe("[3,6,9,12]\n");
  });
});

describe("what goes wrong in a worker", () => {
  test("reaches the loop with its class, its own stack and the item", () => {
    const loader = new DataLoader(
      new Numbers(6, (index) => {
        if (index === 4) throw new RangeError("no such thing");
      }),
      { batchSize: 2, numWorkers: 2 },
    );
    const seen: number[][] = [];
    let caught: unknown;
    try {
      for (const batch of loader) seen.push(batch.tolist() as number[]);
    } catch (error) {
      caught = error;
    }
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(caught).toBeInstanceOf(RangeError);
    expect(String(caught)).toBe("RangeError: Caught RangeError in DataLoader worker 0, at item 4.\nno such thing");
    expect((caught as Error).stack).toMatch(/workers\.test\.ts:\d+:\d+/);
  });

  test("is an error when the worker ends, also for want of memory", () => {
    const ends = new DataLoader(new Numbers(4, (index) => index === 2 && process.exit(1)), { numWorkers: 2 });
    expect(() => [...ends]).toThrow("DataLoader worker (0) exited unexpectedly");
    expect([...new DataLoader(new Numbers(2), { numWorkers: 2 })]).toHaveLength(2);
  });

  test("is an error when it takes too long", () => {
    const stuck = new DataLoader(
      new Numbers(2, (index) => {
        for (; index === 1; ) {}
      }),
      { numWorkers: 2, timeout: 1 },
    );
    expect(() => [...stuck]).toThrow("DataLoader timed out after 1 seconds");
  });

  test("or before one has begun is an error that leaves nothing behind", () => {
    const hidden = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("nobody may look");
        },
      },
    );
    const data = Object.assign(new Numbers(2), { hidden });
    for (let k = 0; k < 3; k++) expect(() => [...new DataLoader(data, { numWorkers: 2 })]).toThrow("nobody may look");
    expect([...new DataLoader(new Numbers(2), { numWorkers: 2 })]).toHaveLength(2);
  });

  test("is an error of workerInitFn", () => {
    const options = {
      numWorkers: 1,
      workerInitFn: () => {
        throw new TypeError("cannot begin");
      },
    };
    expect(() => [...new DataLoader([1], options)]).toThrow(
      /^Caught TypeError in DataLoader worker 0\.\ncannot begin$/,
    );
  });
});

describe("batches", () => {
  test("keep classes of the program and share nothing that can change", () => {
    class Sample {
      constructor(
        readonly name: string,
        readonly pixels: torch.Tensor,
      ) {}
    }
    const cached = torch.zeros(4096);
    const data = { length: 3, get: (index: number) => new Sample(`${index}`, cached) };
    const samples = [...new DataLoader(data, { batchSize: null, numWorkers: 1 })];
    expect(samples.every((sample) => sample instanceof Sample)).toBe(true);
    samples[0].pixels.add_(1);
    expect(samples.map(({ name, pixels }) => [name, pixels.sum().item()])).toEqual([
      ["0", 4096],
      ["1", 0],
      ["2", 0],
    ]);
    expect(cached.sum().item()).toBe(0);
  });

  test("come by for await, while timers run", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const slow = new Numbers(4, () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20));
    const seen: number[] = [];
    for await (const x of new DataLoader(slow, { numWorkers: 2 })) seen.push(x.item());
    clearInterval(timer);
    expect(seen).toEqual([0, 1, 2, 3]);
    expect(ticks).toBeGreaterThan(3);
  });

  test("of a stream end when every worker's part has ended", () => {
    class Part extends IterableDataset<number> {
      *[Symbol.iterator](): Iterator<number> {
        const { id = 0, numWorkers = 1 } = getWorkerInfo() ?? {};
        for (let k = id; k < 9; k += numWorkers) yield k;
      }
    }
    const batches = (options: { dropLast?: boolean }) =>
      [...new DataLoader(new Part(), { batchSize: 2, numWorkers: 2, ...options })].map((x) => x.tolist());
    expect(batches({})).toEqual([[0, 2], [1, 3], [4, 6], [5, 7], [8]]);
    expect(batches({ dropLast: true })).toEqual([
      [0, 2],
      [1, 3],
      [4, 6],
      [5, 7],
    ]);
  });

  test("that nobody takes free their workers", () => {
    const loader = new DataLoader(new Numbers(100), { numWorkers: 2 });
    for (let pass = 0; pass < 20; pass++) {
      for (const _ of loader) break;
    }
    expect([...loader]).toHaveLength(100);
  });

  test("of passes one after another are made by the same threads", async () => {
    const threads = await measureScript<number[]>(`
      const workers = require("node:worker_threads");
      const { DataLoader, Dataset } = require("cresset").utils.data;
      class Where extends Dataset { length = 4; get() { return workers.threadId; } }
      const seen = new Set();
      for (let pass = 0; pass < 10; pass++) {
        for (const thread of new DataLoader(new Where(), { batchSize: null, numWorkers: 2 })) seen.add(thread);
      }
      console.log(JSON.stringify([...seen]));
    `);
    expect(threads).toHaveLength(2);
  });

  test("leave memory as it was, pass after pass", async () => {
    const grown = await measureScript<number>(`
      const { DataLoader, Dataset } = require("cresset").utils.data;
      const torch = require("cresset");
      class Images extends Dataset { length = 64; get(index) { return torch.full([3, 64, 64], index); } }
      const loader = new DataLoader(new Images(), { batchSize: 16, numWorkers: 2, persistentWorkers: true });
      const pass = () => { for (const x of loader) x.sum(); };
      for (let k = 0; k < 60; k++) pass();
      const before = process.memoryUsage.rss();
      for (let k = 0; k < 100; k++) pass();
      console.log((process.memoryUsage.rss() - before) / 1e6);
    `);
    // A hundred passes make 315 MB of batches.
    expect(grown).toBeLessThan(50);
  });

  test("collect garbage in several threads at once", async () => {
    const failures = await measureScript<string[]>(`
      const { Worker } = require("node:worker_threads");
      const code = 'require("./dist/core/tensor/collector.js").collect("minor")';
      const failures = [];
      const round = (left) => {
        let running = 8;
        for (let k = 0; k < 8; k++) {
          const worker = new Worker(code, { eval: true });
          worker.on("error", ({ message }) => failures.push(message));
          worker.on("exit", () => {
            if (--running > 0) return;
            if (left > 0) round(left - 1);
            else console.log(JSON.stringify(failures));
          });
        }
      };
      round(7);
    `);
    expect(failures).toEqual([]);
  });
});
