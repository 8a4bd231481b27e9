// Pictures blurred, and parts of them erased.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { overloaded, signature, signed } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { pad } from "../../nn/functional/pad";
import { empty, linspace, tensor } from "../../ops/create/create";
import { rand, randint, randn } from "../../ops/random/random";
import { conv2d } from "../../ops/window/conv";
import { float32 } from "../../tensor/dtype";
import { pythonText } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";
import { changed, exactly, type Extent, type Picture, PictureTransform, roundEven, sizeOf } from "./planes";
import { Transform } from "./transform";

/** One deviation, or a range from which it is drawn. */
export type Sigma = number | readonly [low: number, high: number];

/** Width and height of a blur, each odd. */
function kernelOf(size: Extent): [width: number, height: number] {
  const [width, height] = typeof size === "number" ? [size, size] : size;
  for (const side of [width, height]) {
    if (!(side > 0 && side % 2 === 1)) {
      throw new ArgumentError("Kernel size value should be an odd and positive number.");
    }
  }
  return [width, height];
}

function bell(size: number, sigma: number): Tensor {
  const half = (size - 1) * 0.5;
  const density = linspace(-half, half, size).div(sigma).pow(2).mul(-0.5).exp();
  return density.div(density.sum());
}

/** Planes (…, channels, height, width) blurred: borders mirror. */
export function blurred(planes: Tensor, [width, height]: readonly number[], sigma: readonly number[]): Tensor {
  const exact = exactly(planes);
  const kernel = bell(height, sigma[1]).unsqueeze(1).mm(bell(width, sigma[0]).unsqueeze(0)).to(exact.dtype);
  const [h, w] = sizeOf(planes);
  const [dx, dy] = [Math.floor(width / 2), Math.floor(height / 2)];
  const wide = pad(exact.reshape(-1, 1, h, w), [dx, dx, dy, dy], "reflect");
  const out = conv2d(wide, kernel.view(1, 1, height, width)).reshape([...planes.sizes]);
  return planes.dtype.isFloatingPoint ? out : out.round().to(planes.dtype);
}

/**
 * A picture blurred by a bell curve of `kernelSize` (odd: one number, or width and height) and deviation `sigma` (one number, or for
 * both; default 0.15 · kernelSize + 0.35). Source: torchvision.transforms.functional.gaussian_blur.
 */
export const gaussianBlur = overloaded<
  <X extends Picture>(img: X, kernelSize: Extent, sigma?: number | readonly number[] | null) => X
>(["def gaussianBlur(value img, value kernelSize, value sigma=None)", gaussianBlurOf]);

function gaussianBlurOf(img: Picture, kernelSize: Extent, sigma: number | readonly number[] | null = null): Picture {
  const kernel = kernelOf(kernelSize);
  const both = typeof sigma === "number" ? [sigma, sigma] : (sigma ?? kernel.map((size) => size * 0.15 + 0.35));
  if (!both.every((value) => value > 0)) {
    throw new ArgumentError(`sigma should have positive values. Got ${pythonText(both)}`);
  }
  return changed(img, (planes) => blurred(planes, kernel, both.length === 1 ? [both[0], both[0]] : both));
}

/**
 * A picture blurred by a bell curve of a random deviation. `kernelSize`: odd, one number or width and height; `sigma`: one number or
 * a range, default [0.1, 2]. Throws ArgumentError for others. Source: torchvision.transforms.GaussianBlur.
 */
export class GaussianBlur extends PictureTransform {
  /** @internal */
  static readonly [signature] = new Signature("def GaussianBlur(value kernelSize, value sigma=[0.1,2.0])");

  /** Width and height of the blur. */
  readonly kernelSize: readonly [number, number];
  /** The range of the deviation. */
  readonly sigma: readonly [low: number, high: number];

  constructor(kernelSize: Extent, ...args: Arguments<[sigma?: Sigma], { sigma?: Sigma }>);
  constructor(options: { kernelSize: Extent; sigma?: Sigma });
  constructor(...args: unknown[]) {
    super();
    const { kernelSize, sigma } = GaussianBlur[signature].complete<{ kernelSize: Extent; sigma: Sigma }>(args);
    this.kernelSize = kernelOf(kernelSize);
    if (typeof sigma === "number") {
      if (sigma <= 0) throw new ArgumentError("If sigma is a single number, it must be positive.");
      this.sigma = [sigma, sigma];
    } else {
      if (!(sigma[0] > 0 && sigma[0] <= sigma[1])) {
        throw new ArgumentError("sigma values should be positive and of the form (min, max).");
      }
      this.sigma = sigma;
    }
  }

  override forward(input: Picture): Picture {
    const sigma = empty(1)
      .uniform_(...this.sigma)
      .item();
    return changed(input, (planes) => blurred(planes, this.kernelSize, [sigma, sigma]));
  }

  protected override extraRepr(): string {
    return `kernel_size=${pythonText(this.kernelSize)}, sigma=${pythonText(this.sigma, { float: true })}`;
  }
}

/**
 * A part of a tensor (…, height, width) replaced by `v`. `inplace`: in the tensor itself. Source: torchvision.transforms.functional.erase.
 */
export const erase = signed(
  "def erase(Tensor img, int i, int j, int h, int w, Tensor v, bool inplace=False)",
  (img: Tensor, i: number, j: number, h: number, w: number, v: Tensor, inplace = false): Tensor => {
    const out = inplace ? img : img.clone();
    out.narrow(-2, i, h).narrow(-1, j, w).copy_(v);
    return out;
  },
);

/** What RandomErasing takes by name. */
export interface RandomErasingOptions {
  /** How often a part is erased. Default 0.5. */
  p?: number;
  /** The smallest and largest share of the area. Default [0.02, 0.33]. */
  scale?: readonly [number, number];
  /** The smallest and largest height / width. Default [0.3, 3.3]. */
  ratio?: readonly [number, number];
  /** What the part holds: a number, one per channel, or "random" numbers. Default 0. */
  value?: number | readonly number[] | "random";
  /** Whether the tensor itself is changed. Default false. */
  inplace?: boolean;
}

/** Attempts to find a part that fits. */
const TRIES = 10;

/**
 * A random part of a tensor erased with probability `p`. Throws ArgumentError for shares outside of 0…1.
 * Source: torchvision.transforms.RandomErasing.
 */
export class RandomErasing extends Transform<Tensor, Tensor> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def RandomErasing(float p=0.5, float[] scale=[0.02,0.33], float[] ratio=[0.3,3.3], value value=0, bool inplace=False)",
  );

  private readonly options: Required<RandomErasingOptions>;

  constructor(
    ...args: Arguments<
      [
        p?: number,
        scale?: readonly [number, number],
        ratio?: readonly [number, number],
        value?: number | readonly number[] | "random",
        inplace?: boolean,
      ],
      RandomErasingOptions
    >
  );
  constructor(...args: unknown[]) {
    super();
    this.options = RandomErasing[signature].complete<Required<RandomErasingOptions>>(args);
    const { p, scale, value } = this.options;
    if (typeof value === "string" && value !== "random") {
      throw new ArgumentError("If value is str, it should be 'random'");
    }
    if (scale[0] < 0 || scale[1] > 1) throw new ArgumentError("Scale should be between 0 and 1");
    if (!(p >= 0 && p <= 1)) throw new ArgumentError("Random erasing probability should be between 0 and 1");
  }

  forward(input: Tensor): Tensor {
    const { p, value, inplace } = this.options;
    if (!(rand(1).item() < p)) return input;
    const [height, width] = sizeOf(input);
    const channels = input.sizes[input.ndim - 3];
    const numbers = typeof value === "number" ? [value] : value;
    if (typeof numbers !== "string" && numbers.length !== 1 && numbers.length !== channels) {
      throw new ArgumentError(
        `If value is a sequence, it should have either a single value or ${channels} (number of input channels)`,
      );
    }
    const { scale, ratio } = this.options;
    const [low, high] = tensor([...ratio], { dtype: float32 })
      .log()
      .tolist() as number[];
    for (let k = 0; k < TRIES; k++) {
      const area =
        height *
        width *
        empty(1)
          .uniform_(...scale)
          .item();
      const aspect = empty(1).uniform_(low, high).exp().item();
      const h = roundEven(Math.sqrt(area * aspect));
      const w = roundEven(Math.sqrt(area / aspect));
      if (!(h < height && w < width)) continue;
      const v = typeof numbers === "string" ? randn(channels, h, w) : tensor([...numbers]).view(-1, 1, 1);
      const i = randint(0, height - h + 1, [1]).item();
      return erase(input, i, randint(0, width - w + 1, [1]).item(), h, w, v, inplace);
    }
    return input;
  }

  protected override extraRepr(): string {
    const { p, scale, ratio, value, inplace } = this.options;
    return `p=${pythonText(p)}, scale=${pythonText(scale)}, ratio=${pythonText(ratio)}, value=${pythonText(value)}, inplace=${pythonText(inplace)}`;
  }
}
