// Tensors cut into parts along a dimension.

import { overloaded, signed } from "../../arguments/signed";
import { markView } from "../../autograd/views";
import { ArgumentError, CressetError, DTypeError, OutOfMemoryError, ShapeError } from "../../errors";
import { text, wrapDim, wrapOwnDim } from "../../tensor/shape";
import { int64 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { select, slice } from "./slice";

/** Names a view as one of several results, which in-place writes that are recorded may not change. */
function partOf(view: Tensor, output: number, name: string): Tensor {
  markView(view, "parts", output);
  const node = view._state?.node;
  if (node) node.label = name;
  return view;
}

/** Parts along one dimension, that dimension removed. Source: torch.unbind. */
export const unbind = signed("unbind(Tensor input, int dim=0)", unbindOf);

function unbindOf(input: Tensor, dim = 0): Tensor[] {
  const d = wrapOwnDim(dim, input.ndim);
  return Array.from({ length: input.sizes[d] }, (_, i) => partOf(select(input, d, i), i, "UnbindBackward0"));
}

/** A whole number, as counts and sizes of parts must be. */
function needInt(call: string, argument: string, value: number): void {
  if (Number.isInteger(value)) return;
  throw new ArgumentError(
    `${call}(): argument '${argument}' must be int, not ${typeof value === "number" ? "float" : typeof value}`,
  );
}

/** Every part is an object of its own: so many fill a heap of some gigabytes. */
const MAX_PARTS = 2 ** 24;

function needParts(call: string, count: number): void {
  if (count > MAX_PARTS) throw new OutOfMemoryError(`${call}(): ${count} parts are more than memory can hold`);
}

/** Parts of the given size, or sizes, along a dimension. Source: torch.split. */
export const split = signed("def split(Tensor tensor, int|int[] splitSizeOrSections, int dim=0)", splitOf);

function splitOf(input: Tensor, splitSize: number | readonly number[], dim = 0): Tensor[] {
  if (input.ndim === 0) throw new CressetError("split expects at least a 1-dimensional tensor");
  const d = wrapDim(dim, input.ndim);
  const extent = input.sizes[d];
  let parts: readonly number[];
  if (typeof splitSize === "number") {
    needInt("split", "split_size", splitSize);
    if (splitSize < 0)
      throw new CressetError(`split expects split_size be non-negative, but got split_size=${splitSize}`);
    if (splitSize === 0 && extent !== 0) {
      throw new CressetError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${extent}`);
    }
    const count = splitSize === 0 ? 1 : Math.max(1, Math.ceil(extent / splitSize));
    needParts("split", count);
    parts = Array.from({ length: count }, (_, k) => Math.min(splitSize, extent - k * splitSize));
  } else {
    parts = splitSize;
    if (parts.reduce((s, n) => s + n, 0) !== extent || parts.some((n) => n < 0)) {
      throw new ShapeError(
        `split_with_sizes expects split_sizes to sum exactly to ${extent} (input tensor's size at dimension ${d}), but got split_sizes=${text(parts)}`,
      );
    }
  }
  let from = 0;
  return parts.map((n, k) => {
    const part = partOf(
      slice(input, d, from, from + n),
      k,
      typeof splitSize === "number" ? "SplitBackward0" : "SplitWithSizesBackward0",
    );
    from += n;
    return part;
  });
}

/** Parts of the given sizes along a dimension. Source: torch.split_with_sizes. */
export const splitWithSizes = signed("splitWithSizes(Tensor input, int[] splitSizes, int dim=0)", splitWithSizesOf);

function splitWithSizesOf(input: Tensor, splitSizes: readonly number[], dim = 0): Tensor[] {
  return splitOf(input, splitSizes, dim);
}

/** At most `chunks` equal parts along a dimension. Source: torch.chunk. */
export const chunk = signed("chunk(Tensor input, int chunks, int dim=0)", chunkOf);

function chunkOf(input: Tensor, chunks: number, dim = 0): Tensor[] {
  if (input.ndim === 0) throw new CressetError("chunk expects at least a 1-dimensional tensor");
  const d = wrapDim(dim, input.ndim);
  if (chunks <= 0) throw new CressetError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
  const extent = input.sizes[d];
  const size = Math.ceil(extent / chunks);
  if (size === 0) needParts("chunk", chunks);
  if (size === 0) return split(input, new Array<number>(chunks).fill(0), d);
  return split(input, size, d);
}

/** Sections or positions that a tensor holds. */
function positionsOf(x: Tensor): number | readonly number[] {
  if (x.ndim > 1) {
    throw new ShapeError(
      `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${x.ndim} dims`,
    );
  }
  if (x.dtype !== int64) {
    throw new DTypeError(
      `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${x.dtype.scalarName}`,
    );
  }
  return x.ndim === 0 ? Number(x.item()) : [x.tolist()].flat().map(Number);
}

/** Parts split at positions or into equal sections, numbers or a tensor of them. Source: torch.tensor_split. */
export const tensorSplit = overloaded<TensorSplit>(
  ["tensorSplit(Tensor input, Tensor tensorIndicesOrSections, int dim=0)", tensorSplitOf],
  ["tensorSplit(Tensor input, int sections, int dim=0)", tensorSplitOf],
  ["tensorSplit(Tensor input, int[] indices, int dim=0)", tensorSplitOf],
);

/** Where to split, by name. */
export type SplitOptions = { sections: number } | { indices: readonly number[] };

/** Where `tensorSplit` splits, by name. */
export type TensorSplitOptions = (SplitOptions | { tensorIndicesOrSections: Tensor }) & { dim?: number };

/** The ways to call `tensorSplit`. */
interface TensorSplit {
  (
    input: Tensor,
    indicesOrSections: number | readonly number[] | Tensor | TensorSplitOptions,
    dim?: number | { dim?: number },
  ): Tensor[];
  (options: TensorSplitOptions & { input: Tensor }): Tensor[];
}

/** The ways to call `hsplit` and its like. */
interface SplitAlong {
  (input: Tensor, indicesOrSections: number | readonly number[] | SplitOptions): Tensor[];
  (options: SplitOptions & { input: Tensor }): Tensor[];
}

function tensorSplitOf(input: Tensor, indicesOrSections: number | readonly number[] | Tensor, dim = 0): Tensor[] {
  if (input.ndim === 0) {
    throw new ShapeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
  }
  const d = wrapDim(dim, input.ndim);
  const extent = input.sizes[d];
  let cuts: number[];
  const given = indicesOrSections instanceof Tensor ? positionsOf(indicesOrSections) : indicesOrSections;
  if (typeof given === "number") {
    const sections = given;
    needParts("tensorSplit", sections);
    if (sections <= 0) throw new CressetError(`number of sections must be larger than 0, got ${sections}`);
    const base = Math.floor(extent / sections);
    const extra = extent % sections;
    cuts = Array.from({ length: sections - 1 }, (_, k) => base * (k + 1) + Math.min(k + 1, extra));
  } else cuts = [...given];
  return [0, ...cuts].map((from, k) => slice(input, d, from, k < cuts.length ? cuts[k] : extent));
}

function splitAlong(name: string, dimOf: (x: Tensor) => number, least: number): SplitAlong {
  const run = (input: Tensor, indicesOrSections: number | readonly number[]): Tensor[] => {
    if (input.ndim < least) {
      throw new ShapeError(
        `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${input.ndim} dimensions!`,
      );
    }
    const dim = dimOf(input);
    if (
      typeof indicesOrSections === "number" &&
      (indicesOrSections <= 0 || input.sizes[dim] % indicesOrSections !== 0)
    ) {
      throw new ShapeError(
        `torch.${name} attempted to split along dimension ${dim}, but the size of the dimension ${input.sizes[dim]} is not divisible by the split_size ${indicesOrSections}!`,
      );
    }
    return tensorSplit(input, indicesOrSections, dim);
  };
  return overloaded<SplitAlong>(
    [`${name}(Tensor input, int sections)`, run],
    [`${name}(Tensor input, int[] indices)`, run],
  );
}

/** Parts along the columns (dimension 1; 0 of a vector). Source: torch.hsplit. */
export const hsplit = splitAlong("hsplit", (x) => (x.ndim === 1 ? 0 : 1), 1);

/** Parts along the rows (dimension 0). Source: torch.vsplit. */
export const vsplit = splitAlong("vsplit", () => 0, 2);

/** Parts along the depth (dimension 2). Source: torch.dsplit. */
export const dsplit = splitAlong("dsplit", () => 2, 3);

/** The same as `split` by one size. Source: torch.unsafe_split. */
export const unsafeSplit = signed("unsafeSplit(Tensor tensor, int splitSize, int dim=0)", splitOf);

/** The same as `chunk`. Source: torch.unsafe_chunk. */
export const unsafeChunk = signed("unsafeChunk(Tensor input, int chunks, int dim=0)", chunkOf);
