// Lists of tensors joined, stacked, broadcast and gridded. Functions of lists: none of them is a method.

import type { Backward } from "../../autograd/node";
import { record, relabel } from "../../autograd/record";
import { copyInto } from "../../dispatch";
import { pythonType, requireTensors } from "../../arguments/signature";
import { overloaded, signed } from "../../arguments/signed";
import { ArgumentError, CressetError, DTypeError, ShapeError } from "../../errors";
import {
  canCast as canCastTo,
  type DType,
  promoteTypes as promoted,
  resultDtype,
  type Scalar,
} from "../../tensor/dtype";
import { broadcastShapes as commonShape, Size, text, wrapDim } from "../../tensor/shape";
import { empty, Tensor } from "../../tensor/tensor";
import { zerosOf } from "../../autograd/zeros";
import { promotable } from "../elementwise/pointwise-op";
import { signedOut } from "../shared/out";

/** Tensors one after another along a dimension. Options: `dim` (0), `out`. Throws ShapeError for sizes that differ elsewhere. Source: torch.cat. */
export const cat = signedOut("cat(Tensor[] tensors, int dim=0, *, Tensor? out=None)", catOf);

function catOf(list: readonly Tensor[], dim = 0): Tensor {
  if (list.length === 0) throw new CressetError("torch.cat(): expected a non-empty list of Tensors");
  list.forEach((x, k) => {
    if (x.ndim === 0) throw new ShapeError(`zero-dimensional tensor (at position ${k}) cannot be concatenated`);
  });
  // PyTorch lets empty vectors join anything.
  const parts = list.filter((x) => !(x.ndim === 1 && x.sizes[0] === 0));
  const model = parts[0] ?? list[0];
  const d = parts.length === 0 ? 0 : wrapDim(dim, model.ndim);
  const dtype = list.map((x) => x.dtype).reduce(promoted);
  parts.forEach((x, k) => {
    if (x.ndim !== model.ndim) {
      throw new ShapeError(`Tensors must have same number of dimensions: got ${model.ndim} and ${x.ndim}`);
    }
    x.sizes.forEach((n, p) => {
      if (p !== d && n !== model.sizes[p]) {
        throw new ShapeError(
          `Sizes of tensors must match except in dimension ${d}. Expected size ${model.sizes[p]} but got size ${n} for tensor number ${k} in the list.`,
        );
      }
    });
  });
  const sizes = [...model.sizes];
  sizes[d] = parts.reduce((total, x) => total + x.sizes[d], 0);
  const out = empty(sizes, dtype);
  let at = 0;
  for (const x of parts) {
    if (x._numel > 0) copyInto(region(out, d, at, x.sizes[d]), x);
    at += x.sizes[d];
  }
  const places = list.map(
    (x): Place => ({ sizes: x.sizes, dtype: x.dtype, length: parts.includes(x) ? x.sizes[d] : 0 }),
  );
  record("CatBackward0", list, [out], catBackward(places, d));
  return out;
}

/** The same as `cat`. Source: torch.concatenate. */
export const concatenate = cat;

/** What became of one of the tensors that were joined. */
interface Place {
  sizes: readonly number[];
  dtype: DType;
  /** How much of the dimension it takes; 0 also for an empty vector among matrices. */
  length: number;
}

function catBackward(places: readonly Place[], dim: number): Backward {
  return ([g], _, needs) => {
    let from = 0;
    return places.map(({ sizes, dtype, length }, k) => {
      const start = from;
      from += length;
      if (!needs[k]) return null;
      return length === 0 ? zerosOf(sizes, dtype) : (g as Tensor).narrow(dim, start, length).to(dtype);
    });
  };
}

function region(out: Tensor, dim: number, from: number, length: number): Tensor {
  return out.alias(
    out.sizes.map((n, d) => (d === dim ? length : n)),
    out.strides,
    out.offset + from * out.strides[dim],
  );
}

/** The same as `cat`. Option: `out`. Source: torch.concat. */
export const concat = signedOut("concat(Tensor[] tensors, int dim=0, *, Tensor? out=None)", catOf);

/** Tensors of one shape along a new dimension. Options: `dim` (0), `out`. Source: torch.stack. */
export const stack = signedOut("stack(Tensor[] tensors, int dim=0, *, Tensor? out=None)", stackOf);

function stackOf(list: readonly Tensor[], dim = 0): Tensor {
  if (list.length === 0) throw new CressetError("stack expects a non-empty TensorList");
  const first = list[0];
  const d = wrapDim(dim, first.ndim + 1);
  list.forEach((x, k) => {
    if (text(x.sizes) !== text(first.sizes)) {
      throw new ShapeError(
        `stack expects each tensor to be equal size, but got ${text(first.sizes)} at entry 0 and ${text(x.sizes)} at entry ${k}`,
      );
    }
  });
  return relabel(
    cat(
      list.map((x) => x.unsqueeze(d)),
      d,
    ),
    "StackBackward0",
  );
}

/** A function of one tensor that also maps a list of them, or several arguments, as PyTorch's `atleast` functions do. */
function each(
  name: string,
  f: (x: Tensor) => Tensor,
): {
  (input: Tensor): Tensor;
  (tensors: readonly Tensor[]): Tensor[];
  (...tensors: Tensor[]): Tensor[];
} {
  function over(input: Tensor): Tensor;
  function over(tensors: readonly Tensor[]): Tensor[];
  function over(...tensors: Tensor[]): Tensor[];
  function over(...args: (Tensor | readonly Tensor[])[]): Tensor | Tensor[] {
    const [first] = args;
    if (args.length === 1 && first instanceof Tensor) return f(first);
    const tensors = args.flat();
    requireTensors(name, tensors);
    return tensors.map(f);
  }
  return over;
}

/** Scalars as 1-d tensors. Source: torch.atleast_1d. */
export const atleast1d = each("atleast_1d", (input) => (input.ndim >= 1 ? input : input.reshape(1)));
/** At least two dimensions, new ones in front. Source: torch.atleast_2d. */
export const atleast2d = each("atleast_2d", (input) => {
  if (input.ndim >= 2) return input;
  return input.ndim === 1 ? input.unsqueeze(0) : input.reshape(1, 1);
});
/** At least three dimensions. Source: torch.atleast_3d. */
export const atleast3d = each("atleast_3d", (input) => {
  if (input.ndim >= 3) return input;
  if (input.ndim === 2) return input.unsqueeze(-1);
  return input.ndim === 1 ? input.unsqueeze(0).unsqueeze(-1) : input.reshape(1, 1, 1);
});

/** Joined along columns; vectors end to end. Option: `out`. Source: torch.hstack. */
export const hstack = signedOut("hstack(Tensor[] tensors, *, Tensor? out=None)", hstackOf);

function hstackOf(tensors: readonly Tensor[]): Tensor {
  const list = tensors.map((x) => atleast1d(x));
  return catOf(list, list[0]?.ndim === 1 ? 0 : 1);
}

/** Joined along rows. Option: `out`. Source: torch.vstack. */
export const vstack = signedOut("vstack(Tensor[] tensors, *, Tensor? out=None)", vstackOf);

function vstackOf(tensors: readonly Tensor[]): Tensor {
  return catOf(tensors.map((x) => atleast2d(x)));
}

/** The same as `vstack`. Option: `out`. Source: torch.row_stack. */
export const rowStack = signedOut("rowStack(Tensor[] tensors, *, Tensor? out=None)", vstackOf);

/** Joined along the depth. Option: `out`. Source: torch.dstack. */
export const dstack = signedOut("dstack(Tensor[] tensors, *, Tensor? out=None)", dstackOf);

function dstackOf(tensors: readonly Tensor[]): Tensor {
  return catOf(
    tensors.map((x) => atleast3d(x)),
    2,
  );
}

/** Vectors as columns of a matrix. Option: `out`. Source: torch.column_stack. */
export const columnStack = signedOut("columnStack(Tensor[] tensors, *, Tensor? out=None)", columnStackOf);

function columnStackOf(tensors: readonly Tensor[]): Tensor {
  return hstackOf(tensors.map((x) => (x.ndim <= 1 ? x.reshape(-1, 1) : x)));
}

/** All tensors expanded to their common shape. Source: torch.broadcast_tensors. */
export function broadcastTensors(...tensors: readonly Tensor[]): Tensor[] {
  requireTensors("broadcast_tensors", tensors);
  const sizes = commonShape(tensors.map((x) => x.sizes));
  return tensors.map((x) => x.expand([...sizes]));
}

/** The common shape of shapes. Throws ShapeError when there is none. Source: torch.broadcast_shapes. */
export function broadcastShapes(...shapes: readonly (readonly number[] | number)[]): Size {
  const lists = shapes.map((shape: unknown) => {
    const list: unknown[] = Array.isArray(shape) ? shape : [shape];
    return list.map((size) => {
      if ((typeof size === "number" && Number.isInteger(size)) || typeof size === "boolean") return Number(size);
      throw new ArgumentError(
        `Input shapes should be of type ints, a tuple of ints, or a list of ints, got ${pythonType(size)}`,
      );
    });
  });
  const negative = lists.flat().find((n) => n < 0);
  if (negative !== undefined) {
    throw new ShapeError(`Trying to create tensor with negative dimension (${negative}): (${negative})`);
  }
  try {
    return new Size(commonShape(lists));
  } catch {
    throw new ShapeError("Shape mismatch: objects cannot be broadcast to a single shape");
  }
}

/** Grids of coordinates from vectors. Option: `indexing` "ij" (default) or "xy". Source: torch.meshgrid. */
export function meshgrid(
  ...args: readonly (Tensor | readonly Tensor[] | { indexing?: "ij" | "xy" | null })[]
): Tensor[] {
  const last = args[args.length - 1];
  const options = last instanceof Tensor || Array.isArray(last) ? {} : (last as { indexing?: "ij" | "xy" | null });
  const tensors = args.flatMap((value) =>
    value instanceof Tensor ? [value] : Array.isArray(value) ? (value as Tensor[]) : [],
  );
  if (tensors.length === 0) throw new CressetError("meshgrid expects a non-empty TensorList");
  tensors.forEach((x) => {
    if (x.ndim > 1)
      throw new ShapeError(`torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${text(x.sizes)}`);
  });
  if (tensors.some((x) => x.dtype !== tensors[0].dtype)) {
    throw new DTypeError("meshgrid expects all tensors to have the same dtype");
  }
  const { indexing: asked, ...unknown } = options;
  const indexing = asked ?? "ij";
  requireTensors("meshgrid", Object.keys(unknown).length > 0 ? [...tensors, unknown] : tensors);
  if (indexing !== "ij" && indexing !== "xy") {
    throw new ArgumentError(`torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${String(indexing)}`);
  }
  const swap = indexing === "xy" && tensors.length >= 2;
  const order = swap ? [tensors[1], tensors[0], ...tensors.slice(2)] : tensors;
  const sizes = order.map((x) => x._numel);
  const grids = order.map((x, k) => x.reshape(order.map((_, d) => (d === k ? x._numel : 1))).expand(sizes));
  return swap ? [grids[1], grids[0], ...grids.slice(2)] : grids;
}

/** The dtype of arithmetic between two operands. Source: torch.result_type. */
export const resultType = overloaded<ResultType>(
  ["resultType(Tensor tensor, Tensor|Number other)", resultTypeOf],
  ["resultType(Number scalar, Tensor tensor)", resultTypeOf],
  ["resultType(Number scalar1, Number scalar2)", resultTypeOf],
);

/** The ways to call `resultType`. */
interface ResultType {
  (tensor1: Tensor | Scalar, tensor2: Tensor | Scalar): DType;
  (options: { tensor: Tensor; other: Tensor | Scalar }): DType;
  (options: { scalar: Scalar; tensor: Tensor }): DType;
  (options: { scalar1: Scalar; scalar2: Scalar }): DType;
  (tensor: Tensor, options: { other: Tensor | Scalar }): DType;
}

function resultTypeOf(tensor1: Tensor | Scalar, tensor2: Tensor | Scalar): DType {
  return resultDtype([tensor1, tensor2].map(promotable));
}

/** Whether values of `from` may be stored as `to`: floats never become ints or bools, ints never bools. Source: torch.can_cast. */
export const canCast = signed("canCast(Dtype from, Dtype to)", canCastTo);

/** The smallest dtype that holds numbers of both. Source: torch.promote_types. */
export const promoteTypes = signed("promoteTypes(Dtype type1, Dtype type2)", (type1: DType, type2: DType) =>
  promoted(type1, type2),
);
