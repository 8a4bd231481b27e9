// Softmax and its logarithm along one dimension.

import { signed } from "../../arguments/signed";
import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import type { DType } from "../../tensor/dtype";
import { wrapDim } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { requireFloat } from "../../tensor/dtype-checks";

function softmaxOf(name: "softmax" | "log_softmax", node: string, log: boolean) {
  return (input: Tensor, dim: number, dtype: DType | null = null): Tensor => {
    const d = wrapDim(dim, input.ndim);
    const x = dtype ? input.to(dtype) : input;
    requireFloat(`${name}_${d >= input.ndim - 1 ? "lastdim_" : ""}kernel_impl`, x.dtype);
    const out = empty(x.sizes, x.dtype);
    if (out._numel > 0) call("softmax", [out, x], [d, log ? 1 : 0]);
    record(node, [x], [out], ([g], [y]) => [gradient(g as Tensor, y, d, log, node)], [out]);
    return out;
  };
}

/** The gradient as an operation that can be differentiated again. */
function gradient(g: Tensor, y: Tensor, dim: number, log: boolean, node: string): Tensor {
  const out = empty(y.sizes, y.dtype);
  if (out._numel > 0) call("softmaxBackward", [out, g, y], [dim, log ? 1 : 0]);
  record(
    node.replace("Backward0", "BackwardDataBackward0"),
    [g, y],
    [out],
    ([h], [grad, value]) => {
      const outer = h as Tensor;
      if (log) {
        const p = value.exp();
        return [outer.sub(outer.mul(p).sum(dim, true)), outer.mul(p).mul(grad.sum(dim, true)).neg()];
      }
      const total = grad.mul(value).sum(dim, true);
      return [
        gradient(outer, value, dim, log, node),
        outer.mul(grad.sub(total)).sub(grad.mul(outer.mul(value).sum(dim, true))),
      ];
    },
    [g, y],
  );
  return out;
}

/** exp(x) / Σ exp(x) along `dim`. Options: `dim`, `dtype`. Throws DTypeError for whole numbers. Source: torch.softmax. */
export const softmax = signed(
  "softmax(Tensor input, int dim, Dtype? dtype=None)",
  softmaxOf("softmax", "SoftmaxBackward0", false),
);
/** log of `softmax`, exact where that rounds to 0. Options: `dim`, `dtype`. Throws DTypeError for whole numbers. Source: torch.log_softmax. */
export const logSoftmax = signed(
  "logSoftmax(Tensor input, int dim, Dtype? dtype=None)",
  softmaxOf("log_softmax", "LogSoftmaxBackward0", true),
);
