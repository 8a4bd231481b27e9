// Shape arithmetic: broadcasting, strides, dimensions, views. Pure functions over arrays of numbers; no tensor is known here.
// Shape and stride arrays are shared between tensors and never changed after they are made.

import { inspectSymbol } from "../inspect";
import { IndexError, ShapeError } from "../errors";
import { definePlaces } from "./places";

/**
 * A shape as `torch.Size`: an array of numbers that prints as `torch.Size([2, 3])`. Negative indices read from the end. A shape
 * cannot be changed: tensors show the same one to everybody.
 */
export class Size extends Array<number> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** The sizes, in order. */
  constructor(sizes: readonly number[] = []) {
    super();
    for (const n of sizes) this.push(n);
    Object.freeze(this);
  }

  /** The product of all sizes (PyTorch: `torch.Size.numel`). */
  numel(): number {
    return numelOf(this);
  }

  override toString(): string {
    return `torch.Size([${this.join(", ")}])`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

/** Most dimensions that a kernel takes (native/operand.h). */
export const MAX_DIMS = 16;

// Tensors without elements may have more dimensions than a kernel takes, up to PyTorch's 64.
definePlaces(Size.prototype, -64, -1, {
  read(size, place) {
    if (-place > size.length) throw new IndexError("tuple index out of range");
    return size[size.length + place];
  },
  write() {
    throw new TypeError("'torch.Size' object does not support item assignment");
  },
});

/** The number of elements of a shape. */
export function numelOf(shape: readonly number[]): number {
  let n = 1;
  for (let d = 0; d < shape.length; d++) n *= shape[d];
  return n;
}

/** Row-major strides, in elements. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= Math.max(shape[d], 1);
  }
  return strides;
}

/** Whether the strides walk the shape row by row without gaps. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const size = shape[d];
    if (size === 0) return true;
    if (size !== 1) {
      if (strides[d] !== expected) return false;
      expected *= size;
    }
  }
  return true;
}

/** Whether the elements fill their memory once each, in whatever order of dimensions. */
export function isDense(shape: readonly number[], strides: readonly number[]): boolean {
  const order = shape.map((_, d) => d).filter((d) => shape[d] !== 1);
  order.sort((p, q) => strides[p] - strides[q]);
  let expected = 1;
  for (const d of order) {
    if (strides[d] !== expected) return false;
    expected *= shape[d];
  }
  return true;
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return true;
}

/** The shape as messages write it: `[2, 3]`. */
export function text(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** The common shape of two operands. Throws ShapeError in PyTorch's words when a dimension differs. */
export function broadcastPair(a: readonly number[], b: readonly number[]): readonly number[] {
  if (sameShape(a, b)) return a;
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const ndim = Math.max(a.length, b.length);
  const out = new Array<number>(ndim);
  for (let d = ndim - 1; d >= 0; d--) {
    const p = d - ndim + a.length;
    const q = d - ndim + b.length;
    const m = p < 0 ? 1 : a[p];
    const n = q < 0 ? 1 : b[q];
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `The size of tensor a (${m}) must match the size of tensor b (${n}) at non-singleton dimension ${d}`,
      );
    }
    out[d] = m === 1 ? n : m;
  }
  return out;
}

/** Throws ShapeError unless what has the first sizes can be written into what has the others. */
export function checkBroadcast(from: readonly number[], into: readonly number[]): void {
  const shape = broadcastPair(into, from);
  if (sameShape(shape, into)) return;
  throw new ShapeError(`output with shape ${text(into)} doesn't match the broadcast shape ${text(shape)}`);
}

/** The common shape of any number of operands. */
export function broadcastShapes(shapes: readonly (readonly number[])[]): readonly number[] {
  let out: readonly number[] = [];
  for (const shape of shapes) out = broadcastPair(out, shape);
  return out;
}

/** Strides of an operand seen under a larger shape: 0 along every broadcast dimension. */
export function expandStrides(
  shape: readonly number[],
  strides: readonly number[],
  target: readonly number[],
): readonly number[] {
  if (sameShape(shape, target)) return strides;
  const shift = target.length - shape.length;
  const out = new Array<number>(target.length);
  for (let d = 0; d < target.length; d++) {
    const p = d - shift;
    out[d] = p < 0 || (shape[p] === 1 && target[d] !== 1) ? 0 : strides[p];
  }
  return out;
}

/** A dimension counted from the front. Throws IndexError in PyTorch's words when it is out of range. */
export function wrapDim(dim: number, ndim: number): number {
  const range = Math.max(ndim, 1);
  if (!Number.isInteger(dim)) throw new IndexError(`Dimension must be an integer, but got ${dim}`);
  if (dim < -range || dim >= range) {
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-range}, ${range - 1}], but got ${dim})`,
    );
  }
  return dim < 0 ? dim + range : dim;
}

/** As `wrapDim`, but also throws for a tensor of no dimensions, which `wrapDim` takes as one of one dimension. */
export function wrapOwnDim(dim: number, ndim: number): number {
  if (ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
  return wrapDim(dim, ndim);
}

/** Dimensions counted from the front, each once. `null` or an empty list mean all of them. */
export function wrapDims(dims: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (dims === null || dims === undefined) return Array.from({ length: ndim }, (_, d) => d);
  const list = typeof dims === "number" ? [dims] : dims;
  if (list.length === 0) return Array.from({ length: ndim }, (_, d) => d);
  const seen = new Set<number>();
  for (const dim of list) {
    const d = wrapDim(dim, ndim);
    if (seen.has(d)) throw new IndexError(`dim ${d} appears multiple times in the list of dims`);
    seen.add(d);
  }
  return ndim === 0 ? [] : [...seen].sort((a, b) => a - b);
}

/** A shape with one size left out (-1), completed for `numel` elements. Throws ShapeError in PyTorch's words. */
export function inferSize(shape: readonly number[], numel: number): number[] {
  let known = 1;
  let open = -1;
  for (let d = 0; d < shape.length; d++) {
    if (shape[d] === -1) {
      if (open >= 0) throw new ShapeError("only one dimension can be inferred");
      open = d;
    } else if (shape[d] < 0) {
      throw new ShapeError(`invalid shape dimension ${shape[d]}`);
    } else {
      known *= shape[d];
    }
  }
  const fits = open < 0 ? known === numel : known !== 0 && numel % known === 0;
  if (open >= 0 && known === 0) {
    throw new ShapeError(
      numel === 0
        ? `cannot reshape tensor of 0 elements into shape ${text(shape)} because the unspecified dimension size -1 can be any value and is ambiguous`
        : `shape '${text(shape)}' is invalid for input of size ${numel}`,
    );
  }
  if (!fits) throw new ShapeError(`shape '${text(shape)}' is invalid for input of size ${numel}`);
  const out = [...shape];
  if (open >= 0) out[open] = numel / known;
  return out;
}

/** Strides under which the same memory has another shape, or null when only a copy can give it. */
export function viewStrides(
  shape: readonly number[],
  strides: readonly number[],
  target: readonly number[],
): number[] | null {
  const numel = numelOf(shape);
  if (numel === 0) return sameShape(shape, target) ? [...strides] : contiguousStrides(target);
  const out = new Array<number>(target.length);
  let t = target.length - 1;
  let base = shape.length > 0 ? strides[shape.length - 1] : 1;
  let chunk = 1;
  let covered = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    chunk *= shape[d];
    const boundary = d === 0 || (shape[d - 1] !== 1 && strides[d - 1] !== chunk * base);
    if (!boundary) continue;
    while (t >= 0 && (covered < chunk || target[t] === 1)) {
      out[t] = covered * base;
      covered *= target[t];
      t--;
    }
    if (covered !== chunk) return null;
    if (d > 0) {
      base = strides[d - 1];
      chunk = 1;
      covered = 1;
    }
  }
  for (; t >= 0; t--) out[t] = covered * base;
  return out;
}
