// User-defined operations: a forward and a backward of one's own, recorded as one node (PyTorch: torch.autograd.Function).

import { ArgumentError, AutogradError } from "../errors";
import { sumToSize } from "../ops/reduce/reduction";
import type { DType } from "../tensor/dtype";
import { text } from "../tensor/shape";
import { empty, Tensor } from "../tensor/tensor";
import { withGradMode } from "./modes";
import { freedGraph, type Gradients, Node, Saved } from "./node";
import type { Edge } from "./node";
import { expose } from "./ownership";
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
  private readonly shapes: readonly (readonly number[])[];
  private readonly dtypes: readonly DType[];

  constructor(
    label: string,
    edges: readonly (Edge | null)[],
    outputs: number,
    private readonly context: FunctionCtx,
    private readonly body: (context: FunctionCtx, ...grads: Tensor[]) => unknown,
    private readonly results: readonly Tensor[],
    /** How many arguments forward had, and where among them every tensor stood. */
    private readonly count: number,
    private readonly positions: readonly number[],
    operands: readonly Tensor[],
  ) {
    super(label, edges, outputs);
    this.shapes = operands.map((t) => t.sizes);
    this.dtypes = operands.map((t) => t.dtype);
  }

  apply(grads: Gradients): Gradients {
    // User code may keep the gradients that it is given, and may give what it keeps.
    const full = grads.map((grad, k) => expose(grad ?? zerosFor(this.results[k])));
    const given = this.body(this.context, ...full);
    const list: unknown[] = Array.isArray(given) ? given : [given];
    // Nulls beyond the arguments of forward are let pass.
    const missing = list.length < this.count;
    if (missing || list.slice(this.count).some((grad) => grad !== null && grad !== undefined)) {
      throw new AutogradError(
        `function ${this.label} returned an incorrect number of gradients (expected ${this.count}, got ${list.length})`,
      );
    }
    return this.positions.map((position, k) => {
      const grad = list[position];
      if (grad === null || grad === undefined || this.edges[k] === null) return null;
      if (grad instanceof Tensor) return this.fitted(expose(grad), k);
      throw new ArgumentError(`${this.label}: expected Variable or None (got ${typeof grad})`);
    });
  }

  /** A gradient in the shape and dtype of its operand: what broadcasting would have repeated is summed. */
  private fitted(grad: Tensor, k: number): Tensor {
    const shape = this.shapes[k];
    const lead = grad.ndim - shape.length;
    if (lead < 0 || shape.some((n, d) => n !== 1 && n !== grad.sizes[d + lead])) {
      throw new AutogradError(
        `Function ${this.label} returned an invalid gradient at index ${k} - got ${text(grad.sizes)} but expected shape compatible with ${text(shape)}`,
      );
    }
    const summed = sumToSize(grad, shape);
    return summed.dtype === this.dtypes[k] ? summed : summed.to(this.dtypes[k]);
  }

  release(): void {
    this.context.drop();
  }
}

function zerosFor(like: Tensor): Tensor {
  return empty(like.sizes, like.dtype).fill_(0);
}

/** What a subclass writes. */
interface Definition<A extends unknown[], R extends Tensor | Tensor[]> {
  name: string;
  forward(context: FunctionCtx, ...args: A): R;
  backward(context: FunctionCtx, ...grads: Tensor[]): unknown;
}

/** Runs forward and records backward. */
function run<A extends unknown[], R extends Tensor | Tensor[]>(definition: Definition<A, R>, args: A): R {
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
  const result = withGradMode(false, () => definition.forward(context, ...args));
  if (!recorded) return result;
  const results: Tensor[] = result instanceof Tensor ? [result] : result;
  // A forward that returns its operand gives a new tensor, so that the operand keeps its own node.
  const outputs = results.map((t) => (operands.includes(t) ? t.detach() : t));
  const node = new CustomNode(
    `${definition.name}Backward`,
    edges,
    outputs.length,
    context,
    definition.backward.bind(definition),
    outputs,
    args.length,
    positions,
    operands,
  );
  outputs.forEach((t, k) => {
    if (context.differentiable(results[k])) attach(t, node, k);
  });
  context.seal(node);
  return (result instanceof Tensor ? outputs[0] : outputs) as R;
}

/** The `this` of a call without an object. A lone `void` would accept every object. */
// biome-ignore lint/suspicious/noConfusingVoidType: it is the type of such a `this`
type NoObject = void | { readonly [unreachable]: never };
declare const unreachable: unique symbol;

/** `apply` of a user-defined operation: called on its class, or kept under another name, as in `const relu = MyReLU.apply`. */
interface Apply {
  // TypeScript forgets the class of what is taken off it, so this one takes anything and gives, as most do, one tensor.
  (this: NoObject, ...args: unknown[]): Tensor;
  <A extends unknown[], R extends Tensor | Tensor[]>(this: Definition<A, R>, ...args: A): R;
}

/**
 * Base of user-defined operations: a subclass has static `forward(ctx, …args)` and `backward(ctx, …gradOutputs)`, which gives a
 * gradient (or null) per argument of forward; `apply` runs it (PyTorch: `torch.autograd.Function`).
 */
export abstract class CustomFunction {
  /** Runs forward and records backward, for the class that it is taken from. */
  static get apply(): Apply {
    const definition = this as unknown as Definition<unknown[], Tensor | Tensor[]>;
    return ((...args: unknown[]) => run(definition, args)) as Apply;
  }
}
