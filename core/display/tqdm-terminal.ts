// Progress bars of a plain script, on its error stream: one line per nested bar, drawn over itself in a terminal; elsewhere, as in a
// log, a line now and then and the final one.

import { stripVTControlCharacters } from "node:util";

const UP = "\x1b[A";

/** Draws a bar for a width (null: as wide as it needs). */
type Draw = (ncols: number | null) => string;

/** Milliseconds between two lines of a bar where lines stay. */
const LINE_INTERVAL = 10_000;

class TerminalBars {
  /** Bars shown now; a bar's place is its line below the cursor. */
  private readonly bars: object[] = [];
  private readonly drawings = new WeakMap<object, Draw>();
  private readonly lengths = new WeakMap<object, number>();
  private readonly lineAt = new WeakMap<object, number>();

  /** Draws a bar where it stands; a new one below the others. Outside a terminal, writes a line when the last one is long ago. */
  show(bar: object, draw: Draw): void {
    if (!process.stderr.isTTY) {
      this.log(bar, draw);
      return;
    }
    if (!this.bars.includes(bar)) this.bars.push(bar);
    this.drawings.set(bar, draw);
    this.redraw(bar);
  }

  private log(bar: object, draw: Draw): void {
    const now = performance.now();
    const last = this.lineAt.get(bar);
    if (last !== undefined && now - last < LINE_INTERVAL) return;
    this.lineAt.set(bar, now);
    if (last !== undefined) process.stderr.write(`${draw(null)}\n`);
  }

  private redraw(bar: object): void {
    const text = this.drawings.get(bar)?.(process.stderr.columns ?? null) ?? "";
    this.write(bar, text, this.bars.indexOf(bar));
  }

  /** Writes text on the program's output, above the bars. */
  print(text: string): void {
    if (process.stderr.isTTY) {
      for (const [place, bar] of this.bars.entries()) this.write(bar, "", place);
      if (this.bars.length > 0) process.stderr.write("\r");
    }
    process.stdout.write(text);
    if (process.stderr.isTTY) for (const bar of this.bars) this.redraw(bar);
  }

  /** Ends a bar: its last text stays on the current line, or (`draw` null) its line is cleared. */
  close(bar: object, draw: Draw | null): void {
    this.lineAt.delete(bar);
    if (!process.stderr.isTTY) {
      if (draw !== null) process.stderr.write(`${draw(null)}\n`);
      return;
    }
    const place = Math.max(0, this.bars.indexOf(bar));
    if (draw === null) {
      this.write(bar, "", place);
      if (place === 0) process.stderr.write("\r");
    } else {
      this.write(bar, draw(process.stderr.columns ?? null), 0);
      process.stderr.write("\n");
    }
    const index = this.bars.indexOf(bar);
    if (index >= 0) this.bars.splice(index, 1);
  }

  /** Writes over what the bar wrote before, `place` lines below the cursor, and returns. */
  private write(bar: object, text: string, place: number): void {
    const length = stripVTControlCharacters(text).length;
    const padding = " ".repeat(Math.max(0, (this.lengths.get(bar) ?? 0) - length));
    this.lengths.set(bar, length);
    process.stderr.write(`${"\n".repeat(place)}\r${text}${padding}${UP.repeat(place)}`);
  }
}

/** The bars of this process. */
export const terminalBars = new TerminalBars();
