// `prompt`, `confirm` and `alert` of a cell: synchronous, as in a browser. The front-end is asked by a frame, and its answer is read
// from a pipe while this thread waits.

import { readSync } from "node:fs";
import { Interrupted } from "./interrupts";
import { type ExecutorFrame, executorFds } from "./wire";

/** One line on the input pipe; `null`: there will be no answer. */
export type InputLine = { text: string | null };

function readLine(): InputLine {
  const bytes: number[] = [];
  const byte = Buffer.alloc(1);
  while (readSync(executorFds.input, byte, 0, 1, null) === 1 && byte[0] !== 10) bytes.push(byte[0]);
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as InputLine;
}

/** Defines the three functions in this process. */
export function installInput(send: (frame: ExecutorFrame) => void): void {
  const ask = (prompt: string): string => {
    send({ type: "inputRequest", prompt, password: false });
    const { text } = readLine();
    if (text === null) throw new Interrupted("Interrupted");
    return text;
  };
  Object.assign(globalThis, {
    prompt: (message = "", initial = "") => ask(`${message} `.trimStart()) || initial,
    confirm: (message = "") => /^y(es)?$/i.test(ask(`${message} [y/N] `.trimStart()).trim()),
    alert: (message = "") => void ask(`${message} [Enter] `.trimStart()),
  });
}
