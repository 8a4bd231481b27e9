// Functions that see the gradient of a tensor while backward runs, and gradients kept of tensors that are no leaves.

import { signed } from "../arguments/signed";
import { copyOf } from "../dispatch";
import { AutogradError } from "../errors";
import { sameShape } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { isGradEnabled } from "./modes";
import type { Hook, Node } from "./node";

/** Removes a hook. */
export interface RemovableHandle {
  remove(): void;
}

/** Sees a gradient; a tensor that it returns replaces the gradient. Other results, such as that of `list.push(grad)`, do not count. */
export type GradientHook = ((grad: Tensor) => Tensor | null | undefined) | ((grad: Tensor) => void);

/** The functions that see the gradient of one result of a node. */
function hooksOf(node: Node, output: number): Hook[] {
  node.hooks ??= new Map();
  let list = node.hooks.get(output);
  if (list === undefined) {
    list = [];
    node.hooks.set(output, list);
  }
  return list;
}

function removeFrom(list: Hook[], hook: Hook): void {
  const at = list.indexOf(hook);
  if (at >= 0) list.splice(at, 1);
}

/**
 * Calls a function with this tensor's gradient whenever it is computed; what it returns replaces the gradient.
 * Source: Tensor.register_hook.
 */
export const registerHook = signed("def registerHook(Tensor input, function hook)", registerHookOf);

function registerHookOf(input: Tensor, hook: GradientHook): RemovableHandle {
  if (!input.requiresGrad) {
    throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient");
  }
  const call = (grad: Tensor): Tensor | null => {
    const given: unknown = hook(grad);
    if (!(given instanceof Tensor)) return null;
    const name = hook.name || "<lambda>";
    if (given.dtype !== grad.dtype) {
      throw new AutogradError(
        `hook '${name}' has changed the type of value (was torch.${grad.dtype.tensorName} got torch.${given.dtype.tensorName})`,
      );
    }
    if (sameShape(given.sizes, grad.sizes)) return given;
    throw new AutogradError(`hook '${name}' has changed the size of value`);
  };
  const node = input.gradFn;
  const state = input.state();
  if (node === null) state.leafHooks ??= [];
  const list = node === null ? (state.leafHooks as Hook[]) : hooksOf(node, state.output);
  // A gradient retained after the first hook is what all hooks leave, as in PyTorch.
  if (state.retain !== null && list.length > 1 && list[list.length - 1] === state.retain)
    list.splice(list.length - 1, 0, call);
  else list.push(call);
  return { remove: () => removeFrom(list, call) };
}

/**
 * Keeps the gradient of a tensor that is no leaf in its `grad`, also after the tensor is written in place. Throws AutogradError
 * for a tensor that does not require grad. Source: Tensor.retain_grad.
 */
export const retainGrad = signed("retainGrad(Tensor input)", retainGradOf);

function retainGradOf(input: Tensor): void {
  if (!input.requiresGrad) throw new AutogradError("can't retain_grad on Tensor that has requires_grad=False");
  const node = input.gradFn;
  const state = input.state();
  if (node === null || state.retain !== null) return;
  const tensor = new WeakRef(input);
  state.retain = (grad) => {
    const kept = tensor.deref()?.state();
    if (kept === undefined) return null;
    if (kept.grad !== null) kept.grad = kept.grad.add(grad);
    else kept.grad = isGradEnabled() ? grad.clone() : copyOf(grad);
    return null;
  };
  hooksOf(node, state.output).push(state.retain);
}

/** Lets a tensor go on retaining its gradient when an in-place write gives it another node. */
export function moveRetained(tensor: Tensor, from: Node | null, fromOutput: number, to: Node, toOutput: number): void {
  const retain = tensor._state?.retain ?? null;
  if (retain === null) return;
  const list = from?.hooks?.get(fromOutput);
  if (list !== undefined) removeFrom(list, retain);
  hooksOf(to, toOutput).push(retain);
}
