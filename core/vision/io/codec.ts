// PNG and JPEG files by sharp: pixels from bytes and back. Knows no tensors, so that a thread beside the program's can run it.

import type { SharpOptions } from "sharp";
import { ArgumentError, CressetError, FormatError } from "../../errors";
import { ImageReadMode } from "./mode";

/** Rows of interleaved bytes. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/** The formats that are read and written. */
export type ImageFormat = "png" | "jpeg";

/** How a file is written: as PNG with a level of compression from 0 to 9, or as JPEG with a quality from 1 to 100. */
export type Encoding = { readonly format: ImageFormat; readonly level: number };

/** Work for sharp. */
export type Request =
  | { readonly kind: "decode"; readonly bytes: Uint8Array; readonly mode: ImageReadMode }
  | { readonly kind: "encode"; readonly picture: Picture; readonly encoding: Encoding };

/**
 * The most pixels that are decoded, since a file of a few bytes can claim any number of them: about 512 MB in colour. Pillow
 * refuses the same files.
 */
export const MAX_PIXELS = 178_956_970;

const SIGNATURES: { readonly [format in ImageFormat]: readonly number[] } = {
  jpeg: [0xff, 0xd8, 0xff],
  png: [0x89, 0x50, 0x4e, 0x47],
};

/** Where a PNG file has its bit depth and its colour type. */
const BIT_DEPTH = 24;
const COLOR_TYPE = 25;
/** Channels by colour type; a palette (3) is not listed. */
const PNG_CHANNELS: ReadonlyMap<number, number> = new Map([
  [0, ImageReadMode.GRAY],
  [2, ImageReadMode.RGB],
  [4, ImageReadMode.GRAY_ALPHA],
  [6, ImageReadMode.RGB_ALPHA],
]);

/** Kinds of JPEG segments among those of frames that begin none. */
const NO_FRAME: readonly number[] = [0xc4, 0xc8, 0xcc];

/** The format that the first bytes of a file tell, or null. */
export function formatOf(bytes: Uint8Array): ImageFormat | null {
  const formats = Object.keys(SIGNATURES) as ImageFormat[];
  return formats.find((format) => SIGNATURES[format].every((byte, k) => bytes[k] === byte)) ?? null;
}

/** Throws what can be told without decoding. */
export function checkDecodable(bytes: Uint8Array, mode: ImageReadMode): void {
  const format = formatOf(bytes);
  if (format === null) {
    throw new FormatError("Unsupported image file. Only jpeg and png are currently supported.");
  }
  const alpha = mode === ImageReadMode.GRAY_ALPHA || mode === ImageReadMode.RGB_ALPHA;
  if (!(mode in ImageReadMode) || (format === "jpeg" && alpha)) {
    throw new ArgumentError(`The provided mode is not supported for ${format.toUpperCase()} files`);
  }
  if (format === "png" && bytes[BIT_DEPTH] > 8) {
    throw new FormatError("At most 8-bit PNG images are supported currently.");
  }
}

type Sharp = typeof import("sharp");

/** sharp, loaded when the first image comes. */
async function loaded(): Promise<Sharp> {
  try {
    return (await import("sharp")).default as unknown as Sharp;
  } catch (error) {
    const reason = (error as Error).message;
    throw new CressetError(`images need the package sharp, which cannot be loaded here: ${reason}`);
  }
}

/** Grey by weights in 1/32768, cut off as libpng does or rounded as JPEG does; pixels that are grey stay as they are. */
function greyOf({ width, height, channels, data }: Picture, alpha: boolean, rounding: number): Picture {
  const count = width * height;
  const to = alpha ? 2 : 1;
  const out = new Uint8Array(count * to);
  for (let k = 0, at = 0; k < count; k++, at += channels) {
    out[k * to] = (9794 * data[at] + 19234 * data[at + 1] + 3740 * data[at + 2] + rounding) >> 15;
    if (alpha) out[k * to + 1] = data[at + 3];
  }
  return { width, height, channels: to, data: out };
}

/** RGB of the four inks of print, as Pillow and torchvision compute it, which use no profile. */
function rgbOf({ width, height, data }: Picture): Picture {
  const out = new Uint8Array(3 * width * height);
  for (let k = 0, at = 0; at < data.length; at += 4) {
    const light = 255 - data[at + 3];
    for (let ink = 0; ink < 3; ink++) out[k++] = light - Math.round((light * data[at + ink]) / 255);
  }
  return { width, height, channels: 3, data: out };
}

/** The number of channels that a file says it has; 0 where it says none: sharp then finds the damage. */
function channelsOf(bytes: Uint8Array, format: ImageFormat): number {
  if (format === "png") return PNG_CHANNELS.get(bytes[COLOR_TYPE]) ?? 0;
  // Segments: 0xff, a kind, and a length of two bytes, up to the one that begins a frame.
  for (let at = 2; at + 9 < bytes.length; at += 2 + 256 * bytes[at + 2] + bytes[at + 3]) {
    while (bytes[at + 1] === 0xff) at++;
    const kind = bytes[at + 1];
    if (kind >= 0xc0 && kind <= 0xcf && !NO_FRAME.includes(kind)) return bytes[at + 9];
  }
  return 0;
}

/** Damage is found, but what libjpeg only warns of (bytes between two segments) is let pass, as torchvision does. */
const READING: SharpOptions = { failOn: "error", limitInputPixels: MAX_PIXELS, ignoreIcc: true };

async function decode(sharp: Sharp, bytes: Uint8Array, mode: ImageReadMode): Promise<Picture> {
  const image = sharp(bytes, READING);
  const format = formatOf(bytes) ?? "png";
  const stored = channelsOf(bytes, format);
  const inks = format === "jpeg" && stored === 4;
  const unchanged = inks ? ImageReadMode.RGB : (stored as ImageReadMode);
  const wanted = mode === ImageReadMode.UNCHANGED ? unchanged : mode;
  const alpha = wanted === ImageReadMode.GRAY_ALPHA || wanted === ImageReadMode.RGB_ALPHA;
  if (alpha) image.ensureAlpha();
  // A palette has as many channels as its colours have.
  else if (wanted !== ImageReadMode.UNCHANGED && !inks) image.removeAlpha();
  if (inks) image.pipelineColourspace("cmyk");
  const { data, info } = await image
    .toColourspace(inks ? "cmyk" : "srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const picture = { width, height, channels, data };
  const colours = inks ? rgbOf(picture) : picture;
  const grey = wanted === ImageReadMode.GRAY || wanted === ImageReadMode.GRAY_ALPHA;
  return grey ? greyOf(colours, alpha, format === "jpeg" ? 1 << 14 : 0) : colours;
}

async function encode(sharp: Sharp, picture: Picture, { format, level }: Encoding): Promise<Picture> {
  const { width, height, channels, data } = picture;
  const raw = sharp(data, { raw: { width, height, channels: channels as 1 | 3 }, limitInputPixels: false });
  const image = channels === 1 ? raw.toColourspace("b-w") : raw;
  const written = format === "png" ? image.png({ compressionLevel: level }) : image.jpeg({ quality: level });
  const bytes = await written.toBuffer();
  return { width: bytes.length, height: 1, channels: 1, data: bytes };
}

/** The error for a file that claims more pixels than are decoded. */
export function tooLarge(): FormatError {
  return new FormatError(`the image has more than ${MAX_PIXELS} pixels; a file that claims so many is not decoded`);
}

/** The error for a file that a decoder cannot read, with its reason. */
export function damage(reason: string): FormatError {
  return new FormatError(`the image is damaged, or cut short: ${reason.trim().replaceAll("\n", "; ")}`);
}

/** What sharp says of a file, in our words. */
function failure(error: unknown): Error {
  if (error instanceof CressetError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (/exceeds pixel limit/.test(reason)) return tooLarge();
  return damage(reason);
}

/**
 * Does what is asked. The bytes of a file come as a picture of one row. Rejects with FormatError for a file that is damaged or has
 * more than `MAX_PIXELS`, and CressetError where sharp cannot be loaded.
 */
export async function perform(request: Request): Promise<Picture> {
  const sharp = await loaded();
  try {
    return request.kind === "decode"
      ? await decode(sharp, request.bytes, request.mode)
      : await encode(sharp, request.picture, request.encoding);
  } catch (error) {
    throw failure(error);
  }
}
