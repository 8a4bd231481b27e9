// Reading elements by position along one dimension, or by flat position. What writes is in scatter.ts and index-write.ts.

import { overloaded, signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { call, contiguousOf } from "../../dispatch";
import { CressetError, DTypeError, IndexError, ShapeError } from "../../errors";
import { bool, type DType, int32, int64 } from "../../tensor/dtype";
import { broadcastShapes, wrapDim, wrapOwnDim } from "../../tensor/shape";
import { requireImplemented } from "../../tensor/dtype-checks";
import { empty, Tensor } from "../../tensor/tensor";
import { zerosOf } from "../../autograd/zeros";
import {
  checkGather,
  flatAccess,
  requireInside,
  lifted,
  requireLong,
  requireLongAlways,
  vectorIndex,
  requireTruth,
} from "./index-checks";
import { signedOut } from "../shared/out";

/**
 * out[i][j] = input[index[i][j]][j] along `dim` 0, and so on; `index` is int64 of the result's shape. Throws IndexError for a
 * position out of range. Option: `out`. Source: torch.gather.
 */
export const gather = signedOut(
  "gather(Tensor input, int dim, Tensor index, *, bool sparseGrad=False, Tensor? out=None)",
  gatherOf,
);

function gatherOf(input: Tensor, dim: number, index: Tensor, _sparseGrad = false): Tensor {
  const at = requireLong("gather", index);
  const d = wrapDim(dim, input.ndim);
  checkGather(input, at, d);
  const out = empty(at.sizes, input.dtype);
  if (out._numel > 0) call("gather", [out, input, at].map(lifted), [d]);
  const { sizes } = input;
  record(
    "GatherBackward0",
    [input],
    [out],
    ([g], [position]) => [(g as Tensor).newZeros([...sizes]).scatterAdd_(d, position, g as Tensor)],
    [at],
  );
  return out;
}

/** The parts of one dimension at the positions of a vector (int32 or int64). Throws IndexError. Option: `out`. Source: torch.index_select. */
export const indexSelect = signedOut(
  "indexSelect(Tensor input, int dim, Tensor index, *, Tensor? out=None)",
  indexSelectOf,
);

function indexSelectOf(input: Tensor, dim: number, index: Tensor): Tensor {
  const at = vectorIndex("index_select", index);
  const d = wrapDim(dim, input.ndim);
  const { sizes } = input;
  if (sizes.length === 0 && at.numel() !== 1) {
    throw new IndexError(`index_select(): Index to scalar can have only 1 value, got ${at.numel()} value(s)`);
  }
  const out = empty(sizes.length === 0 ? [] : sizes.map((n, k) => (k === d ? at.numel() : n)), input.dtype);
  if (out._numel > 0) call("indexSelect", [out, input, at], [d]);
  else requireInside(at, sizes[d]);
  record(
    "IndexSelectBackward0",
    [input],
    [out],
    ([g], [position]) => [(g as Tensor).newZeros([...sizes]).indexAdd_(d, position, g as Tensor)],
    [at],
  );
  return out;
}

/** Elements by flat position (row-major), in the shape of `index`; negative positions count from the end. Source: torch.take. */
export const take = signed("take(Tensor input, Tensor index)", takeOf);

function takeOf(input: Tensor, index: Tensor): Tensor {
  const at = requireLongAlways("take", index);
  if (input.numel() === 0 && at.numel() > 0) throw new IndexError("take(): tried to take from an empty tensor");
  const flat = contiguousOf(input);
  const line = flat.alias([flat._numel], [1], flat.offset);
  const out = empty(at.sizes, input.dtype);
  if (out._numel > 0) flatAccess(line, () => call("indexGet", [out, line, at], [1]));
  record("TakeBackward0", [input], [out], takeBackward(input.sizes), [at]);
  return out;
}

function takeBackward(sizes: readonly number[]): Backward {
  return ([g], [position]) => [zerosOf(sizes, (g as Tensor).dtype).put_(position, g as Tensor, true)];
}

/**
 * As `gather`, with `input` and `indices` broadcast against each other except along `dim`; without `dim` by flat position.
 * Option: `out`. Source: torch.take_along_dim.
 */
export const takeAlongDim = signedOut(
  "takeAlongDim(Tensor input, Tensor indices, int? dim=None, *, Tensor? out=None)",
  takeAlongDimOf,
);

function takeAlongDimOf(input: Tensor, indices: Tensor, dim: number | null = null): Tensor {
  if (dim === null) return gather(input.reshape([input.numel()]), 0, indices.reshape([indices.numel()]));
  if (indices.dtype !== int64) {
    throw new DTypeError(`torch.take_along_dim(): dtype of indices should be Long but got ${indices.dtype.scalarName}`);
  }
  if (input.ndim !== indices.ndim) {
    throw new ShapeError(
      `torch.take_along_dim(): input and indices should have the same number of dimensions, but got ${input.ndim} dimensions for input, and ${indices.ndim} dimensions for indices`,
    );
  }
  const d = wrapDim(dim, input.ndim);
  const common = broadcastShapes([input.sizes, indices.sizes].map((sizes) => sizes.map((n, k) => (k === d ? 1 : n))));
  const along = (size: number) => common.map((n, k) => (k === d ? size : n));
  return gather(input.expand(along(input.sizes[d])), d, indices.expand(along(indices.sizes[d])));
}

/** The same as `input[mask]`, with both broadcast: the elements where the mask is true, in a vector. Option: `out`. Source: torch.masked_select. */
export const maskedSelect = signedOut("maskedSelect(Tensor input, Tensor mask, *, Tensor? out=None)", maskedSelectOf);

function maskedSelectOf(input: Tensor, mask: Tensor): Tensor {
  if (mask.dtype.name !== "bool" && mask.dtype.name !== "uint8") {
    throw new DTypeError("masked_select: expected BoolTensor or ByteTensor for mask");
  }
  requireTruth(mask);
  const shape = [...broadcastShapes([input.sizes, mask.sizes])];
  const out = input
    .detach()
    .expand(shape)
    .reshape([-1])
    .take(nonzeroFlat(mask.expand(shape)));
  record("MaskedSelectBackward0", [input], [out], maskedSelectBackward(shape), [mask]);
  return out;
}

/** The engine sums what broadcasting to `shape` repeated. */
function maskedSelectBackward(shape: readonly number[]): Backward {
  return ([g], [mask]) => {
    const truth = mask.dtype === bool ? mask : mask.ne(0);
    return [zerosOf(shape, (g as Tensor).dtype).maskedScatter_(truth, g as Tensor)];
  };
}

/** The row-major positions of nonzero elements. */
function nonzeroFlat(x: Tensor): Tensor {
  return nonzeroOf(x.reshape([-1])).reshape([-1]);
}

function nonzeroOf(input: Tensor): Tensor {
  const x = input.detach();
  const truth = x.dtype === bool ? x : x.ne(0);
  const count = x.numel() === 0 ? 0 : Number(truth.sum().item());
  const out = empty([count, x.ndim], int64);
  if (out._numel > 0) call("nonzero", [out, x]);
  return out;
}

/**
 * The positions of nonzero elements, one per row, in row-major order; with `asTuple` one vector per dimension.
 * Source: torch.nonzero.
 */
export const nonzero = overloaded<Nonzero>([
  "nonzero(Tensor input, *, bool asTuple=False)",
  (input: Tensor, asTuple = false): Tensor | Tensor[] => {
    if (!asTuple) return nonzeroOf(input);
    return (input.ndim === 0 ? nonzeroOf(input.reshape([1])) : nonzeroOf(input)).unbind(1);
  },
]);

/** The ways to call `nonzero`. */
interface Nonzero {
  (input: Tensor): Tensor;
  (input: Tensor, options: { asTuple: true }): Tensor[];
  (input: Tensor, options: { asTuple?: boolean }): Tensor | Tensor[];
  (options: { input: Tensor }): Tensor;
  (options: { input: Tensor; asTuple: true }): Tensor[];
}

/** The positions of nonzero elements, one per row. Source: torch.argwhere. */
export const argwhere = signed("argwhere(Tensor input)", nonzeroOf);

/**
 * Each part of `dim` repeated in place; without `dim`, of the flat tensor. `repeats`: a number, or a vector of int64.
 * Throws CressetError for negative or mismatching counts. Source: torch.repeat_interleave.
 */
export const repeatInterleave = overloaded<RepeatInterleave>(
  ["repeatInterleave(Tensor repeats, *, int? outputSize=None)", positionsRepeated],
  ["repeatInterleave(Tensor input, int|Tensor repeats, int? dim=None, *, int? outputSize=None)", repeatInterleaveOf],
);

/** The ways to call `repeatInterleave`. */
interface RepeatInterleave {
  (repeats: Tensor, options?: { outputSize?: number | null }): Tensor;
  (
    input: Tensor,
    repeats: number | Tensor | RepeatOptions,
    dim?: number | null | RepeatOptions,
    options?: RepeatOptions,
  ): Tensor;
  (options: RepeatOptions & { input?: Tensor; repeats: number | Tensor }): Tensor;
}

/** What `repeatInterleave` takes by name. */
export interface RepeatOptions {
  repeats?: number | Tensor;
  dim?: number | null;
  outputSize?: number | null;
}

function repeatInterleaveOf(input: Tensor, repeats: number | Tensor, dim: number | null = null): Tensor {
  const flat = dim === null ? input.reshape([-1]) : input;
  const d = dim === null ? 0 : wrapOwnDim(dim, input.ndim);
  const size = flat.sizes[d];
  if (repeats instanceof Tensor) requireCounts(repeats);
  const counts = typeof repeats === "number" ? Array<number>(size).fill(repeats) : [repeats.tolist()].flat();
  const each = counts.length === 1 ? Array<number>(size).fill(counts[0]) : counts;
  if (each.length !== size) throw new CressetError("repeats must have the same size as input along dim");
  return indexSelect(flat, d, positionsRepeated(flat.newTensor(each, { dtype: int64 })));
}

function requireCounts(counts: Tensor): void {
  requireImplemented("repeat_interleave_cpu", counts.dtype, counts.dtype === int64 || counts.dtype === int32);
}

/** Position k as often as counts[k] says. */
function positionsRepeated(counts: Tensor): Tensor {
  if (counts.ndim !== 1) throw new ShapeError("repeat_interleave only accept 1D vector as repeat");
  requireCounts(counts);
  const list = [counts.tolist()].flat();
  if (list.some((n) => n < 0)) throw new CressetError("repeats can not be negative");
  const dtype: DType = counts.dtype;
  return counts.newTensor(
    list.flatMap((n, k) => Array<number>(n).fill(k)),
    { dtype },
  );
}
