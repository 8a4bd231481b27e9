// Which tensors reach the same bytes. Two Storage objects may stand for one block (`.data`, several tensors over one typed array),
// so memory is compared and not objects. The verdicts are PyTorch's (aten/src/ATen/MemoryOverlap.cpp).

import { CressetError } from "../errors";
import { isDense, sameShape } from "./shape";
import type { Storage } from "./storage";
import type { Tensor } from "./tensor";

/** Whether two storages have bytes in common; those of the meta device, which have none, when they are one. */
export function sharesMemory(a: Storage, b: Storage): boolean {
  if (a.slot < 0) return a === b;
  return a.slot === b.slot && a.byteOffset < b.byteOffset + b.bytes && b.byteOffset < a.byteOffset + a.bytes;
}

/** The first byte of its block that a tensor with elements reaches. */
function firstByte(t: Tensor): number {
  let first = t.offset;
  for (let d = 0; d < t.sizes.length; d++) if (t.strides[d] < 0) first += (t.sizes[d] - 1) * t.strides[d];
  return t.storage.byteOffset + first * t.dtype.itemsize;
}

/** One past the last byte of its block that a tensor with elements reaches. */
function endByte(t: Tensor): number {
  let last = t.offset;
  for (let d = 0; d < t.sizes.length; d++) if (t.strides[d] > 0) last += (t.sizes[d] - 1) * t.strides[d];
  return t.storage.byteOffset + (last + 1) * t.dtype.itemsize;
}

/** Whether the spans of bytes of two tensors meet: elements may interleave without meeting, as those of even and odd columns do. */
export function mayOverlap(a: Tensor, b: Tensor): boolean {
  if (!sharesMemory(a.storage, b.storage) || a._numel === 0 || b._numel === 0) return false;
  return firstByte(a) < endByte(b) && firstByte(b) < endByte(a);
}

/** Whether each element of one tensor is the element of the other at the same place. */
export function sameElements(a: Tensor, b: Tensor): boolean {
  return (
    a.dtype.itemsize === b.dtype.itemsize &&
    firstByte(a) === firstByte(b) &&
    sameShape(a.strides, b.strides) &&
    sameShape(a.sizes, b.sizes)
  );
}

/** How two tensors share memory; "unknown" where elements leave gaps, which PyTorch does not look into. */
function overlap(a: Tensor, b: Tensor): "none" | "full" | "partial" | "unknown" {
  if (a === b) return "full";
  if (!sharesMemory(a.storage, b.storage) || a._numel === 0 || b._numel === 0) return "none";
  if (!isDense(a.sizes, a.strides) || !isDense(b.sizes, b.strides)) return "unknown";
  const [beginA, endA, beginB, endB] = [firstByte(a), endByte(a), firstByte(b), endByte(b)];
  if (beginA === beginB && endA === endB) return sameShape(a.strides, b.strides) ? "full" : "partial";
  return beginA < endB && beginB < endA ? "partial" : "none";
}

function overlapError(what: string): CressetError {
  return new CressetError(
    `unsupported operation: ${what} to a single memory location. Please clone() the tensor before performing the operation.`,
  );
}

const INPUT_AND_OUTPUT = "some elements of the input tensor and the written-to tensor refer";

/** Refuses to read `input` elementwise while `out` is written, unless each element is read where it is written. */
export function checkNoPartialOverlap(out: Tensor, input: Tensor): void {
  if (out.storage.slot === input.storage.slot && overlap(out, input) === "partial")
    throw overlapError(INPUT_AND_OUTPUT);
}

/** Refuses to read `input` in another order than `out` is written where both share memory. */
export function checkNoOverlap(out: Tensor, input: Tensor): void {
  if (out.storage.slot !== input.storage.slot) return;
  const found = overlap(out, input);
  if (found === "partial" || found === "full") throw overlapError(INPUT_AND_OUTPUT);
}

/** Whether several elements are one memory location by a stride of 0, as in an expanded tensor. */
export function isExpanded(t: Tensor): boolean {
  if (t._numel === 0) return false;
  for (let d = 0; d < t.sizes.length; d++) if (t.strides[d] === 0 && t.sizes[d] > 1) return true;
  return false;
}

/** Refuses to write where several elements are one memory location (an expanded tensor). */
export function checkNoInternalOverlap(out: Tensor): void {
  if (isExpanded(out)) throw overlapError("more than one element of the written-to tensor refers");
}

/** Every memory location of an expanded tensor once: its repeated dimensions have size 1. */
export function withoutRepeats(t: Tensor): Tensor {
  if (!isExpanded(t)) return t;
  const sizes = t.sizes.map((n, d) => (t.strides[d] === 0 && n > 1 ? 1 : n));
  return t.alias(sizes, t.strides, t.offset);
}
