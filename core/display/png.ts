// A small PNG encoder. Pictures are shown from synchronous code, in the middle of a training loop; sharp encodes only
// asynchronously, so the bytes are written here, over zlib's synchronous deflate.

import { crc32, deflateSync } from "node:zlib";

/** 8-bit pixels, row by row: grey, RGB, or RGB with alpha. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly data: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOR_TYPES = { 1: 0, 3: 2, 4: 6 } as const;
const BIT_DEPTH = 8;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** A PNG file in base64. */
export function base64Png(picture: Picture): string {
  return Buffer.from(encodePng(picture)).toString("base64");
}

/** The bytes of a PNG file. */
export function encodePng({ width, height, channels, data }: Picture): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = BIT_DEPTH;
  header[9] = COLOR_TYPES[channels];
  // Every row starts with the number of its filter; 0 leaves the bytes as they are.
  const stride = width * channels;
  const rows = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) rows.set(data.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}
