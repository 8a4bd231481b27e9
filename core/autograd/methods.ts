// Autograd's methods of tensors.

import { AutogradError } from "../errors";
import { type Arguments, read } from "../ops/shared/arguments";
import { sameShape } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { backward as run, type BackwardOptions } from "./engine";

/** Removes a hook. */
export interface RemovableHandle {
  remove(): void;
}

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

/** Keeps the gradient of a tensor that is no leaf. Source: Tensor.retain_grad. */
export function retainGrad(input: Tensor): void {
  if (!input.requiresGrad) throw new AutogradError("can't retain_grad on Tensor that has requires_grad=False");
  if (input.isLeaf || input.retainsGrad) return;
  input.state().retainsGrad = true;
  registerHook(input, (grad) => {
    const state = input.state();
    state.grad = state.grad === null ? grad : state.grad.add(grad);
  });
}

/** Sees a gradient; a tensor that it returns replaces the gradient. Other results, such as that of `list.push(grad)`, do not count. */
export type GradientHook = ((grad: Tensor) => Tensor | null | undefined) | ((grad: Tensor) => void);

/**
 * Calls a function with this tensor's gradient whenever it is computed; what it returns replaces the gradient.
 * Source: Tensor.register_hook.
 */
export function registerHook(input: Tensor, hook: GradientHook): RemovableHandle {
  if (!input.requiresGrad) {
    throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient");
  }
  const call = (grad: Tensor): Tensor | null => {
    const given: unknown = hook(grad);
    if (!(given instanceof Tensor)) return null;
    if (sameShape(given.sizes, grad.sizes)) return given;
    throw new AutogradError(`hook '${hook.name || "<lambda>"}' has changed the size of value`);
  };
  const node = input.gradFn;
  let list: ((grad: Tensor) => Tensor | null | undefined)[];
  if (node === null) {
    const state = input.state();
    state.leafHooks ??= [];
    list = state.leafHooks;
  } else {
    node.hooks ??= new Map();
    list = node.hooks.get(input.outputNr) ?? [];
    node.hooks.set(input.outputNr, list);
  }
  list.push(call);
  return {
    remove() {
      const at = list.indexOf(call);
      if (at >= 0) list.splice(at, 1);
    },
  };
}

/** The tensor without its graph, from now on. Source: Tensor.detach_. */
export function detach_(input: Tensor): Tensor {
  const state = input._state;
  if (state !== null) {
    state.node = null;
    state.requiresGrad = false;
    state.view = null;
    state.barred = null;
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
