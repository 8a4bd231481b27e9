// torchvision.transforms.functional's forms of what is a class too: sizes, parts, borders, mirrors, conversions.

import { overloaded, signed } from "../../arguments/signed";
import type { DType } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import { padded, type PadOptions, type Padding, type PaddingMode, type Fill } from "./border";
import { ConvertImageDtype, Grayscale } from "./color";
import { Normalize, PILToTensor, ToPILImage, ToTensor } from "./convert";
import { CenterCrop, FiveCrop, TenCrop } from "./crop";
import type { Interpolation } from "./filters";
import { changed, cropped, type Extent, extentOf, type Picture, sizeOf } from "./planes";
import { Resize, type ResizeOptions } from "./resize";

/** A function that gives a picture of the kind that it is given. */
type Change<A extends unknown[]> = <X extends Picture>(img: X, ...args: A) => X;

/** As `Resize`. Source: F.resize. */
export const resize = overloaded<
  Change<
    [
      size: Extent | readonly [number],
      ...rest:
        | [options?: ResizeOptions]
        | [interpolation: Interpolation, maxSize?: number | null, antialias?: boolean | null],
    ]
  >
>([
  "def resize(value img, value size, str interpolation='bilinear', int? maxSize=None, bool? antialias=None)",
  (
    img: Picture,
    size: Extent | readonly [number],
    interpolation?: Interpolation,
    maxSize?: number | null,
    antialias?: boolean | null,
  ) => new Resize(size, { interpolation, maxSize, antialias })(img),
]);

/** The part of a picture at a place; what lies outside is 0. Source: F.crop. */
export const crop = overloaded<Change<[top: number, left: number, height: number, width: number]>>([
  "def crop(value img, int top, int left, int height, int width)",
  (img: Picture, top: number, left: number, height: number, width: number) =>
    changed(img, (planes) => part(planes, top, left, height, width)),
]);

function part(planes: Tensor, top: number, left: number, height: number, width: number): Tensor {
  const [rows, columns] = sizeOf(planes);
  const border = [
    Math.max(-left, 0),
    Math.max(-top, 0),
    Math.max(left + width - columns, 0),
    Math.max(top + height - rows, 0),
  ];
  const wide = border.some((side) => side > 0) ? padded(planes, border) : planes;
  return cropped(wide, top + border[1], left + border[0], height, width);
}

/** As `CenterCrop`. Source: F.center_crop. */
export const centerCrop = overloaded<Change<[outputSize: Extent]>>([
  "def centerCrop(value img, value outputSize)",
  (img: Picture, outputSize: Extent) => new CenterCrop(outputSize)(img),
]);

/** A part of a picture, resized. Source: F.resized_crop. */
export const resizedCrop = overloaded<
  Change<
    [
      top: number,
      left: number,
      height: number,
      width: number,
      size: Extent,
      ...rest:
        | [options?: { interpolation?: Interpolation; antialias?: boolean | null }]
        | [interpolation: Interpolation, antialias?: boolean | null],
    ]
  >
>([
  "def resizedCrop(value img, int top, int left, int height, int width, value size, str interpolation='bilinear', bool? antialias=None)",
  (
    img: Picture,
    top: number,
    left: number,
    height: number,
    width: number,
    size: Extent,
    interpolation?: Interpolation,
    antialias?: boolean | null,
  ) => new Resize(extentOf(size), { interpolation, antialias })(crop(img, top, left, height, width)),
]);

/** As `FiveCrop`. Source: F.five_crop. */
export const fiveCrop = signed("def fiveCrop(value img, value size)", (img: Picture, size: Extent): Picture[] =>
  new FiveCrop(size)(img),
);

/** As `TenCrop`. Source: F.ten_crop. */
export const tenCrop = signed(
  "def tenCrop(value img, value size, bool verticalFlip=False)",
  (img: Picture, size: Extent, verticalFlip = false): Picture[] => new TenCrop(size, verticalFlip)(img),
);

/** As `Pad`. Source: F.pad. */
export const pad = overloaded<
  Change<[padding: Padding, ...rest: [options?: PadOptions] | [fill: Fill, paddingMode?: PaddingMode]]>
>([
  "def pad(value img, value padding, value fill=0, str paddingMode='constant')",
  (img: Picture, padding: Padding, fill?: Fill, paddingMode?: PaddingMode) =>
    changed(img, (planes) => padded(planes, padding, { fill, paddingMode })),
]);

/** Left and right exchanged. Source: F.hflip. */
export const hflip = overloaded<Change<[]>>([
  "def hflip(value img)",
  (img: Picture) => changed(img, (planes) => planes.flip(-1)),
]);

/** Top and bottom exchanged. Source: F.vflip. */
export const vflip = overloaded<Change<[]>>([
  "def vflip(value img)",
  (img: Picture) => changed(img, (planes) => planes.flip(-2)),
]);

/** As `Grayscale`, of an image or of a tensor. Source: F.rgb_to_grayscale. */
export const rgbToGrayscale = overloaded<Change<[numOutputChannels?: 1 | 3]>>([
  "def rgbToGrayscale(value img, int numOutputChannels=1)",
  (img: Picture, numOutputChannels: 1 | 3 = 1) => new Grayscale(numOutputChannels)(img),
]);

/** As `ToTensor`. Source: F.to_tensor. */
export const toTensor = signed("def toTensor(value pic)", (pic: Image): Tensor => new ToTensor()(pic));

/** As `PILToTensor`. Source: F.pil_to_tensor. */
export const pilToTensor = signed("def pilToTensor(value pic)", (pic: Image): Tensor => new PILToTensor()(pic));

/** As `ToPILImage`. Source: F.to_pil_image. */
export const toPILImage = signed("def toPILImage(Tensor pic)", (pic: Tensor): Image => new ToPILImage()(pic));

/** As `ConvertImageDtype`. Source: F.convert_image_dtype. */
export const convertImageDtype = signed(
  "def convertImageDtype(Tensor image, Dtype dtype)",
  (image: Tensor, dtype: DType): Tensor => new ConvertImageDtype(dtype)(image),
);

/** As `Normalize`. Source: F.normalize. */
export const normalize = signed(
  "def normalize(Tensor tensor, value mean, value std, bool inplace=False)",
  (tensor: Tensor, mean: readonly number[], std: readonly number[], inplace = false): Tensor =>
    new Normalize(mean, std, inplace)(tensor),
);

/** Channels, height and width of a picture. Source: F.get_dimensions. */
export const getDimensions = signed(
  "def getDimensions(value img)",
  (img: Picture): [channels: number, height: number, width: number] => {
    if (img instanceof Image) return [img.channels, img.height, img.width];
    return [img.ndim < 3 ? 1 : img.sizes[img.ndim - 3], ...sizeOf(img)];
  },
);
