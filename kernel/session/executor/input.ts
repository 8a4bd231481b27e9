// `prompt`, `confirm` and `alert` of a cell: synchronous, as in a browser; `promptSecret` does not show what is typed. The front-end is asked by a frame, and its answer is read
// from a pipe while this thread waits.

import { Interrupted, type Interrupts } from "./interrupts";
import { readAnswer } from "./questions";
import type { ExecutorFrame } from "../wire";

/** Thrown to a cell that asks when nobody can answer. */
class InputRefused extends Error {
  override name = "InputRefused";
}

/** Defines the functions in this process. */
export function installInput(send: (frame: ExecutorFrame) => void, interrupts: Interrupts): void {
  const ask = (prompt: string, password = false): string => {
    send({ type: "inputRequest", prompt, password });
    const line = readAnswer();
    if ("stopped" in line) {
      interrupts.check(true);
      throw new Interrupted("No answer: the cell was stopped");
    }
    if ("refused" in line) throw new InputRefused(line.refused);
    return "text" in line ? line.text : "";
  };
  Object.assign(globalThis, {
    prompt: (message = "", initial = "") => ask(`${message} `.trimStart()) || initial,
    promptSecret: (message = "") => ask(`${message} `.trimStart(), true),
    confirm: (message = "") => /^y(es)?$/i.test(ask(`${message} [y/N] `.trimStart()).trim()),
    alert: (message = "") => void ask(`${message} [Enter] `.trimStart()),
  });
}
