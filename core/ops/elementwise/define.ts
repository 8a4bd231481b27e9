// How an elementwise op is declared: one exported constant per op, from which come the function, the method, the in-place
// method and the backward program. The name of an op is the name of its export (see `register`).

import type { DType, Scalar } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { Expr, type Operand } from "./expr";
import { Pointwise } from "./pointwise-op";

/** An operand as users give it. */
export type TensorOrScalar = Tensor | Scalar;

/** What a formula sees: operands `a b c`, the gradient `g`, the result `y`, and the op's parameters by name. */
export interface Formula {
  a: Operand;
  b: Operand;
  c: Operand;
  g: Operand;
  y: Operand;
  [parameter: string]: Operand;
}

type Variant = (args: readonly unknown[], target: Tensor | null) => Tensor | null;

type Derivative = Operand | null | (Operand | null)[];

/** The declaration of an elementwise op. */
export interface Declaration {
  /**
   * The dtype of the result: "same" as the promoted operands (default), "float" (whole numbers become the default float), or
   * "bool".
   */
  to?: "same" | "float" | "bool";
  /** Dtypes that the op takes, refusing others in PyTorch's words: "int" (with bool) or "float". Default: all. */
  only?: "int" | "float";
  /** PyTorch's name of the kernel in those words, when it is not the op's name with `_cpu`. */
  kernel?: string;
  /** Whole-number tensors come back unchanged (rounding). */
  identityOnInts?: boolean;
  /** The formula, for ops that are composed; absent for a step of the backend's table with the op's own name. */
  formula?: (f: Formula) => Operand;
  /** The gradient of each operand; a single value for one operand. Absent: not differentiable. */
  grad?: (f: Formula) => Derivative;
  /** Options that only `variant` reads; without effect when they are null. */
  keywords?: readonly string[];
  /** Named parameters after the operands, with their defaults. */
  parameters?: { [name: string]: number };
  /** Checks operands before anything runs, in PyTorch's words. */
  check?: (operands: readonly TensorOrScalar[], dtype: DType, parameters: readonly number[]) => void;
  /** The name in `gradFn`, when it is not the op's name + Backward0. */
  node?: string;
  /** The first operand is a condition that takes no part in promotion, and the method's receiver is the second. */
  condition?: boolean;
  /** Calls with more than the operands that another op serves (`alpha`, rounding modes): the result, or null to go on. */
  variant?: Variant;
  /** Calls that another op serves by the kind of their operands: the result, or null to go on. */
  instead?: Variant;
}

/** A function whose row in the table is at hand. */
type Declared<F> = F & { readonly op: Pointwise };

/** Trailing options that every elementwise function takes. */
export interface OutOption {
  /** The tensor that receives the result. */
  out?: Tensor;
}

/** An elementwise function of one tensor. `P`: its parameters after the tensor. */
export type Unary<P extends unknown[] = []> = Declared<
  (input: Tensor, ...parameters: [...rest: P, options?: OutOption]) => Tensor
>;

/** An elementwise function of two tensors or numbers, broadcast together. */
export type Binary<P extends unknown[] = []> = Declared<
  (input: TensorOrScalar, other: TensorOrScalar, ...parameters: [...rest: P, options?: OutOption]) => Tensor
>;

/** An elementwise function of three tensors or numbers, broadcast together. */
export type Ternary<P extends unknown[] = []> = Declared<
  (a: TensorOrScalar, b: TensorOrScalar, c: TensorOrScalar, ...parameters: [...rest: P, options?: OutOption]) => Tensor
>;

function declare(arity: number, row: Declaration) {
  const op = new Pointwise(arity, row);
  return Object.assign((...args: unknown[]): Tensor => op.apply(args, null), { op });
}

/** Declares a function of one tensor. */
export function unary<P extends unknown[] = []>(row: Declaration): Unary<P> {
  return declare(1, row) as Unary<P>;
}

/** Declares a function of two operands. */
export function binary<P extends unknown[] = []>(row: Declaration): Binary<P> {
  return declare(2, row) as Binary<P>;
}

/** Declares a function of three operands. */
export function ternary<P extends unknown[] = []>(row: Declaration): Ternary<P> {
  return declare(3, row) as Ternary<P>;
}

/** Names the ops of a table after their exports, and gives symbols their methods. */
export function register(table: { [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(table)) {
    const op = opOf(value);
    if (op === null || op.name !== "") continue;
    op.name = name;
    Object.defineProperty(value, "name", { value: name });
    Object.defineProperty(Expr.prototype, name, {
      value(this: Expr, ...args: (Operand | number)[]) {
        return op.symbol(op.row.condition ? [args[0], this, ...args.slice(1)] : [this, ...args]);
      },
    });
  }
}

/** The table row behind a declared function, or null for another function. */
export function opOf(value: unknown): Pointwise | null {
  return typeof value === "function" && "op" in value && value.op instanceof Pointwise ? value.op : null;
}
