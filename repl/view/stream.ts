// The output of a cell on its way to the scrollback: whole lines go at once, the line that is not finished stays in the live
// region, where a carriage return writes it anew (progress bars of other programs).

import { harmless } from "./width";

/** Longer unfinished lines are committed as they are: a region row shows no more anyway. */
const LONGEST_TAIL = 8192;

export class StreamText {
  private partial = "";

  /** The unfinished line as a terminal would show it. */
  get tail(): string {
    return settle(this.partial);
  }

  /** Takes output and gives the lines that are finished by it, each with its line end. */
  push(text: string): string {
    const all = this.partial + harmless(text);
    const end = all.lastIndexOf("\n") + 1;
    this.partial = all.slice(end);
    let lines = end === 0 ? "" : all.slice(0, end);
    if (lines.includes("\r")) lines = lines.split("\n").map(settle).join("\n");
    if (this.partial.length > LONGEST_TAIL) {
      if (this.partial.includes("\r")) this.partial = this.tail;
      else lines += this.flush();
    }
    return lines;
  }

  /** Finishes the last line; empty when nothing is open. */
  flush(): string {
    const tail = this.tail;
    this.partial = "";
    return tail === "" ? "" : `${tail}\n`;
  }
}

/** What is left of a line after its carriage returns: the last part that wrote something. */
function settle(line: string): string {
  if (!line.includes("\r")) return line;
  const parts = line.split("\r").filter((part) => part !== "");
  return parts[parts.length - 1] ?? "";
}
