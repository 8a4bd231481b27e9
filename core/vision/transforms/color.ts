// Grey pictures, and tensors of pictures in other dtypes.

import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError, ShapeError } from "../../errors";
import * as dt from "../../tensor/dtype";
import type { DType } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import { greyLevels } from "./levels";
import { type Picture, PlaneTransform } from "./planes";
import { type Batch, Transform } from "./transform";

/** torchvision's weights for tensors. */
const WEIGHTS = [0.2989, 0.587, 0.114] as const;

/** An image in grey, with one channel or three equal ones. */
export function greyImage(image: Image, channels: 1 | 3): Image {
  const grey = greyLevels(image);
  if (channels === 1) return new Image("L", image.size, grey);
  const out = new Uint8Array(3 * grey.length);
  for (let p = 0; p < grey.length; p++) out.fill(grey[p], 3 * p, 3 * p + 3);
  return new Image("RGB", image.size, out);
}

/** The brightness of planes (…, 3, height, width), as one channel. Throws ShapeError for other channels. */
export function greyPlanes(planes: Tensor): Tensor {
  if (planes.ndim < 3 || planes.sizes[planes.ndim - 3] !== 3) {
    throw new ShapeError(`Input image tensor should have 3 channels, got shape [${planes.sizes.join(", ")}]`);
  }
  const [red, green, blue] = planes.unbind(-3);
  const [r, g, b] = WEIGHTS;
  return red.mul(r).add(green.mul(g)).add(blue.mul(b)).to(planes.dtype).unsqueeze(-3);
}

/** A picture in grey, with one channel or three equal ones. Source: torchvision.transforms.Grayscale. */
export class Grayscale extends PlaneTransform {
  /** @internal */
  static readonly [signature] = new Signature("def Grayscale(int numOutputChannels=1)");

  /** 1 or 3. */
  readonly numOutputChannels: 1 | 3;

  constructor(numOutputChannels?: 1 | 3 | { numOutputChannels?: 1 | 3 });
  constructor(...args: unknown[]) {
    super();
    this.numOutputChannels = Grayscale[signature].complete<{ numOutputChannels: 1 | 3 }>(args).numOutputChannels;
    if (this.numOutputChannels !== 1 && this.numOutputChannels !== 3) {
      throw new ArgumentError("num_output_channels should be either 1 or 3");
    }
  }

  override forward(input: Picture): Picture {
    return input instanceof Image ? greyImage(input, this.numOutputChannels) : super.forward(input);
  }

  protected change(planes: Tensor): Tensor {
    const grey = greyPlanes(planes);
    if (this.numOutputChannels === 1) return grey;
    return grey.expand([...planes.sizes]);
  }

  protected override extraRepr(): string {
    return `num_output_channels=${this.numOutputChannels}`;
  }
}

/** The value of full brightness in a dtype of whole numbers. */
const BRIGHTEST = new Map<DType, number>([
  [dt.uint8, 255],
  [dt.int8, 127],
  [dt.int16, 32767],
  [dt.int32, 2 ** 31 - 1],
  [dt.int64, Number(2n ** 63n - 1n)],
]);

/**
 * A tensor of a picture in another dtype, with values rescaled: floats lie from 0 to 1, whole numbers from 0 to their largest.
 * Throws ArgumentError where rounding would overflow (float32 to int32 or int64). Source: torchvision.transforms.ConvertImageDtype.
 */
export class ConvertImageDtype extends Transform<Tensor, Tensor> {
  constructor(
    /** The dtype wanted. */
    readonly dtype: DType,
  ) {
    super();
  }

  override forwardBatch(batch: Batch): Tensor | null {
    return batch instanceof Tensor ? this.forward(batch) : null;
  }

  forward(planes: Tensor): Tensor {
    if (!(planes instanceof Tensor)) throw new ArgumentError("Input img should be Tensor Image");
    const { dtype } = this;
    if (planes.dtype === dtype) return planes;
    const from = BRIGHTEST.get(planes.dtype);
    const to = BRIGHTEST.get(dtype);
    if (from === undefined) {
      if (to === undefined) return planes.to(dtype);
      const precise = planes.dtype === dt.float64 ? dtype !== dt.int64 : dtype !== dt.int32 && dtype !== dt.int64;
      if (!precise) throw new ArgumentError(`The cast from ${planes.dtype} to ${dtype} cannot be performed safely`);
      return planes.mul(to + 1 - 1e-3).to(dtype);
    }
    if (to === undefined) return planes.to(dtype).div(from);
    if (from > to) return planes.div(Math.floor((from + 1) / (to + 1)), { roundingMode: "floor" }).to(dtype);
    return planes.to(dtype).mul(Math.floor((to + 1) / (from + 1)));
  }
}
