// Between images and tensors.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError, DTypeError, ShapeError } from "../../errors";
import { asTensor } from "../../ops/create/create";
import type { DType } from "../../tensor/dtype";
import { uint8 } from "../../tensor/dtype";
import { pythonText } from "../../tensor/python-text";
import { text } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";
import { Image, modeOf } from "../image";
import { type Batch, Transform } from "./transform";

function requireImage(value: unknown): Image {
  if (value instanceof Image) return value;
  const kind = value instanceof Tensor ? "Tensor" : typeof value;
  throw new ArgumentError(`pic should be an Image. Got ${kind}`);
}

/** (N, height, width, channels) to (N, channels, height, width). */
function channelsFirst(pixels: Tensor): Tensor {
  const [count, height, width, channels] = pixels.sizes;
  return channels === 1 ? pixels.reshape(count, 1, height, width) : pixels.permute(0, 3, 1, 2).contiguous();
}

/** An image as a float tensor (channels, height, width) from 0 to 1. Source: torchvision.transforms.ToTensor. */
export class ToTensor extends Transform<Image, Tensor> {
  forward(image: Image): Tensor {
    return unit(requireImage(image).pixels().unsqueeze(0)).squeeze(0);
  }

  override forwardBatch(batch: Batch): Tensor | null {
    return batch instanceof Tensor ? null : unit(batch.pixels);
  }
}

function unit(pixels: Tensor): Tensor {
  return channelsFirst(pixels).div(255);
}

/** An image as a uint8 tensor (channels, height, width). Source: torchvision.transforms.PILToTensor. */
export class PILToTensor extends Transform<Image, Tensor> {
  forward(image: Image): Tensor {
    return channelsFirst(requireImage(image).pixels().unsqueeze(0)).squeeze(0).clone();
  }

  override forwardBatch(batch: Batch): Tensor | null {
    return batch instanceof Tensor ? null : channelsFirst(batch.pixels);
  }
}

/**
 * A tensor (channels, height, width) or (height, width) as an image: uint8 as it is, floats from 0 to 1 times 255, truncated.
 * Throws ShapeError unless there are 1, 3 or 4 channels. Source: torchvision.transforms.ToPILImage.
 */
export class ToPILImage extends Transform<Tensor, Image> {
  forward(input: Tensor): Image {
    if (!(input instanceof Tensor)) throw new ArgumentError(`pic should be Tensor. Got ${typeof input}.`);
    if (input.ndim !== 2 && input.ndim !== 3) {
      throw new ShapeError(`pic should be 2/3 dimensional. Got ${input.ndim} dimensions.`);
    }
    const planes = input.ndim === 2 ? input.unsqueeze(0) : input;
    const [channels, height, width] = planes.sizes;
    const mode = modeOf(channels);
    if (mode === null) throw new ShapeError(`pic should have 1, 3 or 4 channels. Got ${channels} channels.`);
    const bytes = planes.dtype.isFloatingPoint ? planes.detach().mul(255).to(uint8) : planes;
    if (bytes.dtype !== uint8) throw new DTypeError(`pic should be a float or uint8 tensor. Got ${planes.dtype}`);
    return new Image(mode, [width, height], bytes.permute(1, 2, 0).raw() as Uint8Array);
  }
}

/**
 * (x − mean) / std for every channel of a float tensor (…, channels, height, width). Option: `inplace` writes to the tensor itself.
 * Throws DTypeError for other dtypes. Source: torchvision.transforms.Normalize.
 */
export class Normalize extends Transform<Tensor, Tensor> {
  /** @internal */
  static readonly [signature] = new Signature("def Normalize(value mean, value std, bool inplace=False)");

  /** One mean per channel. */
  readonly mean: readonly number[];
  /** One standard deviation per channel. */
  readonly std: readonly number[];
  /** Whether the tensor itself is changed. */
  readonly inplace: boolean;
  private kept: Channels | null = null;

  constructor(
    mean: readonly number[],
    ...args: Arguments<[std: readonly number[], inplace?: boolean], { std?: readonly number[]; inplace?: boolean }>
  );
  constructor(options: { mean: readonly number[]; std: readonly number[]; inplace?: boolean });
  constructor(...args: unknown[]) {
    super();
    type Given = { mean: readonly number[]; std: readonly number[]; inplace: boolean };
    const { mean, std, inplace } = Normalize[signature].complete<Given>(args);
    this.mean = mean;
    this.std = std;
    this.inplace = inplace;
  }

  forward(input: Tensor): Tensor {
    if (!(input instanceof Tensor))
      throw new ArgumentError(`Input tensor should be a torch tensor. Got ${typeof input}.`);
    if (!input.dtype.isFloatingPoint)
      throw new DTypeError(`Input tensor should be a float tensor. Got ${input.dtype}.`);
    if (input.ndim < 3) {
      throw new ShapeError(
        `Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = torch.Size(${text(input.sizes)})`,
      );
    }
    const { mean, std } = this.channels(input.dtype);
    const moved = this.inplace ? input.sub_(mean) : input.sub(mean);
    return this.inplace || !moved.requiresGrad ? moved.div_(std) : moved.div(std);
  }

  /** Means and deviations in a dtype. Throws ArgumentError for a deviation of 0. */
  private channels(dtype: DType): Channels {
    if (this.kept?.dtype === dtype) return this.kept;
    const mean = perChannel(this.mean, dtype);
    const std = perChannel(this.std, dtype);
    if (std.eq(0).any().item()) {
      throw new ArgumentError(`std evaluated to zero after conversion to ${dtype}, leading to division by zero.`);
    }
    this.kept = { dtype, mean, std };
    return this.kept;
  }

  override forwardBatch(batch: Batch): Tensor | null {
    return batch instanceof Tensor && batch.ndim >= 4 && batch.dtype.isFloatingPoint ? this.forward(batch) : null;
  }

  protected override extraRepr(): string {
    return `mean=${pythonText(this.mean)}, std=${pythonText(this.std)}`;
  }
}

/** Means and deviations of channels in a dtype, which stay the same from picture to picture. */
interface Channels {
  readonly dtype: DType;
  readonly mean: Tensor;
  readonly std: Tensor;
}

function perChannel(values: readonly number[], dtype: DType): Tensor {
  return asTensor(values, { dtype }).view(-1, 1, 1);
}
