// Pooling over sliding windows. The kernels see planes: (N·C, …) contiguous. Gradients are linear maps whose own gradients are
// the forward directions.

import { record } from "../autograd/record";
import { call } from "../dispatch";
import { ArgumentError, DTypeError, ShapeError } from "../errors";
import { bool, int64 } from "../tensor/dtype";
import { numelOf, text } from "../tensor/shape";
import { empty, type Tensor } from "../tensor/tensor";
import { type Arguments, read } from "./arguments";
import { planesOf, type Spatial, spread } from "./spatial";

/** Options of all pooling over sliding windows. */
interface WindowOptions {
  /** Size of the window. */
  kernelSize?: Spatial;
  /** Step of the window. Default: its size. */
  stride?: Spatial | null;
  /** Ignored values around the input: −∞ for maxima, 0 for averages. Default 0. */
  padding?: Spatial;
  /** Whether windows may stick out at the end. Default false. */
  ceilMode?: boolean;
}

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

/** Maximum pooling of x (N, C, …) or (C, …). */
export interface MaxPool {
  (input: Tensor, kernelSize: Spatial, options: MaxPoolOptions & { returnIndices: true }): [Tensor, Tensor];
  (input: Tensor, options: MaxPoolOptions & { returnIndices: true }): [Tensor, Tensor];
  (
    input: Tensor,
    kernelSize: Spatial,
    stride: Spatial | null | undefined,
    padding: Spatial | undefined,
    dilation: Spatial | undefined,
    ceilMode: boolean | undefined,
    returnIndices: true,
  ): [Tensor, Tensor];
  (
    input: Tensor,
    ...args: Arguments<
      [
        kernelSize: Spatial,
        stride?: Spatial | null,
        padding?: Spatial,
        dilation?: Spatial,
        ceilMode?: boolean,
        returnIndices?: false,
      ],
      MaxPoolOptions & { returnIndices?: false }
    >
  ): Tensor;
}

/** Average pooling of x (N, C, …) or (C, …). */
export type AvgPool = (
  input: Tensor,
  ...args: Arguments<
    [
      kernelSize: Spatial,
      stride?: Spatial | null,
      padding?: Spatial,
      ceilMode?: boolean,
      countIncludePad?: boolean,
      divisorOverride?: number | null,
    ],
    AvgPoolOptions
  >
) => Tensor;

interface Windows {
  kernel: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
  /** Sizes of the result along the spatial dimensions. */
  out: number[];
}

const COUNTS: { readonly [s: number]: string } = { 2: "two", 3: "three" };

/** What PyTorch says of a list of the wrong length. */
function lengthMessage(call: string, s: number, name: string) {
  const forms: { readonly [name: string]: string } = {
    kernel_size: "must either be a single int",
    stride: "must either be omitted, a single int",
    padding: "must be either be a single int",
    dilation: "must be either a single int",
  };
  return (list: readonly number[]): string =>
    s === 1
      ? `${call}() ${name} must be an int, list of ints or tuple of ints of size 1 but got size ${list.length}`
      : `${call}: ${name} ${forms[name]}, or a tuple of ${COUNTS[s]} ints`;
}

function readWindows(call: string, s: number, input: Tensor, options: MaxPoolOptions): Windows {
  const list = (name: string, value: Spatial): number[] => spread(call, name, value, s, lengthMessage(call, s, name));
  if (options.kernelSize === undefined)
    throw new ArgumentError(`${call}() missing 1 required positional arguments: "kernel_size"`);
  const kernel = list("kernel_size", options.kernelSize);
  const given = options.stride ?? [];
  const stride = typeof given !== "number" && given.length === 0 ? kernel : list("stride", given);
  const padding = list("padding", options.padding ?? 0);
  const dilation = list("dilation", options.dilation ?? 1);
  checkInput(call, s, input);
  checkWindows(call, s, { kernel, stride, padding, dilation });
  const sizes = input.sizes.slice(-s);
  const out = sizes.map((n, d) => {
    const reach = dilation[d] * (kernel[d] - 1) + 1;
    const room = n + 2 * padding[d] - reach;
    if (!options.ceilMode) return Math.floor(room / stride[d]) + 1;
    const count = Math.ceil(room / stride[d]) + 1;
    // A window starts inside the input or the padding before it.
    return (count - 1) * stride[d] >= n + padding[d] ? count - 1 : count;
  });
  if (out.some((n) => n < 1)) {
    const planes = input.sizes[input.ndim - s - 1];
    const two = (list: readonly number[]): string => [planes, ...(s === 1 ? [1] : []), ...list].join("x");
    throw new ShapeError(
      `Given input size: (${two(sizes)}). Calculated output size: (${two(out.map((n) => Math.max(n, 0)))}). Output size is too small`,
    );
  }
  return { kernel, stride, padding, dilation, out };
}

function checkInput(call: string, s: number, input: Tensor): void {
  const batched = input.ndim === s + 2;
  if (!batched && input.ndim !== s + 1) {
    throw new ShapeError(
      s === 1
        ? `${call}: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:${text(input.sizes)}`
        : `non-empty ${s + 1}D or ${s + 2}D (batch mode) tensor expected for input`,
    );
  }
  if (input.sizes.slice(batched ? 1 : 0).includes(0)) {
    const prefix = s === 1 ? `${call}: ` : "";
    throw new ShapeError(
      `${prefix}Expected ${s + 1}D or ${s + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:${text(input.sizes)}`,
    );
  }
}

function checkWindows(call: string, s: number, { kernel, stride, padding, dilation }: Omit<Windows, "out">): void {
  const zero = stride.find((k) => k === 0);
  if (s > 1 && zero !== undefined) throw new ArgumentError("stride should not be zero");
  const axes = ["T", "H", "W"].slice(3 - s);
  for (let d = 0; d < s; d++) {
    const positive = (name: string, values: readonly number[], plain: string): void => {
      if (values[d] > 0) return;
      throw new ArgumentError(
        s === 1
          ? `${call}() ${name} must be greater than zero, but got ${values[d]}`
          : `${plain} should be greater than zero, but got ${axes.map((axis, k) => `${name === "kernel_size" ? "k" : name}${axis}: ${values[k]}`).join(" ")}`,
      );
    };
    positive("kernel_size", kernel, "kernel size");
    positive("stride", stride, "stride");
    if (padding[d] < 0) {
      throw new ArgumentError(
        s === 1
          ? `${call}() padding must be non-negative, but got ${padding[d]}`
          : `pad must be non-negative, but got pad: ${padding[d]}`,
      );
    }
    if (padding[d] > kernel[d] >> 1) {
      const subject = s === 1 ? `${call}() padding` : "pad";
      throw new ArgumentError(
        `${subject} should be at most half of kernel size, but got ${s === 1 ? "padding" : "pad"}=${padding[d]} and kernel_size=${kernel[d]}`,
      );
    }
    positive("dilation", dilation, "dilation");
  }
}

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

function maxPool(s: number, node: string): MaxPool {
  const name = `max_pool${s}d`;
  const pool = (input: Tensor, ...args: unknown[]): Tensor | [Tensor, Tensor] => {
    const options = read<MaxPoolOptions>(name, args, [
      "kernelSize",
      "stride",
      "padding",
      "dilation",
      "ceilMode",
      "returnIndices",
    ]);
    const { kernel, stride, padding, dilation, out: spatial } = readWindows(name, s, input, options);
    if (input.dtype === bool) throw new DTypeError(`"${name}" not implemented for 'Bool'`);
    const sizes = resultSizes(input, spatial);
    const out = empty(sizes, input.dtype);
    const indices = input.requiresGrad || options.returnIndices ? empty(sizes, int64) : null;
    if (out._numel > 0) {
      call(
        "maxPool",
        [planesOf(out, s), indices && planesOf(indices, s), planesOf(input, s)],
        [s, ...kernel, ...stride, ...padding, ...dilation],
      );
    }
    if (indices === null) return out;
    record(
      node,
      [input],
      [out],
      ([g], [at]) => [scatterMaxima(g as Tensor, at, input.sizes, s, node.replace("Backward0", "BackwardBackward0"))],
      [indices],
    );
    return options.returnIndices ? [out, indices] : out;
  };
  return pool as MaxPool;
}

/** Runs an averaging kernel in one direction, with the other one as its derivative. */
export function averaging(
  kernels: readonly [forward: string, backward: string],
  node: string,
  input: Tensor,
  sizes: readonly number[],
  s: number,
  ints: readonly number[],
): Tensor {
  const out = empty(sizes, input.dtype);
  if (out._numel > 0) call(kernels[0], [planesOf(out, s), planesOf(input, s)], ints);
  record(node, [input], [out], ([g]) => [averaging([kernels[1], kernels[0]], node, g as Tensor, input.sizes, s, ints)]);
  return out;
}

function avgPool(s: number, node: string): AvgPool {
  const name = `avg_pool${s}d`;
  return (input, ...args) => {
    const names = ["kernelSize", "stride", "padding", "ceilMode", "countIncludePad"] as const;
    const options = read<AvgPoolOptions>(name, args, s === 1 ? names : [...names, "divisorOverride"]);
    const { kernel, stride, padding, out } = readWindows(name, s, input, options);
    const divisor = options.divisorOverride ?? null;
    if (divisor === 0) throw new ArgumentError("divisor must be not zero");
    if (!input.dtype.isFloatingPoint && input.dtype !== int64) {
      throw new DTypeError(`"${name}" not implemented for '${input.dtype.scalarName}'`);
    }
    const ints = [s, ...kernel, ...stride, ...padding, (options.countIncludePad ?? true) ? 1 : 0, divisor ?? 0];
    return averaging(["avgPool", "avgPoolBackward"], node, input, resultSizes(input, out), s, ints);
  };
}

/** Maxima of windows along one dimension. Options: `MaxPoolOptions`. Throws ShapeError when nothing would remain. Source: F.max_pool1d. */
export const maxPool1d: MaxPool = maxPool(1, "SqueezeBackward1");
/** Maxima of windows along two dimensions. Options: `MaxPoolOptions`. Throws ShapeError when nothing would remain. Source: F.max_pool2d. */
export const maxPool2d: MaxPool = maxPool(2, "MaxPool2DWithIndicesBackward0");
/** Maxima of windows along three dimensions. Options: `MaxPoolOptions`. Throws ShapeError when nothing would remain. Source: F.max_pool3d. */
export const maxPool3d: MaxPool = maxPool(3, "MaxPool3DWithIndicesBackward0");
/** Averages of windows along one dimension. Options: `AvgPoolOptions`. Throws ShapeError when nothing would remain. Source: F.avg_pool1d. */
export const avgPool1d: AvgPool = avgPool(1, "SqueezeBackward1");
/** Averages of windows along two dimensions. Options: `AvgPoolOptions`. Throws ShapeError when nothing would remain. Source: F.avg_pool2d. */
export const avgPool2d: AvgPool = avgPool(2, "AvgPool2DBackward0");
/** Averages of windows along three dimensions. Options: `AvgPoolOptions`. Throws ShapeError when nothing would remain. Source: F.avg_pool3d. */
export const avgPool3d: AvgPool = avgPool(3, "AvgPool3DBackward0");
