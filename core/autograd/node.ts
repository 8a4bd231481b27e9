// The graph: nodes that turn gradients of results into gradients of operands, edges between them, values saved for them.

import { ArgumentError, AutogradError } from "../errors";
import { inspectSymbol } from "../inspect";
import type { GraphEdge, GraphHook, GraphNode } from "../tensor/graph";
import { Scoped } from "../scoped";
import { Tensor } from "../tensor/tensor";
import { isAnomalyEnabled, noteOrigin } from "./anomaly";

/** A gradient for each operand, in order; null where an operand gets none. */
export type Gradients = (Tensor | null)[];

export type Edge = GraphEdge<Tensor>;
export type Hook = GraphHook<Tensor>;

let sequence = 0;

/** Nodes of PyTorch's engine, which are of no operator. */
const ENGINE_NODES: ReadonlySet<string> = new Set(["AccumulateGrad", "CopySlices", "CopyBackwards", "NotImplemented"]);

/** One recorded operation. */
export abstract class Node implements GraphNode<Tensor> {
  readonly sequence: number = sequence++;
  visit = 0;
  hooks: Map<number, Hook[]> | null = null;
  shown: readonly (Edge | null)[] | null = null;

  constructor(
    /** PyTorch's name, `MulBackward0`. */
    public label: string,
    /** Operands' edges; null for one that needs no gradient. */
    readonly edges: readonly (Edge | null)[],
    /** How many results the operation has. */
    readonly outputs: number = 1,
  ) {
    noteOrigin(this);
  }

  /** Gradients of the operands. `createGraph` asks for recorded operations. */
  abstract apply(grads: Gradients, createGraph: boolean): Gradients;

  /** Drops what was saved. */
  abstract release(): void;

  /** The nodes of the operands (PyTorch: `grad_fn.next_functions`). */
  get nextFunctions(): ([GraphNode<Tensor>, number] | [null, number])[] {
    return (this.shown ?? this.edges).map((edge) => (edge === null ? [null, 0] : [edge.node, edge.output]));
  }

  /** PyTorch's name of the operation, with the namespace of nodes that belong to the engine (PyTorch: `grad_fn.name()`). */
  name(): string {
    return ENGINE_NODES.has(this.label) ? `torch::autograd::${this.label}` : this.label;
  }

  toString(): string {
    return `<${this.label} object>`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

/** What replaces tensors while they wait for backward (PyTorch: `torch.autograd.graph.saved_tensors_hooks`). */
export interface SavedHooks {
  pack(tensor: Tensor): unknown;
  unpack(packed: unknown): unknown;
}

/** The hooks that are in force. */
export const savedHooks = new Scoped<SavedHooks | null>(null);

/** A tensor that hooks have packed: what they gave, and the place of the tensor in the graph. */
interface Packed {
  readonly hooks: SavedHooks;
  readonly value: unknown;
  readonly edge: Edge | null;
}

/** How packed tensors find their places in the graph and get them back; given by the file that records. */
interface Places {
  edgeOf(tensor: Tensor): Edge | null;
  attach(tensor: Tensor, node: Node, output: number): Tensor;
  /** Runs what may not be recorded. */
  unrecorded<T>(body: () => T): T;
}

let places: Places | null = null;

export function setPlaces(found: Places): void {
  places = found;
}

function packedBy(hooks: SavedHooks, tensor: Tensor, maker: Node | null, output: number): Packed {
  const known = places as Places;
  const edge =
    maker === null ? known.edgeOf(tensor) : { node: maker, output, sizes: tensor.sizes, dtype: tensor.dtype };
  const data = tensor.detach();
  const { version } = data.storage;
  const value = known.unrecorded(() => hooks.pack(data));
  if (data.storage.version !== version) {
    throw new AutogradError(
      "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can not be modified by in-place operations in order to avoid unexpected side-effects. Please open an issue if you need to perform in-place operations on the input to a pack hook.",
    );
  }
  return { hooks, value, edge };
}

function unpackedFrom({ hooks, value, edge }: Packed): Tensor {
  const known = places as Places;
  const data = known.unrecorded(() => hooks.unpack(value));
  if (!(data instanceof Tensor)) {
    throw new ArgumentError(
      `Output of saved tensor unpack_hook expected to be a Tensor but got result of type ${typeof data}`,
    );
  }
  const own = data.detach();
  return edge === null ? own : known.attach(own, edge.node as Node, edge.output);
}

/** A tensor kept for backward, with the version it had when it was saved, or what hooks made of it. */
export class Saved {
  private readonly version: number;
  private readonly tensor: Tensor | null;
  private readonly packed: Packed | null = null;

  constructor(
    tensor: Tensor,
    /** The operation that saves the tensor, where the tensor is a result of it. */
    private readonly maker: Node | null = null,
    /** Which of its results the tensor is. */
    output = 0,
  ) {
    this.version = tensor.storage.version;
    const hooks = savedHooks.value;
    this.tensor = hooks === null ? tensor : null;
    if (hooks !== null) this.packed = packedBy(hooks, tensor, maker, output);
  }

  /** The tensor. Throws AutogradError in PyTorch's words when it was changed in place since. */
  unpack(): Tensor {
    const { tensor } = this;
    if (tensor === null) return unpackedFrom(this.packed as Packed);
    if (tensor.storage.version !== this.version) throw this.changed(tensor);
    return tensor;
  }

  private changed(tensor: Tensor): AutogradError {
    const { version, maker } = this;
    // An operand is told by the operation that it is a result of now, as in PyTorch, and always as the first result.
    const origin = maker ?? tensor.gradFn;
    const source =
      origin === null ? "" : `, which is output ${maker === null ? 0 : tensor.outputNr} of ${origin.name()},`;
    const hint = isAnomalyEnabled()
      ? "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was " +
        "changed in there or anywhere later. Good luck!"
      : "enable anomaly detection to find the operation that failed to compute its gradient, with " +
        "torch.autograd.set_detect_anomaly(True).";
    return new AutogradError(
      "one of the variables needed for gradient computation has been modified by an inplace operation: " +
        `[torch.${tensor.dtype.tensorName} [${tensor.shape.join(", ")}]]${source} is at version ${tensor.storage.version}; ` +
        `expected version ${version} instead. Hint: ${hint}`,
    );
  }
}

/** Thrown when backward needs what an earlier backward has freed. */
export function freedGraph(): AutogradError {
  return new AutogradError(
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). " +
      "Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True " +
      "if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.",
  );
}

/**
 * What an operation keeps for backward: a tensor, or a tensor with the numbers of the operands whose gradients read it. The
 * second form keeps nothing when none of those operands needs a gradient.
 */
export type Keep = Tensor | readonly [tensor: Tensor | null, ...readers: number[]];

/**
 * Computes gradients of operands on tensors; recorded like any other operation under `createGraph`. `saved` has an entry per
 * `Keep`, with no tensor where nothing was kept: `needs` says for each operand whether its gradient is asked for.
 *
 * A backward lives as long as the graph: it may refer to sizes, dtypes and numbers, and to tensors only through `saved`. All
 * functions made in one scope share what any of them refers to, so a scope that makes a backward makes no other function
 * that refers to a tensor.
 */
export type Backward = (grads: Gradients, saved: Tensor[], needs: readonly boolean[]) => Gradients;

type Conditional = Exclude<Keep, Tensor>;

/** Whether a gradient that reads the tensor is asked for. */
function isNeeded(keep: Conditional, edges: readonly (Edge | null)[]): boolean {
  for (let k = 1; k < keep.length; k++) if (edges[keep[k] as number] !== null) return true;
  return keep.length === 1;
}

/** A node whose derivative is written over tensors. */
export class FunctionNode extends Node {
  private saved: (Saved | null)[] | null;

  constructor(
    label: string,
    edges: readonly (Edge | null)[],
    private backward: Backward | null,
    kept: readonly Keep[],
    /** The results where they exist already: a result that is kept as well is told from an operand. */
    results: readonly Tensor[] = [],
  ) {
    super(label, edges, Math.max(1, results.length));
    this.saved = kept.map((keep) => {
      let tensor = keep as Tensor | null;
      if (Array.isArray(keep)) tensor = isNeeded(keep as Conditional, edges) ? (keep as Conditional)[0] : null;
      if (tensor === null) return null;
      const at = results.indexOf(tensor);
      return at < 0 ? new Saved(tensor) : new Saved(tensor, this, at);
    });
  }

  /** Keeps a result as well, of an operation that writes in place: the node is older than what is written. */
  keepResult(result: Tensor): void {
    this.saved?.push(new Saved(result, this));
  }

  apply(grads: Gradients): Gradients {
    if (this.backward === null || this.saved === null) throw freedGraph();
    const values = this.saved.map((s) => (s === null ? null : s.unpack()));
    const needs = this.edges.map((edge) => edge !== null);
    return this.backward(grads, values as Tensor[], needs);
  }

  /** A node that keeps no tensor can run again, as in PyTorch. */
  release(): void {
    if (this.saved?.some((s) => s !== null)) {
      this.saved = null;
      this.backward = null;
    }
  }
}
