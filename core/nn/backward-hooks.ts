// Functions that see the gradients of a module's inputs and outputs: both pass through a node that changes nothing.

import { isGradEnabled } from "../autograd/modes";
import { type Edge, type Gradients, Node } from "../autograd/node";
import { expose } from "../autograd/ownership";
import { attach, edgesOf } from "../autograd/record";
import { markView, trackView } from "../autograd/views";
import { ArgumentError } from "../errors";
import { Tensor } from "../tensor/tensor";

/** Runs in backward with the gradients of a module's arguments and results, null for those without. */
export type BackwardHook<M> = (module: M, gradInput: Gradients, gradOutput: Gradients) => unknown;

/** Hands gradients on; `see` may replace them. */
class Passage extends Node {
  constructor(
    edges: readonly (Edge | null)[],
    private readonly see: (grads: Gradients) => Gradients,
  ) {
    super("BackwardHookFunctionBackward", edges, edges.length);
  }

  apply(grads: Gradients): Gradients {
    // Hooks may keep the gradients that they see, and may give what they keep.
    for (const grad of grads) if (grad !== null) expose(grad);
    const given = this.see(grads);
    for (const grad of given) if (grad) expose(grad);
    return given;
  }

  release(): void {}
}

/** The values with every tensor that requires grad behind a passage; `see` gets a gradient or null per value. */
function passed(values: readonly unknown[], see: (grads: Gradients) => Gradients): unknown[] {
  const out = [...values];
  const tensors: Tensor[] = [];
  const places: number[] = [];
  values.forEach((value, k) => {
    if (!(value instanceof Tensor && value.requiresGrad)) return;
    tensors.push(value);
    places.push(k);
  });
  if (tensors.length === 0) return out;
  const node = new Passage(edgesOf(tensors), (grads) => {
    const all: Gradients = values.map(() => null);
    places.forEach((place, k) => {
      all[place] = grads[k];
    });
    const given = see(all);
    return places.map((place) => given[place]);
  });
  places.forEach((place, k) => {
    const view = tensors[k].detach();
    trackView(view, tensors[k]);
    out[place] = attach(view, node, k);
    markView(view, "function", k);
  });
  return out;
}

function replaced(gradInput: Gradients, given: unknown): Gradients {
  if (!(given instanceof Tensor || Array.isArray(given))) return gradInput;
  const list: Gradients = given instanceof Tensor ? [given] : given;
  if (list.length === gradInput.length) return list;
  throw new ArgumentError(
    `Backward hook returned an invalid number of grad_input, got ${list.length}, but expected ${gradInput.length}`,
  );
}

/** A call whose gradients the hooks see. Throws ArgumentError for an output without tensors at its top. */
export function watched(
  hooks: readonly ((gradInput: Gradients, gradOutput: Gradients) => unknown)[],
  args: readonly unknown[],
  run: (args: unknown[]) => unknown,
): unknown {
  if (!isGradEnabled()) return run([...args]);
  let gradOutput: Gradients = [];
  const see = (gradInput: Gradients): Gradients =>
    hooks.reduce((grads, hook) => replaced(grads, hook(grads, gradOutput)), gradInput);
  const inputs = passed(args, see);
  const output = run(inputs);
  const single = output instanceof Tensor;
  if (!single && !Array.isArray(output)) {
    throw new ArgumentError(
      `For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received ${typeof output}`,
    );
  }
  // Without an input that requires grad, what arrives at the outputs is all that there is to see.
  const ends = args.every((value) => !(value instanceof Tensor && value.requiresGrad));
  const results = passed(single ? [output] : output, (grads) => {
    gradOutput = grads;
    if (ends) see(args.map(() => null));
    return grads;
  });
  return single ? results[0] : results;
}
