// torchvision.transforms.

export {
  AutoAugment,
  type AutoAugmentOptions,
  RandAugment,
  type RandAugmentOptions,
  TrivialAugmentWide,
  type TrivialAugmentWideOptions,
} from "./augment";
export { type Fill, Pad, type Padding, type PaddingMode, type PadOptions } from "./border";
export { GaussianBlur, RandomErasing, type RandomErasingOptions, type Sigma } from "./blur";
export { RandomApply, RandomChoice, RandomOrder } from "./chosen";
export { ConvertImageDtype, Grayscale } from "./color";
export { Compose, type InputOf, Lambda, type OutputOf, type Step } from "./compose";
export { Normalize, PILToTensor, ToPILImage, ToTensor } from "./convert";
export { CenterCrop, FiveCrop, RandomCrop, type RandomCropOptions, TenCrop } from "./crop";
export { RandomHorizontalFlip, RandomVerticalFlip } from "./flip";
export type { Interpolation } from "./filters";
export * as functional from "./functional";
export {
  ColorJitter,
  type ColorJitterOptions,
  type Jitter,
  RandomAdjustSharpness,
  RandomAutocontrast,
  RandomEqualize,
  RandomGrayscale,
  RandomInvert,
  RandomPosterize,
  RandomSolarize,
} from "./jitter";
export { LinearTransformation } from "./linear";
export type { Extent, Picture, PictureTransform } from "./planes";
export {
  type Degrees,
  ElasticTransform,
  type ElasticTransformOptions,
  RandomAffine,
  type RandomAffineOptions,
  RandomPerspective,
  type RandomPerspectiveOptions,
  RandomRotation,
  type RandomRotationOptions,
} from "./random-geometry";
export {
  RandomResizedCrop,
  type RandomResizedCropOptions,
  type ResampleOptions,
  Resize,
  type ResizeOptions,
} from "./resize";
export { type Batch, type Pixels, Transform } from "./transform";
