// tslab's TypeScript with four places of its checker opened, where `OperatorRules` may answer before the checker does, and one of its
// parser, which takes `x @ y` for an operation where there are such rules. The text that is checked stays the text that was typed, so
// every position, message and completion stays TypeScript's own.

import { readFileSync } from "node:fs";
import type * as TS from "@tslab/typescript-for-tslab";

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
  /** The whole expression; absent for the default of a destructured name. */
  node: TS.Node | undefined,
];

export type ElementAccess = [node: TS.ElementAccessExpression, receiver: TS.Type, checkMode: number | undefined];

/** Answers in place of the checker. */
export interface OperatorRules {
  binary(checker: OpenChecker, operation: BinaryOperation): TS.Type;
  prefix(checker: OpenChecker, node: TS.PrefixUnaryExpression, operand: TS.Type): TS.Type | undefined;
  element(checker: OpenChecker, access: ElementAccess): TS.Type;
}

/** A compiler whose checker asks `operatorRules`, where there are any. */
export type OpenCompiler = typeof TS & {
  operatorRules?: OperatorRules;
  Diagnostics: Record<string, TS.DiagnosticMessage>;
  AssignmentKind: { None: number; Definite: number; Compound: number };
  /** How a node is assigned to: not, wholly (also by destructuring), or after it was read. */
  getAssignmentTargetKind(node: TS.Node): number;
  skipOuterExpressions(node: TS.Expression): TS.Expression;
};

const binary = "(left, operatorToken, right, leftType, rightType, errorNode)";
const element = "(node, exprType, checkMode)";

/** What is found in the compiler's text, in this order, and what is put in its place. */
const openings: [found: string, put: string][] = [
  [
    "            const newPrecedence = getBinaryOperatorPrecedence(token());\n",
    // On a line of its own it begins a decorator, also behind a field that ends without a semicolon.
    `            const isProduct = ts.operatorRules && token() === 59 /* AtToken */ && !scanner2.hasPrecedingLineBreak();
            const newPrecedence = getBinaryOperatorPrecedence(isProduct ? 41 /* AsteriskToken */ : token());\n`,
  ],
  [
    "    const checker = {\n",
    `    const checker = {
      checkExpression, checkNonNullType, getUnaryResultType, reportError: error, checkPlainBinary, checkPlainElement,\n`,
  ],
  [
    `    function checkElementAccessExpression${element} {\n`,
    `    function checkElementAccessExpression(...access) {
      return ts.operatorRules ? ts.operatorRules.element(checker, access) : checkPlainElement(...access);
    }
    function checkPlainElement${element} {\n`,
  ],
  [
    "    function checkPrefixUnaryExpression(node) {\n      const operandType = checkExpression(node.operand);\n",
    `    function checkPrefixUnaryExpression(node) {
      const operandType = checkExpression(node.operand);
      const ruled = ts.operatorRules?.prefix(checker, node, operandType);
      if (ruled) return ruled;\n`,
  ],
  [
    `    function checkBinaryLikeExpressionWorker${binary} {\n`,
    `    function checkBinaryLikeExpressionWorker(...operation) {
      return ts.operatorRules ? ts.operatorRules.binary(checker, operation) : checkPlainBinary(...operation);
    }
    function checkPlainBinary${binary} {\n`,
  ],
];

interface CompilableModule extends NodeModule {
  _compile(code: string, file: string): void;
}

/** The compiler's text with its openings: put together as bytes, since every copy of the string takes 16 MB. */
function opened(path: string): string {
  const text = readFileSync(path);
  const pieces: Buffer[] = [];
  let end = 0;
  for (const [found, put] of openings) {
    const start = text.indexOf(found, end);
    if (start < 0) throw new Error(`${path} is not the compiler that operators were made for`);
    pieces.push(text.subarray(end, start), Buffer.from(put));
    end = start + found.length;
  }
  return Buffer.concat([...pieces, text.subarray(end)]).toString("utf8");
}

/** Loads the compiler from `path`, opened, in place of the one that `require` would load. Throws when it is not the one known. */
export function loadCompiler(path: string): OpenCompiler {
  // Not Node's own class of modules where this file was loaded by another loader.
  const Module = module.constructor as new (id: string, parent: NodeModule) => CompilableModule;
  const loaded = new Module(path, module);
  loaded.filename = path;
  loaded._compile(opened(path), path);
  loaded.loaded = true;
  require.cache[path] = loaded;
  return loaded.exports;
}
