// Parts of pictures.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { randint } from "../../ops/random/random";
import { pythonText } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";
import { type PadOptions, type Padding, padded } from "./border";
import {
  changed,
  cropped,
  type Extent,
  extentOf,
  FixedTransform,
  type Picture,
  PlaneTransform,
  roundEven,
  sizeOf,
} from "./planes";
import { Transform } from "./transform";

function centre(planes: Tensor, [height, width]: readonly [number, number]): Tensor {
  const [h, w] = sizeOf(planes);
  const [dh, dw] = [Math.max(height - h, 0), Math.max(width - w, 0)];
  const room = [Math.floor(dw / 2), Math.floor(dh / 2), Math.floor((dw + 1) / 2), Math.floor((dh + 1) / 2)];
  const large = dh > 0 || dw > 0 ? padded(planes, room) : planes;
  const [rows, columns] = sizeOf(large);
  return cropped(large, roundEven((rows - height) / 2), roundEven((columns - width) / 2), height, width);
}

/** The middle of a picture; a smaller one gets a border of zeros. Source: torchvision.transforms.CenterCrop. */
export class CenterCrop extends FixedTransform {
  /** @internal */
  static readonly [signature] = new Signature("def CenterCrop(value size)");

  /** Height and width of the part. */
  readonly size: readonly [height: number, width: number];

  constructor(size: Extent | { size: Extent });
  constructor(...args: unknown[]) {
    super();
    this.size = extentOf(CenterCrop[signature].complete<{ size: Extent }>(args).size);
  }

  protected change(planes: Tensor): Tensor {
    return centre(planes, this.size);
  }

  protected override extraRepr(): string {
    return `size=${pythonText(this.size)}`;
  }
}

/** The four corners and the middle of a picture. Source: torchvision.transforms.FiveCrop. */
export class FiveCrop extends Transform<Picture, Picture[]> {
  /** @internal */
  static readonly [signature] = new Signature("def FiveCrop(value size)");

  /** Height and width of each part. */
  readonly size: readonly [height: number, width: number];

  constructor(size: Extent | { size: Extent });
  constructor(...args: unknown[]) {
    super();
    this.size = extentOf(FiveCrop[signature].complete<{ size: Extent }>(args).size);
  }

  forward(input: Picture): Picture[] {
    const [height, width] = this.size;
    const corner = (bottom: boolean, right: boolean) => (planes: Tensor) => {
      const [h, w] = sizeOf(planes);
      requireRoom([h, w], this.size);
      return cropped(planes, bottom ? h - height : 0, right ? w - width : 0, height, width);
    };
    const parts = [corner(false, false), corner(false, true), corner(true, false), corner(true, true)];
    return [...parts, (planes: Tensor) => centre(planes, this.size)].map((part) => changed(input, part));
  }

  protected override extraRepr(): string {
    return `size=${pythonText(this.size)}`;
  }
}

/**
 * The parts that FiveCrop gives, then those of the mirrored picture. `verticalFlip`: upside down rather than left to right.
 * Source: torchvision.transforms.TenCrop.
 */
export class TenCrop extends Transform<Picture, Picture[]> {
  /** @internal */
  static readonly [signature] = new Signature("def TenCrop(value size, bool verticalFlip=False)");

  /** Height and width of each part. */
  readonly size: readonly [height: number, width: number];
  /** Whether the picture is mirrored upside down. */
  readonly verticalFlip: boolean;

  constructor(size: Extent, ...args: Arguments<[verticalFlip?: boolean], { verticalFlip?: boolean }>);
  constructor(options: { size: Extent; verticalFlip?: boolean });
  constructor(...args: unknown[]) {
    super();
    const { size, verticalFlip } = TenCrop[signature].complete<{ size: Extent; verticalFlip: boolean }>(args);
    this.size = extentOf(size);
    this.verticalFlip = verticalFlip;
  }

  forward(input: Picture): Picture[] {
    const five = new FiveCrop(this.size);
    return [...five(input), ...five(changed(input, (planes) => planes.flip(this.verticalFlip ? -2 : -1)))];
  }

  protected override extraRepr(): string {
    return `size=${pythonText(this.size)}, vertical_flip=${pythonText(this.verticalFlip)}`;
  }
}

function requireRoom([h, w]: readonly [number, number], [height, width]: readonly [number, number]): void {
  if (height <= h && width <= w) return;
  throw new ArgumentError(
    `Required crop size ${pythonText([height, width])} is larger than input image size ${pythonText([h, w])}`,
  );
}

/** What RandomCrop takes by name. */
export interface RandomCropOptions extends PadOptions {
  /** A border added before. */
  padding?: Padding | null;
  /** Whether a picture that is too small gets a border. Default false. */
  padIfNeeded?: boolean;
}

/**
 * A part of a picture at a random place. Options: `padding`, `padIfNeeded`, `fill`, `paddingMode`. Throws ArgumentError for a
 * picture that is too small. Source: torchvision.transforms.RandomCrop.
 */
export class RandomCrop extends PlaneTransform {
  /** @internal */
  static readonly [signature] = new Signature(
    "def RandomCrop(value size, value padding=None, bool padIfNeeded=False, value fill=0, str paddingMode='constant')",
  );

  /** Height and width of the part. */
  readonly size: readonly [height: number, width: number];
  /** The border added before, or null. */
  readonly padding: Padding | null;
  private readonly options: RandomCropOptions;

  constructor(
    size: Extent,
    ...args: Arguments<
      [
        padding?: Padding | null,
        padIfNeeded?: boolean,
        fill?: PadOptions["fill"],
        paddingMode?: PadOptions["paddingMode"],
      ],
      RandomCropOptions
    >
  );
  constructor(options: RandomCropOptions & { size: Extent });
  constructor(...args: unknown[]) {
    super();
    const { size, ...options } = RandomCrop[signature].complete<RandomCropOptions & { size: Extent }>(args);
    this.size = extentOf(size);
    this.padding = options.padding;
    this.options = options;
  }

  protected change(planes: Tensor): Tensor {
    const { options, padding } = this;
    const [height, width] = this.size;
    let large = padding === null ? planes : padded(planes, padding, options);
    if (options.padIfNeeded) {
      const [h, w] = sizeOf(large);
      if (w < width) large = padded(large, [width - w, 0], options);
      if (h < height) large = padded(large, [0, height - h], options);
    }
    const [h, w] = sizeOf(large);
    requireRoom([h, w], this.size);
    if (h === height && w === width) return large;
    const top = randint(0, h - height + 1, [1]).item();
    const left = randint(0, w - width + 1, [1]).item();
    return cropped(large, top, left, height, width);
  }

  protected override extraRepr(): string {
    return `size=${pythonText(this.size)}, padding=${pythonText(this.padding)}`;
  }
}
