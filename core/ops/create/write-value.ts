// One value written to all places of a tensor, as `fill_` and assignments by index do.

import { rebase } from "../../autograd/inplace";
import { type Backward, FunctionNode } from "../../autograd/node";
import { checkInPlace, edgesOf, isRecorded } from "../../autograd/record";
import { zerosAs } from "../../autograd/zeros";
import { copyInto, fillWith } from "../../dispatch";
import { ShapeError } from "../../errors";
import type { Scalar } from "../../tensor/dtype";
import { withoutRepeats } from "../../tensor/overlap";
import { floatFor, scalarFor } from "../../tensor/scalar";
import { Tensor } from "../../tensor/tensor";

const fillBackward: Backward = ([g], _, [own, value]) => [
  own ? zerosAs(g as Tensor) : null,
  value ? (g as Tensor).sum() : null,
];

/**
 * Writes a number or a 0-d tensor everywhere, in an expanded tensor, too, since all its places take the same. Recorded as a node
 * `label` of `operands`. Throws ShapeError for a tensor of other dimensions.
 */
export function writeValue(
  input: Tensor,
  value: Scalar | Tensor,
  label: string,
  operands: readonly (Tensor | null)[],
): Tensor {
  if (value instanceof Tensor && value.ndim !== 0) {
    throw new ShapeError(`fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`);
  }
  const tensor = value instanceof Tensor ? value : null;
  const recorded = isRecorded([input, tensor]) && input.dtype.isFloatingPoint;
  checkInPlace(input, recorded);
  const node = recorded ? new FunctionNode(label, edgesOf(operands), fillBackward, []) : null;
  const filled = withoutRepeats(input);
  input.storage.written();
  // PyTorch reads the number under the tensor, and checks it as any other.
  if (tensor !== null && tensor.dtype !== input.dtype && !input.dtype.isFloatingPoint) {
    const number = tensor.item();
    fillWith(filled, tensor.dtype.isFloatingPoint ? floatFor(number, input.dtype) : number);
  } else if (tensor !== null) copyInto(filled, tensor);
  else {
    const number = scalarFor(value as Scalar, input.dtype);
    if (input._numel > 0) fillWith(filled, number);
  }
  if (node !== null) rebase(input, node);
  return input;
}

/** Writes a number everywhere, as an assignment by index does: recorded as a write of a tensor. */
export function assign(input: Tensor, value: Scalar): Tensor {
  return writeValue(input, value, "FillBackward3", [input, null]);
}
