// Autograd's methods of tensors.

import { AutogradError } from "../errors";
import { signed } from "../arguments/signed";
import type { Tensor } from "../tensor/tensor";
import { backward as run } from "./backward";

export { registerHook, retainGrad } from "./hooks";

/**
 * Adds the gradients of this tensor to the `grad` of the leaves it came from. Options: `gradient`, `retainGraph`,
 * `createGraph`, `inputs`. Source: Tensor.backward.
 */
export const backward = signed(
  "def backward(Tensor input, Tensor? gradient=None, bool? retainGraph=None, bool createGraph=False, Tensor|Tensor[]? inputs=None)",
  backwardOf,
);

function backwardOf(
  input: Tensor,
  gradient: Tensor | null = null,
  retainGraph: boolean | null = null,
  createGraph = false,
  inputs: Tensor | readonly Tensor[] | null = null,
): void {
  run(input, gradient, { retainGraph, createGraph, inputs });
}

/**
 * The tensor without its graph, from now on. Throws AutogradError for a view: its base has the graph. Source: Tensor.detach_.
 */
export const detach_ = signed("detach_(Tensor input)", detachInPlace);

function detachInPlace(input: Tensor): Tensor {
  if (input._view !== null) {
    throw new AutogradError(
      "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
    );
  }
  const state = input._state;
  if (state !== null) {
    state.node = null;
    state.output = 0;
    state.requiresGrad = false;
  }
  return input;
}

/** Turns recording on this leaf on or off. Throws AutogradError for whole numbers. Source: Tensor.requires_grad_. */
export const requiresGrad_ = signed("requiresGrad_(Tensor input, bool requiresGrad=True)", requiresGradInPlace);

function requiresGradInPlace(input: Tensor, requiresGrad = true): Tensor {
  if (requiresGrad && !input.dtype.isFloatingPoint) {
    throw new AutogradError("only Tensors of floating point dtype can require gradients");
  }
  input.requiresGrad = requiresGrad;
  return input;
}
