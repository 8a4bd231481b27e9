// Resizing: images in bytes with Pillow's fixed-point arithmetic, tensors by interpolate.

import { call } from "../../dispatch";
import { ArgumentError } from "../../errors";
import { interpolate } from "../../nn/functional/resize";
import { fromTypedArray, tensor } from "../../ops/create/create";
import { int64, uint8 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import { type Interpolation, nearestPixels } from "./filters";
import { exactly, imageOf, planesOf, sizeOf } from "./planes";

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
export function premultiplied(image: Image, back: boolean): Image {
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

function nearest(image: Image, [height, width]: readonly [number, number]): Image {
  const pick = (input: number, output: number) => tensor(nearestPixels(input, output), { dtype: int64 });
  const rows = planesOf(image).indexSelect(-2, pick(image.height, height));
  return imageOf(rows.indexSelect(-1, pick(image.width, width)));
}

/** An image in another size, as Pillow makes it: reduced images are always smoothed. */
export function resizeImage(image: Image, size: readonly [number, number], interpolation: Interpolation): Image {
  if (interpolation === "nearest") return nearest(image, size);
  if (image.mode !== "RGBA") return resizeBytes(image, size, interpolation);
  return premultiplied(resizeBytes(premultiplied(image, false), size, interpolation), true);
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
  if (interpolation !== "nearest" && interpolation !== "bilinear" && interpolation !== "bicubic") {
    throw new ArgumentError("This interpolation mode is unsupported with Tensor input");
  }
  const [height, width] = sizeOf(planes);
  const smooth = antialias && interpolation !== "nearest";
  const options = { size: [...size], mode: interpolation, antialias: smooth };
  const resized = interpolate(exactly(planes).reshape(-1, 1, height, width), options);
  const out = resized.view(...planes.sizes.slice(0, -2), ...size);
  const { dtype } = planes;
  if (dtype.isFloatingPoint) return out;
  return (interpolation === "bicubic" && dtype === uint8 ? out.clamp(0, 255) : out).round().to(dtype);
}
