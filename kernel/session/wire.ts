// The messages between a session and its two processes. Requests travel over Node's IPC; what the executor says travels as frames
// on a pipe of its own, written synchronously, so that it arrives in order and while a synchronous loop still runs.

import type { MimeBundle } from "../../core/display/host";
import type {
  CellUsage,
  CompleteReply,
  InspectReply,
  IsCompleteReply,
  Payload,
  SessionError,
  SignatureReply,
  Terminal,
  TokensReply,
  Variable,
} from "./protocol";

/** JavaScript made from TypeScript, with the maps that lead back: from the code to the intermediate module, from there to the source. */
export interface MappedCode {
  code: string;
  maps: [string, string];
}

/** A module of the user's own, imported by a cell. */
export interface ConvertedModule extends MappedCode {
  /** Absolute, with the extension `.js` that `require` looks for. */
  path: string;
  /** Absolute path of the TypeScript file. */
  source: string;
  /** What it imports as it is loaded. */
  imports: string[];
  /** Whether `await` occurs outside functions. */
  waits: boolean;
}

/** A cell that passed the check. */
export interface ConvertedCell extends MappedCode {
  /** Names that the cell declares and later cells see. */
  names: string[];
  /** Declarations of all names that later cells see, when the cell runs to its end. */
  declarations: string;
  /** The property of `exports` that receives the value of the last expression. */
  lastExpression?: string;
  /** The type of that value as TypeScript writes it; absent when it has none that later cells could name. */
  resultType?: string;
  /** The last expression ends in `;`: its value is not to be shown. */
  hidden: boolean;
  /** Whether `await` occurs outside functions. */
  async: boolean;
  /** What it imports, by specifier. */
  imports: string[];
  /** The user's modules that have changed since they were converted last, and those that import them. */
  modules: ConvertedModule[];
  /** What to tell of edited modules that stay as they were. */
  kept: string[];
}

/** A part of a cell that ran to its end. */
export interface RanCell {
  source: string;
  /** Where the part begins. */
  from: number;
  /** The number under which its value is kept. */
  cell: number | null;
  /** The path of a file that was run as if it were typed. */
  program?: string;
}

export type ConvertReply =
  | { ok: true; cell: ConvertedCell; run?: string; export?: string; next?: number }
  | { ok: false; error: SessionError };

/** Request → reply of the language process, by name. It keeps no state of a session: `declarations` comes with each request. */
export interface LanguageCalls {
  /**
   * `from`: where the part to convert begins. The reply's `run` is a file to run after it, `export` what follows `%export`, and `next` where
   * the part after that begins.
   * `sources`: of earlier cells and files, with their labels, for a question about a name. `checks`: whether it is held to its types. `program`: the text is a file's, and has no magics.
   */
  convert: {
    request: {
      code: string;
      from: number;
      declarations: string;
      label: string;
      sources: [label: string, source: string][];
      checks: boolean;
      program?: string;
    };
    reply: ConvertReply;
  };
  /** `cwd`: where paths start. `recent`: names used lately, the last first. */
  complete: {
    request: { code: string; declarations: string; offset: number; cwd: string; recent: string[] };
    reply: CompleteReply;
  };
  signature: { request: { code: string; declarations: string; offset: number }; reply: SignatureReply };
  tokens: { request: { code: string; declarations: string }; reply: TokensReply };
  /** `sources`: as for `convert`, when the source of a name is to be told. */
  inspect: {
    request: { code: string; declarations: string; offset: number; sources: [label: string, source: string][] };
    reply: InspectReply;
  };
  isComplete: { request: { code: string }; reply: IsCompleteReply };
  /** A module of the user's and all that it imports, converted; `refused` says what is wrong with them. */
  modules: { request: { path: string }; reply: { modules: ConvertedModule[] } | { refused: string } };
  /** The program of cells that ran, to be written to a file. */
  export: { request: { cells: RanCell[]; file: string }; reply: { text: string } };
  /** What later cells see after a cell that failed part way: declarations of `names` only, over those from before. */
  keep: { request: { before: string; after: string; dropped: string[] }; reply: { declarations: string } };
}

export type LanguageRequest = {
  [K in keyof LanguageCalls]: { id: number; call: K; request: LanguageCalls[K]["request"] };
}[keyof LanguageCalls];

/** The `id` of the answer that is none: the process has started and takes requests. */
export const readyAnswer = 0;

export interface LanguageAnswer {
  id: number;
  reply?: unknown;
  /** Set instead of `reply` when the request could not be answered. */
  failure?: string;
}

/** How both processes are started: JSON in their first argument. */
export interface ProcessSetup {
  /** Directory that relative imports and packages of cells resolve from. */
  root: string;
  /** Working directory of cells. */
  cwd: string;
  /** `process.argv` after the executable, for programs. */
  argv: string[];
  /** The file that is run, for programs: gives `__filename`, and what it fails to catch ends the process. */
  file?: string;
  /** "text" when rich forms would never be drawn. */
  display: "rich" | "text";
  /** Whether operators and brackets work on tensors. */
  operators: boolean;
  /** Where output ends, as far as it is known. */
  terminal?: Terminal;
}

export interface RunRequest {
  type: "run";
  /** Told back at the end; unique in the life of an executor. */
  run: number;
  /** The number under which its value is kept; null: not at all. */
  cell: number | null;
  /** Sources of numbered cells that this executor has not been told yet. */
  inputs: [cell: number, source: string][];
  /** The lines of the session's last error, for `%tb`. */
  lastError: readonly string[];
  /** For a file that `%run` runs: its path, then its arguments. */
  program?: string[];
  /** What tracebacks call this cell. */
  label: string;
  /** The TypeScript as typed. */
  source: string;
  converted: ConvertedCell;
}

/** Question → answer of the executor, by name; it answers when it runs no code. */
export interface ExecutorQuestions {
  variables: { question: Record<never, never>; answer: Variable[] };
  /** The forms of a variable's value, or null when there is no such variable. */
  preview: { question: { name: string }; answer: MimeBundle | null };
}

export type AskRequest = {
  [K in keyof ExecutorQuestions]: { type: "ask"; id: number; about: K; question: ExecutorQuestions[K]["question"] };
}[keyof ExecutorQuestions];

/** What the session asks of the executor. "finish": no more cells, end when timers and servers have; interrupted as `run`. */
export type ExecutorRequest =
  | RunRequest
  | AskRequest
  | { type: "terminal"; terminal: Terminal }
  | { type: "finish"; run: number };

/** What the executor tells, in order. */
export type ExecutorFrame =
  | { type: "ready" }
  | { type: "stream"; name: "stdout" | "stderr"; text: string }
  | { type: "display"; bundle: MimeBundle; id?: string }
  | { type: "updateDisplay"; bundle: MimeBundle; id: string }
  | { type: "finishDisplay"; id: string }
  | { type: "result"; bundle: MimeBundle }
  | { type: "clearOutput"; wait: boolean }
  | { type: "payload"; payload: Payload }
  /** Whether cells from now on are held to their types. */
  | { type: "checks"; on: boolean }
  | { type: "inputRequest"; prompt: string; password: boolean }
  /** A cell starts a worker with a file of TypeScript, and waits for what is to run in it. */
  | { type: "modulesRequest"; path: string }
  /**
   * What comes after it was written after what comes before it in stdout and stderr; numbers grow. `raw`: which of the two have the
   * mark; one whose descriptor the cell has put something else behind has none.
   */
  | { type: "mark"; mark: number; raw: readonly ("stdout" | "stderr")[] }
  /** `kept`: the value is one of the results now. `dropped`: names that the failed cell declared but never gave a value. */
  | {
      type: "done";
      run: number;
      error?: SessionError;
      kept: boolean;
      dropped: string[];
      /** The working directory now. */
      cwd: string;
      /** All variables from before this cell are forgotten. */
      reset: boolean;
      usage: CellUsage;
    }
  /** To a question; `failure` when it could not be answered. */
  | { type: "answer"; id: number; answer?: unknown; failure?: string };

/** File descriptors of the executor beside stdin, stdout and stderr. */
export const executorFds = { frames: 3, control: 4, input: 5, requests: 6 } as const;

/** What stands for a mark in stdout and stderr, to know that what native code and child processes wrote before it has arrived. */
export function rawMark(mark: number): string {
  return `\u0000cresset ${mark}\u0000`;
}

/** Finds the marks; the number is captured. */
export const anyMark = new RegExp(rawMark(0).replace("0", "(\\d+)").replaceAll("\u0000", "\\0"), "g");

/** Finds a mark at the end of a text that may still be on its way. */
export const startOfMark = /\0(?:c(?:r(?:e(?:s(?:s(?:e(?:t(?: \d*)?)?)?)?)?)?)?)?$/;
