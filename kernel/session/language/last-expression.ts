// The expression that a cell ends with: what type `_` has after it, and whether its value is to be shown.

import type * as TS from "typescript";

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
  const last = lastOf(ts, file);
  if (!last) return undefined;
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseFullyQualifiedType;
  // Of any string, not of this one: `_` is a variable.
  const widened = checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(last.expression));
  const type = checker.typeToString(widened, file, flags);
  const hidden = file.text[last.end - 1] === ";";
  return type.length > LONGEST_TYPE ? { hidden } : { type: `Awaited<${type}>`, hidden };
}

/** tslab keeps the value in a variable, which must not give a function or a class its name. A transformer of trees. */
export function withoutName(ts: typeof TS): TS.TransformerFactory<TS.SourceFile> {
  const { factory } = ts;
  const isNameless = (node: TS.Expression): boolean => {
    if (ts.isParenthesizedExpression(node)) return isNameless(node.expression);
    return ts.isArrowFunction(node) || ((ts.isFunctionExpression(node) || ts.isClassExpression(node)) && !node.name);
  };
  return () => (file) => {
    const last = lastOf(ts, file);
    if (!last || !isNameless(last.expression)) return file;
    const value = factory.createComma(factory.createNumericLiteral(0), last.expression);
    const changed = factory.updateExpressionStatement(last, ts.setTextRange(value, last.expression));
    const statements = file.statements.map((statement) => (statement === last ? changed : statement));
    return factory.updateSourceFile(file, ts.setTextRange(factory.createNodeArray(statements), file.statements));
  };
}

/**
 * What TypeScript makes of a namespace or a decorated class ends with an expression, which tslab would take for the value of the cell; in
 * its place it is no longer the statement where names of a namespace are resolved. A transformer of trees behind TypeScript's own.
 */
export function withoutValue(ts: typeof TS): TS.TransformerFactory<TS.SourceFile> {
  const { factory } = ts;
  return () => (file) => factory.updateSourceFile(file, [...file.statements, factory.createEmptyStatement()]);
}

function lastOf(ts: typeof TS, file: TS.SourceFile): TS.ExpressionStatement | undefined {
  const last = file.statements.filter((statement) => !ts.isExportDeclaration(statement)).at(-1);
  return last && ts.isExpressionStatement(last) ? last : undefined;
}
