// Resizing: images in bytes with Pillow's fixed-point arithmetic, tensors as products with matrices of weights.

import { ArgumentError } from "../../errors";
import { tensor } from "../../ops/create/create";
import { float32, int64 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import { filterOf, type Interpolation, nearestPositions, neighbourTaps, smoothTaps, type Tap } from "./filters";
import { imageOf, planesOf, sizeOf } from "./planes";

const PRECISION = 22;
const ONE = 2 ** PRECISION;
const HALF = ONE / 2;

/** The taps of all results in one array each: where a result's inputs begin, where its weights do, and the weights as whole numbers. */
interface FixedTaps {
  readonly firsts: Int32Array;
  /** One more than there are results. */
  readonly starts: Int32Array;
  readonly weights: Int32Array;
}

/** How many sizes' taps are kept: images of a data set often have few. */
const KEPT = 32;
const kept = new Map<string, FixedTaps>();

/** The taps that make `output` pixels of `input`. */
function tapsFor(input: number, output: number, interpolation: Exclude<Interpolation, "nearest">): FixedTaps {
  const key = `${input} ${output} ${interpolation}`;
  let found = kept.get(key);
  if (found === undefined) {
    found = fixedTaps(smoothTaps(input, output, filterOf(interpolation)));
    if (kept.size >= KEPT) kept.clear();
    kept.set(key, found);
  }
  return found;
}

function fixedTaps(taps: readonly Tap[]): FixedTaps {
  const starts = new Int32Array(taps.length + 1);
  for (const [i, { weights }] of taps.entries()) starts[i + 1] = starts[i] + weights.length;
  const firsts = Int32Array.from(taps, ({ first }) => first);
  const weights = Int32Array.from(taps.flatMap((tap) => [...tap.weights]).map(toFixed));
  return { firsts, starts, weights };
}

/** Rows of pixels of `channels` bytes, each made `firsts.length` pixels long. Sums stay within 32 bits, as in Pillow. */
function resizeRows(source: Uint8Array, rows: number, channels: number, taps: FixedTaps): Uint8Array {
  const { firsts, starts, weights } = taps;
  const inputs = source.length / rows;
  const out = new Uint8ClampedArray(rows * firsts.length * channels);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let i = 0; i < firsts.length; i++, to += channels) {
      const begin = starts[i];
      const end = starts[i + 1];
      let at = row * inputs + firsts[i] * channels;
      let a = HALF;
      let b = HALF;
      let c = HALF;
      let d = HALF;
      // All channels in one pass: a weight is read once for them.
      for (let k = begin; k < end; k++, at += channels) {
        const weight = weights[k];
        a = (a + Math.imul(source[at], weight)) | 0;
        if (channels === 1) continue;
        b = (b + Math.imul(source[at + 1], weight)) | 0;
        c = (c + Math.imul(source[at + 2], weight)) | 0;
        if (channels === 4) d = (d + Math.imul(source[at + 3], weight)) | 0;
      }
      out[to] = a >> PRECISION;
      if (channels === 1) continue;
      out[to + 1] = b >> PRECISION;
      out[to + 2] = c >> PRECISION;
      if (channels === 4) out[to + 3] = d >> PRECISION;
    }
  }
  return new Uint8Array(out.buffer);
}

/** Rows of `length` bytes, made `firsts.length` rows. Row by row, so that memory is read in its order. */
function resizeColumns(source: Uint8Array, length: number, { firsts, starts, weights }: FixedTaps): Uint8Array {
  const out = new Uint8ClampedArray(firsts.length * length);
  const sums = new Int32Array(length);
  for (let i = 0; i < firsts.length; i++) {
    sums.fill(HALF);
    for (let k = starts[i], from = firsts[i] * length; k < starts[i + 1]; k++, from += length) {
      const weight = weights[k];
      for (let x = 0; x < length; x++) sums[x] += Math.imul(source[from + x], weight);
    }
    for (let x = 0, to = i * length; x < length; x++, to++) out[to] = sums[x] >> PRECISION;
  }
  return new Uint8Array(out.buffer);
}

function toFixed(weight: number): number {
  return Math.trunc(weight * ONE + (weight < 0 ? -0.5 : 0.5));
}

function resizeBytes(
  image: Image,
  [height, width]: readonly [number, number],
  interpolation: Exclude<Interpolation, "nearest">,
): Image {
  const { channels } = image;
  let bytes = image.data;
  if (width !== image.width) {
    bytes = resizeRows(bytes, image.height, channels, tapsFor(image.width, width, interpolation));
  }
  if (height !== image.height) {
    bytes = resizeColumns(bytes, width * channels, tapsFor(image.height, height, interpolation));
  }
  return new Image(image.mode, [width, height], bytes);
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

function nearest(planes: Tensor, size: readonly [number, number], offset: number): Tensor {
  const [height, width] = sizeOf(planes);
  const pick = (input: number, output: number) => tensor(nearestPositions(input, output, offset), { dtype: int64 });
  return planes.indexSelect(-2, pick(height, size[0])).indexSelect(-1, pick(width, size[1]));
}

/** An image in another size, as Pillow makes it: reduced images are always smoothed. */
export function resizeImage(image: Image, size: readonly [number, number], interpolation: Interpolation): Image {
  if (interpolation === "nearest") return imageOf(nearest(planesOf(image), size, 0.5));
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
  if (interpolation === "nearest") return nearest(planes, size, 0);
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
