// Running sums and products in place. Methods only.

import { isRecorded } from "../../autograd/record";
import type { Tensor } from "../../tensor/tensor";
import { cumprod, cumsum } from "./scan";

/** `cumsum` in place. Source: Tensor.cumsum_. */
export function cumsum_(input: Tensor, dim: number): Tensor {
  return input.copy_(cumsum(input, dim));
}
/** `cumprod` in place; the derivative reads a copy of the old elements. Source: Tensor.cumprod_. */
export function cumprod_(input: Tensor, dim: number): Tensor {
  return input.copy_(cumprod(isRecorded([input]) ? input.clone() : input, dim));
}
