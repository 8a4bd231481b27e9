// Backward: walks the graph from results to leaves, newest operation first. Recording order is a topological order, so a node
// that comes up has received every gradient it will get.

import { copyOf } from "../dispatch";
import { AutogradError } from "../errors";
import { isDense, sameShape, text } from "../tensor/shape";
import { lastSerial } from "../tensor/storage";
import type { Tensor } from "../tensor/tensor";
import { Accumulate } from "./accumulate";
import { isAnomalyEnabled } from "./anomaly";
import { withGradMode } from "./modes";
import type { Edge, Gradients, Node } from "./node";
import { drop, expose, hold, isOnlyHolder } from "./ownership";
import { Queue } from "./queue";
import { watched } from "./watched-node";

/** The gradient of one result of a node. */
export interface Root {
  edge: Edge;
  grad: Tensor;
}

/** What one backward pass is for. */
export interface Job {
  retainGraph: boolean;
  createGraph: boolean;
  /** Where to put gradients that are asked for instead of accumulated: position in `captured` by node and result. */
  captures: ReadonlyMap<Node, ReadonlyMap<number, number>> | null;
  captured: (Tensor | null)[];
  /** The nodes that gradients are wanted for, and those on a path to one; null: all. */
  needed: ReadonlySet<Node> | null;
}

let running: Job | null = null;

/** Whether the pass that runs now is for all leaves, and adds to their gradients. */
export function isFullBackward(): boolean {
  return running === null || (running.needed === null && running.captures === null);
}

/** Runs one backward pass in the gradient mode that it asks for. */
export function execute(roots: readonly Root[], job: Job): void {
  const outer = running;
  running = job;
  try {
    withGradMode(job.createGraph, () => walk(roots, job));
  } finally {
    running = outer;
  }
}

function walk(roots: readonly Root[], job: Job): void {
  const { createGraph, needed } = job;
  const buffers = new Map<Node, Gradients>();
  const queue = new Queue();

  const deliver = ({ node, output }: Edge, grad: Tensor): void => {
    let buffer = buffers.get(node);
    if (buffer === undefined) {
      buffer = new Array<Tensor | null>(node.outputs).fill(null);
      buffers.set(node, buffer);
      queue.push(node);
    }
    const present = buffer[output];
    buffer[output] = present === null ? grad : sum(present, grad, createGraph);
  };

  for (const [k, { edge, grad }] of roots.entries()) {
    if (needed === null || needed.has(edge.node)) deliver(edge, fitted(grad, edge, edge.node, k));
  }
  const expected = gradientsPerLeaf(roots, needed);

  while (queue.size > 0) {
    const node = queue.pop();
    const grads = buffers.get(node);
    // A leaf that had all its gradients before its turn.
    if (grads === undefined) continue;
    buffers.delete(node);
    if (node.hooks !== null) applyHooks(node, grads);
    capture(node, grads, job);
    if (node instanceof Accumulate) {
      arrive(node, grads, job);
      continue;
    }
    const { edges } = node;
    if (needed !== null && !edges.some((edge) => edge !== null && needed.has(edge.node))) {
      if (!job.retainGraph && job.captures === null) node.release();
      continue;
    }
    const before = lastSerial();
    const results = isAnomalyEnabled() ? watched(node, grads, createGraph) : node.apply(grads, createGraph);
    if (!job.retainGraph) node.release();
    // All are counted before the first is added to another: results may share memory.
    const sent: Gradients = [];
    for (let k = 0; k < edges.length; k++) {
      const edge = edges[k];
      let grad = results[k] ?? null;
      if (edge === null || (needed !== null && !needed.has(edge.node))) grad = null;
      else if (grad !== null) {
        grad = fitted(grad, edge, node, k);
        if (!createGraph) hold(grad.storage, before);
      }
      sent.push(grad);
    }
    for (let k = 0; k < edges.length; k++) {
      const grad = sent[k];
      if (grad !== null) deliver(edges[k] as Edge, grad);
    }
    for (let k = 0; k < edges.length; k++) {
      const leaf = edges[k]?.node;
      if (!(leaf instanceof Accumulate)) continue;
      const left = (expected.get(leaf) ?? 0) - 1;
      expected.set(leaf, left);
      const all = left === 0 ? buffers.get(leaf) : undefined;
      if (all === undefined) continue;
      buffers.delete(leaf);
      capture(leaf, all, job);
      arrive(leaf, all, job);
    }
    if (createGraph) continue;
    for (let k = 0; k < grads.length; k++) {
      const grad = grads[k];
      if (grad !== null) drop(grad.storage);
    }
  }
}

/** Adds what arrived at a leaf to its `.grad`, unless gradients are asked for instead. */
function arrive(leaf: Accumulate, grads: Gradients, job: Job): void {
  const grad = grads[0];
  if (grad === null) return;
  if (job.captures === null) leaf.accumulate(grad, job.createGraph);
  drop(grad.storage);
}

let walks = 0;

/**
 * How many gradients every leaf may get: a leaf takes its gradient as soon as it is complete, before the nodes that are left
 * run, so that gradients of leaves do not wait side by side.
 */
function gradientsPerLeaf(roots: readonly Root[], needed: Job["needed"]): Map<Node, number> {
  const counts = new Map<Node, number>();
  const walk = ++walks;
  const stack: Node[] = [];
  for (const { edge } of roots) stack.push(edge.node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.visit === walk || (needed !== null && !needed.has(node))) continue;
    node.visit = walk;
    for (const edge of node.edges) {
      if (edge === null) continue;
      if (edge.node instanceof Accumulate) counts.set(edge.node, (counts.get(edge.node) ?? 0) + 1);
      else stack.push(edge.node);
    }
  }
  return counts;
}

/** A gradient in the shape and dtype of what it is the gradient of: what broadcasting would have repeated is summed. */
function fitted(grad: Tensor, edge: Edge, node: Node, k: number): Tensor {
  const { sizes, dtype } = edge;
  let fit = grad;
  if (!sameShape(grad.sizes, sizes)) {
    const lead = grad.sizes.length - sizes.length;
    if (lead < 0 || sizes.some((n, d) => n !== 1 && n !== grad.sizes[d + lead])) {
      throw new AutogradError(
        `Function ${node.label} returned an invalid gradient at index ${k} - got ${text(grad.sizes)} but expected shape compatible with ${text(sizes)}`,
      );
    }
    fit = grad.sumToSize([...sizes]);
  }
  return fit.dtype === dtype ? fit : fit.to(dtype);
}

/** The sum of two gradients of one result, in the memory of one of them where the engine alone has it. */
function sum(a: Tensor, b: Tensor, createGraph: boolean): Tensor {
  if (createGraph) return a.add(b);
  if (isOnlyHolder(a) && isWritable(a)) return addInto(a, b);
  if (isOnlyHolder(b) && isWritable(b)) return addInto(b, a);
  const before = lastSerial();
  const total = a.add(b);
  hold(total.storage, before);
  drop(a.storage);
  drop(b.storage);
  return total;
}

function addInto(into: Tensor, grad: Tensor): Tensor {
  into.add_(grad);
  drop(grad.storage);
  return into;
}

/** Whether every element has a place of its own. */
function isWritable(grad: Tensor): boolean {
  return grad.contiguousNow || isDense(grad.sizes, grad.strides);
}

function applyHooks(node: Node, grads: Gradients): void {
  for (const [output, hooks] of node.hooks ?? []) {
    let grad = grads[output];
    if (grad === null || hooks.length === 0) continue;
    expose(grad);
    for (const hook of hooks) grad = hook(grad) ?? grad;
    grads[output] = expose(grad);
  }
}

/** Puts the gradients that are asked for aside; the caller gets memory that nobody else has. */
function capture(node: Node, grads: Gradients, job: Job): void {
  const wanted = job.captures?.get(node);
  if (wanted === undefined) return;
  for (const [output, position] of wanted) {
    const grad = grads[output];
    if (grad === null) continue;
    if (job.createGraph) job.captured[position] = grad;
    else job.captured[position] = isOnlyHolder(grad) ? expose(grad).detach() : copyOf(grad);
  }
}
