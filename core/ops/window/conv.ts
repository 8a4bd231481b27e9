// The convolution functions of one, two and three spatial dimensions: reading and checking arguments, unbatched input, padding
// by name. The mathematics is in convolution.ts.

import { ArgumentError, ShapeError } from "../../errors";
import { bool, int64 } from "../../tensor/dtype";
import { text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { overloaded, type Signed } from "../../arguments/signed";
import { convolve, convolveTransposed, type Geometry, outputSizes } from "./convolution";
import { requireBiasDtype, requireImplemented, requireSameDtype } from "../../tensor/dtype-checks";
import { padZeros, type Spatial, spread } from "./spatial";

/** Options of a convolution. */
export interface ConvOptions {
  /** Added per output channel, shape (Cout). Default none. */
  bias?: Tensor | null;
  /** Step of the kernel. Default 1. */
  stride?: Spatial;
  /** Zeros around the input: numbers, "valid" (none) or "same" (the result has the input's size; stride 1 only). Default 0. */
  padding?: Spatial | "valid" | "same";
  /** Distance of the kernel's taps. Default 1. */
  dilation?: Spatial;
  /** Channels are split into this many groups that do not see each other. Default 1. */
  groups?: number;
}

/** Options of a transposed convolution. */
export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /** Zeros that the matching convolution would have added: cut from the result. Default 0. */
  padding?: Spatial;
  /** Added to one side of the result's size. Default 0. */
  outputPadding?: Spatial;
}

/** The signature of a convolution. */
const convTakes =
  "f(Tensor input, Tensor weight, Tensor? bias=None, int|int[] stride=1, int|int[]|str padding=0, int|int[] dilation=1, int groups=1)";

/** A convolution: x (N, Cin, …) or (Cin, …), weight (Cout, Cin / groups, …). */
export type Conv = Signed<
  typeof convTakes,
  [
    input: Tensor,
    weight: Tensor,
    bias?: Tensor | null,
    stride?: Spatial,
    padding?: Spatial | "valid" | "same",
    dilation?: Spatial,
    groups?: number,
  ],
  Tensor
>;

/** The signature of a transposed convolution. */
const transposeTakes =
  "f(Tensor input, Tensor weight, Tensor? bias=None, int|int[] stride=1, int|int[] padding=0, int|int[] outputPadding=0, int groups=1, int|int[] dilation=1)";

/** A transposed convolution: x (N, Cin, …) or (Cin, …), weight (Cin, Cout / groups, …). */
export type ConvTranspose = Signed<
  typeof transposeTakes,
  [
    input: Tensor,
    weight: Tensor,
    bias?: Tensor | null,
    stride?: Spatial,
    padding?: Spatial,
    outputPadding?: Spatial,
    groups?: number,
    dilation?: Spatial,
  ],
  Tensor
>;

/** Reads numbers per dimension, with the message of convolutions. */
function reader(call: string, n: number) {
  return (name: string, value: Spatial): number[] =>
    spread(
      call,
      name,
      value,
      n,
      (list) =>
        `expected ${name} to be a single integer value or a list of ${n} values to match the convolution dimensions, but got ${name}=${text(list)}`,
    );
}

function checkDims(call: string, input: Tensor, s: number): void {
  if (input.ndim === s + 1 || input.ndim === s + 2) return;
  throw new ShapeError(
    `Expected ${s + 1}D (unbatched) or ${s + 2}D (batched) input to ${call}, but got input of size: ${text(input.sizes)}`,
  );
}

/** What holds for both directions. `transposed` is the prefix that PyTorch puts into its messages. */
function checkOperands(
  kernel: string,
  x: Tensor,
  w: Tensor,
  bias: Tensor | null,
  geometry: Geometry,
  transposed: boolean,
): void {
  const { stride, padding, dilation, groups } = geometry;
  const s = stride.length;
  if (groups <= 0) throw new ArgumentError("non-positive groups is not supported");
  if (padding.some((k) => k < 0)) throw new ArgumentError("negative padding is not supported");
  if (stride.some((k) => k <= 0)) throw new ArgumentError("non-positive stride is not supported");
  if (dilation.some((k) => k <= 0))
    throw new ArgumentError(`dilation should be greater than zero, but got ${text(dilation)}`);
  const given = text(w.sizes);
  if (w.ndim !== s + 2) {
    throw new ShapeError(
      `Expected ${w.ndim}-dimensional input for ${w.ndim}-dimensional weight ${given}, but got ${x.ndim}-dimensional input of size ${text(x.sizes)} instead`,
    );
  }
  if (w.sizes[0] < groups) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${given} instead`,
    );
  }
  if (w.sizes[0] % groups !== 0) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${given}] instead`,
    );
  }
  const channels = transposed ? w.sizes[0] : w.sizes[1] * groups;
  if (x.sizes[1] !== channels) {
    throw new ShapeError(
      `Given ${transposed ? "transposed=1" : `groups=${groups}`}, weight of size ${given}, expected input${text(x.sizes)} to have ${channels} channels, but got ${x.sizes[1]} channels instead`,
    );
  }
  const results = transposed ? w.sizes[1] * groups : w.sizes[0];
  if (bias !== null && (bias.ndim !== 1 || bias.sizes[0] !== results)) {
    throw new ShapeError(
      `Given ${transposed ? "transposed=1, " : ""}weight of size ${given}, expected bias to be 1-dimensional with ${results} elements, but got bias of size ${text(bias.sizes)} instead`,
    );
  }
  if (w.sizes.slice(2).includes(0)) {
    throw new ShapeError(`kernel size should be greater than zero, but got kernel_size: ${text(w.sizes.slice(2))}`);
  }
  if (x.sizes.slice(2).includes(0)) {
    throw new ShapeError(`Only zero batch or zero channel inputs are supported, but got input shape: ${text(x.sizes)}`);
  }
  if (bias !== null && !transposed) requireBiasDtype(x, bias);
  requireSameDtype(x, w);
  if (bias !== null) requireBiasDtype(x, bias);
  // PyTorch has transposed convolutions of floats and int64, plain ones of every number.
  if (!transposed && dilation.some((k) => k > 1)) {
    requireImplemented("slow_conv_dilated<>", x.dtype, x.dtype.isFloatingPoint || x.dtype === int64);
  }
  requireImplemented(kernel, x.dtype, transposed ? x.dtype.isFloatingPoint || x.dtype === int64 : x.dtype !== bool);
}

const times = (sizes: readonly number[]): string => `(${sizes.join(" x ")})`;

/** Runs on a batch; unbatched input becomes a batch of one. */
function batched(input: Tensor, s: number, run: (x: Tensor) => Tensor): Tensor {
  return input.ndim === s + 1 ? run(input.unsqueeze(0)).squeeze(0) : run(input);
}

function convolution(s: number): Conv {
  const name = `conv${s}d`;
  const list = reader(name, s);
  const run = (
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null = null,
    steps: Spatial = 1,
    padding: Spatial | string = 0,
    distances: Spatial = 1,
    groups = 1,
  ): Tensor => {
    checkDims(name, input, s);
    const stride = list("stride", steps);
    const dilation = list("dilation", distances);
    return batched(input, s, (x) => {
      const total = padding === "same" ? sameTotal(weight, stride, dilation) : null;
      const sides =
        total?.map((k) => k >> 1) ?? (typeof padding === "string" ? valid(padding, s) : list("padding", padding));
      const geometry: Geometry = { stride, padding: sides, dilation, groups };
      checkOperands(`slow_conv${s}d_cpu`, x, weight, bias, geometry, false);
      // An odd total puts one more zero behind the input than in front.
      const extra = total?.map((k) => k & 1) ?? [];
      const wide = extra.includes(1) ? padZeros(x, new Array<number>(s + 2).fill(0), [0, 0, ...extra]) : x;
      const kernel = weight.sizes.slice(2);
      const spatial = outputSizes(wide.sizes.slice(2), kernel, geometry);
      if (spatial.some((n) => n <= 0)) {
        const padded = wide.sizes.slice(2).map((n, d) => n + 2 * sides[d]);
        const reach = kernel.map((k, d) => dilation[d] * (k - 1) + 1);
        throw new ShapeError(
          `Calculated padded input size per channel: ${times(padded)}. Kernel size: ${times(reach)}. Kernel size can't be greater than actual input size`,
        );
      }
      return convolve(wide, weight, bias, spatial, geometry);
    });
  };
  return overloaded<Conv>([convTakes.replace("f", name), run]);
}

/** Zeros that keep the size, both sides together. */
function sameTotal(weight: Tensor, stride: readonly number[], dilation: readonly number[]): number[] {
  if (stride.some((k) => k !== 1)) throw new ArgumentError("padding='same' is not supported for strided convolutions");
  return dilation.map((k, d) => k * ((weight.sizes[2 + d] ?? 1) - 1));
}

function valid(padding: string, s: number): number[] {
  if (padding !== "valid") throw new ArgumentError(`Invalid padding string: '${padding}'`);
  return new Array<number>(s).fill(0);
}

const AXES: { readonly [s: number]: readonly string[] } = {
  1: ["width"],
  2: ["height", "width"],
  3: ["depth", "height", "width"],
};

function transposedConvolution(s: number): ConvTranspose {
  const name = `conv_transpose${s}d`;
  const list = reader(name, s);
  const run = (
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null = null,
    steps: Spatial = 1,
    sides: Spatial = 0,
    added: Spatial = 0,
    groups = 1,
    distances: Spatial = 1,
  ): Tensor => {
    checkDims(name, input, s);
    const stride = list("stride", steps);
    const padding = list("padding", sides);
    const outputPadding = list("output_padding", added);
    const dilation = list("dilation", distances);
    const geometry: Geometry = { stride, padding, dilation, groups };
    if (outputPadding.some((k) => k < 0)) throw new ArgumentError("negative output_padding is not supported");
    return batched(input, s, (x) => {
      checkOperands(`slow_conv_transpose${s}d_out_cpu`, x, weight, bias, geometry, true);
      if (outputPadding.some((k, d) => k >= stride[d] && k >= dilation[d])) {
        const part = (what: string, values: readonly number[]) =>
          AXES[s].map((axis, d) => `${what}_${axis}: ${values[d]}`).join(" ");
        throw new ArgumentError(
          "output padding must be smaller than either stride or dilation, but got " +
            `${part("output_padding", outputPadding)} ${part("stride", stride)} ${part("dilation", dilation)}`,
        );
      }
      const sizes = x.sizes.slice(2);
      const spatial = sizes.map(
        (n, d) => (n - 1) * stride[d] - 2 * padding[d] + dilation[d] * (weight.sizes[2 + d] - 1) + outputPadding[d] + 1,
      );
      if (spatial.some((n) => n <= 0)) {
        throw new ShapeError(
          `Given input size per channel: ${times(sizes)}. Calculated output size per channel: ${times(spatial)}. Output size is too small`,
        );
      }
      return convolveTransposed(x, weight, bias, spatial, geometry);
    });
  };
  return overloaded<ConvTranspose>([transposeTakes.replace("f", `convTranspose${s}d`), run]);
}

/** Convolution over one spatial dimension. Options: `ConvOptions`. Throws ShapeError for shapes that do not fit. Source: F.conv1d. */
export const conv1d: Conv = convolution(1);
/** Convolution over two spatial dimensions. Options: `ConvOptions`. Throws ShapeError for shapes that do not fit. Source: F.conv2d. */
export const conv2d: Conv = convolution(2);
/** Convolution over three spatial dimensions. Options: `ConvOptions`. Throws ShapeError for shapes that do not fit. Source: F.conv3d. */
export const conv3d: Conv = convolution(3);
/** The gradient of `conv1d` as an operation of its own. Options: `ConvTransposeOptions`. Source: F.conv_transpose1d. */
export const convTranspose1d: ConvTranspose = transposedConvolution(1);
/** The gradient of `conv2d` as an operation of its own. Options: `ConvTransposeOptions`. Source: F.conv_transpose2d. */
export const convTranspose2d: ConvTranspose = transposedConvolution(2);
/** The gradient of `conv3d` as an operation of its own. Options: `ConvTransposeOptions`. Source: F.conv_transpose3d. */
export const convTranspose3d: ConvTranspose = transposedConvolution(3);
