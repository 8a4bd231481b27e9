// Scripts in a process of their own, for tests that measure a whole process or may end it. They use the compiled library by its name,
// as a user's script does. The test waits without blocking, since its own process must answer meanwhile.

import { spawn } from "node:child_process";
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

/** Runs a program to its end; it is killed after `timeout` milliseconds. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { cwd?: string; timeout?: number } = {},
): Promise<Ended> {
  const { cwd = root, timeout = 600_000 } = options;
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_OPTIONS: "" };
    const child = spawn(command, args, { cwd, env, timeout, killSignal: "SIGKILL", stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs JavaScript text (CommonJS) from a folder (default: the project's) to its end. */
export function runScript(
  source: string,
  options: { nodeArgs?: string[]; cwd?: string; timeout?: number } = {},
): Promise<Ended> {
  return runProgram(process.execPath, [...(options.nodeArgs ?? []), "-e", source], options);
}

/** Runs a script whose last line of output is JSON; throws with its errors when it fails. */
export async function measureScript<T>(source: string, nodeArgs: string[] = []): Promise<T> {
  const { code, signal, stdout, stderr } = await runScript(source, { nodeArgs });
  if (code !== 0) throw new Error(`the script ended with ${signal ?? code}:\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").slice(-1)[0]);
}
