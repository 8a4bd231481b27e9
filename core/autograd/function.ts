// User-defined operations: a forward and a backward of one's own, recorded as one node (PyTorch: torch.autograd.Function).

import { ArgumentError } from "../errors";
import { empty, Tensor } from "../tensor/tensor";
import { withGradMode } from "./modes";
import { freedGraph, type Gradients, Node, Saved } from "./node";
import type { Edge } from "./node";
import { attach, edgesOf, isRecorded } from "./record";

/** What forward leaves for backward (PyTorch: `torch.autograd.function.FunctionCtx`). Other properties may be set on it freely. */
export class FunctionCtx {
  [name: string]: unknown;
  /** Which operands need a gradient, in the order of forward's arguments. */
  needsInputGrad: boolean[] = [];
  private kept: Tensor[] = [];
  private saved: Saved[] | null = null;
  private readonly plain = new Set<Tensor>();

  /** Keeps tensors for backward; `savedTensors` gives them back. */
  saveForBackward(...tensors: Tensor[]): void {
    this.kept = tensors;
  }

  /** What was saved. Throws AutogradError when it was freed or changed in place since. */
  get savedTensors(): Tensor[] {
    if (this.saved === null) throw freedGraph();
    return this.saved.map((s) => s.unpack());
  }

  /** Says that results are not differentiable. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    for (const tensor of tensors) this.plain.add(tensor);
  }

  /** @internal */
  seal(node: Node): void {
    this.saved = this.kept.map((tensor) => new Saved(tensor, tensor._state?.node ?? node));
    this.kept = [];
  }

  /** @internal */
  drop(): void {
    this.saved = null;
  }

  /** @internal */
  differentiable(tensor: Tensor): boolean {
    return tensor.dtype.isFloatingPoint && !this.plain.has(tensor);
  }
}

class CustomNode extends Node {
  constructor(
    label: string,
    edges: readonly (Edge | null)[],
    outputs: number,
    private readonly context: FunctionCtx,
    private readonly body: (context: FunctionCtx, ...grads: Tensor[]) => unknown,
    private readonly shapes: readonly Tensor[],
    /** Position of every tensor operand among forward's arguments. */
    private readonly positions: readonly number[],
  ) {
    super(label, edges, outputs);
  }

  apply(grads: Gradients): Gradients {
    const full = grads.map((grad, k) => grad ?? zerosFor(this.shapes[k]));
    const given = this.body(this.context, ...full);
    const list = Array.isArray(given) ? given : [given];
    return this.positions.map((position, k) => {
      const grad: unknown = list[position];
      if (grad === null || grad === undefined || this.edges[k] === null) return null;
      if (grad instanceof Tensor) return grad;
      throw new ArgumentError(`${this.label}: expected Variable or None (got ${typeof grad})`);
    });
  }

  // User code may keep the gradients that it was given, and may give what it keeps.
  override get consumes(): boolean {
    return false;
  }

  release(): void {
    this.context.drop();
  }
}

function zerosFor(like: Tensor): Tensor {
  return empty(like.sizes, like.dtype).fill_(0);
}

/**
 * Base of user-defined operations: a subclass has static `forward(ctx, …args)` and `backward(ctx, …gradOutputs)`, which gives a
 * gradient (or null) per argument of forward; `apply` runs it (PyTorch: `torch.autograd.Function`).
 */
export abstract class CustomFunction {
  /** Runs forward and records backward. `this` is the subclass. */
  static apply<A extends unknown[], R extends Tensor | Tensor[]>(
    this: {
      name: string;
      forward(context: FunctionCtx, ...args: A): R;
      backward(context: FunctionCtx, ...grads: Tensor[]): unknown;
    },
    ...args: A
  ): R {
    const context = new FunctionCtx();
    const positions: number[] = [];
    const operands: Tensor[] = [];
    args.forEach((value, k) => {
      context.needsInputGrad.push(value instanceof Tensor && value.requiresGrad);
      if (value instanceof Tensor) {
        positions.push(k);
        operands.push(value);
      }
    });
    const recorded = isRecorded(operands);
    const edges = recorded ? edgesOf(operands) : [];
    const result = withGradMode(false, () => this.forward(context, ...args));
    if (!recorded) return result;
    const results: Tensor[] = result instanceof Tensor ? [result] : result;
    // A forward that returns its operand gives a new tensor, so that the operand keeps its own node.
    const outputs = results.map((t) => (operands.includes(t) ? t.detach() : t));
    const node = new CustomNode(
      `${this.name}Backward`,
      edges,
      outputs.length,
      context,
      this.backward.bind(this),
      outputs,
      positions,
    );
    outputs.forEach((t, k) => {
      if (context.differentiable(results[k])) attach(t, node, k);
    });
    context.seal(node);
    return (result instanceof Tensor ? outputs[0] : outputs) as R;
  }
}
