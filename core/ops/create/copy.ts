// Copies of a tensor.

import { signed } from "../../arguments/signed";
import { record } from "../../autograd/record";
import { contiguousOf, copyInto } from "../../dispatch";
import { ArgumentError } from "../../errors";
import * as dt from "../../tensor/dtype";
import type { Scalar } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import type { Tensor } from "../../tensor/tensor";
import { fill_ } from "./fill";

/** A recorded copy in new memory, in the same memory order without gaps. Source: torch.clone. */
export const clone = signed("clone(Tensor input)", cloneOf);

function cloneOf(input: Tensor): Tensor {
  const out = emptyPreserving(input, input.dtype);
  if (out._numel > 0) copyInto(out, input);
  record("CloneBackward0", [input], [out], ([g]) => [g]);
  return out;
}

/** The tensor itself when its elements lie row by row without gaps, else a copy that does. Source: Tensor.contiguous. */
export const contiguous = signed("contiguous(Tensor input)", contiguousCopy);

function contiguousCopy(input: Tensor): Tensor {
  if (input.contiguousNow) return input;
  const out = contiguousOf(input);
  record("CloneBackward0", [input], [out], ([g]) => [g]);
  return out;
}

/** Whether elements lie row by row without gaps. Source: Tensor.is_contiguous. */
export const isContiguous = signed("isContiguous(Tensor input)", isContiguousOf);

/** What has no elements has them in any order. */
function isContiguousOf(input: Tensor): boolean {
  return input._numel === 0 || input.contiguousNow;
}

/** A new tensor of one value in the shape of another. Source: torch.fill. */
export const fill = signed("fill(Tensor input, Number|Tensor value)", fillOf);

function fillOf(input: Tensor, value: Scalar | Tensor): Tensor {
  return fill_(cloneOf(input), value);
}

/** The positive of every element: the tensor itself. Throws for bool. Source: torch.positive. */
export const positive = signed("positive(Tensor input)", positiveOf);

function positiveOf(input: Tensor): Tensor {
  if (input.dtype === dt.bool) throw new ArgumentError("The `+` operator, on a bool tensor is not supported.");
  return input;
}
