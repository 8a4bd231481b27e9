// What writing by position writes: indexAdd, indexCopy, indexFill and put, prepared for both forms.

import type { Backward } from "../../autograd/node";
import { call, contiguousOf, copyInto, fillWith } from "../../dispatch";
import { DTypeError, IndexError, ShapeError } from "../../errors";
import { bool, type Scalar } from "../../tensor/dtype";
import { text, wrapDim } from "../../tensor/shape";
import { scalarFor } from "../../tensor/scalar";
import { empty, Tensor } from "../../tensor/tensor";
import { zerosOf } from "../../autograd/zeros";
import { flatAccess, lifted, numberUnder, partsOver, requireLongAlways, vectorIndex } from "./index-checks";
import { withoutOverlap, expandedWarning, type Write } from "../shared/write";

/** Checks the source of `indexCopy` against the parts of `input` that a vector of positions names. */
function checkParts(input: Tensor, dim: number, count: number, source: Tensor): void {
  const call = "index_copy_()";
  if (source.ndim === 0 && count !== 1) {
    throw new IndexError(`${call}: When source is scalar, index should have one element (got ${count})`);
  }
  if (source.ndim !== input.ndim && source.ndim !== 0 && input.ndim !== 0) {
    throw new IndexError(
      `${call}: When source and destination are not scalars, their dimensionality must match. Source dimensionality (${source.ndim}), destination dimensionality (${input.ndim})`,
    );
  }
  if (input.dtype !== source.dtype) {
    throw new DTypeError(
      `${call}: self and source expected to have the same dtype, but got (self) ${input.dtype.scalarName} and (source) ${source.dtype.scalarName}`,
    );
  }
  const others = (x: Tensor) => x.sizes.filter((_, d) => d !== dim);
  if (text(others(input)) !== text(others(source))) {
    throw new ShapeError(
      `${call}: Source/destination tensor must have same slice shapes. Destination slice shape: ${others(input).join(" ")} at dimension ${dim} and source slice shape: ${others(source).join(" ")} at dimension 0.`,
    );
  }
  if (source.ndim > 0 && count !== source.sizes[dim]) {
    throw new IndexError(
      `${call}: Number of indices (${count}) should be equal to source.size(dim) (${source.sizes[dim]})`,
    );
  }
}

/** Throws IndexError for a position that is not from 0 to `size` − 1: negative ones do not count from the end here. */
function requireWithin(call: string, index: Tensor, dim: number, size: number): void {
  if (index.numel() === 0) return;
  const wrong = index.detach().lt(0).logicalOr(index.detach().ge(size));
  if (!wrong.any().item()) return;
  const first = index.detach().maskedSelect(wrong).select(0, 0).item();
  throw new IndexError(`${call}(): index ${first} is out of bounds for dimension ${dim} with size ${size}`);
}

/** The size of a dimension; a 0-d tensor counts as one. */
function sizeOf(x: Tensor, dim: number): number {
  return x.ndim === 0 ? 1 : x.sizes[dim];
}

/** `indexAdd(input, dim, index, source, alpha)`. */
export function indexAddWrite(input: Tensor, dim: number, index: Tensor, source: Tensor, factor: Scalar = 1): Write {
  const alpha = Number(scalarFor(factor, input.dtype));
  const at = vectorIndex("index_add", index);
  const d = wrapDim(dim, input.ndim);
  if (input.dtype !== source.dtype) {
    throw new DTypeError(
      `index_add_(): self (${input.dtype.scalarName}) and source (${source.dtype.scalarName}) must have the same scalar type`,
    );
  }
  const parts = partsOver("index_add_", input, d, at.numel(), source);
  return {
    node: "IndexAddBackward0",
    operands: [parts],
    reads: [at, source],
    run(out) {
      if (parts._numel > 0)
        call("indexAdd", [lifted(out), withoutOverlap(at, out), lifted(withoutOverlap(parts, out))], [d], [alpha]);
    },
    backward: indexAddBackward(d, alpha, parts.sizes),
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
  const at = vectorIndex("index_copy_", requireLongAlways("index_copy_", index));
  const d = wrapDim(dim, input.ndim);
  checkParts(input, d, at.numel(), source);
  requireWithin("index_copy_", at, d, sizeOf(input, d));
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
  const at = vectorIndex("index_fill_", requireLongAlways("index_fill_", index));
  const d = wrapDim(dim, input.ndim);
  const tensor = value instanceof Tensor ? value : null;
  if (tensor !== null && tensor.ndim !== 0) {
    throw new ShapeError(
      `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${tensor.ndim} dimension(s).`,
    );
  }
  const scalar = numberUnder(value, input.dtype);
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
      if (scalar !== null) fillWith(one, scalar);
      else copyInto(one, tensor as Tensor);
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
  const at = requireLongAlways("put_", index);
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
