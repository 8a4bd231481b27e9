// Norms of tensors taken as vectors.

import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { zerosAs } from "../../autograd/zeros";
import { contiguousOf } from "../../dispatch";
import { opmathDtype } from "../../tensor/dtype";
import { wrapDims } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { type Dims, finish, restored } from "../reduce/reduction";

/** What the derivative of a norm knows of the call. */
interface NormOf {
  sizes: readonly number[];
  dims: readonly number[];
  keepdim: boolean;
  order: number;
}

/** The norm of order `order` over dimensions, in the operand's dtype, recorded under PyTorch's name `node`. */
export function normOver(x: Tensor, order: number, dim: Dims, keepdim: boolean, node: string): Tensor {
  const dims = wrapDims(dim, x.ndim);
  const { sizes, dtype } = x;
  const found = normKept(x.detach().to(opmathDtype(dtype)), order, dims).to(dtype);
  const out = finish(contiguousOf(found), sizes, dims, keepdim);
  record(node, [x], [out], normBackward({ sizes, dims, keepdim, order }), [x, out]);
  return out;
}

function normBackward({ sizes, dims, keepdim, order }: NormOf): Backward {
  return ([g], [value, y]) => {
    const grad = restored(g as Tensor, sizes, dims, keepdim);
    const length = restored(y, sizes, dims, keepdim);
    return [normGradient(grad, value, length, order, dims)];
  };
}

function normKept(x: Tensor, p: number, dims: readonly number[]): Tensor {
  const size = x.abs();
  // The norm of nothing is 0, also where its formula has no value.
  if (size.numel() === 0) return size.sum(dims, true);
  if (!Number.isFinite(p)) {
    return p > 0 ? size.amax(dims, true) : size.amin(dims, true);
  }
  if (p === 0) return x.ne(0).sum(dims, true).to(x.dtype);
  if (p === 1) return size.sum(dims, true);
  if (p === 2) return x.mul(x).sum(dims, true).sqrt();
  return size
    .pow(p)
    .sum(dims, true)
    .pow(1 / p);
}

function normGradient(grad: Tensor, x: Tensor, y: Tensor, p: number, dims: readonly number[]): Tensor {
  if (p === 0) return zerosAs(x);
  if (p === 1) return grad.mul(x.sign());
  if (p === 2) return grad.mul(x.div(y)).where(y.ne(0), 0);
  if (!Number.isFinite(p)) {
    const mask = x.abs().eq(y);
    return grad.mul(x.sign()).div(mask.sum(dims, true)).where(mask, 0);
  }
  return grad
    .mul(x.sign())
    .mul(x.abs().pow(p - 1))
    .div(y.pow(p - 1))
    .where(y.ne(0).logicalAnd(x.ne(0)), 0);
}
