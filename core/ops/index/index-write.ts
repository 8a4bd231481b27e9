// What writing by position writes: indexAdd, indexCopy, indexFill and put, prepared for both forms.

import type { Backward } from "../../autograd/node";
import { call, contiguousOf, copyInto, fillWith } from "../../dispatch";
import { DTypeError, IndexError, ShapeError } from "../../errors";
import { bool, type Scalar } from "../../tensor/dtype";
import { text, wrapDim } from "../../tensor/shape";
import { scalarFor } from "../../tensor/scalar";
import { empty, Tensor } from "../../tensor/tensor";
import { zerosOf } from "../../autograd/zeros";
import { flatAccess, requireLong, vectorIndex } from "./index-checks";
import { withoutOverlap, expandedWarning, type Write } from "../shared/write";

/** Checks `source` against the parts of `input` that a vector of positions names. */
function checkParts(call: string, input: Tensor, dim: number, index: Tensor, source: Tensor): void {
  if (input.dtype !== source.dtype)
    throw new DTypeError(
      `${call}(): self and source expected to have the same dtype, but got (self) ${input.dtype.scalarName} and (source) ${source.dtype.scalarName}`,
    );
  const size = source.ndim === 0 ? 1 : source.sizes[dim];
  if (index.numel() !== size) {
    throw new IndexError(
      `${call}(): Number of indices (${index.numel()}) should be equal to source.size(dim): (${size}), for dim: ${dim}`,
    );
  }
  const others = (x: Tensor) => x.sizes.filter((_, d) => d !== dim);
  if (source.ndim > 0 && (input.ndim > 0 || source.ndim > 1) && text(others(input)) !== text(others(source))) {
    throw new ShapeError(
      `${call}(): Source/destination tensor must have same slice shapes. Destination slice shape: ${others(input).join(" ")} at dimension ${dim} and source slice shape: ${others(source).join(" ")} at dimension 0.`,
    );
  }
}

/** The size of a dimension; a 0-d tensor counts as one. */
function sizeOf(x: Tensor, dim: number): number {
  return x.ndim === 0 ? 1 : x.sizes[dim];
}

/** A 0-d tensor as a vector of one, so that kernels find a dimension. */
function lifted(x: Tensor): Tensor {
  return x.ndim === 0 ? x.alias([1], [1], x.offset) : x;
}

/** `indexAdd(input, dim, index, source, alpha)`. */
export function indexAddWrite(input: Tensor, dim: number, index: Tensor, source: Tensor, factor: Scalar = 1): Write {
  const alpha = Number(scalarFor(factor, input.dtype));
  const at = vectorIndex("index_add", index);
  const d = wrapDim(dim, input.ndim);
  checkParts("index_add", input, d, at, source);
  return {
    node: "IndexAddBackward0",
    operands: [source],
    reads: [at, source],
    run(out) {
      if (source._numel > 0)
        call("indexAdd", [lifted(out), withoutOverlap(at, out), lifted(withoutOverlap(source, out))], [d], [alpha]);
    },
    backward: indexAddBackward(d, alpha, source.sizes),
    saved: [[at, 1]],
  };
}

function indexAddBackward(dim: number, alpha: number, sizes: readonly number[]): Backward {
  return ([g], [index], [own, source]) => {
    const part = () =>
      (g as Tensor)
        .indexSelect(dim, index)
        .mul(alpha)
        .reshape([...sizes]);
    return [own ? g : null, source ? part() : null];
  };
}

/** The operand with one dimension first, as the kernels of several index tensors want it. */
function dimFirst(x: Tensor, dim: number): Tensor {
  const order = [dim, ...x.sizes.map((_, d) => d).filter((d) => d !== dim)];
  return x.alias(
    order.map((d) => x.sizes[d]),
    order.map((d) => x.strides[d]),
    x.offset,
  );
}

/** `indexCopy(input, dim, index, source)`. */
export function indexCopyWrite(input: Tensor, dim: number, index: Tensor, source: Tensor): Write {
  const at = vectorIndex("index_copy_", index);
  const d = wrapDim(dim, input.ndim);
  checkParts("index_copy_", input, d, at, source);
  return {
    node: "IndexCopyBackward0",
    operands: [source],
    reads: [at, source],
    run(out) {
      if (source._numel === 0) return;
      const values = dimFirst(lifted(withoutOverlap(source, out)), d);
      call("indexPut", [dimFirst(lifted(out), d), values, withoutOverlap(at, out)], [1, 0]);
    },
    backward: indexCopyBackward(d, source.sizes),
    saved: [at],
  };
}

function indexCopyBackward(dim: number, sizes: readonly number[]): Backward {
  return ([g], [index], [own, source]) => [
    own ? (g as Tensor).indexFill(dim, index, 0) : null,
    source ? (g as Tensor).indexSelect(dim, index).reshape([...sizes]) : null,
  ];
}

/** `indexFill(input, dim, index, value)`; negative positions count from the end. */
export function indexFillWrite(input: Tensor, dim: number, index: Tensor, value: Scalar | Tensor): Write {
  const at = vectorIndex("index_fill_", requireLong("index_fill_", index));
  const d = wrapDim(dim, input.ndim);
  const tensor = value instanceof Tensor ? value : null;
  if (tensor !== null && tensor.ndim !== 0) {
    throw new ShapeError(
      `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${tensor.ndim} dimension(s).`,
    );
  }
  const scalar = value instanceof Tensor ? 0 : scalarFor(value, input.dtype);
  if (input.sizes[d] === 0 && at.numel() > 0 && !input.sizes.some((n, k) => n === 0 && k !== d)) {
    throw new IndexError(`index ${at.tolist()[0]} is out of bounds for dimension ${d} with size 0`);
  }
  return {
    node: tensor === null ? "IndexFillBackward0" : "IndexFillBackward1",
    operands: tensor === null ? [] : [tensor],
    reads: [at],
    keepsOrder: true,
    expandedWarning: expandedWarning("index_fill_", "tensor[mask] = scalar"),
    run(out) {
      const target = dimFirst(lifted(out), d);
      const sizes = [at.numel(), ...target.sizes.slice(1)];
      if (target._numel === 0 || at.numel() === 0) return;
      const one = empty([], out.dtype);
      if (tensor === null) fillWith(one, scalar);
      else copyInto(one, tensor);
      call(
        "indexPut",
        [
          target,
          one.alias(
            sizes,
            sizes.map(() => 0),
            0,
          ),
          withoutOverlap(at, out),
        ],
        [1, 0],
      );
    },
    backward: indexFillBackward(d, sizeOf(input, d)),
    saved: [at],
  };
}

function indexFillBackward(dim: number, size: number): Backward {
  return ([g], [index], [own, value]) => {
    const grad = g as Tensor;
    const filled = () => {
      const mask = zerosOf(grad.ndim === 0 ? [] : grad.sizes.map((n, d) => (d === dim ? n : 1)), bool);
      // A place that is named twice takes the value once.
      return grad.where(mask.indexFill(dim, index.remainder(size), true), 0).sum();
    };
    return [own ? grad.indexFill(dim, index, 0) : null, value ? filled() : null];
  };
}

/** `put(input, index, source, accumulate)`: by flat position. */
export function putWrite(input: Tensor, index: Tensor, source: Tensor, adds = false): Write {
  const at = requireLong("put_", index);
  if (input.dtype !== source.dtype) {
    throw new DTypeError(
      `put_(): self and source expected to have the same dtype, but got self.dtype = ${input.dtype.scalarName} and source.dtype = ${source.dtype.scalarName}`,
    );
  }
  if (at.numel() !== source.numel()) {
    throw new ShapeError(
      `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.numel()}, index.numel() = ${at.numel()}`,
    );
  }
  return {
    node: "PutBackward0",
    operands: [source],
    reads: [at, source],
    keepsOrder: true,
    run(out) {
      if (at.numel() === 0) return;
      const flat = contiguousOf(out);
      const line = flat.alias([flat._numel], [1], flat.offset);
      const values = contiguousOf(withoutOverlap(source, out));
      const positions = contiguousOf(withoutOverlap(at, out));
      const size = [positions._numel];
      flatAccess(line, () =>
        call(
          "indexPut",
          [line, values.alias(size, [1], values.offset), positions.alias(size, [1], positions.offset)],
          [1, adds ? 1 : 0],
        ),
      );
      if (flat !== out) copyInto(out, flat);
    },
    backward: putBackward(adds, source.sizes),
    saved: [at],
  };
}

function putBackward(adds: boolean, sizes: readonly number[]): Backward {
  return ([g], [index], [own, source]) => {
    const grad = g as Tensor;
    const kept = () => (adds ? grad : grad.put(index, zerosOf(sizes, grad.dtype), false));
    return [own ? kept() : null, source ? grad.take(index).reshape([...sizes]) : null];
  };
}
