// Backward: walks the graph from results to leaves, newest operation first. Recording order is a topological order, so a node
// that comes up has received every gradient it will get.
//
// Gradients between nodes belong to the engine: it adds into those it made itself, hands one over to a leaf without a copy when
// nothing else refers to its memory, and gives the memory of the others back as soon as their node has run.

import { type Arguments, type Named, read } from "../ops/shared/arguments";
import { AutogradError, ShapeError } from "../errors";
import { sameShape, text } from "../tensor/shape";
import { lastSerial, release, type Storage } from "../tensor/storage";
import { empty, Tensor } from "../tensor/tensor";
import { Accumulate } from "./accumulate";
import { isAnomalyEnabled, watched } from "./anomaly";
import { withGradMode } from "./modes";
import type { Edge, Gradients, Node } from "./node";
import { gradientEdge } from "./record";

/** Nodes that wait to run, newest first. */
class Queue {
  private readonly heap: Node[] = [];

  get size(): number {
    return this.heap.length;
  }

  push(node: Node): void {
    const { heap } = this;
    let at = heap.push(node) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent].sequence >= node.sequence) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = node;
  }

  pop(): Node {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop() as Node;
    const n = heap.length;
    if (n > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= n) break;
        if (child + 1 < n && heap[child + 1].sequence > heap[child].sequence) child++;
        if (heap[child].sequence <= last.sequence) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = last;
    }
    return top;
  }
}

interface Run {
  retainGraph: boolean;
  createGraph: boolean;
  /** Gradients asked for instead of accumulation into leaves: position by node and result. */
  captures: Map<Node, Map<number, number>> | null;
  captured: (Tensor | null)[];
  /** Nodes on a path to something captured; null: all. */
  needed: Set<Node> | null;
}

/** Memory of gradients that something outside the engine may refer to. */
type Outside = Set<Storage>;

function execute(roots: readonly { edge: Edge; grad: Tensor }[], job: Run): void {
  const buffers = new Map<Node, Gradients>();
  const owned = new Set<Tensor>();
  const outside: Outside = new Set();
  const queue = new Queue();

  const deliver = (edge: Edge, grad: Tensor): void => {
    const { node, output } = edge;
    if (job.needed !== null && !job.needed.has(node)) return;
    let buffer = buffers.get(node);
    if (buffer === undefined) {
      buffer = new Array<Tensor | null>(node.outputs).fill(null);
      buffers.set(node, buffer);
      queue.push(node);
    }
    const present = buffer[output];
    if (present === null) buffer[output] = grad;
    else if (!job.createGraph && owned.has(present) && present.dtype === grad.dtype && present.contiguousNow) {
      present.add_(grad);
    } else {
      const sum = present.add(grad);
      if (!job.createGraph) owned.add(sum);
      buffer[output] = sum;
    }
  };

  for (const { edge, grad } of roots) {
    outside.add(grad.storage);
    deliver(edge, grad);
  }

  while (queue.size > 0) {
    const node = queue.pop();
    const grads = buffers.get(node) as Gradients;
    buffers.delete(node);
    applyHooks(node, grads, outside);
    capture(node, grads, job, outside);
    if (node instanceof Accumulate) {
      const grad = grads[0];
      if (grad !== null && job.captures === null) {
        node.accumulate(grad, job.createGraph, !outside.has(grad.storage));
        outside.add(grad.storage);
      }
      continue;
    }
    const before = lastSerial();
    const results = isAnomalyEnabled() ? watched(node, grads, job.createGraph) : node.apply(grads, job.createGraph);
    if (!job.retainGraph) node.release();
    if (job.createGraph) {
      node.edges.forEach((edge, k) => {
        const grad = results[k];
        if (edge !== null && grad) deliver(edge, grad);
      });
      continue;
    }
    settle(node, grads, results, before, outside, owned);
    for (let k = 0; k < node.edges.length; k++) {
      const edge = node.edges[k];
      const grad = results[k];
      if (edge !== null && grad) deliver(edge, grad);
    }
  }
}

/**
 * Decides who owns the memory of a node's results, and frees the gradients that it consumed. Only what the node allocated while
 * it ran (serials after `before`) can belong to the engine: anything else may be saved or held by someone.
 */
function settle(
  node: Node,
  grads: Gradients,
  results: Gradients,
  before: number,
  outside: Outside,
  owned: Set<Tensor>,
): void {
  if (!node.consumes) {
    for (const grad of grads) if (grad) outside.add(grad.storage);
    for (const result of results) if (result) outside.add(result.storage);
    return;
  }
  for (let k = 0; k < results.length; k++) {
    const result = results[k];
    if (!result) continue;
    let shared = false;
    for (const grad of grads) shared ||= grad !== null && grad.storage === result.storage;
    for (let j = 0; j < k; j++) shared ||= results[j]?.storage === result.storage;
    if (shared) outside.add(result.storage);
    else if (result.storage.serial > before && result._state === null) owned.add(result);
    else outside.add(result.storage);
  }
  for (const grad of grads) {
    if (grad !== null && owned.has(grad) && !outside.has(grad.storage)) {
      owned.delete(grad);
      release(grad.storage);
    }
  }
}

function applyHooks(node: Node, grads: Gradients, outside: Outside): void {
  if (node.hooks === null) return;
  for (const [output, hooks] of node.hooks) {
    let grad = grads[output];
    if (grad === null) continue;
    outside.add(grad.storage);
    for (const hook of hooks) grad = hook(grad) ?? grad;
    outside.add(grad.storage);
    grads[output] = grad;
  }
}

function capture(node: Node, grads: Gradients, job: Run, outside: Outside): void {
  const wanted = job.captures?.get(node);
  if (wanted === undefined) return;
  for (const [output, position] of wanted) {
    const grad = grads[output];
    if (grad === null) continue;
    outside.add(grad.storage);
    job.captured[position] = grad;
  }
}

/** Nodes from which some captured gradient can be reached. */
function pathsTo(targets: ReadonlyMap<Node, unknown>, roots: readonly Edge[]): Set<Node> {
  const needed = new Set<Node>();
  const seen = new Set<Node>();
  const order: Node[] = [];
  const stack = roots.map((edge) => edge.node);
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

function rootOf(tensor: Tensor, grad: Tensor | null | undefined): { edge: Edge; grad: Tensor } {
  const edge = gradientEdge(tensor);
  if (edge === null) {
    throw new AutogradError("element 0 of tensors does not require grad and does not have a grad_fn");
  }
  if (grad === null || grad === undefined) {
    if (tensor._numel !== 1) throw new AutogradError("grad can be implicitly created only for scalar outputs");
    return { edge, grad: empty(tensor.sizes, tensor.dtype).fill_(1) };
  }
  if (!sameShape(grad.sizes, tensor.sizes)) {
    throw new ShapeError(
      `Mismatch in shape: grad_output[0] has a shape of torch.Size(${text(grad.sizes)}) and output[0] has a shape of torch.Size(${text(tensor.sizes)}).`,
    );
  }
  return { edge, grad };
}

/** What `backward` takes by name. */
export interface BackwardOptions {
  /** The gradient of the tensor; default 1 for a tensor of one element. */
  gradient?: Tensor | null;
  /** Keeps what was saved, so that backward can run again. Default: the value of `createGraph`. */
  retainGraph?: boolean;
  /** Records the backward pass, for higher derivatives. Default false. */
  createGraph?: boolean;
  /** Accumulates only into these. */
  inputs?: readonly Tensor[];
}

function start(roots: { edge: Edge; grad: Tensor }[], job: Run): void {
  withGradMode(job.createGraph, () => execute(roots, job));
}

/**
 * Computes gradients of tensors and adds them to the `grad` of leaves (PyTorch: `torch.autograd.backward`).
 * Throws AutogradError for a tensor without graph, a graph freed by an earlier backward, or a gradient missing.
 */
export function backward(
  tensors: Tensor | readonly Tensor[],
  gradTensors?: Tensor | readonly (Tensor | null)[] | null,
  options: Omit<BackwardOptions, "gradient"> = {},
): void {
  const list = tensors instanceof Tensor ? [tensors] : tensors;
  const grads = gradTensors instanceof Tensor ? [gradTensors] : (gradTensors ?? []);
  const { createGraph = false, retainGraph = createGraph, inputs } = options;
  const roots = list.map((tensor, k) => rootOf(tensor, grads[k]));
  if (inputs === undefined) {
    start(roots, { retainGraph, createGraph, captures: null, captured: [], needed: null });
    return;
  }
  const found = collect(roots, inputs, retainGraph, createGraph);
  inputs.forEach((input, k) => {
    const grad = found[k];
    if (grad === null) return;
    const state = input.state();
    state.grad = state.grad === null ? grad : state.grad.add(grad);
  });
}

function collect(
  roots: { edge: Edge; grad: Tensor }[],
  inputs: readonly Tensor[],
  retainGraph: boolean,
  createGraph: boolean,
): (Tensor | null)[] {
  const captures = new Map<Node, Map<number, number>>();
  const captured: (Tensor | null)[] = inputs.map(() => null);
  const copies: [number, number][] = [];
  inputs.forEach((input, k) => {
    const edge = gradientEdge(input);
    if (edge === null) throw new AutogradError("One of the differentiated Tensors does not require grad");
    const outputs = captures.get(edge.node) ?? new Map<number, number>();
    captures.set(edge.node, outputs);
    const first = outputs.get(edge.output);
    if (first === undefined) outputs.set(edge.output, k);
    else copies.push([k, first]);
  });
  const needed = pathsTo(
    captures,
    roots.map((root) => root.edge),
  );
  start(roots, { retainGraph, createGraph, captures, captured, needed });
  for (const [k, first] of copies) captured[k] = captured[first];
  return captured;
}

/** What `grad` takes by name. */
export interface GradOptions {
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null;
  retainGraph?: boolean;
  createGraph?: boolean;
  /** Gives null for an input that the outputs do not depend on, instead of throwing. Default false. */
  allowUnused?: boolean;
  /** No effect: gradients of other leaves are never added up. */
  onlyInputs?: boolean;
}

const GRAD = ["outputs", "inputs", "gradOutputs", "retainGraph", "createGraph", "onlyInputs", "allowUnused"] as const;

/** The arguments of `grad` after outputs and inputs. */
type GradArguments<O> = Arguments<
  [gradOutputs?: GradOptions["gradOutputs"], retainGraph?: boolean, createGraph?: boolean],
  O
>;

/** Everything that `grad` takes, by name. */
interface NamedGrad extends GradOptions {
  outputs?: Tensor | readonly Tensor[];
  inputs?: Tensor | readonly Tensor[];
}

/** None of the inputs may be unused. */
interface AllUsed {
  allowUnused?: false;
}

/**
 * The gradients of `outputs` by `inputs`, without touching any `grad` (PyTorch: `torch.autograd.grad`). Throws AutogradError for an
 * input that the outputs do not depend on, unless `allowUnused` is given.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  ...args: GradArguments<GradOptions & AllUsed>
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  ...args: GradArguments<GradOptions>
): (Tensor | null)[];
export function grad(options: Named<NamedGrad, "outputs" | "inputs"> & AllUsed): Tensor[];
export function grad(options: Named<NamedGrad, "outputs" | "inputs">): (Tensor | null)[];
export function grad(...args: unknown[]): (Tensor | null)[] {
  const given = read<NamedGrad>("grad", args, GRAD, [], 2);
  const { outputs = [], inputs = [], gradOutputs } = given;
  const { createGraph = false, retainGraph = createGraph, allowUnused = false } = given;
  const list = outputs instanceof Tensor ? [outputs] : outputs;
  const wanted = inputs instanceof Tensor ? [inputs] : inputs;
  const grads = gradOutputs instanceof Tensor ? [gradOutputs] : (gradOutputs ?? []);
  const roots = list.map((tensor, k) => rootOf(tensor, grads[k]));
  const found = collect(roots, wanted, retainGraph, createGraph);
  if (!allowUnused && found.includes(null)) {
    throw new AutogradError(
      "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.",
    );
  }
  return found;
}
