// Finds magics, `!commands` and questions in a cell and makes TypeScript of it that has the same lines. Where a statement of the
// user's follows a magic, the magic becomes blanks, so that every position stays, and its time is taken by a transformer of the
// tree; a magic with a line of its own becomes a call.
//
// A line is looked at only where a statement begins: when everything above it parses by itself. So a line of a template literal, of
// a comment or of an expression in brackets is never one. `a⏎% b` stays arithmetic: a magic's name follows its `%` at once.

import type * as TS from "typescript";
import { isComplete } from "../language/completeness";
import { assignmentLine, candidate, commandLine, headMagic, magicLine, questionLine } from "./syntax";
import { findMagic, nearestMagic } from "./table";

/** A change of the text: what stood from `start` to `end` is `length` long now. */
interface Edit {
  start: number;
  end: number;
  length: number;
}

/** Statements that a magic concerns: those that begin from `start` on, before `end`, in the text made. */
export interface Timed {
  magic: "time" | "timeit";
  options: string;
  start: number;
  end: number;
}

export interface Reading {
  text: string;
  edits: Edit[];
  timed: Timed[];
  /** A file to run after this part. */
  run?: string;
  /** What follows `%export`, which comes after this part. */
  export?: string;
  /** Where the next part of the cell begins, when a magic ends this one. */
  next?: number;
  /** A magic for a whole cell stands at its head. */
  head: boolean;
}

/** What reading has to know of the session. */
export interface ReadContext {
  /** Whether cells or this cell declare the name. */
  knows(name: string): boolean;
  /** Whether the word names a program. */
  isProgram(word: string): boolean;
  /** The call that answers `expression?`. */
  inspection(expression: string, withSource: boolean): string;
  /** For a text that is being written: nothing is an error, and no magic ends a part. */
  lenient?: true;
}

/** A magic that cannot be understood; positions are those of the cell. */
export class MagicError extends Error {
  constructor(
    message: string,
    readonly start: number,
    readonly end: number,
  ) {
    super(message);
  }
}

const lineEnd = /^(?:\r?\n|\r)/;
const loopOptions = /^(?:[ \t]+-[nr][ \t]*\d+)*(?=[ \t]|$)/;

/** The magic at a place where none can be, when that is why a text is no TypeScript. */
export function misplacedMagic(text: string, offset: number): MagicError | undefined {
  const start = text.lastIndexOf("\n", offset) + 1;
  const found = magicLine.exec(text.slice(start).split("\n", 1)[0]);
  if (!found || !findMagic(found[3])) return undefined;
  const at = start + found[1].length;
  const message = `%${found[3]} stands inside brackets: a magic begins a line outside of functions, blocks and expressions`;
  return new MagicError(message, at, at + 1 + found[3].length);
}

export function readCell(ts: typeof TS, code: string, from: number, context: ReadContext): Reading {
  const reading: Reading = { text: code, edits: [], timed: [], head: false };
  if (from === 0 && !candidate.test(code)) return reading;
  return new Reader(ts, code, context, reading).read(from);
}

/** The position in the text made of a position in the cell. */
export function toMade({ edits }: Reading, offset: number): number {
  let shift = 0;
  for (const { start, end, length } of edits) {
    if (offset < end) return offset <= start ? offset + shift : start + shift;
    shift += length - (end - start);
  }
  return offset + shift;
}

/** The position in the cell of a position in the text made. */
export function toTyped({ edits }: Reading, offset: number): number {
  let shift = 0;
  for (const { start, end, length } of edits) {
    if (offset < start + shift + length) return offset <= start + shift ? offset - shift : start;
    shift += length - (end - start);
  }
  return offset - shift;
}

class Reader {
  private made = "";

  constructor(
    private readonly ts: typeof TS,
    private readonly code: string,
    private readonly context: ReadContext,
    private readonly reading: Reading,
  ) {}

  read(from: number): Reading {
    const { code, reading } = this;
    this.made = blank(code.slice(0, from));
    let whole: Omit<Timed, "end"> | undefined;
    let at = from;
    const first = from === 0 ? headMagic.exec(code) : null;
    if (first) {
      const start = first[1].length;
      const magic = this.magic(first[2], start, "%%");
      this.made += blank(first[0]);
      at = first[0].length;
      const options = loopOptions.exec(this.restOfLine(at))?.[0] ?? "";
      this.made += blank(options);
      at += options.length;
      reading.head = true;
      if (magic)
        whole = {
          magic: first[2] as Timed["magic"],
          options,
          start: first[2] === "timeit" ? code.indexOf("\n", at) : at,
        };
      this.made += this.restOfLine(at);
      if (code.slice(at).trim() === "") this.refuse(`%%${first[2]} needs lines below it`, start, at);
      at = this.made.length;
    }
    while (at < code.length && reading.next === undefined) {
      const text = this.restOfLine(at);
      // The line's own end belongs to the text before the next one.
      this.made += this.readLine(text, at);
      at += text.length;
      const end = reading.next === undefined ? lineEnd.exec(code.slice(at, at + 2)) : null;
      if (end) {
        this.made += end[0];
        at += end[0].length;
      }
    }
    if (whole) reading.timed.unshift({ ...whole, end: Number.POSITIVE_INFINITY });
    reading.text = this.made;
    return reading;
  }

  private restOfLine(at: number): string {
    const end = this.code.indexOf("\n", at);
    return this.code.slice(at, end < 0 ? undefined : end).replace(/\r$/, "");
  }

  /** The TypeScript for a line, or for the rest of one behind a magic. */
  private readLine(text: string, at: number): string {
    const found = this.readMagic(text, at) ?? this.readCommand(text, at);
    return found ?? this.readQuestion(text, at) ?? this.readAssignment(text, at) ?? text;
  }

  private readMagic(text: string, at: number): string | undefined {
    const found = magicLine.exec(text);
    if (!found || !this.begins()) return undefined;
    const [, indent, second, name, rest] = found;
    const start = at + indent.length;
    if (second) {
      this.refuse(`%%${name} must stand on the first line of a cell`, start, at + text.length);
      return blank(text);
    }
    // An operator that begins a line, where no such magic is.
    if (!findMagic(name) && this.parses()) return undefined;
    const magic = this.magic(name, start, "%");
    if (magic?.takes === "statement") return this.readTimed(text, at, name as Timed["magic"], rest);
    if (magic?.takes === "part" && !this.context.lenient) {
      this.reading.next = at + text.length;
      if (name === "run" || name === "export") {
        this.reading[name] = rest.trim();
        return blank(text);
      }
    }
    return this.replace(text, at, `await $magics.call(${JSON.stringify(name)}, ${JSON.stringify(rest.trim())})`);
  }

  private readTimed(text: string, at: number, magic: Timed["magic"], rest: string): string {
    const options = magic === "timeit" ? (loopOptions.exec(rest)?.[0] ?? "") : "";
    const statement = rest.slice(options.length);
    const start = text.length - statement.length;
    if (statement.trim() === "") this.refuse(`%${magic} needs a statement behind it`, at, at + text.length);
    // A statement above it that has no semicolon ends here all the same.
    const before = text.slice(0, start).replace("%", ";");
    const blanks = before.replace(/[^;]/g, " ");
    this.made += blanks;
    const timed: Timed = { magic, options, start: this.made.length, end: 0 };
    this.reading.timed.push(timed);
    const after = this.readLine(statement, at + start);
    timed.end = this.made.length + after.length;
    this.made = this.made.slice(0, this.made.length - blanks.length);
    return blanks + after;
  }

  private readCommand(text: string, at: number): string | undefined {
    const found = commandLine.exec(text);
    if (!found || !this.begins()) return undefined;
    return this.replace(text, at, `await $magics.shell(${JSON.stringify(found[2])})`);
  }

  private readQuestion(text: string, at: number): string | undefined {
    const found = questionLine.exec(text);
    if (!found || !this.begins() || this.parses()) return undefined;
    const expression = found[3] ?? found[4];
    if (expression === "") return this.replace(text, at, 'await $magics.call("magic", "")');
    const withSource = (found[2] ?? found[5]) === "?";
    return this.replace(text, at, this.context.inspection(expression, withSource));
  }

  /** `const lines = !ls`: TypeScript too, when `ls` is a name; so only a word that is none, but a program's, is a command. */
  private readAssignment(text: string, at: number): string | undefined {
    const found = assignmentLine.exec(text);
    if (!found || !this.begins()) return undefined;
    const [, left, sign, right] = found;
    const word = /^[\w./~-]+/.exec(right)?.[0] ?? "";
    const start = at + left.length;
    if (sign === "!") {
      if (this.context.knows(word) || !this.context.isProgram(word)) return undefined;
      return left + this.replace(text.slice(left.length), start, `await $magics.lines(${JSON.stringify(right)})`);
    }
    const magic = this.magic(word, start, "%");
    if (magic && magic.takes !== "text") this.refuse(`%${word} has no value`, start, at + text.length);
    const rest = right.slice(word.length).trim();
    const call = `await $magics.call(${JSON.stringify(word)}, ${JSON.stringify(rest)})`;
    return left + this.replace(text.slice(left.length), start, call);
  }

  /** Whether everything above is whole, so that a statement can begin. */
  private begins(): boolean {
    return this.made.trim() === "" || isComplete(this.ts, this.made).status === "complete";
  }

  /** Whether the cell is TypeScript as it stands. */
  private parses(): boolean {
    return isComplete(this.ts, this.code).status === "complete";
  }

  /** Blanks in place of a line's text, then the call; what ends the cell has a value, so no semicolon hides it. */
  private replace(text: string, at: number, call: string): string {
    const last = this.code.slice(at + text.length).trim() === "";
    const made = last ? call : `${call};`;
    this.reading.edits.push({ start: at, end: at + text.length, length: made.length });
    return made;
  }

  private magic(name: string, start: number, sign: "%" | "%%"): ReturnType<typeof findMagic> {
    const magic = findMagic(name);
    const end = start + sign.length + name.length;
    if (!magic) {
      const near = nearestMagic(name);
      const meant = near ? ` Did you mean ${sign}${near}?` : "";
      this.refuse(`There is no magic ${sign}${name}.${meant} %lsmagic lists them`, start, end);
    } else if (sign === "%%" && !magic.cell) {
      this.refuse(`%${name} is not for whole cells: write it with one %`, start, end);
    }
    return magic;
  }

  private refuse(message: string, start: number, end: number): void {
    if (!this.context.lenient) throw new MagicError(message, start, end);
  }
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, " ");
}
