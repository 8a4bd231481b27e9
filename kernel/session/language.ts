// The language process: checks, transforms, completes and explains cells. It runs no code of the user's, so it answers while a
// cell runs, and it can be replaced at any time, because what a session knows comes with each request.

import { printQuickInfo } from "tslab/dist/inspect";
import { isComplete } from "./completeness";
import { explanation } from "./explanation";
import { createCellConverter, ts } from "./converter";
import { checkError } from "./diagnostics";
import { keepDeclarations } from "./rewrite";
import type { LanguageAnswer, LanguageCalls, LanguageRequest, ProcessSetup } from "./wire";

const setup = JSON.parse(process.argv[2]) as ProcessSetup;
const converter = createCellConverter();
converter.open({ root: setup.root, declarations: !setup.file, operators: setup.operators });

const calls: { [K in keyof LanguageCalls]: (request: LanguageCalls[K]["request"]) => LanguageCalls[K]["reply"] } = {
  convert: ({ code, declarations, label }) => {
    const result = converter.convert(declarations, code);
    if ("cell" in result) return { ok: true, cell: result.cell };
    return { ok: false, error: checkError(result.diagnostics, code, label, setup.root) };
  },

  complete: ({ code, declarations, offset }) => converter.complete(declarations, code, offset),

  inspect: ({ code, declarations, offset }) => {
    const info = converter.inspect(declarations, code, offset);
    // TypeScript explains an unknown name as `any` of no kind.
    if (!info || info.kind === ts.ScriptElementKind.unknown) return { found: false, text: "", markdown: "" };
    return { found: true, text: printQuickInfo(info), markdown: explanation(info) };
  },

  isComplete: ({ code }) => isComplete(ts, code),

  keep: ({ before, after, dropped }) => ({ declarations: keepDeclarations(ts, before, after, dropped) }),
};

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

process.on("message", ({ id, call, request }: LanguageRequest) => process.send?.(answer(id, call, request as never)));
process.on("disconnect", () => process.exit());
// Ctrl-C in a terminal reaches the whole process group; it is meant for the cell.
process.on("SIGINT", () => {});
