// Operators and brackets as methods of tensors, for programs that people read: `x.add(y)`, `x.at(0)`, `x.add_(1)`. Only where an operand is
// surely a tensor; for the rest the emitter calls the functions that look at their operands when the code runs.

import type * as TS from "typescript";
import type { OpenChecker, OpenCompiler } from "./compiler";
import type { BinaryRow, Decisions } from "./rules";
import { isReflected, type PrefixName, reflected } from "./table";

/** The names that such a program has for the library and for the functions of runtime.ts. */
export interface ProgramNames {
  torch(): string;
  operators(): string;
}

export class Methods {
  constructor(
    private readonly ts: OpenCompiler,
    private readonly checker: OpenChecker,
    private readonly decisions: Decisions,
    private readonly factory: TS.NodeFactory,
    private readonly names: ProgramNames,
  ) {}

  /** The object with the functions of runtime.ts. */
  operators(): TS.Expression {
    return this.factory.createIdentifier(this.names.operators());
  }

  /** `x.add(y)`, or `x.rsub(2)` where the tensor is on the right, or `torch.pow(2, x)`. */
  binary(
    { left, right }: TS.BinaryExpression,
    { name, kind }: BinaryRow,
    made: { left: TS.Expression; right: TS.Expression },
    isFloat: boolean,
  ): TS.Expression | undefined {
    // What is compared with null is not given to a method.
    if (kind === "equality" && !(this.isPresent(left) && this.isPresent(right))) return undefined;
    if (this.isTensor(left)) {
      const other = isFloat ? this.float(right) : made.right;
      return other && this.method(made.left, name, [other]);
    }
    if (!this.isTensor(right)) return undefined;
    const other = isFloat ? this.float(left) : made.left;
    if (!other) return undefined;
    if (name === "div") return this.method(this.method(made.right, "reciprocal", []), "mul", [other]);
    if (isReflected(name)) return this.method(made.right, reflected[name], [other]);
    return this.method(this.torch(), name, [other, made.right]);
  }

  /** `x.add_(y)`; for elements only where brackets give a view. */
  update(
    target: TS.Expression,
    name: string,
    made: { target: TS.Expression; right: TS.Expression },
    right: TS.Expression,
    isFloat: boolean,
  ): TS.Expression | undefined {
    if (!this.isTensor(target)) return undefined;
    if (this.ts.isElementAccessExpression(target) && this.decisions.of(target) && !this.isView(target))
      return undefined;
    const other = isFloat ? this.float(right) : made.right;
    return other && this.method(made.target, `${name}_`, [other]);
  }

  /** `x.neg()`. */
  prefix(operand: TS.Expression, name: PrefixName, made: TS.Expression): TS.Expression | undefined {
    return this.isTensor(operand) ? this.method(made, name, []) : undefined;
  }

  /** `x.setAt([0], v)`, where nobody looks at the value of the assignment. */
  assignment(node: TS.BinaryExpression, receiver: TS.Expression, keys: TS.Expression, value: TS.Expression) {
    const target = this.ts.skipOuterExpressions(node.left);
    const isSure = this.decisions.of(target) === "tensor" && this.ts.isExpressionStatement(node.parent);
    return isSure ? this.method(receiver, "setAt", [keys, value]) : undefined;
  }

  /** `list[index.item()]`: a tensor of one whole number as the index of a list. */
  element(node: TS.ElementAccessExpression, receiver: TS.Expression, key: TS.Expression): TS.Expression | undefined {
    const type = this.checker.getTypeAtLocation(node.expression);
    if (this.decisions.mayBeTensor(this.checker, type) || !this.isTensor(node.argumentExpression)) return undefined;
    return this.factory.createElementAccessExpression(receiver, this.method(key, "item", []));
  }

  /** `x.item()`, for a condition. */
  truth(node: TS.Expression, made: TS.Expression): TS.Expression | undefined {
    return this.isTensor(node) ? this.method(made, "item", []) : undefined;
  }

  /** The dtype of what was written as a float. */
  dtype(): TS.Expression {
    return this.method(this.torch(), "getDefaultDtype", []);
  }

  private torch(): TS.Expression {
    return this.factory.createIdentifier(this.names.torch());
  }

  /** A number that was written as a float and has no fraction: a tensor, since a method would take it for a whole number. */
  private float(node: TS.Expression): TS.Expression | undefined {
    const { ts, factory } = this;
    const value = Number(node.getText());
    // Float32 may not hold a larger number.
    if (!ts.isNumericLiteral(node) || Math.fround(value) !== value) return Number.isInteger(value) ? undefined : node;
    if (!Number.isInteger(value)) return node;
    const options = factory.createObjectLiteralExpression([factory.createPropertyAssignment("dtype", this.dtype())]);
    return this.method(this.torch(), "tensor", [node, options]);
  }

  private isView({ argumentExpression }: TS.ElementAccessExpression): boolean {
    const { ts, checker } = this;
    const simple = ts.TypeFlags.NumberLike | ts.TypeFlags.StringLike | ts.TypeFlags.Null;
    const isSimple = (key: TS.Expression): boolean =>
      ts.isBinaryExpression(key) && key.operatorToken.kind === ts.SyntaxKind.CommaToken
        ? isSimple(key.left) && isSimple(key.right)
        : (checker.getTypeAtLocation(key).flags & simple) !== 0;
    return isSimple(argumentExpression);
  }

  private isTensor(node: TS.Expression): boolean {
    return this.decisions.isTensor(this.checker, this.checker.getTypeAtLocation(node));
  }

  private isPresent(node: TS.Expression): boolean {
    const type = this.checker.getTypeAtLocation(node);
    return this.checker.getNonNullableType(type) === type;
  }

  /** A call of a method. Parentheses around the receiver that the call makes needless are left out. */
  private method(receiver: TS.Expression, name: string, args: TS.Expression[]): TS.CallExpression {
    const { factory, ts } = this;
    const inner = ts.isParenthesizedExpression(receiver) && ts.isCallExpression(receiver.expression);
    const before = inner ? receiver.expression : receiver;
    return factory.createCallExpression(factory.createPropertyAccessExpression(before, name), undefined, args);
  }
}
