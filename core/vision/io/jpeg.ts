// JPEG files by libjpeg, which the backend calls: the shortest way for a caller that waits, since no other thread takes part.

import { call } from "../../dispatch";
import { fromTypedArray } from "../../ops/create/create";
import { int32 } from "../../tensor/dtype";
import { empty, type Tensor } from "../../tensor/tensor";
import { FormatError } from "../../errors";
import { damage, MAX_PIXELS, type Picture, tooLarge } from "./codec";
import { ImageReadMode } from "./mode";

/** Colours of print are left to sharp. */
const INKS = 4;

/**
 * The pixels of a JPEG file, in grey or in colour, or as the file has them; null for one in the inks of print. Throws FormatError for
 * a file that is damaged or has more than `MAX_PIXELS`.
 */
export function decodeJpeg(bytes: Uint8Array, mode: ImageReadMode): Picture | null {
  const file = fromTypedArray(bytes);
  const header = empty([3], int32);
  read("jpegHeader", header, file);
  const [height, width, stored] = header.raw() as Int32Array;
  if (stored === INKS) return null;
  if (height * width > MAX_PIXELS) throw tooLarge();
  const grey = mode === ImageReadMode.UNCHANGED ? stored === 1 : mode === ImageReadMode.GRAY;
  const channels = grey ? 1 : 3;
  const data = new Uint8Array(height * width * channels);
  read("jpegDecode", fromTypedArray(data).view(height, width, channels), file);
  return { width, height, channels, data };
}

function read(kernel: "jpegHeader" | "jpegDecode", out: Tensor, file: Tensor): void {
  try {
    call(kernel, [out, file]);
  } catch (error) {
    throw error instanceof FormatError ? damage(error.message) : error;
  }
}
