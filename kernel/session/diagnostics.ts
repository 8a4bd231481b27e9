// Errors of the check, in the words of TypeScript, at the positions of the text as typed.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "tslab/dist/converter";
import { excerpt } from "./excerpt";
import { hintFor } from "./hints";
import type { MagicError } from "./magics/read";
import type { SessionError } from "./protocol";

const shown = 4;

/** One error for all that the check found; codes below 2000 are TypeScript's syntax errors. */
export function checkError(diagnostics: Diagnostic[], code: string, label: string, root: string): SessionError {
  const groups = groupChains(diagnostics);
  const name = groups[0][0].code < 2000 ? "SyntaxError" : "TypeCheckError";
  const traceback = groups.slice(0, shown).flatMap((chain) => {
    const { start, end, fileName } = chain[0];
    const source = fileName ? readFileSync(resolve(root, fileName), "utf8") : code;
    const column = start.character;
    const mark = { line: start.line, column, end: end.line === start.line ? end.character : Number.POSITIVE_INFINITY };
    const place = `${fileName ?? label}, line ${start.line + 1}:`;
    const hint = hintFor(chain[0], source, start.line, column);
    return [`${name}: ${text(chain)}`, ...(hint ? [hint] : []), place, ...excerpt(source, mark, 1)];
  });
  const more = groups.length - shown;
  if (more > 0) traceback.push(`… and ${more} more ${more === 1 ? "error" : "errors"}`);
  return { kind: "check", name, message: text(groups[0]), traceback };
}

function text(chain: Diagnostic[]): string {
  const reasons = chain.slice(1).map((d, i) => `\n${"  ".repeat(i + 1)}${d.messageText}`);
  return `TS${chain[0].code}: ${chain[0].messageText}${reasons.join("")}`;
}

/** tslab flattens a message with its reasons into entries of equal position. */
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
