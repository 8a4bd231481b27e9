// What cells see of the terminal that their output reaches in the end: its size, and what it can draw.

import { setDisplayTerminal } from "../../../core/display/host";
import { setTextWidth } from "./forms";
import type { Terminal } from "../protocol";

/** Tells the streams of this process, and values that show themselves. */
export function applyTerminal(terminal: Terminal): void {
  const { columns, rows } = terminal;
  setDisplayTerminal(terminal);
  setTextWidth(columns);
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.columns === columns && stream.rows === rows) continue;
    Object.assign(stream, { columns, rows });
    stream.emit("resize");
  }
}
