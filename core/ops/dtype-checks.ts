// Checks of operands' dtypes, in PyTorch's words. JavaScript cannot see the point in `1.`, so a mismatch says where a
// whole-number tensor may have come from.

import { DTypeError } from "../errors";
import { bool, type DType } from "../tensor/dtype";
import type { Tensor } from "../tensor/tensor";

/** Throws DTypeError unless `implemented`; `kernel` is PyTorch's name of what works on some dtypes only. */
export function requireImplemented(kernel: string, dtype: DType, implemented: boolean): void {
  if (!implemented) throw new DTypeError(`"${kernel}" not implemented for '${dtype.scalarName}'`);
}

/** Throws DTypeError for whole numbers and bools. */
export function requireFloat(kernel: string, dtype: DType): void {
  requireImplemented(kernel, dtype, dtype.isFloatingPoint);
}

/** Throws DTypeError for bools. */
export function requireNotBool(kernel: string, dtype: DType): void {
  requireImplemented(kernel, dtype, dtype !== bool);
}

/** How a whole-number tensor may have come about; empty when both are floats. */
function origin(...tensors: Tensor[]): string {
  const whole = tensors.find((x) => !x.dtype.isFloatingPoint);
  return whole === undefined
    ? ""
    : ` (a tensor made from whole numbers is ${whole.dtype}: pass { dtype: torch.float32 } or convert it with .float())`;
}

/** Throws DTypeError when two operands of a product have different dtypes. */
export function requireSameDtype(a: Tensor, b: Tensor): void {
  if (a.dtype === b.dtype) return;
  throw new DTypeError(`expected scalar type ${a.dtype.scalarName} but found ${b.dtype.scalarName}${origin(a, b)}`);
}
