// The end of the graph: adds an arriving gradient to a leaf's `.grad`.

import { copyOf } from "../dispatch";
import type { Tensor } from "../tensor/tensor";
import { type Gradients, Node } from "./node";

/** Accumulates into a leaf, as PyTorch's AccumulateGrad. */
export class Accumulate extends Node {
  constructor(readonly leaf: Tensor) {
    super("AccumulateGrad", []);
  }

  apply(grads: Gradients, createGraph: boolean): Gradients {
    const grad = grads[0];
    if (grad !== null) this.accumulate(grad, createGraph, false);
    return [];
  }

  /** Adds `grad`; takes it over without a copy when `owned` says that nothing else refers to its memory. */
  accumulate(grad: Tensor, createGraph: boolean, owned: boolean): void {
    const state = this.leaf.state();
    let arriving = grad;
    for (const hook of state.leafHooks ?? []) arriving = hook(arriving) ?? arriving;
    if (state.grad !== null) {
      state.grad = createGraph ? state.grad.add(arriving) : state.grad.add_(arriving);
    } else if (createGraph) {
      state.grad = arriving;
    } else {
      state.grad = owned && arriving === grad && grad.contiguousNow ? grad : copyOf(arriving);
    }
  }

  release(): void {}
}
