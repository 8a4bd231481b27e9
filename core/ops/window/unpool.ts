// The partial inverse of maximum pooling: maxima go back to where they came from, everything else is 0.

import { ownResult } from "../../autograd/record";
import { ArgumentError, DTypeError, IndexError, ShapeError } from "../../errors";
import { int64 } from "../../tensor/dtype";
import { numelOf, sameShape, text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { overloaded, type Signed } from "../../arguments/signed";
import { requireFloat } from "../../tensor/dtype-checks";
import { type Spatial, spread } from "./spatial";

const takes =
  "def f(Tensor input, Tensor indices, int|int[] kernelSize, int|int[]? stride=None, int|int[] padding=0, int[]? outputSize=None)";

/**
 * Undoes maximum pooling of x (N, C, …) or (C, …) by the positions that it gave, with the settings of the pooling. `outputSize`: the
 * size of the result, when several have the same pooled size: its spatial part, or the whole shape.
 */
export type MaxUnpool = Signed<
  typeof takes,
  [
    input: Tensor,
    indices: Tensor,
    kernelSize: Spatial,
    stride?: Spatial | null,
    padding?: Spatial,
    outputSize?: readonly number[] | null,
  ],
  Tensor
>;

/** The wanted spatial sizes. Throws ArgumentError when pooling could not have given the input from them. */
function wantedSizes(
  s: number,
  least: readonly number[],
  stride: readonly number[],
  wanted: readonly number[],
): readonly number[] {
  if (wanted.length !== s && wanted.length !== s + 2) {
    throw new ArgumentError(
      `output_size should be a sequence containing ${s} or ${s + 2} elements, but it has a length of '${wanted.length}'`,
    );
  }
  const spatial = wanted.slice(-s);
  spatial.forEach((n, d) => {
    const [low, high] = [least[d] - stride[d], least[d] + stride[d]];
    if (n > low && n < high) return;
    throw new ArgumentError(`invalid output_size "${text(spatial)}" (dim ${d} must be between ${low} and ${high})`);
  });
  return spatial;
}

function maxUnpool(s: number, node: string): MaxUnpool {
  const name = `max_unpool${s}d`;
  const run = (
    input: Tensor,
    indices: Tensor,
    kernelSize: Spatial,
    steps: Spatial | null = null,
    sides: Spatial = 0,
    outputSize: readonly number[] | null = null,
  ): Tensor => {
    const list = (what: string, value: Spatial): number[] =>
      spread(name, what, value, s, (given) => `${name}: ${what} must have ${s} elements, but got ${text(given)}`);
    const kernel = list("kernel_size", kernelSize);
    const stride = steps === null ? kernel : list("stride", steps);
    const padding = list("padding", sides);
    if (s === 3 && stride.some((step) => step <= 0)) {
      throw new ArgumentError(`strides should be greater than zero, but got stride: ${text(stride)}`);
    }
    if (input.ndim !== s + 1 && input.ndim !== s + 2) {
      throw new ShapeError(
        `Input to max_unpooling${s}d should be a ${s + 1}d or ${s + 2}d Tensor, but got a tensor with ${input.ndim} dimensions.`,
      );
    }
    if (indices.dtype !== int64) {
      throw new DTypeError(`elements in indices should be type int64 but got: ${indices.dtype.scalarName}`);
    }
    if (!sameShape(indices.sizes, input.sizes)) {
      throw new ShapeError(
        `Expected shape of indices to be same as that of the input tensor (${text(input.sizes)}) but got indices tensor with shape: ${text(indices.sizes)}`,
      );
    }
    requireFloat(s === 3 ? "max_unpool3d" : "max_unpool2d", input.dtype);
    const least = input.sizes.slice(-s).map((n, d) => (n - 1) * stride[d] + kernel[d] - 2 * padding[d]);
    const spatial = outputSize ? wantedSizes(s, least, stride, outputSize) : least;
    const lead = input.sizes.slice(0, input.ndim - s);
    const plane = numelOf(spatial);
    for (const index of indices.numel() > 0 ? [indices.amax().item(), indices.amin().item()] : []) {
      if (index >= 0 && index < plane) continue;
      throw new IndexError(`Found an invalid max index: ${index} (output volumes are of size ${spatial.join("x")})`);
    }
    const flat = [...lead, numelOf(input.sizes.slice(-s))];
    const out = input.newZeros([...lead, plane]).scatter(-1, indices.reshape(flat), input.reshape(flat));
    return ownResult(out.reshape([...lead, ...spatial]), node);
  };
  return overloaded<MaxUnpool>([takes.replace(" f", ` maxUnpool${s}d`), run]);
}

/** Undoes `maxPool1d`. Throws IndexError for a position outside of the result. Source: F.max_unpool1d. */
export const maxUnpool1d: MaxUnpool = maxUnpool(1, "SqueezeBackward1");
/** Undoes `maxPool2d`. Throws IndexError for a position outside of the result. Source: F.max_unpool2d. */
export const maxUnpool2d: MaxUnpool = maxUnpool(2, "MaxUnpool2DBackward0");
/** Undoes `maxPool3d`. Throws IndexError for a position outside of the result. Source: F.max_unpool3d. */
export const maxUnpool3d: MaxUnpool = maxUnpool(3, "MaxUnpool3DBackward0");
