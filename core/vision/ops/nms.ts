// Boxes that are the best of those that overlap. Source: torchvision/csrc/ops/cpu/nms_kernel.cpp.

import { signed } from "../../arguments/signed";
import { ShapeError } from "../../errors";
import { tensor } from "../../ops/create/create";
import { cat } from "../../ops/create/join";
import { unique } from "../../ops/index/unique";
import { float32, int64 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";

/** Numbers of elements from which the boxes of each class are looked at by themselves. */
const MANY = 4000;

/**
 * The indices of boxes (left, top, right, bottom) that no better box overlaps by more than `iouThreshold`, the best score first.
 * Throws ShapeError for other shapes. Source: torchvision.ops.nms.
 */
export const nms = signed("def nms(Tensor boxes, Tensor scores, float iouThreshold)", nmsOf);

function nmsOf(boxes: Tensor, scores: Tensor, iouThreshold: number): Tensor {
  if (boxes.ndim !== 2) throw new ShapeError(`boxes should be a 2d tensor, got ${boxes.ndim}D`);
  if (boxes.sizes[1] !== 4) {
    throw new ShapeError(`boxes should have 4 elements in dimension 1, got ${boxes.sizes[1]}`);
  }
  if (scores.ndim !== 1) throw new ShapeError(`scores should be a 1d tensor, got ${scores.ndim}D`);
  const count = boxes.sizes[0];
  if (scores.sizes[0] !== count) {
    throw new ShapeError(
      `boxes and scores should have same number of elements in dimension 0, got ${count} and ${scores.sizes[0]}`,
    );
  }
  if (count === 0) return tensor([], { dtype: int64 });
  const { indices: order } = scores.detach().sort({ stable: true, dim: 0, descending: true });
  const ordered = boxes.detach().indexSelect(0, order);
  const kept = bestOf(ordered, iouThreshold);
  return order.indexSelect(0, tensor(kept, { dtype: int64 }));
}

/** The places of boxes that no earlier kept one overlaps by more than a threshold. */
function bestOf(ordered: Tensor, threshold: number): number[] {
  // Arithmetic of boxes in float32 is of float32.
  const f = ordered.dtype === float32 ? Math.fround : (x: number) => x;
  const [lefts, tops, rights, bottoms] = ordered
    .double()
    .unbind(1)
    .map((side) => Float64Array.from(side.contiguous().raw() as Float64Array));
  const areas = lefts.map((left, k) => f(f(rights[k] - left) * f(bottoms[k] - tops[k])));
  // From left to right: a box can only touch those that begin before its end, and not further to the left than the widest reaches.
  const across = Int32Array.from(lefts.keys()).sort((i, j) => lefts[i] - lefts[j]);
  const begins = Float64Array.from(across, (k) => lefts[k]);
  const widest = lefts.reduce((most, left, k) => Math.max(most, rights[k] - left), 0);
  const dropped = new Uint8Array(lefts.length);
  const kept: number[] = [];
  for (let best = 0; best < lefts.length; best++) {
    if (dropped[best] !== 0) continue;
    kept.push(best);
    const [left, top, right, bottom, area] = [lefts[best], tops[best], rights[best], bottoms[best], areas[best]];
    for (let at = firstFrom(begins, left - widest); at < begins.length && begins[at] < right; at++) {
      const other = across[at];
      if (other <= best || rights[other] <= left || tops[other] >= bottom || bottoms[other] <= top) continue;
      const width = Math.min(right, rights[other]) - Math.max(left, lefts[other]);
      const height = Math.min(bottom, bottoms[other]) - Math.max(top, tops[other]);
      const common = f(f(width) * f(height));
      if (f(common / f(f(area + areas[other]) - common)) > threshold) dropped[other] = 1;
    }
  }
  return kept;
}

/** The first place of an ascending list whose number is not below `least`. */
function firstFrom(ascending: Float64Array, least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * As `nms`, where only boxes of one class, `idxs`, drop each other. Source: torchvision.ops.batched_nms.
 */
export const batchedNms = signed(
  "def batchedNms(Tensor boxes, Tensor scores, Tensor idxs, float iouThreshold)",
  (boxes: Tensor, scores: Tensor, idxs: Tensor, iouThreshold: number): Tensor => {
    if (boxes.numel() === 0) return tensor([], { dtype: int64 });
    if (boxes.numel() <= MANY) {
      // Moved so far apart that boxes of different classes do not touch.
      const offsets = idxs.to(boxes.dtype).mul(boxes.max().add(1)).unsqueeze(1);
      return nmsOf(boxes.add(offsets), scores, iouThreshold);
    }
    const classes = unique(idxs) as Tensor;
    const parts = [...classes].map((each) => {
      const own = idxs.eq(each).nonzero().view(-1);
      return own.indexSelect(0, nmsOf(boxes.indexSelect(0, own), scores.indexSelect(0, own), iouThreshold));
    });
    const kept = cat(parts).sort().values;
    return kept.indexSelect(0, scores.indexSelect(0, kept).sort({ descending: true }).indices);
  },
);
