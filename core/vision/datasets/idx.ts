// IDX, the file format of MNIST and its relatives: two zero bytes, a type, the number of dimensions, big-endian sizes and values.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { FormatError } from "../../errors";
import { tensor } from "../../ops/create/create";
import { type DType, float32, float64, int8, int16, int32, uint8 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";

const TYPES: ReadonlyMap<number, DType> = new Map([
  [0x08, uint8],
  [0x09, int8],
  [0x0b, int16],
  [0x0c, int32],
  [0x0d, float32],
  [0x0e, float64],
]);

const SWAPS: { readonly [itemsize: number]: (bytes: Buffer) => void } = {
  1: () => undefined,
  2: (bytes) => bytes.swap16(),
  4: (bytes) => bytes.swap32(),
  8: (bytes) => bytes.swap64(),
};

const MAX_DIMENSIONS = 8;

/** The tensor of an IDX file, which may be compressed with gzip. Throws FormatError for a damaged or foreign file. */
export function readIdx(path: string): Tensor {
  const file = readFileSync(path);
  return parseIdx(file[0] === 0x1f && file[1] === 0x8b ? unpacked(path, file) : file, path);
}

function unpacked(path: string, file: Buffer): Buffer {
  try {
    return gunzipSync(file);
  } catch (error) {
    throw new FormatError(`${path}: the gzip data are damaged or cut short (${(error as Error).message})`);
  }
}

function parseIdx(bytes: Buffer, path: string): Tensor {
  const fail = (what: string): FormatError => new FormatError(`${path}: ${what}`);
  if (bytes.length < 4) throw fail(`an IDX file begins with 4 bytes, this one has ${bytes.length}`);
  if (bytes[0] !== 0 || bytes[1] !== 0) throw fail("no IDX file: it does not begin with two zero bytes");
  const dtype = TYPES.get(bytes[2]);
  if (dtype === undefined) throw fail(`unknown IDX type code 0x${bytes[2].toString(16).padStart(2, "0")}`);
  const ndim = bytes[3];
  if (ndim < 1 || ndim > MAX_DIMENSIONS)
    throw fail(`an IDX file has 1 to ${MAX_DIMENSIONS} dimensions, this one says ${ndim}`);
  const start = 4 + 4 * ndim;
  if (bytes.length < start) throw fail("the IDX header is cut short");
  const sizes = Array.from({ length: ndim }, (_, d) => bytes.readUInt32BE(4 + 4 * d));
  const expected = sizes.reduce((a, b) => a * b, dtype.itemsize);
  if (bytes.length - start !== expected) {
    const problem = bytes.length - start < expected ? "cut short" : "followed by other bytes";
    throw fail(
      `the IDX data are ${problem}: sizes [${sizes.join(", ")}] of ${dtype} are ${expected} bytes, the file has ${bytes.length - start}`,
    );
  }
  // A copy of its own: aligned, and free to swap.
  const values = new dtype.array(expected / dtype.itemsize);
  const raw = Buffer.from(values.buffer);
  bytes.copy(raw, 0, start);
  SWAPS[dtype.itemsize](raw);
  return tensor(values).view(sizes);
}
