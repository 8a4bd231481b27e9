// Variances, standard deviations, norms, and the distance that is the norm of a difference.

import { record, relabel } from "../../autograd/record";
import { contiguousOf } from "../../dispatch";
import { CressetError, DTypeError } from "../../errors";
import type { DType } from "../../tensor/dtype";
import { numelOf, wrapDims } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { type Arguments, read } from "../shared/arguments";
import { type Dims, finish, moments, restored } from "./reduction";

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
  if (!input.dtype.isFloatingPoint) {
    const who = name === "std" || name === "var" ? "std and var" : name;
    throw new DTypeError(`${who} only support floating point and complex dtypes`);
  }
  const correction = options.correction ?? (options.unbiased === false ? 0 : 1);
  return { dims: wrapDims(options.dim, input.ndim), correction, keepdim: options.keepdim ?? false };
}

type VarianceArguments =
  | Arguments<[dim?: Dims, unbiased?: boolean, keepdim?: boolean], VarianceOptions>
  | [unbiased: boolean];

function varianceOf(
  name: "var" | "var_mean" | "std_mean",
  input: Tensor,
  args: readonly unknown[],
): { variance: Tensor; mean: Tensor } {
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
  const { variance, mean } = varianceOf("std_mean", input, args);
  return [variance.sqrt(), mean];
}

/** Order of a norm: a number, infinity, or "fro". */
export type NormOrder = number | "fro" | "nuc";

/** The p-norm of a tensor taken as a vector, over dimensions. Options: `p` (2), `dim`, `keepdim`, `dtype`. Source: torch.norm. */
export function norm(
  input: Tensor,
  ...args: Arguments<
    [p?: NormOrder | null, dim?: Dims, keepdim?: boolean],
    { p?: NormOrder | null; dim?: Dims; keepdim?: boolean; dtype?: DType }
  >
): Tensor {
  const {
    p: asked,
    dim,
    keepdim = false,
    dtype,
  } = read<{ p?: NormOrder | null; dim?: Dims; keepdim?: boolean; dtype?: DType }>(
    "norm",
    args,
    ["p", "dim", "keepdim"],
    ["dtype"],
  );
  const type = dtype ?? input.dtype;
  if (!type.isFloatingPoint) {
    throw new DTypeError(
      `norm(): ${dtype ? "the desired output" : "input"} dtype should be either floating point or complex. Got ${type.scalarName} instead.`,
    );
  }
  const p = asked ?? "fro";
  if (p === "nuc") throw new CressetError("norm(): the nuclear norm is linalg.matrixNorm(x, 'nuc')");
  if (typeof p === "string" && p !== "fro") {
    throw new CressetError(`only valid string values are 'fro' and 'nuc', found ${String(p)}`);
  }
  if (asked === "fro" && Array.isArray(dim) && dim.length > 2) {
    throw new CressetError(`Expected at most 2 dimensions, but got ${dim.length} dimensions instead.`);
  }
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

/** The p-norm of the difference. Option: `p` (2). Source: torch.dist. */
export function dist(input: Tensor, other: Tensor, p: number | { p?: number } = 2): Tensor {
  return relabel(input.sub(other).norm(typeof p === "number" ? p : (p.p ?? 2)), "DistBackward0");
}

function normKept(x: Tensor, p: number, dims: readonly number[]): Tensor {
  const size = x.abs();
  if (!Number.isFinite(p)) {
    if (size.numel() === 0) return size.sum(dims, true);
    return p > 0 ? size.amax(dims, true) : size.amin(dims, true);
  }
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
