// User-defined operations: a forward and a backward of one's own, recorded as one node (PyTorch: torch.autograd.Function).

import { ArgumentError, AutogradError } from "../errors";
import type { DType } from "../tensor/dtype";
import { empty, Tensor } from "../tensor/tensor";
import { warn } from "../warnings";
import { rebase } from "./inplace";
import { withGradMode } from "./modes";
import { freedGraph, type Gradients, Node, Saved } from "./node";
import type { Edge } from "./node";
import { expose } from "./ownership";
import { attach, edgesOf, isRecorded } from "./record";
import { markView, trackView } from "./views";

/** What forward leaves for backward (PyTorch: `torch.autograd.function.FunctionCtx`). Other properties may be set on it freely. */
export class FunctionCtx {
  [name: string]: unknown;
  /** Which operands need a gradient, in the order of forward's arguments. */
  needsInputGrad: boolean[] = [];
  private kept: Tensor[] = [];
  private saved: Saved[] | null = null;
  private readonly plain = new Set<Tensor>();
  private readonly written = new Set<Tensor>();
  private zeros = true;

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

  /** Says which operands forward wrote in place; each has to be a result. */
  markDirty(...tensors: Tensor[]): void {
    for (const tensor of tensors) this.written.add(tensor);
  }

  /** Whether backward gets zeros (default) or null for the gradient of a result that was not used. */
  setMaterializeGrads(value: boolean): void {
    this.zeros = value;
  }

  /** @internal */
  get materializes(): boolean {
    return this.zeros;
  }

  /** @internal The operands that forward wrote. Throws AutogradError for one that is no result. */
  dirty(operands: readonly Tensor[], results: readonly Tensor[]): Set<Tensor> {
    const dirty = new Set<Tensor>();
    for (const tensor of this.written) {
      if (!operands.includes(tensor)) {
        warn(
          "Only input Tensors should be given to ctx.markDirty(). If a Tensor is not an input, there is no need to pass it to markDirty().",
        );
      } else if (results.includes(tensor)) dirty.add(tensor);
      else {
        throw new AutogradError(
          "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.",
        );
      }
    }
    return dirty;
  }

  /** @internal */
  seal(node: Node, outputs: readonly Tensor[]): void {
    this.saved = this.kept.map((tensor) => {
      const at = outputs.indexOf(tensor);
      return at < 0 ? new Saved(tensor, tensor.gradFn, tensor.outputNr) : new Saved(tensor, node, at);
    });
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
  private readonly results: readonly { sizes: readonly number[]; dtype: DType }[];

  constructor(
    label: string,
    edges: readonly (Edge | null)[],
    private readonly context: FunctionCtx,
    private readonly body: (context: FunctionCtx, ...grads: Tensor[]) => unknown,
    /** How many arguments forward had, and where among them every tensor stood. */
    private readonly count: number,
    private readonly positions: readonly number[],
    results: readonly Tensor[],
  ) {
    super(label, edges, results.length);
    this.results = results.map(({ sizes, dtype }) => ({ sizes, dtype }));
  }

  apply(grads: Gradients): Gradients {
    // User code may keep the gradients that it is given, and may give what it keeps.
    const full = grads.map((grad, k) => {
      if (grad !== null) return expose(grad);
      return this.context.materializes ? empty(this.results[k].sizes, this.results[k].dtype).zero_() : null;
    });
    // Who asks for no zeros writes a backward that takes null.
    const given = this.body(this.context, ...(full as Tensor[]));
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
      if (grad instanceof Tensor) return expose(grad);
      throw new ArgumentError(`${this.label}: expected Variable or None (got ${typeof grad})`);
    });
  }

  release(): void {
    this.context.drop();
  }
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
  const results: Tensor[] = result instanceof Tensor ? [result] : result;
  const dirty = context.dirty(operands, results);
  for (const tensor of dirty) {
    if (recorded && tensor.requiresGrad) checkDirty(tensor, results.length);
    tensor.storage.written();
  }
  // An operand that is a result as it is becomes a view, so that it keeps its own node.
  const outputs = results.map((t) => (operands.includes(t) && !dirty.has(t) ? viewOf(t) : t));
  if (recorded) {
    const body = definition.backward.bind(definition);
    const label = `${definition.name}Backward`;
    const node = new CustomNode(label, edges, context, body, args.length, positions, outputs);
    const differentiable = outputs.filter((_, k) => context.differentiable(results[k]));
    outputs.forEach((t, k) => {
      if (!context.differentiable(results[k])) return;
      if (dirty.has(t)) rebase(t, node, operands.indexOf(t), k);
      else {
        attach(t, node, k);
        markView(t, differentiable.length > 1 ? "parts" : "function", k);
      }
    });
    context.seal(node, outputs);
  }
  return (result instanceof Tensor ? outputs[0] : outputs) as R;
}

/** The same elements as a view, of which the graph says nothing yet. */
function viewOf(input: Tensor): Tensor {
  const out = input.detach();
  trackView(out, input);
  return out;
}

/** Throws AutogradError for an operand that a user's function may not have written in place. */
function checkDirty(tensor: Tensor, results: number): void {
  if (tensor.isLeaf) {
    throw new AutogradError("a leaf Variable that requires grad has been used in an in-place operation.");
  }
  if (tensor._view !== null && results > 1) {
    throw new AutogradError(
      "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations).",
    );
  }
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
