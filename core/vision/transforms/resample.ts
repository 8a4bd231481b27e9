// Resizing: images in bytes with Pillow's fixed-point arithmetic, tensors as products with matrices of weights.

import { call } from "../../dispatch";
import { ArgumentError } from "../../errors";
import { fromTypedArray, tensor } from "../../ops/create/create";
import { float32, int64 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import {
  filterOf,
  type Interpolation,
  nearestElements,
  nearestPixels,
  neighbourTaps,
  smoothTaps,
  type Tap,
} from "./filters";
import { imageOf, planesOf, sizeOf } from "./planes";

/** Interpolations of images by their numbers on the wire. */
const FILTERS = ["box", "bilinear", "hamming", "bicubic", "lanczos"] as const;

function resizeBytes(
  image: Image,
  [height, width]: readonly [number, number],
  interpolation: Exclude<Interpolation, "nearest">,
): Image {
  const filter = FILTERS.indexOf(interpolation);
  if (filter < 0) throw new ArgumentError(`unknown interpolation: ${String(interpolation)}`);
  const data = new Uint8Array(height * width * image.channels);
  call("resizeBytes", [fromTypedArray(data).view(height, width, image.channels), image.pixels()], [filter]);
  return new Image(image.mode, [width, height], data);
}

/** Colours times opacity, so that transparent pixels do not bleed into others; or back. */
function premultiplied(image: Image, back: boolean): Image {
  const data = image.data.slice();
  for (let q = 0; q < data.length; q += 4) {
    const alpha = data[q + 3];
    for (let k = q; k < q + 3; k++) {
      if (back) data[k] = alpha === 0 ? data[k] : Math.min(255, Math.trunc((255 * data[k]) / alpha));
      else {
        const product = data[k] * alpha + 128;
        data[k] = (product + (product >> 8)) >> 8;
      }
    }
  }
  return new Image(image.mode, image.size, data);
}

function nearest(
  planes: Tensor,
  size: readonly [number, number],
  positions: (input: number, output: number) => number[],
): Tensor {
  const [height, width] = sizeOf(planes);
  const pick = (input: number, output: number) => tensor(positions(input, output), { dtype: int64 });
  return planes.indexSelect(-2, pick(height, size[0])).indexSelect(-1, pick(width, size[1]));
}

/** An image in another size, as Pillow makes it: reduced images are always smoothed. */
export function resizeImage(image: Image, size: readonly [number, number], interpolation: Interpolation): Image {
  if (interpolation === "nearest") return imageOf(nearest(planesOf(image), size, nearestPixels));
  if (image.mode !== "RGBA") return resizeBytes(image, size, interpolation);
  return premultiplied(resizeBytes(premultiplied(image, false), size, interpolation), true);
}

/** The taps as a matrix (outputs, inputs). */
function matrix(taps: readonly Tap[], inputs: number): Tensor {
  const out = new Float32Array(taps.length * inputs);
  taps.forEach(({ first, weights }, i) => {
    out.set(weights, i * inputs + first);
  });
  return tensor(out).view(taps.length, inputs);
}

/**
 * Planes (…, height, width) in another size, as `interpolate` makes them. Without `antialias` a reduced picture is not smoothed.
 * Throws ArgumentError for an interpolation that tensors do not have.
 */
export function resizeTensor(
  planes: Tensor,
  size: readonly [number, number],
  interpolation: Interpolation,
  antialias: boolean,
): Tensor {
  if (interpolation === "nearest") return nearest(planes, size, nearestElements);
  if (interpolation !== "bilinear" && interpolation !== "bicubic") {
    throw new ArgumentError("This interpolation mode is unsupported with Tensor input");
  }
  const taps = (input: number, output: number) =>
    antialias ? smoothTaps(input, output, filterOf(interpolation)) : neighbourTaps(input, output, interpolation);
  const [height, width] = sizeOf(planes);
  const rows = matrix(taps(height, size[0]), height);
  const columns = matrix(taps(width, size[1]), width);
  const { dtype } = planes;
  const exact = dtype.isFloatingPoint ? planes : planes.to(float32);
  const out = rows.to(exact.dtype).matmul(exact).matmul(columns.t().to(exact.dtype));
  if (dtype.isFloatingPoint) return out;
  return (interpolation === "bicubic" ? out.clamp(0, 255) : out).round().to(dtype);
}
