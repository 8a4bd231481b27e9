// Pooling layers that give means, and adaptive ones: one row each. Maxima: max-pooling.ts.

import * as adaptive from "../ops/window/pool-adaptive";
import * as pool from "../ops/window/pool";
import type { Spatial } from "../ops/window/spatial";
import type { Tensor } from "../tensor/tensor";
import { type LPPool, lpPool1d, lpPool2d } from "./functional/pool";
import { hidden, layer, type LayerClass, type LayerRow, shown } from "./layer";

/** Settings of a window whose stride is the kernel's size unless given. */
function windows<P extends unknown[], O extends { kernelSize?: Spatial; stride?: Spatial | null }>(
  row: LayerRow<O>,
): LayerClass<P, O> {
  return layer<P, O>({
    ...row,
    prepare: (settings) => ({ ...settings, stride: settings.stride ?? settings.kernelSize }),
  });
}

interface AvgOptions {
  kernelSize?: Spatial;
  /** Default the kernel's size. */
  stride?: Spatial | null;
  padding?: Spatial;
  ceilMode?: boolean;
  countIncludePad?: boolean;
  divisorOverride?: number | null;
}
type AvgArguments = [
  kernelSize: Spatial,
  stride?: Spatial | null,
  padding?: Spatial,
  ceilMode?: boolean,
  countIncludePad?: boolean,
  divisorOverride?: number | null,
];

/** Average pooling with all its settings, of which one dimension has no divisor. */
type Averages = (
  input: Tensor,
  kernelSize: Spatial,
  stride?: Spatial | null,
  padding?: Spatial,
  ceilMode?: boolean,
  countIncludePad?: boolean,
  divisorOverride?: number,
) => Tensor;

function avgPool(run: Averages): LayerRow<AvgOptions> {
  return {
    settings: {
      kernelSize: shown(),
      stride: shown(null),
      padding: shown(0),
      ceilMode: hidden(false),
      countIncludePad: hidden(true),
      divisorOverride: hidden(null),
    },
    forward: (x, { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride }) =>
      run(x, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride ?? undefined),
  };
}

/** Means of windows of (N, C, L). Options: `kernelSize`, `stride`, `padding`, `ceilMode`, `countIncludePad`. Source: torch.nn.AvgPool1d. */
export class AvgPool1d extends layer<AvgArguments, AvgOptions>({
  ...avgPool((x, kernelSize, stride, padding, ceilMode, countIncludePad) =>
    pool.avgPool1d(x, kernelSize, stride, padding, ceilMode, countIncludePad),
  ),
  prepare: ({ kernelSize = 1, stride, padding = 0, ...rest }) => {
    const whole = (value: Spatial) => (typeof value === "number" ? [value] : value);
    return { ...rest, kernelSize: whole(kernelSize), stride: whole(stride ?? kernelSize), padding: whole(padding) };
  },
}) {}
/** Means of windows of (N, C, H, W). Options as `F.avgPool2d`. Source: torch.nn.AvgPool2d. */
export class AvgPool2d extends windows<AvgArguments, AvgOptions>(avgPool(pool.avgPool2d)) {}
/** Means of windows of (N, C, D, H, W). Options as `F.avgPool3d`. Source: torch.nn.AvgPool3d. */
export class AvgPool3d extends windows<AvgArguments, AvgOptions>(avgPool(pool.avgPool3d)) {}

interface AdaptiveOptions {
  outputSize?: adaptive.OutputSize;
}
type AdaptiveArguments = [outputSize: adaptive.OutputSize];

function adaptivePool(run: (input: Tensor, outputSize: adaptive.OutputSize) => Tensor): LayerRow<AdaptiveOptions> {
  return { settings: { outputSize: shown() }, forward: (x, { outputSize }) => run(x, outputSize) };
}

/** Means of as many windows as the result has places, (N, C, L). Source: torch.nn.AdaptiveAvgPool1d. */
export class AdaptiveAvgPool1d extends layer<AdaptiveArguments, AdaptiveOptions>(
  adaptivePool(adaptive.adaptiveAvgPool1d),
) {}
/** Means of as many windows as the result has places, (N, C, H, W). Source: torch.nn.AdaptiveAvgPool2d. */
export class AdaptiveAvgPool2d extends layer<AdaptiveArguments, AdaptiveOptions>(
  adaptivePool(adaptive.adaptiveAvgPool2d),
) {}
/** Means of as many windows as the result has places, (N, C, D, H, W). Source: torch.nn.AdaptiveAvgPool3d. */
export class AdaptiveAvgPool3d extends layer<AdaptiveArguments, AdaptiveOptions>(
  adaptivePool(adaptive.adaptiveAvgPool3d),
) {}
interface PowerOptions {
  normType?: number;
  kernelSize?: Spatial;
  stride?: Spatial | null;
  ceilMode?: boolean;
}
type PowerArguments = [normType: number, kernelSize: Spatial, stride?: Spatial | null, ceilMode?: boolean];

function powerPool(run: LPPool): LayerRow<PowerOptions> {
  return {
    settings: { normType: shown(), kernelSize: shown(), stride: shown(null), ceilMode: shown(false) },
    forward: (x, { normType, kernelSize, stride, ceilMode }) => run(x, normType, kernelSize, stride, ceilMode),
  };
}

/** Power means of windows of (N, C, L). Source: torch.nn.LPPool1d. */
export class LPPool1d extends layer<PowerArguments, PowerOptions, "normType" | "kernelSize">(powerPool(lpPool1d)) {}
/** Power means of windows of (N, C, H, W). Source: torch.nn.LPPool2d. */
export class LPPool2d extends layer<PowerArguments, PowerOptions, "normType" | "kernelSize">(powerPool(lpPool2d)) {}
