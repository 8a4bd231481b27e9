// Pooling to a given size: window i covers the inputs from ⌊i · in / out⌋ to ⌈(i + 1) · in / out⌉.

import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import { ArgumentError, ShapeError } from "../../errors";
import { int64 } from "../../tensor/dtype";
import { text } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { overloaded, type Signed, signed } from "../../arguments/signed";
import { averaging, derivativeOf, maximaBackward } from "./pool";
import { planesOf } from "./spatial";
import { requireFloat } from "../../tensor/dtype-checks";

/** The wanted size: one number for all spatial dimensions, or one per dimension; null keeps a dimension's size. */
export type OutputSize = number | readonly (number | null)[];

const averageTakes = "f(Tensor input, int|int?[] outputSize)";
const maxTakes = "def f(Tensor input, int|int?[] outputSize, bool returnIndices=False)";

/** Adaptive average pooling of x (N, C, …) or (C, …). */
export type AdaptiveAvgPool = Signed<typeof averageTakes, [input: Tensor, outputSize: OutputSize], Tensor>;

/** Adaptive maximum pooling with positions. */
interface MaximaAndPositions {
  (input: Tensor, outputSize: OutputSize, returnIndices: true | { returnIndices: true }): [Tensor, Tensor];
  (input: Tensor, options: { outputSize: OutputSize; returnIndices: true }): [Tensor, Tensor];
  (options: { input: Tensor; outputSize: OutputSize; returnIndices: true }): [Tensor, Tensor];
}

/** Adaptive maximum pooling of x (N, C, …) or (C, …). */
export type AdaptiveMaxPool = MaximaAndPositions &
  Signed<typeof maxTakes, [input: Tensor, outputSize: OutputSize, returnIndices?: false], Tensor>;

/** The sizes of the result, checked. */
function resultSizes(name: string, s: number, input: Tensor, outputSize: OutputSize, colon: string): number[] {
  if (input.ndim !== s + 1 && input.ndim !== s + 2) {
    throw new ShapeError(
      s === 1
        ? `Expected 2 to 3 dimensions, but got ${input.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for ${name})`
        : `${name}(): Expected ${s + 1}D or ${s + 2}D tensor, but got${colon} ${text(input.sizes)}`,
    );
  }
  const given = typeof outputSize === "number" ? new Array<number>(s).fill(outputSize) : outputSize;
  if (given.length !== s) {
    throw new ArgumentError(
      s === 1
        ? `${name}() argument 'output_size' should contain one int (got ${given.length})`
        : `${name}: output_size must be ${s}`,
    );
  }
  const spatial = input.sizes.slice(-s).map((n, d) => given[d] ?? n);
  if (spatial.some((n) => !Number.isInteger(n) || n < 0)) {
    throw new ArgumentError(
      `${name}: elements of output_size must be greater than or equal to 0 but received {${spatial.join(", ")}}`,
    );
  }
  const first = input.ndim - s - 1;
  for (let d = Math.max(first, input.ndim === s + 2 ? 1 : 0); d < input.ndim; d++) {
    if (input.sizes[d] !== 0) continue;
    throw new ShapeError(
      `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${text(input.sizes)} with dimension ${d} being empty`,
    );
  }
  return [...input.sizes.slice(0, input.ndim - s), ...spatial];
}

function adaptiveAvgPool(s: number, node: string): AdaptiveAvgPool {
  const name = `adaptive_avg_pool${s}d`;
  const run = (input: Tensor, outputSize: OutputSize): Tensor => {
    const sizes = resultSizes(name, s, input, outputSize, "");
    // PyTorch takes the mean of a whole plane by another operation, whose gradient does not depend on the input.
    const whole = sizes.slice(-s).every((n) => n === 1);
    // Of windows of nothing PyTorch does not ask.
    if (whole || !sizes.includes(0))
      requireFloat(s === 3 ? "adaptive_avg_pool3d_cpu" : "adaptive_avg_pool2d", input.dtype);
    const label = whole && s > 1 ? "MeanBackward1" : node;
    const kernels = ["adaptiveAvgPool", "adaptiveAvgPoolBackward"] as const;
    return averaging(kernels, label, input, sizes, s, [], whole ? null : derivativeOf(label));
  };
  return overloaded<AdaptiveAvgPool>([averageTakes.replace("f", `adaptiveAvgPool${s}d`), run]);
}

function adaptiveMaxPool(s: number, node: string): AdaptiveMaxPool {
  const name = `adaptive_max_pool${s}d`;
  const run = (input: Tensor, outputSize: OutputSize, returnIndices = false): Tensor | [Tensor, Tensor] => {
    const sizes = resultSizes(name, s, input, outputSize, ":");
    requireFloat(s === 3 ? "adaptive_max_pool3d_cpu" : "adaptive_max_pool2d", input.dtype);
    const out = empty(sizes, input.dtype);
    const indices = empty(sizes, int64);
    if (out._numel > 0) call("adaptiveMaxPool", [planesOf(out, s), planesOf(indices, s), planesOf(input, s)]);
    record(node, [input], [out], maximaBackward(input.sizes, s, node), [indices], derivativeOf(node));
    return returnIndices ? [out, indices] : out;
  };
  return overloaded<AdaptiveMaxPool>([maxTakes.replace(" f", ` adaptiveMaxPool${s}d`), run]);
}

/** Averages to a given length. Option: `outputSize`. Throws ShapeError for other than 2 or 3 dimensions. Source: F.adaptive_avg_pool1d. */
export const adaptiveAvgPool1d: AdaptiveAvgPool = adaptiveAvgPool(1, "SqueezeBackward1");
/** Averages to a given height and width. Option: `outputSize`. Throws ShapeError for other than 3 or 4 dimensions. Source: F.adaptive_avg_pool2d. */
export const adaptiveAvgPool2d: AdaptiveAvgPool = adaptiveAvgPool(2, "AdaptiveAvgPool2DBackward0");
/** Averages to a given depth, height and width. Option: `outputSize`. Throws ShapeError for other than 4 or 5 dimensions. Source: F.adaptive_avg_pool3d. */
export const adaptiveAvgPool3d: AdaptiveAvgPool = adaptiveAvgPool(3, "AdaptiveAvgPool3DBackward0");
/** Maxima to a given length. Options: `outputSize`, `returnIndices`. Throws ShapeError for other than 2 or 3 dimensions. Source: F.adaptive_max_pool1d. */
export const adaptiveMaxPool1d: AdaptiveMaxPool = adaptiveMaxPool(1, "SqueezeBackward1");
/** Maxima to a given height and width. Options: `outputSize`, `returnIndices`. Throws ShapeError for other than 3 or 4 dimensions. Source: F.adaptive_max_pool2d. */
export const adaptiveMaxPool2d: AdaptiveMaxPool = adaptiveMaxPool(2, "AdaptiveMaxPool2DBackward0");
/** Maxima to a given depth, height and width. Options: `outputSize`, `returnIndices`. Throws ShapeError for other than 4 or 5 dimensions. Source: F.adaptive_max_pool3d. */
export const adaptiveMaxPool3d: AdaptiveMaxPool = adaptiveMaxPool(3, "AdaptiveMaxPool3DBackward0");

/** `adaptiveMaxPool1d` that always gives `[maxima, positions]`: what torch itself calls by the name. Source: torch.adaptive_max_pool1d. */
export const adaptiveMaxPool1dWithIndices = signed(
  "adaptiveMaxPool1d(Tensor input, int|int[] outputSize)",
  (input: Tensor, outputSize: OutputSize): [Tensor, Tensor] => adaptiveMaxPool1d(input, outputSize, true),
);
