// In-place writes in the graph. A write to a view changes its base: the base gets a node that replaces the gradient of the
// region written (PyTorch: CopySlices), and every other view asks for a new node when it is next used.

import { copyInto, copyOf } from "../dispatch";
import { AutogradError } from "../errors";
import { setViewRefresher, type Tensor } from "../tensor/tensor";
import { empty } from "../tensor/tensor";
import { type Edge, FunctionNode, type Gradients, Node } from "./node";
import { attach, gradientEdge } from "./record";

/** The node of a base after a write to one of its views. */
class CopySlices extends Node {
  constructor(
    base: Edge | null,
    private readonly inner: Node,
    /** Which of the inner node's operands is the view itself, or -1. */
    private readonly self: number,
    private readonly region: (base: Tensor) => Tensor,
  ) {
    super("CopySlices", [base, ...inner.edges.filter((_, k) => k !== self)]);
  }

  apply(grads: Gradients, createGraph: boolean): Gradients {
    const grad = grads[0] as Tensor;
    const rest = createGraph ? grad.clone() : copyOf(grad);
    const region = this.region(rest);
    const inner = this.inner.apply([createGraph ? region.clone() : copyOf(region)], createGraph);
    const own = this.self >= 0 ? inner[this.self] : null;
    if (createGraph) {
      if (own === null) region.zero_();
      else region.copy_(own);
    } else if (own === null) region.zero_();
    else copyInto(region, own);
    return [rest, ...inner.filter((_, k) => k !== this.self)];
  }

  override get consumes(): boolean {
    return false;
  }

  release(): void {
    this.inner.release();
  }
}

/**
 * Tells the graph that `target` now holds the result of `node`, whose operand number `self` was `target` before the write
 * (-1: the old contents do not matter).
 */
export function rebase(target: Tensor, node: Node, self: number): void {
  const view = target._state?.view ?? null;
  if (view === null) {
    attach(target, node);
    const state = target.state();
    state.graphVersion++;
    return;
  }
  const { base } = view;
  if (base.sizes !== view.sizes) {
    throw new AutogradError(
      "a view is being modified in place with a gradient, but the tensor that it was taken from has changed its shape in place since",
    );
  }
  attach(base, new CopySlices(gradientEdge(base), node, self, view.replay));
  base.state().graphVersion++;
  regenerate(target);
}

/** Gives a view the node that its base's new graph implies. */
function regenerate(target: Tensor): void {
  const state = target.state();
  const view = state.view;
  if (view === null) return;
  const { base, replay } = view;
  state.seenGraphVersion = base.state().graphVersion;
  const edge = gradientEdge(base);
  if (edge === null) return;
  const { sizes, dtype } = base;
  const backward = ([grad]: Gradients): Gradients => {
    const whole = empty(sizes, dtype).zero_();
    replay(whole).copy_(grad as Tensor);
    return [whole];
  };
  attach(target, new FunctionNode("AsStridedBackward0", [edge], backward, []));
}

setViewRefresher(regenerate);
