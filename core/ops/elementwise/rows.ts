// What rows of the elementwise tables share: calls that another row serves, and checks in PyTorch's words.

import { DTypeError } from "../../errors";
import { bool, type DType, resultDtype } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { type Declaration, opOf, type Row, type TensorOrScalar } from "./define";
import { promotable } from "./pointwise-op";

/**
 * Calls with the option `alpha` go to the row of that parameter, which multiplies in the dtype of the result. Throws DTypeError for
 * an alpha of a higher category than that dtype.
 */
export const scaled =
  (row: () => Row): NonNullable<Declaration["variant"]> =>
  ([input, other, alpha], target, out) => {
    if (alpha === undefined) return null;
    requireFactor("alpha", alpha, resultDtype([input as TensorOrScalar, other as TensorOrScalar].map(promotable)));
    return op(row()).apply([input, other, alpha, { out }], target);
  };

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
