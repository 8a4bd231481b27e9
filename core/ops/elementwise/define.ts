// How an elementwise op is declared: one exported constant per op, from which come the function, the method, the in-place
// method and the backward program. The name of an op is the name of its export (see `register`).

import type { Tensor } from "../../tensor/tensor";
import { Expr, type FormulaMethod, type Operand } from "../../program";
import type { Declaration, TensorOrScalar } from "./declaration";
import { Pointwise } from "./pointwise-op";
import { type Callable, signature } from "../../arguments/signed";

export type { Declaration, Formula, TensorOrScalar } from "./declaration";

/** A function whose row in the table is at hand. */
type Declared<F> = F & { readonly op: Pointwise };

/** Trailing options that every elementwise function takes. */
export interface OutOption {
  /** The tensor that receives the result. */
  out?: Tensor;
}

/** An elementwise function of one tensor. `P`: its parameters after the tensor, of the names `N`; `O`: its options. */
export type Unary<O = unknown, N extends string[] = [], P extends unknown[] = []> = Declared<
  Callable<["input", ...N], ["input", ...N], [input: Tensor, ...parameters: P], Tensor, O & OutOption>
>;

/** An elementwise function of two operands, broadcast together; `N`: their names. */
export type Binary<
  O = unknown,
  N extends string[] = ["input", "other"],
  P extends unknown[] = [input: TensorOrScalar, other: TensorOrScalar],
> = Declared<Callable<N, N, P, Tensor, O & OutOption>>;

/** An elementwise function of two tensors, broadcast together. */
export type TwoTensors = Binary<unknown, ["input", "other"], [input: Tensor, other: Tensor]>;

/** An elementwise function of a tensor and a tensor or number, broadcast together. */
export type TensorFirst<O = unknown> = Binary<O, ["input", "other"], [input: Tensor, other: TensorOrScalar]>;

/** What functions of a tensor and another operand take. */
export const TENSOR_FIRST = "Tensor input, Tensor|Number other";

/** What functions of two tensors take. */
export const TENSORS = "Tensor input, Tensor other";

/** An elementwise function of three operands, broadcast together; `N`: their names. */
export type Ternary<N extends string[], P extends unknown[], O = unknown> = Declared<
  Callable<N, N, P, Tensor, O & OutOption>
>;

/** A row that only the library calls: its operands and parameters in order. */
export type Row = Declared<(...args: (TensorOrScalar | undefined)[]) => Tensor>;

/** What is exported for an op: a function with the op at hand. */
type AnyDeclared = { readonly op: Pointwise };

/** The exported function of an op. */
export function over<F extends AnyDeclared>(op: Pointwise, run: (...args: unknown[]) => unknown): F {
  // Not shown with the function.
  Object.defineProperties(run, { op: { value: op }, [signature]: { get: () => op.signature } });
  return run as object as F;
}

function declare<F extends AnyDeclared, P extends string>(arity: number, row: Declaration<P>): F {
  const op = new Pointwise(arity, row);
  return over<F>(op, (...args) => op.apply(args, null));
}

/** Declares a function of one tensor. */
export function unary<F extends AnyDeclared = Unary, P extends string = never>(row: Declaration<P>): F {
  return declare(1, row);
}

/** Declares a function of two operands. */
export function binary<F extends AnyDeclared = Binary, P extends string = never>(row: Declaration<P>): F {
  return declare(2, row);
}

/** Declares a function of three operands. */
export function ternary<F extends AnyDeclared = Row, P extends string = never>(row: Declaration<P>): F {
  return declare(3, row);
}

/** The table that has every method of formulas, among its other rows. */
export type FormulaTable = { readonly [Method in FormulaMethod]: AnyDeclared };

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
