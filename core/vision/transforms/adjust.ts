// Colours of pictures: torchvision.transforms.functional's adjustments. An image is changed in bytes as Pillow changes it, a tensor
// (…, 1 or 3, height, width) by tensor operations.

import { overloaded } from "../../arguments/signed";
import { ArgumentError, DTypeError, ShapeError } from "../../errors";
import { fromTypedArray, full, onesLike, zerosLike } from "../../ops/create/create";
import { stack } from "../../ops/create/join";
import { where } from "../../ops/elementwise/choose";
import { bincount } from "../../ops/index/unique";
import { conv2d } from "../../ops/window/conv";
import { float32, int32, int64, uint8 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import { ConvertImageDtype, greyPlanes } from "./color";
import { blendImage, blendLevel, greyLevels, histogram, levels, looked, meanLevel, smoothed, turned } from "./levels";
import { exactly, type Picture, sizeOf } from "./planes";

/** Full brightness in a tensor's dtype. */
const brightest = (planes: Tensor) => (planes.dtype.isFloatingPoint ? 1 : 255);

/** The channels of planes. Throws ShapeError unless there are 1 or 3. */
function channelsOf(planes: Tensor): number {
  const channels = planes.ndim < 3 ? 1 : planes.sizes[planes.ndim - 3];
  if (channels === 1 || channels === 3) return channels;
  throw new ShapeError(`Input image tensor permitted channel values are [1, 3], but found ${channels}`);
}

function requireDims(planes: Tensor): void {
  if (planes.ndim >= 3) return;
  throw new ShapeError(`Input image tensor should have at least 3 dimensions, but found ${planes.ndim}`);
}

function requireBytes(planes: Tensor): void {
  if (planes.dtype !== uint8) {
    throw new DTypeError(`Only torch.uint8 image tensors are supported, but found ${planes.dtype}`);
  }
}

function requireFactor(factor: number, name: string): void {
  if (factor < 0) throw new ArgumentError(`${name} (${factor}) is not non-negative.`);
}

/** From `other` towards `planes` by a factor. */
function blended(planes: Tensor, other: Tensor, factor: number): Tensor {
  const sum = exactly(planes)
    .mul(factor)
    .add(exactly(other).mul(1 - factor));
  return sum.clamp(0, brightest(planes)).to(planes.dtype);
}

/** A function of pictures out of one for images and one for tensors. */
function adjustment<A extends unknown[]>(
  text: string,
  ofImage: (image: Image, ...args: A) => Image,
  ofPlanes: (planes: Tensor, ...args: A) => Tensor,
) {
  const apply = (img: Picture, ...args: A): Picture => {
    if (img instanceof Image) return ofImage(img, ...args);
    if (img instanceof Tensor) return ofPlanes(img, ...args);
    throw new ArgumentError(`img should be an Image or a Tensor. Got ${typeof img}`);
  };
  return overloaded<<X extends Picture>(img: X, ...args: A) => X>([text, apply]);
}

/** Brightness times a factor of 0 (black) or more. Throws ArgumentError for a negative one. Source: F.adjust_brightness. */
export const adjustBrightness = adjustment(
  "def adjustBrightness(value img, float brightnessFactor)",
  (image, factor: number) => blendLevel(image, 0, factor),
  (planes, factor: number) => {
    requireFactor(factor, "brightness_factor");
    channelsOf(planes);
    return blended(planes, zerosLike(planes), factor);
  },
);

/** Contrast: 0 gives grey of the mean brightness, 1 the picture. Throws ArgumentError for a negative factor. Source: F.adjust_contrast. */
export const adjustContrast = adjustment(
  "def adjustContrast(value img, float contrastFactor)",
  (image, factor: number) => blendLevel(image, meanLevel(image), factor),
  (planes, factor: number) => {
    requireFactor(factor, "contrast_factor");
    const grey = channelsOf(planes) === 3 ? greyPlanes(planes) : planes;
    return blended(planes, exactly(grey).mean([-3, -2, -1], { keepdim: true }), factor);
  },
);

/** Saturation: 0 gives a grey picture, 1 the picture. Throws ArgumentError for a negative factor. Source: F.adjust_saturation. */
export const adjustSaturation = adjustment(
  "def adjustSaturation(value img, float saturationFactor)",
  (image, factor: number) => blendImage(image, greyLevels(image), factor),
  (planes, factor: number) => {
    requireFactor(factor, "saturation_factor");
    return channelsOf(planes) === 1 ? planes : blended(planes, greyPlanes(planes), factor);
  },
);

/** Sharpness: 0 gives a blurred picture, 1 the picture, 2 a sharper one. Throws ArgumentError for a negative factor. Source: F.adjust_sharpness. */
export const adjustSharpness = adjustment(
  "def adjustSharpness(value img, float sharpnessFactor)",
  (image, factor: number) => blendImage(image, smoothed(image), factor),
  (planes, factor: number) => {
    requireFactor(factor, "sharpness_factor");
    channelsOf(planes);
    return Math.min(...sizeOf(planes)) <= 2 ? planes : blended(planes, smoothedPlanes(planes), factor);
  },
);

function smoothedPlanes(planes: Tensor): Tensor {
  const [height, width] = sizeOf(planes);
  const exact = exactly(planes);
  const kernel = full([1, 1, 3, 3], 1, { dtype: exact.dtype });
  kernel.select(2, 1).select(2, 1).fill_(5);
  const inner = conv2d(exact.reshape(-1, 1, height, width), kernel.div_(13));
  const out = planes.clone();
  const result = (planes.dtype.isFloatingPoint ? inner : inner.round()).to(planes.dtype);
  const place = out.narrow(-2, 1, height - 2).narrow(-1, 1, width - 2);
  place.copy_(result.reshape([...place.sizes]));
  return out;
}

/** Hues turned by a share of the circle, from −0.5 to 0.5. Throws ArgumentError for others. Source: F.adjust_hue. */
export const adjustHue = adjustment(
  "def adjustHue(value img, float hueFactor)",
  (image, factor: number) => {
    requireHue(factor);
    return image.channels === 1 ? image : turned(image, Math.trunc(factor * 255) & 255);
  },
  (planes, factor: number) => {
    requireHue(factor);
    if (channelsOf(planes) === 1) return planes;
    const unit = planes.dtype === uint8 ? planes.to(float32).div(255) : planes;
    const [h, s, v] = hsvPlanes(unit);
    const colours = rgbPlanes(h.add(factor).remainder(1), s, v);
    return planes.dtype === uint8 ? colours.mul(255).to(uint8) : colours;
  },
);

function requireHue(factor: number): void {
  if (!(factor >= -0.5 && factor <= 0.5)) throw new ArgumentError(`hue_factor (${factor}) is not in [-0.5, 0.5].`);
}

function hsvPlanes(planes: Tensor): [h: Tensor, s: Tensor, v: Tensor] {
  const [r, g, b] = planes.unbind(-3);
  const high = planes.amax(-3);
  const range = high.sub(planes.amin(-3));
  const grey = range.eq(0);
  const one = onesLike(high);
  const saturation = range.div(where(grey, one, high));
  const divisor = where(grey, one, range);
  const [rc, gc, bc] = [r, g, b].map((colour) => high.sub(colour).div(divisor));
  const isRed = high.eq(r);
  const isGreen = high.eq(g);
  const sector = where(isRed, bc.sub(gc), where(isGreen, rc.add(2).sub(bc), gc.add(4).sub(rc)));
  return [sector.div(6).add(1).fmod(1), saturation, high];
}

function rgbPlanes(h: Tensor, s: Tensor, v: Tensor): Tensor {
  const turn = h.mul(6);
  const sector = turn.floor();
  const part = turn.sub(sector);
  const bounded = (x: Tensor) => v.mul(x.neg().add(1)).clamp(0, 1);
  const p = bounded(s);
  const q = bounded(s.mul(part));
  const t = bounded(s.mul(part.neg().add(1)));
  const at = sector.to(int32).remainder(6);
  const pick = (choices: readonly Tensor[]) =>
    choices.slice(0, -1).reduceRight((rest, choice, k) => where(at.eq(k), choice, rest), choices[choices.length - 1]);
  return stack([pick([v, q, p, p, t, v]), pick([t, v, v, q, p, p]), pick([p, p, t, v, v, q])], -3);
}

/** Full brightness less each colour. Source: F.invert. */
export const invert = adjustment(
  "def invert(value img)",
  (image) => looked(image, () => levels((level) => 255 - level)),
  (planes) => {
    requireDims(planes);
    channelsOf(planes);
    return planes.neg().add(brightest(planes));
  },
);

/** Colours of so many bits. Throws DTypeError for a tensor that is not uint8. Source: F.posterize. */
export const posterize = adjustment(
  "def posterize(value img, int bits)",
  (image, bits: number) => {
    if (!(bits >= 0 && bits <= 8)) throw new ArgumentError(`The number if bits should be between 0 and 8. Got ${bits}`);
    return looked(image, () => levels((level) => level & -(2 ** (8 - bits))));
  },
  (planes, bits: number) => {
    requireDims(planes);
    requireBytes(planes);
    channelsOf(planes);
    return planes.bitwiseAnd(-(2 ** (8 - bits)) & 255);
  },
);

/** Colours from a threshold on inverted. Throws ArgumentError for a threshold beyond full brightness. Source: F.solarize. */
export const solarize = adjustment(
  "def solarize(value img, float threshold)",
  (image, threshold: number) => looked(image, () => levels((level) => (level < threshold ? level : 255 - level))),
  (planes, threshold: number) => {
    requireDims(planes);
    channelsOf(planes);
    if (threshold > brightest(planes)) throw new ArgumentError("Threshold should be less than bound of img.");
    return where(planes.ge(threshold), invert(planes), planes);
  },
);

/** Colours stretched so that each channel's darkest becomes 0 and its brightest full. Source: F.autocontrast. */
export const autocontrast = adjustment(
  "def autocontrast(value img)",
  (image) => looked(image, (channel) => stretched(histogram(image, channel))),
  (planes) => {
    requireDims(planes);
    channelsOf(planes);
    const bound = brightest(planes);
    const low = exactly(planes.amin([-2, -1], { keepdim: true }));
    const range = exactly(planes.amax([-2, -1], { keepdim: true })).sub(low);
    const flat = range.eq(0);
    const scale = where(flat, onesLike(range), range.reciprocal().mul(bound));
    const moved = planes.sub(where(flat, zerosLike(low), low));
    return moved.mul(scale).clamp(0, bound).to(planes.dtype);
  },
);

function stretched(counts: Uint32Array): Uint8Array {
  const low = counts.findIndex((count) => count > 0);
  const high = counts.findLastIndex((count) => count > 0);
  if (high <= low) return levels((level) => level);
  const scale = 255 / (high - low);
  return levels((level) => Math.min(255, Math.max(0, Math.trunc(level * scale - low * scale))));
}

/** Colours spread so that all levels of a channel occur about equally often. Throws DTypeError for a tensor that is not uint8. Source: F.equalize. */
export const equalize = adjustment(
  "def equalize(value img)",
  (image) => looked(image, (channel) => spread(histogram(image, channel))),
  (planes) => {
    if (planes.ndim !== 3 && planes.ndim !== 4) {
      throw new ShapeError(`Input image tensor should have 3 or 4 dimensions, but found ${planes.ndim}`);
    }
    requireBytes(planes);
    channelsOf(planes);
    const [height, width] = sizeOf(planes);
    const channels = [...planes.reshape(-1, height * width)].map((channel) => {
      const counts = Uint32Array.from(bincount(channel, { minlength: 256 }).tolist() as number[]);
      return fromTypedArray(spread(counts)).indexSelect(0, channel.to(int64));
    });
    return stack(channels).reshape([...planes.sizes]);
  },
);

/** Pillow's table: a level becomes the share of pixels that are darker. */
function spread(counts: Uint32Array): Uint8Array {
  const used = counts.filter((count) => count > 0);
  const step = Math.floor((used.reduce((sum, count) => sum + count, 0) - used[used.length - 1]) / 255);
  if (step === 0) return levels((level) => level);
  let before = Math.floor(step / 2);
  return levels((level) => {
    const share = Math.floor(before / step);
    before += counts[level];
    return Math.min(255, share);
  });
}

/**
 * Each colour c of 0…1 as gain · c^gamma. Throws ArgumentError for a negative gamma. Source: F.adjust_gamma.
 */
export const adjustGamma = adjustment(
  "def adjustGamma(value img, float gamma, float gain=1)",
  (image, gamma: number, gain: number = 1) => {
    requireGamma(gamma);
    const raised = (level: number) => Math.trunc((256 - 1e-3) * gain * (level / 255) ** gamma);
    return looked(image, () => Uint8ClampedArray.from({ length: 256 }, (_, level) => raised(level)));
  },
  (planes, gamma: number, gain: number = 1) => {
    requireGamma(gamma);
    channelsOf(planes);
    const raised = new ConvertImageDtype(planes.dtype.isFloatingPoint ? planes.dtype : float32)(planes).pow(gamma);
    return new ConvertImageDtype(planes.dtype)(raised.mul(gain).clamp(0, 1));
  },
);

function requireGamma(gamma: number): void {
  if (gamma < 0) throw new ArgumentError("Gamma should be a non-negative real number");
}
