// Where tslab's TypeScript is opened, for operators (compiler.ts) and for types of packages; done when Cresset is built
// (scripts/build-compiler.js).

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
    // A tensor is written in place, also one whose name is constant.
    "        if (isReadonlySymbol(localOrExportSymbol)) {\n          if (localOrExportSymbol.flags & 3 /* Variable */) {\n",
    `        if (isReadonlySymbol(localOrExportSymbol) && !ts.operatorRules?.writesInPlace(checker, node, type)) {
          if (localOrExportSymbol.flags & 3 /* Variable */) {\n`,
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
  [
    // Declarations of cells are read only by later cells, so they may name what lies in a package by its path.
    "      declarationEmitNodeBuilderFlags = ",
    "      declarationEmitNodeBuilderFlags = 67108864 /* AllowNodeModulesRelativePaths */ | ",
  ],
];

/** The compiler's text with its openings. Throws when it is not the compiler that they were made for. */
export function opened(text: string): string {
  const pieces: string[] = [];
  let end = 0;
  for (const [found, put] of openings) {
    const start = text.indexOf(found, end);
    if (start < 0) throw new Error(`operators were made for another compiler: it has no\n${found}`);
    pieces.push(text.slice(end, start), put);
    end = start + found.length;
  }
  return pieces.join("") + text.slice(end);
}
