// A small TypeScript lexer for colours and for the question whether a cell can be finished. It never fails: text that is no TypeScript
// still gives tokens. It reads line by line and remembers lines, so that a key in a long cell costs one line. What names mean is the
// session's business.

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
const NAME = /#?[\p{ID_Start}_$][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER =
  /(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)n?/y;
const REGEX = /\/(?![/*])(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[a-z]*/y;
const OPERATOR = /=>|\.\.\.|\?\?=?|\?\.|[-+*/%&|^!=<>]=+|\+\+|--|&&=?|\|\|=?|[^\s]/uy;

/** What is known at the end of a line; equal states are one object. */
export interface LexState {
  /** What the line ends within: nothing, a template, a block comment, or a string, by its quote. */
  within: "code" | "template" | "comment" | '"' | "'";
  open: readonly string[];
  /** What the last token allows: a regular expression behind it, or any word as a name. */
  regex: boolean;
  dot: boolean;
  /** Lines that were read from here. */
  lines: Map<string, LexedLine>;
}

/** A line; offsets of its tokens count from its start. */
export interface LexedLine {
  tokens: Token[];
  hopeless: boolean;
  next: LexState;
}

/** Lines that are remembered, of all states together. */
const REMEMBERED = 20_000;

const CLOSER: { [open: string]: string } = { "(": ")", "[": "]", "{": "}", "${": "}" };

/** Words after which a `/` begins a regular expression although they look like names. */
const BEFORE_REGEX = new Set(
  "return typeof case in of delete void throw new else do instanceof yield await".split(" "),
);

const states = new Map<string, LexState>();
let remembered = 0;

function stateOf(within: LexState["within"], open: readonly string[], regex: boolean, dot: boolean): LexState {
  const key = `${within} ${open.join("")} ${regex} ${dot}`;
  let state = states.get(key);
  if (state === undefined) {
    state = { within, open: [...open], regex, dot, lines: new Map() };
    states.set(key, state);
  }
  return state;
}

/** The state at the start of a cell. */
export function startState(): LexState {
  return stateOf("code", [], true, false);
}

/** Splits a line, without its line end, into tokens. */
export function lexLine(line: string, state: LexState): LexedLine {
  let found = state.lines.get(line);
  if (found === undefined) {
    if (++remembered > REMEMBERED) {
      for (const each of states.values()) each.lines.clear();
      remembered = 0;
    }
    found = new LineLexer(line, state).read();
    state.lines.set(line, found);
  }
  return found;
}

/** Splits a cell into tokens. */
export function lex(text: string): Lexed {
  const tokens: Token[] = [];
  let state = startState();
  let hopeless = false;
  let shift = 0;
  for (const line of text.split("\n")) {
    const lexed = lexLine(line, state);
    let [first, ...others] = lexed.tokens;
    const last = tokens[tokens.length - 1];
    if (state.within !== "code" && last !== undefined) {
      // Goes on with what the line before ended within.
      last.end = shift + (first?.end ?? line.length);
      [first, ...others] = others;
    }
    for (const token of first === undefined ? [] : [first, ...others])
      tokens.push({ kind: token.kind, start: token.start + shift, end: token.end + shift });
    hopeless ||= lexed.hopeless;
    state = lexed.next;
    shift += line.length + 1;
  }
  const unterminated = state.within === "template" || state.within === "comment";
  return {
    tokens,
    open: [...state.open],
    unterminated,
    hopeless: hopeless || state.within === '"' || state.within === "'",
  };
}

class LineLexer {
  private readonly tokens: Token[] = [];
  private readonly open: string[];
  private within: LexState["within"] = "code";
  private hopeless = false;
  private at = 0;

  constructor(
    private readonly line: string,
    private readonly state: LexState,
  ) {
    this.open = [...state.open];
  }

  read(): LexedLine {
    const { line, state } = this;
    if (state.within === "template") this.template(0);
    else if (state.within === "comment") this.comment(0);
    else if (state.within !== "code") this.string(state.within, 0);
    while (this.at < line.length) this.token();
    const { tokens, hopeless } = this;
    return { tokens, hopeless, next: stateOf(this.within, this.open, this.regexMayFollow(), this.afterDot()) };
  }

  private token(): void {
    const { line, at } = this;
    const char = line[at];
    const blank = this.match(BLANK);
    if (blank > 0) {
      this.at = blank;
    } else if (char === "/" && line[at + 1] === "*") {
      this.comment(at + 2);
    } else if (char === "/" && line[at + 1] === "/") {
      this.push("comment", line.length);
    } else if (char === "`") {
      this.template(at + 1);
    } else if (char === '"' || char === "'") {
      this.string(char, at + 1);
    } else if (char === "(" || char === "[" || char === "{") {
      this.open.push(char);
      this.push("open", at + 1);
    } else if (char === ")" || char === "]" || char === "}") {
      this.closer(char);
    } else {
      this.word(char);
    }
  }

  /** A regular expression, a name, a number or an operator. */
  private word(char: string): void {
    const { line, at } = this;
    const regex = char === "/" && this.regexMayFollow() ? this.match(REGEX) : -1;
    const name = regex > 0 ? -1 : this.match(NAME);
    const number = regex > 0 || name > 0 || !/[\d.]/.test(char) ? -1 : this.match(NUMBER);
    if (regex > 0) this.push("regex", regex);
    else if (name > 0) this.push(this.nameKind(line.slice(at, name)), name);
    else if (number > at) this.push("number", number);
    else this.push("operator", Math.max(this.match(OPERATOR), at + 1));
  }

  private match(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    return pattern.test(this.line) ? pattern.lastIndex : -1;
  }

  private push(kind: TokenKind, end: number): void {
    if (end > this.at) this.tokens.push({ kind, start: this.at, end });
    this.at = end;
  }

  private closer(char: string): void {
    const last = this.open[this.open.length - 1];
    if (last === undefined || CLOSER[last] !== char) this.hopeless = true;
    else this.open.pop();
    if (last === "${" && char === "}") {
      this.push("operator", this.at + 1);
      this.template(this.at);
    } else this.push("close", this.at + 1);
  }

  /** Reads a template literal from behind its backquote, or on from the end of a substitution. */
  private template(from: number): void {
    const { line } = this;
    let end = from;
    while (end < line.length && line[end] !== "`" && !line.startsWith("${", end)) end += line[end] === "\\" ? 2 : 1;
    if (end >= line.length) {
      this.within = "template";
      this.push("string", line.length);
    } else if (line[end] === "`") {
      this.push("string", end + 1);
    } else {
      this.push("string", end);
      this.push("operator", end + 2);
      this.open.push("${");
    }
  }

  private comment(from: number): void {
    const end = this.line.indexOf("*/", from);
    if (end < 0) this.within = "comment";
    this.push("comment", end < 0 ? this.line.length : end + 2);
  }

  /** A string ends with its line, unless that ends in a backslash. */
  private string(quote: '"' | "'", from: number): void {
    const { line } = this;
    let end = from;
    while (end < line.length && line[end] !== quote) end += line[end] === "\\" ? 2 : 1;
    if (end > line.length) this.within = quote;
    else if (end === line.length) this.hopeless = true;
    this.push("string", Math.min(end + 1, line.length));
  }

  private nameKind(word: string): TokenKind {
    if (!this.afterDot()) {
      if (KEYWORDS.has(word)) return "keyword";
      if (CONSTANTS.has(word)) return "constant";
      if (PRIMITIVES.has(word)) return "type";
    }
    return /^[A-Z]/.test(word) ? "type" : "name";
  }

  private afterDot(): boolean {
    const last = this.tokens[this.tokens.length - 1];
    if (last === undefined) return this.state.dot;
    return last.kind === "operator" && /^\??\.$/.test(this.line.slice(last.start, last.end));
  }

  private regexMayFollow(): boolean {
    const last = this.tokens[this.tokens.length - 1];
    if (last === undefined) return this.state.regex;
    if (last.kind === "operator" || last.kind === "open") return true;
    if (last.kind === "keyword") return BEFORE_REGEX.has(this.line.slice(last.start, last.end));
    // After `}` a regular expression is a new statement; after `)` and `]` a division is far more likely.
    return last.kind === "close" && this.line[last.start] === "}";
  }
}
