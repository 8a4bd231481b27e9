// What code of cells asks the session while this thread waits: a line of the person's, the modules of a worker. The question goes out as a
// frame, and its answer is read from a pipe.

import { readSync } from "node:fs";
import { type ConvertedModule, executorFds } from "../wire";

/**
 * One line on the input pipe. Without a text or modules there will be no answer: the cell is stopped, or nobody can be asked, or the modules
 * have errors, with the reason.
 */
export type InputLine = { text: string } | { modules: ConvertedModule[] } | { stopped: true } | { refused: string };

/** Waits for the answer to the question that was asked last. */
export function readAnswer(): InputLine {
  const pieces: Buffer[] = [];
  const piece = Buffer.alloc(1 << 16);
  // There is one answer to each question, so what has come ends with it.
  for (let last = 0; last !== 10; ) {
    const count = readSync(executorFds.input, piece, 0, piece.length, null);
    if (count === 0) break;
    last = piece[count - 1];
    pieces.push(Buffer.from(piece.subarray(0, count)));
  }
  return JSON.parse(Buffer.concat(pieces).toString("utf8")) as InputLine;
}
