// Views of parts: one index, slices, diagonals, windows, and any strides at all.

import { geometryOf, reachOf, throughStrides } from "../../autograd/strided";
import { CressetError, IndexError, ShapeError } from "../../errors";
import { text, wrapDim } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { signed } from "../../arguments/signed";
import { viewing } from "./viewing";

/** The part of one dimension at an index. Source: torch.select. */
export const select = signed("select(Tensor input, int dim, int index)", selectOf);

function selectOf(input: Tensor, dim: number, index: number): Tensor {
  if (input.ndim === 0) throw new IndexError("select() cannot be applied to a 0-dim tensor.");
  const d = wrapDim(dim, input.ndim);
  const size = input.sizes[d];
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
export const slice = signed("slice(Tensor input, int dim=0, int? start=None, int? end=None, int step=1)", sliceOf);

function sliceOf(input: Tensor, dim = 0, start: number | null = null, end: number | null = null, step = 1): Tensor {
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

/** `length` parts of one dimension from `start`. Source: torch.narrow. */
export const narrow = signed("narrow(Tensor input, int dim, int|Tensor start, int length)", narrowOf);

function narrowOf(input: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
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
export const diagonal = signed("diagonal(Tensor input, int offset=0, int dim1=0, int dim2=1)", diagonalOf);

function diagonalOf(input: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
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

/** Any view of the storage: sizes, strides in elements, and where it begins. Source: torch.as_strided. */
export const asStrided = signed(
  "asStrided(Tensor input, int[] size, int[] stride, int? storageOffset=None)",
  asStridedOf,
);

function asStridedOf(
  input: Tensor,
  size: readonly number[],
  stride: readonly number[],
  storageOffset: number | null = null,
): Tensor {
  if (size.length !== stride.length) throw new ShapeError("mismatch in length of strides and shape");
  const offset = storageOffset ?? input.offset;
  if (size.some((n) => n < 0)) throw new ShapeError(`as_strided: Negative sizes are not supported: ${text(size)}`);
  if (stride.some((s) => s < 0))
    throw new ShapeError(`as_strided: Negative strides are not supported at the moment, got strides: ${text(stride)}`);
  const view = { sizes: [...size], strides: [...stride], offset };
  const reach = reachOf({ ...view, offset: 0 });
  const available = Math.floor(input.storage.bytes / input.itemsize);
  if (offset < 0 || (reach > 0 && offset + reach > available)) {
    throw new ShapeError(
      `setStorage: sizes ${text(size)}, strides ${text(stride)}, storage offset ${offset}, and itemsize ${input.itemsize} requiring a storage size of ${(offset + reach) * input.itemsize} are out of bounds for storage of size ${input.storage.bytes}`,
    );
  }
  const base = geometryOf(input);
  return viewing(
    input,
    "AsStridedBackward0",
    () => view,
    (g) => throughStrides(g, base, view),
  );
}

/** Windows of `size` along a dimension, every `step`, as a new last dimension. Source: Tensor.unfold. */
export const unfold = signed("unfold(Tensor input, int dimension, int size, int step)", unfoldOf);

function unfoldOf(input: Tensor, dimension: number, size: number, step: number): Tensor {
  const d = wrapDim(dimension, input.ndim);
  const extent = input.ndim === 0 ? 1 : input.sizes[d];
  if (size > extent) throw new ShapeError(`maximum size for tensor at dimension ${d} is ${extent} but size is ${size}`);
  if (step <= 0) throw new CressetError(`step is ${step} but must be > 0`);
  if (size < 0) throw new ShapeError(`size is ${size} but must be >= 0`);
  const count = Math.floor((extent - size) / step) + 1;
  const { sizes } = input;
  return viewing(
    input,
    "UnfoldBackward0",
    (of) =>
      of.sizes.length === 0
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
