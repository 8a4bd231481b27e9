// Colours changed at random.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { empty } from "../../ops/create/create";
import { rand, randperm } from "../../ops/random/random";
import { pythonText } from "../../tensor/python-text";
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  equalize,
  invert,
  posterize,
  solarize,
} from "./adjust";
import { greyImage, greyPlanes } from "./color";
import { Image } from "../image";
import { type Picture, PictureTransform } from "./planes";

/** How much a property of colours varies: by so much around its neutral value, or from one number to another. */
export type Jitter = number | readonly [low: number, high: number];

/** What ColorJitter takes by name. */
export interface ColorJitterOptions {
  /** Factors from max(0, 1 − x) to 1 + x. Default 0: none. */
  brightness?: Jitter;
  /** Factors from max(0, 1 − x) to 1 + x. Default 0: none. */
  contrast?: Jitter;
  /** Factors from max(0, 1 − x) to 1 + x. Default 0: none. */
  saturation?: Jitter;
  /** Turns from −x to x, at most 0.5. Default 0: none. */
  hue?: Jitter;
}

type Range = readonly [low: number, high: number];

/** The range of a property, or null where it does not vary. Throws ArgumentError for one that cannot be. */
function rangeOf(value: Jitter, name: string, [centre, least, most]: readonly number[]): Range | null {
  let range: Range;
  if (typeof value === "number") {
    if (value < 0) throw new ArgumentError(`If ${name} is a single number, it must be non negative.`);
    range = [name === "hue" ? centre - value : Math.max(centre - value, 0), centre + value];
  } else if (Array.isArray(value) && value.length === 2) {
    range = [value[0], value[1]];
    if (!(least <= range[0] && range[0] <= range[1] && range[1] <= most)) {
      throw new ArgumentError(`${name} values should be between ${pythonText([least, most], { float: true })}`);
    }
  } else throw new ArgumentError(`${name} should be a single number or a list/tuple with length 2.`);
  return range[0] === centre && range[1] === centre ? null : range;
}

const FACTOR = [1, 0, Number.POSITIVE_INFINITY] as const;
const TURN = [0, -0.5, 0.5] as const;

/** The adjustments in torchvision's order. */
const ADJUSTMENTS = [adjustBrightness, adjustContrast, adjustSaturation, adjustHue] as const;

/**
 * Brightness, contrast, saturation and hue changed by random factors, in random order. Each option is a number or a range.
 * Throws ArgumentError for ranges that cannot be. Source: torchvision.transforms.ColorJitter.
 */
export class ColorJitter extends PictureTransform {
  /** @internal */
  static readonly [signature] = new Signature(
    "def ColorJitter(value brightness=0, value contrast=0, value saturation=0, value hue=0)",
  );

  /** The range of the factor of brightness, or null. */
  readonly brightness: Range | null;
  /** The range of the factor of contrast, or null. */
  readonly contrast: Range | null;
  /** The range of the factor of saturation, or null. */
  readonly saturation: Range | null;
  /** The range of the turn of hues, or null. */
  readonly hue: Range | null;
  private readonly given: Required<ColorJitterOptions>;

  constructor(
    ...args: Arguments<[brightness?: Jitter, contrast?: Jitter, saturation?: Jitter, hue?: Jitter], ColorJitterOptions>
  );
  constructor(...args: unknown[]) {
    super();
    const given = ColorJitter[signature].complete<Required<ColorJitterOptions>>(args);
    this.given = given;
    this.brightness = rangeOf(given.brightness, "brightness", FACTOR);
    this.contrast = rangeOf(given.contrast, "contrast", FACTOR);
    this.saturation = rangeOf(given.saturation, "saturation", FACTOR);
    this.hue = rangeOf(given.hue, "hue", TURN);
  }

  override forward(input: Picture): Picture {
    const order = randperm(4).tolist() as number[];
    const ranges = [this.brightness, this.contrast, this.saturation, this.hue];
    const factors = ranges.map((range) =>
      range === null
        ? null
        : empty(1)
            .uniform_(...range)
            .item(),
    );
    return order.reduce((picture, k) => {
      const factor = factors[k];
      return factor === null ? picture : ADJUSTMENTS[k](picture, factor);
    }, input);
  }

  protected override extraRepr(): string {
    const names = ["brightness", "contrast", "saturation", "hue"] as const;
    const text = (range: Range | null, given: Jitter) => {
      if (range === null) return "None";
      // A range that was computed is a list in PyTorch; one that was given prints as it was given.
      if (typeof given !== "number") return pythonText(range);
      return `[${range.map((x) => pythonText(x, { float: true })).join(", ")}]`;
    };
    return names.map((name) => `${name}=${text(this[name], this.given[name])}`).join(", ");
  }
}

/** A change that happens with a probability `p`. */
abstract class Occasional extends PictureTransform {
  /** How often the change happens. */
  abstract readonly p: number;

  /** The change. */
  protected abstract changed(input: Picture): Picture;

  override forward(input: Picture): Picture {
    return rand(1).item() < this.p ? this.changed(input) : input;
  }
}

/** An occasional change that takes nothing but `p`. */
abstract class Plain extends Occasional {
  /** @internal */
  static readonly [signature]: Signature = new Signature("def __init__(float p=0.5)");

  override readonly p: number;

  /** `p`: the probability. */
  constructor(p?: number | { p?: number });
  constructor(...args: unknown[]) {
    super();
    this.p = (new.target as typeof Plain)[signature].complete<{ p: number }>(args).p;
  }

  protected override extraRepr(): string {
    return `p=${pythonText(this.p)}`;
  }
}

/** An occasional change with one number of its own. */
abstract class Graded extends Occasional {
  override readonly p: number;
  /** What the change takes. */
  protected readonly grade: number;
  private readonly label: string;

  constructor(form: Signature, name: string, label: string, args: unknown[]) {
    super();
    const given = form.complete<Record<string, number>>(args);
    this.grade = given[name];
    this.label = label;
    this.p = given.p;
  }

  protected override extraRepr(): string {
    return `${this.label}=${pythonText(this.grade)},p=${pythonText(this.p)}`;
  }
}

/** A grey picture, of as many channels, with probability `p` (0.1). Source: torchvision.transforms.RandomGrayscale. */
export class RandomGrayscale extends Plain {
  /** @internal */
  static override readonly [signature] = new Signature("def __init__(float p=0.1)");

  protected override changed(input: Picture): Picture {
    if (input instanceof Image) return greyImage(input, input.channels === 1 ? 1 : 3);
    const channels = input.sizes[input.ndim - 3];
    return channels === 1 ? input : greyPlanes(input).expand([...input.sizes]);
  }
}

/** Colours inverted with probability `p` (0.5). Source: torchvision.transforms.RandomInvert. */
export class RandomInvert extends Plain {
  protected override changed(input: Picture): Picture {
    return invert(input);
  }
}

/** Contrast stretched with probability `p` (0.5). Source: torchvision.transforms.RandomAutocontrast. */
export class RandomAutocontrast extends Plain {
  protected override changed(input: Picture): Picture {
    return autocontrast(input);
  }
}

/** Levels made equally frequent with probability `p` (0.5). Source: torchvision.transforms.RandomEqualize. */
export class RandomEqualize extends Plain {
  protected override changed(input: Picture): Picture {
    return equalize(input);
  }
}

/** Colours of `bits` bits with probability `p` (0.5). Source: torchvision.transforms.RandomPosterize. */
export class RandomPosterize extends Graded {
  constructor(bits: number, ...args: Arguments<[p?: number], { p?: number }>);
  constructor(options: { bits: number; p?: number });
  constructor(...args: unknown[]) {
    super(new Signature("def RandomPosterize(int bits, float p=0.5)"), "bits", "bits", args);
  }

  protected override changed(input: Picture): Picture {
    return posterize(input, this.grade);
  }
}

/** Colours from a `threshold` on inverted with probability `p` (0.5). Source: torchvision.transforms.RandomSolarize. */
export class RandomSolarize extends Graded {
  constructor(threshold: number, ...args: Arguments<[p?: number], { p?: number }>);
  constructor(options: { threshold: number; p?: number });
  constructor(...args: unknown[]) {
    super(new Signature("def RandomSolarize(float threshold, float p=0.5)"), "threshold", "threshold", args);
  }

  protected override changed(input: Picture): Picture {
    return solarize(input, this.grade);
  }
}

/** Sharpness changed by a factor with probability `p` (0.5). Source: torchvision.transforms.RandomAdjustSharpness. */
export class RandomAdjustSharpness extends Graded {
  constructor(sharpnessFactor: number, ...args: Arguments<[p?: number], { p?: number }>);
  constructor(options: { sharpnessFactor: number; p?: number });
  constructor(...args: unknown[]) {
    const form = new Signature("def RandomAdjustSharpness(float sharpnessFactor, float p=0.5)");
    super(form, "sharpnessFactor", "sharpness_factor", args);
  }

  protected override changed(input: Picture): Picture {
    return adjustSharpness(input, this.grade);
  }
}
