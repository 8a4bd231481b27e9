// Image files read and written. What they hold was read by Pillow (test/data/images); sharp's JPEG decoder may round differently by one.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as torch from "cresset";
import { expect, test } from "vitest";
import { root } from "../support/child";
import { temporaryFiles } from "../support/files";

const { io } = torch.vision;
const { ImageReadMode } = io;
const file = temporaryFiles();
const image = (name: string): string => join(root, "test", "data", "images", name);
const contents = (name: string): Buffer => readFileSync(image(name));

interface Expected {
  readonly size: readonly [width: number, height: number];
  readonly mode: string;
  readonly pixels: { readonly [mode: string]: string };
}
const expected = JSON.parse(contents("pixels.json").toString()) as { [name: string]: Expected };

const MODES = {
  L: ImageReadMode.GRAY,
  LA: ImageReadMode.GRAY_ALPHA,
  RGB: ImageReadMode.RGB,
  RGBA: ImageReadMode.RGB_ALPHA,
} as const;

/** The pixels that Pillow reads, as a tensor of this mode. */
function pillow(name: string, mode: string): torch.Tensor {
  const { size, pixels } = expected[name];
  const [width, height] = size;
  return torch
    .fromTypedArray(new Uint8Array(Buffer.from(pixels[mode], "base64")))
    .view(height, width, -1)
    .permute(2, 0, 1);
}

function difference(a: torch.Tensor, b: torch.Tensor): number {
  expect([...a.shape]).toEqual([...b.shape]);
  return a.float().sub(b.float()).abs().max().item();
}

for (const [name, { pixels }] of Object.entries(expected)) {
  test(`${name} is what Pillow reads, in every mode`, () => {
    const lossy = name.endsWith(".jpg") ? 1 : 0;
    for (const mode of Object.keys(pixels) as (keyof typeof MODES)[]) {
      // Pillow makes grey of the colours; torchvision takes the brightness that a JPEG file stores.
      if (mode === "L" && ["colour.jpg", "subsampled.jpg"].includes(name)) continue;
      const read = io.readImage(image(name), MODES[mode]);
      expect(read.dtype).toBe(torch.uint8);
      // torchvision cuts grey values off where Pillow rounds them.
      const rounding = mode.startsWith("L") ? 1 : 0;
      expect(difference(read, pillow(name, mode)), mode).toBeLessThanOrEqual(Math.max(lossy, rounding));
    }
  });
}

test("unchanged, an image has the channels of its file", () => {
  const channels = (name: string): number => io.readImage(image(name)).shape[0];
  expect(["grey.png", "grey-alpha.png", "colour.png", "colour-alpha.png"].map(channels)).toEqual([1, 2, 3, 4]);
  expect(["palette.png", "palette-alpha.png", "grey.jpg", "colour.jpg"].map(channels)).toEqual([3, 4, 1, 3]);
  expect(["grey-transparent.png", "two-levels.png", "inks.jpg"].map(channels)).toEqual([1, 1, 3]);
  const read = io.readImage({ path: image("colour.png"), mode: ImageReadMode.UNCHANGED });
  expect(difference(read, pillow("colour.png", "RGB"))).toBe(0);
  expect(read.stride()).toEqual([1, 21, 3]);
});

test("JPEG files are decoded to the numbers of torchvision", async () => {
  const sums = (mode: torch.vision.io.ImageReadMode) =>
    ["colour.jpg", "subsampled.jpg", "grey.jpg"].map((name) => io.readImage(image(name), mode).sum().item());
  expect(sums(ImageReadMode.UNCHANGED)).toEqual([93635, 99542, 30388]);
  expect(sums(ImageReadMode.GRAY)).toEqual([32620, 32466, 30388]);
  expect(sums(ImageReadMode.RGB)).toEqual([93635, 99542, 91164]);
  const later = await io.promises.readImage(image("subsampled.jpg"), ImageReadMode.GRAY);
  expect(later.sum().item()).toBe(32466);
});

test("files are tensors of bytes, decoded from there or from Node's bytes", () => {
  const bytes = io.readFile(image("colour.jpg"));
  expect([bytes.dtype, bytes.ndim, bytes.numel()]).toEqual([torch.uint8, 1, contents("colour.jpg").length]);
  const read = io.readImage(image("colour.jpg"));
  expect(io.decodeImage(bytes).equal(read)).toBe(true);
  expect(io.decodeJpeg(contents("colour.jpg")).equal(read)).toBe(true);
  io.writeFile(file("copy.jpg"), bytes);
  expect(readFileSync(file("copy.jpg")).equals(contents("colour.jpg"))).toBe(true);
  expect(() => io.writeFile(file("copy.jpg"), torch.ones(3))).toThrow("Input tensor dtype should be uint8");
  expect(() => io.writeFile(file("copy.jpg"), torch.ones(3, 1).to(torch.uint8))).toThrow("should be a 1-dimensional");
});

test("PNG files keep every pixel, JPEG files nearly", () => {
  torch.manualSeed(0);
  for (const channels of [1, 3]) {
    const x = torch.randint(256, [channels, 9, 13]).to(torch.uint8);
    for (const level of [0, 6, 9]) expect(io.decodePng(io.encodePng(x, level)).equal(x)).toBe(true);
    io.writePng(x.flip(1).flip(1), file("x.png"), { compressionLevel: 3 });
    expect(io.readImage(file("x.png")).equal(x)).toBe(true);
    const smooth = torch
      .linspace(0, 255, 16 * 24)
      .view(1, 16, 24)
      .expand(channels, -1, -1)
      .to(torch.uint8);
    io.writeJpeg(smooth, file("x.jpg"), 90);
    expect(difference(io.readImage(file("x.jpg")), smooth)).toBeLessThan(8);
    expect(io.encodeJpeg(smooth, 10).numel()).toBeLessThan(io.encodeJpeg(smooth, { quality: 95 }).numel());
  }
  expect(readdirSync(file(".")).filter((name) => name.includes(".part"))).toEqual([]);
});

test("promises give the same images, several at a time", async () => {
  const names = Object.keys(expected);
  const read = await Promise.all(names.map((name) => io.promises.readImage(image(name), ImageReadMode.RGB)));
  for (const [k, name] of names.entries()) {
    expect(read[k].equal(io.readImage(image(name), ImageReadMode.RGB)), name).toBe(true);
  }
  const [x] = read;
  await io.promises.writePng(x, file("promised.png"));
  expect((await io.promises.decodePng(await io.promises.encodePng(x))).equal(x)).toBe(true);
  expect(io.readImage(file("promised.png")).equal(x)).toBe(true);
  await io.promises.writeJpeg(x, file("promised.jpg"));
  const written = readFileSync(file("promised.jpg"));
  expect((await io.promises.decodeJpeg(written)).equal(io.readImage(file("promised.jpg")))).toBe(true);
  expect(io.decodeImage(await io.promises.encodeJpeg(x)).equal(io.readImage(file("promised.jpg")))).toBe(true);
  await expect(io.promises.readImage(file("absent.png"))).rejects.toThrow("no such file");
  await expect(io.promises.decodeImage(torch.ones(3))).rejects.toThrow("Expected a torch.uint8 tensor");
});

test("what cannot be read or written is refused in torchvision's words", () => {
  const { ArgumentError, DTypeError, FormatError, ShapeError } = torch;
  const bytes = io.readFile(image("colour.png"));
  const refused = (call: () => unknown, kind: new (message: string) => Error, message: string): void => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  };
  refused(() => io.decodeImage(torch.zeros(3)), DTypeError, "Expected a torch.uint8 tensor");
  refused(() => io.decodeImage(bytes.view(1, -1)), ShapeError, "Expected a non empty 1-dimensional tensor");
  refused(() => io.decodeImage(new Uint8Array()), ShapeError, "Expected a non empty 1-dimensional tensor");
  refused(() => io.decodeJpeg(bytes), ArgumentError, "Content is not jpeg!");
  refused(() => io.decodePng(io.readFile(image("grey.jpg"))), ArgumentError, "Content is not png!");
  refused(
    () => io.decodeImage(Buffer.from("<svg/>")),
    FormatError,
    "Unsupported image file. Only jpeg and png are currently supported.",
  );
  refused(() => io.readImage(image("deep.png")), FormatError, "At most 8-bit PNG images are supported currently.");
  refused(
    () => io.readImage(image("colour.jpg"), ImageReadMode.RGB_ALPHA),
    ArgumentError,
    "The provided mode is not supported for JPEG files",
  );
  const x = io.decodePng(bytes);
  refused(() => io.encodePng(x, 10), ArgumentError, "Compression level should be between 0 and 9");
  refused(() => io.encodeJpeg(x, 0), ArgumentError, "Image quality should be a positive number between 1 and 100");
  refused(() => io.encodePng(x.float()), DTypeError, "Input tensor dtype should be uint8");
  refused(() => io.encodePng(x.at(0)), ShapeError, "Input data should be a 3-dimensional tensor");
  refused(() => io.encodeJpeg(x.at("0:2")), ShapeError, "The number of channels should be 1 or 3, got: 2");
  expect(() => io.writePng(x.float(), file("wrong.png"))).toThrow("should be uint8");
  expect(existsSync(file("wrong.png"))).toBe(false);
  expect(() => io.readImage(file("absent.png"))).toThrow("ENOENT: no such file or directory");
  writeFileSync(file("empty.png"), "");
  refused(() => io.readImage(file("empty.png")), FormatError, "Expected a non empty file");
});

test("damaged images are errors, and no memory is taken for what they claim", () => {
  const before = process.resourceUsage().maxRSS;
  const damaged = (bytes: Buffer): void => expect(() => io.decodeImage(bytes)).toThrow(torch.FormatError);
  for (const name of ["colour.png", "palette.png", "grey.jpg", "progressive.jpg"]) {
    for (const part of [5, 20, 40]) damaged(contents(name).subarray(0, part));
  }
  const flipped = contents("colour.png");
  flipped[60] ^= 4;
  damaged(flipped);
  const claim = contents("colour.jpg");
  const frame = claim.indexOf(Buffer.from([0xff, 0xc0]));
  claim.writeUInt16BE(65_000, frame + 5);
  claim.writeUInt16BE(65_000, frame + 7);
  expect(() => io.decodeImage(claim)).toThrow("the image has more than 178956970 pixels");
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(100 * 1024);
  // The thread that decodes goes on.
  expect(io.readImage(image("grey.png")).ndim).toBe(3);
});
