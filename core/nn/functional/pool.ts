// Pooling of torch.nn.functional by a power mean, over average pooling.

import { overloaded, type Signed } from "../../arguments/signed";
import { avgPool1d, avgPool2d } from "../../ops/window/pool";
import type { Spatial } from "../../ops/window/spatial";
import { getDefaultDtype } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";

/** Power-average pooling: (Σ x^p)^(1/p) per window. */
export type LPPool = Signed<
  typeof poolTakes,
  [input: Tensor, normType: number, kernelSize: Spatial, stride?: Spatial | null, ceilMode?: boolean],
  Tensor
>;

const poolTakes =
  "def pool(Tensor input, float normType, int|int[] kernelSize, int|int[]? stride=None, bool ceilMode=False)";

/** Average pooling. */
type Average = (
  input: Tensor,
  kernelSize: Spatial,
  stride: Spatial | null,
  padding: Spatial,
  ceilMode: boolean,
) => Tensor;

function lpPool(name: string, dims: number, average: Average): LPPool {
  const run = (
    input: Tensor,
    normType: number,
    kernelSize: Spatial,
    stride: Spatial | null = null,
    ceilMode = false,
  ): Tensor => {
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
  return overloaded<LPPool>([poolTakes.replace("pool", name), run]);
}

/** Power-average pooling of (N, C, L). Options: `normType`, `kernelSize`, `stride`, `ceilMode`. Source: torch.nn.functional.lp_pool1d. */
export const lpPool1d: LPPool = lpPool("lpPool1d", 1, avgPool1d);
/** Power-average pooling of (N, C, H, W). Options: `normType`, `kernelSize`, `stride`, `ceilMode`. Source: torch.nn.functional.lp_pool2d. */
export const lpPool2d: LPPool = lpPool("lpPool2d", 2, avgPool2d);
