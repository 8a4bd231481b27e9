// The writes that replace all elements of a tensor. Methods only.

import { signed } from "../../arguments/signed";
import type { Scalar } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { COPY, overwrite } from "./overwrite";
import { writeValue } from "./write-value";

/** Writes the values of `other`, broadcast and converted, into this tensor. Recorded. Source: Tensor.copy_. */
export const copy_ = signed("copy_(Tensor input, Tensor|Number other, bool nonBlocking=False)", copyInPlace);

function copyInPlace(input: Tensor, other: Tensor | Scalar, _nonBlocking = false): Tensor {
  return other instanceof Tensor ? overwrite(input, other, COPY) : fill_(input, other);
}

/** Writes one value, a number or a 0-d tensor, everywhere; an expanded tensor, too, since all its places take the same. Recorded. Source: Tensor.fill_. */
export const fill_ = signed("fill_(Tensor input, Number|Tensor value)", fillInPlace);

function fillInPlace(input: Tensor, value: Scalar | Tensor): Tensor {
  if (value instanceof Tensor) return writeValue(input, value, "FillBackward3", [input, value]);
  return writeValue(input, value, "FillBackward2", [input]);
}

/** Writes zeros. Source: Tensor.zero_. */
export const zero_ = signed("zero_(Tensor input)", zeroInPlace);

function zeroInPlace(input: Tensor): Tensor {
  return writeValue(input, 0, "ZeroBackward0", [input]);
}
