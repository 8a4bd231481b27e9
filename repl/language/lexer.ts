// A small TypeScript lexer for colours and for the question whether a cell can be finished. It must be fast (the whole cell is read
// at every key) and never fail: text that is no TypeScript still gives tokens. What names mean is the session's business.

export type TokenKind =
  | "keyword"
  | "constant"
  | "type"
  | "name"
  | "number"
  | "string"
  | "regex"
  | "comment"
  | "open"
  | "close"
  | "operator";

/** A piece of the text with one colour; blanks belong to no token. */
export interface Token {
  kind: TokenKind;
  start: number;
  end: number;
}

/** What is still open at the end of the text. */
export interface Lexed {
  tokens: Token[];
  /** Brackets and `${` that are open, innermost last. */
  open: string[];
  /** The text ends inside a template literal or a block comment. */
  unterminated: boolean;
  /** A closing bracket closes nothing, or a quote misses before the end of its line: no further text can make this right. */
  hopeless: boolean;
}

const KEYWORDS = new Set(
  (
    "abstract as asserts async await break case catch class const continue debugger declare default delete do else enum export " +
    "extends finally for from function get if implements import in infer instanceof interface is keyof let namespace new of out " +
    "override private protected public readonly return satisfies set static super switch this throw try type typeof using var " +
    "void while with yield"
  ).split(" "),
);
const CONSTANTS = new Set("true false null undefined NaN Infinity globalThis".split(" "));
const PRIMITIVES = new Set("any bigint boolean never number object string symbol unknown".split(" "));

const BLANK = /[\s\ufeff]+/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const NAME = /#?[\p{ID_Start}_$][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER =
  /(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)n?/y;
const STRING = /"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?/y;
const REGEX = /\/(?![/*])(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;
const OPERATOR = /=>|\.\.\.|\?\?=?|\?\.|[-+*/%&|^!=<>]=+|\+\+|--|&&=?|\|\|=?|[^\s]/uy;

const CLOSER: { [open: string]: string } = { "(": ")", "[": "]", "{": "}", "${": "}" };

/** Words after which a `/` begins a regular expression although they look like names. */
const BEFORE_REGEX = new Set(
  "return typeof case in of delete void throw new else do instanceof yield await".split(" "),
);

/** Splits a cell into tokens. */
export function lex(text: string): Lexed {
  const tokens: Token[] = [];
  const open: string[] = [];
  let unterminated = false;
  let hopeless = false;
  let at = 0;

  const match = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : -1;
  };
  const push = (kind: TokenKind, end: number): void => {
    tokens.push({ kind, start: at, end });
    at = end;
  };
  /** Reads a template literal from its backquote, or on from the end of a substitution. */
  const template = (from: number): void => {
    let end = from;
    while (end < text.length) {
      if (text[end] === "\\") end += 2;
      else if (text[end] === "`") {
        push("string", end + 1);
        return;
      } else if (text[end] === "$" && text[end + 1] === "{") {
        push("string", end);
        push("operator", end + 2);
        open.push("${");
        return;
      } else end++;
    }
    unterminated = true;
    push("string", text.length);
  };

  while (at < text.length) {
    const char = text[at];
    let end = match(BLANK);
    if (end > 0) {
      at = end;
      continue;
    }
    if (char === "/") {
      end = match(COMMENT);
      if (end > 0) {
        if (text[at + 1] === "*" && (end - at < 4 || !text.startsWith("*/", end - 2))) unterminated = true;
        push("comment", end);
        continue;
      }
      end = regexMayFollow(text, tokens) ? match(REGEX) : -1;
      if (end > 0) {
        push("regex", end);
        continue;
      }
    }
    if (char === "`") {
      template(at + 1);
      continue;
    }
    if (char === '"' || char === "'") {
      end = match(STRING);
      if (end - at < 2 || text[end - 1] !== char) hopeless = true;
      push("string", end);
      continue;
    }
    if (char === "(" || char === "[" || char === "{") {
      open.push(char);
      push("open", at + 1);
      continue;
    }
    if (char === ")" || char === "]" || char === "}") {
      const last = open[open.length - 1];
      if (last === undefined || CLOSER[last] !== char) hopeless = true;
      else open.pop();
      if (last === "${" && char === "}") {
        push("operator", at + 1);
        template(at);
      } else push("close", at + 1);
      continue;
    }
    end = match(NAME);
    if (end > 0) {
      push(nameKind(text.slice(at, end), text, tokens), end);
      continue;
    }
    end = /[\d.]/.test(char) ? match(NUMBER) : -1;
    if (end > at) {
      push("number", end);
      continue;
    }
    push("operator", Math.max(match(OPERATOR), at + 1));
  }
  return { tokens, open, unterminated, hopeless };
}

function nameKind(word: string, text: string, tokens: readonly Token[]): TokenKind {
  const last = tokens[tokens.length - 1];
  const afterDot = last !== undefined && last.kind === "operator" && /^\??\.$/.test(text.slice(last.start, last.end));
  if (!afterDot) {
    if (KEYWORDS.has(word)) return "keyword";
    if (CONSTANTS.has(word)) return "constant";
    if (PRIMITIVES.has(word)) return "type";
  }
  return /^[A-Z]/.test(word) ? "type" : "name";
}

function regexMayFollow(text: string, tokens: readonly Token[]): boolean {
  const last = tokens[tokens.length - 1];
  if (last === undefined || last.kind === "operator" || last.kind === "open") return true;
  if (last.kind === "keyword") return BEFORE_REGEX.has(text.slice(last.start, last.end));
  // After `}` a regular expression is a new statement; after `)` and `]` a division is far more likely.
  return last.kind === "close" && text[last.start] === "}";
}
