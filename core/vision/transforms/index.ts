// torchvision.transforms.

export { type Fill, Pad, type Padding, type PaddingMode, type PadOptions } from "./border";
export { ConvertImageDtype, Grayscale } from "./color";
export { Compose, type InputOf, Lambda, type OutputOf, type Step } from "./compose";
export { Normalize, PILToTensor, ToPILImage, ToTensor } from "./convert";
export { CenterCrop, FiveCrop, RandomCrop, type RandomCropOptions } from "./crop";
export { RandomHorizontalFlip, RandomVerticalFlip } from "./flip";
export type { Extent, Picture, PictureTransform } from "./planes";
export { type Batch, type Pixels, Transform } from "./transform";
