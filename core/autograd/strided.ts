// Gradients through views given by strides: where an element of memory is, not how the view was taken, decides where its
// gradient goes (PyTorch: as_strided_backward).

import { call, copyInto } from "../dispatch";
import { int64 } from "../tensor/dtype";
import { numelOf } from "../tensor/shape";
import { empty, type Tensor } from "../tensor/tensor";
import { isGradEnabled } from "./modes";

/** Where the elements of a tensor lie in its storage. */
export interface Geometry {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The geometry that a tensor has now. */
export function geometryOf({ sizes, strides, offset }: Tensor): Geometry {
  return { sizes, strides, offset };
}

/** One more than the last position that a tensor of this geometry touches. */
export function reachOf({ sizes, strides, offset }: Geometry): number {
  let last = offset;
  for (let d = 0; d < sizes.length; d++) {
    if (sizes[d] === 0) return 0;
    last += (sizes[d] - 1) * strides[d];
  }
  return last + 1;
}

/** Whether some elements may lie in one place. */
function overlaps({ sizes, strides }: Geometry): boolean {
  const order = sizes.map((_, d) => d).filter((d) => sizes[d] !== 1);
  order.sort((p, q) => strides[p] - strides[q]);
  let last = 0;
  for (const d of order) {
    if (strides[d] <= last) return true;
    last += strides[d] * (sizes[d] - 1);
  }
  return false;
}

/** Zeros in which both geometries have room, and both as they lie in it. */
function room(dtype: Tensor["dtype"], a: Geometry, b: Geometry): { memory: Tensor; first: Geometry; second: Geometry } {
  const low = Math.min(a.offset, b.offset);
  const memory = empty([Math.max(reachOf(a), reachOf(b), low) - low], dtype).zero_();
  return { memory, first: { ...a, offset: a.offset - low }, second: { ...b, offset: b.offset - low } };
}

function shown(memory: Tensor, { sizes, strides, offset }: Geometry): Tensor {
  return isGradEnabled() ? memory.asStrided([...sizes], [...strides], offset) : memory.alias(sizes, strides, offset);
}

/** The position of every element of a geometry, in one row. */
function positions(geometry: Geometry): Tensor {
  const all = empty([reachOf(geometry)], int64);
  call("arange", [all], [0, 1], [0, 1]);
  return all.alias(geometry.sizes, geometry.strides, geometry.offset).reshape([-1]);
}

/** The gradient of a tensor of geometry `base` by the gradient of a view of its memory. */
export function throughStrides(grad: Tensor, base: Geometry, view: Geometry): Tensor {
  const { memory, first, second } = room(grad.dtype, base, view);
  let whole = memory;
  if (numelOf(view.sizes) === 0) return shown(whole, first);
  if (overlaps(view)) whole = whole.indexAdd(0, positions(second), grad.reshape([-1]));
  else if (isGradEnabled()) shown(whole, second).copy_(grad);
  else copyInto(shown(whole, second), grad);
  // Elements of the base that share a place share its gradient.
  if (overlaps(base)) {
    const at = positions(first);
    const counts = empty(memory.sizes, grad.dtype).zero_();
    whole = whole.div(counts.indexAdd(0, at, empty(at.sizes, grad.dtype).fill_(1)));
  }
  return shown(whole, first);
}

/** A copy of a gradient with the strides of `base`, and the part of it that `view` is. */
export function copyWithRegion(grad: Tensor, base: Geometry, view: Geometry): { whole: Tensor; region: Tensor } {
  const { memory, first, second } = room(grad.dtype, base, view);
  const whole = shown(memory, first);
  if (isGradEnabled()) whole.copy_(grad);
  else copyInto(whole, grad);
  return { whole, region: shown(memory, second) };
}
