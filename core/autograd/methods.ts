// Autograd's methods of tensors.

import { type Arguments, read } from "../ops/shared/arguments";
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
