// torchvision.transforms.functional.

export {
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  equalize,
  invert,
  posterize,
  solarize,
} from "./adjust";
export { erase, gaussianBlur } from "./blur";
export {
  affine,
  type AffineOptions,
  elasticTransform,
  perspective,
  type Point,
  rotate,
  type RotateOptions,
  type SamplingOptions,
} from "./geometry";
export type { FillValue } from "./warp";
export {
  centerCrop,
  convertImageDtype,
  crop,
  fiveCrop,
  getDimensions,
  hflip,
  normalize,
  pad,
  pilToTensor,
  resize,
  resizedCrop,
  rgbToGrayscale,
  tenCrop,
  toPILImage,
  toTensor,
  vflip,
} from "./moves";
