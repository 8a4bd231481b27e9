// What reductions share: the program that ends in one, sizes with and without reduced dimensions, gradients summed to a shape.

import { isRecorded } from "../../autograd/record";
import { call, contiguousOf, copyOf, fillWith, run } from "../../dispatch";
import { IndexError } from "../../errors";
import { reduceCodes } from "../../native";
import type { ReductionName } from "../../wire";
import { deferReduction } from "../../chain";
import { bool, type DType, opmathDtype } from "../../tensor/dtype";
import { contiguousStrides, sameShape } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { assemble, type Code, Expr } from "../../program";

/** Dimensions to reduce: one, several, or null for all. */
export type Dims = number | readonly number[] | null;

/** What most reductions take. */
export interface ReduceOptions {
  /** Dimensions to reduce; default all. */
  dim?: Dims;
  /** Whether reduced dimensions stay, with size 1. Default false. */
  keepdim?: boolean;
  /** The dtype of the result; operands are converted first. */
  dtype?: DType | null;
}

const codes = new Map<ReductionName, Code>();

export function reduction(name: ReductionName): Code {
  let code = codes.get(name);
  if (code === undefined) {
    code = assemble([new Expr("input", "a")], reduceCodes.get(name));
    codes.set(name, code);
  }
  return code;
}

/** Sizes after reducing: 1 along every reduced dimension. */
export function keptSizes(sizes: readonly number[], dims: readonly number[]): number[] {
  return sizes.map((n, d) => (dims.includes(d) ? 1 : n));
}

export function droppedSizes(sizes: readonly number[], dims: readonly number[]): number[] {
  return sizes.filter((_, d) => !dims.includes(d));
}

/** The same contiguous elements under other sizes, unrecorded. */
export function reshaped(x: Tensor, sizes: readonly number[]): Tensor {
  return x.alias(sizes, contiguousStrides(sizes), x.offset);
}

/** Reduces dimensions, unrecorded; reduced dimensions are kept with size 1. */
export function reduceKept(name: ReductionName, x: Tensor, dims: readonly number[], dtype: DType): Tensor {
  const out = empty(keptSizes(x.sizes, dims), dtype);
  if (out._numel === 0) return out;
  if (x._numel === 0) {
    fillWith(out, name === "prod" ? 1 : 0);
    return out;
  }
  // A number is true when it is not 0, and not when what is left of it without a fraction is not 0.
  if (dtype === bool && x.dtype !== bool && (name === "sum" || name === "prod")) x = copyOf(x, bool);
  const code = reduction(name);
  if (!deferReduction(code, dtype.compute, x, out)) run(code, dtype.compute, x.sizes, [x], [], [out]);
  return out;
}

/** A gradient summed to the shape of a broadcast operand; differentiable when recorded. */
export function sumToSize(grad: Tensor, sizes: readonly number[]): Tensor {
  if (sameShape(grad.sizes, sizes)) return grad;
  const lead = grad.sizes.length - sizes.length;
  const dims: number[] = [];
  for (let d = 0; d < grad.sizes.length; d++) {
    if (d < lead || (sizes[d - lead] === 1 && grad.sizes[d] !== 1)) dims.push(d);
  }
  if (isRecorded([grad])) return grad.sum(dims, true).reshape([...sizes]);
  return dims.length === 0
    ? reshaped(contiguousOf(grad), sizes)
    : reshaped(reduceKept("sum", grad, dims, grad.dtype), sizes);
}

/** A reduced result seen under the sizes of the operand, for derivatives. */
export function restored(t: Tensor, sizes: readonly number[], dims: readonly number[], keepdim: boolean): Tensor {
  const kept = keepdim || sizes.length === 0 ? t : t.reshape(keptSizes(sizes, dims));
  return kept.expand([...sizes]);
}

export function finish(out: Tensor, sizes: readonly number[], dims: readonly number[], keepdim: boolean): Tensor {
  return keepdim ? out : reshaped(out, droppedSizes(sizes, dims));
}

export function requireElements(name: string, input: Tensor, dims: readonly number[], all: boolean): void {
  if (input._numel > 0) return;
  const empty = dims.find((d) => input.sizes[d] === 0);
  if (empty === undefined && !all) return;
  throw new IndexError(
    all
      ? `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`
      : `${name}(): Expected reduction dim ${empty} to have non-zero size.`,
  );
}

/** Variance and mean of the same elements. */
export interface Moments {
  variance: Tensor;
  mean: Tensor;
}

/**
 * Variance (divided by n − correction) and mean along dimensions, unrecorded, with reduced dimensions kept; in float32 for half
 * types.
 */
export function moments(x: Tensor, dims: readonly number[], correction: number): Moments {
  const kept = x.sizes.map((_, d) => d).filter((d) => !dims.includes(d));
  const order = [...kept, ...dims];
  const source = x.alias(
    order.map((d) => x.sizes[d]),
    order.map((d) => x.strides[d]),
    x.offset,
  );
  const sizes = kept.map((d) => x.sizes[d]);
  const variance = empty(sizes, opmathDtype(x.dtype));
  const mean = empty(sizes, opmathDtype(x.dtype));
  if (variance._numel > 0) call("moments", [variance, mean, source], [dims.length], [correction]);
  const shape = keptSizes(x.sizes, dims);
  return { variance: reshaped(variance, shape), mean: reshaped(mean, shape) };
}
