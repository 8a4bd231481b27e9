// Pooling layers that give means, and adaptive ones: one row each. Maxima: max-pooling.ts.

import * as adaptive from "../ops/window/pool-adaptive";
import * as pool from "../ops/window/pool";
import type { Spatial } from "../ops/window/spatial";
import type { Tensor } from "../tensor/tensor";
import { type LPPool, lpPool1d, lpPool2d } from "./functional/pool";
import { hidden, layer, type LayerRow } from "./layer";

/** Settings of a window whose stride is the kernel's size unless given. */
function strided<O extends { kernelSize: Spatial; stride: Spatial | null }>(settings: O): O {
  return { ...settings, stride: settings.stride ?? settings.kernelSize };
}

interface AvgOptions {
  kernelSize?: Spatial;
  /** Default the kernel's size. */
  stride?: Spatial | null;
  padding?: Spatial;
  ceilMode?: boolean;
  countIncludePad?: boolean;
}
type AvgArguments = [
  kernelSize: Spatial,
  stride?: Spatial | null,
  padding?: Spatial,
  ceilMode?: boolean,
  countIncludePad?: boolean,
];
const AVERAGE = "int|int[]? stride=None, int|int[] padding=0, bool ceilMode=False, bool countIncludePad=True";

interface DividedOptions extends AvgOptions {
  /** What sums are divided by instead of the number of elements. */
  divisorOverride?: number | null;
}

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

/** Settings that do not print. */
const unseen = { ceilMode: hidden, countIncludePad: hidden };

function avgPool(name: string, run: Averages): LayerRow<DividedOptions> {
  return {
    takes: `def ${name}(int|int[] kernelSize, ${AVERAGE}, int? divisorOverride=None)`,
    shows: { ...unseen, divisorOverride: hidden },
    prepare: strided,
    forward: (x, { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride }) =>
      run(x, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride ?? undefined),
  };
}

/** Means of windows of (N, C, L). Options: `kernelSize`, `stride`, `padding`, `ceilMode`, `countIncludePad`. Source: torch.nn.AvgPool1d. */
export class AvgPool1d extends layer<AvgArguments, AvgOptions>({
  takes: `def AvgPool1d(int|int[] kernelSize, ${AVERAGE})`,
  shows: unseen,
  prepare: ({ kernelSize, stride, padding, ...rest }) => {
    const whole = (value: Spatial) => (typeof value === "number" ? [value] : value);
    return { ...rest, kernelSize: whole(kernelSize), stride: whole(stride ?? kernelSize), padding: whole(padding) };
  },
  forward: (x, { kernelSize, stride, padding, ceilMode, countIncludePad }) =>
    pool.avgPool1d(x, kernelSize, stride, padding, ceilMode, countIncludePad),
}) {}
/** Means of windows of (N, C, H, W). Options as `F.avgPool2d`. Source: torch.nn.AvgPool2d. */
export class AvgPool2d extends layer<[...average: AvgArguments, divisorOverride?: number | null], DividedOptions>(
  avgPool("AvgPool2d", pool.avgPool2d),
) {}
/** Means of windows of (N, C, D, H, W). Options as `F.avgPool3d`. Source: torch.nn.AvgPool3d. */
export class AvgPool3d extends layer<[...average: AvgArguments, divisorOverride?: number | null], DividedOptions>(
  avgPool("AvgPool3d", pool.avgPool3d),
) {}

interface AdaptiveOptions {
  outputSize?: adaptive.OutputSize;
}
type AdaptiveArguments = [outputSize: adaptive.OutputSize];

function adaptivePool(run: (input: Tensor, outputSize: adaptive.OutputSize) => Tensor): LayerRow<AdaptiveOptions> {
  return {
    takes: "def _AdaptiveAvgPoolNd(int|int?[]? outputSize)",
    forward: (x, { outputSize }) => run(x, outputSize),
  };
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
    takes: "def _LPPoolNd(float normType, int|int[] kernelSize, int|int[]? stride=None, bool ceilMode=False)",
    forward: (x, { normType, kernelSize, stride, ceilMode }) => run(x, normType, kernelSize, stride, ceilMode),
  };
}

/** Power means of windows of (N, C, L). Source: torch.nn.LPPool1d. */
export class LPPool1d extends layer<PowerArguments, PowerOptions, "normType" | "kernelSize">(powerPool(lpPool1d)) {}
/** Power means of windows of (N, C, H, W). Source: torch.nn.LPPool2d. */
export class LPPool2d extends layer<PowerArguments, PowerOptions, "normType" | "kernelSize">(powerPool(lpPool2d)) {}
