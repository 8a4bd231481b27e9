// Synchronous calls of child processes: the main thread hears nothing while one goes on, so the watchdog thread stops the child.

import childProcess from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { type Interrupts, shared } from "./interrupts";

/** In the environment of what a call starts, and of what that starts: how the processes of a call are found. */
const mark = "CRESSET_CALL";

function markOf(call: number): string {
  return `${process.pid}.${call}`;
}

type Call = (...given: unknown[]) => unknown;

function isOptions(value: unknown): value is { env?: NodeJS.ProcessEnv } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Makes Node's synchronous calls stoppable: their child is interrupted, and what called them is thrown the interrupt. `ended` is
 * called after each.
 */
export function watchChildCalls(interrupts: Interrupts, ended: () => void): void {
  const { state } = interrupts;
  let count = 0;
  const watched =
    (call: Call): Call =>
    (...given) => {
      const options = isOptions(given.at(-1)) ? given.pop() : undefined;
      const { env = process.env } = (options ?? {}) as { env?: NodeJS.ProcessEnv };
      Atomics.store(state, shared.child, ++count);
      let interrupted = false;
      try {
        const result = call(...given, { ...(options as object), env: { ...env, [mark]: markOf(count) } });
        interrupted = wasSignalled(result);
        return result;
      } catch (error) {
        interrupted = wasSignalled(error);
        throw error;
      } finally {
        Atomics.store(state, shared.child, 0);
        ended();
        interrupts.check(interrupted);
      }
    };
  const functions = childProcess as unknown as Record<string, Call>;
  for (const name of ["spawnSync", "execFileSync", "execSync"]) functions[name] = watched(functions[name]);
}

/** Ended by Ctrl-C, which in a terminal reaches the child before this process hears of it. */
function wasSignalled(ended: unknown): boolean {
  const { signal, status } = (ended ?? {}) as { signal?: unknown; status?: unknown };
  return signal === "SIGINT" || status === 130;
}

/** Sends a signal to the processes of a call. */
export function signalChild(call: number, signal: NodeJS.Signals): void {
  const wanted = `${mark}=${markOf(call)}\0`;
  for (const pid of processes()) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (readFileSync(`/proc/${pid}/environ`, "latin1").includes(wanted)) process.kill(Number(pid), signal);
    } catch {
      // Another user's, or gone.
    }
  }
}

function processes(): string[] {
  try {
    return readdirSync("/proc");
  } catch {
    // A system without it, where the call goes on to its end.
    return [];
  }
}
