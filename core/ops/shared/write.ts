// Operations that write part of a tensor (scatter, indexPut, maskedFill, random fills): each is prepared once and comes in two
// forms, one that writes into a copy and one that writes in place.

import { rebase } from "../../autograd/inplace";
import { type Backward, FunctionNode, type Keep } from "../../autograd/node";
import { checkInPlace, edgesOf, isRecorded, record } from "../../autograd/record";
import { copyInto, copyOf } from "../../dispatch";
import { meta } from "../../tensor/device";
import { emptyPreserving } from "../../tensor/memory-order";
import {
  checkNoInternalOverlap,
  checkNoOverlap,
  checkNoPartialOverlap,
  isExpanded,
  mayOverlap,
} from "../../tensor/overlap";
import { empty, type Tensor } from "../../tensor/tensor";
import { warn } from "../../warnings";

/** A write whose arguments have been checked. */
export interface Write {
  /** PyTorch's name of the node. */
  node: string;
  /** Operands besides the tensor written to that may need gradients. */
  operands: readonly (Tensor | null)[];
  /** Writes into a tensor that holds the old contents; those are also in `old`, which may be the same tensor. */
  run(out: Tensor, old: Tensor): void;
  /** `run` writes every element, from `old`: a copy need not hold the old contents first. */
  whole?: boolean;
  /** A copy lies in the memory order of the old contents, as a clone does. Without it, copies are row-major. */
  keepsOrder?: boolean;
  /** What `run` reads besides the old contents in an order of its own: memory of the tensor written to is refused. */
  reads?: readonly Tensor[];
  /** What `run` reads where it writes: memory of the tensor written to is refused unless it is the same elements. */
  aligned?: readonly Tensor[];
  /** Why an expanded tensor is written all the same: PyTorch's warning. Without it, expanded tensors are refused. */
  expandedWarning?: string;
  /** Gradients of the old contents and of the operands. Made in a scope of its own, not in that of `run`. */
  backward: Backward;
  /** What `backward` reads; operand 0 is the tensor written to. */
  saved?: readonly Keep[];
  /** Whether `backward` reads the old contents and the result as well, in this order after `saved`. */
  savesContents?: boolean;
}

/** Checks arguments and says what to write. */
type Prepare<A extends unknown[]> = (input: Tensor, ...args: A) => Write;

/** A copy in the same memory order, unrecorded. */
function cloneOf(input: Tensor): Tensor {
  const out = emptyPreserving(input, input.dtype);
  if (out._numel > 0) copyInto(out, input);
  return out;
}

/** The result in new memory. */
export function written(input: Tensor, write: Write): Tensor {
  const out = write.whole ? empty(input.sizes, input.dtype) : write.keepsOrder ? cloneOf(input) : copyOf(input);
  write.run(out, input);
  const { saved = [], savesContents = false } = write;
  const kept = savesContents ? [...saved, input, out] : saved;
  record(write.node, [input, ...write.operands], [out], write.backward, kept);
  return out;
}

/** The result in the tensor itself. Throws AutogradError for a leaf that requires grad, CressetError for an expanded tensor. */
export function writtenInPlace(input: Tensor, write: Write): Tensor {
  const all = [input, ...write.operands];
  const recorded = isRecorded(all) && input.dtype.isFloatingPoint;
  checkInPlace(input, recorded);
  if (write.expandedWarning === undefined) checkNoInternalOverlap(input);
  else if (isExpanded(input)) warn(write.expandedWarning);
  for (const operand of write.reads ?? []) checkNoOverlap(input, operand);
  for (const operand of write.aligned ?? []) checkNoPartialOverlap(input, operand);
  const node = recorded ? nodeOf(write, input, all) : null;
  // Before the write: a fault in the middle of it leaves changed memory.
  input.storage.written();
  if (input.device !== meta) write.run(input, input);
  if (node !== null) {
    rebase(input, node);
    if (write.savesContents) node.keepResult(input);
  }
  return input;
}

/** The node of a write in place, before it happens: old contents that backward reads are copied, recorded. */
function nodeOf(write: Write, input: Tensor, operands: readonly (Tensor | null)[]): FunctionNode {
  const { saved = [], savesContents = false } = write;
  const kept = savesContents ? [...saved, input.clone()] : saved;
  return new FunctionNode(write.node, edgesOf(operands), write.backward, kept);
}

/** PyTorch's warning that an op writes to an expanded tensor. */
export function expandedWarning(op: string, indexing: string): string {
  return `Use of ${op} on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This also applies to advanced indexing e.g. ${indexing}`;
}

/** The form that leaves its operand alone. */
export function outOfPlace<A extends unknown[]>(prepare: Prepare<A>): (input: Tensor, ...args: A) => Tensor {
  return (input, ...args) => written(input, prepare(input, ...args));
}

/** The form that writes into its operand and returns it. */
export function inPlace<A extends unknown[]>(prepare: Prepare<A>): (input: Tensor, ...args: A) => Tensor {
  return (input, ...args) => writtenInPlace(input, prepare(input, ...args));
}

/** An operand that a kernel may read while it writes to `out`: a copy when both share memory. */
export function withoutOverlap(operand: Tensor, out: Tensor): Tensor {
  return mayOverlap(operand, out) ? copyOf(operand) : operand;
}
