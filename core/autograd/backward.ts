// torch.autograd.backward and torch.autograd.grad: what a backward pass is asked for.

import { AutogradError, ShapeError } from "../errors";
import { overloaded } from "../arguments/signed";
import { copyOf } from "../dispatch";
import { sameShape, text } from "../tensor/shape";
import { lastSerial } from "../tensor/storage";
import { empty, Tensor } from "../tensor/tensor";
import { execute, type Root } from "./engine";
import { retainGrad } from "./hooks";
import type { Edge, Node } from "./node";
import { expose, hold } from "./ownership";
import { gradientEdge } from "./record";

/** The targets that can be reached, and the nodes on the way to them. */
function pathsTo(targets: { has(node: Node): boolean }, roots: readonly Root[]): Set<Node> {
  const needed = new Set<Node>();
  const seen = new Set<Node>();
  const order: Node[] = [];
  const stack = roots.map((root) => root.edge.node);
  while (stack.length > 0) {
    const node = stack.pop() as Node;
    if (seen.has(node)) continue;
    seen.add(node);
    order.push(node);
    for (const edge of node.edges) if (edge !== null) stack.push(edge.node);
  }
  order.sort((a, b) => a.sequence - b.sequence);
  for (const node of order) {
    if (targets.has(node) || node.edges.some((edge) => edge !== null && needed.has(edge.node))) needed.add(node);
  }
  return needed;
}

/** The gradients to start from. What the user gives stays the user's. */
function rootsOf(tensors: readonly Tensor[], grads: readonly (Tensor | null)[], createGraph: boolean): Root[] {
  return tensors.map((tensor, k) => {
    const edge = gradientEdge(tensor);
    if (edge === null) {
      throw new AutogradError(`element ${k} of tensors does not require grad and does not have a grad_fn`);
    }
    const grad = grads[k] ?? null;
    if (grad === null) return { edge, grad: one(tensor, createGraph) };
    if (sameShape(grad.sizes, tensor.sizes)) {
      return { edge, grad: expose(grad.dtype === tensor.dtype ? grad : grad.to(tensor.dtype)) };
    }
    throw new ShapeError(
      `Mismatch in shape: grad_output[${k}] has a shape of torch.Size(${text(grad.sizes)}) and output[${k}] has a shape of torch.Size(${text(tensor.sizes)}).`,
    );
  });
}

/** The gradient of a tensor of one element by itself. */
function one(tensor: Tensor, createGraph: boolean): Tensor {
  if (tensor._numel !== 1) throw new AutogradError("grad can be implicitly created only for scalar outputs");
  const before = lastSerial();
  const grad = empty(tensor.sizes, tensor.dtype).fill_(1);
  if (!createGraph) hold(grad.storage, before);
  return grad;
}

/** What `backward` takes by name. */
export interface BackwardOptions {
  /** Keeps what was saved, so that backward can run again. Default: the value of `createGraph`. */
  retainGraph?: boolean | null;
  /** Records the backward pass, for higher derivatives. Default false. */
  createGraph?: boolean;
  /** Accumulates only into these; the gradient of one that is no leaf is retained. */
  inputs?: Tensor | readonly Tensor[] | null;
}

type GradTensors = Tensor | readonly (Tensor | null)[] | null;

/** The ways to call `backward`. */
interface Backward {
  (
    tensors: Tensor | readonly Tensor[],
    gradTensors?: GradTensors | (BackwardOptions & { gradTensors?: GradTensors }),
    retainGraph?: boolean | null | BackwardOptions,
    createGraph?: boolean | BackwardOptions,
    options?: BackwardOptions,
  ): void;
  (options: BackwardOptions & { tensors: Tensor | readonly Tensor[]; gradTensors?: GradTensors }): void;
}

/**
 * Computes gradients of tensors and adds them to the `grad` of leaves (PyTorch: `torch.autograd.backward`).
 * Throws AutogradError for a tensor without graph, a graph freed by an earlier backward, or a gradient missing.
 */
export const backward = overloaded<Backward>([
  "def backward(Tensor|Tensor[] tensors, Tensor|Tensor?[]? gradTensors=None, bool? retainGraph=None, bool createGraph=False, *, Tensor|Tensor[]? inputs=None)",
  (
    tensors: Tensor | readonly Tensor[],
    gradTensors: GradTensors = null,
    retainGraph: boolean | null = null,
    createGraph = false,
    inputs: Tensor | readonly Tensor[] | null = null,
  ): void => backwardOf(tensors, gradTensors, retainGraph ?? createGraph, createGraph, inputs),
]);

function backwardOf(
  tensors: Tensor | readonly Tensor[],
  gradTensors: GradTensors,
  retainGraph: boolean,
  createGraph: boolean,
  inputs: Tensor | readonly Tensor[] | null,
): void {
  const list = tensors instanceof Tensor ? [tensors] : tensors;
  const grads = gradTensors instanceof Tensor ? [gradTensors] : (gradTensors ?? []);
  const roots = rootsOf(list, grads, createGraph);
  const needed = inputs === null ? null : pathsTo(accumulating(inputs instanceof Tensor ? [inputs] : inputs), roots);
  execute(roots, { retainGraph, createGraph, captures: null, captured: [], needed });
}

/** The nodes where the gradients of `inputs` arrive; those of tensors that are no leaves are retained from now on. */
function accumulating(inputs: readonly Tensor[]): Set<Node> {
  if (inputs.length === 0) throw new AutogradError("'inputs' argument to backward cannot be empty.");
  const nodes = new Set<Node>();
  for (const input of inputs) {
    const edge = edgeOfInput(input);
    retainGrad(input);
    if (edge !== null) nodes.add(edge.node);
  }
  return nodes;
}

/** Where the gradient of an input arrives; null for a view that was made without recording, which no gradient reaches. */
function edgeOfInput(input: Tensor): Edge | null {
  const edge = gradientEdge(input);
  if (edge === null && !input.requiresGrad)
    throw new AutogradError("One of the differentiated Tensors does not require grad");
  return edge;
}

/** The gradients of `inputs`, null for those that cannot be reached. */
function collect(
  roots: readonly Root[],
  inputs: readonly Tensor[],
  retainGraph: boolean,
  createGraph: boolean,
): (Tensor | null)[] {
  const captures = new Map<Node, Map<number, number>>();
  const captured: (Tensor | null)[] = inputs.map(() => null);
  const copies: [number, number][] = [];
  inputs.forEach((input, k) => {
    const edge = edgeOfInput(input);
    if (edge === null) return;
    const outputs = captures.get(edge.node) ?? new Map<number, number>();
    captures.set(edge.node, outputs);
    const first = outputs.get(edge.output);
    if (first === undefined) outputs.set(edge.output, k);
    else copies.push([k, first]);
  });
  execute(roots, { retainGraph, createGraph, captures, captured, needed: pathsTo(captures, roots) });
  for (const [k, first] of copies) {
    const grad = captured[first];
    captured[k] = grad === null || createGraph ? grad : copyOf(grad);
  }
  return captured;
}

/** What `grad` takes by name. */
export interface GradOptions {
  gradOutputs?: GradTensors;
  retainGraph?: boolean | null;
  createGraph?: boolean;
  /** No effect: gradients of other leaves are never added up. */
  onlyInputs?: boolean;
  /** Gives null for an input that the outputs do not depend on, instead of throwing. Default false. */
  allowUnused?: boolean;
}

/** Everything that `grad` takes, by name. */
interface NamedGrad extends GradOptions {
  outputs: Tensor | readonly Tensor[];
  inputs: Tensor | readonly Tensor[];
}

/** None of the inputs may be unused. */
interface AllUsed {
  allowUnused?: false;
}

/** The ways to call `grad`; `O`: the options, `R`: what it gives. */
interface Grad<O, R> {
  (
    outputs: Tensor | readonly Tensor[],
    inputs: Tensor | readonly Tensor[],
    gradOutputs?: GradTensors | (GradOptions & O),
    retainGraph?: boolean | null | (GradOptions & O),
    createGraph?: boolean | (GradOptions & O),
    options?: GradOptions & O,
  ): R;
  (outputs: Tensor | readonly Tensor[], options: Omit<NamedGrad, "outputs"> & O): R;
  (options: NamedGrad & O): R;
}

/**
 * The gradients of `outputs` by `inputs`, without touching any `grad` (PyTorch: `torch.autograd.grad`). Throws AutogradError for an
 * input that the outputs do not depend on, unless `allowUnused` is given.
 */
export const grad = overloaded<Grad<AllUsed, Tensor[]> & Grad<unknown, (Tensor | null)[]>>([
  "def grad(Tensor|Tensor[] outputs, Tensor|Tensor[] inputs, Tensor|Tensor?[]? gradOutputs=None, bool? retainGraph=None, bool createGraph=False, bool onlyInputs=True, bool allowUnused=False)",
  gradOf,
]);

function gradOf(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  gradOutputs: GradTensors = null,
  retain: boolean | null = null,
  createGraph = false,
  _onlyInputs = true,
  allowUnused = false,
): (Tensor | null)[] {
  const retainGraph = retain ?? createGraph;
  const list = outputs instanceof Tensor ? [outputs] : outputs;
  const wanted = inputs instanceof Tensor ? [inputs] : inputs;
  const grads = gradOutputs instanceof Tensor ? [gradOutputs] : (gradOutputs ?? []);
  const roots = rootsOf(list, grads, createGraph);
  const found = collect(roots, wanted, retainGraph, createGraph);
  if (!allowUnused && found.includes(null)) {
    throw new AutogradError(
      "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.",
    );
  }
  return found;
}
