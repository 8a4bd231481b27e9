// Values given to a notebook from outside. The cell tagged `parameters` declares them with their defaults; a cell tagged
// `injected-parameters` behind it declares them again. Later cells see the newest declaration of a name, of `const` too.

import type * as TS from "typescript";
import { type CodeCell, newCellId, type Notebook, tagsOf } from "./format";

const ts: typeof TS = require("typescript");

const injectedTag = "injected-parameters";

/**
 * The notebook with `values` in place of its defaults, and the names among them that its cell of parameters does not declare. A
 * value is JSON, or else the text itself.
 */
export function withParameters(
  notebook: Notebook,
  values: ReadonlyMap<string, string>,
): { notebook: Notebook; unknown: string[] } {
  const cells = notebook.cells.filter((cell) => !tagsOf(cell).includes(injectedTag));
  const at = cells.findIndex((cell) => cell.cell_type === "code" && tagsOf(cell).includes("parameters"));
  const declared = at < 0 ? new Map<string, Declared>() : declarationsOf(cells[at].source);
  const statements = [...values].map(([name, value]) => statement(name, parsed(value), declared.get(name)));
  const injected: CodeCell = {
    cell_type: "code",
    id: newCellId(),
    metadata: { tags: [injectedTag] },
    source: statements.join("\n"),
    execution_count: null,
    outputs: [],
  };
  const firstCode = cells.findIndex((cell) => cell.cell_type === "code");
  cells.splice(at < 0 ? Math.max(0, firstCode) : at + 1, 0, injected);
  const unknown = at < 0 ? [] : [...values.keys()].filter((name) => !declared.has(name));
  return { notebook: { ...notebook, cells }, unknown };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface Declared {
  word: "const" | "let";
  /** The type as written. */
  type?: string;
  /** The default, where it is a string. */
  text?: string;
}

/** What the statements of a cell declare. */
function declarationsOf(source: string): Map<string, Declared> {
  const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.Latest, true);
  const declared = new Map<string, Declared>();
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const { flags, declarations } = statement.declarationList;
    for (const { name, type, initializer } of declarations) {
      if (!ts.isIdentifier(name)) continue;
      declared.set(name.text, {
        word: flags & ts.NodeFlags.Const ? "const" : "let",
        type: type?.getText(file),
        text: initializer && ts.isStringLiteralLike(initializer) ? initializer.text : undefined,
      });
    }
  }
  return declared;
}

function statement(name: string, value: unknown, declared: Declared = { word: "const" }): string {
  const type = declared.type ?? (declared.word === "const" ? constantType(value, declared.text) : undefined);
  return `${declared.word} ${name}${type ? `: ${type}` : ""} = ${JSON.stringify(value)};`;
}

/** An inferred type would have this one value, and comparing it with the default, as later cells may, would be a type error. */
function constantType(value: unknown, text: string | undefined): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return typeof value;
  if (typeof value !== "string") return undefined;
  return text === undefined ? "string" : [...new Set([text, value])].map((one) => JSON.stringify(one)).join(" | ");
}
