// The end of the graph: adds an arriving gradient to a leaf's `.grad`.

import { copyInto, copyOf } from "../dispatch";
import { AutogradError } from "../errors";
import { checkBroadcast, isDense, sameShape } from "../tensor/shape";
import { emptyLayout, type Tensor } from "../tensor/tensor";
import { type Gradients, Node } from "./node";
import { expose, isOnlyHolder } from "./ownership";

/** Accumulates into a leaf, as PyTorch's AccumulateGrad. */
export class Accumulate extends Node {
  constructor(readonly leaf: Tensor) {
    super("AccumulateGrad", []);
  }

  apply(grads: Gradients, createGraph: boolean): Gradients {
    const grad = grads[0];
    if (grad !== null) this.accumulate(grad, createGraph);
    return [];
  }

  /** Adds `grad` after the leaf's hooks saw it. A first gradient is taken over where nothing else has its memory, else copied. */
  accumulate(grad: Tensor, createGraph: boolean): void {
    const { leaf } = this;
    const state = leaf.state();
    if (state.node !== null) throw new AutogradError("leaf variable has been moved into the graph interior");
    if (!state.requiresGrad) return;
    let arriving = grad;
    if (state.leafHooks !== null && state.leafHooks.length > 0) {
      expose(grad);
      for (const hook of state.leafHooks) arriving = hook(arriving) ?? arriving;
    }
    if (state.grad !== null) {
      state.grad = createGraph ? state.grad.add(arriving) : state.grad.add_(arriving);
    } else if (createGraph) {
      state.grad = hasLayoutOf(arriving, leaf) || arriving.contiguousNow ? arriving.clone() : arriving.contiguous();
    } else if (isOnlyHolder(arriving) && hasLayoutOf(arriving, leaf)) {
      expose(arriving);
      state.grad = arriving._state === null && arriving._view === null ? arriving : arriving.detach();
    } else state.grad = copyFor(leaf, arriving);
  }

  release(): void {}
}

/** Whether a gradient lies in memory as the leaf's has to: in the order of the leaf, or row by row for a leaf with gaps. */
function hasLayoutOf(grad: Tensor, leaf: Tensor): boolean {
  if (!sameShape(grad.sizes, leaf.sizes)) return false;
  if (leaf.contiguousNow || !isDense(leaf.sizes, leaf.strides)) return grad.contiguousNow;
  return sameShape(grad.strides, leaf.strides);
}

/** A copy in the leaf's order of memory, and in its shape, which may have changed in place since the graph was recorded. */
function copyFor(leaf: Tensor, grad: Tensor): Tensor {
  const isSame = sameShape(grad.sizes, leaf.sizes);
  if ((leaf.contiguousNow && isSame) || !isDense(leaf.sizes, leaf.strides)) return copyOf(grad);
  if (!isSame) checkBroadcast(grad.sizes, leaf.sizes);
  const out = emptyLayout(leaf, grad.dtype);
  copyInto(out, grad);
  return out;
}
