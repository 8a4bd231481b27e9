// Puts the calls that take the time around the statements that `%time` and `%timeit` concern, after the check: the statements keep
// their positions and types.

import type * as TS from "typescript";
import { containsAwait } from "../language/rewrite";
import type { Timed } from "./read";

type Compiler = typeof TS;

/**
 * @param shift the position in the tree of the start of the cell's text
 * @param lost receives the names that only exist within a loop that is timed
 */
export function timingTransform(
  ts: Compiler,
  timed: readonly Timed[],
  shift: number,
  lost: Set<string>,
): TS.TransformerFactory<TS.SourceFile> {
  return () => (file) => {
    let { statements } = file as { statements: readonly TS.Statement[] };
    for (const each of timed) {
      const concerned = statements.filter((statement) => {
        const original = ts.getOriginalNode(statement);
        if (original.pos < 0 || ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) return false;
        const start = original.getStart(file) - shift;
        return start >= each.start && start < each.end;
      });
      if (concerned.length === 0) continue;
      const first = statements.indexOf(concerned[0]);
      const timedNow = new Set(concerned);
      const others = statements.slice(first).filter((statement) => !timedNow.has(statement));
      const made = each.magic === "time" ? measured(ts, concerned) : [repeated(ts, concerned, each.options)];
      if (each.magic === "timeit") for (const name of concerned.flatMap((s) => declaredNames(ts, s))) lost.add(name);
      statements = [...statements.slice(0, first), ...made, ...others];
    }
    const kept = statements.map((statement) => withoutExports(ts, statement, lost));
    return ts.factory.updateSourceFile(file, ts.setTextRange(ts.factory.createNodeArray(kept), file.statements));
  };
}

function call(ts: Compiler, name: string, given: TS.Expression[]): TS.CallExpression {
  const { factory } = ts;
  return factory.createCallExpression(
    factory.createPropertyAccessExpression(factory.createIdentifier("$magics"), name),
    undefined,
    given,
  );
}

/** The clock starts before the first statement; a value at the end passes through the call that stops it. */
function measured(ts: Compiler, statements: TS.Statement[]): TS.Statement[] {
  const { factory } = ts;
  const start = factory.createExpressionStatement(call(ts, "startClock", []));
  const last = statements[statements.length - 1];
  const before = [start, ...statements.slice(0, -1)];
  if (!ts.isExpressionStatement(last))
    return [...before, last, factory.createExpressionStatement(call(ts, "stopClock", []))];
  return [...before, factory.updateExpressionStatement(last, call(ts, "stopClock", [last.expression]))];
}

/** The statements as a function that is called many times. */
function repeated(ts: Compiler, statements: TS.Statement[], options: string): TS.Statement {
  const { factory } = ts;
  const waits = statements.some((statement) => containsAwait(ts, statement));
  const last = statements[statements.length - 1];
  const body = ts.isExpressionStatement(last)
    ? [...statements.slice(0, -1), ts.setTextRange(factory.createReturnStatement(last.expression), last)]
    : statements;
  const modifiers = waits ? [factory.createModifier(ts.SyntaxKind.AsyncKeyword)] : undefined;
  const block = factory.createBlock(body, true);
  const loop = factory.createArrowFunction(modifiers, undefined, [], undefined, undefined, block);
  const run = call(ts, waits ? "timeAwaited" : "timeLoops", [factory.createStringLiteral(options), loop]);
  return factory.createExpressionStatement(waits ? factory.createAwaitExpression(run) : run);
}

/** The names that a statement declares; those of a loop that is timed are its own. */
export function declaredNames(ts: Compiler, statement: TS.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(ts, name));
  }
  const { name } = statement as TS.Statement & { name?: TS.Node };
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function boundNames(ts: Compiler, name: TS.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(ts, element.name) : []));
}

/** tslab exports every name of a cell by a statement at its end. */
function withoutExports(ts: Compiler, statement: TS.Statement, lost: Set<string>): TS.Statement {
  if (lost.size === 0 || !ts.isExportDeclaration(statement)) return statement;
  const { exportClause } = statement;
  if (!exportClause || !ts.isNamedExports(exportClause)) return statement;
  const elements = exportClause.elements.filter(({ name }) => !lost.has(name.text));
  return ts.factory.updateExportDeclaration(
    statement,
    statement.modifiers,
    statement.isTypeOnly,
    ts.factory.updateNamedExports(exportClause, elements),
    statement.moduleSpecifier,
    statement.attributes,
  );
}
