// The text of functions and classes: of which form it is, which names it mentions, what a class extends.

import type { Form } from "./format";

// Words in strings and comments count as well: they only add to what is carried.
const word = /(?<![\p{ID_Continue}$\u200c\u200d]|(?<!\.\.)\.)[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

/** The names that a text mentions other than as properties: all that it refers to, and some that it does not. */
export function mentioned(text: string): Set<string> {
  return new Set(text.match(word));
}

/** The properties of a variable that a text mentions. */
export function membersMentioned(text: string, variable: string): string[] {
  const member = new RegExp(
    `(?<![\\w$.])${variable.replace(/\$/g, "\\$")}\\.([\\p{ID_Start}$_][\\p{ID_Continue}$]*)`,
    "gu",
  );
  return [...text.matchAll(member)].map(([, name]) => name);
}

/** The form of a function's text. */
export function formOf(text: string): Form {
  if (/^class\b/.test(text)) return "class";
  if (/^(async\s+)?function\b/.test(text) || /^(async\s*)?(\(|[\p{ID_Start}$_][\p{ID_Continue}$]*\s*=>)/u.test(text)) {
    // A method may be called `async`: then no arrow follows its parameters.
    return /^async\s*\(/.test(text) && !isArrow(text) ? "method" : "expression";
  }
  return "method";
}

function isArrow(text: string): boolean {
  const end = closing(text, text.indexOf("("));
  return /^\s*=>/.test(text.slice(end));
}

const opening = new Set(["(", "[", "{"]);
const closers = new Set([")", "]", "}"]);

/** The position after the bracket that closes the one at `from`. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at = next(text, at)) {
    if (opening.has(text[at])) depth++;
    else if (closers.has(text[at]) && --depth === 0) return at + 1;
  }
  return text.length;
}

/** The position after a character, or after the string or comment that begins there. */
function next(text: string, at: number): number {
  const quote = text[at];
  if (quote === '"' || quote === "'" || quote === "`") {
    let end = at + 1;
    while (end < text.length && text[end] !== quote) end += text[end] === "\\" ? 2 : 1;
    return end + 1;
  }
  const end = text.startsWith("//", at) ? "\n" : text.startsWith("/*", at) ? "*/" : null;
  if (end === null) return at + 1;
  const found = text.indexOf(end, at + 2);
  return found < 0 ? text.length : found + end.length;
}

/** A class's text with `replacement` for what it extends; null when it extends nothing. */
export function withHeritage(text: string, replacement: string): string | null {
  const head = /^class(?:\s+[\p{ID_Start}$_][\p{ID_Continue}$]*)?\s+extends\b/u.exec(text);
  if (head === null) return null;
  const begin = head[0].length;
  for (let at = begin; at < text.length; ) {
    if (text[at] === "{") return `${text.slice(0, begin)} ${replacement} ${text.slice(at)}`;
    at = text[at] === "(" || text[at] === "[" ? closing(text, at) : next(text, at);
  }
  return null;
}

/** Whether a class's text declares private members, which only its constructor can make. */
export function declaresPrivate(text: string): boolean {
  return /(?:^|[^\p{ID_Continue}$])#[\p{ID_Start}$_]/u.test(text);
}
