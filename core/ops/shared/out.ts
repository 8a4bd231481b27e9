// The option `out` of functions that are no row of the elementwise tables.

import { isRecorded } from "../../autograd/record";
import { AutogradError, ShapeError } from "../../errors";
import { sameShape, text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { requireSameDtype } from "./dtype-checks";

/**
 * A result written into the tensor that the caller gave for it. Throws in PyTorch's words when an operand requires grad, and for
 * another shape or dtype.
 */
export function intoOut(call: string, operands: readonly Tensor[], out: Tensor, result: Tensor): Tensor {
  if (isRecorded([...operands, out])) {
    throw new AutogradError(
      `${call}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`,
    );
  }
  requireSameDtype(out, result, `Expected out tensor to have dtype ${result.dtype}, but got ${out.dtype} instead`);
  if (!sameShape(out.sizes, result.sizes)) {
    throw new ShapeError(
      `output with shape ${text(out.sizes)} doesn't match the broadcast shape ${text(result.sizes)}`,
    );
  }
  return out.copy_(result);
}
