// Operands that PyTorch gives no gradient.

import type { Backward } from "../../autograd/node";
import { isRecorded } from "../../autograd/record";
import { AutogradError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";

/** Throws AutogradError when gradients are wanted of an operand for which `call` has no derivative. */
export function refuseGradient(call: string, argument: string, operand: Tensor | null | undefined): void {
  if (!isRecorded([operand])) return;
  throw new AutogradError(
    `The function '${call}' is not differentiable with respect to argument '${argument}'. This input cannot have requires_grad True.`,
  );
}

/** The backward of an operation that PyTorch records without a derivative: throws AutogradError. */
export function notImplemented(op: string): Backward {
  return () => {
    throw new AutogradError(`derivative for aten::${op} is not implemented`);
  };
}
