// What an index list means: `x.at(1, "2:4", "...", null, mask)` as basic views, one after the other, and index tensors that are
// left for one gather at the end.

import { ArgumentError, CressetError, DTypeError, IndexError, ShapeError } from "../../errors";
import { bool, Category, int64, uint8 } from "../../tensor/dtype";
import { text } from "../../tensor/shape";
import { type NestedArray, Tensor } from "../../tensor/tensor";
import { tensor } from "../create/create";
import { viewing } from "../view/viewing";

/** Arrays of positions or of truth values. */
export type IndexArray = readonly NestedArray<number | boolean | bigint | Tensor>[];

/**
 * One index: a position, a slice `"start:stop:step"`, `"..."`, `null` for a new dimension, a boolean, a tensor of positions or a
 * mask, or nested arrays of either.
 */
export type Index = number | bigint | string | null | boolean | Tensor | IndexArray;

/** A view of the source, and the index tensors of its dimensions; null where a dimension has none. */
export interface Parsed {
  view: Tensor;
  tensors: (Tensor | null)[];
}

const SLICE = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/;

interface Slice {
  start: number | null;
  stop: number | null;
  step: number;
}

function parseSlice(index: string): Slice {
  const match = SLICE.exec(index);
  if (match === null) {
    throw new ArgumentError(
      `'${index}' is no slice: write 'start:stop:step' with parts left out as in Python, or '...'`,
    );
  }
  const part = (text: string | undefined) => (text === undefined ? null : Number(text));
  const step = part(match[3]) ?? 1;
  if (step === 0) throw new ArgumentError("slice step cannot be zero");
  if (step < 0) throw new CressetError("step must be greater than zero");
  return { start: part(match[1]), stop: part(match[2]), step };
}

/** Whether a tensor of indices is one of truth values. */
export function isMask(index: Tensor): boolean {
  return index.dtype === bool || index.dtype === uint8;
}

/** An index given as arrays, as a tensor. */
function arrayIndex(index: IndexArray): Tensor {
  const made = tensor(index as NestedArray<number | boolean | bigint | Tensor>);
  return made.numel() === 0 ? made.to(int64) : made;
}

/** How many dimensions of the source an index uses up. */
function consumed(index: Index): number {
  if (index === null || index === "..." || typeof index === "boolean") return 0;
  return index instanceof Tensor && isMask(index) ? index.ndim : 1;
}

function requireIndex(index: Tensor): void {
  if (index.dtype === int64 || isMask(index)) return;
  if (index.dtype.category !== Category.Int || index.ndim > 0) {
    throw new DTypeError("tensors used as indices must be long, byte or bool tensors");
  }
}

/** One position of a dimension; messages call it dimension `real`. Throws IndexError in PyTorch's words. */
export function selected(view: Tensor, dim: number, index: number, real: number): Tensor {
  if (view.ndim === 0) {
    throw new IndexError("invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number");
  }
  if (!Number.isInteger(index)) {
    throw new IndexError(
      "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got float)",
    );
  }
  const size = view.sizes[dim];
  if (index < -size || index >= size) {
    throw new IndexError(`index ${index} is out of bounds for dimension ${real} with size ${size}`);
  }
  return view.select(dim, index);
}

/** The part of one dimension that a slice names. Throws IndexError in PyTorch's words. */
export function slicedAt(view: Tensor, dim: number, index: string): Tensor {
  if (view.ndim === 0) throw new IndexError("slice() cannot be applied to a 0-dim tensor.");
  const { start, stop, step } = parseSlice(index);
  const isAll = start === null && stop === null && step === 1;
  return isAll ? whole(view, "SliceBackward0") : view.slice(dim, start, stop, step);
}

/** Whether a slice has the bounds of the whole dimension: among other indices PyTorch leaves it out, unlike a bare colon. */
function namesWhole(view: Tensor, dim: number, index: string): boolean {
  if (view.ndim === 0) return false;
  const { start, stop, step } = parseSlice(index);
  return (start ?? 0) === 0 && stop === view.sizes[dim] && step === 1;
}

/** The whole tensor as a view of itself. */
export function whole(input: Tensor, name: string): Tensor {
  return viewing(
    input,
    name,
    ({ sizes, strides, offset }) => ({ sizes, strides, offset }),
    (g) => g,
  );
}

/**
 * Applies basic indices to `x` and collects index tensors; `merges`: dimensions under a mask may be seen as one, which is faster
 * and shows in a graph. Throws IndexError in PyTorch's words.
 */
export function parseIndices(x: Tensor, given: readonly Index[], merges: boolean): Parsed {
  const indices = given.map((index): Index => (Array.isArray(index) ? arrayIndex(index) : index));
  const used = indices.reduce<number>((sum, index) => sum + consumed(index), 0);
  if (used > x.ndim) throw new IndexError(`too many indices for tensor of dimension ${x.ndim}`);
  if (indices.filter((index) => index === "...").length > 1) {
    throw new IndexError("an index can only have a single ellipsis ('...')");
  }
  let view = x;
  let dim = 0;
  let real = 0;
  const tensors: (Tensor | null)[] = [];
  const place = (index: Tensor) => {
    while (tensors.length < dim) tensors.push(null);
    tensors[dim] = index;
  };
  for (const index of indices) {
    if (index === "...") {
      dim += x.ndim - used;
      real += x.ndim - used;
    } else if (index === null) {
      view = view.unsqueeze(dim++);
    } else if (typeof index === "boolean") {
      view = view.unsqueeze(dim);
      place(tensor(index ? [0] : [], { dtype: int64 }));
      dim++;
    } else if (typeof index === "string") {
      if (!namesWhole(view, dim, index)) view = slicedAt(view, dim, index);
      dim++;
      real++;
    } else if (typeof index === "number" || typeof index === "bigint") {
      view = selected(view, dim, Number(index), real++);
    } else if (index instanceof Tensor) {
      requireIndex(index);
      if (index.ndim === 0 && !isMask(index)) {
        view = selected(view, dim, Number(index.item()), real++);
      } else if (index.ndim === 0) {
        view = view.unsqueeze(dim);
        place(tensor(index.item() ? [0] : [], { dtype: int64 }));
        dim++;
      } else if (isMask(index)) {
        checkMask(view, index, dim);
        const merged = merges && index.ndim > 1 ? mergedDims(view, dim, index.ndim) : null;
        const columns = merged === null ? index.detach().nonzero({ asTuple: true }) : [merged.positions(index)];
        view = merged === null ? view : merged.view;
        for (const column of columns) {
          place(column);
          dim++;
        }
        real += index.ndim;
      } else {
        place(index);
        dim++;
        real++;
      }
    } else {
      throw new IndexError(
        `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got ${typeof index})`,
      );
    }
  }
  while (tensors.length > 0 && tensors.length < view.ndim) tensors.push(null);
  return { view, tensors };
}

/** Throws unless the mask has the sizes of the dimensions that it covers. */
function checkMask(view: Tensor, mask: Tensor, dim: number): void {
  for (let d = 0; d < mask.ndim; d++) {
    if (mask.sizes[d] !== view.sizes[dim + d]) {
      throw new ShapeError(
        `The shape of the mask ${text(mask.sizes)} at index ${d} does not match the shape of the indexed tensor ${text(view.sizes)} at index ${dim + d}`,
      );
    }
  }
}

interface Merged {
  view: Tensor;
  positions(mask: Tensor): Tensor;
}

/** Dimensions that a mask covers seen as one, where memory allows it: one vector of positions instead of one per dimension. */
function mergedDims(view: Tensor, dim: number, count: number): Merged | null {
  const { sizes, strides } = view;
  for (let d = dim; d + 1 < dim + count; d++) {
    if (strides[d] !== strides[d + 1] * sizes[d + 1]) return null;
  }
  return {
    view: view.flatten(dim, dim + count - 1),
    positions: (mask) => mask.detach().reshape([-1]).nonzero().squeeze(1),
  };
}
