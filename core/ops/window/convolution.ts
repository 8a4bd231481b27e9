// Convolution as autograd sees it: three linear maps, each the derivative of the others, so that gradients of gradients need
// nothing new. Arguments are checked in conv.ts; here shapes fit.

import type { Backward } from "../../autograd/node";
import { type Derivative, record } from "../../autograd/record";
import { call, contiguousOf, copyInto, fillWith } from "../../dispatch";
import { empty, type Tensor } from "../../tensor/tensor";

/** Numbers per spatial dimension, and the number of groups. */
export interface Geometry {
  stride: readonly number[];
  padding: readonly number[];
  dilation: readonly number[];
  groups: number;
}

function encode({ stride, padding, dilation, groups }: Geometry): number[] {
  return [stride.length, ...stride, ...padding, ...dilation, groups];
}

/** The size of the result along each spatial dimension. */
export function outputSizes(
  sizes: readonly number[],
  kernel: readonly number[],
  { stride, padding, dilation }: Geometry,
): number[] {
  return kernel.map((k, d) => Math.floor((sizes[d] + 2 * padding[d] - dilation[d] * (k - 1) - 1) / stride[d]) + 1);
}

/**
 * y (N, Cout, …) = x (N, Cin, …) convolved with w (Cout, Cin / groups, …), plus a bias per channel. `spatial` are the sizes of the
 * result: as a derivative of a transposed convolution it may have fewer positions than would fit.
 */
export function convolve(
  x: Tensor,
  w: Tensor,
  bias: Tensor | null,
  spatial: readonly number[],
  geometry: Geometry,
): Tensor {
  const out = empty([x.sizes[0], w.sizes[0], ...spatial], x.dtype);
  if (out._numel > 0) {
    call("conv", [out, contiguousOf(x), contiguousOf(w), bias && contiguousOf(bias)], encode(geometry));
  }
  record("ConvolutionBackward0", [x, w, bias], [out], convolveBackward(geometry), [x, w], BACKWARD);
  return out;
}

/** What computes the gradients, the bias's as well, from the input and the weight. */
const BACKWARD: Derivative = { name: "ConvolutionBackwardBackward0", operands: 2 };

function convolveBackward(geometry: Geometry): Backward {
  return ([g], [x, w], [toX, toW, toBias]) => {
    const grad = g as Tensor;
    const gx = toX ? inputGradient(grad, w, x.sizes, geometry) : null;
    if (toW) return [gx, ...weightGradient(x, grad, w.sizes, toBias, geometry)];
    return [gx, null, toBias ? sumOfChannels(grad) : null];
  };
}

function sumOfChannels(gy: Tensor): Tensor {
  return gy.sum(gy.sizes.map((_, d) => d).filter((d) => d !== 1));
}

/** The gradient of a convolution's input, which is also the transposed convolution of gy. */
export function inputGradient(gy: Tensor, w: Tensor, sizes: readonly number[], geometry: Geometry): Tensor {
  const out = empty(sizes, gy.dtype);
  if (out._numel > 0) call("convBackwardInput", [out, contiguousOf(gy), contiguousOf(w)], encode(geometry));
  record("ConvolutionBackwardBackward0", [gy, w], [out], transposedBackward(geometry), [gy, w]);
  return out;
}

/** The gradients of a convolution's weight and, if wanted, bias, in one pass over gy. */
function weightGradient(
  x: Tensor,
  gy: Tensor,
  sizes: readonly number[],
  wantsBias: boolean,
  geometry: Geometry,
): [Tensor, Tensor | null] {
  const gw = empty(sizes, x.dtype);
  const gb = wantsBias ? empty([sizes[0]], x.dtype) : null;
  if (x._numel === 0 || gy._numel === 0) {
    fillWith(gw, 0);
    if (gb !== null) copyInto(gb, sumOfChannels(gy.detach()));
  } else call("convBackwardWeight", [gw, gb, contiguousOf(x), contiguousOf(gy)], encode(geometry));
  record("ConvolutionBackwardBackward0", [x, gy], gb === null ? [gw] : [gw, gb], weightGradientBackward(geometry), [
    x,
    gy,
  ]);
  return [gw, gb];
}

function weightGradientBackward(geometry: Geometry): Backward {
  return ([ggw, ggb], [x, gy], [toX, toGy]) => {
    const towardsX = ggw && toX ? inputGradient(gy, ggw, x.sizes, geometry) : null;
    if (!toGy) return [towardsX, null];
    const viaWeight = ggw ? convolve(x, ggw, null, gy.sizes.slice(2), geometry) : null;
    const viaBias = ggb ? ggb.reshape([1, -1, ...geometry.stride.map(() => 1)]).expand([...gy.sizes]) : null;
    return [towardsX, viaWeight && viaBias ? viaWeight.add(viaBias) : (viaWeight ?? viaBias)];
  };
}

/** The transposed convolution of x (N, Cin, …) by w (Cin, Cout / groups, …) to the given spatial sizes. */
export function convolveTransposed(
  x: Tensor,
  w: Tensor,
  bias: Tensor | null,
  spatial: readonly number[],
  geometry: Geometry,
): Tensor {
  const sizes = [x.sizes[0], w.sizes[1] * geometry.groups, ...spatial];
  const out = empty(sizes, x.dtype);
  if (out._numel > 0) {
    call("convBackwardInput", [out, contiguousOf(x), contiguousOf(w)], encode(geometry));
    if (bias !== null) out.add_(bias.detach().reshape([-1, ...spatial.map(() => 1)]));
  }
  record("ConvolutionBackward0", [x, w, bias], [out], transposedBackward(geometry), [x, w], BACKWARD);
  return out;
}

/** The gradients of a transposed convolution's input, weight and bias: it has the latter two in some uses only. */
function transposedBackward(geometry: Geometry): Backward {
  return ([g], [x, w], [toX, toW, toBias]) => {
    const grad = g as Tensor;
    return [
      toX ? convolve(grad, w, null, x.sizes.slice(2), geometry) : null,
      toW ? weightGradient(grad, x, w.sizes, false, geometry)[0] : null,
      toBias ? sumOfChannels(grad) : null,
    ];
  };
}
