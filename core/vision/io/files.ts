// Bytes of files as tensors, and back.

import { DTypeError, FormatError, ShapeError } from "../../errors";
import { signed } from "../../arguments/signed";
import { writeFile as writeWhole } from "../../io/sink";
import { openSource } from "../../io/source";
import { fromTypedArray } from "../../ops/create/create";
import { uint8 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";

/** All bytes of a file. Throws FormatError for an empty one, and Node's error for one that cannot be opened. */
export function contentsOf(path: string | URL): Uint8Array {
  const source = openSource(path);
  try {
    if (source.size === 0) throw new FormatError(`Expected a non empty file: ${String(path)}`);
    return source.bytes(0, source.size);
  } finally {
    source.close();
  }
}

/**
 * The bytes of a file as a 1-d uint8 tensor. Throws FormatError for an empty file and Node's error for one that cannot be opened.
 * Source: torchvision.io.read_file.
 */
export const readFile = signed(
  "def readFile(value path)",
  (path: string | URL): Tensor => fromTypedArray(contentsOf(path)),
);

/**
 * Writes the bytes of a 1-d uint8 tensor to a file, whole or not at all: under a temporary name, then renamed. Throws DTypeError and
 * ShapeError for another tensor. Source: torchvision.io.write_file.
 */
export const writeFile = signed(
  "def writeFile(value filename, Tensor data)",
  (filename: string | URL, data: Tensor): void => {
    if (data.dtype !== uint8) throw new DTypeError("Input tensor dtype should be uint8");
    if (data.ndim !== 1) throw new ShapeError("Input data should be a 1-dimensional tensor");
    writeWhole(filename, [data.raw() as Uint8Array]);
  },
);
