// The compiled derivative of an elementwise op, and what its node in the graph asks of the op.

import type { Code, Expr, Operand } from "../../program";
import type { Scalar } from "../../tensor/dtype";

/** The names of operands in formulas, in order. */
export const NAMES = ["a", "b", "c"] as const;

/** A compiled derivative for one pattern of scalar operands and operands that need gradients. */
export interface Compiled {
  /** PyTorch's name of the node. */
  label: string;
  /** Names of what backward reads besides `g`. */
  saved: string[];
  /** Whether backward reads a number that PyTorch saves as a tensor. */
  readsScalar: boolean;
  /** Per operand: its gradient as an expression, "g" itself, or null. */
  gradients: (Expr | null)[];
  /** Programs by the operands that they serve. */
  codes: Map<string, Code>;
}

/** An elementwise op as its node knows it. */
export interface Differentiable {
  readonly arity: number;
  readonly row: { readonly derivative?: string; readonly wrapsNumbers?: boolean; readonly condition?: boolean };
  /** The gradients of the operands, by a formula over what `lookup` gives for each name. */
  gradients(lookup: (name: string) => Operand): (Operand | number | null)[];
  /** The value of a parameter, by its name. */
  parameter(name: string, parameters: readonly number[]): number | undefined;
  /** The values of a program's scalar registers. */
  values(code: Code, mask: number, scalars: readonly Scalar[], parameters: readonly number[]): Scalar[];
}
