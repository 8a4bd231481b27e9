// Running sums and products in place. Methods only.

import { bool, type DType } from "../../tensor/dtype";
import { signed } from "../../arguments/signed";
import { isRecorded } from "../../autograd/record";
import type { Tensor } from "../../tensor/tensor";
import { overwrite } from "../create/overwrite";
import { cumprod, cumsum } from "./scan";

/** Bools are not summed or multiplied in place; other dtypes are as they are out of place. */
function ownDtype(input: Tensor): DType | null {
  return input.dtype === bool ? bool : null;
}

/** `cumsum` in place. Source: Tensor.cumsum_. */
export const cumsum_ = signed("cumsum_(Tensor input, int dim, *, Dtype? dtype=None)", cumsum_Of);

function cumsum_Of(input: Tensor, dim: number, dtype: DType | null = null): Tensor {
  return overwrite(input, cumsum(input, dim, { dtype: dtype ?? ownDtype(input) }), "CumsumBackward0");
}
/** `cumprod` in place; the derivative reads a copy of the old elements. Source: Tensor.cumprod_. */
export const cumprod_ = signed("cumprod_(Tensor input, int dim, *, Dtype? dtype=None)", cumprod_Of);

function cumprod_Of(input: Tensor, dim: number, dtype: DType | null = null): Tensor {
  const old = isRecorded([input]) ? input.clone() : input;
  return overwrite(input, cumprod(old, dim, { dtype: dtype ?? ownDtype(input) }), "CumprodBackward0");
}
