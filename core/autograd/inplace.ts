// In-place writes in the graph. A write to a view changes its base: the base gets a node that replaces the gradient of the
// region written (PyTorch: CopySlices), and every view of the base, the written one too, gets a new node when it is next used.

import { copyInto, copyOf } from "../dispatch";
import { checkNoInternalOverlap } from "../tensor/overlap";
import { setViewRenewal, type Tensor, type ViewOf } from "../tensor/tensor";
import { moveRetained } from "./hooks";
import { type Edge, freedGraph, FunctionNode, type Gradients, Node } from "./node";
import { attach, gradientEdge } from "./record";
import { copyWithRegion, type Geometry, geometryOf, throughStrides } from "./strided";
import { checkFollows } from "./views";

/** The node of a base after a write to one of its views. */
class CopySlices extends Node {
  private inner: Node | null;

  constructor(
    edge: Edge | null,
    inner: Node,
    /** Which of the inner node's operands is the view itself. */
    private readonly self: number,
    private readonly base: Geometry,
    private readonly view: Geometry,
  ) {
    super("CopySlices", [edge, ...inner.edges.filter((_, k) => k !== self)]);
    this.inner = inner;
  }

  apply(grads: Gradients, createGraph: boolean): Gradients {
    if (this.inner === null) throw freedGraph();
    const { whole, region } = copyWithRegion(grads[0] as Tensor, this.base, this.view);
    const inner = this.inner.apply([createGraph ? region.clone() : copyOf(region)], createGraph);
    const own = inner[this.self] ?? null;
    if (own === null) region.zero_();
    else if (createGraph) region.copy_(own);
    else {
      checkNoInternalOverlap(region);
      copyInto(region, own);
    }
    return [whole, ...inner.filter((_, k) => k !== this.self)];
  }

  release(): void {
    this.inner?.release();
    this.inner = null;
  }
}

/** Gives a tensor another node, and lets it go on retaining its gradient. */
function replaceNode(tensor: Tensor, node: Node, output = 0): void {
  const { node: old, output: before } = tensor.state();
  attach(tensor, node, output);
  moveRetained(tensor, old, before, node, output);
}

/**
 * Tells the graph that `target` now holds a result of `node`, whose operand number `self` was `target` before the write. The
 * version of the memory has been raised for the write. A node of several results cannot have written a view.
 */
export function rebase(target: Tensor, node: Node, self = 0, output = 0): void {
  const view = target._view;
  if (view === null) replaceNode(target, node, output);
  else {
    const { base } = view;
    // The gradient that the base retains stays that of what it was before one of its views was written.
    attach(base, new CopySlices(gradientEdge(base), node, self, geometryOf(base), geometryOf(target)), 0);
    // At once, not when the node is asked for: the gradient to retain is that of what was written, and the base may be detached meanwhile.
    renewNode(target, view);
  }
}

/**
 * Tells the graph that `target` got another shape by `node` while all elements stayed in place: what is recorded of its base, if it is
 * a view, stays too.
 */
export function reshapedBy(target: Tensor, node: Node): void {
  if (target._view !== null) target._view.version = target.storage.version;
  replaceNode(target, node);
}

/** Gives a view the node that its base's graph implies since the memory was written. */
function renewNode(tensor: Tensor, view: ViewOf): void {
  const { base } = view;
  if ((tensor._state?.node ?? null) === null && !base.requiresGrad) return;
  checkFollows(tensor, view, true);
  view.version = tensor.storage.version;
  if (tensor.storage !== base.storage) return;
  const [from, to] = [geometryOf(base), geometryOf(tensor)];
  const backward = ([grad]: Gradients): Gradients => [throughStrides(grad as Tensor, from, to)];
  replaceNode(tensor, new FunctionNode("AsStridedBackward0", [gradientEdge(base)], backward, []));
}

setViewRenewal(renewNode);
