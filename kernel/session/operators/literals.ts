// Numbers that were written as floats: `2.` and `2.0` and `1e0` are the integer 2 and 1 to JavaScript, but make floats in Python. Only what
// stands in the text counts; the value of a name does not remember how it was written.

import type * as TS from "typescript";
import type { OpenCompiler } from "./compiler";
import type { BinaryName } from "./table";

export interface FloatLiterals {
  /** Whether an operator with these operands gives floats because of how one is written. */
  matters(name: BinaryName, left: TS.Expression, right: TS.Expression): boolean;
  /** The call with a float dtype, if it makes a tensor of values among which one is written as a float; otherwise `rewritten`. */
  withDtype(typed: TS.CallExpression, rewritten: TS.CallExpression, dtype: () => TS.Expression): TS.CallExpression;
}

/** Operators that keep integers; division gives floats anyway, comparisons give truth values. */
const keepIntegers: ReadonlySet<BinaryName> = new Set<BinaryName>(["add", "sub", "mul", "remainder", "pow"]);

/** Functions that take the dtype from their values, and the positions of these. Options follow them. */
const creators: Readonly<Record<string, readonly number[]>> = {
  tensor: [0],
  asTensor: [0],
  asarray: [0],
  full: [1],
  arange: [0, 1, 2],
};

export function floatLiterals(
  ts: OpenCompiler,
  checker: TS.TypeChecker,
  creationFile: TS.SourceFile | undefined,
): FloatLiterals {
  const isFloat = (node: TS.Expression): boolean => {
    const inner = ts.skipOuterExpressions(node);
    if (ts.isPrefixUnaryExpression(inner)) return isFloat(inner.operand);
    return ts.isNumericLiteral(inner) && /^[\d_]*\.|^[\d_]+e/i.test(inner.getText());
  };
  const holdsFloat = (node: TS.Expression): boolean => {
    const inner = ts.skipOuterExpressions(node);
    return ts.isArrayLiteralExpression(inner) ? inner.elements.some(holdsFloat) : isFloat(inner);
  };

  /** The functions of the library that take the dtype from their values, by their types: under any name, and however declared. */
  let functions: Map<TS.Type, string> | undefined;
  const findFunctions = (): Map<TS.Type, string> => {
    const module = creationFile && checker.getSymbolAtLocation(creationFile);
    const exported = module ? checker.getExportsOfModule(module) : [];
    const found = exported.filter(({ name }) => Object.hasOwn(creators, name));
    return new Map(found.map((symbol) => [checker.getTypeOfSymbol(symbol), symbol.name]));
  };

  /** The function of the library that a call names. */
  const creator = (call: TS.CallExpression): string | undefined => {
    functions ??= findFunctions();
    const type = checker.getTypeAtLocation(call.expression);
    // A name that an earlier cell took out of the library has its type anew, which tells PyTorch's signature.
    const [signature] = type.aliasSymbol?.name === "Signed" ? (type.aliasTypeArguments ?? []) : [];
    const name = signature?.isStringLiteral() ? /^\w+/.exec(signature.value)?.[0] : undefined;
    return functions.get(type) ?? name;
  };

  return {
    matters: (name, left, right) => keepIntegers.has(name) && (isFloat(left) || isFloat(right)),

    withDtype(typed, rewritten, dtype) {
      if (!typed.arguments.some(holdsFloat)) return rewritten;
      const name = creator(typed) ?? "";
      const positions = Object.hasOwn(creators, name) ? creators[name] : undefined;
      if (!positions?.some((i) => i < typed.arguments.length && holdsFloat(typed.arguments[i]))) return rewritten;
      const { factory } = ts;
      const isNumber = (node: TS.Expression): boolean =>
        (checker.getTypeAtLocation(node).flags & ts.TypeFlags.NumberLike) !== 0;
      const found = typed.arguments.findIndex((argument, i) => i > positions[0] && !isNumber(argument));
      const last = found < 0 ? rewritten.arguments.length : found;
      const given = found < 0 ? [] : [factory.createSpreadAssignment(rewritten.arguments[found])];
      const options = factory.createObjectLiteralExpression([
        factory.createPropertyAssignment("dtype", dtype()),
        ...given,
      ]);
      const args = [...rewritten.arguments.slice(0, last), options, ...rewritten.arguments.slice(last + 1)];
      return factory.updateCallExpression(rewritten, rewritten.expression, rewritten.typeArguments, args);
    },
  };
}
