// Zeros as derivatives need them: of a shape and dtype, in no graph.

import { fillWith } from "../dispatch";
import type { DType } from "../tensor/dtype";
import { empty, type Tensor } from "../tensor/tensor";

/** New zeros. Never a product by 0, which would be NaN for an infinite gradient. */
export function zerosOf(sizes: readonly number[], dtype: DType): Tensor {
  const out = empty(sizes, dtype);
  if (out._numel > 0) fillWith(out, 0);
  return out;
}

/** New zeros of the shape and dtype of another tensor. */
export function zerosAs(like: Tensor): Tensor {
  return zerosOf(like.sizes, like.dtype);
}
