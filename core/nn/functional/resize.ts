// Resizing of torch.nn.functional. Every mode but "area" is separable: along each dimension a result is a weighted sum of a few
// inputs, whose positions and weights are computed here.

import { relabel } from "../../autograd/record";
import { ArgumentError, ShapeError } from "../../errors";
import { signed } from "../../arguments/signed";
import { tensor } from "../../ops/create/create";
import { requireImplemented } from "../../tensor/dtype-checks";
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from "../../ops/window/pool-adaptive";
import { float64, int64, uint8 } from "../../tensor/dtype";
import { text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";

/** How values between inputs are found. */
export type ResizeMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "trilinear" | "bicubic" | "area";

/** What `interpolate` takes by name. */
export interface InterpolateOptions {
  /** Spatial sizes of the result. */
  size?: number | readonly number[] | null;
  /** Factors of the spatial sizes, instead of `size`. */
  scaleFactor?: number | readonly number[] | null;
  /** Default "nearest". */
  mode?: ResizeMode;
  /** Whether the corners of input and result coincide. Default false. */
  alignCorners?: boolean | null;
  /** Whether positions follow from the rounded sizes rather than from the factors. Default false. */
  recomputeScaleFactor?: boolean | null;
  /** Whether shrinking averages all inputs; "bilinear" and "bicubic" only. Default false. */
  antialias?: boolean;
}

/** Along one dimension: for every result the positions and weights of its inputs; tap by tap. */
interface Taps {
  positions: number[][];
  weights: number[][];
}

interface Axis {
  from: number;
  to: number;
  /** The factor asked for, or null when only sizes count. */
  factor: number | null;
  alignCorners: boolean;
  /** Rounds to the precision that PyTorch computes positions in. */
  round: (x: number) => number;
}

function scaleOf({ from, to, factor, alignCorners, round }: Axis): number {
  if (alignCorners) return to > 1 ? round((from - 1) / (to - 1)) : 0;
  return factor === null ? round(from / to) : round(1 / factor);
}

const range = (n: number) => Array.from({ length: n }, (_, k) => k);

function nearest(axis: Axis, offset: number): Taps {
  const scale = Math.fround(axis.factor === null ? axis.from / axis.to : 1 / axis.factor);
  const at = range(axis.to).map((k) => Math.min(Math.floor(Math.fround((k + offset) * scale)), axis.from - 1));
  return { positions: [at], weights: [] };
}

/** Where results lie among the inputs. */
function sources(axis: Axis): number[] {
  const scale = scaleOf(axis);
  const { alignCorners, round } = axis;
  return range(axis.to).map((k) => (alignCorners ? round(k * scale) : round(round(scale * (k + 0.5)) - 0.5)));
}

function linear(axis: Axis): Taps {
  const at = sources(axis).map((x) => Math.max(x, 0));
  const first = at.map((x) => Math.min(Math.floor(x), axis.from - 1));
  const second = first.map((k) => Math.min(k + 1, axis.from - 1));
  const share = at.map((x, k) => x - first[k]);
  return { positions: [first, second], weights: [share.map((w) => 1 - w), share] };
}

/** Keys' cubic kernel at a distance. */
function cubicWeight(x: number, a: number): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function cubic(axis: Axis): Taps {
  const at = sources(axis);
  const taps = [-1, 0, 1, 2];
  const clamped = (k: number) => Math.min(Math.max(k, 0), axis.from - 1);
  return {
    positions: taps.map((tap) => at.map((x) => clamped(Math.floor(x) + tap))),
    weights: taps.map((tap) => at.map((x) => cubicWeight(x - Math.floor(x) - tap, -0.75))),
  };
}

/** Kernels that widen with the reduction. */
function antialiased(axis: Axis, reach: number, kernel: (x: number) => number): Taps {
  const scale = scaleOf(axis);
  const stretch = Math.max(scale, 1);
  const support = reach * stretch;
  const rows = range(axis.to).map((k) => {
    const centre = scale * (k + 0.5);
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), axis.from);
    const weights = range(end - start).map((j) => kernel((j + start - centre + 0.5) / stretch));
    const total = weights.reduce((sum, w) => sum + w, 0);
    return { start, weights: weights.map((w) => (total === 0 ? w : w / total)) };
  });
  const most = Math.max(...rows.map((row) => row.weights.length));
  return {
    positions: range(most).map((tap) => rows.map((row) => Math.min(row.start + tap, axis.from - 1))),
    weights: range(most).map((tap) => rows.map((row) => row.weights[tap] ?? 0)),
  };
}

const triangle = (x: number) => Math.max(0, 1 - Math.abs(x));

/** The taps of each mode, and the numbers of spatial dimensions that it takes. */
const MODES: {
  readonly [mode in Exclude<ResizeMode, "area">]: {
    dims: readonly number[];
    name: string;
    taps(axis: Axis): Taps;
    smooth?(axis: Axis): Taps;
  };
} = {
  nearest: { dims: [1, 2, 3], name: "Nearest", taps: (axis) => nearest(axis, 0) },
  "nearest-exact": { dims: [1, 2, 3], name: "NearestExact", taps: (axis) => nearest(axis, 0.5) },
  linear: { dims: [1], name: "Linear", taps: linear },
  bilinear: { dims: [2], name: "Bilinear", taps: linear, smooth: (axis) => antialiased(axis, 1, triangle) },
  trilinear: { dims: [3], name: "Trilinear", taps: linear },
  bicubic: {
    dims: [2],
    name: "Bicubic",
    taps: cubic,
    smooth: (axis) => antialiased(axis, 2, (x) => cubicWeight(x, -0.5)),
  },
};

/** Weighted sums of inputs along one dimension. */
function resampled(input: Tensor, dim: number, { positions, weights }: Taps): Tensor {
  const picked = positions.map((at) => input.indexSelect(dim, tensor(at, { dtype: int64 })));
  if (weights.length === 0) return picked[0];
  const shape = input.sizes.map((_, d) => (d === dim ? -1 : 1));
  return picked
    .map((part, tap) => part.mul(tensor(weights[tap], { dtype: input.dtype }).reshape(shape)))
    .reduce((sum, part) => sum.add(part));
}

function listed(value: number | readonly number[], dims: number, what: string): readonly number[] {
  if (typeof value === "number") return new Array<number>(Math.max(dims, 0)).fill(value);
  if (value.length !== dims) {
    throw new ArgumentError(
      `Input and output must have the same number of spatial dimensions, but got input with ${dims} spatial dimensions and ${what} of ${text(value)}.`,
    );
  }
  return value;
}

/**
 * (N, C, …) with other spatial sizes. Options: `size` or `scaleFactor`, `mode` ("nearest"), `alignCorners`,
 * `recomputeScaleFactor`, `antialias`. Throws ArgumentError when they do not fit. Source: torch.nn.functional.interpolate.
 */
export const interpolate = signed(
  "def interpolate(Tensor input, int|int[]? size=None, float|float[]? scaleFactor=None, str mode=nearest, bool? alignCorners=None, bool? recomputeScaleFactor=None, bool antialias=False)",
  interpolateOf,
);

function interpolateOf(
  input: Tensor,
  size: number | readonly number[] | null = null,
  scaleFactor: number | readonly number[] | null = null,
  mode: ResizeMode = "nearest",
  alignCorners: boolean | null = null,
  recomputeScaleFactor: boolean | null = null,
  antialias = false,
): Tensor {
  const dims = input.ndim - 2;
  if (size !== null && scaleFactor !== null)
    throw new ArgumentError("only one of size or scale_factor should be defined");
  if (size === null && scaleFactor === null) throw new ArgumentError("either size or scale_factor should be defined");
  if (alignCorners !== null && !/linear|bicubic/.test(mode)) {
    throw new ArgumentError(
      "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
    );
  }
  const spatial = input.sizes.slice(2);
  const factors = scaleFactor === null ? null : listed(scaleFactor, dims, "scale_factor");
  const sizes =
    size !== null ? listed(size, dims, "output size") : spatial.map((n, d) => Math.floor(n * (factors?.[d] ?? 1)));
  const kept = recomputeScaleFactor === true ? null : factors;
  if (mode !== "area" && (sizes.some((n) => n <= 0) || spatial.includes(0))) {
    const named = (list: readonly number[]) =>
      list.map((n, d) => `${["D", "H", "W"].slice(-dims)[d]}: ${n}`).join(", ");
    throw new ShapeError(
      `Input and output sizes should be greater than 0, but got input (${named(spatial)}) and output (${named(sizes)})`,
    );
  }
  if (mode === "area") {
    if (dims === 1) return adaptiveAvgPool1d(input, sizes);
    if (dims === 2) return adaptiveAvgPool2d(input, sizes);
    if (dims === 3) return adaptiveAvgPool3d(input, sizes);
  }
  const row = mode === "area" ? undefined : MODES[mode];
  if (row === undefined || !row.dims.includes(dims)) {
    throw new ArgumentError(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${input.ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got ${mode})`,
    );
  }
  if (antialias && row.smooth === undefined) {
    throw new ArgumentError("Anti-alias option is only supported for bilinear and bicubic modes");
  }
  const copies = row.name.startsWith("Nearest");
  requireImplemented(
    copies ? `upsample_nearest${dims}d_channels_last` : `compute_indices_weights_${row.name.toLowerCase()}`,
    input.dtype,
    input.dtype.isFloatingPoint || (copies && input.dtype === uint8),
  );
  const round = input.dtype === float64 ? (x: number) => x : Math.fround;
  let out = input;
  sizes.forEach((to, d) => {
    const axis = { from: spatial[d], to, factor: kept?.[d] ?? null, alignCorners: alignCorners ?? false, round };
    out = resampled(out, d + 2, antialias && row.smooth ? row.smooth(axis) : row.taps(axis));
  });
  return relabel(out, `Upsample${row.name}${dims}D${antialias ? "Aa" : ""}Backward1`);
}

/** The same as `interpolate`. Source: torch.nn.functional.upsample. */
export const upsample = signed(
  "def upsample(Tensor input, int|int[]? size=None, float|float[]? scaleFactor=None, str mode=nearest, bool? alignCorners=None)",
  upsampleOf,
);

function upsampleOf(
  input: Tensor,
  size: number | readonly number[] | null = null,
  scaleFactor: number | readonly number[] | null = null,
  mode: ResizeMode = "nearest",
  alignCorners: boolean | null = null,
): Tensor {
  return interpolateOf(input, size, scaleFactor, mode, alignCorners);
}

/** `interpolate` with mode "nearest". Source: torch.nn.functional.upsample_nearest. */
export const upsampleNearest = signed(
  "def upsampleNearest(Tensor input, int|int[]? size=None, float|float[]? scaleFactor=None)",
  upsampleNearestOf,
);

function upsampleNearestOf(
  input: Tensor,
  size: number | readonly number[] | null = null,
  scaleFactor: number | readonly number[] | null = null,
): Tensor {
  return interpolateOf(input, size, scaleFactor, "nearest");
}

/** `interpolate` with mode "bilinear" and aligned corners. Source: torch.nn.functional.upsample_bilinear. */
export const upsampleBilinear = signed(
  "def upsampleBilinear(Tensor input, int|int[]? size=None, float|float[]? scaleFactor=None)",
  upsampleBilinearOf,
);

function upsampleBilinearOf(
  input: Tensor,
  size: number | readonly number[] | null = null,
  scaleFactor: number | readonly number[] | null = null,
): Tensor {
  return interpolateOf(input, size, scaleFactor, "bilinear", true);
}
