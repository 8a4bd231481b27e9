// The graph: nodes that turn gradients of results into gradients of operands, edges between them, values saved for them.

import { AutogradError } from "../errors";
import type { Tensor } from "../tensor/tensor";
import { noteOrigin } from "./anomaly";

/** A gradient for each operand, in order; null where an operand gets none. */
export type Gradients = (Tensor | null)[];

/** Where a gradient goes: one result of a node. */
export interface Edge {
  node: Node;
  output: number;
}

/** Sees the gradient of a tensor; what it returns replaces the gradient. */
export type Hook = (grad: Tensor) => Tensor | null | undefined;

let sequence = 0;

/** What `gradFn` shows: one recorded operation. Prints as `<MulBackward0 object>`. */
export abstract class Node {
  /** Order of recording: operands' nodes always have smaller numbers than their users'. */
  readonly sequence: number = sequence++;
  /** Functions that see, and may replace, the gradient of one result before the node runs. */
  hooks: Map<number, Hook[]> | null = null;
  /** The operands to show where this is the last of several nodes that are one operation of PyTorch's. */
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
  get nextFunctions(): ([Node, number] | [null, number])[] {
    return (this.shown ?? this.edges).map((edge) => (edge === null ? [null, 0] : [edge.node, edge.output]));
  }

  /** PyTorch's name of the operation (PyTorch: `grad_fn.name()`). */
  name(): string {
    return this.label;
  }

  toString(): string {
    return `<${this.label} object>`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A tensor kept for backward, with the version it had when it was saved. */
export class Saved {
  private readonly version: number;

  constructor(
    private readonly tensor: Tensor,
    /** The operation whose result the tensor is, for the message. */
    private readonly origin: Node | null = tensor.gradFn,
  ) {
    this.version = tensor.storage.version;
  }

  /** The tensor. Throws AutogradError in PyTorch's words when it was changed in place since. */
  unpack(): Tensor {
    const { tensor, version, origin } = this;
    if (tensor.storage.version !== version) {
      const source = origin === null ? "" : `, which is output ${tensor.outputNr} of ${origin.label},`;
      throw new AutogradError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: " +
          `[torch.${tensor.dtype.tensorName} [${tensor.shape.join(", ")}]]${source} is at version ${tensor.storage.version}; ` +
          `expected version ${version} instead. Hint: enable anomaly detection to find the operation that failed to compute ` +
          "its gradient, with torch.autograd.set_detect_anomaly(True).",
      );
    }
    return tensor;
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

/** Computes gradients of operands on tensors; recorded like any other operation under `createGraph`. */
export type Backward = (grads: Gradients, saved: Tensor[]) => Gradients;

/** A node whose derivative is written over tensors. */
export class FunctionNode extends Node {
  private saved: Saved[] | null;

  constructor(
    label: string,
    edges: readonly (Edge | null)[],
    private backward: Backward | null,
    saved: readonly Tensor[],
    outputs = 1,
  ) {
    super(label, edges, outputs);
    this.saved = saved.map((tensor) => new Saved(tensor));
  }

  apply(grads: Gradients): Gradients {
    if (this.backward === null || this.saved === null) throw freedGraph();
    return this.backward(
      grads,
      this.saved.map((s) => s.unpack()),
    );
  }

  /** A node without saved values can run again, as in PyTorch. */
  release(): void {
    if (this.saved !== null && this.saved.length > 0) {
      this.saved = null;
      this.backward = null;
    }
  }
}
