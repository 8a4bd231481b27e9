// Reductions. A program that ends in a reduction serves sums, products and extremes; positions and variances are kernels of
// their own; the rest is composed.

import { inspect } from "node:util";
import { isRecorded, record } from "../autograd/record";
import { call, contiguousOf, copyOf, fillWith, lazy, run } from "../dispatch";
import { CressetError, DTypeError, IndexError } from "../errors";
import { reduceCodes } from "../native";
import { bool, Category, type DType, getDefaultDtype, int64 } from "../tensor/dtype";
import { contiguousStrides, numelOf, sameShape, wrapDim, wrapDims } from "../tensor/shape";
import { returnTypesText } from "../tensor/print-names";
import { empty, Tensor } from "../tensor/tensor";
import { type Arguments, read } from "./arguments";
import { assemble, type Code, Expr } from "./expr";
import { cat } from "./join";

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

const codes = new Map<string, Code>();

function reduction(name: string): Code {
  let code = codes.get(name);
  if (code === undefined) {
    code = assemble([new Expr("step", "copy", [new Expr("input", "a")])], reduceCodes.get(name));
    codes.set(name, code);
  }
  return code;
}

/** Sizes after reducing: 1 along every reduced dimension. */
function keptSizes(sizes: readonly number[], dims: readonly number[]): number[] {
  return sizes.map((n, d) => (dims.includes(d) ? 1 : n));
}

function droppedSizes(sizes: readonly number[], dims: readonly number[]): number[] {
  return sizes.filter((_, d) => !dims.includes(d));
}

/** The same contiguous elements under other sizes, unrecorded. */
function reshaped(x: Tensor, sizes: readonly number[]): Tensor {
  return x.alias(sizes, contiguousStrides(sizes), x.offset);
}

/** Reduces dimensions, unrecorded; reduced dimensions are kept with size 1. */
function reduceKept(name: string, x: Tensor, dims: readonly number[], dtype: DType): Tensor {
  const out = empty(keptSizes(x.sizes, dims), dtype);
  if (out._numel === 0) return out;
  if (x._numel === 0) {
    fillWith(out, name === "prod" ? 1 : 0);
    return out;
  }
  run(reduction(name), dtype.compute, x.sizes, [x], [], [out]);
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
function restored(t: Tensor, sizes: readonly number[], dims: readonly number[], keepdim: boolean): Tensor {
  const kept = keepdim || sizes.length === 0 ? t : t.reshape(keptSizes(sizes, dims));
  return kept.expand([...sizes]);
}

function finish(out: Tensor, sizes: readonly number[], dims: readonly number[], keepdim: boolean): Tensor {
  return keepdim ? out : reshaped(out, droppedSizes(sizes, dims));
}

type ReduceArguments = Arguments<[dim?: Dims, keepdim?: boolean], ReduceOptions>;

/** sum over dimensions; whole numbers and bools give int64. Options: `dim`, `keepdim`, `dtype`. Source: torch.sum. */
export function sum(input: Tensor, ...args: ReduceArguments): Tensor {
  const { dim, keepdim = false, dtype } = read<ReduceOptions>("sum", args, ["dim", "keepdim"], ["dtype"]);
  const dims = wrapDims(dim, input.ndim);
  const type = dtype ?? (input.dtype.isFloatingPoint ? input.dtype : int64);
  const { sizes } = input;
  const out = finish(reduceKept("sum", input, dims, type), sizes, dims, keepdim);
  record(dim === undefined || dim === null ? "SumBackward0" : "SumBackward1", [input], [out], ([g]) => [
    restored((g as Tensor).to(input.dtype), sizes, dims, keepdim),
  ]);
  return out;
}

/** The arithmetic mean. Throws for whole numbers without `dtype`. Options: `dim`, `keepdim`, `dtype`. Source: torch.mean. */
export function mean(input: Tensor, ...args: ReduceArguments): Tensor {
  const { dim, keepdim = false, dtype } = read<ReduceOptions>("mean", args, ["dim", "keepdim"], ["dtype"]);
  const type = dtype ?? input.dtype;
  if (!type.isFloatingPoint) {
    throw new DTypeError(
      dtype
        ? `mean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: ${type.scalarName}`
        : `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${type.scalarName}`,
    );
  }
  const dims = wrapDims(dim, input.ndim);
  const { sizes } = input;
  const count = numelOf(dims.map((d) => sizes[d]));
  const kept = reduceKept("sum", input, dims, type);
  const out = finish(divided(kept, count), sizes, dims, keepdim);
  record(dim === undefined || dim === null ? "MeanBackward0" : "MeanBackward1", [input], [out], ([g]) => [
    restored((g as Tensor).div(count).to(input.dtype), sizes, dims, keepdim),
  ]);
  return out;
}

const divide = lazy(() => assemble([new Expr("step", "div", [new Expr("input", "a"), new Expr("scalar", "n")])]));

function divided(x: Tensor, count: number): Tensor {
  run(divide(), x.dtype.compute, x.sizes, [x], [count], [x]);
  return x;
}

/** The product. Whole numbers and bools give int64. Options: `dim` (one), `keepdim`, `dtype`. Source: torch.prod. */
export function prod(
  input: Tensor,
  ...args: Arguments<[dim?: number | null, keepdim?: boolean], ReduceOptions>
): Tensor {
  const { dim, keepdim = false, dtype } = read<ReduceOptions>("prod", args, ["dim", "keepdim"], ["dtype"]);
  const type = dtype ?? (input.dtype.isFloatingPoint ? input.dtype : int64);
  const dims = wrapDims(dim, input.ndim);
  const { sizes } = input;
  const out = finish(reduceKept("prod", input, dims, type), sizes, dims, keepdim);
  record(
    dim === undefined || dim === null ? "ProdBackward0" : "ProdBackward1",
    [input],
    [out],
    ([g], [x]) => {
      const grad = restored(g as Tensor, sizes, dims, keepdim);
      return [grad.mul(productOfOthers(x.to(type), dims)).to(input.dtype)];
    },
    [input],
  );
  return out;
}

/** For every element the product of the others along `dims`; exact where elements are 0. */
function productOfOthers(x: Tensor, dims: readonly number[]): Tensor {
  const others = x.sizes.map((_, d) => d).filter((d) => !dims.includes(d));
  const order = [...others, ...dims];
  const rows = x.permute(order);
  const flat = rows.reshape([...others.map((d) => x.sizes[d]), -1]);
  const ones = flat
    .narrow(-1, 0, Math.min(1, flat.sizes[flat.ndim - 1]))
    .mul(0)
    .add(1);
  const n = flat.sizes[flat.ndim - 1];
  const head = n > 0 ? cat([ones, flat.narrow(-1, 0, n - 1)], -1).cumprod(-1) : flat;
  const tail =
    n > 0
      ? cat([ones, flat.narrow(-1, 1, n - 1).flip([-1])], -1)
          .cumprod(-1)
          .flip([-1])
      : flat;
  const product = head.mul(tail).reshape([...rows.sizes]);
  const back = order.map((_, d) => order.indexOf(d));
  return product.permute(back);
}

function extreme(name: "amax" | "amin", node: string) {
  return (input: Tensor, ...args: Arguments<[dim?: Dims, keepdim?: boolean], Omit<ReduceOptions, "dtype">>): Tensor => {
    const { dim, keepdim = false } = read<ReduceOptions>(name, args, ["dim", "keepdim"]);
    const dims = wrapDims(dim, input.ndim);
    requireElements(name, input, dims, dim === undefined || dim === null);
    const { sizes } = input;
    const out = finish(reduceKept(name, input, dims, input.dtype), sizes, dims, keepdim);
    record(
      node,
      [input],
      [out],
      ([g], [x, y]) => {
        const mask = x.eq(restored(y, sizes, dims, keepdim));
        const share = restored(g as Tensor, sizes, dims, keepdim).div(mask.sum(dims, true));
        return [share.where(mask, 0)];
      },
      [input, out],
    );
    return out;
  };
}

function requireElements(name: string, input: Tensor, dims: readonly number[], all: boolean): void {
  if (input._numel > 0 || droppedSizes(input.sizes, dims).includes(0)) return;
  const empty = dims.find((d) => input.sizes[d] === 0);
  if (empty === undefined) return;
  throw new IndexError(
    all
      ? `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`
      : `${name}(): Expected reduction dim ${empty} to have non-zero size.`,
  );
}

/** The largest element; a gradient is shared among equal ones. Options: `dim`, `keepdim`. Source: torch.amax. */
export const amax = extreme("amax", "AmaxBackward0");
/** The smallest element; a gradient is shared among equal ones. Options: `dim`, `keepdim`. Source: torch.amin. */
export const amin = extreme("amin", "AminBackward0");

/** Smallest and largest element together. Options: `dim`, `keepdim`. Source: torch.aminmax. */
export function aminmax(input: Tensor, options: { dim?: number | null; keepdim?: boolean } = {}): [Tensor, Tensor] {
  // PyTorch keeps one dimension of a 0-d tensor here.
  const x = input.ndim === 0 && options.keepdim ? input.reshape([1]) : input;
  return [amin(x, options), amax(x, options)];
}

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
  return (
    input: Tensor,
    ...args: Arguments<[dim?: number | null, keepdim?: boolean], Omit<ReduceOptions, "dtype">>
  ): Tensor => {
    const { dim, keepdim = false } = read<ReduceOptions>(kernel, args, ["dim", "keepdim"]);
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
export const argmax = position("argmax");
/** The position of the smallest element, the first of equal ones; flat without `dim`. Options: `dim`, `keepdim`. Source: torch.argmin. */
export const argmin = position("argmin");

/** Values and positions along a dimension, as PyTorch's named tuples: an array of two that also has `values` and `indices`. */
export type ValuesIndices = [Tensor, Tensor] & { readonly values: Tensor; readonly indices: Tensor };

/** Names the two results of the operation with node `label`, which print as PyTorch's `torch.return_types`. */
export function valuesIndices(values: Tensor, indices: Tensor, label: string): ValuesIndices {
  const call = label.replace(/Backward\d$/, "").toLowerCase();
  const print = () => returnTypesText(call, { values: String(values), indices: String(indices) });
  return Object.defineProperties([values, indices], {
    values: { value: values },
    indices: { value: indices },
    toString: { value: print },
    [inspect.custom]: { value: print },
  }) as ValuesIndices;
}

/** Picks elements along `dim` by kept positions, recorded: the gradient goes back to the positions. */
export function valuesAt(name: string, input: Tensor, dim: number, positions: Tensor, keepdim: boolean): Tensor {
  const { sizes } = input;
  const kept = keptSizes(sizes, [dim]);
  const index = reshaped(contiguousOf(positions), kept);
  const out = empty(kept, input.dtype);
  if (out._numel > 0) call("gather", [out, input, index], [dim]);
  const shaped = keepdim || sizes.length === 0 ? out : reshaped(out, droppedSizes(sizes, [dim]));
  record(name, [input], [shaped], ([g]) => {
    const grad = (g as Tensor).reshape(kept);
    return [empty(sizes, input.dtype).zero_().scatter(dim, index, grad)];
  });
  return shaped;
}

function extremeAlong(name: "max" | "min", kernel: "argmax" | "argmin", pair: () => (a: Tensor, b: Tensor) => Tensor) {
  function overall(input: Tensor): Tensor;
  function overall(input: Tensor, other: Tensor): Tensor;
  function overall(input: Tensor, dim: number | { dim: number; keepdim?: boolean }, keepdim?: boolean): ValuesIndices;
  function overall(input: Tensor, ...args: unknown[]): Tensor | ValuesIndices {
    if (args.length === 0) {
      requireElements(name, input, wrapDims(null, input.ndim), true);
      const { sizes, dtype } = input;
      const dims = wrapDims(null, input.ndim);
      const out = finish(reduceKept(name === "max" ? "amax" : "amin", input, dims, dtype), sizes, dims, false);
      record(
        name === "max" ? "MaxBackward1" : "MinBackward1",
        [input],
        [out],
        ([g], [x, y]) => {
          const mask = x.eq(y);
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
    }
    if (args[0] instanceof Tensor) return pair()(input, args[0]);
    const { dim, keepdim = false } = read<{ dim: number; keepdim?: boolean }>(name, args, ["dim", "keepdim"]);
    const d = wrapDim(dim as number, input.ndim);
    requireElements(name, input, [d], false);
    const indices = positionsAlong(kernel, input, d, keepdim);
    const node = name === "max" ? "MaxBackward0" : "MinBackward0";
    if (input.sizes.length === 0) return valuesIndices(input.clone(), indices, node);
    return valuesIndices(valuesAt(node, input, d, indices, keepdim), indices, node);
  }
  return overall;
}

/** The largest element; with `dim`, `[values, indices]` along it; with a tensor, the larger of two. Source: torch.max. */
export const max = extremeAlong("max", "argmax", () => (a, b) => a.maximum(b));
/** The smallest element; with `dim`, `[values, indices]` along it; with a tensor, the smaller of two. Source: torch.min. */
export const min = extremeAlong("min", "argmin", () => (a, b) => a.minimum(b));

function logical(name: "any" | "all", kernel: "amax" | "amin") {
  return (
    input: Tensor,
    ...args: Arguments<[dim?: number | null, keepdim?: boolean], Omit<ReduceOptions, "dtype">>
  ): Tensor => {
    const { dim, keepdim = false } = read<ReduceOptions>(name, args, ["dim", "keepdim"]);
    const dims = wrapDims(dim, input.ndim);
    const truth = input.dtype === bool ? input : input.ne(0);
    const out = empty(keptSizes(input.sizes, dims), bool);
    if (truth._numel === 0) fillWith(out, name === "all");
    else run(reduction(kernel), bool.compute, truth.sizes, [truth], [], [out]);
    const shaped = finish(out, input.sizes, dims, keepdim);
    // PyTorch answers uint8 with uint8.
    return input.dtype.name === "uint8" ? copyOf(shaped, input.dtype) : shaped;
  };
}

/** Whether any element is nonzero. Options: `dim`, `keepdim`. Source: torch.any. */
export const any = logical("any", "amax");
/** Whether all elements are nonzero. Options: `dim`, `keepdim`. Source: torch.all. */
export const all = logical("all", "amin");

/** How many elements are nonzero. Option: `dim`. Source: torch.count_nonzero. */
export function countNonzero(input: Tensor, ...args: Arguments<[dim?: Dims], { dim?: Dims }>): Tensor {
  const { dim } = read<{ dim?: Dims }>("countNonzero", args, ["dim"]);
  return input.ne(0).sum(dim ?? null);
}

/** Options of variances: `correction` is subtracted from the count (default 1), `unbiased: false` means 0. */
export interface VarianceOptions {
  dim?: Dims;
  unbiased?: boolean;
  correction?: number;
  keepdim?: boolean;
}

function readVariance(name: string, input: Tensor, args: readonly unknown[]) {
  const boolFirst = typeof args[0] === "boolean";
  const options = read<VarianceOptions>(name, args, boolFirst ? ["unbiased"] : ["dim", "unbiased", "keepdim"], [
    "dim",
    "unbiased",
    "correction",
    "keepdim",
  ]);
  if (!input.dtype.isFloatingPoint) throw new DTypeError(`${name} only support floating point and complex dtypes`);
  const correction = options.correction ?? (options.unbiased === false ? 0 : 1);
  return { dims: wrapDims(options.dim, input.ndim), correction, keepdim: options.keepdim ?? false };
}

/** Variance and mean along dimensions, unrecorded, with reduced dimensions kept. */
function moments(x: Tensor, dims: readonly number[], correction: number): { variance: Tensor; mean: Tensor } {
  const kept = x.sizes.map((_, d) => d).filter((d) => !dims.includes(d));
  const order = [...kept, ...dims];
  const source = x.alias(
    order.map((d) => x.sizes[d]),
    order.map((d) => x.strides[d]),
    x.offset,
  );
  const sizes = kept.map((d) => x.sizes[d]);
  const variance = empty(sizes, x.dtype);
  const mean = empty(sizes, x.dtype);
  if (variance._numel > 0) call("moments", [variance, mean, source], [dims.length], [correction]);
  const shape = keptSizes(x.sizes, dims);
  return { variance: reshaped(variance, shape), mean: reshaped(mean, shape) };
}

type VarianceArguments =
  | Arguments<[dim?: Dims, unbiased?: boolean, keepdim?: boolean], VarianceOptions>
  | [unbiased: boolean];

function varianceOf(name: string, input: Tensor, args: readonly unknown[]): { variance: Tensor; mean: Tensor } {
  const { dims, correction, keepdim } = readVariance(name, input, args);
  const { sizes } = input;
  const found = moments(input, dims, correction);
  const variance = finish(found.variance, sizes, dims, keepdim);
  const mean = finish(found.mean, sizes, dims, keepdim);
  const count = numelOf(dims.map((d) => sizes[d]));
  record(
    name === "var" ? "VarBackward0" : "VarMeanBackward0",
    [input],
    [variance, mean],
    ([g, gm], [x]) => {
      const centred = x.sub(x.mean(dims, true));
      const scale = 2 / Math.max(0, count - correction);
      let grad: Tensor | null = null;
      if (g) grad = restored(g, sizes, dims, keepdim).mul(centred).mul(scale);
      if (gm) {
        const share = restored(gm, sizes, dims, keepdim).div(count);
        grad = grad === null ? share : grad.add(share);
      }
      return [grad];
    },
    [input],
  );
  return { variance, mean };
}

function variance(input: Tensor, ...args: VarianceArguments): Tensor {
  return varianceOf("var", input, args).variance;
}
export {
  /** The variance; divides by n − 1 unless `unbiased` is false. Options: `dim`, `unbiased`, `correction`, `keepdim`. Source: torch.var. */
  variance as var,
};

/** Variance and mean together, as `[variance, mean]`. Options as `var`. Source: torch.var_mean. */
export function varMean(input: Tensor, ...args: VarianceArguments): [Tensor, Tensor] {
  const { variance, mean } = varianceOf("var_mean", input, args);
  return [variance, mean];
}

/** The standard deviation. Options as `var`. Source: torch.std. */
export function std(input: Tensor, ...args: VarianceArguments): Tensor {
  const { dims, correction, keepdim } = readVariance("std", input, args);
  const { sizes } = input;
  const count = numelOf(dims.map((d) => sizes[d]));
  const out = finish(moments(input, dims, correction).variance.sqrt(), sizes, dims, keepdim);
  record(
    "StdBackward0",
    [input],
    [out],
    ([g], [x, y]) => {
      const centred = x.sub(x.mean(dims, true));
      const share = (g as Tensor).div(y.mul(Math.max(0, count - correction))).where(y.ne(0), 0);
      return [restored(share, sizes, dims, keepdim).mul(centred)];
    },
    [input, out],
  );
  return out;
}

/** Standard deviation and mean together, as `[std, mean]`. Options as `var`. Source: torch.std_mean. */
export function stdMean(input: Tensor, ...args: VarianceArguments): [Tensor, Tensor] {
  const { variance, mean } = varianceOf("var_mean", input, args);
  return [variance.sqrt(), mean];
}

/** log Σ exp(x) along dimensions, without overflow. Options: `dim`, `keepdim`. Source: torch.logsumexp. */
export function logsumexp(
  input: Tensor,
  ...args: Arguments<[dim: Dims, keepdim?: boolean], { dim?: Dims; keepdim?: boolean }>
): Tensor {
  const { dim, keepdim = false } = read<{ dim?: Dims; keepdim?: boolean }>("logsumexp", args, ["dim", "keepdim"]);
  const x = input.dtype.isFloatingPoint ? input : input.to(getDefaultDtype());
  const dims = wrapDims(dim, x.ndim);
  const { sizes } = x;
  const plain = x.detach();
  let kept: Tensor;
  if (x._numel === 0) kept = plain.exp().sum(dims, true).log();
  else {
    const top = plain.amax(dims, true);
    const shift = top.where(top.isfinite(), 0);
    kept = plain.sub(shift).exp().sum(dims, true).log().add(shift);
  }
  const out = finish(contiguousOf(kept), sizes, dims, keepdim);
  record(
    "LogsumexpBackward0",
    [x],
    [out],
    ([g], [value, y]) => [
      restored(g as Tensor, sizes, dims, keepdim).mul(value.sub(restored(y, sizes, dims, keepdim)).exp()),
    ],
    [x, out],
  );
  return out;
}

/** The mean of elements that are not NaN. Options: `dim`, `keepdim`, `dtype`. Source: torch.nanmean. */
export function nanmean(input: Tensor, ...args: ReduceArguments): Tensor {
  const { dim, keepdim = false, dtype } = read<ReduceOptions>("nanmean", args, ["dim", "keepdim"], ["dtype"]);
  if (!input.dtype.isFloatingPoint) {
    throw new DTypeError(
      `nanmean(): expected input to have floating point or complex dtype but got ${input.dtype.scalarName}`,
    );
  }
  const count = input
    .isnan()
    .logicalNot()
    .sum(dim ?? null, keepdim);
  return nansum(input, { dim, keepdim, dtype }).div(count);
}

/** The sum of elements that are not NaN. Options: `dim`, `keepdim`, `dtype`. Source: torch.nansum. */
export function nansum(input: Tensor, ...args: ReduceArguments): Tensor {
  const { dim, keepdim = false, dtype } = read<ReduceOptions>("nansum", args, ["dim", "keepdim"], ["dtype"]);
  const clean = input.dtype.category === Category.Float ? input.where(input.isnan().logicalNot(), 0) : input;
  return clean.sum(dim ?? null, keepdim, { dtype });
}

/** Order of a norm: a number, infinity, or "fro". */
export type NormOrder = number | "fro" | "nuc";

/** The p-norm of a tensor taken as a vector, over dimensions. Options: `p` (2), `dim`, `keepdim`, `dtype`. Source: torch.norm. */
export function norm(
  input: Tensor,
  ...args: Arguments<
    [p?: NormOrder, dim?: Dims, keepdim?: boolean],
    { p?: NormOrder; dim?: Dims; keepdim?: boolean; dtype?: DType }
  >
): Tensor {
  const {
    p = "fro",
    dim,
    keepdim = false,
    dtype,
  } = read<{ p?: NormOrder; dim?: Dims; keepdim?: boolean; dtype?: DType }>(
    "norm",
    args,
    ["p", "dim", "keepdim"],
    ["dtype"],
  );
  if (!input.dtype.isFloatingPoint && !dtype) {
    throw new DTypeError(
      `norm(): input dtype should be either floating point or complex dtypes. Got ${input.dtype.scalarName} instead.`,
    );
  }
  if (p === "nuc") throw new CressetError("norm(): the nuclear norm is linalg.matrixNorm(x, 'nuc')");
  const order = p === "fro" ? 2 : p;
  const x = dtype ? input.to(dtype) : input;
  const dims = wrapDims(dim, x.ndim);
  const { sizes } = x;
  const out = finish(contiguousOf(normKept(x.detach(), order, dims)), sizes, dims, keepdim);
  record(
    "NormBackward1",
    [x],
    [out],
    ([g], [value, y]) => {
      const grad = restored(g as Tensor, sizes, dims, keepdim);
      const length = restored(y, sizes, dims, keepdim);
      return [normGradient(grad, value, length, order, dims)];
    },
    [x, out],
  );
  return out;
}

function normKept(x: Tensor, p: number, dims: readonly number[]): Tensor {
  const size = x.abs();
  if (p === Number.POSITIVE_INFINITY) return size.amax(dims, true);
  if (p === Number.NEGATIVE_INFINITY) return size.amin(dims, true);
  if (p === 0) return x.ne(0).sum(dims, true).to(x.dtype);
  if (p === 1) return size.sum(dims, true);
  if (p === 2) return x.mul(x).sum(dims, true).sqrt();
  return size
    .pow(p)
    .sum(dims, true)
    .pow(1 / p);
}

function normGradient(grad: Tensor, x: Tensor, y: Tensor, p: number, dims: readonly number[]): Tensor {
  if (p === 0) return grad.mul(0);
  if (p === 1) return grad.mul(x.sign());
  if (p === 2) return grad.mul(x.div(y)).where(y.ne(0), 0);
  if (!Number.isFinite(p)) {
    const mask = x.abs().eq(y);
    return grad.mul(x.sign()).div(mask.sum(dims, true)).where(mask, 0);
  }
  return grad
    .mul(x.sign())
    .mul(x.abs().pow(p - 1))
    .div(y.pow(p - 1))
    .where(y.ne(0).logicalAnd(x.ne(0)), 0);
}
