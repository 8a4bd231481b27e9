// `prompt`, `confirm` and `alert` of a cell: synchronous, as in a browser; `promptSecret` does not show what is typed. The front-end is asked by a frame, and its answer is read
// from a pipe while this thread waits.

import { readSync } from "node:fs";
import { Interrupted, type Interrupts } from "./interrupts";
import { type ExecutorFrame, executorFds } from "../wire";

/** One line on the input pipe. Without a text there will be no answer: the cell is stopped, or nobody can be asked, with the reason. */
export type InputLine = { text: string } | { stopped: true } | { refused: string };

/** Thrown to a cell that asks when nobody can answer. */
class InputRefused extends Error {
  override name = "InputRefused";
}

function readLine(): InputLine {
  const bytes: number[] = [];
  const byte = Buffer.alloc(1);
  while (readSync(executorFds.input, byte, 0, 1, null) === 1 && byte[0] !== 10) bytes.push(byte[0]);
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as InputLine;
}

/** Defines the functions in this process. */
export function installInput(send: (frame: ExecutorFrame) => void, interrupts: Interrupts): void {
  const ask = (prompt: string, password = false): string => {
    send({ type: "inputRequest", prompt, password });
    const line = readLine();
    if ("stopped" in line) {
      interrupts.check(true);
      throw new Interrupted("No answer: the cell was stopped");
    }
    if ("refused" in line) throw new InputRefused(line.refused);
    return line.text;
  };
  Object.assign(globalThis, {
    prompt: (message = "", initial = "") => ask(`${message} `.trimStart()) || initial,
    promptSecret: (message = "") => ask(`${message} `.trimStart(), true),
    confirm: (message = "") => /^y(es)?$/i.test(ask(`${message} [y/N] `.trimStart()).trim()),
    alert: (message = "") => void ask(`${message} [Enter] `.trimStart()),
  });
}
