// Views: the same storage under other sizes and strides, with no native call. Each says how its gradient returns, and how to
// take the same view of another tensor, which is what in-place writes and as-strided gradients need.

import { isGradEnabled } from "../autograd/modes";
import { record, relabel } from "../autograd/record";
import { copyInto } from "../dispatch";
import { ArgumentError, CressetError, IndexError, ShapeError } from "../errors";
import { int64 } from "../tensor/dtype";
import { expandStrides, inferSize, numelOf, sameShape, text, viewStrides, wrapDim } from "../tensor/shape";
import { empty, type Tensor } from "../tensor/tensor";
import { type Arguments, read, readSizes, type Sizes } from "./arguments";
import { tensor } from "./create";
import { sumToSize } from "./reduce";

interface Layout {
  sizes: readonly number[];
  strides: readonly number[];
  offset: number;
}

/**
 * A recorded view. `layout` computes it for any tensor of the input's shape and strides; `gradient` gives the input's gradient,
 * or null for the general way: zeros, written through the same view.
 */
function viewing(
  input: Tensor,
  name: string,
  layout: (of: Tensor) => Layout,
  gradient: ((g: Tensor) => Tensor) | null,
): Tensor {
  const { sizes, strides, offset } = layout(input);
  const out = input.alias(sizes, strides, offset);
  const needed = input._state?.requiresGrad ?? false;
  if (!needed && input._state?.view === undefined && !isGradEnabled()) return out;
  const replayed = (base: Tensor): Tensor => viewing(base, name, layout, gradient);
  if (needed) {
    record(name, [input], [out], ([g]) => {
      if (gradient !== null) return [gradient(g as Tensor)];
      return [throughView(g as Tensor, input, replayed)];
    });
  }
  if (isGradEnabled()) {
    const parent = input._state?.view ?? null;
    const base = parent === null ? input : parent.base;
    const replay = parent === null ? replayed : (of: Tensor) => replayed(parent.replay(of));
    const state = out.state();
    state.view = { base, replay, name };
    state.seenGraphVersion = base.state().graphVersion;
  }
  return out;
}

/** Zeros of the input's shape with the gradient written through the view; the gradient's own gradient is the view of it. */
function throughView(grad: Tensor, input: Tensor, replay: (base: Tensor) => Tensor): Tensor {
  const whole = empty(input.sizes, grad.dtype).zero_();
  const region = replay(whole);
  copyInto(region, grad);
  record("ViewBackward0", [grad], [whole], ([g]) => [replay(g as Tensor)]);
  return whole;
}

/** The view with other sizes, or null when only a copy has them. */
function viewAsSizes(input: Tensor, sizes: readonly number[], name = "ViewBackward0"): Tensor | null {
  const target = inferSize(sizes, input._numel);
  const strides = viewStrides(input.sizes, input.strides, target);
  if (strides === null) return null;
  return viewing(
    input,
    name,
    (of) => ({
      sizes: target,
      strides: of === input ? strides : (viewStrides(of.sizes, of.strides, target) as number[]),
      offset: of.offset,
    }),
    (g) => g.reshape([...input.sizes]),
  );
}

/** Another tensor's sizes over the same elements, as `reshape`. Source: Tensor.reshape_as. */
export function reshapeAs(input: Tensor, other: Tensor): Tensor {
  return reshape(input, [...other.sizes]);
}

/** Another tensor's sizes over the same memory, as `view`. Source: Tensor.view_as. */
export function viewAs(input: Tensor, other: Tensor): Tensor {
  return input.view([...other.sizes]);
}

/** The same elements in another shape, sharing memory where possible; one size may be −1. Source: torch.reshape. */
export function reshape(input: Tensor, ...sizes: Sizes<"shape">): Tensor {
  const target = readSizes("reshape", sizes, "shape");
  if (sameShape(target, input.sizes) && input.contiguousNow)
    return viewAsSizes(input, target, "ViewBackward0") as Tensor;
  return (
    viewAsSizes(input, target, "ReshapeAliasBackward0") ??
    (viewAsSizes(input.contiguous(), target, "UnsafeViewBackward0") as Tensor)
  );
}

/** One dimension from `startDim` (0) to `endDim` (−1). Source: torch.flatten. */
export function flatten(
  input: Tensor,
  ...args: Arguments<[startDim?: number, endDim?: number], { startDim?: number; endDim?: number }>
): Tensor {
  const { startDim = 0, endDim = -1 } = read<{ startDim?: number; endDim?: number }>("flatten", args, [
    "startDim",
    "endDim",
  ]);
  const start = wrapDim(startDim as number, input.ndim);
  const end = wrapDim(endDim as number, input.ndim);
  if (start > end) throw new CressetError("flatten() has invalid args: start_dim cannot come after end_dim");
  const { sizes } = input;
  if (sizes.length === 0) return reshape(input, [1]);
  if (start === end) return input;
  return reshape(input, [...sizes.slice(0, start), numelOf(sizes.slice(start, end + 1)), ...sizes.slice(end + 1)]);
}

/** One dimension out into several; one size may be −1. Source: torch.unflatten. */
export function unflatten(input: Tensor, dim: number, sizes: readonly number[]): Tensor {
  const d = wrapDim(dim, input.ndim);
  const inner = inferSize(sizes, input.sizes[d]);
  return input.view([...input.sizes.slice(0, d), ...inner, ...input.sizes.slice(d + 1)]);
}

/** All elements in one dimension. Source: torch.ravel. */
export function ravel(input: Tensor): Tensor {
  return reshape(input, [-1]);
}

/** Dimensions in another order. Source: torch.permute. */
export function permute(input: Tensor, ...dims: Sizes<"dims">): Tensor {
  const order = readSizes("permute", dims, "dims");
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

function permuted(input: Tensor, order: readonly number[], name: string): Tensor {
  const back = order.map((_, d) => order.indexOf(d));
  return viewing(
    input,
    name,
    (of) => ({ sizes: order.map((d) => of.sizes[d]), strides: order.map((d) => of.strides[d]), offset: of.offset }),
    (g) => permuted(g, back, name),
  );
}

/** Two dimensions swapped. Source: torch.transpose. */
export function transpose(
  input: Tensor,
  ...args: Arguments<[dim0: number, dim1: number], { dim0?: number; dim1?: number }>
): Tensor {
  const { dim0 = 0, dim1 = 0 } = read<{ dim0: number; dim1: number }>("transpose", args, ["dim0", "dim1"]);
  const p = wrapDim(dim0, input.ndim);
  const q = wrapDim(dim1, input.ndim);
  const order = input.sizes.map((_, d) => (d === p ? q : d === q ? p : d));
  return permuted(input, order, "TransposeBackward0");
}

/** The same as `transpose`. Source: torch.swapaxes. */
export function swapaxes(input: Tensor, axis0: number, axis1: number): Tensor {
  return transpose(input, axis0, axis1);
}

/** The same as `transpose`. Source: torch.swapdims. */
export function swapdims(input: Tensor, dim0: number, dim1: number): Tensor {
  return transpose(input, dim0, dim1);
}

/** A matrix transposed; vectors and 0-d tensors stay. Throws ShapeError beyond two dimensions. Source: torch.t. */
export function t(input: Tensor): Tensor {
  if (input.ndim > 2) throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${input.ndim}D`);
  return permuted(input, input.ndim < 2 ? input.sizes.map((_, d) => d) : [1, 0], "TBackward0");
}

interface MoveOptions {
  source?: number | readonly number[];
  destination?: number | readonly number[];
}

/** Dimensions moved to other places, the rest in order. Source: torch.movedim. */
export function movedim(
  input: Tensor,
  ...args: Arguments<[source: number | readonly number[], destination: number | readonly number[]], MoveOptions>
): Tensor {
  const { source = [], destination = [] } = read<MoveOptions>("movedim", args, ["source", "destination"]);
  const from = (typeof source === "number" ? [source] : source).map((d) => wrapDim(d, input.ndim));
  const to = (typeof destination === "number" ? [destination] : destination).map((d) => wrapDim(d, input.ndim));
  if (from.length !== to.length) {
    throw new ShapeError(
      `movedim: Invalid source or destination dims: source (${text(from)} dims) should contain the same number of dims as destination (${text(to)} dims)`,
    );
  }
  if (new Set(from).size !== from.length) throw new ShapeError(`movedim: repeated dim in \`source\` (${text(from)})`);
  if (new Set(to).size !== to.length) throw new ShapeError(`movedim: repeated dim in \`destination\` (${text(to)})`);
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
export function moveaxis(
  input: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  return movedim(input, source, destination);
}

/** Dimensions of size 1 repeated without memory; −1 keeps a size; new dimensions come in front. Source: Tensor.expand. */
export function expand(input: Tensor, ...sizes: Sizes<"size">): Tensor {
  const asked = readSizes("expand", sizes);
  const shift = asked.length - input.ndim;
  if (shift < 0) {
    throw new ShapeError(
      `expand(torch.${input.dtype.tensorName}{${text(input.sizes)}}, size=${text(asked)}): the number of sizes provided (${asked.length}) must be greater or equal to the number of dimensions in the tensor (${input.ndim})`,
    );
  }
  const target = asked.map((n, d) => {
    const own = d < shift ? 1 : input.sizes[d - shift];
    if (n === -1) {
      if (d < shift) {
        throw new ShapeError(
          `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${d}`,
        );
      }
      return own;
    }
    if (own !== 1 && own !== n) {
      throw new ShapeError(
        `The expanded size of the tensor (${n}) must match the existing size (${own}) at non-singleton dimension ${d}.  Target sizes: ${text(asked)}.  Tensor sizes: ${text(input.sizes)}`,
      );
    }
    if (n < 0) throw new ShapeError(`invalid shape dimension ${n}`);
    return n;
  });
  return viewing(
    input,
    "ExpandBackward0",
    (of) => ({ sizes: target, strides: expandStrides(of.sizes, of.strides, target), offset: of.offset }),
    (g) => sumToSize(g, input.sizes),
  );
}

/** Expanded to another tensor's sizes. Source: Tensor.expand_as. */
export function expandAs(input: Tensor, other: Tensor): Tensor {
  return expand(input, [...other.sizes]);
}

/** Expanded to sizes. Source: torch.broadcast_to. */
export function broadcastTo(input: Tensor, ...sizes: Sizes<"size">): Tensor {
  return expand(input, readSizes("broadcastTo", sizes));
}

/** Summed down to sizes that it could have been expanded from. Source: Tensor.sum_to_size. */
export function sumToSizes(input: Tensor, ...sizes: Sizes<"size">): Tensor {
  return sumToSize(input, readSizes("sumToSize", sizes));
}

/** A dimension of size 1 inserted at `dim`. Source: torch.unsqueeze. */
export function unsqueeze(input: Tensor, dim: number | { dim: number }): Tensor {
  const d = wrapDim(typeof dim === "object" ? dim.dim : dim, input.ndim + 1);
  return viewing(
    input,
    "UnsqueezeBackward0",
    (of) => ({
      sizes: [...of.sizes.slice(0, d), 1, ...of.sizes.slice(d)],
      strides: [...of.strides.slice(0, d), d < of.ndim ? of.sizes[d] * of.strides[d] : 1, ...of.strides.slice(d)],
      offset: of.offset,
    }),
    (g) => g.squeeze(d),
  );
}

/** Without dimensions of size 1, or without one of them. Source: torch.squeeze. */
export function squeeze(input: Tensor, dim?: number | { dim?: number }): Tensor {
  const only = typeof dim === "object" ? dim.dim : dim;
  const gone = only === undefined || only === null ? null : wrapDim(only, input.ndim);
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

/** The part of one dimension at an index. Source: torch.select. */
export function select(
  input: Tensor,
  ...args: Arguments<[dim: number, index: number], { dim?: number; index?: number }>
): Tensor {
  const { dim = 0, index = 0 } = read<{ dim: number; index: number }>("select", args, ["dim", "index"]);
  if (input.ndim === 0) throw new IndexError("select() cannot be applied to a 0-dim tensor.");
  const d = wrapDim(dim, input.ndim);
  const size = input.sizes[d];
  if (!Number.isInteger(index)) throw new ArgumentError(`select(): argument 'index' must be int, not ${typeof index}`);
  if (index < -size || index >= size) {
    throw new IndexError(
      `select(): index ${index} out of range for tensor of size ${text(input.sizes)} at dimension ${d}`,
    );
  }
  const at = index < 0 ? index + size : index;
  return viewing(
    input,
    "SelectBackward0",
    (of) => ({
      sizes: of.sizes.filter((_, k) => k !== d),
      strides: of.strides.filter((_, k) => k !== d),
      offset: of.offset + at * of.strides[d],
    }),
    null,
  );
}

/** Every `step`-th part of one dimension from `start` up to `end`; bounds are clamped as Python's are. Source: slices of Tensor. */
export function slice(input: Tensor, dim: number, start: number | null, end: number | null, step = 1): Tensor {
  const d = wrapDim(dim, input.ndim);
  const size = input.sizes[d];
  if (step <= 0) throw new CressetError("slice step must be positive");
  const clampTo = (value: number) => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
  const first = clampTo(start ?? 0);
  const last = Math.max(first, clampTo(end ?? size));
  const length = Math.ceil((last - first) / step);
  return viewing(
    input,
    "SliceBackward0",
    (of) => ({
      sizes: of.sizes.map((n, k) => (k === d ? length : n)),
      strides: of.strides.map((s, k) => (k === d ? s * step : s)),
      offset: of.offset + first * of.strides[d],
    }),
    null,
  );
}

interface NarrowOptions {
  dim?: number;
  start?: number | Tensor;
  length?: number;
}

/** `length` parts of one dimension from `start`. Source: torch.narrow. */
export function narrow(
  input: Tensor,
  ...args: Arguments<[dim: number, start: number | Tensor, length: number], NarrowOptions>
): Tensor {
  const { dim = 0, start = 0, length = 0 } = read<NarrowOptions>("narrow", args, ["dim", "start", "length"]);
  if (input.ndim === 0) throw new IndexError("narrow() cannot be applied to a 0-dim tensor.");
  const d = wrapDim(dim, input.ndim);
  const size = input.sizes[d];
  const given = typeof start === "number" ? start : start.item();
  if (length < 0) throw new CressetError("narrow(): length must be non-negative.");
  if (given < -size || given > size) {
    throw new IndexError(`start out of range (expected to be in range of [${-size}, ${size}], but got ${given})`);
  }
  const from = given < 0 ? given + size : given;
  if (from + length > size)
    throw new ShapeError(`start (${from}) + length (${length}) exceeds dimension size (${size}).`);
  return slice(input, d, from, from + length);
}

/** A diagonal of two dimensions, as a new last dimension. Source: torch.diagonal. */
export function diagonal(
  input: Tensor,
  ...args: Arguments<[offset?: number, dim1?: number, dim2?: number], { offset?: number; dim1?: number; dim2?: number }>
): Tensor {
  const given = read<{ offset?: number; dim1?: number; dim2?: number }>("diagonal", args, ["offset", "dim1", "dim2"]);
  const { offset = 0, dim1 = 0, dim2 = 1 } = given;
  const p = wrapDim(dim1, input.ndim);
  const q = wrapDim(dim2, input.ndim);
  if (p === q) throw new ShapeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
  const rows = Math.min(input.sizes[p] + Math.min(offset, 0), input.sizes[q] - Math.max(offset, 0));
  const length = Math.max(0, rows);
  const keep = (_: number, d: number) => d !== p && d !== q;
  return viewing(
    input,
    "DiagonalBackward0",
    (of) => ({
      sizes: [...of.sizes.filter(keep), length],
      strides: [...of.strides.filter(keep), of.strides[p] + of.strides[q]],
      offset: length === 0 ? of.offset : of.offset + (offset >= 0 ? offset * of.strides[q] : -offset * of.strides[p]),
    }),
    null,
  );
}

interface StridedOptions {
  size?: readonly number[];
  stride?: readonly number[];
  storageOffset?: number | null;
}

/** Any view of the storage: sizes, strides in elements, and where it begins. Source: torch.as_strided. */
export function asStrided(
  input: Tensor,
  ...args: Arguments<
    [size: readonly number[], stride: readonly number[], storageOffset?: number | null],
    StridedOptions
  >
): Tensor {
  const given = read<StridedOptions>("asStrided", args, ["size", "stride", "storageOffset"]);
  const { size = [], stride = [], storageOffset } = given;
  if (size.length !== stride.length) throw new ShapeError("mismatch in length of strides and shape");
  const offset = storageOffset ?? input.offset;
  if (size.some((n) => n < 0)) throw new ShapeError(`as_strided: Negative sizes are not supported: ${text(size)}`);
  if (stride.some((s) => s < 0))
    throw new ShapeError(`as_strided: Negative strides are not supported at the moment, got strides: ${text(stride)}`);
  const reach = numelOf(size) === 0 ? 0 : size.reduce((far, n, d) => far + (n - 1) * stride[d], 1);
  const available = Math.floor(input.storage.bytes / input.itemsize);
  if (offset < 0 || offset + reach > available) {
    throw new ShapeError(
      `setStorage: sizes ${text(size)}, strides ${text(stride)}, storage offset ${offset}, and itemsize ${input.itemsize} requiring a storage size of ${(offset + reach) * input.itemsize} are out of bounds for storage of size ${input.storage.bytes}`,
    );
  }
  const shift = offset - input.offset;
  return viewing(
    input,
    "AsStridedBackward0",
    (of) => ({ sizes: [...size], strides: [...stride], offset: of.offset + shift }),
    (g) => stridedGradient(g, input, size, stride, offset),
  );
}

/** Positions of a strided view within its storage, row by row. */
function positions(sizes: readonly number[], strides: readonly number[], offset: number): number[] {
  let all = [offset];
  sizes.forEach((n, d) => {
    all = all.flatMap((at) => Array.from({ length: n }, (_, i) => at + i * strides[d]));
  });
  return all;
}

/** Gradients add up where a strided view shows an element of the input more than once. */
function stridedGradient(
  grad: Tensor,
  input: Tensor,
  size: readonly number[],
  stride: readonly number[],
  offset: number,
): Tensor {
  const own = positions(input.sizes, input.strides, input.offset);
  const seen = positions(size, stride, offset);
  const room = Math.max(0, ...own, ...seen) + 1;
  const memory = empty([room], grad.dtype)
    .zero_()
    .indexAdd(0, tensor(seen, { dtype: int64 }), grad.reshape([-1]));
  return memory.indexSelect(0, tensor(own, { dtype: int64 })).reshape([...input.sizes]);
}

/** Windows of `size` along a dimension, every `step`, as a new last dimension. Source: Tensor.unfold. */
export function unfold(
  input: Tensor,
  ...args: Arguments<
    [dimension: number, size: number, step: number],
    { dimension?: number; size?: number; step?: number }
  >
): Tensor {
  const given = read<{ dimension: number; size: number; step: number }>("unfold", args, ["dimension", "size", "step"]);
  const { dimension = 0, size = 1, step = 1 } = given;
  const d = wrapDim(dimension, input.ndim);
  const extent = input.ndim === 0 ? 1 : input.sizes[d];
  if (size > extent) throw new ShapeError(`maximum size for tensor at dimension ${d} is ${extent} but size is ${size}`);
  if (step <= 0) throw new CressetError(`step is ${step} but must be > 0`);
  const count = Math.floor((extent - size) / step) + 1;
  const { sizes } = input;
  return viewing(
    input,
    "UnfoldBackward0",
    (of) =>
      of.ndim === 0
        ? { sizes: [size], strides: [1], offset: of.offset }
        : {
            sizes: [...of.sizes.map((n, k) => (k === d ? count : n)), size],
            strides: [...of.strides.map((s, k) => (k === d ? s * step : s)), of.strides[d]],
            offset: of.offset,
          },
    (g) => {
      // Windows may overlap: every place inside the window adds its own slice.
      let whole = empty(sizes, g.dtype).zero_();
      for (let i = 0; i < size; i++) {
        const part = empty(sizes, g.dtype).zero_();
        if (sizes.length === 0) part.copy_(g.select(-1, i));
        else slice(part, d, i, i + (count - 1) * step + 1, step).copy_(g.select(-1, i));
        whole = whole.add(part);
      }
      return whole;
    },
  );
}

/** The same elements in another shape, sharing memory; one size may be −1. Throws ShapeError when only a copy could have it. Source: Tensor.view. */
export function view(input: Tensor, ...sizes: Sizes<"size">): Tensor {
  const target = readSizes("view", sizes);
  const found = viewAsSizes(input, target);
  if (found !== null) return found;
  throw new ShapeError(
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
  );
}

/** A tensor without a graph that shares memory and version. Source: Tensor.detach. */
export function detach(input: Tensor): Tensor {
  return input.alias(input.sizes, input.strides, input.offset);
}

/** Parts along one dimension, that dimension removed. Source: torch.unbind. */
export function unbind(input: Tensor, dim: number | { dim?: number } = 0): Tensor[] {
  const d = wrapDim(typeof dim === "number" ? dim : (dim.dim ?? 0), input.ndim);
  if (input.ndim === 0) throw new IndexError("Dimension specified as 0 but tensor has no dimensions");
  return Array.from({ length: input.sizes[d] }, (_, i) => relabel(select(input, d, i), "UnbindBackward0"));
}

/** Parts of the given size, or sizes, along a dimension. Source: torch.split. */
export function split(
  input: Tensor,
  splitSize: number | readonly number[],
  dim: number | { dim?: number } = 0,
): Tensor[] {
  const d = wrapDim(typeof dim === "number" ? dim : (dim.dim ?? 0), input.ndim);
  if (input.ndim === 0) throw new CressetError("split expects at least a 1-dimensional tensor");
  const extent = input.sizes[d];
  let parts: readonly number[];
  if (typeof splitSize === "number") {
    if (splitSize < 0)
      throw new CressetError(`split expects split_size be non-negative, but got split_size=${splitSize}`);
    if (splitSize === 0 && extent !== 0) {
      throw new CressetError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${extent}`);
    }
    const count = splitSize === 0 ? 1 : Math.max(1, Math.ceil(extent / splitSize));
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
  return parts.map((n) => {
    const part = relabel(
      slice(input, d, from, from + n),
      typeof splitSize === "number" ? "SplitBackward0" : "SplitWithSizesBackward0",
    );
    from += n;
    return part;
  });
}

/** Parts of the given sizes along a dimension. Source: torch.split_with_sizes. */
export function splitWithSizes(
  input: Tensor,
  splitSizes: readonly number[],
  dim: number | { dim?: number } = 0,
): Tensor[] {
  return split(input, splitSizes, dim);
}

/** At most `chunks` equal parts along a dimension. Source: torch.chunk. */
export function chunk(input: Tensor, chunks: number, dim: number | { dim?: number } = 0): Tensor[] {
  const d = wrapDim(typeof dim === "number" ? dim : (dim.dim ?? 0), input.ndim);
  if (input.ndim === 0) throw new CressetError("chunk expects at least a 1-dimensional tensor");
  if (chunks <= 0) throw new CressetError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
  const extent = input.sizes[d];
  const size = Math.ceil(extent / chunks);
  if (size === 0) return split(input, new Array<number>(chunks).fill(0), d);
  return split(input, size, d);
}

/** Parts split at positions or into equal sections. Source: torch.tensor_split. */
export function tensorSplit(
  input: Tensor,
  indicesOrSections: number | readonly number[],
  dim: number | { dim?: number } = 0,
): Tensor[] {
  const d = wrapDim(typeof dim === "number" ? dim : (dim.dim ?? 0), input.ndim);
  const extent = input.sizes[d];
  let cuts: number[];
  if (typeof indicesOrSections === "number") {
    const sections = indicesOrSections;
    if (sections <= 0) throw new CressetError(`number of sections must be larger than 0, got ${sections}`);
    const base = Math.floor(extent / sections);
    const extra = extent % sections;
    cuts = Array.from({ length: sections - 1 }, (_, k) => base * (k + 1) + Math.min(k + 1, extra));
  } else cuts = [...indicesOrSections];
  return [0, ...cuts].map((from, k) => slice(input, d, from, k < cuts.length ? cuts[k] : extent));
}

function splitAlong(name: string, dimOf: (x: Tensor) => number, least: number) {
  return (input: Tensor, indicesOrSections: number | readonly number[]): Tensor[] => {
    if (input.ndim < least) {
      throw new ShapeError(
        `torch.${name} requires a tensor with at least ${least} dimension${least > 1 ? "s" : ""}, but got a tensor with ${input.ndim} dimensions!`,
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
}

/** Parts along the columns (dimension 1; 0 of a vector). Source: torch.hsplit. */
export const hsplit = splitAlong("hsplit", (x) => (x.ndim === 1 ? 0 : 1), 1);
/** Parts along the rows (dimension 0). Source: torch.vsplit. */
export const vsplit = splitAlong("vsplit", () => 0, 2);
/** Parts along the depth (dimension 2). Source: torch.dsplit. */
export const dsplit = splitAlong("dsplit", () => 2, 3);

/** Real tensors are their own conjugate: the tensor itself. Source: torch.resolve_conj. */
export function resolveConj(input: Tensor): Tensor {
  return input;
}
/** Tensors here are never lazily negated: the tensor itself. Source: torch.resolve_neg. */
export function resolveNeg(input: Tensor): Tensor {
  return input;
}
/** The real part, which is the tensor itself. Source: torch.real. */
export function real(input: Tensor): Tensor {
  return input;
}
