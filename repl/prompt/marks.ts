// What stands out in the cell that is being written: names that nobody knows, and the bracket that belongs to the one at the caret.

import type { TokensReply } from "../../kernel/session/protocol";
import type { TextBuffer } from "../editor/buffer";
import type { Marks } from "../view/code";

/** The marks of a text about which the session has told. */
export function marksOf({ tokens, brackets }: TokensReply, buffer: TextBuffer): Marks {
  const marks: Marks = new Map();
  const starts: number[] = [];
  let start = 0;
  for (const line of buffer.lines) {
    starts.push(start);
    start += line.length + 1;
  }
  const mark = (offset: number, style: "unknown" | "bracket"): void => {
    let line = starts.length - 1;
    while (starts[line] > offset) line--;
    const ofLine = marks.get(line) ?? new Map();
    marks.set(line, ofLine.set(offset - starts[line], style));
  };
  for (const token of tokens) if (token.unknown) mark(token.start, "unknown");
  const { offset } = buffer;
  const pair = brackets.find((places) => places.some((at) => at === offset || at === offset - 1));
  for (const at of pair ?? []) mark(at, "bracket");
  return marks;
}
