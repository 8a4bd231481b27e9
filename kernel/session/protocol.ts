// What a front-end and its session say to each other, as a front-end sees them: replies and events of the Session interface.

import type { DisplayTerminal, MimeBundle } from "../../core/display/host";

/** A position in a cell: line and column count from 0, in UTF-16 units, of the text as typed. */
export interface Position {
  line: number;
  column: number;
}

/** An error as people see it: message first, then an excerpt of their TypeScript with the line marked. */
export interface SessionError {
  /** `TypeError`, `ShapeError`, … ; `TS2322` style codes are part of the message of a `TypeCheckError`. */
  name: string;
  message: string;
  /** The lines to show, already mapped to the cell, without colour codes. */
  traceback: string[];
  /** "check": found before anything ran. "run": thrown. "interrupt": stopped by the user. "died": the executor process ended. */
  kind: "check" | "run" | "interrupt" | "died";
  /** The cell as it is written in TypeScript, where it looks like Python. */
  suggestion?: string;
  /** The status with which the executor process ended, for "died" by process.exit(). */
  exitCode?: number;
}

export interface EvaluateReply {
  status: "ok" | "error";
  error?: SessionError;
  /** Milliseconds from request to reply. */
  duration: number;
  /** What its run took; absent when it did not run, or not to an end. */
  usage?: CellUsage;
}

/** What a cell takes, the check aside. */
export interface CellUsage {
  /** Milliseconds, and those of the processor in all threads. */
  time: number;
  cpu: number;
  /** The most bytes that all tensors held while it ran. */
  peakBytes: number;
  /** Bytes that were allocated for tensors. */
  allocatedBytes: number;
}

/** The terminal that a session's output reaches. */
export type Terminal = DisplayTerminal;

/** What a variable is. */
export interface Variable {
  name: string;
  /** The name of its class, or `typeof`. */
  type: string;
  /** A short form of the value: shape and dtype, the number of elements, the beginning of a text. */
  summary: string;
  /** Of tensors. */
  shape?: number[];
  dtype?: string;
  device?: string;
  requiresGrad?: boolean;
  /** Memory that it keeps alive: of tensors, buffers and texts. */
  bytes: number;
  /** What tracebacks call the cell that declared it. */
  cell: string;
}

export interface Completion {
  /** Where an argument begins, an option of the call stands with the brace of the object that gives it: `{ padding: `. */
  text: string;
  /** TypeScript's kind: method, property, class, const, keyword, … */
  kind: string;
  /** The type, as TypeScript prints it, where known. */
  type?: string;
  /** What is written about it, for those that stand first. */
  documentation?: string;
  deprecated?: true;
}

export interface CompleteReply {
  /** Offsets (UTF-16) of the text that a completion replaces: the whole word around the cursor. */
  start: number;
  end: number;
  /** What begins as the word does before what does so in other case; of these, names used lately first; deprecated ones last. */
  completions: Completion[];
}

/** One signature of a function or class. */
export interface Signature {
  /** As TypeScript prints it. */
  text: string;
  documentation: string;
  /** `start` and `end` are offsets in `text`. */
  parameters: { name: string; start: number; end: number; optional: boolean; documentation: string }[];
}

/** The call around a position; without signatures there is none. */
export interface SignatureReply {
  signatures: Signature[];
  /** The signature that fits what is written so far, and the parameter that is being written. */
  active: number;
  parameter: number;
}

export type TokenKind =
  | "keyword"
  | "number"
  | "string"
  | "regex"
  | "variable"
  | "parameter"
  | "property"
  | "function"
  | "method"
  | "class"
  | "enum"
  | "enumMember"
  | "namespace"
  | "type";

/** A word of a cell, by offsets (UTF-16). */
export interface Token {
  start: number;
  end: number;
  kind: TokenKind;
  /** Nobody has declared the name. */
  unknown?: true;
}

export interface TokensReply {
  /** In order. Brackets, signs, blanks and comments are none. */
  tokens: Token[];
  /** Offsets of brackets that belong together. */
  brackets: [open: number, close: number][];
}

export interface InspectReply {
  found: boolean;
  /** Signature or type, then documentation. */
  text: string;
  /** The same as Markdown. */
  markdown: string;
}

export interface IsCompleteReply {
  status: "complete" | "incomplete" | "invalid";
  /** The indentation of the next line, for "incomplete". */
  indent: string;
}

/** Text for the user's next cell, or something to read beside the notebook. */
export type Payload =
  | { source: "set_next_input"; text: string; replace: boolean }
  | { source: "page"; data: MimeBundle; start: number };

/** What a session tells while it works. `cell` is the number given to evaluate(). */
export type SessionEvent =
  | { type: "stream"; cell: number; name: "stdout" | "stderr"; text: string }
  | { type: "display"; cell: number; bundle: MimeBundle; id?: string }
  | { type: "updateDisplay"; cell: number; bundle: MimeBundle; id: string }
  | { type: "finishDisplay"; cell: number; id: string }
  | { type: "result"; cell: number; bundle: MimeBundle }
  /** Takes away what the cell has shown so far; with `wait`, when it next shows something. */
  | { type: "clearOutput"; cell: number; wait: boolean }
  /** Something for the front-end to do when the cell has ended. */
  | { type: "payload"; cell: number; payload: Payload }
  | { type: "inputRequest"; cell: number; prompt: string; password: boolean }
  | { type: "status"; state: "starting" | "idle" | "busy" }
  /**
   * The executor ended by itself; another one starts. `reason` is a sentence for people; `replied`: the reply of the cell that ran says
   * it, too.
   */
  | { type: "status"; state: "died"; reason: string; replied: boolean };
