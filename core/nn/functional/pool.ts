// Pooling of torch.nn.functional by a power mean, over average pooling.

import { type Arguments, read } from "../../arguments/arguments";
import { avgPool1d, avgPool2d } from "../../ops/window/pool";
import type { Spatial } from "../../ops/window/spatial";
import { getDefaultDtype } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";

/** What power-average pooling takes by name. */
export interface LPPoolOptions {
  /** The power. */
  normType?: number;
  kernelSize?: Spatial;
  /** Default the kernel's size. */
  stride?: Spatial | null;
  ceilMode?: boolean;
}

/** Power-average pooling: (Σ x^p)^(1/p) per window. */
export type LPPool = (
  input: Tensor,
  ...args: Arguments<
    [normType: number, kernelSize: Spatial, stride?: Spatial | null, ceilMode?: boolean],
    LPPoolOptions
  >
) => Tensor;

function lpPool(call: string, dims: number, average: typeof avgPool2d): LPPool {
  return (input, ...args) => {
    const given = read<LPPoolOptions>(call, args, ["normType", "kernelSize", "stride", "ceilMode"]);
    const { normType = 2, kernelSize = 1, stride = null, ceilMode = false } = given;
    const pooled = average(input.pow(normType), kernelSize, stride, 0, ceilMode);
    // PyTorch's last power is that of a float, also where it is 1.
    const mean = pooled.dtype.isFloatingPoint ? pooled : pooled.to(getDefaultDtype());
    const size = typeof kernelSize === "number" ? kernelSize ** dims : kernelSize.reduce((n, k) => n * k, 1);
    return mean
      .sign()
      .mul(mean.abs().relu())
      .mul(size)
      .pow(1 / normType);
  };
}

/** Power-average pooling of (N, C, L). Options: `normType`, `kernelSize`, `stride`, `ceilMode`. Source: torch.nn.functional.lp_pool1d. */
export const lpPool1d: LPPool = lpPool("lp_pool1d", 1, avgPool1d);
/** Power-average pooling of (N, C, H, W). Options: `normType`, `kernelSize`, `stride`, `ceilMode`. Source: torch.nn.functional.lp_pool2d. */
export const lpPool2d: LPPool = lpPool("lp_pool2d", 2, avgPool2d);
