// Boxes and masks drawn on pictures. Source: torchvision/utils.py.

import { signed } from "../../arguments/signed";
import { noGrad } from "../../autograd/modes";
import { ArgumentError, DTypeError, ShapeError } from "../../errors";
import { tensor } from "../../ops/create/create";
import { cat } from "../../ops/create/join";
import { where } from "../../ops/elementwise/choose";
import { bool, uint8 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { warn } from "../../warnings";
import { type Color, rgbOf } from "./colors";

/** One colour for all, or one for each. */
export type Colors = Color | readonly Color[];

type Rgb = readonly [number, number, number];

/** Colours that differ, as many as are wanted. */
function palette(count: number): Rgb[] {
  const channel = (k: number, bits: number) => (k * (2 ** bits - 1)) % 255;
  return Array.from({ length: count }, (_, k) => [channel(k, 25), channel(k, 15), channel(k, 21)]);
}

/** Whether a list is one colour rather than several. */
const isOne = (colors: Colors): colors is Color =>
  typeof colors === "string" || (colors.length === 3 && typeof colors[0] === "number");

/** A share of 255 of one level over another, as Pillow computes it. */
function over(below: number, above: number, share: number): number {
  const sum = below * (255 - share) + above * share + 128;
  return ((sum >> 8) + sum) >> 8;
}

/** How opaque a filled box is, of 255. */
const FILL = 100;

interface BoxDrawing {
  readonly fill: boolean;
  readonly width: number;
}

/** Draws one box on planes (3, height, width) that lie plane by plane, line by line as Pillow does, also where lines cross. */
function drawBox(
  planes: Uint8Array,
  [height, width]: readonly number[],
  [left, top, right, bottom]: readonly number[],
  color: Rgb,
  how: BoxDrawing,
): void {
  const paint = (x0: number, y0: number, x1: number, y1: number, share: number): void => {
    for (let y = Math.max(y0, 0); y <= Math.min(y1, height - 1); y++) {
      for (let x = Math.max(x0, 0); x <= Math.min(x1, width - 1); x++) {
        for (let channel = 0, at = y * width + x; channel < 3; channel++, at += height * width) {
          planes[at] = over(planes[at], color[channel], share);
        }
      }
    }
  };
  if (how.fill) paint(left, top, right, bottom, FILL);
  // Upright lines stop short of their end, whichever way they go.
  const [begin, end] = [top + how.width, bottom - how.width + 1];
  const [from, to] = begin <= end ? [begin, end - 1] : [end + 1, begin];
  for (let k = 0; k < how.width; k++) {
    paint(left, top + k, right, top + k, 255);
    paint(left, bottom - k, right, bottom - k, 255);
    paint(right - k, from, right - k, to, 255);
    paint(left + k, from, left + k, to, 255);
  }
}

/** What `drawBoundingBoxes` takes by name. */
export interface DrawBoundingBoxesOptions {
  /** Default: colours that differ. */
  colors?: Colors | null;
  /** Whether boxes are tinted. Default false. */
  fill?: boolean;
  /** Of the borders, in pixels. Default 1. */
  width?: number;
}

/**
 * A uint8 picture (1 or 3, height, width) with boxes (left, top, right, bottom) on it, as (3, height, width). Options: `colors`, `fill`,
 * `width`. Texts are not drawn. Throws DTypeError, ShapeError and ArgumentError for what cannot be drawn.
 * Source: torchvision.utils.draw_bounding_boxes.
 */
export const drawBoundingBoxes = signed(
  "def drawBoundingBoxes(Tensor image, Tensor boxes, value colors=None, bool fill=False, int width=1)",
  (image: Tensor, boxes: Tensor, colors: Colors | null = null, fill = false, width = 1): Tensor => {
    if (image.dtype !== uint8) throw new DTypeError(`Tensor uint8 expected, got ${image.dtype}`);
    if (image.ndim !== 3) throw new ShapeError("Pass individual images, not batches");
    const [channels, ...size] = image.sizes;
    if (channels !== 1 && channels !== 3) throw new ShapeError("Only grayscale and RGB images are supported");
    const corners = boxes.detach().tolist() as number[][];
    if (corners.some(([left, top, right, bottom]) => left > right || top > bottom)) {
      throw new ArgumentError(
        "Boxes need to be in (xmin, ymin, xmax, ymax) format. Use torchvision.ops.box_convert to convert them",
      );
    }
    if (corners.length === 0) {
      warn("boxes doesn't contain any box. No box was drawn");
      return image;
    }
    const chosen = colors === null ? palette(corners.length) : colors;
    if (!isOne(chosen) && chosen.length < corners.length) {
      throw new ArgumentError(`Number of colors (${chosen.length}) is less than number of boxes (${corners.length}). `);
    }
    const out = (channels === 1 ? cat([image, image, image]) : image).detach().clone().contiguous();
    const planes = Uint8Array.from(out.raw() as Uint8Array);
    for (const [k, box] of corners.entries()) {
      const color = rgbOf(isOne(chosen) ? chosen : chosen[k]);
      drawBox(planes, size, box.map(Math.trunc), color, { fill, width });
    }
    return tensor(planes).view([...out.sizes]);
  },
);

/**
 * A uint8 picture (3, height, width) with masks (height, width) or (N, height, width) of bool on it. `alpha`: how opaque they are, 0.8;
 * `colors`: default colours that differ. Throws DTypeError, ShapeError and ArgumentError for what cannot be drawn.
 * Source: torchvision.utils.draw_segmentation_masks.
 */
export const drawSegmentationMasks = signed(
  "def drawSegmentationMasks(Tensor image, Tensor masks, float alpha=0.8, value colors=None)",
  (image: Tensor, masks: Tensor, alpha = 0.8, colors: Colors | null = null): Tensor => {
    if (image.dtype !== uint8) throw new DTypeError(`The image dtype must be uint8, got ${image.dtype}`);
    if (image.ndim !== 3) throw new ShapeError("Pass individual images, not batches");
    if (image.sizes[0] !== 3) throw new ShapeError("Pass an RGB image. Other Image formats are not supported");
    const all = masks.ndim === 2 ? masks.unsqueeze(0) : masks;
    if (all.ndim !== 3) throw new ShapeError("masks must be of shape (H, W) or (batch_size, H, W)");
    if (all.dtype !== bool) throw new DTypeError(`The masks must be of dtype bool. Got ${all.dtype}`);
    if (all.sizes[1] !== image.sizes[1] || all.sizes[2] !== image.sizes[2]) {
      throw new ShapeError("The image and the masks must have the same height and width");
    }
    const count = all.sizes[0];
    if (count === 0) {
      warn("masks doesn't contain any mask. No mask was drawn");
      return image;
    }
    const given = colors === null ? palette(count) : isOne(colors) ? [colors] : colors;
    if (count > given.length) throw new ArgumentError(`There are more masks (${count}) than colors (${given.length})`);
    return noGrad(() => {
      let drawn = image;
      for (const [k, mask] of [...all].entries()) {
        drawn = where(mask, tensor([...rgbOf(given[k])], { dtype: uint8 }).view(3, 1, 1), drawn);
      }
      return image
        .float()
        .mul(1 - alpha)
        .add(drawn.float().mul(alpha))
        .to(uint8);
    });
  },
);
