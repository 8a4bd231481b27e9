// Progress bars of a plain script, on its error stream: one line per nested bar, drawn over itself in a terminal; elsewhere only the
// final lines.

const UP = "\x1b[A";

/** Draws a bar for a width (null: as wide as it needs). */
type Draw = (ncols: number | null) => string;

class TerminalBars {
  /** Bars shown now; a bar's place is its line below the cursor. */
  private readonly bars: object[] = [];
  private readonly lengths = new WeakMap<object, number>();

  /** Draws a bar where it stands; a new one below the others. Does nothing outside a terminal. */
  show(bar: object, draw: Draw): void {
    if (!process.stderr.isTTY) return;
    if (!this.bars.includes(bar)) this.bars.push(bar);
    this.write(bar, draw(process.stderr.columns ?? null), this.bars.indexOf(bar));
  }

  /** Ends a bar: its last text stays on the current line, or (`draw` null) its line is cleared. */
  close(bar: object, draw: Draw | null): void {
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
    const padding = " ".repeat(Math.max(0, (this.lengths.get(bar) ?? 0) - text.length));
    this.lengths.set(bar, text.length);
    process.stderr.write(`${"\n".repeat(place)}\r${text}${padding}${UP.repeat(place)}`);
  }
}

/** The bars of this process. */
export const terminalBars = new TerminalBars();
