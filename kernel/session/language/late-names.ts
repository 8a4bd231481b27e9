// Functions of a cell see what a name means now, as in Python: when a later cell has declared it again, the later variable. A function
// asks whether its cell has lost a name, which is cheap, and only then goes by `exports`:
//
//   const step = () => (__cresset_moved_000000 ? exports.lr : lr);
//
// Code outside of functions runs before any later cell, and stays as it is.

import type * as TS from "typescript";
import { checkNames } from "../check-names";
import type { OpenCompiler } from "../operators/compiler";
import type { BoundFile } from "./internals";

/** Longer values are not written twice. */
const longest = 200;

/** A transformer of the checked tree of a cell. Imports keep their meaning. */
export function lateNames(ts: OpenCompiler, checker: TS.TypeChecker): TS.TransformerFactory<TS.SourceFile> {
  const { factory, SyntaxKind, SymbolFlags } = ts;
  const variables = SymbolFlags.Variable | SymbolFlags.Function | SymbolFlags.Class | SymbolFlags.RegularEnum;
  const { isExpressionNode } = ts as OpenCompiler & { isExpressionNode(node: TS.Node): boolean };

  const isDeferred = (node: TS.Node): boolean =>
    ts.isFunctionLike(node) || ts.isPropertyDeclaration(node) || ts.isClassStaticBlockDeclaration(node);

  /** The name of a variable at the top of the cell that an expression within a function is. */
  const topName = (node: TS.Node, own: TS.SymbolTable): string | undefined => {
    if (!ts.isIdentifier(node)) return undefined;
    const typed = ts.getOriginalNode(node) as TS.Identifier;
    if (!typed.parent || !isExpressionNode(typed) || ts.isTypeQueryNode(typed.parent)) return undefined;
    if (ts.isJsxOpeningLikeElement(typed.parent) || ts.isJsxClosingElement(typed.parent)) return undefined;
    const symbol = checker.getSymbolAtLocation(typed);
    if (!symbol || !(symbol.flags & variables) || own.get(symbol.escapedName) !== symbol) return undefined;
    return ts.findAncestor(typed, isDeferred) ? typed.text : undefined;
  };

  /** Nodes that another transformer made have no parent. */
  const isTarget = (typed: TS.Node): boolean =>
    typed.parent !== undefined && ts.getAssignmentTargetKind(typed) !== ts.AssignmentKind.None;
  const moved = (): TS.Expression => factory.createIdentifier(checkNames.moved);
  const elsewhere = (name: string): TS.LeftHandSideExpression =>
    factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name);
  const either = (now: TS.Expression, here: TS.Expression, typed: TS.Node): TS.Expression =>
    ts.setTextRange(
      factory.createParenthesizedExpression(
        factory.createConditionalExpression(moved(), undefined, now, undefined, here),
      ),
      typed,
    );

  /** Whether a value may be written twice: it declares nothing, and is short. */
  const isShort = (node: TS.Node): boolean => {
    const typed = ts.getOriginalNode(node);
    if (typed.pos < 0 || typed.end - typed.pos > longest) return false;
    const isSimple = (each: TS.Node): boolean =>
      !ts.isFunctionLike(each) &&
      !ts.isClassLike(each) &&
      !(ts.forEachChild(each, (child) => !isSimple(child)) ?? false);
    return isSimple(typed);
  };

  return (context) => (file) => {
    const own = (ts.getOriginalNode(file) as BoundFile).locals;
    if (!own) return file;
    const visit = (node: TS.Node): TS.Node => {
      if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return node;
      if (ts.isBinaryExpression(node) && isAssignment(ts, node)) {
        const name = topName(node.left, own);
        if (name === undefined) return ts.visitEachChild(node, visit, context);
        const right = ts.visitNode(node.right, visit) as TS.Expression;
        const assigned = (target: TS.Expression): TS.Expression =>
          factory.createBinaryExpression(target, node.operatorToken, right);
        // A default within a pattern is written like an assignment.
        if (isTarget(ts.getOriginalNode(node)) || !isShort(node))
          return ts.setTextRange(assigned(elsewhere(name)), node);
        return either(assigned(elsewhere(name)), ts.setTextRange(assigned(node.left), node), node);
      }
      if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
        const name = topName(node.operand, own);
        const counts = node.operator === SyntaxKind.PlusPlusToken || node.operator === SyntaxKind.MinusMinusToken;
        if (name === undefined || !counts) return ts.visitEachChild(node, visit, context);
        const now = ts.isPrefixUnaryExpression(node)
          ? factory.createPrefixUnaryExpression(node.operator, elsewhere(name))
          : factory.createPostfixUnaryExpression(elsewhere(name), node.operator);
        return either(now, node, node);
      }
      if (ts.isShorthandPropertyAssignment(node)) return shorthand(node);
      const name = topName(node, own);
      if (name === undefined) return ts.visitEachChild(node, visit, context);
      if (isTarget(ts.getOriginalNode(node))) return ts.setTextRange(elsewhere(name), node);
      return either(elsewhere(name), node as TS.Identifier, node);
    };
    const shorthand = (node: TS.ShorthandPropertyAssignment): TS.Node => {
      const typed = ts.getOriginalNode(node) as TS.ShorthandPropertyAssignment;
      const symbol = typed.parent && checker.getShorthandAssignmentValueSymbol(typed);
      const isOwn = symbol && symbol.flags & variables && own.get(symbol.escapedName) === symbol;
      if (!isOwn || !ts.findAncestor(typed, isDeferred)) return ts.visitEachChild(node, visit, context);
      const { text } = node.name;
      const value = isTarget(typed.name)
        ? elsewhere(text)
        : either(elsewhere(text), factory.createIdentifier(text), node.name);
      const initial = ts.visitNode(node.objectAssignmentInitializer, visit) as TS.Expression | undefined;
      const given = initial ? factory.createAssignment(value, initial) : value;
      return ts.setTextRange(factory.createPropertyAssignment(text, given), node);
    };
    return ts.visitEachChild(file, visit, context);
  };
}

function isAssignment(ts: typeof TS, { operatorToken: { kind } }: TS.BinaryExpression): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}
