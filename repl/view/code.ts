// Code as painted rows: colours, the prompt before each line, and where long lines are folded.

import { graphemes } from "../editor/motion";
import { lex, lexLine, startState, type Token } from "../language/lexer";
import type { Paint, Style } from "./style";
import { width } from "./width";

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

/** Words that stand out: line → column of a token → style. */
export type Marks = Map<number, Map<number, Style>>;

/** A cell folded to at most `columns` columns. Only the rows that are asked for are painted: a key in a long cell paints a screenful. */
export class CodeLayout {
  /** Rows of the whole cell. */
  readonly height: number;
  /** The place of the cursor among them. */
  readonly caret: { x: number; y: number } = { x: 0, y: 0 };
  private readonly indent: number;
  private readonly room: number;
  /** The row at which each line begins. */
  private readonly firsts: number[] = [];

  /** @param caret the place of the cursor, line and UTF-16 column */
  constructor(
    private readonly lines: readonly string[],
    caret: { line: number; column: number },
    private readonly prompt: { first: string; next: string },
    columns: number,
  ) {
    this.indent = width(prompt.first);
    this.room = Math.max(4, columns - this.indent);
    let height = 0;
    for (const line of lines) {
      this.firsts.push(height);
      height += foldsOf(line, this.room).length;
    }
    this.height = height;
    const line = lines[caret.line];
    const folds = foldsOf(line, this.room);
    const after = folds.findIndex((start) => start > caret.column);
    const fold = (after < 0 ? folds.length : after) - 1;
    this.caret.x = this.indent + width(expand(line.slice(folds[fold], caret.column)));
    this.caret.y = this.firsts[caret.line] + fold;
  }

  /** The rows from `from` up to `to`, painted. */
  rows(from: number, to: number, paint: Paint, colored = true, marks?: Marks): string[] {
    const rows: string[] = [];
    let state = startState();
    for (let line = 0; line < this.lines.length && this.firsts[line] < to; line++) {
      const text = this.lines[line];
      const { tokens, next } = lexLine(text, state);
      state = next;
      if ((this.firsts[line + 1] ?? this.height) <= from) continue;
      const folds = foldsOf(text, this.room);
      folds.forEach((start, fold) => {
        const row = this.firsts[line] + fold;
        if (row < from || row >= to) return;
        const end = folds[fold + 1] ?? text.length;
        const part = paintCode(text, colored ? tokens : [], start, end, paint, marks?.get(line));
        rows.push(this.lead(line, fold, paint) + expand(part));
      });
    }
    return rows;
  }

  private lead(line: number, fold: number, paint: Paint): string {
    if (fold > 0) return " ".repeat(this.indent);
    return line === 0 ? paint("prompt", this.prompt.first) : paint("continuation", this.prompt.next);
  }
}

/** The part `start` to `end` of a text with the colours of its tokens. */
export function paintCode(
  text: string,
  tokens: readonly Token[],
  start: number,
  end: number,
  paint: Paint,
  marks?: ReadonlyMap<number, Style>,
): string {
  let out = "";
  let at = start;
  for (let index = firstEndingAfter(tokens, start); index < tokens.length && tokens[index].start < end; index++) {
    const token = tokens[index];
    const from = Math.max(token.start, start);
    const to = Math.min(token.end, end);
    out += text.slice(at, from) + paint(marks?.get(token.start) ?? token.kind, text.slice(from, to));
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

const unfolded = [0];
/** Lines that had to be measured, for one width. */
const measured = { room: 0, folds: new Map<string, readonly number[]>() };
const measuredAtMost = 5000;

/** Offsets at which the rows of a line begin. The last row keeps a free column for the cursor. */
function foldsOf(line: string, room: number): readonly number[] {
  if (line.length < room && /^[ -~]*$/.test(line)) return unfolded;
  if (measured.room !== room || measured.folds.size > measuredAtMost) {
    measured.room = room;
    measured.folds.clear();
  }
  let folds = measured.folds.get(line);
  if (folds === undefined) {
    folds = fold(line, room);
    measured.folds.set(line, folds);
  }
  return folds;
}

function fold(line: string, room: number): number[] {
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
