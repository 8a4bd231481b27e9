// Paints the live region at the bottom of the terminal and moves finished text above it, into the scrollback. The layout engine
// gives whole frames; this writes only what changed, never erases more than its own rows, and finds its rows again after the
// terminal folded them differently at another width.

import { width } from "../view/width";

/** The part of `process.stdout` that is used. */
export interface Output {
  write(text: string): unknown;
  columns?: number;
  rows?: number;
}

/** Rows of the live region and the place of the cursor among them. */
export interface Frame {
  rows: readonly string[];
  caret: { x: number; y: number } | null;
}

/** Free rows above the live region: a region as tall as the terminal would push its own rows into the scrollback. */
export const FREE_ROWS = 2;

const BEGIN = "\u001b[?2026h\u001b[?25l";
const END = "\u001b[?2026l";
const SHOW = "\u001b[?25h";
/**
 * From column 0 to the end of the screen. Not by one `ESC[J`: at the top left corner tmux takes that for clearing the screen and
 * first copies everything into the scrollback.
 */
const ERASE_BELOW = "\u001b[C\u001b[J\r\u001b[K";
const ERASE_LINE = "\u001b[K";

export class Screen {
  private drawn: readonly string[] = [];
  /** Where the terminal's cursor is, in rows and columns of the region. */
  private x = 0;
  private y = 0;
  private hidden = false;
  private shown: { x: number; y: number } | null = null;

  constructor(private readonly output: Output) {}

  get columns(): number {
    return Math.max(1, this.output.columns ?? 80);
  }

  get rows(): number {
    return Math.max(1, this.output.rows ?? 24);
  }

  /** How many rows a frame may have. */
  get room(): number {
    return Math.max(1, this.rows - FREE_ROWS);
  }

  /** Goes to the start of a line: a new one when the cursor stands behind text, such as a shell's unfinished output. */
  open(): void {
    // As many blanks as columns: from column 0 they fill the line and wrap nothing, from any other they reach the next line.
    this.output.write(`${" ".repeat(this.columns)}\r${ERASE_LINE}`);
    this.forget();
  }

  /**
   * Shows a frame and, before it, moves text to the scrollback.
   * @param frame at most `room` rows; more are cut off at the top, so that no row of the region ever scrolls away
   * @param committed finished lines, each with its line end; empty when there is nothing to move
   */
  paint(frame: Frame, committed = ""): void {
    const cut = Math.max(0, frame.rows.length - this.room);
    const rows = cut === 0 ? frame.rows : frame.rows.slice(cut);
    const caret = frame.caret === null ? null : { x: frame.caret.x, y: Math.max(0, frame.caret.y - cut) };
    let out = "";
    if (committed !== "") {
      out += this.toStart() + ERASE_BELOW + committed.replace(/\r?\n/g, "\r\n");
      this.drawn = [];
      this.x = 0;
      this.y = 0;
    }
    out += this.difference(rows);
    if (out === "" && caret?.x === this.shown?.x && caret?.y === this.shown?.y) return;
    if (caret !== null) out += this.to(caret.x, caret.y);
    this.shown = caret;
    this.hidden = caret === null;
    this.output.write(BEGIN + out + (this.hidden ? "" : SHOW) + END);
  }

  /** Forgets and erases the region where it is now, after the terminal has changed its size. */
  resized(): void {
    // The terminal folded every row that is wider than itself and kept the cursor at its character.
    const columns = this.columns;
    let up = Math.floor(this.x / columns);
    for (const row of this.drawn.slice(0, this.y)) up += Math.max(1, Math.ceil(width(row) / columns));
    this.output.write(`${up > 0 ? `\u001b[${up}A` : ""}\r${ERASE_BELOW}`);
    this.forget();
  }

  /** Empties the visible screen, as people ask for with Ctrl-L; the scrollback stays. */
  clear(): void {
    this.output.write("\u001b[H\u001b[2J");
    this.forget();
  }

  /** Erases the region and leaves the cursor, visible, on its first row. */
  close(): void {
    this.output.write(`${this.toStart()}${ERASE_BELOW}${SHOW}`);
    this.forget();
  }

  /** Takes the place where the cursor is, in column 0, as the start of the region. */
  forget(): void {
    this.drawn = [];
    this.x = 0;
    this.y = 0;
    this.shown = null;
  }

  private toStart(): string {
    return `${this.y > 0 ? `\u001b[${this.y}A` : ""}\r`;
  }

  private to(x: number, y: number): string {
    const rows = y - this.y;
    const vertical = rows === 0 ? "" : rows > 0 ? `\u001b[${rows}B` : `\u001b[${-rows}A`;
    this.x = x;
    this.y = y;
    return `${vertical}\r${x > 0 ? `\u001b[${x}C` : ""}`;
  }

  /** What turns the drawn rows into `rows`. */
  private difference(rows: readonly string[]): string {
    let out = "";
    const before = this.drawn;
    for (let index = 0; index < rows.length; index++) {
      if (index < before.length) {
        if (rows[index] === before[index]) continue;
        out += `${this.to(0, index)}${rows[index]}${ERASE_LINE}`;
      } else {
        // A new row is made by a line feed, which scrolls where the region stands at the bottom.
        if (index > 0) out += `${this.to(0, index - 1)}\r\n`;
        out += rows[index];
        this.y = index;
      }
      this.x = width(rows[index]);
    }
    if (rows.length < before.length) {
      out += `${this.to(0, Math.max(0, rows.length))}${ERASE_BELOW}`;
      // An empty frame keeps the cursor on the row where the next one begins.
      if (rows.length > 0) out += this.to(0, rows.length - 1);
    }
    this.drawn = rows;
    return out;
  }
}
