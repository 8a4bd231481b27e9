// Images whose pixels come from elsewhere, computed as Pillow does: nearest pixels of affine maps in fixed point, all else in double.

import { ArgumentError } from "../../errors";
import { Image } from "../image";
import type { Interpolation } from "./filters";
import { premultiplied } from "./resample";

/** Where in the input the point (x, y) of the output lies. */
export type PointMap = (x: number, y: number) => readonly [x: number, y: number];

/** A map a·x + b·y + c, d·x + e·y + f. */
export type AffineMatrix = readonly number[];

/** The values of pixels that come from nowhere: one for all channels, or one each. */
export type FillValue = number | readonly number[] | null;

/** What surrounds an image, one value per channel. Throws ArgumentError for another number of values. */
function background({ channels }: Image, fill: FillValue): number[] {
  const values = typeof fill === "number" || fill === null ? new Array<number>(channels).fill(fill ?? 0) : [...fill];
  if (values.length !== channels) {
    throw new ArgumentError(
      `The number of elements in 'fill' does not match the number of channels of the image (${values.length} != ${channels})`,
    );
  }
  return values.map(Math.trunc);
}

function canvas({ channels }: Image, width: number, height: number, colour: readonly number[]): Uint8Array {
  const out = new Uint8Array(width * height * channels);
  if (colour.some((value) => value !== 0)) for (let q = 0; q < out.length; q++) out[q] = colour[q % channels];
  return out;
}

const clipped = (at: number, size: number) => (at < 0 ? 0 : at < size ? at : size - 1);

/** A value between pixels from rows and columns around it; `first` is where they begin relative to the pixel before the point. */
interface Blend {
  readonly first: number;
  readonly count: number;
  readonly between: (values: Float64Array, from: number, share: number) => number;
}

const BLENDS: { readonly [name in "bilinear" | "bicubic"]: Blend } = {
  bilinear: { first: 0, count: 2, between: (v, k, d) => v[k] + (v[k + 1] - v[k]) * d },
  bicubic: {
    first: -1,
    count: 4,
    between: (v, k, d) => {
      const p2 = -v[k] + v[k + 2];
      const p3 = 2 * (v[k] - v[k + 1]) + v[k + 2] - v[k + 3];
      const p4 = -v[k] + v[k + 1] - v[k + 2] + v[k + 3];
      return v[k + 1] + d * (p2 + d * (p3 + d * p4));
    },
  },
};

/** Pixels between others, each where `map` says. */
function blendedPixels(image: Image, out: Uint8Array, outWidth: number, map: PointMap, blend: Blend): void {
  const { data, width, height, channels } = image;
  const { first, count, between } = blend;
  const row = new Float64Array(count);
  const column = new Float64Array(count);
  for (let q = 0, x = 0, y = 0; q < out.length; q += channels) {
    const [atX, atY] = map(x + 0.5, y + 0.5);
    if (++x === outWidth) {
      x = 0;
      y++;
    }
    if (!(atX >= 0 && atX < width && atY >= 0 && atY < height)) continue;
    const left = Math.floor(atX - 0.5);
    const top = Math.floor(atY - 0.5);
    const [dx, dy] = [atX - 0.5 - left, atY - 0.5 - top];
    for (let channel = 0; channel < channels; channel++) {
      for (let j = 0; j < count; j++) {
        const line = top + first + j;
        // A row below the last is the row before it again; above the first, only the first of all is moved inside.
        if (j > 0 && (line < 0 || line >= height)) {
          column[j] = column[j - 1];
          continue;
        }
        const from = clipped(line, height) * width;
        for (let k = 0; k < count; k++) row[k] = data[(from + clipped(left + first + k, width)) * channels + channel];
        column[j] = between(row, 0, dx);
      }
      const value = between(column, 0, dy);
      out[q + channel] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
    }
  }
}

/** Copies the input pixel at (x, y) to each output pixel, where `at` says; those outside stay. */
function copied(image: Image, out: Uint8Array, outWidth: number, at: PointMap): void {
  const { data, width, height, channels } = image;
  for (let q = 0, x = 0, y = 0; q < out.length; q += channels) {
    const [px, py] = at(x, y);
    if (px >= 0 && px < width && py >= 0 && py < height) {
      const from = (py * width + px) * channels;
      for (let k = 0; k < channels; k++) out[q + k] = data[from + k];
    }
    if (++x === outWidth) {
      x = 0;
      y++;
    }
  }
}

const cell = (at: number) => (at < 0 ? -1 : Math.trunc(at));
const fixed = (value: number) => Math.floor(value * 65536 + 0.5);

/** Which pixel is nearest, as Pillow finds it for an affine map. */
function nearestOf([a, b, c, d, e, f]: AffineMatrix): PointMap {
  if (b === 0 && d === 0) {
    // Positions add up step by step, with their rounding errors.
    const [xs, ys] = [[c + a * 0.5], [f + e * 0.5]];
    const along = (list: number[], step: number, k: number) => {
      while (list.length <= k) list.push(list[list.length - 1] + step);
      return cell(list[k]);
    };
    return (x, y) => [along(xs, a, x), along(ys, e, y)];
  }
  const [a0, a1, a3, a4] = [fixed(a), fixed(b), fixed(d), fixed(e)];
  const [a2, a5] = [fixed(c + a * 0.5 + b * 0.5), fixed(f + d * 0.5 + e * 0.5)];
  return (x, y) => [Math.floor((a2 + x * a0 + y * a1) / 65536), Math.floor((a5 + x * a3 + y * a4) / 65536)];
}

/** An image in which each pixel comes from where `map` says; `nearest` finds the pixel when nothing is blended. */
function warped(
  image: Image,
  [width, height]: readonly [number, number],
  map: PointMap,
  nearest: PointMap,
  interpolation: Interpolation,
  fill: FillValue,
): Image {
  if (interpolation !== "nearest" && interpolation !== "bilinear" && interpolation !== "bicubic") {
    throw new ArgumentError(`unknown resampling filter (${String(interpolation)})`);
  }
  const colour = background(image, fill);
  const out = canvas(image, width, height, colour);
  if (interpolation === "nearest") {
    copied(image, out, width, nearest);
    return new Image(image.mode, [width, height], out);
  }
  const source = image.mode === "RGBA" ? premultiplied(image, false) : image;
  blendedPixels(source, out, width, map, BLENDS[interpolation]);
  const made = new Image(image.mode, [width, height], out);
  return image.mode === "RGBA" ? premultiplied(made, true) : made;
}

/** An image moved by an affine map from the output to the input. */
export function affineImage(
  image: Image,
  size: readonly [number, number],
  matrix: AffineMatrix,
  interpolation: Interpolation,
  fill: FillValue,
): Image {
  const [a, b, c, d, e, f] = matrix;
  const map: PointMap = (x, y) => [a * x + b * y + c, d * x + e * y + f];
  return warped(image, size, map, nearestOf(matrix), interpolation, fill);
}

/** An image seen in perspective, by eight coefficients from the output to the input. */
export function perspectiveImage(
  image: Image,
  [a, b, c, d, e, f, g, h]: readonly number[],
  interpolation: Interpolation,
  fill: FillValue,
): Image {
  const map: PointMap = (x, y) => {
    const depth = g * x + h * y + 1;
    return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
  };
  const nearest: PointMap = (x, y) => {
    const [px, py] = map(x + 0.5, y + 0.5);
    return [cell(px), cell(py)];
  };
  return warped(image, image.size, map, nearest, interpolation, fill);
}

/** Quarter turns against the clock. */
function quarterTurns(image: Image, turns: 1 | 2 | 3): Image {
  const { width: w, height: h } = image;
  const places: readonly PointMap[] = [
    (x, y) => [w - 1 - y, x],
    (x, y) => [w - 1 - x, h - 1 - y],
    (x, y) => [y, h - 1 - x],
  ];
  const size: [number, number] = turns === 2 ? [w, h] : [h, w];
  const out = new Uint8Array(image.data.length);
  copied(image, out, size[0], places[turns - 1]);
  return new Image(image.mode, size, out);
}

const rounded = (x: number) => Number(x.toFixed(15));

/** How an image is rotated. */
export interface Rotation {
  readonly interpolation: Interpolation;
  /** Whether the result is large enough for all of it. */
  readonly expand: boolean;
  /** Default: the middle. */
  readonly center: readonly [x: number, y: number] | null;
  readonly fill: FillValue;
}

/** An image rotated by degrees against the clock. Source: PIL.Image.rotate. */
export function rotatedImage(image: Image, degrees: number, { interpolation, expand, center, fill }: Rotation): Image {
  const angle = ((degrees % 360) + 360) % 360;
  if (center === null) {
    if (angle === 0) return image;
    if (angle === 180) return quarterTurns(image, 2);
    if ((angle === 90 || angle === 270) && (expand || image.width === image.height)) {
      return quarterTurns(image, angle === 90 ? 1 : 3);
    }
  }
  let [w, h] = image.size;
  const [cx, cy] = center ?? [w / 2, h / 2];
  const radians = -(angle * Math.PI) / 180;
  const [cos, sin] = [rounded(Math.cos(radians)), rounded(Math.sin(radians))];
  const [a, b, d, e] = [cos, sin, rounded(-Math.sin(radians)), cos];
  let c = a * -cx + b * -cy + cx;
  let f = d * -cx + e * -cy + cy;
  if (expand) {
    const corners = [
      [0, 0],
      [w, 0],
      [w, h],
      [0, h],
    ].map(([x, y]) => [a * x + b * y + c, d * x + e * y + f]);
    const extent = (k: number) => {
      const values = corners.map((corner) => corner[k]);
      return Math.ceil(Math.max(...values)) - Math.floor(Math.min(...values));
    };
    const [width, height] = [extent(0), extent(1)];
    const [dx, dy] = [-(width - w) / 2, -(height - h) / 2];
    [c, f] = [a * dx + b * dy + c, d * dx + e * dy + f];
    [w, h] = [width, height];
  }
  return affineImage(image, [w, h], [a, b, c, d, e, f], interpolation, fill);
}
