// The windows of sliding pooling: reading their numbers, checking them in PyTorch's words, and the size that remains.
//
// PyTorch's words come from three places: max_pool1d has a kernel of its own, avg_pool1d runs as avg_pool2d after checks of its
// own, and the rest shares one check.

import { ArgumentError, ShapeError } from "../../errors";
import { text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { type Spatial, spread } from "./spatial";

/** Options of all pooling over sliding windows. */
export interface WindowOptions {
  /** Size of the window. */
  kernelSize?: Spatial;
  /** Step of the window. Default: its size. */
  stride?: Spatial | null;
  /** Ignored values around the input: −∞ for maxima, 0 for averages. Default 0. */
  padding?: Spatial;
  /** Whether windows may stick out at the end. Default false. */
  ceilMode?: boolean;
}

/** Numbers per spatial dimension. */
export interface Windows {
  kernel: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
  /** Sizes of the result along the spatial dimensions. */
  out: number[];
}

type Shape = Omit<Windows, "out">;

const COUNTS: { readonly [s: number]: string } = { 2: "two", 3: "three" };
const FORMS: { readonly [name: string]: string } = {
  kernel_size: "must either be a single int",
  stride: "must either be omitted, a single int",
  padding: "must be either be a single int",
  dilation: "must be either a single int",
};

/** What PyTorch says of a list of the wrong length. */
function lengthMessage(call: string, s: number, name: string, length: number): string {
  if (call === "max_pool1d") {
    return `${call}() ${name} must be an int, list of ints or tuple of ints of size 1 but got size ${length}`;
  }
  if (s === 1) return `${call}() argument '${name}' should contain one int (got ${length})`;
  return `${call}: ${name} ${FORMS[name]}, or a tuple of ${COUNTS[s]} ints`;
}

/**
 * The windows of a call over the last `s` dimensions. Throws ArgumentError for numbers that make no windows, ShapeError for an
 * input of other dimensions or too small.
 */
export function readWindows(
  call: string,
  s: number,
  input: Tensor,
  options: WindowOptions & { kernelSize: Spatial; dilation?: Spatial },
): Windows {
  const list = (name: string, value: Spatial): number[] =>
    spread(call, name, value, s, ({ length }) => lengthMessage(call, s, name, length));
  const kernel = list("kernel_size", options.kernelSize);
  const given = options.stride ?? [];
  const stride = typeof given !== "number" && given.length === 0 ? kernel : list("stride", given);
  const padding = list("padding", options.padding ?? 0);
  const dilation = list("dilation", options.dilation ?? 1);
  const shape: Shape = { kernel, stride, padding, dilation };
  checkDims(call, s, input);
  if (call === "max_pool1d") checkLine(call, shape);
  else checkShape(s, shape);
  const sizes = input.sizes.slice(-s);
  const out = sizes.map((n, d) => {
    const room = n + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1;
    if (!options.ceilMode) return Math.floor(room / stride[d]) + 1;
    const count = Math.ceil(room / stride[d]) + 1;
    // A window starts inside the input or the padding before it.
    return (count - 1) * stride[d] >= n + padding[d] ? count - 1 : count;
  });
  checkResult(call, s, input, kernel, out);
  return { ...shape, out };
}

function checkDims(call: string, s: number, input: Tensor): void {
  const batched = input.ndim === s + 2;
  const prefix = call === "max_pool1d" ? `${call}: ` : "";
  const message = `${prefix}Expected ${s + 1}D or ${s + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:${text(input.sizes)}`;
  if (!batched && input.ndim !== s + 1) {
    if (call === "max_pool1d") throw new ShapeError(message);
    throw new ShapeError(
      s === 1
        ? `Expected 2 to 3 dimensions, but got ${input.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for ${call})`
        : `non-empty ${s + 1}D or ${s + 2}D (batch mode) tensor expected for input`,
    );
  }
  if (input.sizes.slice(batched ? 1 : 0).includes(0)) throw new ShapeError(message);
}

/** The words of max_pool1d. */
function checkLine(call: string, { kernel, stride, padding, dilation }: Shape): void {
  const positive = (name: string, [value]: readonly number[]): void => {
    if (value <= 0) throw new ArgumentError(`${call}() ${name} must be greater than zero, but got ${value}`);
  };
  positive("kernel_size", kernel);
  positive("stride", stride);
  if (padding[0] < 0) throw new ArgumentError(`${call}() padding must be non-negative, but got ${padding[0]}`);
  if (padding[0] > kernel[0] >> 1) {
    throw new ArgumentError(
      `${call}() padding should be at most half of kernel size, but got padding=${padding[0]} and kernel_size=${kernel[0]}`,
    );
  }
  positive("dilation", dilation);
}

function checkShape(s: number, { kernel, stride, padding, dilation }: Shape): void {
  const axes = ["T", "H", "W"].slice(3 - s);
  const positive = (what: string, name: string, values: readonly number[]): void => {
    if (values.every((k) => k > 0)) return;
    const parts = axes.map((axis, d) => `${name}${axis}: ${values[d]}`);
    throw new ArgumentError(`${what} should be greater than zero, but got ${parts.join(" ")}`);
  };
  if (stride.includes(0)) throw new ArgumentError("stride should not be zero");
  positive("kernel size", "k", kernel);
  positive("stride", "d", stride);
  positive("dilation", "dilation", dilation);
  padding.forEach((pad, d) => {
    if (pad < 0) throw new ArgumentError(`pad must be non-negative, but got pad: ${pad}`);
    if (pad > kernel[d] >> 1) {
      throw new ArgumentError(
        `pad should be at most half of kernel size, but got pad=${pad} and kernel_size=${kernel[d]}`,
      );
    }
  });
}

function checkResult(call: string, s: number, input: Tensor, kernel: readonly number[], out: readonly number[]): void {
  if (out.every((n) => n > 0)) return;
  const sizes = input.sizes.slice(-s);
  if (call === "avg_pool3d") {
    const [t, h, w] = sizes;
    throw new ShapeError(
      `input image (T: ${t} H: ${h} W: ${w}) smaller than kernel size (kT: ${kernel[0]} kH: ${kernel[1]} kW: ${kernel[2]})`,
    );
  }
  const planes = input.sizes[input.ndim - s - 1];
  const product = (list: readonly number[]): string => [planes, ...(s === 1 ? [1] : []), ...list].join("x");
  throw new ShapeError(
    `Given input size: (${product(sizes)}). Calculated output size: (${product(out.map((n) => Math.max(n, 0)))}). Output size is too small`,
  );
}
