// What transforms of geometry share: they move pixels of an image and elements of a tensor alike.

import { ArgumentError, ShapeError } from "../../errors";
import { float32 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { Image, modeOf } from "../image";
import { type Batch, Transform } from "./transform";

/** An image, or a tensor (…, height, width). */
export type Picture = Image | Tensor;

/** Height and width: one number for both, or a pair. */
export type Extent = number | readonly [height: number, width: number];

/** Both sizes. Throws ArgumentError for anything but positive whole numbers. */
export function extentOf(size: Extent): [height: number, width: number] {
  const pair = typeof size === "number" ? [size, size] : size;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n > 0)) {
    throw new ArgumentError("Please provide only two dimensions (h, w) for size.");
  }
  return [pair[0], pair[1]];
}

/** Height and width of a picture. */
export function sizeOf(planes: Tensor): [height: number, width: number] {
  if (planes.ndim < 2) throw new ShapeError("Tensor is not a torch image.");
  return [planes.sizes[planes.ndim - 2], planes.sizes[planes.ndim - 1]];
}

/** Python's round: halves go to the even neighbour. */
export function roundEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2 === 0 ? 0 : 1) : Math.round(x);
}

/** Planes as they are when they are floats, and in float32 otherwise. */
export function exactly(planes: Tensor): Tensor {
  return planes.dtype.isFloatingPoint ? planes : planes.to(float32);
}

/** The part of planes (…, height, width) at a place. */
export function cropped(planes: Tensor, top: number, left: number, height: number, width: number): Tensor {
  return planes.narrow(-2, top, height).narrow(-1, left, width);
}

/** An image as uint8 planes (channels, height, width) over its memory. */
export function planesOf(image: Image): Tensor {
  return image.pixels().permute(2, 0, 1);
}

/** An image of uint8 planes (channels, height, width). */
export function imageOf(planes: Tensor): Image {
  const [channels, height, width] = planes.sizes;
  const mode = modeOf(channels);
  if (mode === null) throw new ShapeError(`an image has 1, 3 or 4 channels, got ${channels}`);
  return new Image(mode, [width, height], planes.permute(1, 2, 0).raw() as Uint8Array);
}

/** Applies a change of planes to a picture; the result is of the same kind. */
export function changed(input: Picture, change: (planes: Tensor) => Tensor): Picture {
  if (input instanceof Image) return imageOf(change(planesOf(input)));
  if (input instanceof Tensor) return change(input);
  throw new ArgumentError(`img should be an Image or a Tensor. Got ${typeof input}`);
}

/** A transform that gives an image for an image and a tensor for a tensor. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: instances are functions, which only an interface can say
export abstract class PictureTransform extends Transform<Picture, Picture> {}

export interface PictureTransform {
  // biome-ignore lint/style/useShorthandFunctionType: only an interface merges with the class
  <X extends Picture>(input: X): X;
}

/** A transform that does the same to the planes of an image and to a tensor. */
export abstract class PlaneTransform extends PictureTransform {
  /** What happens to planes (…, height, width). */
  protected abstract change(planes: Tensor): Tensor;

  override forward(input: Picture): Picture {
    return changed(input, (planes) => this.change(planes));
  }
}

/** A transform of pictures that draws nothing, so that it changes a whole batch as it changes one picture. */
export abstract class FixedTransform extends PlaneTransform {
  override forwardBatch(batch: Batch): Batch | null {
    if (batch instanceof Tensor) return batch.ndim >= 3 ? this.change(batch) : null;
    return { mode: batch.mode, pixels: this.change(batch.pixels.permute(0, 3, 1, 2)).permute(0, 2, 3, 1) };
  }
}
