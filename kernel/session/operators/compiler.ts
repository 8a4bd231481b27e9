// TypeScript with four places of its checker opened, where `OperatorRules` may answer before the checker does, and one of its
// parser, which takes `x @ y` for an operation where there are such rules. The text that is checked stays the text that was typed, so
// every position, message and completion stays TypeScript's own. openings.ts has the places.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as TS from "typescript";

/** The checker with what its own public face leaves out. */
export interface OpenChecker extends TS.TypeChecker {
  isTypeAssignableTo(source: TS.Type, target: TS.Type): boolean;
  getUnionType(types: TS.Type[]): TS.Type;
  getAnyType(): TS.Type;
  getStringType(): TS.Type;
  getBooleanType(): TS.Type;
  /** The type of the parameter at a position, also of one that a rest parameter covers. */
  getParameterType(signature: TS.Signature, position: number): TS.Type;
  checkExpression(node: TS.Expression): TS.Type;
  /** Reports what is possibly null, undefined or unknown; the type without these. */
  checkNonNullType(type: TS.Type, node: TS.Node): TS.Type;
  getUnaryResultType(operand: TS.Type): TS.Type;
  reportError(node: TS.Node, message: TS.DiagnosticMessage, ...texts: string[]): void;
  /** What the checker makes of an operator or of brackets by itself. */
  checkPlainBinary(...operation: BinaryOperation): TS.Type;
  checkPlainElement(...access: ElementAccess): TS.Type;
}

export type BinaryOperation = [
  left: TS.Expression,
  operator: { kind: TS.SyntaxKind },
  right: TS.Expression,
  leftType: TS.Type,
  rightType: TS.Type,
  checkMode: number | undefined,
  /** The whole expression; absent for the default of a destructured name. */
  node: TS.Node | undefined,
];

export type ElementAccess = [node: TS.ElementAccessExpression, receiver: TS.Type, checkMode: number | undefined];

/** Answers in place of the checker. */
export interface OperatorRules {
  /** Whether the assignment whose target `name` is changes the value in place, so that a constant name may stand there. */
  writesInPlace(checker: OpenChecker, name: TS.Identifier, type: TS.Type): boolean;
  binary(checker: OpenChecker, operation: BinaryOperation): TS.Type;
  prefix(checker: OpenChecker, node: TS.PrefixUnaryExpression, operand: TS.Type): TS.Type | undefined;
  element(checker: OpenChecker, access: ElementAccess): TS.Type;
}

/** A compiler whose checker asks rules for operators, where there are any. */
export type OpenCompiler = typeof TS & {
  setOperatorRules(rules: OperatorRules | undefined): void;
  Diagnostics: Record<string, TS.DiagnosticMessage>;
  AssignmentKind: { None: number; Definite: number; Compound: number };
  /** How a node is assigned to: not, wholly (also by destructuring), or after it was read. */
  getAssignmentTargetKind(node: TS.Node): number;
  skipOuterExpressions(node: TS.Expression): TS.Expression;
  /** The node around an expression, brackets, assertions and their like aside. */
  walkUpOuterExpressions(node: TS.Expression): TS.Node;
};

interface CompilableModule extends NodeModule {
  _compile(code: string, file: string): void;
}

/** The compiler as the build left it: opened, and as short as can be, since every process and snapshot holds its text. */
const built = join(__dirname, "../../../compiler/typescript.js");

/**
 * Loads the opened compiler in place of the one that `require` would load from `path`, beside which its libraries lie. Throws when
 * these are of another version.
 */
export function loadCompiler(path: string): OpenCompiler {
  // Not Node's own class of modules where this file was loaded by another loader.
  const Module = module.constructor as new (id: string, parent: NodeModule) => CompilableModule;
  const loaded = new Module(path, module);
  loaded.filename = path;
  loaded._compile(readFileSync(built, "utf8"), path);
  loaded.loaded = true;
  require.cache[path] = loaded;
  const { version } = JSON.parse(readFileSync(join(dirname(path), "../package.json"), "utf8")) as { version: string };
  const compiler = loaded.exports as OpenCompiler;
  if (compiler.version !== version)
    throw new Error(
      `Cresset was built with TypeScript ${compiler.version}, but TypeScript ${version} is installed: run \`npm run build\``,
    );
  return compiler;
}
