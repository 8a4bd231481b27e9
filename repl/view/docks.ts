// Displays that still change: shown in the live region while they do, moved to the scrollback once when they are finished.

import type { MimeBundle } from "../../core/display/host";
import type { Dock } from "./model";
import { expandTabs, harmless, truncate } from "./width";

/** Rows of one docked display; what is taller is shown whole when it is committed. */
const TALLEST = 14;

export class Docks {
  private docks: (Dock & { cell: number })[] = [];

  /** Shows or replaces what has this id. */
  set(id: string, cell: number, text: string): void {
    const dock = this.docks.find((each) => each.id === id);
    if (dock === undefined) this.docks.push({ id, cell, text });
    else dock.text = text;
  }

  /** Takes a display out and gives its last text; null when there is none. */
  finish(id: string): string | null {
    const dock = this.docks.find((each) => each.id === id);
    if (dock === undefined) return null;
    this.docks = this.docks.filter((each) => each !== dock);
    return dock.text;
  }

  /** Takes out all displays of a cell that has ended, in the order in which they came. */
  finishCell(cell: number): string[] {
    const ended = this.docks.filter((dock) => dock.cell <= cell);
    this.docks = this.docks.filter((dock) => dock.cell > cell);
    return ended.map((dock) => dock.text);
  }

  /** All rows, at most `limit`: the newest displays win, one that does not fit shows its upper part. */
  rows(columns: number, limit: number): string[] {
    const rows: string[] = [];
    for (const dock of [...this.docks].reverse()) {
      const lines = dock.text.split("\n").slice(0, Math.min(TALLEST, limit - rows.length));
      rows.unshift(...lines.map((line) => truncate(expandTabs(line), columns)));
    }
    return rows;
  }
}

/** What a terminal can draw of a bundle, without its last line end. */
export function plainText(bundle: MimeBundle): string {
  const plain = bundle["text/plain"];
  if (typeof plain === "string") return harmless(plain).replace(/\n+$/, "");
  if (Array.isArray(plain)) return harmless(plain.join("")).replace(/\n+$/, "");
  return `<${Object.keys(bundle).join(", ") || "nothing"}>`;
}
