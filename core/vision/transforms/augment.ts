// Augmentations by learned or random policies: AutoAugment, RandAugment, TrivialAugment.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { arange, linspace } from "../../ops/create/create";
import { rand, randint } from "../../ops/random/random";
import { pythonText } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import {
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  equalize,
  invert,
  posterize,
  solarize,
} from "./adjust";
import type { Interpolation } from "./filters";
import { affine, type Point, rotate, type SamplingOptions } from "./geometry";
import { type Picture, PictureTransform, sizeOf } from "./planes";
import { POLICIES } from "./policies";
import type { FillValue } from "./warp";

type Operation = (img: Picture, magnitude: number, sampling: Required<SamplingOptions>) => Picture;

const degreesOf = (slope: number) => (Math.atan(slope) * 180) / Math.PI;

function sheared(img: Picture, shear: Point, sampling: Required<SamplingOptions>): Picture {
  return affine(img, 0, [0, 0], 1, shear, { ...sampling, center: [0, 0] });
}

const OPERATIONS = {
  Identity: (img) => img,
  ShearX: (img, slope, sampling) => sheared(img, [degreesOf(slope), 0], sampling),
  ShearY: (img, slope, sampling) => sheared(img, [0, degreesOf(slope)], sampling),
  TranslateX: (img, pixels, sampling) => affine(img, 0, [Math.trunc(pixels), 0], 1, [0, 0], sampling),
  TranslateY: (img, pixels, sampling) => affine(img, 0, [0, Math.trunc(pixels)], 1, [0, 0], sampling),
  Rotate: (img, degrees, sampling) => rotate(img, degrees, sampling),
  Brightness: (img, magnitude) => adjustBrightness(img, 1 + magnitude),
  Color: (img, magnitude) => adjustSaturation(img, 1 + magnitude),
  Contrast: (img, magnitude) => adjustContrast(img, 1 + magnitude),
  Sharpness: (img, magnitude) => adjustSharpness(img, 1 + magnitude),
  Posterize: (img, bits) => posterize(img, Math.trunc(bits)),
  Solarize: (img, threshold) => solarize(img, threshold),
  AutoContrast: (img) => autocontrast(img),
  Equalize: (img) => equalize(img),
  Invert: (img) => invert(img),
} as const satisfies { readonly [name: string]: Operation };

type OperationName = keyof typeof OPERATIONS;

/** An operation with its magnitudes, or null where it has none; a signed one goes either way. */
type Entry = readonly [name: OperationName, magnitudes: Tensor | null, signed: boolean];

/** The largest magnitudes of a space of operations. */
interface Extremes {
  readonly shear: number;
  readonly across: number;
  readonly down: number;
  readonly degrees: number;
  readonly change: number;
  readonly bits: number;
}

/** The operations that all have, in PyTorch's order, with so many magnitudes each. */
function spaceOf(bins: number, { shear, across, down, degrees, change, bits }: Extremes): Entry[] {
  const to = (most: number) => linspace(0, most, bins);
  const posterized = arange(bins)
    .div((bins - 1) / bits)
    .round()
    .rsub(8);
  return [
    ["ShearX", to(shear), true],
    ["ShearY", to(shear), true],
    ["TranslateX", to(across), true],
    ["TranslateY", to(down), true],
    ["Rotate", to(degrees), true],
    ["Brightness", to(change), true],
    ["Color", to(change), true],
    ["Contrast", to(change), true],
    ["Sharpness", to(change), true],
    ["Posterize", posterized, false],
    ["Solarize", linspace(255, 0, bins), false],
    ["AutoContrast", null, false],
    ["Equalize", null, false],
  ];
}

/** The extremes of AutoAugment and RandAugment, which depend on the size of the picture. */
function moderate(input: Picture): Extremes {
  const [height, width] = input instanceof Image ? [input.height, input.width] : sizeOf(input);
  const share = 150 / 331;
  return { shear: 0.3, across: share * width, down: share * height, degrees: 30, change: 0.9, bits: 4 };
}

const coin = (): boolean => randint(2, [1]).item() !== 0;

abstract class Augmentation extends PictureTransform {
  protected readonly sampling: Required<SamplingOptions>;

  constructor({ interpolation, fill }: Required<SamplingOptions>) {
    super();
    this.sampling = { interpolation, fill };
  }

  /** Interpolation and fill as they print. */
  protected get samplingText(): string {
    const { interpolation, fill } = this.sampling;
    return `interpolation=InterpolationMode.${interpolation.toUpperCase()}, fill=${pythonText(fill)}`;
  }

  /** A random operation; `pick` gives the number of its magnitude. */
  protected random(input: Picture, space: readonly Entry[], pick: (magnitudes: Tensor) => number): Picture {
    const [name, magnitudes, signed] = space[randint(space.length, [1]).item()];
    const magnitude = magnitudes === null ? 0 : magnitudes.at(pick(magnitudes)).item();
    return OPERATIONS[name](input, signed && coin() ? -magnitude : magnitude, this.sampling);
  }
}

/** What AutoAugment takes by name. */
export interface AutoAugmentOptions extends SamplingOptions {
  /** The data set that the policy was found on: "imagenet" (default), "cifar10", "svhn". */
  policy?: keyof typeof POLICIES;
}

/**
 * Two operations by a random one of 25 learned policies, each with its probability. Options: `policy`, `interpolation` ("nearest"),
 * `fill`. Throws ArgumentError for an unknown policy. Source: torchvision.transforms.AutoAugment.
 */
export class AutoAugment extends Augmentation {
  /** @internal */
  static readonly [signature] = new Signature(
    "def AutoAugment(str policy='imagenet', str interpolation='nearest', value fill=None)",
  );

  /** The data set that the policy was found on. */
  readonly policy: keyof typeof POLICIES;

  constructor(
    ...args: Arguments<
      [policy?: keyof typeof POLICIES, interpolation?: Interpolation, fill?: FillValue],
      AutoAugmentOptions
    >
  );
  constructor(...args: unknown[]) {
    const { policy, ...sampling } = AutoAugment[signature].complete<Required<AutoAugmentOptions>>(args);
    super(sampling);
    if (!Object.hasOwn(POLICIES, policy)) {
      throw new ArgumentError(`The provided policy ${String(policy)} is not recognized.`);
    }
    this.policy = policy;
  }

  override forward(input: Picture): Picture {
    const policies = POLICIES[this.policy];
    const chosen = policies[randint(policies.length, [1]).item()];
    const chances = rand(2).tolist() as number[];
    const signs = randint(2, [2]).tolist() as number[];
    const space: readonly Entry[] = [...spaceOf(10, moderate(input)), ["Invert", null, false]];
    return chosen.reduce((img: Picture, [name, probability, at], k) => {
      if (!(chances[k] <= Math.fround(probability))) return img;
      const [, magnitudes, signed] = space.find(([own]) => own === name) as Entry;
      const magnitude = at === null || magnitudes === null ? 0 : magnitudes.at(at).item();
      return OPERATIONS[name](img, signed && signs[k] === 0 ? -magnitude : magnitude, this.sampling);
    }, input);
  }

  protected override extraRepr(): string {
    return `policy=AutoAugmentPolicy.${this.policy.toUpperCase()}, fill=${pythonText(this.sampling.fill)}`;
  }
}

/** What RandAugment takes by name. */
export interface RandAugmentOptions extends SamplingOptions {
  /** How many operations. Default 2. */
  numOps?: number;
  /** The number of the magnitude of all. Default 9. */
  magnitude?: number;
  /** How many magnitudes there are. Default 31. */
  numMagnitudeBins?: number;
}

/**
 * Random operations, all of one magnitude. Options: `numOps` (2), `magnitude` (9), `numMagnitudeBins` (31), `interpolation`
 * ("nearest"), `fill`. Source: torchvision.transforms.RandAugment.
 */
export class RandAugment extends Augmentation {
  /** @internal */
  static readonly [signature] = new Signature(
    "def RandAugment(int numOps=2, int magnitude=9, int numMagnitudeBins=31, str interpolation='nearest', value fill=None)",
  );

  private readonly options: Required<RandAugmentOptions>;

  constructor(
    ...args: Arguments<
      [numOps?: number, magnitude?: number, numMagnitudeBins?: number, interpolation?: Interpolation, fill?: FillValue],
      RandAugmentOptions
    >
  );
  constructor(...args: unknown[]) {
    const options = RandAugment[signature].complete<Required<RandAugmentOptions>>(args);
    super(options);
    this.options = options;
  }

  override forward(input: Picture): Picture {
    const { numOps, magnitude, numMagnitudeBins } = this.options;
    const space: readonly Entry[] = [["Identity", null, false], ...spaceOf(numMagnitudeBins, moderate(input))];
    let img = input;
    for (let k = 0; k < numOps; k++) img = this.random(img, space, () => magnitude);
    return img;
  }

  protected override extraRepr(): string {
    const { numOps, magnitude, numMagnitudeBins } = this.options;
    return `num_ops=${numOps}, magnitude=${magnitude}, num_magnitude_bins=${numMagnitudeBins}, ${this.samplingText}`;
  }
}

/** What TrivialAugmentWide takes by name. */
export interface TrivialAugmentWideOptions extends SamplingOptions {
  /** How many magnitudes there are. Default 31. */
  numMagnitudeBins?: number;
}

/** The extremes of TrivialAugment. */
const WIDE: Extremes = { shear: 0.99, across: 32, down: 32, degrees: 135, change: 0.99, bits: 6 };

/**
 * One random operation of random magnitude. Options: `numMagnitudeBins` (31), `interpolation` ("nearest"), `fill`.
 * Source: torchvision.transforms.TrivialAugmentWide.
 */
export class TrivialAugmentWide extends Augmentation {
  /** @internal */
  static readonly [signature] = new Signature(
    "def TrivialAugmentWide(int numMagnitudeBins=31, str interpolation='nearest', value fill=None)",
  );

  /** How many magnitudes there are. */
  readonly numMagnitudeBins: number;

  constructor(
    ...args: Arguments<
      [numMagnitudeBins?: number, interpolation?: Interpolation, fill?: FillValue],
      TrivialAugmentWideOptions
    >
  );
  constructor(...args: unknown[]) {
    const options = TrivialAugmentWide[signature].complete<Required<TrivialAugmentWideOptions>>(args);
    super(options);
    this.numMagnitudeBins = options.numMagnitudeBins;
  }

  override forward(input: Picture): Picture {
    const space: readonly Entry[] = [["Identity", null, false], ...spaceOf(this.numMagnitudeBins, WIDE)];
    return this.random(input, space, (magnitudes) => randint(magnitudes.numel(), [1]).item());
  }

  protected override extraRepr(): string {
    return `num_magnitude_bins=${this.numMagnitudeBins}, ${this.samplingText}`;
  }
}
