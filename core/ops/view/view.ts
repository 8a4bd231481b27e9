// Views of the whole: other shapes, other orders of dimensions, broadcasting.

import { signed } from "../../arguments/signed";
import { CressetError, ShapeError } from "../../errors";
import { expandStrides, inferSize, numelOf, text, wrapDim, wrapOwnDim } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { sumToSize as summed } from "../reduce/reduction";
import { permuted, unsafeView, viewAsSizes, viewing } from "./viewing";

/** Another tensor's sizes over the same elements, as `reshape`. Source: Tensor.reshape_as. */
export const reshapeAs = signed("reshapeAs(Tensor input, Tensor other)", reshapeAsOf);

function reshapeAsOf(input: Tensor, other: Tensor): Tensor {
  return reshape(input, [...other.sizes]);
}

/** Another tensor's sizes over the same memory, as `view`. Source: Tensor.view_as. */
export const viewAs = signed("viewAs(Tensor input, Tensor other)", viewAsOf);

function viewAsOf(input: Tensor, other: Tensor): Tensor {
  return input.view([...other.sizes]);
}

/** The same elements in another shape, sharing memory where possible; one size may be −1. Source: torch.reshape. */
export const reshape = signed("reshape(Tensor input, int[]... shape)", reshapeOf);

function reshapeOf(input: Tensor, shape: readonly number[]): Tensor {
  return viewAsSizes(input, shape, "ReshapeAliasBackward0") ?? unsafeView(input.contiguous(), shape);
}

/** One dimension from `startDim` (0) to `endDim` (−1). Source: torch.flatten. */
export const flatten = signed("flatten(Tensor input, int startDim=0, int endDim=-1)", flattenOf);

function flattenOf(input: Tensor, startDim = 0, endDim = -1): Tensor {
  const start = wrapDim(startDim as number, input.ndim);
  const end = wrapDim(endDim as number, input.ndim);
  if (start > end) throw new CressetError("flatten() has invalid args: start_dim cannot come after end_dim");
  const { sizes } = input;
  if (sizes.length === 0) return reshape(input, [1]);
  if (start === end) return input;
  return reshape(input, [...sizes.slice(0, start), numelOf(sizes.slice(start, end + 1)), ...sizes.slice(end + 1)]);
}

/** One dimension out into several; one size may be −1. Source: torch.unflatten. */
export const unflatten = signed("unflatten(Tensor input, int dim, int[] sizes)", unflattenOf);

function unflattenOf(input: Tensor, dim: number, sizes: readonly number[]): Tensor {
  if (sizes.length === 0) throw new ShapeError("unflatten: sizes must be non-empty");
  const d = wrapOwnDim(dim, input.ndim);
  const extent = input.sizes[d];
  if (!sizes.includes(-1) && numelOf(sizes) !== extent) {
    throw new ShapeError(
      `unflatten: Provided sizes ${text(sizes)} don't multiply up to the size of dim ${d} (${extent}) in the input tensor`,
    );
  }
  const inner = inferSize(sizes, extent);
  return input.view([...input.sizes.slice(0, d), ...inner, ...input.sizes.slice(d + 1)]);
}

/** All elements in one dimension: a view of a contiguous tensor, a copy of any other. Source: torch.ravel. */
export const ravel = signed("ravel(Tensor input)", ravelOf);

function ravelOf(input: Tensor): Tensor {
  return input.contiguous().view([-1]);
}

/** Dimensions in another order. Source: torch.permute. */
export const permute = signed("permute(Tensor input, int[]... dims)", permuteOf);

function permuteOf(input: Tensor, dims: readonly number[]): Tensor {
  const order = dims;
  const { ndim } = input;
  if (order.length !== ndim) {
    throw new ShapeError(
      `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${ndim} is not equal to len(dims) = ${order.length}`,
    );
  }
  const wrapped = order.map((d) => wrapDim(d, ndim));
  if (new Set(wrapped).size !== ndim) throw new ShapeError("permute(): duplicate dims are not allowed.");
  return permuted(input, wrapped, "PermuteBackward0");
}

/** Two dimensions swapped. Source: torch.transpose. */
export const transpose = signed("transpose(Tensor input, int dim0, int dim1)", transposeOf);

function transposeOf(input: Tensor, dim0: number, dim1: number): Tensor {
  const p = wrapDim(dim0, input.ndim);
  const q = wrapDim(dim1, input.ndim);
  const order = input.sizes.map((_, d) => (d === p ? q : d === q ? p : d));
  return permuted(input, order, "TransposeBackward0");
}

/** The same as `transpose`. Source: torch.swapaxes. */
export const swapaxes = signed("swapaxes(Tensor input, int axis0, int axis1)", swapaxesOf);

function swapaxesOf(input: Tensor, axis0: number, axis1: number): Tensor {
  return transpose(input, axis0, axis1);
}

/** The same as `transpose`. Source: torch.swapdims. */
export const swapdims = signed("swapdims(Tensor input, int dim0, int dim1)", swapdimsOf);

function swapdimsOf(input: Tensor, dim0: number, dim1: number): Tensor {
  return transpose(input, dim0, dim1);
}

/** A matrix transposed; vectors and 0-d tensors stay. Throws ShapeError beyond two dimensions. Source: torch.t. */
export const t = signed("t(Tensor input)", tOf);

function tOf(input: Tensor): Tensor {
  if (input.ndim > 2) throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${input.ndim}D`);
  return permuted(input, input.ndim < 2 ? input.sizes.map((_, d) => d) : [1, 0], "TBackward0");
}

/** Dimensions moved to other places, the rest in order. Source: torch.movedim. */
export const movedim = signed("movedim(Tensor input, int|int[] source, int|int[] destination)", movedimOf);

function movedimOf(input: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor {
  const [sources, destinations] = [source, destination].map((dims) => (typeof dims === "number" ? [dims] : dims));
  if (sources.length !== destinations.length) {
    throw new ShapeError(
      `movedim: Invalid source or destination dims: source (${text(sources)} dims) should contain the same number of dims as destination (${text(destinations)} dims)`,
    );
  }
  const [from, to] = [sources, destinations].map((dims) => dims.map((d) => wrapDim(d, input.ndim)));
  if (new Set(from).size !== from.length)
    throw new ShapeError(`movedim: repeated dim in \`source\` (${text(sources)})`);
  if (new Set(to).size !== to.length)
    throw new ShapeError(`movedim: repeated dim in \`destination\` (${text(destinations)})`);
  if (input.ndim === 0) return permuted(input, [], "AliasBackward0");
  const order = new Array<number>(input.ndim).fill(-1);
  from.forEach((d, k) => {
    order[to[k]] = d;
  });
  const rest = input.sizes.map((_, d) => d).filter((d) => !from.includes(d));
  return permuted(
    input,
    order.map((d) => (d >= 0 ? d : (rest.shift() as number))),
    "PermuteBackward0",
  );
}

/** The same as `movedim`. Source: torch.moveaxis. */
export const moveaxis = signed("moveaxis(Tensor input, int|int[] source, int|int[] destination)", moveaxisOf);

function moveaxisOf(
  input: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  return movedim(input, source, destination);
}

/** Dimensions of size 1 repeated without memory; −1 keeps a size; new dimensions come in front. Source: Tensor.expand. */
export const expand = signed("expand(Tensor input, int[]... size)", expandOf);

function expandOf(input: Tensor, size: readonly number[]): Tensor {
  const asked = size;
  const shift = asked.length - input.ndim;
  if (shift < 0) {
    throw new ShapeError(
      `expand(torch.${input.dtype.tensorName}{${text(input.sizes)}}, size=${text(asked)}): the number of sizes provided (${asked.length}) must be greater or equal to the number of dimensions in the tensor (${input.ndim})`,
    );
  }
  // Last dimension first, as PyTorch finds what does not fit.
  const target = [...asked];
  for (let d = asked.length - 1; d >= 0; d--) {
    const n = asked[d];
    const own = d < shift ? 1 : input.sizes[d - shift];
    if (n === -1) {
      if (d < shift) {
        throw new ShapeError(
          `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${d}`,
        );
      }
      target[d] = own;
    } else if (own !== 1 && own !== n) {
      throw new ShapeError(
        `The expanded size of the tensor (${n}) must match the existing size (${own}) at non-singleton dimension ${d}.  Target sizes: ${text(asked)}.  Tensor sizes: ${text(input.sizes)}`,
      );
    } else if (n < 0) throw new ShapeError(`invalid shape dimension ${n}`);
  }
  const own = input.sizes;
  return viewing(
    input,
    "ExpandBackward0",
    (of) => ({ sizes: target, strides: expandStrides(of.sizes, of.strides, target), offset: of.offset }),
    (g) => summed(g, own),
  );
}

/** Expanded to another tensor's sizes. Source: Tensor.expand_as. */
export const expandAs = signed("expandAs(Tensor input, Tensor other)", expandAsOf);

function expandAsOf(input: Tensor, other: Tensor): Tensor {
  return expand(input, [...other.sizes]);
}

/** Expanded to sizes. Source: torch.broadcast_to. */
export const broadcastTo = signed("broadcastTo(Tensor input, int[]... size)", broadcastToOf);

function broadcastToOf(input: Tensor, size: readonly number[]): Tensor {
  return expand(input, size);
}

/** Summed down to sizes that it could have been expanded from. Throws ShapeError for others. Source: Tensor.sum_to_size. */
export const sumToSize = signed("sumToSize(Tensor input, int[]... size)", sumToSizeOf);

function sumToSizeOf(input: Tensor, size: readonly number[]): Tensor {
  const target = size;
  const lead = input.ndim - target.length;
  if (lead < 0 || target.some((n, d) => n !== 1 && n !== input.sizes[d + lead])) {
    throw new ShapeError(`size {${text(target)}} is not expandable to size {${text(input.sizes)}}.`);
  }
  if (target.length === 0) return input.sum();
  const sums = lead > 0 || target.some((n, d) => n !== input.sizes[d]);
  return summed(sums && !input.dtype.isFloatingPoint ? input.long() : input, target);
}

/** A dimension of size 1 inserted at `dim`. Source: torch.unsqueeze. */
export const unsqueeze = signed("unsqueeze(Tensor input, int dim)", unsqueezeOf);

function unsqueezeOf(input: Tensor, dim: number): Tensor {
  const d = wrapDim(dim, input.ndim + 1);
  return viewing(
    input,
    "UnsqueezeBackward0",
    (of) => ({
      sizes: [...of.sizes.slice(0, d), 1, ...of.sizes.slice(d)],
      strides: [
        ...of.strides.slice(0, d),
        d < of.sizes.length ? of.sizes[d] * of.strides[d] : 1,
        ...of.strides.slice(d),
      ],
      offset: of.offset,
    }),
    (g) => g.squeeze(d),
  );
}

/** Without dimensions of size 1, or without one of them. Source: torch.squeeze. */
export const squeeze = signed("squeeze(Tensor input, int dim=None)", squeezeOf);

function squeezeOf(input: Tensor, dim?: number): Tensor {
  const gone = dim === undefined ? null : wrapDim(dim, input.ndim);
  const keep = input.sizes.map((n, d) => n !== 1 || (gone !== null && d !== gone));
  const { sizes } = input;
  return viewing(
    input,
    gone === null ? "SqueezeBackward0" : "SqueezeBackward1",
    (of) => ({
      sizes: of.sizes.filter((_, d) => keep[d]),
      strides: of.strides.filter((_, d) => keep[d]),
      offset: of.offset,
    }),
    (g) => g.reshape([...sizes]),
  );
}

/** The same elements in another shape, sharing memory; one size may be −1. Throws ShapeError when only a copy could have it. Source: Tensor.view. */
export const view = signed("view(Tensor input, int[]... size)", viewOf);

function viewOf(input: Tensor, size: readonly number[]): Tensor {
  const target = size;
  const found = viewAsSizes(input, target);
  if (found !== null) return found;
  throw new ShapeError(
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
  );
}

/** A tensor without a graph that shares memory and version. Source: Tensor.detach. */
export const detach = signed("detach(Tensor input)", detachOf);

function detachOf(input: Tensor): Tensor {
  return input.alias(input.sizes, input.strides, input.offset);
}

/** Real tensors are their own conjugate: the tensor itself. Source: torch.resolve_conj. */
export const resolveConj = signed("resolveConj(Tensor input)", resolveConjOf);

function resolveConjOf(input: Tensor): Tensor {
  return input;
}

/** Real tensors are their own conjugate: the tensor itself. Source: torch.conj. */
export const conj = signed("conj(Tensor input)", resolveConjOf);

/** Real tensors are their own conjugate: the tensor itself. Source: torch.conj_physical. */
export const conjPhysical = signed("conjPhysical(Tensor input)", resolveConjOf);

/** Tensors here are never lazily negated: the tensor itself. Source: torch.resolve_neg. */
export const resolveNeg = signed("resolveNeg(Tensor input)", resolveNegOf);

function resolveNegOf(input: Tensor): Tensor {
  return input;
}

/** The real part, which is the tensor itself. Source: torch.real. */
export const real = signed("real(Tensor input)", realOf);

function realOf(input: Tensor): Tensor {
  return input;
}
