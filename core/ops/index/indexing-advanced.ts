// Reading and writing by several index tensors at once, given per dimension of a view. Broadcast, the indexed dimensions moved
// to the front and the place of the result's own dimensions are PyTorch's rules.

import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import { DTypeError, IndexError, ShapeError } from "../../errors";
import { bool, int64, uint8 } from "../../tensor/dtype";
import { broadcastPair, numelOf, sameShape, text } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { zerosOf } from "../../autograd/zeros";
import { requireTruth } from "./index-checks";
import { withoutOverlap, expandedWarning, type Write, written, writtenInPlace } from "../shared/write";

/** Which dimensions index tensors index, and where the result has theirs. */
interface Place {
  /** Indexed dimensions of the view, in order. */
  dims: readonly number[];
  /** The one shape of all index tensors. */
  shape: readonly number[];
  /** Which dimension of the result `shape` begins at. */
  at: number;
}

/** Index tensors ready for the kernel. */
export interface Advanced extends Place {
  /** Positions along each of `dims`, expanded to `shape`. */
  indices: readonly Tensor[];
}

/** Makes index tensors ready. Throws ShapeError when they do not broadcast together. */
export function advance(tensors: readonly (Tensor | null)[]): Advanced {
  const dims = tensors.flatMap((index, d) => (index === null ? [] : [d]));
  const given = dims.map((d) => tensors[d] as Tensor);
  let shape: readonly number[] = [];
  try {
    for (const index of given) shape = broadcastPair(shape, index.sizes);
  } catch {
    throw new ShapeError(
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${given.map((t) => text(t.sizes)).join(", ")}`,
    );
  }
  const indices = given.map((index) => index.detach().expand([...shape]));
  const together = dims[dims.length - 1] - dims[0] === dims.length - 1;
  return { dims, indices, shape, at: together ? dims[0] : 0 };
}

/** Dimensions of the view that no tensor indexes. */
function others(x: Tensor, { dims }: Advanced): number[] {
  return x.sizes.map((_, d) => d).filter((d) => !dims.includes(d));
}

/** The view as the kernel wants it: indexed dimensions first, unrecorded. */
function indexedFirst(x: Tensor, advanced: Advanced): Tensor {
  const order = [...advanced.dims, ...others(x, advanced)];
  return x.alias(
    order.map((d) => x.sizes[d]),
    order.map((d) => x.strides[d]),
    x.offset,
  );
}

/** The sizes of what the indices name. */
export function resultSizes(x: Tensor, advanced: Advanced): number[] {
  const rest = others(x, advanced).map((d) => x.sizes[d]);
  return [...rest.slice(0, advanced.at), ...advanced.shape, ...rest.slice(advanced.at)];
}

/** A tensor of the result's sizes as the kernel wants it: the indices' dimensions first, unrecorded. */
function shapeFirst(result: Tensor, { at, shape }: Advanced): Tensor {
  const order = result.sizes.map((_, d) => d);
  const own = order.splice(at, shape.length);
  const all = [...own, ...order];
  return result.alias(
    all.map((d) => result.sizes[d]),
    all.map((d) => result.strides[d]),
    result.offset,
  );
}

/** Elements at the positions, recorded under `node`. Throws IndexError for a position out of range. */
export function readAdvanced(x: Tensor, advanced: Advanced, node = "IndexBackward0"): Tensor {
  const out = empty(resultSizes(x, advanced), x.dtype);
  const { indices, shape } = advanced;
  // Positions are checked even where nothing is read: an empty remainder does not excuse a wrong index.
  if (numelOf(shape) > 0)
    call("indexGet", [shapeFirst(out, advanced), indexedFirst(x, advanced), ...indices], [indices.length]);
  record(node, [x], [out], readBackward(x.sizes, { dims: advanced.dims, shape, at: advanced.at }), indices);
  return out;
}

function readBackward(sizes: readonly number[], place: Place): Backward {
  return ([g], indices) => {
    const zeros = zerosOf(sizes, (g as Tensor).dtype);
    return [writtenInPlace(zeros, putAdvanced(zeros, { ...place, indices }, g as Tensor, true))];
  };
}

/** A write of `values`, which broadcast to what the indices name. Throws ShapeError and DTypeError in PyTorch's words. */
export function putAdvanced(input: Tensor, advanced: Advanced, values: Tensor, accumulate: boolean): Write {
  const sizes = resultSizes(input, advanced);
  if (values.dtype !== input.dtype) {
    throw new DTypeError(
      `Index put requires the source and destination dtypes match, got ${input.dtype.scalarName} for the destination and ${values.dtype.scalarName} for the source.`,
    );
  }
  const source = stripLeadingOnes(values, sizes.length);
  if (!broadcastsTo(source.sizes, sizes)) {
    throw new ShapeError(
      `shape mismatch: value tensor of shape ${text(values.sizes)} cannot be broadcast to indexing result of shape ${text(sizes)}`,
    );
  }
  const { indices, dims, shape, at } = advanced;
  const place = { dims, shape, at };
  return {
    node: "IndexPutBackward0",
    operands: [values],
    reads: [...indices, values],
    keepsOrder: true,
    expandedWarning: expandedWarning("index_put_", "tensor[indices] = tensor"),
    run(out) {
      if (numelOf(advanced.shape) === 0) return;
      const wide = withoutOverlap(source.detach(), out).expand(sizes);
      call(
        "indexPut",
        [
          indexedFirst(out, advanced),
          shapeFirst(wide, advanced),
          ...indices.map((index) => withoutOverlap(index, out)),
        ],
        [indices.length, accumulate ? 1 : 0],
      );
    },
    backward: putBackward(place, accumulate, source.sizes, values.sizes),
    saved: indices,
  };
}

function putBackward(
  place: Place,
  accumulate: boolean,
  sourceSizes: readonly number[],
  valueSizes: readonly number[],
): Backward {
  return ([g], indices, [own, values]) => {
    const grad = g as Tensor;
    const advanced = { ...place, indices };
    const kept = () => (accumulate ? grad : written(grad, putAdvanced(grad, advanced, grad.newZeros([]), false)));
    const given = () =>
      readAdvanced(grad, advanced)
        .sumToSize([...sourceSizes])
        .reshape([...valueSizes]);
    return [own ? kept() : null, values ? given() : null];
  };
}

function stripLeadingOnes(values: Tensor, ndim: number): Tensor {
  let lead = 0;
  while (values.ndim - lead > ndim && values.sizes[lead] === 1) lead++;
  return lead === 0 ? values : values.alias(values.sizes.slice(lead), values.strides.slice(lead), values.offset);
}

function broadcastsTo(from: readonly number[], to: readonly number[]): boolean {
  if (from.length > to.length) return false;
  try {
    return sameShape(broadcastPair(from, to), to);
  } catch {
    return false;
  }
}

/** Index tensors as `indexPut` gives them: positions or masks, one after the other. */
export function tensorIndices(x: Tensor, indices: readonly (Tensor | null)[]): Advanced {
  const tensors: (Tensor | null)[] = [];
  for (const index of indices) {
    if (index === null || index.dtype === int64) tensors.push(index);
    else if (index.dtype === bool || index.dtype === uint8) tensors.push(...columnsOf(x, index, tensors.length));
    else throw new IndexError("tensors used as indices must be long, byte or bool tensors");
  }
  if (tensors.length > x.ndim) {
    throw new IndexError(`too many indices for tensor of dimension ${x.ndim} (got ${tensors.length})`);
  }
  if (tensors.every((index) => index === null)) throw new IndexError("index_put_(): no position is given");
  return advance(tensors);
}

/** The positions that a mask over dimensions from `dim` on names, for each of them; a mask without dimensions has none. */
function columnsOf(x: Tensor, mask: Tensor, dim: number): Tensor[] {
  requireTruth(mask);
  mask.sizes.forEach((n, d) => {
    if (n !== x.sizes[dim + d]) {
      throw new IndexError(
        `The shape of the mask ${text(mask.sizes)} at index ${d} does not match the shape of the indexed tensor ${text(x.sizes)} at index ${dim + d}`,
      );
    }
  });
  return mask.ndim === 0 ? [] : mask.detach().nonzero({ asTuple: true });
}
