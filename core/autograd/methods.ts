// Autograd's methods of tensors.

import { AutogradError } from "../errors";
import { type Arguments, read } from "../arguments/arguments";
import type { Tensor } from "../tensor/tensor";
import { backward as run, type BackwardOptions } from "./backward";

export { registerHook, retainGrad } from "./hooks";

type BackwardArguments = Arguments<
  [gradient?: Tensor | null, retainGraph?: boolean, createGraph?: boolean],
  BackwardOptions
>;

/**
 * Adds the gradients of this tensor to the `grad` of the leaves it came from. Options: `gradient`, `retainGraph`,
 * `createGraph`, `inputs`. Source: Tensor.backward.
 */
export function backward(input: Tensor, ...args: BackwardArguments): void {
  const { gradient, retainGraph, createGraph, inputs } = read<BackwardOptions>(
    "backward",
    args,
    ["gradient", "retainGraph", "createGraph"],
    ["inputs"],
  );
  run(input, gradient, { retainGraph, createGraph, inputs });
}

/**
 * The tensor without its graph, from now on. Throws AutogradError for a view: its base has the graph. Source: Tensor.detach_.
 */
export function detach_(input: Tensor): Tensor {
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
export function requiresGrad_(input: Tensor, requiresGrad = true): Tensor {
  if (requiresGrad && !input.dtype.isFloatingPoint) {
    throw new AutogradError("only Tensors of floating point dtype can require gradients");
  }
  input.requiresGrad = requiresGrad;
  return input;
}
