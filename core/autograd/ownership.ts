// Who owns the memory of gradients. A running backward pass counts, per storage, how many gradients that it still has to use are
// in memory which its nodes allocated: it writes into a gradient only where it is the single one, and gives memory back when the
// last one was used. Everything else (saved values, the user's tensors, gradients that a leaf, a hook or a caller has) is never
// counted, and so never written or freed.

import { release, type Storage } from "../tensor/storage";
import type { Tensor } from "../tensor/tensor";

/** `holders` of memory that something outside the engine may refer to, for good. */
const EXPOSED = -1;

/** Counts one more gradient in this memory, if the engine owns it: what was allocated after `before` by a node is the engine's. */
export function hold(storage: Storage, before: number): void {
  if (storage.holders > 0) storage.holders++;
  else if (storage.holders === 0 && storage.serial > before) storage.holders = 1;
}

/** Counts one gradient less, and frees the memory after the last one. */
export function drop(storage: Storage): void {
  if (storage.holders > 0 && --storage.holders === 0) release(storage);
}

/** Tells that something outside the engine may refer to the memory of a gradient from now on. */
export function expose(grad: Tensor): Tensor {
  grad.storage.holders = EXPOSED;
  return grad;
}

/** Whether no other gradient, and nothing outside the engine, is in the memory of this one. */
export function isOnlyHolder(grad: Tensor): boolean {
  return grad.storage.holders === 1;
}
