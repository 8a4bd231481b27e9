// Colours of images in bytes, computed as Pillow does, whose arithmetic is of single precision.

import { Image } from "../image";

/** Pillow's weights of red, green and blue, times 2^16. */
const WEIGHTS = [19595, 38470, 7471] as const;
const HALF = 32768;

/** How many bytes of a pixel are colours: opacity stays as it is. */
const coloursOf = ({ channels }: Image) => (channels === 4 ? 3 : channels);

/** The brightness of every pixel. */
export function greyLevels({ data, channels }: Image): Uint8Array {
  if (channels === 1) return data;
  const [red, green, blue] = WEIGHTS;
  const out = new Uint8Array(data.length / channels);
  for (let p = 0, q = 0; p < out.length; p++, q += channels) {
    out[p] = (red * data[q] + green * data[q + 1] + blue * data[q + 2] + HALF) >> 16;
  }
  return out;
}

/** Each colour looked up in its table of 256 levels. */
export function looked(image: Image, tableOf: (channel: number) => ArrayLike<number>): Image {
  const { data, channels } = image;
  const out = new Uint8Array(data);
  for (let channel = 0; channel < coloursOf(image); channel++) {
    const table = Uint8Array.from(tableOf(channel));
    for (let q = channel; q < out.length; q += channels) out[q] = table[data[q]];
  }
  return new Image(image.mode, image.size, out);
}

/** The table of a function of levels. */
export function levels(f: (level: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, level) => f(level));
}

/** From `a` towards `b` by a factor, which may lie beyond 0…1: Pillow's blend of two levels. */
function blender(factor: number): (a: number, b: number) => number {
  const alpha = Math.fround(factor);
  return (a, b) => {
    const value = Math.fround(a + Math.fround(alpha * (b - a)));
    return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
  };
}

/** Every colour blended from one level towards itself. */
export function blendLevel(image: Image, level: number, factor: number): Image {
  const blend = blender(factor);
  const table = levels((own) => blend(level, own));
  return looked(image, () => table);
}

/** Every colour blended from another image's towards itself; `other` has as many bytes, or one per pixel. */
export function blendImage(image: Image, other: Uint8Array, factor: number): Image {
  const { data, channels } = image;
  const blend = blender(factor);
  const step = other.length === data.length ? channels : 1;
  const out = new Uint8Array(data);
  for (let q = 0, p = 0; q < data.length; q += channels, p += step) {
    for (let k = 0; k < coloursOf(image); k++) out[q + k] = blend(other[step === 1 ? p : p + k], data[q + k]);
  }
  return new Image(image.mode, image.size, out);
}

/** The mean brightness, rounded. */
export function meanLevel(image: Image): number {
  const grey = greyLevels(image);
  return Math.trunc(grey.reduce((sum, level) => sum + level, 0) / grey.length + 0.5);
}

/** How often each level occurs in a channel. */
export function histogram({ data, channels }: Image, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let q = channel; q < data.length; q += channels) counts[data[q]]++;
  return counts;
}

/** Pillow's filter SMOOTH: each inner pixel with its eight neighbours, itself five times. */
export function smoothed({ data, channels, width, height }: Image): Uint8Array {
  const out = new Uint8Array(data);
  const row = width * channels;
  const weight = Math.fround(1 / 13);
  const centre = Math.fround(5 / 13);
  for (let y = 1; y < height - 1; y++) {
    for (let q = y * row + channels; q < (y + 1) * row - channels; q++) {
      let sum = 0.5;
      for (const line of [q + row, q, q - row]) {
        const middle = Math.fround(data[line] * (line === q ? centre : weight));
        const sides = Math.fround(data[line - channels] * weight);
        const part = Math.fround(Math.fround(sides + middle) + Math.fround(data[line + channels] * weight));
        sum = Math.fround(sum + part);
      }
      out[q] = Math.min(255, Math.trunc(sum));
    }
  }
  return out;
}

/** Hue, saturation and value of a colour, each from 0 to 255. */
function hsvOf(r: number, g: number, b: number): [h: number, s: number, v: number] {
  const high = Math.max(r, g, b);
  const low = Math.min(r, g, b);
  if (high === low) return [0, 0, high];
  const f = Math.fround;
  const range = high - low;
  const [red, green, blue] = [f((high - r) / range), f((high - g) / range), f((high - b) / range)];
  const sector = r === high ? f(blue - green) : g === high ? f(2 + red - blue) : f(4 + green - red);
  const hue = f((sector / 6 + 1) % 1);
  return [Math.trunc(hue * 255), Math.trunc(f(range / high) * 255), high];
}

/** The colour of a hue, saturation and value. */
function rgbOf(h: number, s: number, v: number): readonly [r: number, g: number, b: number] {
  if (s === 0) return [v, v, v];
  const f = Math.fround;
  const sector = Math.floor((h * 6) / 255);
  const part = f((h * 6) / 255 - sector);
  const share = f(s / 255);
  const p = Math.round(v * (1 - share));
  const q = Math.round(v * (1 - f(share * part)));
  const t = Math.round(v * (1 - share * (1 - part)));
  const colours = [
    [v, t, p],
    [q, v, p],
    [p, v, t],
    [p, q, v],
    [t, p, v],
    [v, p, q],
  ] as const;
  return colours[sector % 6];
}

/** All hues moved by so many of 256 steps. Opacity is lost, as in Pillow. */
export function turned(image: Image, steps: number): Image {
  const { data, channels } = image;
  const out = new Uint8Array(data).fill(255);
  for (let q = 0; q < data.length; q += channels) {
    const [h, s, v] = hsvOf(data[q], data[q + 1], data[q + 2]);
    out.set(rgbOf((h + steps) & 255, s, v), q);
  }
  return new Image(image.mode, image.size, out);
}
