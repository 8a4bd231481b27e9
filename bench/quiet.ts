// Whether the machine was quiet during a run: processor time that neither we nor our children used went to other processes, and a
// measurement beside them says little. Linux only; elsewhere every run counts as quiet.

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Processor time so far in ticks: of the whole machine, and of this process with the children it has waited for. */
interface Ticks {
  readonly machine: number;
  readonly own: number;
  readonly at: number;
}

const TICKS_PER_SECOND = 100;
/** The share of all processors beyond which a run counts as disturbed. */
const DISTURBANCE = 0.1;

function ticks(): Ticks | null {
  try {
    // user nice system idle iowait irq softirq steal
    const [user, nice, system, , , irq, softirq, steal] = readFileSync("/proc/stat", "utf8")
      .split("\n")[0]
      .split(/\s+/)
      .slice(1)
      .map(Number);
    // Fields 14 to 17, counted behind the name in brackets: utime, stime, cutime, cstime.
    const stat = readFileSync("/proc/self/stat", "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const own = fields
      .slice(11, 15)
      .map(Number)
      .reduce((a, b) => a + b, 0);
    return { machine: user + nice + system + irq + softirq + steal, own, at: performance.now() };
  } catch {
    return null;
  }
}

/** Runs something that waits for its children; tells whether other processes took more than a tenth of the machine meanwhile. */
export function watched<T>(work: () => T): { result: T; disturbed: boolean } {
  const before = ticks();
  const result = work();
  const after = ticks();
  if (before === null || after === null) return { result, disturbed: false };
  const foreign = after.machine - before.machine - (after.own - before.own);
  const available = ((after.at - before.at) / 1000) * TICKS_PER_SECOND * availableParallelism();
  return { result, disturbed: foreign > DISTURBANCE * available + 2 };
}
