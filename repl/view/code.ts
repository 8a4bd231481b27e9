// Code as painted rows: colours, the prompt before each line, and where long lines are folded.

import { graphemes } from "../editor/motion";
import { lex, type Token } from "../language/lexer";
import type { Paint } from "./style";
import { width } from "./width";

/** Rows of the terminal, and where the caret is among them. */
export interface CodeRows {
  rows: string[];
  caret: { x: number; y: number };
}

/** The prompt of a cell and of its further lines, of equal width. */
export function prompts(cell: number): { first: string; next: string } {
  const first = `In [${cell}]: `;
  return { first, next: `${"...: ".padStart(first.length)}` };
}

/** Paints code with its prompts, unfolded: the form in which a cell stays in the scrollback. */
export function paintCell(code: string, cell: number, paint: Paint): string {
  const { first, next } = prompts(cell);
  const painted = paintCode(code, lex(code).tokens, 0, code.length, paint);
  return painted
    .split("\n")
    .map((line, index) => (index === 0 ? paint("prompt", first) : paint("continuation", next)) + line)
    .join("\n");
}

/**
 * Lays out lines in at most `columns` columns, folding what is longer.
 * @param caret the place of the cursor, line and UTF-16 column
 */
export function layoutCode(
  lines: readonly string[],
  caret: { line: number; column: number },
  prompt: { first: string; next: string },
  columns: number,
  paint: Paint,
  colored = true,
): CodeRows {
  const text = lines.join("\n");
  const tokens = colored ? lex(text).tokens : [];
  const indent = width(prompt.first);
  const room = Math.max(4, columns - indent);
  const rows: string[] = [];
  const place = { x: 0, y: 0 };
  let offset = 0;
  for (let line = 0; line < lines.length; line++) {
    const folds = fold(lines[line], room);
    for (let index = 0; index < folds.length; index++) {
      const start = folds[index];
      const end = folds[index + 1] ?? lines[line].length;
      const last = index === folds.length - 1;
      if (line === caret.line && caret.column >= start && (caret.column < end || last)) {
        place.x = indent + width(expand(lines[line].slice(start, caret.column)));
        place.y = rows.length;
      }
      const lead =
        index > 0
          ? " ".repeat(indent)
          : line === 0
            ? paint("prompt", prompt.first)
            : paint("continuation", prompt.next);
      rows.push(lead + expand(paintCode(text, tokens, offset + start, offset + end, paint)));
    }
    offset += lines[line].length + 1;
  }
  return { rows, caret: place };
}

/** The part `start` to `end` of a text with the colours of its tokens. */
export function paintCode(text: string, tokens: readonly Token[], start: number, end: number, paint: Paint): string {
  let out = "";
  let at = start;
  for (let index = firstEndingAfter(tokens, start); index < tokens.length && tokens[index].start < end; index++) {
    const token = tokens[index];
    const from = Math.max(token.start, start);
    const to = Math.min(token.end, end);
    out += text.slice(at, from) + paint(token.kind, text.slice(from, to));
    at = to;
  }
  return out + text.slice(at, end);
}

function firstEndingAfter(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle].end <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Offsets at which the rows of a line begin. The last row keeps a free column for the cursor. */
function fold(line: string, room: number): number[] {
  if (line.length < room && /^[ -~]*$/.test(line)) return [0];
  const starts = [0];
  let taken = 0;
  let at = 0;
  for (const cluster of graphemes(line)) {
    const size = width(expand(cluster));
    if (taken + size > room) {
      starts.push(at);
      taken = 0;
    }
    taken += size;
    at += cluster.length;
  }
  if (taken >= room) starts.push(at);
  return starts;
}

/** A tab in the editor is two columns wide; the text itself keeps it. */
function expand(text: string): string {
  return text.replaceAll("\t", "  ");
}
