// Pictures rotated, sheared, seen in perspective and bent at random.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { empty } from "../../ops/create/create";
import { cat } from "../../ops/create/join";
import { rand, randint } from "../../ops/random/random";
import { pythonText } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import { blurred } from "./blur";
import type { Interpolation } from "./filters";
import { affine, elasticTransform, perspective, type Point, rotate, type SamplingOptions } from "./geometry";
import { type Picture, PictureTransform, roundEven, sizeOf } from "./planes";
import type { FillValue } from "./warp";

/** Degrees: from −x to x, or from one number to another. */
export type Degrees = number | readonly number[];

/** The range of an angle. Throws ArgumentError for one that cannot be. */
function anglesOf(value: Degrees, name: string, lengths: readonly number[]): readonly number[] {
  if (typeof value === "number") {
    if (value < 0) throw new ArgumentError(`If ${name} is a single number, it must be positive.`);
    return [-value, value];
  }
  if (!lengths.includes(value.length)) {
    throw new ArgumentError(`${name} should be a sequence of length ${lengths.join(" or ")}.`);
  }
  return value;
}

const uniform = (low: number, high: number): number => empty(1).uniform_(low, high).item();
const sidesOf = (input: Picture): readonly [height: number, width: number] =>
  input instanceof Image ? [input.height, input.width] : sizeOf(input);
const floats = (values: readonly number[]) => `[${values.map((x) => pythonText(x, { float: true })).join(", ")}]`;

/** What RandomRotation takes by name. */
export interface RandomRotationOptions extends SamplingOptions {
  expand?: boolean;
  center?: Point | null;
}

/**
 * A picture rotated by random degrees. Options: `interpolation` ("nearest"), `expand`, `center`, `fill` (0).
 * Source: torchvision.transforms.RandomRotation.
 */
export class RandomRotation extends PictureTransform {
  /** @internal */
  static readonly [signature] = new Signature(
    "def RandomRotation(value degrees, str interpolation='nearest', bool expand=False, float[]? center=None, value fill=0)",
  );

  /** The range of the angle. */
  readonly degrees: readonly number[];
  private readonly options: Required<RandomRotationOptions>;

  constructor(
    degrees: Degrees,
    ...args: Arguments<
      [interpolation?: Interpolation, expand?: boolean, center?: Point | null, fill?: FillValue],
      RandomRotationOptions
    >
  );
  constructor(options: RandomRotationOptions & { degrees: Degrees });
  constructor(...args: unknown[]) {
    super();
    type Given = Required<RandomRotationOptions> & { degrees: Degrees };
    const { degrees, ...options } = RandomRotation[signature].complete<Given>(args);
    this.degrees = anglesOf(degrees, "degrees", [2]);
    this.options = { ...options, fill: options.fill ?? 0 };
  }

  override forward(input: Picture): Picture {
    return rotate(input, uniform(this.degrees[0], this.degrees[1]), this.options);
  }

  protected override extraRepr(): string {
    const { interpolation, expand, center, fill } = this.options;
    const middle = center === null ? "" : `, center=${pythonText(center)}`;
    return `degrees=${floats(this.degrees)}, interpolation=${interpolation}, expand=${pythonText(expand)}${middle}, fill=${pythonText(fill)}`;
  }
}

/** What RandomAffine takes by name. */
export interface RandomAffineOptions extends SamplingOptions {
  /** The largest shares of width and height that the picture moves. */
  translate?: Point | null;
  scale?: readonly [low: number, high: number] | null;
  /** Degrees along rows: one number, or a range; four numbers: along columns too. */
  shear?: Degrees | null;
  center?: Point | null;
}

/**
 * A picture rotated, moved, scaled and sheared at random. Options: `translate`, `scale`, `shear`, `interpolation` ("nearest"),
 * `fill` (0), `center`. Throws ArgumentError for ranges that cannot be. Source: torchvision.transforms.RandomAffine.
 */
export class RandomAffine extends PictureTransform {
  /** @internal */
  static readonly [signature] = new Signature(
    "def RandomAffine(value degrees, float[]? translate=None, float[]? scale=None, value shear=None, str interpolation='nearest', value fill=0, float[]? center=None)",
  );

  /** The range of the angle. */
  readonly degrees: readonly number[];
  private readonly options: Required<RandomAffineOptions>;
  private readonly shears: readonly number[] | null;

  constructor(
    degrees: Degrees,
    ...args: Arguments<
      [
        translate?: Point | null,
        scale?: readonly [number, number] | null,
        shear?: Degrees | null,
        interpolation?: Interpolation,
        fill?: FillValue,
        center?: Point | null,
      ],
      RandomAffineOptions
    >
  );
  constructor(options: RandomAffineOptions & { degrees: Degrees });
  constructor(...args: unknown[]) {
    super();
    type Given = Required<RandomAffineOptions> & { degrees: Degrees };
    const { degrees, ...options } = RandomAffine[signature].complete<Given>(args);
    this.degrees = anglesOf(degrees, "degrees", [2]);
    this.options = { ...options, fill: options.fill ?? 0 };
    this.shears = options.shear === null ? null : anglesOf(options.shear, "shear", [2, 4]);
    if (options.translate?.some((share) => !(share >= 0 && share <= 1))) {
      throw new ArgumentError("translation values should be between 0 and 1");
    }
    if (options.scale?.some((scale) => scale <= 0)) throw new ArgumentError("scale values should be positive");
  }

  override forward(input: Picture): Picture {
    const [height, width] = sidesOf(input);
    const { translate, scale: scales, interpolation, fill, center } = this.options;
    const { degrees, shears } = this;
    const angle = uniform(degrees[0], degrees[1]);
    const move = (share: number, size: number) => roundEven(uniform(-share * size, share * size));
    const moved: Point = translate === null ? [0, 0] : [move(translate[0], width), move(translate[1], height)];
    const scale = scales === null ? 1 : uniform(...scales);
    const shearX = shears === null ? 0 : uniform(shears[0], shears[1]);
    const shearY = shears !== null && shears.length === 4 ? uniform(shears[2], shears[3]) : 0;
    return affine(input, angle, moved, scale, [shearX, shearY], { interpolation, fill, center });
  }

  protected override extraRepr(): string {
    const { translate, scale, interpolation, fill, center } = this.options;
    const parts = [`degrees=${floats(this.degrees)}`];
    if (translate !== null) parts.push(`translate=${pythonText(translate)}`);
    if (scale !== null) parts.push(`scale=${pythonText(scale)}`);
    if (this.shears !== null) parts.push(`shear=${floats(this.shears)}`);
    if (interpolation !== "nearest") parts.push(`interpolation=${interpolation}`);
    if (fill !== 0) parts.push(`fill=${pythonText(fill)}`);
    if (center !== null) parts.push(`center=${pythonText(center)}`);
    return parts.join(", ");
  }
}

/** What RandomPerspective takes by name. */
export interface RandomPerspectiveOptions extends SamplingOptions {
  distortionScale?: number;
  p?: number;
}

/**
 * A picture seen in a random perspective with probability `p` (0.5). Options: `distortionScale` (0.5), `p`, `interpolation`
 * ("bilinear"), `fill` (0). Source: torchvision.transforms.RandomPerspective.
 */
export class RandomPerspective extends PictureTransform {
  /** @internal */
  static readonly [signature] = new Signature(
    "def RandomPerspective(float distortionScale=0.5, float p=0.5, str interpolation='bilinear', value fill=0)",
  );

  private readonly options: Required<RandomPerspectiveOptions>;

  constructor(
    ...args: Arguments<
      [distortionScale?: number, p?: number, interpolation?: Interpolation, fill?: FillValue],
      RandomPerspectiveOptions
    >
  );
  constructor(...args: unknown[]) {
    super();
    this.options = RandomPerspective[signature].complete<Required<RandomPerspectiveOptions>>(args);
  }

  override forward(input: Picture): Picture {
    const { distortionScale, p, interpolation, fill } = this.options;
    const [height, width] = sidesOf(input);
    if (!(rand(1).item() < p)) return input;
    const near = (size: number) => randint(0, Math.trunc(distortionScale * Math.floor(size / 2)) + 1, [1]).item();
    const far = (size: number) =>
      randint(size - Math.trunc(distortionScale * Math.floor(size / 2)) - 1, size, [1]).item();
    const end: Point[] = [
      [near(width), near(height)],
      [far(width), near(height)],
      [far(width), far(height)],
      [near(width), far(height)],
    ];
    const start: Point[] = [
      [0, 0],
      [width - 1, 0],
      [width - 1, height - 1],
      [0, height - 1],
    ];
    return perspective(input, start, end, { interpolation, fill: fill ?? 0 });
  }

  protected override extraRepr(): string {
    return `p=${pythonText(this.options.p)}`;
  }
}

/** What ElasticTransform takes by name. */
export interface ElasticTransformOptions extends SamplingOptions {
  /** How far pixels move: down, and to the right. Default 50. */
  alpha?: number | readonly [number, number];
  /** How smoothly. Default 5. */
  sigma?: number | readonly [number, number];
}

const pairOf = (value: number | readonly [number, number]): readonly [number, number] =>
  typeof value === "number" ? [value, value] : value;

/**
 * A picture bent at random. Options: `alpha` (50), `sigma` (5), `interpolation` ("bilinear"), `fill` (0).
 * Source: torchvision.transforms.ElasticTransform.
 */
export class ElasticTransform extends PictureTransform {
  /** @internal */
  static readonly [signature] = new Signature(
    "def ElasticTransform(value alpha=50.0, value sigma=5.0, str interpolation='bilinear', value fill=0)",
  );

  /** How far pixels move. */
  readonly alpha: readonly [number, number];
  /** How smoothly. */
  readonly sigma: readonly [number, number];
  private readonly sampling: Required<SamplingOptions>;

  constructor(
    ...args: Arguments<
      [
        alpha?: number | readonly [number, number],
        sigma?: number | readonly [number, number],
        interpolation?: Interpolation,
        fill?: FillValue,
      ],
      ElasticTransformOptions
    >
  );
  constructor(...args: unknown[]) {
    super();
    const { alpha, sigma, ...sampling } = ElasticTransform[signature].complete<Required<ElasticTransformOptions>>(args);
    this.alpha = pairOf(alpha);
    this.sigma = pairOf(sigma);
    this.sampling = sampling;
  }

  override forward(input: Picture): Picture {
    const size = sidesOf(input);
    const moves = size.map((side, k): Tensor => {
      const noise = rand(1, 1, ...size)
        .mul(2)
        .sub(1);
      const kernel = Math.trunc(8 * this.sigma[k] + 1);
      const odd = kernel % 2 === 0 ? kernel + 1 : kernel;
      const smooth = this.sigma[k] > 0 ? blurred(noise, [odd, odd], this.sigma) : noise;
      return smooth.mul(this.alpha[k]).div(side);
    });
    return elasticTransform(input, cat(moves, 1).permute(0, 2, 3, 1), this.sampling);
  }

  override toString(): string {
    // torchvision's own text has this parenthesis too many, and these braces.
    return `ElasticTransform(alpha=${floats(this.alpha)}), (sigma=${floats(this.sigma)}), interpolation={self.interpolation}, fill={self.fill})`;
  }
}
