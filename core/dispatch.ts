// The one path to the backend: encodes descriptors and runs programs and kernels. It has been told shapes and dtypes; it adds
// strides, merges dimensions, and keeps an operand that overlaps a result from being read half written.
//
// Descriptors are written only after every allocation of a call: a collection cannot come between writing a slot and using it.

import { addon, Compute, f64, i32, i64, kernelCodes } from "./native";
import { assemble, type Code, Expr } from "./program";
import { checkStop } from "./stop";
import { computePending } from "./tensor/pending";
import type { DType, Scalar } from "./tensor/dtype";
import { mayOverlap, sameElements } from "./tensor/overlap";
import { scalarFor } from "./tensor/scalar";
import { numelOf, sameShape } from "./tensor/shape";
import { checkShared } from "./tensor/storage";
import { empty, setCopy, type Tensor } from "./tensor/tensor";
import type { KernelName } from "./wire";

/**
 * Runs a program over the iteration space `sizes`. Inputs are broadcast to it; an output with size 1 where the space is larger
 * is a result of the program's reduction.
 */
export function run(
  code: Code,
  compute: Compute,
  sizes: readonly number[],
  inputs: readonly Tensor[],
  scalars: readonly Scalar[],
  outputs: readonly Tensor[],
): void {
  const numel = outputs.length === 1 && code.reduce < 0 ? outputs[0]._numel : numelOf(sizes);
  if (numel === 0 && code.reduce < 0) return;
  // A tensor on the meta device has no memory to write.
  if (outputs[0].storage.slot < 0) return;
  checkStop();
  computePending();
  const operands = separate(inputs, outputs);
  const count = operands.length;

  let flat = true;
  for (let k = 0; k < count; k++) {
    const t = operands[k];
    if (!(t._numel === 1 || (t._numel === numel && t.contiguousNow))) {
      flat = false;
      break;
    }
  }
  flat = flat || sameLayout(operands, sizes);

  let p = 8;
  for (let k = 0; k < count; k++) {
    const t = operands[k];
    if (t.storage.shared !== null) checkShared(t.storage);
    i32[p++] = t.storage.slot;
    i32[p++] = t.dtype.code;
  }
  const { results, steps } = code;
  for (let k = 0; k < results.length; k++) i32[p++] = results[k];
  for (let k = 0; k < steps.length; k++) i32[p++] = steps[k];

  let q: number;
  let ndim: number;
  if (flat) {
    ndim = 1;
    f64[0] = numel;
    q = 1;
    for (let k = 0; k < count; k++) {
      const t = operands[k];
      f64[q++] = t.storage.byteOffset + t.offset * t.dtype.itemsize;
      f64[q++] = t._numel === 1 && numel !== 1 ? 0 : 1;
    }
  } else {
    ndim = writeSpace(sizes, operands, code.reduce < 0);
    q = ndim + count * (1 + ndim);
  }
  for (let k = 0; k < scalars.length; k++) {
    const value = scalars[k];
    if (compute === Compute.Int64) i64[q++] = typeof value === "bigint" ? value : BigInt(Math.trunc(Number(value)));
    else f64[q++] = typeof value === "number" ? value : Number(value);
  }
  i32[0] = compute;
  i32[1] = inputs.length;
  i32[2] = outputs.length;
  i32[3] = scalars.length;
  i32[4] = steps.length >> 2;
  i32[5] = ndim;
  i32[6] = code.reduce;
  i32[7] = 0;
  addon.run();
}

/** All operands walk the same memory order, each densely: the order of dimensions does not matter. */
function sameLayout(operands: readonly Tensor[], sizes: readonly number[]): boolean {
  const first = operands[operands.length - 1];
  if (first._numel !== numelOf(sizes) || !sameShape(first.sizes, sizes)) return false;
  for (const t of operands) {
    if (t._numel === 1 && first._numel !== 1) continue;
    if (!sameShape(t.sizes, first.sizes) || !sameShape(t.strides, first.strides)) return false;
  }
  return denseFromZero(first);
}

function denseFromZero(t: Tensor): boolean {
  let span = 1;
  for (let d = 0; d < t.sizes.length; d++) {
    if (t.strides[d] <= 0 && t.sizes[d] !== 1) return false;
    span += (t.sizes[d] - 1) * t.strides[d];
  }
  return span === t._numel;
}

/** Inputs that share memory with an output, but not its exact layout, are copied first. */
function separate(inputs: readonly Tensor[], outputs: readonly Tensor[]): Tensor[] {
  const operands = new Array<Tensor>(inputs.length + outputs.length);
  for (let k = 0; k < inputs.length; k++) {
    let input = inputs[k];
    for (let o = 0; o < outputs.length; o++) {
      if (outputs[o].storage.slot === input.storage.slot && mustCopy(input, outputs[o])) input = copyOf(input);
    }
    operands[k] = input;
  }
  for (let o = 0; o < outputs.length; o++) operands[inputs.length + o] = outputs[o];
  return operands;
}

function mustCopy(input: Tensor, output: Tensor): boolean {
  return mayOverlap(input, output) && !sameElements(input, output);
}

/** Strides of the operands over a space, operand by operand, and the dimensions in the order that the program walks; kept for speed. */
const strides: number[] = [];
const order: number[] = [];

/** The dimensions longer than 1, outermost first. */
function orderDimensions(sizes: readonly number[], operands: readonly Tensor[], reorder: boolean): number {
  const rank = sizes.length;
  const result = (operands.length - 1) * rank;
  let count = 0;
  for (let d = 0; d < rank; d++) {
    if (sizes[d] === 1) continue;
    // Outermost where the last operand (a result) steps furthest, so that memory is written in order. A reduction keeps the
    // order of its input, whose result steps nowhere along what is reduced.
    let at = count++;
    const reach = Math.abs(strides[result + d]);
    for (; reorder && at > 0 && Math.abs(strides[result + order[at - 1]]) < reach; at--) order[at] = order[at - 1];
    order[at] = d;
  }
  return count;
}

/**
 * Writes sizes, offsets and strides of the space `sizes` with fewer, longer dimensions over the same elements: a dimension merges with
 * the next one where every operand walks on. Returns how many are left.
 */
function writeSpace(sizes: readonly number[], operands: readonly Tensor[], reorder: boolean): number {
  const rank = sizes.length;
  const count = operands.length;
  for (let k = 0; k < count; k++) {
    const t = operands[k];
    const missing = rank - t.sizes.length;
    for (let d = 0; d < rank; d++) {
      const own = d - missing;
      strides[k * rank + d] = own < 0 || t.sizes[own] === 1 ? 0 : t.strides[own];
    }
  }
  const walked = orderDimensions(sizes, operands, reorder);
  // Sizes go to their place at once; `order` comes to hold the innermost dimension of each merged one, whose strides are its strides.
  let ndim = 0;
  for (let i = 0; i < walked; i++) {
    const d = order[i];
    let joins = ndim > 0;
    for (let k = 0; joins && k < count; k++) {
      joins = strides[k * rank + order[ndim - 1]] === strides[k * rank + d] * sizes[d];
    }
    if (joins) {
      f64[ndim - 1] *= sizes[d];
      order[ndim - 1] = d;
    } else {
      f64[ndim] = sizes[d];
      order[ndim++] = d;
    }
  }
  const single = ndim === 0;
  if (single) f64[ndim++] = 1;
  let q = ndim;
  for (let k = 0; k < count; k++) {
    const t = operands[k];
    f64[q++] = t.storage.byteOffset + t.offset * t.dtype.itemsize;
    for (let i = 0; i < ndim; i++) f64[q++] = single ? 0 : strides[k * rank + order[i]];
  }
  return ndim;
}

/** Runs a structured kernel (native/ops/kernels.inc); its conventions are in docs/architecture.md. */
export function call(
  kernel: KernelName,
  operands: readonly (Tensor | null)[],
  ints: readonly number[] = [],
  floats: readonly number[] = [],
): void {
  checkStop();
  computePending();
  i32[0] = kernelCodes.get(kernel);
  i32[1] = operands.length;
  i32[2] = ints.length;
  i32[3] = floats.length;
  let p = 4;
  let q = 0;
  for (let k = 0; k < operands.length; k++) {
    const t = operands[k];
    if (t === null) {
      i32[p] = -1;
      p += 3;
      continue;
    }
    if (t.storage.shared !== null) checkShared(t.storage);
    const { sizes, strides } = t;
    const ndim = sizes.length;
    i32[p++] = t.storage.slot;
    i32[p++] = t.dtype.code;
    i32[p++] = ndim;
    f64[q++] = t.storage.byteOffset + t.offset * t.dtype.itemsize;
    for (let d = 0; d < ndim; d++) f64[q++] = sizes[d];
    for (let d = 0; d < ndim; d++) f64[q++] = strides[d];
  }
  for (let k = 0; k < ints.length; k++) f64[q++] = ints[k];
  for (let k = 0; k < floats.length; k++) f64[q++] = floats[k];
  addon.call();
}

const copyCode = lazy(() => assemble([new Expr("step", "copy", [new Expr("input", "a")])]));
const fillCode = lazy(() => assemble([new Expr("step", "copy", [new Expr("scalar", "a")])]));

/** A value made at first use and kept. */
export function lazy<T>(make: () => T): () => T {
  let value: T | undefined;
  return () => {
    if (value === undefined) value = make();
    return value;
  };
}

/** The compute type that converts between two dtypes without loss where there is one. */
function conversion(from: DType, to: DType): Compute {
  if (from === to) return from.compute;
  // Through float64, an int64 would be rounded twice.
  if (from.compute === Compute.Int64 && to.isFloatingPoint) return Compute.Int64;
  if (from.isFloatingPoint || to.isFloatingPoint) {
    const wide = from.itemsize === 8 || to.itemsize === 8 || from.itemsize === 4 || to.itemsize === 4;
    return wide && (from.compute !== Compute.Float32 || to.compute !== Compute.Float32)
      ? Compute.Float64
      : Compute.Float32;
  }
  return from.compute === Compute.Int64 || to.compute === Compute.Int64 ? Compute.Int64 : Compute.Int32;
}

/** Writes `from`, broadcast and converted, into `to`; unrecorded and without a version. */
export function copyInto(to: Tensor, from: Tensor): void {
  run(copyCode(), conversion(from.dtype, to.dtype), to.sizes, [from], [], [to]);
}

/** Writes one value everywhere; unrecorded and without a version. Throws CressetError for a value that the dtype does not hold. */
export function fillWith(to: Tensor, value: Scalar): void {
  run(fillCode(), to.dtype.compute, to.sizes, [], [scalarFor(value, to.dtype)], [to]);
}

/** A row-major copy, unrecorded, optionally in another dtype. */
export function copyOf(from: Tensor, dtype: DType = from.dtype): Tensor {
  const out = empty(from.sizes, dtype);
  if (out._numel > 0) copyInto(out, from);
  return out;
}

setCopy(copyOf);

/** The tensor itself when it is row-major without gaps, else a copy; unrecorded. */
export function contiguousOf(from: Tensor): Tensor {
  return from.contiguousNow ? from : copyOf(from);
}
