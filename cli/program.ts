// Runs one program through a session and prints what it prints: `cresset run`, `cresset -e` and text piped to `cresset`.

import { createInterface } from "node:readline/promises";
import type { SessionEvent } from "../kernel/session/protocol";
import { type SessionOptions, startSession } from "../kernel/session/session";

/** Exit status for errors of each kind; "died" has the executor's own where it has one. */
const statusOf = { check: 2, run: 1, interrupt: 130, died: 1 } as const;

export interface ProgramOptions extends SessionOptions {
  /** Whether the value of the last expression is printed. */
  printResult: boolean;
}

/** Checks and runs `source`; the exit status: 0, 1 for an uncaught error, 2 for a type error, or what the program ends with. */
export async function runProgram(source: string, { printResult, ...options }: ProgramOptions): Promise<number> {
  const session = startSession({ ...options, display: "text" });
  const live = new Map<string, string>();
  const settle = (id: string): void => {
    const text = live.get(id);
    if (text !== undefined) process.stderr.write(`${text}\n`);
    live.delete(id);
  };
  session.on((event: SessionEvent) => {
    if (event.type === "stream") process[event.name].write(event.text);
    else if (event.type === "result" && printResult) process.stdout.write(`${event.bundle["text/plain"]}\n`);
    else if (event.type === "display" && event.id === undefined)
      process.stdout.write(`${event.bundle["text/plain"]}\n`);
    else if (event.type === "display" || event.type === "updateDisplay")
      live.set(event.id ?? "", String(event.bundle["text/plain"]));
    else if (event.type === "finishDisplay") settle(event.id);
    else if (event.type === "inputRequest") void ask(event.prompt).then((answer) => session.input(answer));
  });
  const stop = (): void => session.interrupt();
  process.on("SIGINT", stop);
  // The reader of our output has gone, as in `cresset run f.ts | head`.
  process.stdout.on("error", () => void session.close().then(() => process.exit(0)));
  const { error } = await session.evaluate(withoutHashbang(source), 1);
  for (const id of [...live.keys()]) settle(id);
  const status = error ? (error.exitCode ?? statusOf[error.kind]) : await session.finish();
  if (error && error.exitCode === undefined) process.stderr.write(`${error.traceback.join("\n")}\n`);
  await session.close();
  process.off("SIGINT", stop);
  return status;
}

async function ask(prompt: string): Promise<string> {
  if (process.stdin.readableEnded) return "";
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  const answer = await Promise.race([lines.question(prompt), closed]);
  lines.close();
  return answer;
}

/** `#!/usr/bin/env cresset` as a comment, so that lines keep their numbers. */
function withoutHashbang(source: string): string {
  return source.replace(/^\uFEFF/, "").replace(/^#!/, "//");
}
