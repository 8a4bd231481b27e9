// In which order of dimensions results lie in memory: that of the operands, as PyTorch's TensorIterator keeps it, so that walking a
// permuted tensor and its results together is walking memory in order.

import type { DType } from "./dtype";
import { contiguousStrides, expandStrides, isDense, sameShape } from "./shape";
import { empty, emptyLayout, emptyStrided, type Tensor } from "./tensor";

interface Strided {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

/**
 * Which of two dimensions steps further: 1 for the first, −1 for the second, 0 when no operand tells. `strides` are the
 * operands', expanded to `sizes`: 0 where an operand is broadcast.
 */
function compare(sizes: readonly number[], strides: readonly (readonly number[])[], p: number, q: number): number {
  for (const s of strides) {
    if (s[p] === 0 || s[q] === 0) continue;
    if (s[p] !== s[q]) return s[p] < s[q] ? -1 : 1;
    if (sizes[p] > sizes[q]) return 1;
  }
  return 0;
}

/** The strides of a new tensor without gaps in the memory order of operands that broadcast to its sizes; the first one decides. */
function orderedStrides(sizes: readonly number[], operands: readonly Strided[]): number[] {
  if (sizes.includes(0)) return contiguousStrides(sizes);
  const strides = operands.map((t) => expandStrides(t.sizes, t.strides, sizes));
  // Innermost first. An insertion sort, since the comparison may not tell, and must then leave the order as it is.
  const order = sizes.map((_, d) => sizes.length - 1 - d);
  for (let i = 1; i < order.length; i++) {
    let at = i;
    for (let k = i - 1; k >= 0; k--) {
      const further = compare(sizes, strides, order[k], order[at]);
      if (further < 0) break;
      if (further === 0) continue;
      [order[k], order[at]] = [order[at], order[k]];
      at = k;
    }
  }
  const out = new Array<number>(sizes.length);
  let step = 1;
  for (const d of order) {
    out[d] = step;
    step *= sizes[d];
  }
  return out;
}

/** Whether the strides are those of a new tensor, also of dimensions of size 1. */
function hasPlainStrides({ sizes, strides }: Strided): boolean {
  let step = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    if (strides[d] !== step) return false;
    step *= Math.max(sizes[d], 1);
  }
  return true;
}

/** A new tensor for an elementwise result, in the memory order of its operands. */
export function emptyFor(operands: readonly Tensor[], sizes: readonly number[], dtype: DType): Tensor {
  const first = operands[0];
  if (first.contiguousNow && sameShape(first.sizes, sizes) && hasPlainStrides(first)) return emptyLayout(first, dtype);
  let plain = true;
  let contiguous = true;
  let alike = true;
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k];
    const whole = sameShape(operand.sizes, sizes);
    plain &&= operand.contiguousNow && hasPlainStrides(operand);
    contiguous &&= operand.contiguousNow && whole;
    alike &&= whole && sameShape(operand.strides, first.strides);
  }
  // Strides of dimensions of size 1 count where operands broadcast.
  if (plain || contiguous) return empty(sizes, dtype);
  if (alike && isDense(first.sizes, first.strides)) return emptyLayout(first, dtype);
  return emptyStrided(sizes, orderedStrides(sizes, operands), dtype);
}

/** A new tensor of another's sizes and memory order (PyTorch: `memory_format=torch.preserve_format`). */
export function emptyPreserving(like: Tensor, dtype: DType): Tensor {
  const { sizes, strides } = like;
  if (like._numel > 0 && (like.contiguousNow || isDense(sizes, strides))) return emptyLayout(like, dtype);
  return sizes.length < 2 ? empty(sizes, dtype) : emptyStrided(sizes, orderedStrides(sizes, [like]), dtype);
}
