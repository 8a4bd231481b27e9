// Errors of the check, in the words of TypeScript, at the positions of the text as typed.

import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type * as TS from "typescript";
import { excerpt, type Mark } from "../excerpt";
import { hintFor } from "./hints";
import { cellPrefix, isCellFile } from "./tslab";
import type { MagicError } from "../magics/read";
import type { SessionError } from "../protocol";
import { cellFromPython } from "./python-cell";

const shown = 4;

/** A position in a text as typed; lines and characters are counted from 0. */
interface Position {
  offset: number;
  line: number;
  character: number;
}

/** One message of the compiler's. */
export interface Diagnostic {
  start: Position;
  end: Position;
  messageText: string;
  code: number;
  /** The file relative to the session's folder; none for the cell itself. */
  fileName?: string;
}

/** Codes below 2000 are about grammar, but for these, about types that a keyword or a decorator asks for. */
const grammarUntil = 2000;
const aboutTypes = [1055, 1058, 1064, 1192, 1238, 1239, 1240, 1241, 1259, 1270, 1271, 1320, 1345, 1360, 1361, 1362];

/** The error about a class that is called without `new`. */
const classCalled = 2348;

/** Whether an error is about grammar: text with it is no program at all. */
export function isGrammar(code: number): boolean {
  return code < grammarUntil && !aboutTypes.includes(code);
}

/**
 * One error for all that the check found.
 * @param knows whether cells have declared a name
 */
export function checkError(
  diagnostics: Diagnostic[],
  code: string,
  label: string,
  root: string,
  knows: (name: string) => boolean = () => false,
): SessionError {
  const all = groupChains(diagnostics);
  const uncalled = all.filter(([{ code, fileName }]) => code === classCalled && fileName === undefined);
  const groups = all.filter((group) => group === uncalled[0] || !uncalled.includes(group));
  const [[{ code: kind }]] = groups;
  const name = isGrammar(kind) ? "SyntaxError" : "TypeCheckError";
  const told = new Set<string>();
  const traceback = groups.slice(0, shown).flatMap((chain) => {
    const { start, end, fileName } = chain[0];
    const source = fileName ? readFileSync(resolve(root, fileName), "utf8") : code;
    const mark = markOf(source, start, end);
    const place = `${fileName ?? label}, line ${mark.line + 1}:`;
    const hint = hintFor(chain[0], source, mark.line, mark.column);
    // What else the parser says of a line of Python follows from its first word.
    const known = `${mark.line} ${hint}`;
    if (hint && told.has(known)) return [];
    told.add(known);
    return [`${name}: ${text(chain)}`, ...(hint ? [hint] : []), place, ...excerpt(source, mark, 1)];
  });
  const more = groups.length - shown;
  if (more > 0) traceback.push(`… and ${more} more ${more === 1 ? "error" : "errors"}`);
  // Where a hint is given, the cell may be Python as a whole.
  const suggestion = (told.size > 0 ? cellFromPython(code, knows) : undefined) ?? withNew(code, uncalled);
  if (suggestion !== undefined) traceback.push("Tab writes the cell as TypeScript.");
  return { kind: "check", name, message: text(groups[0]), traceback, ...(suggestion !== undefined && { suggestion }) };
}

/** The cell with `new` before classes that it calls as Python does; `undefined` without any. */
function withNew(code: string, uncalled: Diagnostic[][]): string | undefined {
  const places = uncalled.map(([{ start }]) => start.offset).sort((a, b) => b - a);
  const insert = (text: string, at: number): string => `${text.slice(0, at)}new ${text.slice(at)}`;
  return places.length > 0 ? places.reduce(insert, code) : undefined;
}

/** Where an error stands. One about what is missing at the end of the text stands behind the last thing that was written. */
function markOf(source: string, start: Diagnostic["start"], end: Diagnostic["end"]): Mark & { column: number } {
  const written = source.trimEnd();
  const lines = written.split(/\r?\n/);
  const last = lines.length - 1;
  if (start.line > last || (start.line === last && start.character > lines[last].length))
    return { line: last, column: lines[last].length };
  return {
    line: start.line,
    column: start.character,
    end: end.line === start.line ? end.character : Number.POSITIVE_INFINITY,
  };
}

function text(chain: Diagnostic[]): string {
  const reasons = chain.slice(1).map((d, i) => `\n${"  ".repeat(i + 1)}${d.messageText}`);
  return `TS${chain[0].code}: ${chain[0].messageText}${reasons.join("")}`;
}

/** A message of the compiler's and its reasons, as entries of equal position. */
export function positioned(told: TS.Diagnostic, root: string): Diagnostic[] {
  const { file, start = 0, length = 0, code } = told;
  if (!file) return [];
  const isCell = isCellFile(file);
  const at = (offset: number): Position => {
    const { line, character } = file.getLineAndCharacterOfPosition(offset);
    return isCell ? { offset: offset - cellPrefix.length, line: line - 1, character } : { offset, line, character };
  };
  const place = {
    start: at(start),
    end: at(start + length),
    ...(!isCell && { fileName: relative(root, file.fileName) }),
  };
  const flat = (message: string | TS.DiagnosticMessageChain): Diagnostic[] =>
    typeof message === "string"
      ? [{ ...place, messageText: message, code }]
      : [{ ...place, messageText: message.messageText, code: message.code }, ...(message.next ?? []).flatMap(flat)];
  return flat(told.messageText);
}

/** Messages of the compiler's with the reasons of each behind it. */
function groupChains(diagnostics: Diagnostic[]): Diagnostic[][] {
  const groups: Diagnostic[][] = [];
  for (const d of diagnostics) {
    const last = groups.at(-1)?.[0];
    const same = last && last.start.offset === d.start.offset && last.end.offset === d.end.offset;
    if (same) groups[groups.length - 1].push(d);
    else groups.push([d]);
  }
  return groups;
}

/** The error of a magic that cannot be understood. */
export function magicError({ message, start, end }: MagicError, code: string, label: string): SessionError {
  const line = code.slice(0, start).split("\n").length - 1;
  const column = start - (code.lastIndexOf("\n", start - 1) + 1);
  const marked = excerpt(code, { line, column, end: column + end - start }, 1);
  const traceback = [`MagicError: ${message}`, `${label}, line ${line + 1}:`, ...marked];
  return { kind: "check", name: "MagicError", message, traceback };
}
