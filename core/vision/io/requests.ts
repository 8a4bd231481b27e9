// What is checked before sharp is asked, and tensors for what it answers. Whoever waits and whoever awaits share it.

import { ArgumentError, DTypeError, ShapeError } from "../../errors";
import { fromTypedArray } from "../../ops/create/create";
import { uint8 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { checkDecodable, formatOf, type ImageFormat, type Picture, type Request } from "./codec";
import type { ImageReadMode } from "./mode";

/** The contents of an image file. */
export type Encoded = Tensor | Uint8Array;

function bytesOf(input: Encoded): Uint8Array {
  if (!(input instanceof Tensor)) {
    if (!(input instanceof Uint8Array)) throw new ArgumentError("Expected a torch.uint8 tensor or a Uint8Array");
    if (input.length === 0) throw new ShapeError("Expected a non empty 1-dimensional tensor");
    return input;
  }
  if (input.dtype !== uint8) throw new DTypeError("Expected a torch.uint8 tensor");
  if (input.ndim !== 1 || input.numel() === 0) throw new ShapeError("Expected a non empty 1-dimensional tensor");
  return input.raw() as Uint8Array;
}

/** Decodes a file of either format, or of the one that is named. */
export function decoding(input: Encoded, mode: ImageReadMode, format: ImageFormat | null = null): Request {
  const bytes = bytesOf(input);
  if (format !== null && formatOf(bytes) !== format) {
    throw new ArgumentError(format === "png" ? "Content is not png!" : "Content is not jpeg!");
  }
  checkDecodable(bytes, mode);
  return { kind: "decode", bytes, mode };
}

/** Encodes a uint8 tensor (1 or 3, height, width). */
export function encoding(input: Tensor, format: ImageFormat, level: number): Request {
  if (format === "png" && !(level >= 0 && level <= 9)) {
    throw new ArgumentError("Compression level should be between 0 and 9");
  }
  if (format === "jpeg" && !(level >= 1 && level <= 100)) {
    throw new ArgumentError("Image quality should be a positive number between 1 and 100");
  }
  if (input.dtype !== uint8) throw new DTypeError("Input tensor dtype should be uint8");
  if (input.ndim !== 3) throw new ShapeError("Input data should be a 3-dimensional tensor");
  const [channels, height, width] = input.sizes;
  if (channels !== 1 && channels !== 3) {
    throw new ShapeError(`The number of channels should be 1 or 3, got: ${channels}`);
  }
  if (height === 0 || width === 0) throw new ShapeError(`an image has pixels, got a tensor of size ${input.shape}`);
  const data = input.permute(1, 2, 0).contiguous().raw() as Uint8Array;
  return { kind: "encode", picture: { width, height, channels, data }, encoding: { format, level } };
}

/** Pixels as (channels, height, width), over memory that lies pixel by pixel, as in torchvision. */
export function planesOf({ width, height, channels, data }: Picture): Tensor {
  return fromTypedArray(new Uint8Array(data.buffer, data.byteOffset, data.length))
    .view(height, width, channels)
    .permute(2, 0, 1);
}

/** The bytes of a file. */
export function fileOf({ data }: Picture): Tensor {
  return fromTypedArray(new Uint8Array(data.buffer, data.byteOffset, data.length));
}
