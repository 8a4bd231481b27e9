// Where TypeScript is opened, for operators (compiler.ts) and for types of packages; done when Cresset is built
// (scripts/build-compiler.js).

import type * as TS from "typescript";

const binary = "(left, operatorToken, right, leftType, rightType, checkMode, errorNode)";
const element = "(node, exprType, checkMode)";

/** What is found in the compiler's text, in this order, and what is put in its place. */
type Opening = readonly [found: string, put: string];

function openings({ SyntaxKind, NodeBuilderFlags }: typeof TS): Opening[] {
  const { AtToken, AsteriskToken } = SyntaxKind;
  return [
    [
      "      const newPrecedence = getBinaryOperatorPrecedence(token());\n",
      // On a line of its own it begins a decorator, also behind a field that ends without a semicolon.
      `      const isProduct = operatorRules && token() === ${AtToken} && !scanner2.hasPrecedingLineBreak();
      const newPrecedence = getBinaryOperatorPrecedence(isProduct ? ${AsteriskToken} : token());\n`,
    ],
    [
      "  const checker = {\n",
      `  const checker = {
    checkExpression, checkNonNullType, getUnaryResultType, reportError: error2, checkPlainBinary, checkPlainElement,\n`,
    ],
    // The function that the line above names.
    ["  function error2(location, message, ...args) {\n", "  function error2(location, message, ...args) {\n"],
    [
      // A tensor is written in place, also one whose name is constant.
      "      if (isReadonlySymbol(localOrExportSymbol)) {\n        if (localOrExportSymbol.flags & 3 /* Variable */) {\n",
      `      if (isReadonlySymbol(localOrExportSymbol) && !operatorRules?.writesInPlace(checker, node, type)) {
        if (localOrExportSymbol.flags & 3 /* Variable */) {\n`,
    ],
    [
      `  function checkElementAccessExpression${element} {\n`,
      `  function checkElementAccessExpression(...access) {
    return operatorRules ? operatorRules.element(checker, access) : checkPlainElement(...access);
  }
  function checkPlainElement${element} {\n`,
    ],
    [
      "  function checkPrefixUnaryExpression(node) {\n    const operandType = checkExpression(node.operand);\n",
      `  function checkPrefixUnaryExpression(node) {
    const operandType = checkExpression(node.operand);
    const ruled = operatorRules?.prefix(checker, node, operandType);
    if (ruled) return ruled;\n`,
    ],
    [
      `  function checkBinaryLikeExpressionWorker${binary} {\n`,
      `  function checkBinaryLikeExpressionWorker(...operation) {
    return operatorRules ? operatorRules.binary(checker, operation) : checkPlainBinary(...operation);
  }
  function checkPlainBinary${binary} {\n`,
    ],
    [
      // Declarations of cells are read only by later cells, so they may name what lies in a package by its path.
      "var declarationEmitNodeBuilderFlags = ",
      `var declarationEmitNodeBuilderFlags = ${NodeBuilderFlags.AllowNodeModulesRelativePaths} | `,
    ],
  ];
}

/** What the rules for operators are kept in, and how they are set; they are none at first. */
const rules: Opening = [
  "var typescript_exports = {};\n",
  `var operatorRules;
var typescript_exports = { setOperatorRules(rules) { operatorRules = rules; } };\n`,
];

/** The text of the compiler `ts` with its openings. Throws when it is not the compiler that they were made for. */
export function opened(text: string, ts: typeof TS): string {
  const pieces: string[] = [];
  let end = 0;
  for (const [found, put] of [rules, ...openings(ts)]) {
    const start = text.indexOf(found, end);
    if (start < 0)
      throw new Error(`operators were made for another compiler than TypeScript ${ts.version}: it has no\n${found}`);
    pieces.push(text.slice(end, start), put);
    end = start + found.length;
  }
  return pieces.join("") + text.slice(end);
}
