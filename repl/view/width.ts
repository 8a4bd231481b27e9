// How many columns text takes, with the same measure as the layout engine uses, and cutting text to columns.

import stringWidth from "string-width";
import { graphemes } from "../editor/motion";

const ASCII = /^[ -~]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const ESCAPES = /\u001b\[[\d;:]*m|\u001b\]8;[^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is removed
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]P_^X][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-Z\\`-~]?|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
const STYLE_OR_SEQUENCE = new RegExp(`(${ESCAPES.source})|${SEQUENCES.source}`, "g");

/** Columns of a text of one line; escape codes of style count nothing. */
export function width(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/** Text that cannot move the cursor: of escape sequences only colours and links stay, tabs and line ends too. */
export function harmless(text: string): string {
  if (!/[^\n\r\t -~\u00a0-\uffff]/.test(text)) return text;
  return text.replace(STYLE_OR_SEQUENCE, (_all, style: string | undefined) => style ?? "");
}

/** Tabs as blanks up to the next stop of eight, for rows whose width must be known. */
export function expandTabs(line: string): string {
  if (!line.includes("\t")) return line;
  return line.split("\t").reduce((done, part) => done + " ".repeat(8 - (width(done) % 8)) + part);
}

/** The first `columns` columns of a line, with its colours closed; a cut is shown as `…`. */
export function truncate(line: string, columns: number): string {
  if (width(line) <= columns) return line;
  let taken = 0;
  let out = "";
  let at = 0;
  for (const match of [...line.matchAll(ESCAPES), null]) {
    for (const cluster of graphemes(line.slice(at, match === null ? line.length : match.index))) {
      const size = width(cluster);
      if (taken + size > columns - 1) return `${out}…\u001b[0m`;
      taken += size;
      out += cluster;
    }
    if (match === null) break;
    out += match[0];
    at = (match.index ?? 0) + match[0].length;
  }
  return out;
}
