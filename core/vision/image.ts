// An image as data sets give it: bytes of pixels, the counterpart of a Pillow image.

import { inspectSymbol } from "../inspect";
import { displaySymbol, type MimeBundle } from "../display/host";
import { Images } from "../display/image";
import { ArgumentError, ShapeError } from "../errors";
import { fromTypedArray } from "../ops/create/create";
import { uint8 } from "../tensor/dtype";
import type { Tensor } from "../tensor/tensor";

/** Kinds of pixels: grey, colour, colour with opacity. */
export type ImageMode = "L" | "RGB" | "RGBA";

const CHANNELS: { readonly [mode in ImageMode]: number } = { L: 1, RGB: 3, RGBA: 4 };

/** The mode with so many channels, or null. */
export function modeOf(channels: number): ImageMode | null {
  const found = Object.entries(CHANNELS).find(([, count]) => count === channels);
  return found === undefined ? null : (found[0] as ImageMode);
}

/** Pixels of one byte per channel. A front-end shows it as a picture; `show(image)` too. */
export class Image {
  /** Pixels per row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;

  /**
   * @param mode "L" (grey), "RGB" or "RGBA"
   * @param size width and height
   * @param data rows of interleaved bytes, from 0 to 255
   * @throws ShapeError when the number of bytes does not fit
   */
  constructor(
    readonly mode: ImageMode,
    size: readonly [width: number, height: number],
    readonly data: Uint8Array,
  ) {
    if (!(mode in CHANNELS)) throw new ArgumentError(`Image mode should be L, RGB or RGBA, got ${String(mode)}`);
    [this.width, this.height] = size;
    const expected = this.width * this.height * this.channels;
    if (data.length !== expected) {
      throw new ShapeError(
        `an image of mode ${mode} and size ${this.width}x${this.height} has ${expected} bytes, got ${data.length}`,
      );
    }
  }

  /** Width and height. */
  get size(): [width: number, height: number] {
    return [this.width, this.height];
  }

  /** Bytes per pixel. */
  get channels(): number {
    return CHANNELS[this.mode];
  }

  /** The pixels as a uint8 tensor (height, width, channels) over the same memory. */
  pixels(): Tensor {
    return fromTypedArray(this.data).view(this.height, this.width, this.channels);
  }

  toString(): string {
    return `<Image mode=${this.mode} size=${this.width}x${this.height}>`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }

  /** A PNG, and characters. */
  [displaySymbol](): MimeBundle {
    const planes = this.pixels().permute(2, 0, 1).float().contiguous();
    const source = { shape: planes.sizes, dtype: uint8.name, toFloat32: () => planes.raw() as Float32Array };
    return new Images(source)[displaySymbol]();
  }
}
