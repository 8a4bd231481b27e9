// Scripts in a process of their own, for tests that measure a whole process or may end it. They use the compiled library by its name,
// as a user's script does.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** The folder of the project. */
export const root = join(__dirname, "..", "..");

/** How a script ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs JavaScript text (CommonJS) from a folder (default: the project's) to its end. */
export function runScript(
  source: string,
  options: { nodeArgs?: string[]; cwd?: string; timeout?: number } = {},
): Ended {
  const { nodeArgs = [], cwd = root, timeout = 600_000 } = options;
  const child = spawnSync(process.execPath, [...nodeArgs, "-e", source], {
    cwd,
    timeout,
    encoding: "utf8",
    maxBuffer: 64 << 20,
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  return { code: child.status, signal: child.signal, stdout: child.stdout, stderr: child.stderr };
}

/** Runs a script whose last line of output is JSON; throws with its errors when it fails. */
export function measureScript<T>(source: string, nodeArgs: string[] = []): T {
  const { code, signal, stdout, stderr } = runScript(source, { nodeArgs });
  if (code !== 0) throw new Error(`the script ended with ${signal ?? code}:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").slice(-1)[0]);
}
