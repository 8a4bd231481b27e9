// Variances and standard deviations, alone and with means.

import type { Backward } from "../../autograd/node";
import { overloaded } from "../../arguments/signed";
import { record } from "../../autograd/record";
import { DTypeError } from "../../errors";
import { numelOf, wrapDims } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { type Dims, finish, type Moments, moments, restored } from "./reduction";

export type { Dims } from "./reduction";

/** Options of variances: `correction` is subtracted from the count (default 1), `unbiased: false` means 0. */
export interface VarianceOptions {
  dim?: Dims;
  unbiased?: boolean;
  correction?: number;
  keepdim?: boolean;
}

/** How a variance is taken. */
interface Variance {
  dims: readonly number[];
  correction: number;
  keepdim: boolean;
}

/** The ways to call the functions of variances, which give `R`. */
interface Variances<R> {
  (input: Tensor, unbiased?: boolean): R;
  (
    input: Tensor,
    dim: Dims | VarianceOptions,
    unbiased?: boolean | VarianceOptions,
    keepdim?: boolean | VarianceOptions,
  ): R;
  (options: VarianceOptions & { input: Tensor }): R;
}

function varianceOf<R>(name: "var" | "std" | "var_mean" | "std_mean", f: (input: Tensor, how: Variance) => R) {
  const run = (input: Tensor, dim: Dims, correction: number, keepdim = false): R => {
    if (!input.dtype.isFloatingPoint) {
      const who = name.includes("_") ? name : "std and var";
      throw new DTypeError(`${who} only support floating point and complex dtypes`);
    }
    return f(input, { dims: wrapDims(dim, input.ndim), correction, keepdim });
  };
  const call = name.replace("_m", "M");
  return overloaded<Variances<R>>(
    [
      `${call}(Tensor input, bool unbiased=True)`,
      (input: Tensor, unbiased = true): R => run(input, null, unbiased ? 1 : 0),
    ],
    [
      `${call}(Tensor input, int[]|int? dim, bool unbiased=True, bool keepdim=False)`,
      (input: Tensor, dim: Dims, unbiased = true, keepdim = false): R => run(input, dim, unbiased ? 1 : 0, keepdim),
    ],
    [
      `${call}(Tensor input, int[]|int? dim=None, *, int? correction, bool keepdim=False)`,
      (input: Tensor, dim: Dims = null, correction: number | null = null, keepdim = false): R =>
        run(input, dim, correction ?? 1, keepdim),
    ],
  );
}

/** What the derivatives of variances know of the call. */
interface Spread {
  sizes: readonly number[];
  dims: readonly number[];
  keepdim: boolean;
  /** How many elements share a variance, and what their sum of squares was divided by. */
  count: number;
  divisor: number;
}

function spreadOf(input: Tensor, { dims, correction, keepdim }: Variance): Spread {
  const { sizes } = input;
  const count = numelOf(dims.map((d) => sizes[d]));
  return { sizes, dims, keepdim, count, divisor: Math.max(0, count - correction) };
}

function varianceGradient(g: Tensor, x: Tensor, { sizes, dims, keepdim, divisor }: Spread): Tensor {
  return restored(g, sizes, dims, keepdim)
    .mul(x.sub(x.mean(dims, true)))
    .mul(2 / divisor);
}

/** `y`: the standard deviation; where it is 0 so is the gradient. */
function deviationGradient(g: Tensor, x: Tensor, y: Tensor, { sizes, dims, keepdim, divisor }: Spread): Tensor {
  const share = g.div(y.mul(divisor)).where(y.ne(0), 0);
  return restored(share, sizes, dims, keepdim).mul(x.sub(x.mean(dims, true)));
}

function meanGradient(g: Tensor, { sizes, dims, keepdim, count }: Spread): Tensor {
  return restored(g.div(count), sizes, dims, keepdim);
}

/** The gradient through a measure of spread and the mean together, of which either may have none. */
function withMean(own: Tensor | null, gm: Tensor | null, spread: Spread): Tensor | null {
  if (gm === null) return own;
  const viaMean = meanGradient(gm, spread);
  return own === null ? viaMean : own.add(viaMean);
}

function varianceBackward(spread: Spread): Backward {
  return ([g, gm], [x]) => [withMean(g && varianceGradient(g, x, spread), gm ?? null, spread)];
}

function deviationBackward(spread: Spread): Backward {
  return ([g, gm], [x, y]) => [withMean(g && deviationGradient(g, x, y, spread), gm ?? null, spread)];
}

/** Variance, or its root, and mean, in the sizes and the dtype asked for, unrecorded. */
function momentsFor(input: Tensor, { dims, correction, keepdim }: Variance, root = false): Moments {
  const { sizes, dtype } = input;
  const found = moments(input, dims, correction);
  const result = (x: Tensor) => finish(x.to(dtype), sizes, dims, keepdim);
  return { variance: result(root ? found.variance.sqrt() : found.variance), mean: result(found.mean) };
}

const variance = varianceOf("var", (input, how): Tensor => {
  const found = momentsFor(input, how).variance;
  record("VarBackward0", [input], [found], varianceBackward(spreadOf(input, how)), [input]);
  return found;
});

export {
  /** The variance; divides by n − 1 unless `unbiased` is false. Options: `dim`, `unbiased`, `correction`, `keepdim`. Source: torch.var. */
  variance as var,
};

/** Variance and mean together, as `[variance, mean]`. Options as `var`. Source: torch.var_mean. */
export const varMean = varianceOf("var_mean", (input, how): [Tensor, Tensor] => {
  const { variance, mean } = momentsFor(input, how);
  record("VarMeanBackward0", [input], [variance, mean], varianceBackward(spreadOf(input, how)), [input]);
  return [variance, mean];
});

/** The standard deviation. Options as `var`. Source: torch.std. */
export const std = varianceOf("std", (input, how): Tensor => {
  const out = momentsFor(input, how, true).variance;
  record("StdBackward0", [input], [out], deviationBackward(spreadOf(input, how)), [input, out]);
  return out;
});

/** Standard deviation and mean together, as `[std, mean]`. Options as `var`. Source: torch.std_mean. */
export const stdMean = varianceOf("std_mean", (input, how): [Tensor, Tensor] => {
  const { variance: out, mean } = momentsFor(input, how, true);
  record("StdMeanBackward0", [input], [out, mean], deviationBackward(spreadOf(input, how)), [input, out]);
  return [out, mean];
});
