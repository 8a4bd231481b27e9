// Names of interpolations, and what "nearest" takes of an image.

/** How values between pixels are found. */
export type Interpolation = "nearest" | "bilinear" | "bicubic" | "box" | "hamming" | "lanczos";

/** The input pixel that "nearest" takes of an image for each output pixel. Pillow walks in steps, whose rounding errors add up. */
export function nearestPixels(input: number, output: number): number[] {
  const step = input / output;
  const positions = new Array<number>(output);
  for (let i = 0, at = step / 2; i < output; i++, at += step) positions[i] = Math.min(input - 1, Math.floor(at));
  return positions;
}
