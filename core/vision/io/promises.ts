// The functions of `torch.vision.io` that decode and encode, as promises: several images at a time are decoded in the threads of
// Node, and other code runs meanwhile. Named as Node names `fs.promises`. Checks of arguments reject too.

import { readFile } from "node:fs/promises";
import { signed } from "../../arguments/signed";
import { FormatError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";
import { writeFile } from "./files";
import type { ImageReadMode } from "./mode";
import { decoding, type Encoded, encoding, fileOf, planesOf } from "./requests";
import { performLater } from "./waiting";

/** As `io.readImage`. */
export const readImage = signed(
  "def readImage(value path, int mode=0)",
  async (path: string | URL, mode: ImageReadMode = 0): Promise<Tensor> => {
    const bytes = await readFile(path);
    if (bytes.length === 0) throw new FormatError(`Expected a non empty file: ${String(path)}`);
    return planesOf(await performLater(decoding(bytes, mode)));
  },
);

/** As `io.decodeImage`. */
export const decodeImage = signed(
  "def decodeImage(value input, int mode=0)",
  async (input: Encoded, mode: ImageReadMode = 0): Promise<Tensor> =>
    planesOf(await performLater(decoding(input, mode))),
);

/** As `io.decodePng`. */
export const decodePng = signed(
  "def decodePng(value input, int mode=0)",
  async (input: Encoded, mode: ImageReadMode = 0): Promise<Tensor> =>
    planesOf(await performLater(decoding(input, mode, "png"))),
);

/** As `io.decodeJpeg`. */
export const decodeJpeg = signed(
  "def decodeJpeg(value input, int mode=0)",
  async (input: Encoded, mode: ImageReadMode = 0): Promise<Tensor> =>
    planesOf(await performLater(decoding(input, mode, "jpeg"))),
);

/** As `io.encodePng`. */
export const encodePng = signed(
  "def encodePng(Tensor input, int compressionLevel=6)",
  async (input: Tensor, compressionLevel = 6): Promise<Tensor> =>
    fileOf(await performLater(encoding(input, "png", compressionLevel))),
);

/** As `io.encodeJpeg`. */
export const encodeJpeg = signed(
  "def encodeJpeg(Tensor input, int quality=75)",
  async (input: Tensor, quality = 75): Promise<Tensor> => fileOf(await performLater(encoding(input, "jpeg", quality))),
);

/** As `io.writePng`. */
export const writePng = signed(
  "def writePng(Tensor input, value filename, int compressionLevel=6)",
  async (input: Tensor, filename: string | URL, compressionLevel = 6): Promise<void> =>
    writeFile(filename, await encodePng(input, compressionLevel)),
);

/** As `io.writeJpeg`. */
export const writeJpeg = signed(
  "def writeJpeg(Tensor input, value filename, int quality=75)",
  async (input: Tensor, filename: string | URL, quality = 75): Promise<void> =>
    writeFile(filename, await encodeJpeg(input, quality)),
);
