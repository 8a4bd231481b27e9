// Pictures in another size.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { empty, tensor } from "../../ops/create/create";
import { randint } from "../../ops/random/random";
import { pythonText } from "../../tensor/python-text";
import { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import type { Interpolation } from "./filters";
import { changed, cropped, type Extent, extentOf, type Picture, PictureTransform, roundEven, sizeOf } from "./planes";
import { resizeImage, resizeTensor } from "./resample";
import type { Batch } from "./transform";

/** How a picture is resized. */
export interface ResampleOptions {
  /** "bilinear" (default), "nearest", "bicubic"; for images also "box", "hamming", "lanczos". */
  interpolation?: Interpolation;
  /** Whether a reduced tensor is smoothed; images always are. Default null: no. */
  antialias?: boolean | null;
}

/** What Resize takes by name. */
export interface ResizeOptions extends ResampleOptions {
  /** The limit of the longer side when one size is given. */
  maxSize?: number | null;
}

abstract class Resampling extends PictureTransform {
  /** How values between pixels are found. */
  readonly interpolation: Interpolation;
  /** Whether a reduced tensor is smoothed. */
  readonly antialias: boolean | null;

  constructor(options: ResampleOptions) {
    super();
    this.interpolation = options.interpolation ?? "bilinear";
    this.antialias = options.antialias ?? null;
  }

  /** A picture in a size. */
  protected resized(input: Picture, size: readonly [number, number]): Picture {
    if (input instanceof Image) {
      const same = input.height === size[0] && input.width === size[1];
      return same ? input : resizeImage(input, size, this.interpolation);
    }
    const [height, width] = sizeOf(input);
    if (height === size[0] && width === size[1]) return input;
    return resizeTensor(input, size, this.interpolation, this.antialias ?? false);
  }
}

/**
 * A picture in another size: `[height, width]`, or one number for the shorter side. Options: `interpolation`, `maxSize`,
 * `antialias`. Source: torchvision.transforms.Resize.
 */
export class Resize extends Resampling {
  /** @internal */
  static readonly [signature] = new Signature(
    "def Resize(value size, str interpolation='bilinear', int? maxSize=None, bool? antialias=None)",
  );

  /** Height and width, or the shorter side. */
  readonly size: Extent | readonly [number];
  /** The limit of the longer side, or null. */
  readonly maxSize: number | null;

  constructor(
    size: Extent | readonly [number],
    ...args: Arguments<
      [interpolation?: Interpolation, maxSize?: number | null, antialias?: boolean | null],
      ResizeOptions
    >
  );
  constructor(options: ResizeOptions & { size: Extent | readonly [number] });
  constructor(...args: unknown[]) {
    type Given = ResizeOptions & { size: Extent | readonly [number] };
    const { size, maxSize, ...options } = Resize[signature].complete<Given>(args);
    super(options);
    this.size = size;
    this.maxSize = maxSize;
    const [shorter] = extentOf(this.shorter ?? (size as Extent));
    if (this.maxSize === null) return;
    if (this.shorter === null) {
      throw new ArgumentError(
        "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be an int or a sequence of length 1",
      );
    }
    if (this.maxSize <= shorter) {
      throw new ArgumentError(
        `max_size = ${this.maxSize} must be strictly greater than the requested size for the smaller edge size = ${shorter}`,
      );
    }
  }

  override forward(input: Picture): Picture {
    return this.resized(input, this.target(input instanceof Image ? [input.height, input.width] : sizeOf(input)));
  }

  override forwardBatch(batch: Batch): Batch | null {
    if (!(batch instanceof Tensor) || batch.ndim < 3) return null;
    return this.resized(batch, this.target(sizeOf(batch))) as Tensor;
  }

  private get shorter(): number | null {
    if (typeof this.size === "number") return this.size;
    return this.size.length === 1 ? this.size[0] : null;
  }

  private target([height, width]: readonly [number, number]): [number, number] {
    const { shorter, maxSize } = this;
    if (shorter === null) return extentOf(this.size as Extent);
    const [short, long] = width <= height ? [width, height] : [height, width];
    let [newShort, newLong] = [shorter, Math.trunc((shorter * long) / short)];
    if (maxSize !== null && newLong > maxSize) {
      [newShort, newLong] = [Math.trunc((maxSize * newShort) / newLong), maxSize];
    }
    return width <= height ? [newLong, newShort] : [newShort, newLong];
  }

  protected override extraRepr(): string {
    const { size, interpolation, maxSize, antialias } = this;
    return `size=${pythonText(size)}, interpolation=${interpolation}, max_size=${pythonText(maxSize)}, antialias=${pythonText(antialias)}`;
  }
}

/** What RandomResizedCrop takes by name. */
export interface RandomResizedCropOptions extends ResampleOptions {
  /** The smallest and largest share of the area. Default [0.08, 1]. */
  scale?: readonly [number, number];
  /** The smallest and largest width / height. Default [3 / 4, 4 / 3]. */
  ratio?: readonly [number, number];
}

/** Attempts before the middle of the picture is taken. */
const TRIES = 10;

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A random part of a picture, resized. Options: `scale`, `ratio`, `interpolation`, `antialias`.
 * Source: torchvision.transforms.RandomResizedCrop.
 */
export class RandomResizedCrop extends Resampling {
  /** @internal */
  static readonly [signature] = new Signature(
    "def RandomResizedCrop(value size, float[] scale=[0.08,1.0], float[] ratio=[0.75,1.3333333333333333], str interpolation='bilinear', bool? antialias=None)",
  );

  /** Height and width of the result. */
  readonly size: readonly [height: number, width: number];
  /** The smallest and largest share of the area. */
  readonly scale: readonly [number, number];
  /** The smallest and largest width / height. */
  readonly ratio: readonly [number, number];

  constructor(
    size: Extent,
    ...args: Arguments<
      [
        scale?: readonly [number, number],
        ratio?: readonly [number, number],
        interpolation?: Interpolation,
        antialias?: boolean | null,
      ],
      RandomResizedCropOptions
    >
  );
  constructor(options: RandomResizedCropOptions & { size: Extent });
  constructor(...args: unknown[]) {
    type Given = RandomResizedCropOptions & { size: Extent };
    const { size, scale, ratio, ...options } = RandomResizedCrop[signature].complete<Given>(args);
    super(options);
    this.size = extentOf(size);
    this.scale = scale;
    this.ratio = ratio;
  }

  override forward(input: Picture): Picture {
    const { top, left, height, width } = this.box(input instanceof Image ? [input.height, input.width] : sizeOf(input));
    const part = changed(input, (planes) => cropped(planes, top, left, height, width));
    return this.resized(part, this.size);
  }

  private box([height, width]: readonly [number, number]): Box {
    const { scale, ratio } = this;
    const uniform = (low: number, high: number) => empty(1).uniform_(low, high);
    const [low, high] = tensor([...ratio], { dtype: empty(0).dtype }).log();
    for (let k = 0; k < TRIES; k++) {
      const area = height * width * uniform(...scale).item();
      const aspect = uniform(low.item(), high.item()).exp().item();
      const w = roundEven(Math.sqrt(area * aspect));
      const h = roundEven(Math.sqrt(area / aspect));
      if (w <= 0 || w > width || h <= 0 || h > height) continue;
      const top = randint(0, height - h + 1, [1]).item();
      return { top, left: randint(0, width - w + 1, [1]).item(), height: h, width: w };
    }
    const [narrowest, widest] = [Math.min(...ratio), Math.max(...ratio)];
    const own = width / height;
    const h = own < narrowest ? roundEven(width / narrowest) : height;
    const w = own > widest ? roundEven(height * widest) : width;
    return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
  }

  protected override extraRepr(): string {
    const { size, scale, ratio, interpolation, antialias } = this;
    const rounded = (pair: readonly number[]) =>
      pythonText(
        pair.map((x) => Math.round(x * 1e4) / 1e4),
        { float: true },
      );
    // torchvision's own text has this parenthesis too many.
    return `size=${pythonText(size)}, scale=${rounded(scale)}, ratio=${rounded(ratio)}, interpolation=${interpolation}), antialias=${pythonText(antialias)}`;
  }
}
