// The largest and smallest elements and where they are.

import { overloaded, signed } from "../../arguments/signed";
import { record } from "../../autograd/record";
import { call, contiguousOf, fillWith } from "../../dispatch";
import { int64 } from "../../tensor/dtype";
import { requireNotBool } from "../../tensor/dtype-checks";
import { wrapDim, wrapDims } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { droppedSizes, finish, keptSizes, reduceKept, requireElements, reshaped } from "./reduction";
import { type ValuesIndices, valuesAt, valuesIndices } from "../index/values-indices";

/** The elements moved so that `dim` is last, unrecorded. */
function dimLast(x: Tensor, dim: number): Tensor {
  const order = x.sizes.map((_, d) => d).filter((d) => d !== dim);
  const all = [...order, dim];
  return x.alias(
    all.map((d) => x.sizes[d]),
    all.map((d) => x.strides[d]),
    x.offset,
  );
}

function position(kernel: "argmax" | "argmin") {
  return (input: Tensor, dim: number | null = null, keepdim = false): Tensor => {
    // One element along a dimension is its own extreme, whatever its dtype.
    const single = dim !== null && input.ndim > 0 && input.sizes[wrapDim(dim, input.ndim)] === 1;
    if (!single) requireNotBool(`${kernel}_cpu`, input.dtype);
    if (dim === undefined || dim === null) {
      requireElements(kernel, input, wrapDims(null, input.ndim), true);
      const flat = contiguousOf(input);
      const out = empty([], int64);
      call(kernel, [out, reshaped(flat, [flat._numel])]);
      return keepdim
        ? reshaped(
            out,
            input.sizes.map(() => 1),
          )
        : out;
    }
    const d = wrapDim(dim as number, input.ndim);
    requireElements(kernel, input, [d], false);
    return positionsAlong(kernel, input, d, keepdim);
  };
}

function positionsAlong(kernel: "argmax" | "argmin", input: Tensor, dim: number, keepdim: boolean): Tensor {
  const { sizes } = input;
  if (sizes.length === 0) {
    const out = empty([], int64);
    fillWith(out, 0);
    return out;
  }
  const out = empty(droppedSizes(sizes, [dim]), int64);
  if (out._numel > 0) call(kernel, [out, dimLast(input, dim)]);
  return keepdim ? reshaped(out, keptSizes(sizes, [dim])) : out;
}

/** The position of the largest element, the first of equal ones; flat without `dim`. Options: `dim`, `keepdim`. Source: torch.argmax. */
export const argmax = signed("argmax(Tensor input, int? dim=None, bool keepdim=False)", position("argmax"));

/** The position of the smallest element, the first of equal ones; flat without `dim`. Options: `dim`, `keepdim`. Source: torch.argmin. */
export const argmin = signed("argmin(Tensor input, int? dim=None, bool keepdim=False)", position("argmin"));

function extremeOf(name: "max" | "min") {
  return (input: Tensor): Tensor => {
    const { sizes, dtype } = input;
    const dims = wrapDims(null, input.ndim);
    requireElements(name, input, dims, true);
    const out = finish(reduceKept(name === "max" ? "amax" : "amin", input, dims, dtype), sizes, dims, false);
    record(
      name === "max" ? "MaxBackward1" : "MinBackward1",
      [input],
      [out],
      ([g], [x, y]) => {
        // NaN is the extreme of whatever has one, and equals nothing.
        const mask = y.isnan().item() ? x.isnan() : x.eq(y);
        return [
          (g as Tensor)
            .div(mask.sum())
            .expand([...sizes])
            .where(mask, 0),
        ];
      },
      [input, out],
    );
    return out;
  };
}

function extremeAlong(name: "max" | "min", kernel: "argmax" | "argmin") {
  return (input: Tensor, dim: number, keepdim = false): ValuesIndices => {
    const d = wrapDim(dim, input.ndim);
    requireElements(name, input, [d], false);
    const indices = positionsAlong(kernel, input, d, keepdim);
    const node = name === "max" ? "MaxBackward0" : "MinBackward0";
    return valuesIndices(valuesAt(node, input, d, indices, keepdim), indices, node);
  };
}

/** The ways to call `max` and `min`. */
interface Extreme {
  (input: Tensor): Tensor;
  (input: Tensor, other: Tensor | { other: Tensor }): Tensor;
  (
    input: Tensor,
    dim: number | { dim: number; keepdim?: boolean },
    keepdim?: boolean | { keepdim?: boolean },
  ): ValuesIndices;
  (options: { input: Tensor }): Tensor;
  (options: { input: Tensor; other: Tensor }): Tensor;
  (options: { input: Tensor; dim: number; keepdim?: boolean }): ValuesIndices;
}

/** The largest element; with `dim`, `[values, indices]` along it; with a tensor, the larger of two. Source: torch.max. */
export const max = overloaded<Extreme>(
  ["max(Tensor input)", extremeOf("max")],
  ["max(Tensor input, int dim, bool keepdim=False)", extremeAlong("max", "argmax")],
  ["max(Tensor input, Tensor other)", (input: Tensor, other: Tensor) => input.maximum(other)],
);

/** The smallest element; with `dim`, `[values, indices]` along it; with a tensor, the smaller of two. Source: torch.min. */
export const min = overloaded<Extreme>(
  ["min(Tensor input)", extremeOf("min")],
  ["min(Tensor input, int dim, bool keepdim=False)", extremeAlong("min", "argmin")],
  ["min(Tensor input, Tensor other)", (input: Tensor, other: Tensor) => input.minimum(other)],
);
