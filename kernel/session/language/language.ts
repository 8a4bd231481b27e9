// The language process: checks, transforms, completes and explains cells. It runs no code of the user's, so it answers while a
// cell runs, and it can be replaced at any time, because what a session knows comes with each request.

import { basename } from "node:path";
import { calleeAt } from "./callee";
import { collectWhenQuiet } from "../quiet";
import { isComplete } from "./completeness";
import { explanation } from "./explanation";
import { type Conversion, createCellConverter, ts } from "./converter";
import { checkError, magicError } from "./diagnostics";
import { printQuickInfo } from "./tslab";
import { declarationOf, nameAt, withDeclaration } from "./declared";
import { completeMagic } from "../magics/complete";
import { readContext } from "../magics/context";
import { MagicError, misplacedMagic, type Reading, readCell, toMade, toTyped } from "../magics/read";
import { asTyped, objectCell } from "./object-cells";
import { initialDeclarations } from "../prelude-names";
import { programOf } from "./export/cells";
import { noSignature, signatureAt, withSignature } from "./signature";
import { tokensOf } from "./tokens";
import type { InspectReply, SignatureReply } from "../protocol";
import { keepDeclarations, rebaseImports } from "./rewrite";
import {
  type LanguageAnswer,
  type LanguageCalls,
  type LanguageRequest,
  type ProcessSetup,
  type RanCell,
  readyAnswer,
} from "../wire";

const converter = createCellConverter();
/** A line that turns the check of types off for its cell or file. */
const withoutChecks = /^\s*\/\/\s*@(?:check off|ts-nocheck)\b/m;
/** The folder of the session. */
let root = "";
/** Whether cells have magics; programs have none. */
let withMagics = true;

const calls: { [K in keyof LanguageCalls]: (request: LanguageCalls[K]["request"]) => LanguageCalls[K]["reply"] } = {
  convert: ({ code, from, declarations, label, sources, checks, program }) => {
    converter.check(checks && !withoutChecks.test(code));
    let reading: Reading;
    try {
      if (program) reading = plain(rebaseImports(ts, code, program, root));
      else reading = withMagics ? read(code, from, declarations, sources) : plain(code);
    } catch (error) {
      if (error instanceof MagicError) return { ok: false, error: magicError(error, code, label) };
      throw error;
    }
    const { next, run, timed, export: exported } = reading;
    const result = convertCell(declarations, reading.text, timed);
    if (!("cell" in result)) {
      const [{ start, code: kind, fileName }] = result.diagnostics;
      const misplaced = kind < 2000 && !fileName && withMagics ? misplacedMagic(reading.text, start.offset) : undefined;
      if (misplaced) return { ok: false, error: magicError(misplaced, reading.text, label) };
      const knows = (name: string): boolean => new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(declarations);
      return { ok: false, error: checkError(result.diagnostics, code, label, root, knows) };
    }
    // A value in the middle of a cell is not its value, and a file's is not that of the cell that runs it.
    const hidden = result.cell.hidden || next !== undefined || program !== undefined;
    return { ok: true, cell: { ...result.cell, hidden }, run, export: exported, next };
  },

  complete: ({ code, declarations, offset, cwd, recent }) => {
    const begins = (before: string): boolean => isComplete(ts, skim(before, declarations).text).status === "complete";
    const magic = withMagics ? completeMagic(code, offset, cwd, begins) : undefined;
    if (magic) return magic;
    const reading = skim(code, declarations);
    const reply = converter.complete(declarations, reading.text, toMade(reading, offset), recent);
    return { ...reply, start: toTyped(reading, reply.start), end: toTyped(reading, reply.end) };
  },

  signature: ({ code, declarations, offset }) => {
    const reading = skim(code, declarations);
    return signature(declarations, reading.text, toMade(reading, offset));
  },

  tokens: ({ code, declarations }) => {
    const reading = skim(code, declarations);
    const found = converter.about(declarations, reading.text, 0, ({ program, file, position }) =>
      tokensOf(ts, program, file, position),
    );
    const { tokens, brackets } = found ?? { tokens: [], brackets: [] };
    const typed = (at: number): number => toTyped(reading, at);
    // What a magic became is not in the text.
    const isTyped = (start: number, end: number): boolean =>
      code.slice(typed(start), typed(end)) === reading.text.slice(start, end);
    return {
      tokens: tokens
        .filter(({ start, end }) => isTyped(start, end))
        .map((token) => ({ ...token, start: typed(token.start), end: typed(token.end) })),
      brackets: brackets
        .filter(([open, close]) => isTyped(open, open + 1) && isTyped(close, close + 1))
        .map(([open, close]) => [typed(open), typed(close)]),
    };
  },

  inspect: ({ code, declarations, offset, sources }) => {
    const reading = skim(code, declarations);
    const cursor = toMade(reading, offset);
    const atName = inspect(declarations, reading.text, cursor);
    const callee = atName.found ? undefined : calleeAt(ts, reading.text, cursor);
    const at = callee ?? cursor;
    const { kind: _, ...explained } = callee === undefined ? atName : inspect(declarations, reading.text, callee);
    const isCall = callee !== undefined && explained.found;
    const reply = isCall ? withSignature(explained, signature(declarations, reading.text, cursor)) : explained;
    return reply.found ? withDeclaration(reply, declarationOf(ts, nameAt(reading.text, at), sources)) : reply;
  },

  isComplete: ({ code }) => {
    const reading = skim(code, "");
    // Lines below `%%time` belong to it until an empty one.
    if (reading.head && !/\n[ \t]*$/.test(code)) return { status: "incomplete", indent: "" };
    return isComplete(ts, reading.text);
  },

  modules: ({ path }) => {
    converter.check(true);
    const result = converter.modules(path);
    if (!("diagnostics" in result)) return result;
    const { traceback } = checkError(result.diagnostics, "", basename(path), root);
    return { refused: traceback.join("\n") };
  },

  export: ({ cells, file }) => {
    converter.check(false);
    const readPart = ({ source, from, program }: RanCell, declarations: string): Reading => {
      if (program) return plain(rebaseImports(ts, source, program, root));
      const reading = withMagics ? read(source, from, declarations, []) : plain(source);
      const object = withMagics && reading.timed.length === 0 ? objectCell(ts, reading.text) : undefined;
      return object === undefined ? reading : { ...reading, text: object };
    };
    return { text: programOf(converter, cells, readPart, root, file) };
  },

  keep: ({ before, after, dropped }) => ({ declarations: keepDeclarations(ts, before, after, dropped) }),
};

function convertCell(declarations: string, text: string, timed: Reading["timed"]): Conversion {
  const object = withMagics && timed.length === 0 ? objectCell(ts, text) : undefined;
  if (object === undefined) return converter.convert(declarations, text, timed);
  const result = converter.convert(declarations, object);
  return "cell" in result ? result : { diagnostics: asTyped(result.diagnostics) };
}

function signature(declarations: string, code: string, offset: number): SignatureReply {
  const found = converter.about(declarations, code, offset, ({ program, file, position }) =>
    signatureAt(ts, program, file, position),
  );
  return found ?? noSignature;
}

function inspect(declarations: string, code: string, offset: number): InspectReply & { kind: string } {
  const info = converter.inspect(declarations, code, offset);
  // TypeScript explains an unknown name as `any` of no kind.
  if (!info || info.kind === ts.ScriptElementKind.unknown) return { found: false, text: "", markdown: "", kind: "" };
  return { found: true, text: printQuickInfo(info), markdown: explanation(info), kind: info.kind };
}

/** A text without magics. */
function plain(text: string): Reading {
  return { text, edits: [], timed: [], head: false };
}

function read(code: string, from: number, declarations: string, sources: [label: string, source: string][]): Reading {
  const about = (expression: string) => inspect(declarations, expression, expression.length);
  return readCell(ts, code, from, readContext(ts, { code, declarations, sources, inspect: about }));
}

/** A text that is still being written. */
function skim(code: string, declarations: string): Reading {
  if (!withMagics) return plain(code);
  const about = () => ({ found: false, text: "", markdown: "", kind: "" });
  const context = readContext(ts, { code, declarations, sources: [], inspect: about });
  return readCell(ts, code, 0, { ...context, lenient: true });
}

function answer<K extends keyof LanguageCalls>(
  id: number,
  call: K,
  request: LanguageCalls[K]["request"],
): LanguageAnswer {
  try {
    return { id, reply: calls[call](request) };
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Runs what most sessions run first, so that it is compiled in a snapshot. */
export function prepare(): void {
  const cells = [
    "const x = torch.randn(2, 3);",
    "x.sum()",
    "1 + '1';",
    "for (const i of [1]) console.log(i);",
    "%time const y = 1",
    "1 + 1",
  ];
  let declarations = initialDeclarations;
  for (const code of cells) {
    const result = calls.convert({ code, from: 0, declarations, label: "", sources: [], checks: true });
    if (result.ok) declarations = result.cell.declarations;
  }
  checkNothing();
}

/** Checks an empty cell with what the first one of a session comes with, so that what all need is there. */
function checkNothing(): void {
  calls.convert({ code: "", from: 0, declarations: initialDeclarations, label: "", sources: [], checks: true });
}

/** Answers requests over IPC, for the session that the JSON describes. */
export function serve(json: string): void {
  const setup = JSON.parse(json) as ProcessSetup;
  root = setup.root;
  withMagics = setup.file === undefined;
  converter.open({ root, declarations: !setup.file, operators: setup.operators });
  const tidy = collectWhenQuiet();
  process.on("message", ({ id, call, request }: LanguageRequest) => {
    process.send?.(answer(id, call, request as never));
    tidy();
  });
  process.send?.({ id: readyAnswer } satisfies LanguageAnswer);
  // A request that waits already comes first; a person who begins by typing finds this done.
  const idle = setTimeout(checkNothing, 20);
  process.once("message", () => clearTimeout(idle));
  process.on("disconnect", () => process.exit());
  // Ctrl-C in a terminal reaches the whole process group; it is meant for the cell.
  process.on("SIGINT", () => {});
}

if (require.main === module) serve(process.argv[2]);
