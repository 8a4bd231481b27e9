// The text being edited: lines, cursor, undo, kill ring. Plain data outside React, so that any number of keys between two frames
// costs nothing and none is lost. Columns are UTF-16 offsets; motions go by grapheme, so a cursor never stands inside a character.

import { nextGrapheme, previousGrapheme, wordEnd, wordStart } from "./motion";

/** A place in the text: line and UTF-16 column, both from 0. */
export interface Caret {
  line: number;
  column: number;
}

interface Snapshot {
  lines: readonly string[];
  caret: Caret;
}

/** Edits of one kind in a row are undone together. */
type EditKind = "type" | "delete" | "other";

const UNDO_LIMIT = 500;
const KILL_LIMIT = 60;

/** Spaces per level of indentation. */
export const INDENT = "  ";

export class TextBuffer {
  lines: readonly string[] = [""];
  caret: Caret = { line: 0, column: 0 };
  private undoStack: Snapshot[] = [];
  private redoStack: Snapshot[] = [];
  private lastEdit: EditKind | null = null;
  private kills: string[] = [];
  private yanked: { start: Caret; index: number } | null = null;
  /** The column that vertical motion aims for, while it lasts. */
  private goal: number | null = null;

  get text(): string {
    return this.lines.join("\n");
  }

  get empty(): boolean {
    return this.lines.length === 1 && this.lines[0] === "";
  }

  /** The text of the caret's line before the caret. */
  get before(): string {
    return this.lines[this.caret.line].slice(0, this.caret.column);
  }

  /** The caret as an offset into `text`. */
  get offset(): number {
    return this.offsetOf(this.caret);
  }

  /** Replaces everything, as one step of undo; the caret goes to the end unless given as an offset. */
  setText(text: string, offset = text.length): void {
    this.record("other");
    this.lines = text.split("\n");
    this.caret = this.caretAt(offset);
  }

  /** Empties the text and forgets undo: what follows is another cell. The kill ring stays. */
  reset(): void {
    this.lines = [""];
    this.caret = { line: 0, column: 0 };
    this.undoStack = [];
    this.redoStack = [];
    this.settle();
  }

  /** Inserts text at the caret. Single words are undone one by one, pastes as a whole. */
  insert(text: string): void {
    this.record(text.length > 2 || text.includes("\n") ? "other" : "type");
    this.splice(this.caret, this.caret, text);
    // A space ends an undo group, so undo goes word by word.
    if (text === " ") this.lastEdit = null;
  }

  /** Replaces the text between two offsets. */
  replace(start: number, end: number, text: string): void {
    this.record("other");
    this.splice(this.caretAt(start), this.caretAt(end), text);
  }

  /** Starts a new line, indented by `indent`. */
  newline(indent = ""): void {
    this.record("other");
    this.splice(this.caret, this.caret, `\n${indent}`);
  }

  backspace(): void {
    const before = this.before;
    // In the indentation one press takes a level.
    if (before !== "" && /^ +$/.test(before)) {
      const width = before.length % INDENT.length || INDENT.length;
      this.erase({ line: this.caret.line, column: before.length - width }, this.caret);
    } else this.erase(this.left(this.caret), this.caret);
  }

  delete(): void {
    this.erase(this.caret, this.right(this.caret));
  }

  moveLeft(): void {
    this.moveTo(this.left(this.caret));
  }

  moveRight(): void {
    this.moveTo(this.right(this.caret));
  }

  moveWordLeft(): void {
    this.moveTo(this.wordLeft());
  }

  moveWordRight(): void {
    this.moveTo(this.wordRight());
  }

  /** Moves to the first character of the line, or to its very start when already there. */
  moveHome(): void {
    const line = this.lines[this.caret.line];
    const first = line.length - line.trimStart().length;
    this.moveTo({ line: this.caret.line, column: this.caret.column === first ? 0 : first });
  }

  moveEnd(): void {
    this.moveTo({ line: this.caret.line, column: this.lines[this.caret.line].length });
  }

  moveStart(): void {
    this.moveTo({ line: 0, column: 0 });
  }

  moveLast(): void {
    const line = this.lines.length - 1;
    this.moveTo({ line, column: this.lines[line].length });
  }

  /** Moves one line up or down; false when there is none. */
  moveVertically(step: -1 | 1): boolean {
    const line = this.caret.line + step;
    if (line < 0 || line >= this.lines.length) return false;
    const goal = this.goal ?? this.caret.column;
    this.moveTo(this.snap({ line, column: goal }));
    this.goal = goal;
    return true;
  }

  killLine(): void {
    const end = this.lines[this.caret.line].length;
    const here = this.caret.column < end ? { line: this.caret.line, column: end } : this.right(this.caret);
    this.kill(this.caret, here);
  }

  killToStart(): void {
    this.kill({ line: this.caret.line, column: 0 }, this.caret);
  }

  killWordLeft(): void {
    this.kill(this.wordLeft(), this.caret);
  }

  killWordRight(): void {
    this.kill(this.caret, this.wordRight());
  }

  /** Inserts what was killed last. */
  yank(): void {
    if (this.kills.length === 0) return;
    const start = this.caret;
    this.insert(this.kills[0]);
    this.yanked = { start, index: 0 };
  }

  /** Right after a yank: replaces what it inserted by the kill before it. */
  yankPop(): void {
    if (this.yanked === null) return;
    const { start } = this.yanked;
    const index = (this.yanked.index + 1) % this.kills.length;
    this.splice(start, this.caret, this.kills[index]);
    this.yanked = { start, index };
  }

  undo(): void {
    this.travel(this.undoStack, this.redoStack);
  }

  redo(): void {
    this.travel(this.redoStack, this.undoStack);
  }

  /** Exchanges the caret's line with its neighbour. */
  moveLine(step: -1 | 1): void {
    const { line, column } = this.caret;
    const other = line + step;
    if (other < 0 || other >= this.lines.length) return;
    this.record("other");
    const lines = [...this.lines];
    [lines[line], lines[other]] = [lines[other], lines[line]];
    this.lines = lines;
    this.caret = { line: other, column };
  }

  private offsetOf(caret: Caret): number {
    let offset = caret.column;
    for (let line = 0; line < caret.line; line++) offset += this.lines[line].length + 1;
    return offset;
  }

  private caretAt(offset: number): Caret {
    let rest = Math.max(0, offset);
    for (let line = 0; line < this.lines.length; line++) {
      if (rest <= this.lines[line].length) return { line, column: rest };
      rest -= this.lines[line].length + 1;
    }
    const line = this.lines.length - 1;
    return { line, column: this.lines[line].length };
  }

  private left({ line, column }: Caret): Caret {
    if (column > 0) return { line, column: previousGrapheme(this.lines[line], column) };
    return line > 0 ? { line: line - 1, column: this.lines[line - 1].length } : { line, column };
  }

  private right({ line, column }: Caret): Caret {
    if (column < this.lines[line].length) return { line, column: nextGrapheme(this.lines[line], column) };
    return line + 1 < this.lines.length ? { line: line + 1, column: 0 } : { line, column };
  }

  private wordLeft(): Caret {
    const { line, column } = this.caret;
    return column === 0 ? this.left(this.caret) : { line, column: wordStart(this.lines[line], column) };
  }

  private wordRight(): Caret {
    const { line, column } = this.caret;
    const text = this.lines[line];
    return column === text.length ? this.right(this.caret) : { line, column: wordEnd(text, column) };
  }

  private snap({ line, column }: Caret): Caret {
    const text = this.lines[line];
    if (column >= text.length) return { line, column: text.length };
    return { line, column: column === 0 ? 0 : previousGrapheme(text, column + 1) };
  }

  private moveTo(caret: Caret): void {
    this.settle();
    this.caret = caret;
  }

  /** Ends what only lasts while one command is repeated. */
  private settle(): void {
    this.lastEdit = null;
    this.yanked = null;
    this.goal = null;
  }

  private erase(start: Caret, end: Caret): void {
    if (start.line === end.line && start.column === end.column) return;
    this.record("delete");
    this.splice(start, end, "");
  }

  private kill(start: Caret, end: Caret): void {
    const text = this.text.slice(this.offsetOf(start), this.offsetOf(end));
    if (text === "") return;
    this.kills = [text, ...this.kills].slice(0, KILL_LIMIT);
    this.record("other");
    this.splice(start, end, "");
  }

  private splice(start: Caret, end: Caret, text: string): void {
    const head = this.lines[start.line].slice(0, start.column);
    const tail = this.lines[end.line].slice(end.column);
    const middle = (head + text).split("\n");
    const line = start.line + middle.length - 1;
    const column = middle[middle.length - 1].length;
    middle[middle.length - 1] += tail;
    this.lines = [...this.lines.slice(0, start.line), ...middle, ...this.lines.slice(end.line + 1)];
    this.caret = { line, column };
  }

  private record(kind: EditKind): void {
    const grouped = kind !== "other" && kind === this.lastEdit;
    this.settle();
    this.lastEdit = kind;
    this.redoStack = [];
    if (grouped) return;
    this.undoStack.push({ lines: this.lines, caret: this.caret });
    if (this.undoStack.length > UNDO_LIMIT) this.undoStack.shift();
  }

  private travel(from: Snapshot[], to: Snapshot[]): void {
    const snapshot = from.pop();
    if (snapshot === undefined) return;
    to.push({ lines: this.lines, caret: this.caret });
    this.lines = snapshot.lines;
    this.caret = snapshot.caret;
    this.settle();
  }
}
