// The expression that a cell ends with: what type `_` has after it, and whether its value is to be shown.

import type * as TS from "@tslab/typescript-for-tslab";

export interface LastExpression {
  /** As TypeScript writes it; absent when it is too long to be of use. */
  type?: string;
  /** It ends in `;`. */
  hidden: boolean;
}

const LONGEST_TYPE = 4000;

/** The last statement of a cell when it is an expression. */
export function lastExpression(
  ts: typeof TS,
  checker: TS.TypeChecker,
  file: TS.SourceFile,
): LastExpression | undefined {
  const last = file.statements.filter((statement) => !ts.isExportDeclaration(statement)).at(-1);
  if (!last || !ts.isExpressionStatement(last)) return undefined;
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseFullyQualifiedType;
  // Of any string, not of this one: `_` is a variable.
  const widened = checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(last.expression));
  const type = checker.typeToString(widened, file, flags);
  const hidden = file.text[last.end - 1] === ";";
  return type.length > LONGEST_TYPE ? { hidden } : { type: `Awaited<${type}>`, hidden };
}
