// What convolution, pooling and folding share: arguments that are one number or one per spatial dimension, zero padding, and
// planes as kernels see them.

import { record } from "../../autograd/record";
import { contiguousOf, copyInto, fillWith } from "../../dispatch";
import { ArgumentError } from "../../errors";
import { contiguousStrides, numelOf } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";

/** One number for every spatial dimension, or one per dimension. */
export type Spatial = number | readonly number[];

/**
 * One number per spatial dimension. A list of one number counts for all. Throws ArgumentError for anything but whole numbers,
 * and with `message` for a list of another length.
 */
export function spread(
  call: string,
  name: string,
  value: Spatial,
  n: number,
  message: (list: readonly number[]) => string,
): number[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const numbers = list.map((k) => {
    if (typeof k === "number" && Number.isInteger(k)) return k;
    const kind = typeof k === "number" ? "float" : k === null ? "NoneType" : typeof k;
    throw new ArgumentError(`${call}(): argument '${name}' must be tuple of ints, not ${kind}`);
  });
  if (numbers.length === 1) return new Array<number>(n).fill(numbers[0]);
  if (numbers.length !== n) throw new ArgumentError(message(numbers));
  return numbers;
}

/** The tensor, contiguous, as (product of the leading dimensions, the last `s` dimensions); unrecorded. */
export function planesOf(input: Tensor, s: number): Tensor {
  const x = contiguousOf(input);
  const lead = x.sizes.slice(0, x.ndim - s);
  const sizes = [numelOf(lead), ...x.sizes.slice(x.ndim - s)];
  return x.alias(sizes, contiguousStrides(sizes), x.offset);
}

/** The part of a tensor that starts at `start` and has `sizes`; unrecorded. */
function region(x: Tensor, start: readonly number[], sizes: readonly number[]): Tensor {
  const offset = start.reduce((at, k, d) => at + k * x.strides[d], x.offset);
  return x.alias(sizes, x.strides, offset);
}

/** The tensor between zeros: `before` and `after` count them per dimension. Recorded. */
export function padZeros(input: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  const { sizes } = input;
  const out = empty(
    sizes.map((n, d) => n + before[d] + after[d]),
    input.dtype,
  );
  if (out._numel > 0) fillWith(out, 0);
  if (input._numel > 0) copyInto(region(out, before, sizes), input);
  record("ConstantPadNdBackward0", [input], [out], ([g]) => [crop(g as Tensor, before, sizes)]);
  return out;
}

/** The inverse of `padZeros`; recorded when the tensor is. */
export function crop(input: Tensor, start: readonly number[], sizes: readonly number[]): Tensor {
  return sizes.reduce((x, n, d) => (x.sizes[d] === n ? x : x.narrow(d, start[d], n)), input);
}
