// What rows of the elementwise tables share: calls that another row serves, and checks in PyTorch's words.

import { DTypeError } from "../../errors";
import { bool, type DType, resultDtype } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { isOptions } from "../shared/arguments";
import { type Binary, type Declaration, opOf, type TensorOrScalar } from "./define";
import { promotable } from "./pointwise-op";

/**
 * Calls with the option `alpha` go to the row of that parameter, which multiplies in the dtype of the result. Throws DTypeError for
 * an alpha of a higher category than that dtype.
 */
export const scaled =
  (row: () => Binary<[alpha?: number]>): NonNullable<Declaration["variant"]> =>
  (args, target) => {
    const options = args[args.length - 1];
    if (!isOptions(options) || options.alpha === undefined) return null;
    const operands = args.slice(0, 2).filter(isTensorOrScalar);
    if (operands.length === 2) requireFactor("alpha", options.alpha, resultDtype(operands.map(promotable)));
    return op(row()).apply(args, target);
  };

function isTensorOrScalar(value: unknown): value is TensorOrScalar {
  return value instanceof Tensor || ["number", "bigint", "boolean"].includes(typeof value);
}

/** Throws DTypeError for a factor, such as `alpha`, that would raise the dtype of a result. */
export function requireFactor(name: string, factor: unknown, dtype: DType): void {
  if (typeof factor === "boolean" && dtype !== bool) {
    throw new DTypeError(`Boolean ${name} only supported for Boolean results.`);
  }
  if (typeof factor === "number" && !Number.isInteger(factor) && !dtype.isFloatingPoint) {
    throw new DTypeError(`For integral input tensors, argument ${name} must not be a floating point number.`);
  }
}

/** The table row behind an elementwise function. */
export function op(f: unknown) {
  const found = opOf(f);
  if (found === null) throw new TypeError("not an elementwise function");
  return found;
}

/** A check that refuses bools, in the words given. */
export const notBool =
  (message: string) =>
  (operands: readonly TensorOrScalar[]): void => {
    if (operands.every((x) => x instanceof Tensor && x.dtype === bool)) throw new DTypeError(message);
  };
