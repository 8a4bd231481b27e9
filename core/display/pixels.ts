// From the values of a tensor to pixels: which dimensions are images, channels, rows and columns, and what counts as black and white.

import { ShapeError } from "../errors";
import { type ColorMap, colorTable } from "./colormap";
import type { Picture } from "./png";

/** A tensor as far as it can be looked at. */
export interface ImageSource {
  /** [H, W], [C, H, W] (C is 1, 3 or 4), [N, H, W] or [N, C, H, W]. */
  readonly shape: readonly number[];
  /** The dtype's name: uint8 values are taken as 0 to 255. */
  readonly dtype: string;
  /** All elements, row by row. */
  toFloat32(): ArrayLike<number>;
}

export interface PixelOptions {
  /** Colours of pictures of one channel; default gray. */
  cmap?: ColorMap;
  /** The values shown as black and as white; default: 0 and 255 for uint8, 0 and 1 for values within them, else the extremes. */
  range?: readonly [low: number, high: number];
}

/** Where a value is NaN. */
const NAN_COLOR = [255, 0, 255];

interface Layout {
  count: number;
  channels: 1 | 3 | 4;
  height: number;
  width: number;
}

const isChannels = (size: number): size is 1 | 3 | 4 => size === 1 || size === 3 || size === 4;

function layout(shape: readonly number[]): Layout {
  const [height, width] = shape.slice(-2);
  const outer = shape.slice(0, -2);
  if (shape.length >= 2 && shape.length <= 4 && height > 0 && width > 0) {
    if (outer.length === 0) return { count: 1, channels: 1, height, width };
    const [first, second] = outer;
    if (outer.length === 1) {
      return isChannels(first)
        ? { count: 1, channels: first, height, width }
        : { count: first, channels: 1, height, width };
    }
    if (isChannels(second)) return { count: first, channels: second, height, width };
  }
  throw new ShapeError(
    `Images have shape [H, W], [C, H, W], [N, H, W] or [N, C, H, W] with C 1, 3 or 4, got [${shape.join(", ")}]`,
  );
}

function extremes(values: ArrayLike<number>): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function rangeOf(
  source: ImageSource,
  values: ArrayLike<number>,
  given: PixelOptions["range"],
): readonly [number, number] {
  if (given !== undefined) return given;
  if (source.dtype === "uint8") return [0, 255];
  const [low, high] = extremes(values);
  return low >= 0 && high <= 1 ? [0, 1] : [low, high];
}

/** One picture per image, all scaled alike. Throws ShapeError for other shapes. */
export function pictures(source: ImageSource, options: PixelOptions = {}): Picture[] {
  const { count, channels, height, width } = layout(source.shape);
  const values = source.toFloat32();
  const [low, high] = rangeOf(source, values, options.range);
  const factor = high > low ? 255 / (high - low) : 0;
  const table = channels === 1 ? colorTable(options.cmap ?? "gray") : null;
  const plane = height * width;
  // Grey stays one channel unless a colour has to be told.
  const plain = channels === 1 && table === null && !hasNaN(values);
  const depth = channels === 1 ? (plain ? 1 : 3) : channels;

  return Array.from({ length: count }, (_, n): Picture => {
    const data = new Uint8Array(plane * depth);
    const start = n * channels * plane;
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < depth; c++) {
        const value = values[start + (channels === 1 ? 0 : c * plane) + i];
        const level = Math.min(255, Math.max(0, Math.round((value - low) * factor)));
        if (Number.isNaN(value)) data[i * depth + c] = c < 3 ? NAN_COLOR[c] : 255;
        else data[i * depth + c] = table === null ? level : table[level * 3 + c];
      }
    }
    return { width, height, channels: depth, data };
  });
}

function hasNaN(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

/** Pictures side by side, `columns` to a row, each pixel `scale` times as large, `gap` white pixels between. */
export function gridPicture(all: readonly Picture[], columns: number, scale: number, gap: number): Picture {
  const { width, height, channels } = all[0];
  const across = Math.min(columns, all.length);
  const down = Math.ceil(all.length / across);
  const total = { width: across * (width * scale + gap) - gap, height: down * (height * scale + gap) - gap };
  const data = new Uint8Array(total.width * total.height * channels).fill(255);
  all.forEach((picture, index) => {
    const left = (index % across) * (width * scale + gap);
    const top = Math.floor(index / across) * (height * scale + gap);
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels;
        const to = ((top + y) * total.width + left + x) * channels;
        for (let c = 0; c < channels; c++) data[to + c] = picture.data[from + c];
      }
    }
  });
  return { ...total, channels, data };
}
