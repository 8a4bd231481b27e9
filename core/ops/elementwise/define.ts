// How an elementwise op is declared: one exported constant per op, from which come the function, the method, the in-place
// method and the backward program. The name of an op is the name of its export (see `register`).

import type { DType, Scalar } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { Expr, type Operand } from "../../program";
import { Pointwise } from "./pointwise-op";
import { type Callable, signature } from "../shared/signed";

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

/** `args`: operands and parameters in the order of the signature. */
type Variant = (args: readonly unknown[], target: Tensor | null, out: Tensor | null) => Tensor | null;

type Derivative = Operand | 0 | null | (Operand | 0 | null)[];

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
  /**
   * The gradient of each operand; a single value for one operand. 0: zeros, also where `g` is infinite. Absent: not
   * differentiable.
   */
  grad?: (f: Formula) => Derivative;
  /**
   * What the function takes, as in a signature, without `out`: "Tensor input, *, int decimals=0". Default: tensors or numbers
   * called input and other, then the parameters.
   */
  takes?: string;
  /** Another form of call, by position only. */
  also?: string;
  /** Named parameters after the operands, with their defaults. */
  parameters?: { [name: string]: number };
  /** Checks operands before anything runs, in PyTorch's words. */
  check?: (operands: readonly TensorOrScalar[], dtype: DType, parameters: readonly number[]) => void;
  /** Whether a number that `grad` reads is gone after backward, as tensors are: PyTorch makes it a tensor first. */
  savesNumbers?: boolean;
  /** The name in `gradFn`, when it is not the op's name + Backward0; by which operands are numbers, one bit each. */
  node?: string | ((numbers: number) => string);
  /** The name of PyTorch's own operation for `grad`, where the gradient does not change with the operands: see `tied`. */
  derivative?: string;
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
  const call = Object.assign(run, { op });
  Object.defineProperty(call, signature, { get: () => op.signature });
  return call as object as F;
}

function declare<F extends AnyDeclared>(arity: number, row: Declaration): F {
  const op = new Pointwise(arity, row);
  return over<F>(op, (...args) => op.apply(args, null));
}

/** Declares a function of one tensor. */
export function unary<F extends AnyDeclared = Unary>(row: Declaration): F {
  return declare(1, row);
}

/** Declares a function of two operands. */
export function binary<F extends AnyDeclared = Binary>(row: Declaration): F {
  return declare(2, row);
}

/** Declares a function of three operands. */
export function ternary<F extends AnyDeclared = Row>(row: Declaration): F {
  return declare(3, row);
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
