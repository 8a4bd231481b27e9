// What a tensor knows of the graph it is part of. The autograd room makes the nodes; `T` is the tensor.

import { inspectSymbol } from "../inspect";
import type { DType } from "./dtype";

/** Where a gradient goes: one result of a node, and what the tensor was like that the gradient is of. */
export interface GraphEdge<T> {
  node: GraphNode<T>;
  output: number;
  sizes: readonly number[];
  dtype: DType;
}

/** Sees the gradient of a tensor; what it returns replaces the gradient. */
export type GraphHook<T> = (grad: T) => T | null | undefined;

/** What `gradFn` shows: one recorded operation. Prints as `<MulBackward0 object>`. */
export interface GraphNode<T> {
  /** Order of recording: operands' nodes always have smaller numbers than their users'. */
  readonly sequence: number;
  /** The last walk over the graph that came by. */
  visit: number;
  /** Functions that see, and may replace, the gradient of one result before the node runs. */
  hooks: Map<number, GraphHook<T>[]> | null;
  /** The operands to show as this node's inputs, when it and nodes before it stand for one operation of PyTorch. */
  shown: readonly (GraphEdge<T> | null)[] | null;
  /** PyTorch's name, `MulBackward0`. */
  label: string;
  /** Operands' edges; null for one that needs no gradient. */
  readonly edges: readonly (GraphEdge<T> | null)[];
  /** How many results the operation has. */
  readonly outputs: number;
  /** Gradients of the operands. `createGraph` asks for recorded operations. */
  apply(grads: (T | null)[], createGraph: boolean): (T | null)[];
  /** Drops what was saved. */
  release(): void;
  /** The nodes of the operands (PyTorch: `grad_fn.next_functions`). */
  readonly nextFunctions: ([GraphNode<T>, number] | [null, number])[];
  /** PyTorch's name of the operation (PyTorch: `grad_fn.name()`). */
  name(): string;
  toString(): string;
  [inspectSymbol](): string;
}
