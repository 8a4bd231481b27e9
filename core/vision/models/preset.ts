// How pictures are prepared for classifiers with published weights.

import { float32 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { ConvertImageDtype } from "../transforms/color";
import { Normalize, PILToTensor } from "../transforms/convert";
import { CenterCrop } from "../transforms/crop";
import type { Picture } from "../transforms/planes";
import { Resize } from "../transforms/resize";
import { Transform } from "../transforms/transform";

const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;

/** Resized, cropped to 224 × 224, as float32, normalised. Source: torchvision.transforms._presets.ImageClassification. */
export class ImageClassification extends Transform<Picture, Tensor> {
  constructor(
    /** The shorter side before the middle is taken. */
    readonly resizeSize: number,
    /** The side of the middle. */
    readonly cropSize = 224,
  ) {
    super();
  }

  forward(input: Picture): Tensor {
    const middle: Picture = new CenterCrop(this.cropSize)(new Resize([this.resizeSize])(input));
    const planes = middle instanceof Tensor ? middle : new PILToTensor()(middle);
    return new Normalize(MEAN, STD)(new ConvertImageDtype(float32)(planes));
  }

  override toString(): string {
    const lines = [
      `crop_size=[${this.cropSize}]`,
      `resize_size=[${this.resizeSize}]`,
      `mean=[${MEAN.join(", ")}]`,
      `std=[${STD.join(", ")}]`,
      "interpolation=InterpolationMode.BILINEAR",
    ];
    return `ImageClassification(${lines.map((line) => `\n    ${line}`).join("")}\n)`;
  }
}
