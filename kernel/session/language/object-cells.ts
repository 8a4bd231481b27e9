// A cell that is nothing but `{ a: 1, b }` means the object, as in Node's REPL, and not a block.

import type * as TS from "typescript";
import type { Diagnostic } from "./diagnostics";
import type { ParsedFile } from "./internals";

/** The cell as the value that it means, one column to the right on its first line; undefined for any other cell. */
export function objectCell(ts: typeof TS, code: string): string | undefined {
  if (!/^\s*\{[\s\S]*\}\s*$/.test(code)) return undefined;
  const value = `(${code})`;
  const file = ts.createSourceFile("cell.ts", value, ts.ScriptTarget.Latest) as ParsedFile;
  const [statement] = file.statements;
  const isObject =
    file.parseDiagnostics.length === 0 &&
    file.statements.length === 1 &&
    ts.isExpressionStatement(statement) &&
    ts.isParenthesizedExpression(statement.expression) &&
    ts.isObjectLiteralExpression(statement.expression.expression);
  return isObject ? value : undefined;
}

/** Errors of such a cell, where it was typed. */
export function asTyped(diagnostics: Diagnostic[]): Diagnostic[] {
  const moved = (at: Diagnostic["start"]): Diagnostic["start"] => ({
    ...at,
    offset: at.offset - 1,
    character: at.line === 0 ? at.character - 1 : at.character,
  });
  return diagnostics.map((told) =>
    told.fileName ? told : { ...told, start: moved(told.start), end: moved(told.end) },
  );
}
