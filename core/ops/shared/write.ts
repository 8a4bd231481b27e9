// Operations that write part of a tensor (scatter, indexPut, maskedFill, random fills): each is prepared once and comes in two
// forms, one that writes into a copy and one that writes in place.

import { rebase } from "../../autograd/inplace";
import { type Backward, FunctionNode } from "../../autograd/node";
import { checkInPlace, edgesOf, isRecorded, record } from "../../autograd/record";
import { checkWritable, copyOf } from "../../dispatch";
import { empty, type Tensor } from "../../tensor/tensor";

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
  /** Gradients of the old contents and of the operands. */
  backward: Backward;
  /** What `backward` reads. */
  saved?: readonly Tensor[];
}

/** Checks arguments and says what to write. */
export type Prepare<A extends unknown[]> = (input: Tensor, ...args: A) => Write;

/** The result in new memory. */
export function written(input: Tensor, write: Write): Tensor {
  const out = write.whole ? empty(input.sizes, input.dtype) : copyOf(input);
  write.run(out, input);
  record(write.node, [input, ...write.operands], [out], write.backward, write.saved);
  return out;
}

/** The result in the tensor itself. Throws AutogradError for a leaf that requires grad, CressetError for an expanded tensor. */
export function writtenInPlace(input: Tensor, write: Write): Tensor {
  const all = [input, ...write.operands];
  const recorded = isRecorded(all) && input.dtype.isFloatingPoint;
  checkInPlace(input, recorded);
  checkWritable(input);
  const node = recorded ? new FunctionNode(write.node, edgesOf(all), write.backward, write.saved ?? []) : null;
  write.run(input, input);
  input.storage.version++;
  if (node !== null) rebase(input, node, 0);
  return input;
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
export function apart(operand: Tensor, out: Tensor): Tensor {
  return operand.storage === out.storage ? copyOf(operand) : operand;
}
