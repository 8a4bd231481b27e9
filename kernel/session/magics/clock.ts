// `%time` and `%timeit`: the wall, the processor and the device. Ops may be computed after the call that asked for them, so the
// clock stops when the device has finished.

import { loadPrelude } from "../executor/library";

const defaultRuns = 7;
/** Seconds that one run of a loop lasts at least, when the number of loops is not given. */
const longEnough = 0.2;

/** Nested clocks, innermost last. */
const running: { wall: bigint; cpu: NodeJS.CpuUsage }[] = [];

function settled(): bigint {
  loadPrelude().torch.cpu.synchronize();
  return process.hrtime.bigint();
}

/** Starts the clock of `%time`. */
export function startClock(): void {
  settled();
  running.push({ cpu: process.cpuUsage(), wall: process.hrtime.bigint() });
}

/** Stops it and prints the times; gives back its argument, the value that was timed. */
export function stopClock<T>(value?: T): T | undefined {
  const end = settled();
  const start = running.pop();
  if (!start) return value;
  const { user, system } = process.cpuUsage(start.cpu);
  const [u, s, total] = [user, system, user + system].map((micros) => duration(micros / 1e6));
  process.stdout.write(`CPU times: user ${u}, sys: ${s}, total: ${total}\n`);
  process.stdout.write(`Wall time: ${duration(Number(end - start.wall) / 1e9)}\n`);
  return value;
}

/** Forgets clocks of a cell that failed. */
export function resetClocks(): void {
  running.length = 0;
}

/** `%timeit` of a function that waits for nothing. */
export function timeLoops(options: string, body: () => unknown): void {
  const run = (loops: number): number => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < loops; i++) body();
    return Number(settled() - start) / 1e9;
  };
  const { loops, runs } = parseOptions(options);
  settled();
  let count = loops ?? 1;
  for (let step = 0; loops === undefined && run(count) < longEnough; ) count = loopCount(++step);
  report(
    Array.from({ length: runs }, () => run(count) / count),
    count,
  );
}

/** `%timeit` of a function that waits. */
export async function timeAwaited(options: string, body: () => Promise<unknown>): Promise<void> {
  const run = async (loops: number): Promise<number> => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < loops; i++) await body();
    return Number(settled() - start) / 1e9;
  };
  const { loops, runs } = parseOptions(options);
  settled();
  let count = loops ?? 1;
  for (let step = 0; loops === undefined && (await run(count)) < longEnough; ) count = loopCount(++step);
  const times: number[] = [];
  while (times.length < runs) times.push((await run(count)) / count);
  report(times, count);
}

/** 1, 10, 100, … as Python's timeit prints them. */
function loopCount(step: number): number {
  return 10 ** step;
}

function parseOptions(text: string): { loops?: number; runs: number } {
  const value = (letter: string): number | undefined => {
    const found = new RegExp(`-${letter}\\s*(\\d+)`).exec(text)?.[1];
    return found === undefined ? undefined : Math.max(1, Number(found));
  };
  return { loops: value("n"), runs: value("r") ?? defaultRuns };
}

function report(times: number[], loops: number): void {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length);
  const runs = `${times.length} run${times.length === 1 ? "" : "s"}`;
  const each = `${loops.toLocaleString("en-US")} loop${loops === 1 ? "" : "s"} each`;
  const least = duration(Math.min(...times));
  process.stdout.write(
    `${duration(mean)} ± ${duration(deviation)} per loop (mean ± std. dev. of ${runs}, ${each}), min ${least}\n`,
  );
}

const units: [seconds: number, name: string][] = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
];

/** Three digits and a unit: `1.23 ms`; minutes and hours above a minute. */
export function duration(seconds: number): string {
  if (seconds >= 60) {
    const whole = Math.round(seconds);
    const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
    const named = ["h", "min", "s"].map((unit, i) => (parts[i] > 0 ? `${parts[i]}${unit}` : ""));
    return named.filter((part) => part !== "").join(" ");
  }
  const [size, name] = units.find(([size]) => seconds >= size) ?? units[3];
  return `${Number((seconds / size).toPrecision(3))} ${name}`;
}
