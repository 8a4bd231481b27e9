// torchvision.io's images. As there, a call returns when the image is decoded, so that a data set's `get(index)` is written as in
// PyTorch's tutorials; the same functions in `promises` decode while other code runs, several images at a time.

import { signed } from "../../arguments/signed";
import type { Tensor } from "../../tensor/tensor";
import { contentsOf, writeFile } from "./files";
import type { ImageReadMode } from "./mode";
import { decoding, type Encoded, encoding, fileOf, planesOf } from "./requests";
import { performNow } from "./waiting";

/**
 * The pixels of a PNG or JPEG file: uint8, (channels, height, width). `mode` says which channels; default those of the file.
 *
 * The call waits. JPEG is decoded by libjpeg in this thread. sharp, which decodes PNG, works asynchronously only: it runs in a thread
 * beside this one, which sleeps meanwhile, so that `get(index)` of a data set can return tensors. `io.promises.readImage` gives a promise of the same tensor.
 *
 * Profiles of colours and the orientation of cameras are not applied; a palette becomes its colours, and the inks of print RGB. Throws FormatError for a file that is damaged, of another
 * format, has more than 8 bits per channel, or more than 178,956,970 pixels; ArgumentError for a mode that the format has not, and
 * Node's error for a file that cannot be opened. Source: torchvision.io.read_image.
 */
export const readImage = signed(
  "def readImage(value path, int mode=0)",
  (path: string | URL, mode: ImageReadMode = 0): Tensor => planesOf(performNow(decoding(contentsOf(path), mode))),
);

/**
 * The pixels of a PNG or JPEG file that is in memory: a 1-d uint8 tensor, or bytes. Result, `mode` and errors as of `readImage`.
 * Source: torchvision.io.decode_image.
 */
export const decodeImage = signed(
  "def decodeImage(value input, int mode=0)",
  (input: Encoded, mode: ImageReadMode = 0): Tensor => planesOf(performNow(decoding(input, mode))),
);

/** As `decodeImage`, for PNG files only. Source: torchvision.io.decode_png. */
export const decodePng = signed(
  "def decodePng(value input, int mode=0)",
  (input: Encoded, mode: ImageReadMode = 0): Tensor => planesOf(performNow(decoding(input, mode, "png"))),
);

/** As `decodeImage`, for JPEG files only, which have no opacity. Source: torchvision.io.decode_jpeg. */
export const decodeJpeg = signed(
  "def decodeJpeg(value input, int mode=0)",
  (input: Encoded, mode: ImageReadMode = 0): Tensor => planesOf(performNow(decoding(input, mode, "jpeg"))),
);

/**
 * The bytes of a PNG file (1-d, uint8) with the pixels of a uint8 tensor (1 or 3, height, width). `compressionLevel`: 0 to 9,
 * default 6. Throws ArgumentError, DTypeError and ShapeError for others. Source: torchvision.io.encode_png.
 */
export const encodePng = signed(
  "def encodePng(Tensor input, int compressionLevel=6)",
  (input: Tensor, compressionLevel = 6): Tensor => fileOf(performNow(encoding(input, "png", compressionLevel))),
);

/**
 * The bytes of a JPEG file (1-d, uint8) with the pixels of a uint8 tensor (1 or 3, height, width). `quality`: 1 to 100, default 75.
 * Throws ArgumentError, DTypeError and ShapeError for others. Source: torchvision.io.encode_jpeg.
 */
export const encodeJpeg = signed(
  "def encodeJpeg(Tensor input, int quality=75)",
  (input: Tensor, quality = 75): Tensor => fileOf(performNow(encoding(input, "jpeg", quality))),
);

/** Writes a PNG file, whole or not at all; pixels and errors as of `encodePng`. Source: torchvision.io.write_png. */
export const writePng = signed(
  "def writePng(Tensor input, value filename, int compressionLevel=6)",
  (input: Tensor, filename: string | URL, compressionLevel = 6): void =>
    writeFile(filename, encodePng(input, compressionLevel)),
);

/** Writes a JPEG file, whole or not at all; pixels and errors as of `encodeJpeg`. Source: torchvision.io.write_jpeg. */
export const writeJpeg = signed(
  "def writeJpeg(Tensor input, value filename, int quality=75)",
  (input: Tensor, filename: string | URL, quality = 75): void => writeFile(filename, encodeJpeg(input, quality)),
);
