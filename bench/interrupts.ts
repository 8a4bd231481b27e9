// Interrupts at random moments, in every situation in which a cell can be: how long the cell takes to end, whether its `finally`
// block ran, and whether the session kept its variables. Run alone: node dist/bench/interrupts.js [COUNT]

import { setTimeout as sleep } from "node:timers/promises";
import { startSession } from "../kernel/session/session";

/** What the cell does until it is stopped; `console.log('in')` has been called before. */
export const situations = {
  "synchronous loop": "let n = 0; while (true) n++;",
  "loop after await": "await null; let n = 0; for (;;) n++;",
  "pending await": "await new Promise(() => {});",
  "await of a timer": "const pause = (ms: number) => new Promise((done) => setTimeout(done, ms)); await pause(1e8);",
  "loop of awaits":
    "const pause = (ms: number) => new Promise((done) => setTimeout(done, ms)); while (true) await pause(1);",
  "tensor loop": "let x = torch.randn(300, 300); while (true) x = x.matmul(x).tanh();",
  "wait for input": "prompt('?');",
  "loop in a loop that catches all": "let n = 0; while (true) { try { while (true) n++; } catch {} }",
  "output storm": "for (let i = 0; ; i++) console.log('line', i);",
} as const;

export interface Stopped {
  situation: string;
  /** Milliseconds from the interrupt to the cell's end. */
  latency: number;
  /** Whether it was an interrupt that ended the cell, and variables and `finally` were as they should be. */
  kept: boolean;
}

/** Interrupts `count` cells in turn, each at a random moment of its first `within` milliseconds. */
export async function stress(count: number, within: number): Promise<Stopped[]> {
  const session = startSession({ display: "text" });
  let started: () => void = () => {};
  let result = "";
  session.on((event) => {
    if (event.type === "stream" || event.type === "inputRequest") started();
    if (event.type === "result") result = String(event.bundle["text/plain"]);
  });
  let cell = 0;
  const evaluate = (code: string) => session.evaluate(code, ++cell);
  await evaluate("let cleaned = 0; const held = torch.ones(3);");
  const names = Object.keys(situations) as (keyof typeof situations)[];
  const stopped: Stopped[] = [];
  for (let i = 0; i < count; i++) {
    const situation = names[i % names.length];
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const reply = evaluate(`console.log('in'); try { ${situations[situation]} } finally { cleaned++; }`);
    await running;
    await sleep(Math.random() * within);
    const at = performance.now();
    session.interrupt();
    const { error } = await reply;
    const latency = performance.now() - at;
    await evaluate("[cleaned, held.sum().item()].join()");
    stopped.push({ situation, latency, kept: error?.kind === "interrupt" && result === `'${i + 1},3'` });
  }
  await session.close();
  return stopped;
}

async function main(): Promise<void> {
  const stopped = await stress(Number(process.argv[2] ?? 500), 30);
  for (const situation of [...Object.keys(situations), "all"]) {
    const rows = stopped.filter((row) => situation === "all" || row.situation === situation);
    const times = rows.map((row) => row.latency).sort((a, b) => a - b);
    const [median, most] = [times[times.length >> 1], times[times.length - 1]];
    const kept = rows.filter((row) => row.kept).length;
    console.log(
      `${situation.padEnd(18)} ${kept}/${rows.length} kept, median ${median.toFixed(1)} ms, most ${most.toFixed(1)} ms`,
    );
  }
}

if (require.main === module) void main();
