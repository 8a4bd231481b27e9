// What a row of the table of elementwise ops may say.

import type { Operand } from "../../program";
import type { DType, Scalar } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";

/** An operand as users give it. */
export type TensorOrScalar = Tensor | Scalar;

/** What a formula sees: operands `a b c`, the gradient `g`, the result `y`, and the op's parameters, of the names `P`. */
export type Formula<P extends string = string> = { readonly [Name in "a" | "b" | "c" | "g" | "y" | P]: Operand };

/** `args`: operands and parameters in the order of the signature. */
type Variant = (args: readonly unknown[], target: Tensor | null, out: Tensor | null) => Tensor | null;

type Derivative = Operand | 0 | null | (Operand | 0 | null)[];

/** The declaration of an elementwise op with parameters of the names `P`. */
export interface Declaration<P extends string = string> {
  /**
   * The dtype of the result: "same" as the promoted operands (default), "float" (whole numbers become the default float), or
   * "bool".
   */
  to?: "same" | "float" | "bool";
  /**
   * Dtypes that the op takes, refusing others in PyTorch's words: "int" (with bool), "whole" (int without bool), "number" (all but
   * bool) or "float". Default: all.
   */
  only?: "int" | "whole" | "number" | "float";
  /** PyTorch's name of the kernel in those words, when it is not the op's name with `_cpu`. */
  kernel?: string;
  /** Whole-number tensors come back unchanged (rounding). */
  identityOnInts?: boolean;
  /** The formula, for ops that are composed; absent for a step of the backend's table with the op's own name. */
  formula?(f: Formula<P>): Operand;
  /**
   * The gradient of each operand; a single value for one operand. 0: zeros, also where `g` is infinite. Absent: not
   * differentiable.
   */
  grad?(f: Formula<P>): Derivative;
  /** Per operand that has no derivative, the words in which backward refuses; `grad` has 0 for such an operand. */
  missing?: readonly (string | null)[];
  /**
   * What the function takes, as in a signature, without `out`: "Tensor input, *, int decimals=0". Default: tensors or numbers
   * called input and other, then the parameters.
   */
  takes?: string;
  /** Another form of call, by position only. */
  also?: string;
  /** Named parameters after the operands, with their defaults. */
  parameters?: { readonly [Name in P]: number };
  /** The result lies row by row in memory, whatever the order of the operands. Default: the order of the operands. */
  rowMajor?: true;
  /** Checks operands before anything runs, in PyTorch's words. */
  check?: (operands: readonly TensorOrScalar[], dtype: DType, parameters: readonly number[]) => void;
  /** The result is kept although the gradient that is asked for does not read it, as PyTorch does. */
  keepsResult?: true;
  /** Numbers that the dtype of the operation does not hold are refused; in other operations they wrap around. */
  checksNumbers?: boolean;
  /** PyTorch makes a number a tensor first: it shows among the operands, and where `grad` reads it, it is gone after backward. */
  wrapsNumbers?: boolean;
  /** The name in `gradFn`, when it is not the op's name + Backward0; by which operands are numbers, one bit each. */
  node?: string | ((numbers: number) => string);
  /** The name in `gradFn` of the operation in place, when it is another. */
  nodeInPlace?: string;
  /** The name of PyTorch's own operation for `grad`, where the gradient does not change with the operands: see `tied`. */
  derivative?: string;
  /** The first operand is a condition that takes no part in promotion, and the method's receiver is the second. */
  condition?: boolean;
  /** Calls with more than the operands that another op serves (`alpha`, rounding modes): the result, or null to go on. */
  variant?: Variant;
  /** Calls that another op serves by the kind of their operands: the result, or null to go on. */
  instead?: Variant;
}
