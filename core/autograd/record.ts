// How an operation enters the graph: whether it is recorded, its edges, and what an in-place write does to tensors and views.

import { AutogradError } from "../errors";
import { edgeOf, needsGrad, type Tensor } from "../tensor/tensor";
import { zerosOf } from "./zeros";
import { Accumulate } from "./accumulate";
import { isGradEnabled, withGradMode } from "./modes";
import { type Backward, type Edge, FunctionNode, type Keep, type Node, setPlaces } from "./node";
import { checkFollows } from "./views";

const accumulatorOf = (leaf: Tensor): Node => new Accumulate(leaf);

/** Whether an operation on these is recorded now. */
export function isRecorded(operands: readonly (Tensor | null | undefined)[]): boolean {
  if (!isGradEnabled()) return false;
  for (const t of operands) if (t && needsGrad(t)) return true;
  return false;
}

/** The edges of an operation's operands. */
export function edgesOf(operands: readonly (Tensor | null | undefined)[]): (Edge | null)[] {
  return operands.map((t) => (t ? edgeOf(t, accumulatorOf) : null));
}

/** Where the gradient of one tensor goes; a leaf that requires grad gets its accumulator. */
export function gradientEdge(tensor: Tensor): Edge | null {
  return edgeOf(tensor, accumulatorOf);
}

/** Makes `result` a result of `node`. */
export function attach(result: Tensor, node: Node, output = 0): Tensor {
  const state = result.state();
  state.requiresGrad = true;
  state.node = node;
  state.known = null;
  state.output = output;
  return result;
}

setPlaces({ edgeOf: gradientEdge, attach, unrecorded: (body) => withGradMode(false, body) });

/** An operation that computes gradients: the name of its node, with the number of the first operands that it reads where it reads not all. */
export type Derivative = string | { name: string; operands: number };

/**
 * Records an operation whose derivative is written over tensors. `backward` gets the gradients of the results, the tensors that
 * were kept and which operands need a gradient, and gives a gradient per operand. `kept` says what is kept, and for which of the
 * operands' gradients. Nothing is recorded when no operand needs a gradient.
 *
 * `derivative` tells of an operation of PyTorch's own that computes the gradients: see `tied`.
 */
export function record(
  name: string,
  operands: readonly (Tensor | null | undefined)[],
  results: readonly Tensor[],
  backward: Backward,
  kept: readonly Keep[] = [],
  derivative: Derivative | null = null,
): void {
  if (!isRecorded(operands)) return;
  const edges = edgesOf(operands);
  const whole = derivative === null ? backward : tying(backward, edges, derivative);
  const node = new FunctionNode(name, edges, whole, kept, results);
  for (let k = 0; k < results.length; k++) {
    if (results[k].dtype.isFloatingPoint) attach(results[k], node, k);
  }
}

/**
 * A gradient that depends on everything that its operation took, with the derivative 0: where PyTorch computes gradients by an
 * operation of its own, as the one of relu, a gradient has a graph by the operands also where it does not change with them.
 */
export function tied(grad: Tensor, edges: readonly (Edge | null)[], name: string): Tensor {
  const out = grad.alias(grad.sizes, grad.strides, grad.offset);
  const backward: Backward = ([g], _, needs) => [
    g,
    ...edges.map((edge, k) => (edge !== null && needs[k + 1] ? zerosOf(edge.sizes, edge.dtype) : null)),
  ];
  return attach(out, new FunctionNode(name, [gradientEdge(grad), ...edges], backward, []));
}

/** A backward whose gradients are tied to the operands when they are recorded. */
function tying(backward: Backward, operands: readonly (Edge | null)[], derivative: Derivative): Backward {
  const name = typeof derivative === "string" ? derivative : derivative.name;
  const edges = typeof derivative === "string" ? operands : operands.slice(0, derivative.operands);
  return (grads, saved, needs) => {
    const found = backward(grads, saved, needs);
    return isGradEnabled() ? found.map((grad) => grad && tied(grad, edges, name)) : found;
  };
}

/**
 * Gives a composed result PyTorch's name of its operation. With `first`, the result of the composition's first operation, the
 * node also shows the operands of the whole.
 */
export function relabel(result: Tensor, label: string, first?: Tensor): Tensor {
  const node = result._state?.node;
  if (node) {
    node.label = label;
    if (first?._state?.node) node.shown = first._state.node.edges;
  }
  return result;
}

/**
 * `relabel` for a composition that ends in a view although PyTorch's operation hands out memory of its own: the result is no view of
 * what nobody else can reach, so it may be written and detached in place like any other.
 */
export function ownResult(result: Tensor, label: string): Tensor {
  result._view = null;
  return relabel(result, label);
}

/**
 * Throws when a tensor may not be written in place now: a leaf that requires grad, a view of one, or a view that cannot follow
 * the write. `recorded` says that the write will be.
 */
export function checkInPlace(target: Tensor, recorded: boolean): void {
  if (!isGradEnabled()) return;
  const needed = needsGrad(target);
  if (!recorded && !needed) return;
  const view = target._view;
  if (view !== null) {
    checkFollows(target, view, false);
    if (needed && view.base.isLeaf) {
      throw new AutogradError("a view of a leaf Variable that requires grad is being used in an in-place operation.");
    }
  }
  if (needed && target.isLeaf) {
    throw new AutogradError("a leaf Variable that requires grad is being used in an in-place operation.");
  }
  if (recorded && !target.dtype.isFloatingPoint) {
    throw new AutogradError("only Tensors of floating point and complex dtype can require gradients");
  }
}
