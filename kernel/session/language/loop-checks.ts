// What makes the user's code stoppable: every loop looks at the stop flag before each turn, every `await` can be ended by an interrupt,
// and no `catch` swallows one unseen. So an interrupt is an error thrown at that place, and `finally` blocks run. Applied to compiled JavaScript, cells and
// the user's own modules alike; interrupts.ts defines the names.

import type * as TS from "typescript";
import { checkNames } from "../check-names";
import { LoopLocals } from "./loop-locals";

type Compiler = typeof TS;

/** A transformer of JavaScript that puts the checks in; of that of a cell it also makes loops work on copies of variables. */
export function loopChecks(ts: Compiler, isCell: boolean): TS.TransformerFactory<TS.SourceFile> {
  const { factory } = ts;
  const name = (which: keyof typeof checkNames): TS.Identifier => factory.createIdentifier(checkNames[which]);
  const call = (which: keyof typeof checkNames, argument: TS.Expression): TS.Expression =>
    factory.createCallExpression(name(which), undefined, [argument]);

  const flag = (): TS.Expression => factory.createElementAccessExpression(name("flag"), 0);
  // An error thrown here points at the loop.
  const thrown = (loop: TS.Node): TS.Statement =>
    ts.setSourceMapRange(factory.createThrowStatement(name("error")), loop);
  const check = (loop: TS.Node): TS.Statement =>
    ts.setSourceMapRange(
      factory.createIfStatement(factory.createStrictInequality(flag(), factory.createNumericLiteral(0)), thrown(loop)),
      loop,
    );
  const locals = isCell ? new LoopLocals(ts, { flag, thrown }) : undefined;

  const checked = (body: TS.Statement, loop: TS.Node): TS.Statement =>
    ts.isBlock(body)
      ? factory.updateBlock(body, [check(loop), ...body.statements])
      : factory.createBlock([check(loop), body], true);

  const mentions = (node: TS.Node, text: string): boolean =>
    (ts.isIdentifier(node) && node.text === text) ||
    (ts.forEachChild(node, (child) => mentions(child, text) || undefined) ?? false);

  /** A `catch` that does not look at what it caught lets an interrupt pass, as `except Exception` does in Python. */
  const passing = (clause: TS.CatchClause): TS.CatchClause => {
    const { variableDeclaration, block } = clause;
    const bound = variableDeclaration?.name;
    if (bound && !(ts.isIdentifier(bound) && !mentions(block, bound.text))) return clause;
    const caught = bound ?? factory.createIdentifier("__cresset_caught__");
    const pass = factory.createExpressionStatement(call("pass", caught));
    return factory.updateCatchClause(
      clause,
      variableDeclaration ?? factory.createVariableDeclaration(caught),
      factory.updateBlock(block, [pass, ...block.statements]),
    );
  };

  return (context) => {
    /** How many functions and classes are around. */
    let depth = 0;
    const visit = (node: TS.Node): TS.Node => {
      const local = depth === 0 ? locals?.rewritten(node) : undefined;
      if (local) return local;
      const isScope = ts.isFunctionLike(node) || ts.isClassLike(node);
      if (isScope) depth++;
      const inner = ts.visitEachChild(node, visit, context);
      if (isScope) depth--;
      if (ts.isAwaitExpression(inner)) return factory.updateAwaitExpression(inner, call("wait", inner.expression));
      if (ts.isCatchClause(inner)) return passing(inner);
      if (ts.isForStatement(inner)) {
        const { initializer, condition, incrementor, statement } = inner;
        return factory.updateForStatement(inner, initializer, condition, incrementor, checked(statement, node));
      }
      if (ts.isWhileStatement(inner))
        return factory.updateWhileStatement(inner, inner.expression, checked(inner.statement, node));
      if (ts.isDoStatement(inner))
        return factory.updateDoStatement(inner, checked(inner.statement, node), inner.expression);
      if (ts.isForInStatement(inner))
        return factory.updateForInStatement(inner, inner.initializer, inner.expression, checked(inner.statement, node));
      if (ts.isForOfStatement(inner)) {
        const { awaitModifier, initializer, expression, statement } = inner;
        const walked = awaitModifier ? call("steps", expression) : expression;
        return factory.updateForOfStatement(inner, awaitModifier, initializer, walked, checked(statement, node));
      }
      return inner;
    };
    return (file) => {
      locals?.enter(file);
      return ts.visitEachChild(file, visit, context);
    };
  };
}
