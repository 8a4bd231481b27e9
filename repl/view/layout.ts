// Shares the rows of the live region out: the status and a few rows of the editor always have a place, moving displays get at most
// half of the terminal, and the whole never exceeds the room that the screen gives.

import { CodeLayout, type Marks } from "./code";
import type { LiveModel } from "./model";
import type { Paint } from "./style";
import { expandTabs, truncate } from "./width";

/** What there is to show, before it is known how much fits. */
export interface LiveContent {
  docks(columns: number, limit: number): string[];
  menu(columns: number, limit: number): string[];
  /** The unfinished line of output, empty when there is none. */
  tail: string;
  /** First lines of the cells that wait. */
  queue: readonly string[];
  editor: {
    lines: readonly string[];
    caret: { line: number; column: number };
    prompt: { first: string; next: string };
    colored: boolean;
    marks?: Marks;
  };
  /** Empty for none. */
  status: string;
}

const FEWEST_EDITOR_ROWS = 3;
const MOST_QUEUE_ROWS = 3;

/**
 * Lays out the live region.
 * @param columns of the terminal; rows keep one column free, since a full row wraps differently on every terminal
 * @param room rows that the region may have
 */
export function layout(
  content: LiveContent,
  columns: number,
  room: number,
  paint: Paint,
): { model: LiveModel; caret: { x: number; y: number } } {
  const usable = Math.max(1, columns - 1);
  const { editor } = content;
  const code = new CodeLayout(editor.lines, editor.caret, editor.prompt, usable);

  let left = room - Math.min(code.height, FEWEST_EDITOR_ROWS, room);
  const take = (rows: string[]): string[] => {
    const taken = rows.slice(0, Math.max(0, left));
    left -= taken.length;
    return taken;
  };
  const status = take(content.status === "" ? [] : [paint("dim", truncate(content.status, usable))]);
  const tail = take(content.tail === "" ? [] : [truncate(expandTabs(content.tail), usable)]);
  const docks = take(content.docks(usable, Math.min(left, Math.floor(room / 2))));
  const queue = take(queueRows(content.queue, usable, paint));
  const menu = take(content.menu(usable, left));
  const rows = Math.min(code.height, left + Math.min(code.height, FEWEST_EDITOR_ROWS, room));
  const view = viewport(code, rows, paint, editor);
  const above = docks.length + tail.length + queue.length;
  return {
    model: { docks, tail, queue, editor: view.rows, menu, status },
    caret: { x: Math.min(code.caret.x, usable), y: above + view.y },
  };
}

function queueRows(queue: readonly string[], columns: number, paint: Paint): string[] {
  const shown = queue.slice(0, MOST_QUEUE_ROWS).map((line) => paint("dim", truncate(`  queued  ${line}`, columns)));
  if (queue.length > MOST_QUEUE_ROWS) {
    shown[MOST_QUEUE_ROWS - 1] = paint("dim", `  queued  … ${queue.length - MOST_QUEUE_ROWS + 1} more`);
  }
  return shown;
}

/** The rows around the caret, with a note of what is above and below. */
function viewport(
  code: CodeLayout,
  height: number,
  paint: Paint,
  { colored, marks }: LiveContent["editor"],
): { rows: string[]; y: number } {
  const caret = code.caret.y;
  if (code.height <= height) return { rows: code.rows(0, code.height, paint, colored, marks), y: caret };
  if (height < 3) return { rows: code.rows(caret, caret + height, paint, colored, marks), y: 0 };
  const inner = height - 2;
  const top = Math.max(0, Math.min(caret - Math.floor(inner / 2), code.height - inner));
  const below = code.height - top - inner;
  const note = (text: string): string => paint("dim", text);
  const first = top > 0 ? note(`  ↑ ${top} more`) : note("  ↑ top");
  const last = below > 0 ? note(`  ↓ ${below} more`) : note("  ↓ end");
  return { rows: [first, ...code.rows(top, top + inner, paint, colored, marks), last], y: caret - top + 1 };
}
