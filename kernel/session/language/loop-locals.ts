// Variables of a cell, local to the loops that only compute with them. Later cells see a cell's variables by accessors, so V8 keeps them
// on the heap, where every sum with a fraction, or beyond 2^31, is an object of its own: ten times the price of the addition. So an
// innermost loop at the top of a cell works on copies, and puts them back at its end:
//
//   for (…; i < n; …) total += i;
//   { const $total = total; { let total = $total; for (…; flag === 0 & i < n; …) total += i; exports.total = total; } if (flag …) throw … }
//
// Only where nobody can tell: no function of the cell knows the variable, and the loop calls nothing and cannot fail. An interrupt ends
// such a loop by its condition, and is thrown behind it. Were there another way out (`throw`, `break`, `&&`), V8 would make an object of
// the number at every turn, for the two ways out to share.

import type * as TS from "typescript";
import { declaredName } from "./wrapper-names";

type Compiler = typeof TS;

/** The check of the stop flag, in parts. */
export interface StopCheck {
  flag(): TS.Expression;
  thrown(at: TS.Node): TS.Statement;
}

const copyPrefix = "__cresset_copy_";

export class LoopLocals {
  /** Variables that no function knows, with the position from which they have a value. */
  private variables = new Map<string, number>();
  /** The names that blocks around a loop declare anew, for loops within such blocks. */
  private shadowed = new Map<TS.Node, ReadonlySet<string>>();
  /** What can neither fail nor run other code, if its parts cannot. */
  private readonly harmless: ReadonlySet<TS.SyntaxKind>;

  constructor(
    private readonly ts: Compiler,
    private readonly check: StopCheck,
  ) {
    const { SyntaxKind } = ts;
    this.harmless = new Set([
      SyntaxKind.Identifier,
      SyntaxKind.NumericLiteral,
      SyntaxKind.TrueKeyword,
      SyntaxKind.FalseKeyword,
      SyntaxKind.ParenthesizedExpression,
      SyntaxKind.ConditionalExpression,
      SyntaxKind.VariableStatement,
      SyntaxKind.VariableDeclaration,
      SyntaxKind.ExpressionStatement,
      SyntaxKind.EmptyStatement,
      SyntaxKind.Block,
      SyntaxKind.IfStatement,
    ]);
  }

  /** Takes in a cell, whose names are properties of `exports` as well; its first statement is the one with the accessors. */
  enter(file: TS.SourceFile): void {
    const { ts } = this;
    const known = new Set<string>();
    const cell = file.statements.slice(1);
    for (const statement of cell) this.noteKnown(statement, known);
    this.variables = new Map();
    for (const statement of cell) {
      if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Let)) continue;
      for (const { name } of statement.declarationList.declarations)
        if (ts.isIdentifier(name) && !known.has(name.text)) this.variables.set(name.text, statement.end);
    }
    this.shadowed = new Map();
    if (this.variables.size > 0) for (const statement of cell) this.noteShadows(statement, noNames);
  }

  /** Notes, for each loop below a node outside functions, which names mean a variable of a block around the loop. */
  private noteShadows(node: TS.Node, outer: ReadonlySet<string>): void {
    const { ts } = this;
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
    if (isLoop(ts, node) && outer.size > 0) this.shadowed.set(node, outer);
    const own = this.declaredIn(node);
    const names = own.length === 0 ? outer : new Set([...outer, ...own]);
    for (const child of this.children(node)) this.noteShadows(child, names);
  }

  /** The names that a node declares for what is inside it. */
  private declaredIn(node: TS.Node): string[] {
    const { ts } = this;
    if (ts.isBlock(node) || ts.isCaseOrDefaultClause(node)) return this.declaredBy(node.statements);
    if (ts.isCaseBlock(node)) return node.clauses.flatMap((clause) => this.declaredBy(clause.statements));
    if (ts.isCatchClause(node) && node.variableDeclaration) return this.namesIn(node.variableDeclaration.name);
    const isFor = ts.isForStatement(node) || ts.isForInStatement(node) || ts.isForOfStatement(node);
    if (!isFor || !node.initializer || !ts.isVariableDeclarationList(node.initializer)) return [];
    return node.initializer.declarations.flatMap(({ name }) => this.namesIn(name));
  }

  private declaredBy(statements: readonly TS.Statement[]): string[] {
    const { ts } = this;
    return statements.flatMap((statement): string[] => {
      if (ts.isVariableStatement(statement))
        return statement.declarationList.declarations.flatMap(({ name }) => this.namesIn(name));
      const isNamed = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
      return isNamed && statement.name ? [statement.name.text] : [];
    });
  }

  /** The names that a declaration's name or pattern binds. */
  private namesIn(name: TS.BindingName): string[] {
    if (this.ts.isIdentifier(name)) return [name.text];
    return name.elements.flatMap((element) => (this.ts.isOmittedExpression(element) ? [] : this.namesIn(element.name)));
  }

  /** A statement outside functions as it is to run, or undefined when it is no loop that only computes. */
  rewritten(node: TS.Node): TS.Statement | undefined {
    const { ts, variables } = this;
    if (variables.size === 0 || !isLoop(ts, node) || !this.children(node).every((child) => this.onlyComputes(child)))
      return undefined;
    const used = new Set<string>();
    this.noteNames(node, used);
    const shadowed = this.shadowed.get(node) ?? noNames;
    const isCopied = ([name, from]: [string, number]): boolean =>
      used.has(name) && from <= node.pos && !shadowed.has(name);
    const names = [...variables].filter(isCopied).map(([name]) => name);
    return names.length === 0 ? undefined : this.withCopies(node, names);
  }

  private children(node: TS.Node): TS.Node[] {
    const children: TS.Node[] = [];
    this.ts.forEachChild(node, (child) => void children.push(child));
    return children;
  }

  /** Whether code runs nothing but its own arithmetic, which cannot fail. */
  private onlyComputes(node: TS.Node): boolean {
    const { ts } = this;
    const { SyntaxKind } = ts;
    const all = (nodes: readonly TS.Node[]): boolean => nodes.every((each) => this.onlyComputes(each));
    if (ts.isCallExpression(node)) return this.isOf("Math", node.expression) && all(node.arguments);
    // The loop will no longer be what stands behind the label.
    if (ts.isBreakOrContinueStatement(node)) return node.label === undefined;
    if (ts.isPropertyAccessExpression(node)) return this.isOf("Math", node) || this.isOf("exports", node);
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      const assigns = kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment;
      if (assigns && !ts.isIdentifier(node.left)) return false;
      return kind !== SyntaxKind.InKeyword && kind !== SyntaxKind.InstanceOfKeyword && all([node.left, node.right]);
    }
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      const counts = node.operator === SyntaxKind.PlusPlusToken || node.operator === SyntaxKind.MinusMinusToken;
      return counts ? ts.isIdentifier(node.operand) : all([node.operand]);
    }
    // A `var` would declare anew, in the same scope, what the block around the loop declares.
    if (ts.isVariableDeclarationList(node))
      return (node.flags & ts.NodeFlags.BlockScoped) !== 0 && all(node.declarations);
    return this.harmless.has(node.kind) && all(this.children(node));
  }

  /** Whether an expression is a property of the object called `name`: a function of `Math`, an earlier cell's variable. */
  private isOf(name: "Math" | "exports", node: TS.Expression): boolean {
    const { ts } = this;
    return ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;
  }

  private noteNames(node: TS.Node, names: Set<string>): void {
    if (this.ts.isIdentifier(node)) names.add(node.text);
    for (const child of this.children(node)) this.noteNames(child, names);
  }

  /** The names in all functions below a node. */
  private noteKnown(node: TS.Node, names: Set<string>): void {
    const { ts } = this;
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) this.noteNames(node, names);
    else for (const child of this.children(node)) this.noteKnown(child, names);
  }

  private withCopies(loop: Loop, names: string[]): TS.Statement {
    const { ts, check } = this;
    const { factory } = ts;
    const declared = (flags: TS.NodeFlags, pair: (name: string) => [own: string, from: string]): TS.Statement => {
      const declarations = names.map((name) => {
        const [own, from] = pair(name);
        return factory.createVariableDeclaration(own, undefined, undefined, factory.createIdentifier(from));
      });
      return factory.createVariableStatement(undefined, factory.createVariableDeclarationList(declarations, flags));
    };
    const back = names.map((name) => {
      const kept = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), declaredName(name));
      return factory.createExpressionStatement(factory.createAssignment(kept, factory.createIdentifier(name)));
    });
    return factory.createBlock([
      declared(ts.NodeFlags.Const, (name) => [copyPrefix + name, name]),
      factory.createBlock([
        declared(ts.NodeFlags.Let, (name) => [name, copyPrefix + name]),
        this.stoppable(loop),
        ...back,
      ]),
      factory.createIfStatement(check.flag(), check.thrown(loop)),
    ]);
  }

  /** A loop that an interrupt ends by its condition. */
  private stoppable(loop: Loop): TS.Statement {
    const { ts, check } = this;
    const { factory } = ts;
    const down = factory.createStrictEquality(check.flag(), factory.createNumericLiteral(0));
    const both = (condition: TS.Expression): TS.Expression =>
      factory.createBinaryExpression(down, ts.SyntaxKind.AmpersandToken, this.truth(condition));
    if (ts.isForStatement(loop)) {
      const { initializer, condition, incrementor, statement } = loop;
      return factory.updateForStatement(loop, initializer, condition ? both(condition) : down, incrementor, statement);
    }
    return ts.isWhileStatement(loop)
      ? factory.updateWhileStatement(loop, both(loop.expression), loop.statement)
      : factory.updateDoStatement(loop, loop.statement, both(loop.expression));
  }

  /** A condition as true or false; a comparison is one already. */
  private truth(condition: TS.Expression): TS.Expression {
    const { ts } = this;
    const { factory, SyntaxKind } = ts;
    const kind = ts.isBinaryExpression(condition) ? condition.operatorToken.kind : SyntaxKind.Unknown;
    const compares =
      (kind >= SyntaxKind.LessThanToken && kind <= SyntaxKind.GreaterThanEqualsToken) ||
      (kind >= SyntaxKind.EqualsEqualsToken && kind <= SyntaxKind.ExclamationEqualsEqualsToken);
    const whole = factory.createParenthesizedExpression(condition);
    return compares ? whole : factory.createLogicalNot(factory.createLogicalNot(whole));
  }
}

type Loop = TS.ForStatement | TS.WhileStatement | TS.DoStatement;

const noNames: ReadonlySet<string> = new Set();

function isLoop(ts: Compiler, node: TS.Node): node is Loop {
  return ts.isForStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node);
}
