// Rewrites what rules.ts decided: operators and brackets become calls of runtime.ts, at the positions of what was typed. All else
// stays as it is, so that code of numbers runs as it was written. Works on the parser's own trees, before other transformers.

import type * as TS from "typescript";
import type { OpenChecker, OpenCompiler } from "./compiler";
import { Methods, type ProgramNames } from "./methods";
import { type FloatLiterals, floatLiterals } from "./literals";
import type { BinaryRow, Decisions } from "./rules";
import type { Operators } from "./runtime";
import { prefixes } from "./table";

/** Methods of lists whose first argument decides about elements. */
const decidingMethods: ReadonlySet<string> = new Set([
  "filter",
  "some",
  "every",
  "find",
  "findIndex",
  "findLast",
  "findLastIndex",
]);

/**
 * A transformer for checked files. `creationFile` declares the library's functions that make tensors from values; `names` are given for a
 * program that people read, in which operators become methods.
 */
export function operatorCalls(
  ts: OpenCompiler,
  checker: OpenChecker,
  decisions: Decisions,
  creationFile: TS.SourceFile | undefined,
  names?: ProgramNames,
): TS.TransformerFactory<TS.SourceFile> {
  const floats = floatLiterals(ts, checker, creationFile);
  return (context) => (file) =>
    decisions.covers(file)
      ? (new Rewriter(ts, checker, context, decisions, floats, names).visit(file) as TS.SourceFile)
      : file;
}

class Rewriter {
  private readonly factory: TS.NodeFactory;
  /** Expressions that decide which way the code goes. */
  private readonly conditions = new Set<TS.Node>();
  private readonly methods: Methods | undefined;

  constructor(
    private readonly ts: OpenCompiler,
    private readonly checker: OpenChecker,
    private readonly context: TS.TransformationContext,
    private readonly decisions: Decisions,
    private readonly floats: FloatLiterals,
    names: ProgramNames | undefined,
  ) {
    this.factory = context.factory;
    this.methods = names && new Methods(ts, checker, decisions, this.factory, names);
  }

  readonly visit = (node: TS.Node): TS.Node => {
    const { ts } = this;
    this.noteConditions(node);
    if (ts.isBinaryExpression(node)) return this.binary(node);
    const made = this.rewritten(node);
    return this.conditions.has(node) ? this.truth(node as TS.Expression, made as TS.Expression) : made;
  };

  private rewritten(node: TS.Node): TS.Node {
    const { ts } = this;
    if (ts.isPrefixUnaryExpression(node) && this.decisions.of(node)) return this.prefix(node);
    if (ts.isElementAccessExpression(node) && this.decisions.of(node)) return this.element(node);
    const decides = ts.isCallExpression(node) && this.asksTensors(node);
    if (decides && this.methods && this.noteAnswer(node.arguments[0])) return this.children(node);
    const visited = this.children(node);
    if (!ts.isCallExpression(node) || !ts.isCallExpression(visited)) return visited;
    if (decides) return this.withFirst(visited, (first) => this.call("deciding", [first]));
    return this.floats.withDtype(node, visited, () => this.methods?.dtype() ?? this.call("floating", []));
  }

  private children<T extends TS.Node>(node: T): T {
    return this.ts.visitEachChild(node, this.visit, this.context);
  }

  private expression(node: TS.Expression): TS.Expression {
    return this.ts.visitNode(node, this.visit) as TS.Expression;
  }

  /** `if` asks for a truth value; so do loops, `?:` and `!`, through `&&` and `||`. */
  private noteConditions(node: TS.Node): void {
    const { ts } = this;
    if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) this.note(node.expression);
    else if (ts.isForStatement(node) && node.condition) this.note(node.condition);
    else if (ts.isConditionalExpression(node)) this.note(node.condition);
    else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
      this.note(node.operand);
    else if (ts.isCallExpression(node) && node.arguments.length > 0 && this.isQuestion(node))
      this.note(node.arguments[0]);
  }

  /** Whether a call hands a function that gives tensors to a method of lists that asks for yes or no. */
  private asksTensors({ expression, arguments: args }: TS.CallExpression): boolean {
    const { ts, checker, decisions } = this;
    if (args.length === 0 || !ts.isPropertyAccessExpression(expression) || !decidingMethods.has(expression.name.text))
      return false;
    if (!checker.isArrayLikeType(checker.getTypeAtLocation(expression.expression))) return false;
    const signatures = checker.getSignaturesOfType(checker.getTypeAtLocation(args[0]), ts.SignatureKind.Call);
    return signatures.some((signature) => decisions.mayBeTensor(checker, signature.getReturnType()));
  }

  /** Takes the value of `(x) => …` for a condition. */
  private noteAnswer(decide: TS.Expression): boolean {
    const { ts } = this;
    if (!ts.isArrowFunction(decide) || ts.isBlock(decide.body)) return false;
    this.conditions.add(ts.skipOuterExpressions(decide.body));
    return true;
  }

  private withFirst(call: TS.CallExpression, made: (first: TS.Expression) => TS.Expression): TS.CallExpression {
    const [first, ...rest] = call.arguments;
    return this.factory.updateCallExpression(call, call.expression, call.typeArguments, [made(first), ...rest]);
  }

  /** Whether a call is `Boolean(x)` or `console.assert(x)`, of the global names. */
  private isQuestion(node: TS.CallExpression): boolean {
    const { ts, checker } = this;
    const { expression } = node;
    const isGlobal = (name: TS.Expression, text: string): boolean => {
      if (!ts.isIdentifier(name) || name.text !== text) return false;
      const declarations = checker.getSymbolAtLocation(name)?.declarations;
      return declarations?.every((each) => each.getSourceFile().isDeclarationFile) ?? false;
    };
    if (!ts.isPropertyAccessExpression(expression)) return isGlobal(expression, "Boolean");
    return expression.name.text === "assert" && isGlobal(expression.expression, "console");
  }

  private note(node: TS.Expression): void {
    const { ts } = this;
    const { AmpersandAmpersandToken, BarBarToken } = ts.SyntaxKind;
    const inner = ts.skipOuterExpressions(node);
    if (
      ts.isBinaryExpression(inner) &&
      (inner.operatorToken.kind === AmpersandAmpersandToken || inner.operatorToken.kind === BarBarToken)
    ) {
      this.note(inner.left);
      this.note(inner.right);
    } else this.conditions.add(inner);
  }

  /** A condition as a truth value, where it is an operator's result or surely a tensor. What may be null asks for presence. */
  private truth(node: TS.Expression, made: TS.Expression): TS.Expression {
    const { ts } = this;
    if (!this.decidesByValue(node)) return made;
    const asked = this.methods?.truth(node, made);
    if (asked) return asked;
    return this.placed(this.call("truth", [made], ts.isBinaryExpression(node) ? node.operatorToken : node), node);
  }

  private decidesByValue(node: TS.Expression): boolean {
    const { ts } = this;
    const decided = (ts.isBinaryExpression(node) || ts.isPrefixUnaryExpression(node)) && this.decisions.of(node);
    // What the checker knows nothing of may be a tensor.
    return Boolean(decided) || this.isOfAnyType(node) || this.isSurelyTensor(node);
  }

  private isOfAnyType(node: TS.Expression): boolean {
    return (this.checker.getTypeAtLocation(node).flags & this.ts.TypeFlags.Any) !== 0;
  }

  private isSurelyTensor(node: TS.Expression): boolean {
    const { ts, checker, decisions } = this;
    if (!decisions.isTensor(checker, checker.getTypeAtLocation(node))) return false;
    if (ts.isElementAccessExpression(node)) return decisions.of(node) !== undefined;
    // A name that was declared to be null at times is one, whatever it was narrowed to here; a key of a record may be missing.
    const symbol = checker.getSymbolAtLocation(node);
    return symbol ? decisions.isTensor(checker, checker.getTypeOfSymbol(symbol)) : !ts.isPropertyAccessExpression(node);
  }

  /** From the innermost left operand outwards, since sums of a thousand texts are deep. */
  private binary(outermost: TS.BinaryExpression): TS.Expression {
    const spine = [outermost];
    for (let { left } = outermost; this.ts.isBinaryExpression(left); left = left.left) spine.push(left);
    let made: TS.Expression | undefined;
    for (const node of spine.reverse()) {
      made = this.operation(node, made);
      if (this.conditions.has(node)) made = this.truth(node, made);
    }
    return made as TS.Expression;
  }

  /** One operation; `made` is its left operand when that is rewritten already. */
  private operation(node: TS.BinaryExpression, made: TS.Expression | undefined): TS.Expression {
    const { factory } = this;
    const row = this.decisions.row(node);
    const token = node.operatorToken;
    if (row && this.decisions.of(node)) {
      const float = this.floats.matters(row.name, node.left, node.right);
      const untyped = this.decisions.of(node) === "dynamic";
      const known = this.flags(float, untyped);
      if (row.compound) return this.placed(this.updated(node, row, known), node);
      const operands = [made ?? this.expression(node.left), this.expression(node.right)];
      const [left, right] = operands;
      const direct = this.methods?.binary(node, row, { left, right }, float);
      if (direct) return direct;
      return this.placed(this.call(row.name, [...operands, ...known], token), node);
    }
    const target = this.assignedElement(node);
    if (!target) {
      if (this.isChoice(node)) return this.choice(node, made ?? this.expression(node.left));
      return factory.updateBinaryExpression(
        node,
        made ?? this.expression(node.left),
        token,
        this.expression(node.right),
      );
    }
    const { receiver, keys } = this.accessed(target);
    const list = factory.createArrayLiteralExpression(keys);
    const value = this.expression(node.right);
    const set =
      this.methods?.assignment(node, receiver, list, value) ?? this.call("set", [receiver, list, value], token);
    return this.placed(set, node);
  }

  /** Whether the value of a tensor on the left of `&&` or `||` decides. In a condition only the truth of each side counts. */
  private isChoice({ left, operatorToken: { kind } }: TS.BinaryExpression): boolean {
    const { SyntaxKind } = this.ts;
    if (kind !== SyntaxKind.AmpersandAmpersandToken && kind !== SyntaxKind.BarBarToken) return false;
    const inner = this.ts.skipOuterExpressions(left);
    return !this.conditions.has(inner) && this.decidesByValue(inner);
  }

  /** `a && b` as `truth(t = a) ? b : t`: Python gives back one of the operands. */
  private choice(node: TS.BinaryExpression, left: TS.Expression): TS.Expression {
    const { factory, ts } = this;
    const held = factory.createTempVariable(this.context.hoistVariableDeclaration);
    const asked = this.call("truth", [factory.createAssignment(held, left)], node.operatorToken);
    const right = this.expression(node.right);
    const isAnd = node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
    const [yes, no] = isAnd ? [right, held] : [held, right];
    const made = factory.createConditionalExpression(asked, undefined, yes, undefined, no);
    return this.placed(factory.createParenthesizedExpression(made), node);
  }

  /** The last arguments of a call, as far as one of them is true. */
  private flags(...given: boolean[]): TS.Expression[] {
    const { factory } = this;
    return given
      .slice(0, given.lastIndexOf(true) + 1)
      .map((flag) => (flag ? factory.createTrue() : factory.createFalse()));
  }

  /** What `x[0] = 1` writes to. `[x[0] = 1] = …` gives a default and writes nothing here. */
  private assignedElement(node: TS.BinaryExpression): TS.ElementAccessExpression | undefined {
    const { ts } = this;
    if (node.operatorToken.kind !== ts.SyntaxKind.EqualsToken || this.isTarget(node)) return undefined;
    const target = ts.skipOuterExpressions(node.left);
    return ts.isElementAccessExpression(target) && this.decisions.of(target) ? target : undefined;
  }

  /** A compound assignment: `x = update(x)`, or by an object that evaluates the target once. */
  private updated(node: TS.BinaryExpression, row: BinaryRow, known: TS.Expression[]): TS.Expression {
    const { ts, factory } = this;
    const token = node.operatorToken;
    const target = ts.skipOuterExpressions(node.left);
    const direct = this.updatedInPlace(node, target, row);
    if (direct) return direct;
    const name = factory.createStringLiteral(row.name);
    const pending = this.pending(target);
    const right = this.expression(node.right);
    if (pending) return this.method(pending, "update", [name, right, ...known], token);
    const update = this.call("update", [name, this.expression(target), right, ...known], token);
    return this.isConstant(target) ? update : factory.createAssignment(this.expression(target), update);
  }

  private updatedInPlace(node: TS.BinaryExpression, target: TS.Expression, { name }: BinaryRow) {
    if (!this.methods) return undefined;
    const isFloat = this.floats.matters(name, node.left, node.right);
    const read =
      this.ts.isElementAccessExpression(target) && this.decisions.of(target)
        ? this.read(target)
        : this.expression(target);
    return this.methods.update(target, name, { target: read, right: this.expression(node.right) }, node.right, isFloat);
  }

  /** Whether a name is a constant: what is written in place under it needs no assignment. */
  private isConstant(target: TS.Expression): boolean {
    const { ts, checker } = this;
    const declared = ts.isIdentifier(target) ? checker.getSymbolAtLocation(target)?.valueDeclaration : undefined;
    return declared !== undefined && (ts.getCombinedNodeFlags(declared) & ts.NodeFlags.Const) !== 0;
  }

  /** The target, read, when evaluating it twice would show. */
  private pending(target: TS.Expression): TS.Expression | undefined {
    const { ts, factory } = this;
    if (ts.isPropertyAccessExpression(target) && !this.isSimple(target.expression)) {
      const receiver = this.expression(target.expression);
      if (ts.isPrivateIdentifier(target.name))
        return this.call("pendingPrivate", [receiver, ...this.privateAccess(target.name)]);
      return this.call("pending", [receiver, factory.createStringLiteral(target.name.text)]);
    }
    if (!ts.isElementAccessExpression(target)) return undefined;
    const simple = this.isSimple(target.expression) && this.isSimple(target.argumentExpression);
    if (simple && !this.decisions.of(target)) return undefined;
    const { receiver, keys } = this.accessed(target);
    return this.call("pending", [receiver, ...keys], target.argumentExpression);
  }

  /** `(owner) => owner.#name, (owner, value) => owner.#name = value`: a private name cannot be handed on. */
  private privateAccess(name: TS.PrivateIdentifier): TS.Expression[] {
    const { factory } = this;
    const own = factory.createPropertyAccessExpression(factory.createIdentifier("owner"), name);
    const write = factory.createAssignment(own, factory.createIdentifier("value"));
    const arrow = (parameters: string[], body: TS.Expression): TS.Expression => {
      const declared = parameters.map((text) => factory.createParameterDeclaration(undefined, undefined, text));
      return factory.createArrowFunction(undefined, undefined, declared, undefined, undefined, body);
    };
    return [arrow(["owner"], own), arrow(["owner", "value"], write)];
  }

  private prefix(node: TS.PrefixUnaryExpression): TS.Node {
    const name = prefixes[this.ts.tokenToString(node.operator) as keyof typeof prefixes];
    const known = this.flags(this.decisions.of(node) === "dynamic");
    const operand = this.expression(node.operand);
    const direct = this.methods?.prefix(node.operand, name, operand);
    return direct ?? this.placed(this.call(name, [operand, ...known], node), node);
  }

  private element(node: TS.ElementAccessExpression): TS.Node {
    const dynamic = this.decisions.of(node) === "dynamic";
    // A call needs its receiver, and a chain its links.
    if (dynamic && (this.ts.isOptionalChain(node) || this.isCallee(node))) return this.children(node);
    if (!this.isTarget(node)) return this.read(node);
    const { receiver, keys } = this.accessed(node);
    const place = this.call("place", [receiver, ...keys], node.argumentExpression);
    return this.placed(this.factory.createPropertyAccessExpression(place, "value"), node);
  }

  /** The element at an index, which is read. */
  private read(node: TS.ElementAccessExpression): TS.Expression {
    const at = node.argumentExpression;
    const { receiver, keys } = this.accessed(node);
    if (this.decisions.of(node) === "tensor") return this.placed(this.method(receiver, "at", keys, at, node), node);
    const direct = this.methods?.element(node, receiver, keys[0]);
    return direct ?? this.placed(this.call("get", [receiver, ...keys], at), node);
  }

  private accessed(node: TS.ElementAccessExpression): { receiver: TS.Expression; keys: TS.Expression[] } {
    const { ts } = this;
    const parts = (key: TS.Expression): TS.Expression[] =>
      ts.isBinaryExpression(key) && key.operatorToken.kind === ts.SyntaxKind.CommaToken
        ? [...parts(key.left), key.right]
        : [key];
    const keys = parts(node.argumentExpression).map((key) => this.expression(key));
    return { receiver: this.expression(node.expression), keys };
  }

  /** Whether evaluating it twice does what evaluating it once does. */
  private isSimple(node: TS.Expression): boolean {
    const { ts } = this;
    const inner = ts.skipOuterExpressions(node);
    const { kind } = inner;
    return (
      ts.isIdentifier(inner) ||
      ts.isLiteralExpression(inner) ||
      kind === ts.SyntaxKind.ThisKeyword ||
      kind === ts.SyntaxKind.SuperKeyword
    );
  }

  private isTarget(node: TS.Node): boolean {
    return this.ts.getAssignmentTargetKind(node) !== this.ts.AssignmentKind.None;
  }

  private isCallee(node: TS.Expression): boolean {
    const { ts } = this;
    let outer: TS.Node = node;
    while (ts.isParenthesizedExpression(outer.parent) || ts.isNonNullExpression(outer.parent)) outer = outer.parent;
    const { parent } = outer;
    return (
      (ts.isCallExpression(parent) && parent.expression === outer) ||
      (ts.isTaggedTemplateExpression(parent) && parent.tag === outer)
    );
  }

  /** A call of the runtime; errors in it point at `at`. */
  private call(name: keyof Operators, args: TS.Expression[], at?: TS.Node): TS.Expression {
    const { factory } = this;
    const operators =
      this.methods?.operators() ??
      factory.createPropertyAccessExpression(factory.createIdentifier("__tslab__"), "operators");
    return this.method(operators, name, args, at);
  }

  /** A call of a method, as a link of the chain that `chain` is one of. */
  private method(
    receiver: TS.Expression,
    name: string,
    args: TS.Expression[],
    at?: TS.Node,
    chain?: TS.ElementAccessExpression,
  ): TS.Expression {
    const { ts, factory } = this;
    const word = factory.createIdentifier(name);
    if (at) ts.setSourceMapRange(word, { pos: at.getStart(), end: at.end });
    if (!chain || !ts.isOptionalChain(chain)) {
      return factory.createCallExpression(factory.createPropertyAccessExpression(receiver, word), undefined, args);
    }
    const link = factory.createPropertyAccessChain(receiver, chain.questionDotToken, word);
    return factory.createCallChain(link, undefined, undefined, args);
  }

  /** Where `typed` stood. Without its comments, one of which might end a line too early. */
  private placed<T extends TS.Node>(made: T, typed: TS.Node): T {
    this.ts.setEmitFlags(made, this.ts.EmitFlags.NoComments | this.ts.EmitFlags.NoNestedComments);
    return this.ts.setTextRange(made, typed);
  }
}
