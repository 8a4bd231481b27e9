// What can be said about Enter without asking anyone: brackets, templates and trailing operators. It answers at once, also before
// the session is ready; the session is asked only when this says that the cell may be complete.

import { candidate, withoutMagic } from "../../kernel/session/magics/syntax";
import { INDENT } from "../editor/buffer";
import { type Lexed, lex } from "./lexer";

/** Operators after which an expression must go on. `++`, `--`, `!` and `>` may end one. */
const CONTINUES = /^(?:=>|\.\.\.|\?\?=?|\?\.|[-+*/%&|^!=<>]=+|&&=?|\|\|=?|[-+*/%&|^=<?:,.])$/;

/** "unfinished": more text is needed. "hopeless": no text can mend it, so it may as well be run. "open": the session must say. */
export type Judgement = "unfinished" | "hopeless" | "open";

/** What brackets, quotes and the last operator tell about a cell. */
export function judge(code: string): Judgement {
  const typescript = withoutMagics(code);
  const lexed = lex(typescript);
  if (lexed.hopeless) return "hopeless";
  if (lexed.open.length > 0 || lexed.unterminated) return "unfinished";
  const last = lexed.tokens.filter((token) => token.kind !== "comment").pop();
  if (last?.kind !== "operator") return "open";
  return CONTINUES.test(typescript.slice(last.start, last.end)) ? "unfinished" : "open";
}

/** Commands of the shell and the names of magics are no TypeScript; as in the session, only where nothing is open. */
function withoutMagics(code: string): string {
  if (!candidate.test(code)) return code;
  let above = "";
  for (const line of code.split(/(?<=\n)/)) {
    const text = line.replace(/\n$/, "");
    const bare = withoutMagic(text);
    const begins = bare !== text && lex(above).open.length === 0 && !lex(above).unterminated;
    above += begins ? bare + line.slice(text.length) : line;
  }
  return above;
}

/** The indentation of a line that begins after `before`: one level per bracket that is open, two when it goes on an expression. */
export function indentAfter(before: string): string {
  const lexed = lex(before);
  if (lexed.unterminated) return "";
  return INDENT.repeat(depth(before, lexed));
}

/** Brackets that are opened on one line indent once, however many they are. */
function depth(code: string, lexed: Lexed): number {
  const stack: number[] = [];
  let line = 0;
  let seen = 0;
  for (const token of lexed.tokens) {
    for (; seen < token.start; seen++) if (code[seen] === "\n") line++;
    const text = code.slice(token.start, token.end);
    if (token.kind === "open" || text === "${") stack.push(line);
    else if (token.kind === "close" || (token.kind === "operator" && text === "}")) stack.pop();
  }
  return new Set(stack).size;
}
