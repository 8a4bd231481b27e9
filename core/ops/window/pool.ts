// Pooling over sliding windows. The kernels see planes: (N·C, …) contiguous. Gradients are linear maps whose own gradients are
// the forward directions.

import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { call, fillWith } from "../../dispatch";
import { ArgumentError, ShapeError } from "../../errors";
import { int64 } from "../../tensor/dtype";
import { numelOf } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { overloaded, type Signed } from "../../arguments/signed";
import { readWindows, type WindowOptions } from "./pool-windows";
import { planesOf, type Spatial } from "./spatial";
import { requireFloat, requireImplemented } from "../../tensor/dtype-checks";
import type { KernelName } from "../../wire";

/** Options of maximum pooling. */
export interface MaxPoolOptions extends WindowOptions {
  /** Distance of a window's elements. Default 1. */
  dilation?: Spatial;
  /** Whether the flat position of every maximum in its plane comes back too. Default false. */
  returnIndices?: boolean;
}

/** Options of average pooling. */
export interface AvgPoolOptions extends WindowOptions {
  /** Whether padding counts in the divisor. Default true. */
  countIncludePad?: boolean;
  /** A divisor in place of the window's size (two and three dimensions only). Default none. */
  divisorOverride?: number | null;
}

const maxTakes =
  "f(Tensor input, int|int[] kernelSize, int|int[]? stride=None, int|int[] padding=0, int|int[] dilation=1, bool ceilMode=False, bool returnIndices=False)";

/** Maximum pooling without positions. */
type Maxima = Signed<
  typeof maxTakes,
  [
    input: Tensor,
    kernelSize: Spatial,
    stride?: Spatial | null,
    padding?: Spatial,
    dilation?: Spatial,
    ceilMode?: boolean,
    returnIndices?: false,
  ],
  Tensor
>;

/** Maximum pooling with positions. */
interface MaximaAndPositions {
  (input: Tensor, kernelSize: Spatial, options: MaxPoolOptions & { returnIndices: true }): [Tensor, Tensor];
  (input: Tensor, options: MaxPoolOptions & { kernelSize: Spatial; returnIndices: true }): [Tensor, Tensor];
  (options: MaxPoolOptions & { input: Tensor; kernelSize: Spatial; returnIndices: true }): [Tensor, Tensor];
  (
    input: Tensor,
    kernelSize: Spatial,
    stride: Spatial | null | undefined,
    padding: Spatial | undefined,
    dilation: Spatial | undefined,
    ceilMode: boolean | undefined,
    returnIndices: true,
  ): [Tensor, Tensor];
}

/** Maximum pooling of x (N, C, …) or (C, …). */
export type MaxPool = MaximaAndPositions & Maxima;

const lineTakes =
  "f(Tensor input, int|int[] kernelSize, int|int[]? stride=None, int|int[] padding=0, bool ceilMode=False, bool countIncludePad=True)";
const averageTakes =
  "f(Tensor input, int|int[] kernelSize, int|int[]? stride=None, int|int[] padding=0, bool ceilMode=False, bool countIncludePad=True, int? divisorOverride=None)";

/** Average pooling of x (N, C, L) or (C, L). */
export type AvgPoolLine = Signed<
  typeof lineTakes,
  [
    input: Tensor,
    kernelSize: Spatial,
    stride?: Spatial | null,
    padding?: Spatial,
    ceilMode?: boolean,
    countIncludePad?: boolean,
  ],
  Tensor
>;

/** Average pooling of x (N, C, …) or (C, …). */
export type AvgPool = Signed<
  typeof averageTakes,
  [
    input: Tensor,
    kernelSize: Spatial,
    stride?: Spatial | null,
    padding?: Spatial,
    ceilMode?: boolean,
    countIncludePad?: boolean,
    divisorOverride?: number | null,
  ],
  Tensor
>;

function resultSizes(input: Tensor, spatial: readonly number[]): number[] {
  return [...input.sizes.slice(0, input.ndim - spatial.length), ...spatial];
}

/** The gradient of a maximum: every value goes to the position that it came from. */
export function scatterMaxima(g: Tensor, indices: Tensor, sizes: readonly number[], s: number, node: string): Tensor {
  const out = empty(sizes, g.dtype);
  if (out._numel > 0) call("maxPoolBackward", [planesOf(out, s), planesOf(g, s), planesOf(indices, s)]);
  record(
    node,
    [g],
    [out],
    ([h], [at]) => {
      const lead = sizes.slice(0, sizes.length - s);
      const flat = (h as Tensor).reshape([...lead, numelOf(sizes.slice(-s))]);
      return [flat.gather(-1, at.reshape([...lead, -1])).reshape([...at.sizes])];
    },
    [indices],
  );
  return out;
}

/** The name of the operation that is the derivative of a pooling operation. */
export function derivativeOf(node: string): string {
  return node.replace("Backward0", "BackwardBackward0");
}

/** The backward of maximum pooling, which keeps the positions. */
export function maximaBackward(sizes: readonly number[], s: number, node: string): Backward {
  return ([g], [at]) => [scatterMaxima(g as Tensor, at, sizes, s, derivativeOf(node))];
}

function maxPool(s: number, node: string, kernelName: string): MaxPool {
  const name = `max_pool${s}d`;
  const run = (
    input: Tensor,
    kernelSize: Spatial,
    steps: Spatial | null = null,
    sides: Spatial = 0,
    distances: Spatial = 1,
    ceilMode = false,
    returnIndices = false,
  ): Tensor | [Tensor, Tensor] => {
    const windows = { kernelSize, stride: steps, padding: sides, dilation: distances, ceilMode };
    const { kernel, stride, padding, dilation, out: spatial } = readWindows(name, s, input, windows);
    requireFloat(kernelName, input.dtype);
    const sizes = resultSizes(input, spatial);
    const out = empty(sizes, input.dtype);
    const indices = input.requiresGrad || returnIndices ? empty(sizes, int64) : null;
    if (out._numel > 0) {
      call(
        "maxPool",
        [planesOf(out, s), indices && planesOf(indices, s), planesOf(input, s)],
        [s, ...kernel, ...stride, ...padding, ...dilation],
      );
    }
    if (indices === null) return out;
    record(node, [input], [out], maximaBackward(input.sizes, s, node), [indices], derivativeOf(node));
    return returnIndices ? [out, indices] : out;
  };
  return overloaded<MaxPool>([`def ${maxTakes.replace("f", `maxPool${s}d`)}`, run]);
}

/** Runs an averaging kernel in one direction, with the other one as its derivative. */
export function averaging(
  kernels: readonly [forward: KernelName, backward: KernelName],
  node: string,
  input: Tensor,
  sizes: readonly number[],
  s: number,
  ints: readonly number[],
  derivative: string | null = derivativeOf(node),
): Tensor {
  const out = empty(sizes, input.dtype);
  if (out._numel > 0 && input._numel > 0) call(kernels[0], [planesOf(out, s), planesOf(input, s)], ints);
  else if (out._numel > 0) fillWith(out, 0);
  const own = input.sizes;
  const backward: Backward = ([g]) => [
    averaging([kernels[1], kernels[0]], node, g as Tensor, own, s, ints, derivative),
  ];
  record(node, [input], [out], backward, [], derivative);
  return out;
}

/** Throws ShapeError for an input that a window of three dimensions does not fit into, padding apart. */
function requireWhole(input: Tensor, kernel: readonly number[]): void {
  const sizes = input.sizes.slice(-3);
  if (sizes.every((n, d) => n >= kernel[d])) return;
  const named = (list: readonly number[], prefix: string) =>
    list.map((n, d) => `${prefix}${["T", "H", "W"][d]}: ${n}`).join(" ");
  throw new ShapeError(`input image (${named(sizes, "")}) smaller than kernel size (${named(kernel, "k")})`);
}

function avgPool<F>(s: number, takes: string, node: string): F {
  const name = `avg_pool${s}d`;
  const run = (
    input: Tensor,
    kernelSize: Spatial,
    steps: Spatial | null = null,
    sides: Spatial = 0,
    ceilMode = false,
    countIncludePad = true,
    divisor: number | null = null,
  ): Tensor => {
    const windows = { kernelSize, stride: steps, padding: sides, ceilMode };
    const { kernel, stride, padding, out } = readWindows(name, s, input, windows);
    if (s === 3) requireWhole(input, kernel);
    if (divisor === 0) throw new ArgumentError("divisor must be not zero");
    requireImplemented(
      s === 3 ? "avg_pool3d_out_frame" : "avg_pool2d",
      input.dtype,
      input.dtype.isFloatingPoint || input.dtype === int64,
    );
    const ints = [s, ...kernel, ...stride, ...padding, countIncludePad ? 1 : 0, divisor ?? 0];
    return averaging(["avgPool", "avgPoolBackward"], node, input, resultSizes(input, out), s, ints);
  };
  return overloaded<F>([takes.replace("f", `avgPool${s}d`), run]);
}

/** Maxima of windows along one dimension. Options: `MaxPoolOptions`. Throws ShapeError when nothing would remain. Source: F.max_pool1d. */
export const maxPool1d: MaxPool = maxPool(1, "SqueezeBackward1", "max_pool1d_impl");
/** Maxima of windows along two dimensions. Options: `MaxPoolOptions`. Throws ShapeError when nothing would remain. Source: F.max_pool2d. */
export const maxPool2d: MaxPool = maxPool(2, "MaxPool2DWithIndicesBackward0", "max_pool2d");
/** Maxima of windows along three dimensions. Options: `MaxPoolOptions`. Throws ShapeError when nothing would remain. Source: F.max_pool3d. */
export const maxPool3d: MaxPool = maxPool(3, "MaxPool3DWithIndicesBackward0", "max_pool3d_with_indices_cpu");
/** Averages of windows along one dimension. Options: `AvgPoolOptions`. Throws ShapeError when nothing would remain. Source: F.avg_pool1d. */
export const avgPool1d: AvgPoolLine = avgPool(1, lineTakes, "SqueezeBackward1");
/** Averages of windows along two dimensions. Options: `AvgPoolOptions`. Throws ShapeError when nothing would remain. Source: F.avg_pool2d. */
export const avgPool2d: AvgPool = avgPool(2, averageTakes, "AvgPool2DBackward0");
/** Averages of windows along three dimensions. Options: `AvgPoolOptions`. Throws ShapeError when nothing would remain. Source: F.avg_pool3d. */
export const avgPool3d: AvgPool = avgPool(3, averageTakes, "AvgPool3DBackward0");
