// Power-average pooling: the p-norm of every window, composed of average pooling.

import { ArgumentError } from "../errors";
import type { Tensor } from "../tensor/tensor";
import { type Arguments, read } from "./arguments";
import { type AvgPool, avgPool1d, avgPool2d } from "./pool";
import type { Spatial } from "./spatial";

/** Options of power-average pooling. */
export interface LpPoolOptions {
  /** The power p. */
  normType?: number;
  /** Size of the window. */
  kernelSize?: Spatial;
  /** Step of the window. Default: its size. */
  stride?: Spatial | null;
  /** Whether windows may stick out at the end. Default false. */
  ceilMode?: boolean;
}

type LpPool = (
  input: Tensor,
  ...args: Arguments<
    [normType: number, kernelSize: Spatial, stride?: Spatial | null, ceilMode?: boolean],
    LpPoolOptions
  >
) => Tensor;

function lpPool(s: number, average: AvgPool): LpPool {
  const name = `lp_pool${s}d`;
  return (input, ...args) => {
    const { normType, kernelSize, stride, ceilMode } = read<LpPoolOptions>(name, args, [
      "normType",
      "kernelSize",
      "stride",
      "ceilMode",
    ]);
    if (normType === undefined || kernelSize === undefined) {
      const missing = normType === undefined ? "norm_type" : "kernel_size";
      throw new ArgumentError(`${name}() missing 1 required positional argument: '${missing}'`);
    }
    const sides = typeof kernelSize === "number" ? [kernelSize] : kernelSize;
    const size = sides.length === s ? sides.reduce((a, b) => a * b, 1) : sides[0] ** s;
    const mean = average(input.pow(normType), { kernelSize, stride, ceilMode });
    return mean
      .sign()
      .mul(mean.abs().relu())
      .mul(size)
      .pow(1 / normType);
  };
}

/** p-norms of windows along one dimension. Options: `LpPoolOptions`. Source: F.lp_pool1d. */
export const lpPool1d: LpPool = lpPool(1, avgPool1d);
/** p-norms of windows along two dimensions. Options: `LpPoolOptions`. Source: F.lp_pool2d. */
export const lpPool2d: LpPool = lpPool(2, avgPool2d);
