// The language process: checks, transforms, completes and explains cells. It runs no code of the user's, so it answers while a
// cell runs, and it can be replaced at any time, because what a session knows comes with each request.

import { printQuickInfo } from "tslab/dist/inspect";
import { collectWhenQuiet } from "./quiet";
import { isComplete } from "./completeness";
import { explanation } from "./explanation";
import { createCellConverter, ts } from "./converter";
import { checkError } from "./diagnostics";
import { initialDeclarations } from "./prelude-names";
import { keepDeclarations } from "./rewrite";
import type { LanguageAnswer, LanguageCalls, LanguageRequest, ProcessSetup } from "./wire";

const converter = createCellConverter();
/** The folder of the session. */
let root = "";

const calls: { [K in keyof LanguageCalls]: (request: LanguageCalls[K]["request"]) => LanguageCalls[K]["reply"] } = {
  convert: ({ code, declarations, label }) => {
    const result = converter.convert(declarations, code);
    if ("cell" in result) return { ok: true, cell: result.cell };
    return { ok: false, error: checkError(result.diagnostics, code, label, root) };
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

/** Runs what most sessions run first, so that it is compiled in a snapshot. */
export function prepare(): void {
  const cells = [
    "const x = torch.randn(2, 3);",
    "x.sum()",
    "1 + '1';",
    "for (const i of [1]) console.log(i);",
    "1 + 1",
  ];
  let declarations = initialDeclarations;
  for (const code of cells) {
    const result = calls.convert({ code, declarations, label: "" });
    if (result.ok) declarations = result.cell.declarations;
  }
  // With what the first cell of a session comes with.
  calls.convert({ code: "", declarations: initialDeclarations, label: "" });
}

/** Answers requests over IPC, for the session that the JSON describes. */
export function serve(json: string): void {
  const setup = JSON.parse(json) as ProcessSetup;
  root = setup.root;
  converter.open({ root, declarations: !setup.file, operators: setup.operators });
  const tidy = collectWhenQuiet();
  process.on("message", ({ id, call, request }: LanguageRequest) => {
    process.send?.(answer(id, call, request as never));
    tidy();
  });
  process.on("disconnect", () => process.exit());
  // Ctrl-C in a terminal reaches the whole process group; it is meant for the cell.
  process.on("SIGINT", () => {});
}

if (require.main === module) serve(process.argv[2]);
