// Fractional maximum pooling: windows whose distances vary at random, so that sizes shrink by any ratio.

import { overloaded, type Signed } from "../../arguments/signed";
import { record } from "../../autograd/record";
import { ArgumentError, ShapeError } from "../../errors";
import { int64 } from "../../tensor/dtype";
import { requireFloat } from "../../tensor/dtype-checks";
import { numelOf, text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { arange } from "../create/create";
import { rand } from "../random/random";
import { derivativeOf, maximaBackward } from "./pool";
import { type Spatial, spread } from "./spatial";

const takes =
  "f(Tensor input, int|int[] kernelSize, int|int[]? outputSize=None, float|float[]? outputRatio=None, bool returnIndices=False, Tensor? _randomSamples=None)";

/** Maxima with their flat positions in the input's planes. */
interface MaximaAndPositions {
  (
    input: Tensor,
    kernelSize: Spatial,
    options: { outputSize?: Spatial; outputRatio?: Spatial; returnIndices: true; _randomSamples?: Tensor | null },
  ): [values: Tensor, indices: Tensor];
  (
    input: Tensor,
    kernelSize: Spatial,
    outputSize: Spatial | null,
    outputRatio: Spatial | null,
    returnIndices: true,
    _randomSamples?: Tensor | null,
  ): [values: Tensor, indices: Tensor];
}

/** Fractional maximum pooling of x (N, C, …) or (C, …). */
export type FractionalMaxPool = MaximaAndPositions &
  Signed<
    typeof takes,
    [
      input: Tensor,
      kernelSize: Spatial,
      outputSize?: Spatial | null,
      outputRatio?: Spatial | null,
      returnIndices?: false,
      _randomSamples?: Tensor | null,
    ],
    Tensor
  >;

/** Where the windows of a dimension start: (N · C, count), from one random number per plane (N · C). */
function starts(samples: Tensor, count: number, size: number, kernel: number): Tensor {
  const out = samples.newFull([samples.sizes[0], count], size - kernel, { dtype: int64 });
  if (count === 1) return out;
  const alpha = (size - kernel) / (count - 1);
  const from = samples.unsqueeze(1);
  const places = arange(count - 1, { dtype: samples.dtype })
    .add(from)
    .mul(alpha)
    .trunc();
  out.narrow(1, 0, count - 1).copy_(places.sub(from.mul(alpha).trunc()));
  return out;
}

/** The flat position of every place of every window: (N · C, windows, places of a window). */
function positions(firsts: readonly Tensor[], kernel: readonly number[], spatial: readonly number[]): Tensor {
  const s = firsts.length;
  let flat: Tensor | null = null;
  firsts.forEach((first, d) => {
    // Sizes (N · C, windows of each dimension, places of each dimension).
    const window = new Array<number>(2 * s).fill(1);
    window[d] = first.sizes[1];
    const place = new Array<number>(s).fill(1);
    place[d] = kernel[d];
    const own = first.reshape([first.sizes[0], ...window]).add(arange(kernel[d]).reshape(place));
    flat = flat === null ? own : flat.mul(spatial[d]).add(own);
  });
  const found = flat as unknown as Tensor;
  return found.reshape([found.sizes[0], -1, numelOf(kernel)]);
}

const NAMES = ["time", "height", "width"] as const;

function fractional(s: 2 | 3): FractionalMaxPool {
  const name = `fractional_max_pool${s}d`;
  const node = `FractionalMaxPool${s}DBackward0`;
  const inner = s === 2 ? `${name}()` : `${name}_out()`;
  const ints = s === 2 ? "tuple of Ints" : "tuple of three Ints";
  const each = (argument: string, value: Spatial): number[] => {
    const words = `${name}: ${argument} must either be a single Int or ${ints}`;
    if (typeof value !== "number" && value.length !== s) throw new ArgumentError(words);
    return spread(name, argument, value, s, () => words);
  };
  const run = (
    input: Tensor,
    kernelSize: Spatial,
    outputSize: Spatial | null = null,
    outputRatio: Spatial | null = null,
    returnIndices = false,
    randomSamples: Tensor | null = null,
  ): Tensor | [Tensor, Tensor] => {
    if (outputSize === null && outputRatio === null) {
      throw new ArgumentError(`${name} requires specifying either an output_size or an output_ratio`);
    }
    if (input.ndim <= s) {
      throw new ShapeError(
        `Dimension out of range (expected to be in range of [-${input.ndim}, ${input.ndim - 1}], but got -${s + 1})`,
      );
    }
    const lead = input.sizes.slice(0, input.ndim - s);
    const spatial = input.sizes.slice(input.ndim - s);
    const ratios = typeof outputRatio === "number" ? new Array<number>(s).fill(outputRatio) : outputRatio;
    const wanted = outputSize ?? spatial.map((size, d) => Math.trunc(size * (ratios?.[d] ?? 1)));
    const samples =
      randomSamples ??
      rand([input.ndim === s + 1 ? 1 : lead[0], lead[lead.length - 1], s], {
        dtype: input.dtype,
        device: input.device,
      });
    const kernel = each("kernel_size", kernelSize);
    const counts = each("output_size", wanted);
    input.sizes.forEach((size, d) => {
      if (size > 0 || d < input.ndim - s - 1) return;
      throw new ShapeError(
        `${inner}: Expected input to have non-zero size for non-batch dimensions, but got${text(input.sizes)} with dimension ${d} being empty.`,
      );
    });
    spatial.forEach((size, d) => {
      if (counts[d] + kernel[d] - 1 <= size) return;
      throw new ShapeError(
        `${inner}: pool ${NAMES[d + 3 - s]} ${kernel[d]} too large relative to input ${NAMES[d + 3 - s]} ${size}`,
      );
    });
    requireFloat(`${name}_out_frame`, input.dtype);
    if (samples.dtype !== input.dtype) {
      throw new ArgumentError(
        `${name}: _random_samples must have the input's dtype, ${input.dtype}, not ${samples.dtype}`,
      );
    }
    const planes = numelOf(lead);
    if (samples.numel() !== planes * s) {
      throw new ShapeError(
        `${name}: _random_samples must have ${s} numbers for each of ${planes} planes, got ${text(samples.sizes)}`,
      );
    }
    const perPlane = samples.detach().reshape([planes, s]);
    const firsts = spatial.map((size, d) =>
      // Of two dimensions, the width has the first number.
      starts(perPlane.select(1, s === 2 ? 1 - d : d), counts[d], size, kernel[d]),
    );
    const places = positions(firsts, kernel, spatial);
    const windows = numelOf(counts);
    const values = input
      .detach()
      .reshape([planes, numelOf(spatial)])
      .gather(1, places.reshape([planes, -1]));
    const [maxima, at] = values.reshape([planes, windows, numelOf(kernel)]).max(2);
    const sizes = [...lead, ...counts];
    const indices = places.gather(2, at.unsqueeze(2)).reshape(sizes);
    const out = maxima.reshape(sizes);
    record(node, [input], [out], maximaBackward(input.sizes, s, node), [indices], derivativeOf(node));
    return returnIndices ? [out, indices] : out;
  };
  return overloaded<FractionalMaxPool>([`def ${takes.replace("f", `fractionalMaxPool${s}d`)}`, run]);
}

/**
 * Maxima of windows of (N, C, H, W) or (C, H, W) whose distances vary at random. Either `outputSize` or `outputRatio`, the share
 * of the input's size, is given. Options: `returnIndices` (false), `_randomSamples`: (N, C, 2) in [0, 1). Throws ShapeError when
 * the windows do not fit. Source: torch.nn.functional.fractional_max_pool2d.
 */
export const fractionalMaxPool2d: FractionalMaxPool = fractional(2);

/** As `fractionalMaxPool2d` for (N, C, D, H, W) or (C, D, H, W). Source: torch.nn.functional.fractional_max_pool3d. */
export const fractionalMaxPool3d: FractionalMaxPool = fractional(3);
