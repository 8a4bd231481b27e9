// Whether a text is a whole cell: what decides between running it and a new line in a terminal.

import type * as TS from "typescript";
import type { ParsedFile } from "./internals";
import type { IsCompleteReply } from "../protocol";

/** Codes that mean "the text stopped too early" when they stand at its end. */
const unterminated = new Set([1010, 1160, 1161]);

const unterminatedString = 1002;

/** Judges by the parse alone; `indent` is that of the last line, two more after an opening bracket. */
export function isComplete(ts: typeof TS, code: string): IsCompleteReply {
  const file = ts.createSourceFile("cell.ts", `export {};${code}`, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const { parseDiagnostics } = file as ParsedFile;
  if (parseDiagnostics.length === 0) return { status: "complete", indent: "" };
  const end = file.text.trimEnd().length;
  // What follows the first error may only be a consequence of it.
  const [first] = parseDiagnostics;
  // A string ends with its line, unless that ends in a backslash.
  const isBroken = first.code === unterminatedString && !code.endsWith("\\");
  const early =
    !isBroken && (first.start >= end || (unterminated.has(first.code) && first.start + first.length >= end));
  if (!early) return { status: "invalid", indent: "" };
  const last = code.slice(code.lastIndexOf("\n") + 1);
  const indent = /^\s*/.exec(last)?.[0] ?? "";
  return { status: "incomplete", indent: /[{([]\s*$/.test(last) ? `${indent}  ` : indent };
}
