// `!command`: a shell whose output is shown as it comes, in order with that of the cell, and which ends when the cell is stopped.

import { type ChildProcess, spawn } from "node:child_process";

/** Milliseconds that output of a command may still take to arrive; processes that it left behind go on without being waited for. */
const drainTime = 200;
/** When an interrupted command gets which signal, in milliseconds; a shell that is just starting a program may miss the first. */
const signals: [after: number, name: NodeJS.Signals][] = [
  [0, "SIGINT"],
  [100, "SIGINT"],
  [1000, "SIGKILL"],
];

const commands = new Set<ChildProcess>();
/** Those that were told to end: how they do is no news. */
const stopped = new WeakSet<ChildProcess>();

/** What a shell answers when there is no such program. */
const notFound = 127;

/** Runs a command and shows what it prints; its exit status when that is not 0. `isVariable`: `!x` may have meant its negation. */
export async function shell(command: string, isVariable: (word: string) => boolean): Promise<void> {
  const status = await run(command, (text) => process.stdout.write(text));
  const word = /^[\w$]+/.exec(command)?.[0] ?? "";
  if (status === notFound && isVariable(word))
    tell(`${word} is a variable: write ! ${word} or (!${word}) for its negation`);
  if (/^cd(?:\s|$)/.test(command) && status === 0)
    tell("!cd changes the directory of a shell that has ended; write %cd");
}

/** Runs a command and gives the lines that it prints; what it prints as errors is shown. */
export async function shellLines(command: string): Promise<string[]> {
  const pieces: string[] = [];
  await run(command, (text) => pieces.push(text));
  const text = pieces.join("").replace(/\n$/, "");
  return text === "" ? [] : text.split("\n");
}

/** Ends the commands that run, as Ctrl-C in a terminal would. */
export function stopCommands(): void {
  for (const child of commands) {
    stopped.add(child);
    for (const [after, name] of signals) {
      if (after === 0) signal(child, name);
      else setTimeout(() => signal(child, name), after).unref();
    }
  }
}

function run(command: string, take: (text: string) => unknown): Promise<number | null> {
  // A group of its own: what the shell starts is stopped with it.
  const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"], detached: true });
  commands.add(child);
  child.stdout.setEncoding("utf8").on("data", take);
  child.stderr.setEncoding("utf8").on("data", (text: string) => process.stderr.write(text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (!commands.delete(child)) return;
      if (!stopped.has(child) && signal) tell(`ended by ${signal}`);
      else if (!stopped.has(child) && code !== 0) tell(`exit status ${code}`);
      resolve(code);
    };
    child.once("close", finish);
    child.once("exit", (code, signal) => setTimeout(() => finish(code, signal), drainTime).unref());
  });
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (!commands.has(child) || child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has just ended.
  }
}

process.on("exit", () => {
  for (const child of commands) signal(child, "SIGKILL");
});
