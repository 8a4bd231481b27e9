// Many cells in one session: what its processes hold before and after. Run alone: node dist/bench/soak.js [COUNT]

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startSession } from "../kernel/session/session";

/** Cells as people write them: the same names again and again, now and then a new one, output, tensors, awaits. */
const cells: readonly ((i: number) => string)[] = [
  (i) => `let x = ${i}; const scale = (v: number) => v * x; scale(2)`,
  (i) => `const t = torch.ones(64, 64).mul(${i % 7}); t.sum().item()`,
  (i) => `for (let k = 0; k < 3; k++) console.log("cell", ${i}, k);`,
  (i) =>
    `class Point { constructor(readonly a: number) {} shift() { return new Point(this.a + x); } } new Point(${i}).shift().a`,
  (i) => `await new Promise((done) => setImmediate(done)); const text = "t".repeat(1000) + ${i}; text.length`,
  (i) => `const wanted = ${i}; if (wanted < 0) throw new Error("never"); t.shape`,
];

/** Milliseconds after the last cell, by which a session has tidied up. */
const rest = 2500;

export interface Memory {
  /** Bytes by process, "session" being this one. */
  [process: string]: number;
}

/** What this process and its children hold for themselves, in bytes. What they share depends on who else runs. */
export function memoryOfTree(): Memory {
  const held: Memory = {};
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const parent = Number(
        readFileSync(`/proc/${pid}/stat`, "utf8")
          .replace(/^.*\) \S+ /s, "")
          .split(" ")[0],
      );
      if (Number(pid) !== process.pid && parent !== process.pid) continue;
      const script = readFileSync(`/proc/${pid}/cmdline`, "utf8")
        .split("\0")
        .find((part) => part.endsWith(".js"));
      const name = Number(pid) === process.pid ? "session" : (script?.replace(/^.*\//, "").replace(".js", "") ?? pid);
      const own = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm);
      for (const [, kibibytes] of own) held[name] = (held[name] ?? 0) + Number(kibibytes) * 1024;
    } catch {
      // Ended meanwhile.
    }
  }
  return held;
}

/** Runs `count` cells after `warmUp` others; what was held at rest after each. */
export async function soak(count: number, warmUp: number): Promise<{ before: Memory; after: Memory; failed: number }> {
  const session = startSession();
  let failed = 0;
  let number = 0;
  const run = async (amount: number): Promise<void> => {
    for (let i = 0; i < amount; i++) {
      number++;
      const { status } = await session.evaluate(cells[number % cells.length](number), number);
      if (status === "error") failed++;
    }
  };
  await session.evaluate(cells[0](0), 0);
  await session.evaluate(cells[1](0), 0);
  await run(warmUp);
  await sleep(rest);
  const before = memoryOfTree();
  await run(count);
  await sleep(rest);
  const after = memoryOfTree();
  await session.close();
  return { before, after, failed };
}

async function main(): Promise<void> {
  const [count = 5000, warmUp = 300] = process.argv.slice(2).map(Number);
  const { before, after, failed } = await soak(count, warmUp);
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  for (const name of Object.keys(after)) console.log(`${name.padEnd(10)} ${mib(before[name])} -> ${mib(after[name])}`);
  const sum = (memory: Memory) => Object.values(memory).reduce((a, b) => a + b, 0);
  console.log(`${count} cells, ${failed} failed: ${mib(sum(after) - sum(before))} more`);
}

if (require.main === module) void main();
