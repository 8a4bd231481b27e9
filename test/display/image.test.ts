import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { colorTable } from "../../core/display/colormap";
import { displaySymbol } from "../../core/display/host";
import { type ImageOptions, Images, showValue } from "../../core/display/image";
import { gridPicture, pictures } from "../../core/display/pixels";
import { encodePng } from "../../core/display/png";
import { recorder } from "./recorder";

beforeEach(() => vi.stubEnv("NO_COLOR", "1"));
afterEach(() => vi.unstubAllEnvs());

const source = (shape: number[], values: ArrayLike<number>, dtype = "float32") => ({
  shape,
  dtype,
  toFloat32: () => values,
});

const ramp = (count: number, factor = 1) => Float32Array.from({ length: count }, (_, i) => i * factor);

async function decoded(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { data: [...data], width: info.width, height: info.height, channels: info.channels };
}

describe("png", () => {
  it.each([1, 3, 4] as const)("decodes to the same pixels with %i channels", async (channels) => {
    const data = Uint8Array.from({ length: 7 * 5 * channels }, (_, i) => (i * 37) % 256);
    const back = await decoded(encodePng({ width: 7, height: 5, channels, data }));
    // sharp gives grey pictures back as RGB unless told otherwise.
    const step = back.channels / channels;
    expect(back.data.filter((_, i) => i % step === 0)).toEqual([...data]);
    expect([back.width, back.height]).toEqual([7, 5]);
  });
});

describe("pixels", () => {
  it("takes uint8 as it is, floats in [0, 1] as fractions, others between their extremes", () => {
    const levels = (values: number[], dtype?: string, options?: ImageOptions) => [
      ...pictures(source([1, values.length], values, dtype), options)[0].data,
    ];
    expect(levels([0, 7, 255], "uint8")).toEqual([0, 7, 255]);
    expect(levels([0, 0.5, 1])).toEqual([0, 128, 255]);
    expect(levels([-1, 0, 1])).toEqual([0, 128, 255]);
    expect(levels([3, 3, 3])).toEqual([0, 0, 0]);
    expect(levels([0, 5, 20], "float32", { range: [0, 10] })).toEqual([0, 128, 255]);
  });

  it("reads channels first, and tells images from channels", () => {
    const [rgb] = pictures(source([3, 1, 2], [0, 1, 0.2, 0.4, 1, 0]));
    expect([rgb.channels, ...rgb.data]).toEqual([3, 0, 51, 255, 255, 102, 0]);
    const counts = [
      [5, 2, 2],
      [2, 3, 2, 2],
      [2, 1, 2, 2],
      [1, 2, 2],
      [2, 2],
    ].map((shape) => pictures(source(shape, ramp(24))).length);
    expect(counts).toEqual([5, 2, 2, 1, 1]);
  });

  it("refuses other shapes", () => {
    for (const shape of [[3], [2, 2, 2, 2], [1, 1, 1, 1, 1], [0, 4], []]) {
      expect(() => pictures(source(shape, []))).toThrow(/Images have shape/);
    }
  });

  it("paints NaN in a colour of its own", () => {
    const [picture] = pictures(source([1, 2], [Number.NaN, 1]));
    expect([picture.channels, ...picture.data]).toEqual([3, 255, 0, 255, 255, 255, 255]);
  });

  it("colours by a map", () => {
    const [picture] = pictures(source([1, 2], [0, 1]), { cmap: "viridis" });
    expect([...picture.data]).toEqual([0x44, 0x01, 0x54, 0xfd, 0xe7, 0x25]);
    expect(colorTable("gray")).toBeNull();
  });

  it("arranges a grid with white gaps", () => {
    const all = pictures(source([3, 1, 1, 1], [0, 0, 0]));
    const { width, height, data } = gridPicture(all, 2, 1, 1);
    expect([width, height]).toEqual([3, 3]);
    expect([...data]).toEqual([0, 255, 0, 255, 255, 255, 0, 255, 255]);
  });
});

describe("bundles", () => {
  it("hold a PNG of the pixels", async () => {
    const bundle = new Images(source([2, 3], ramp(6, 51), "uint8"), { scale: 1 })[displaySymbol]();
    const { data, channels } = await decoded(Buffer.from(String(bundle["image/png"]), "base64"));
    expect(data.filter((_, i) => i % channels === 0)).toEqual([0, 51, 102, 153, 204, 255]);
  });

  it("enlarge small pictures without blurring them", async () => {
    const bundle = new Images(source([28, 28], ramp(784, 1 / 784)))[displaySymbol]();
    const { width, height } = await decoded(Buffer.from(String(bundle["image/png"]), "base64"));
    expect([width, height]).toEqual([224, 224]);
  });

  it("hold an SVG with captions", async () => {
    const images = new Images(source([2, 1, 4, 4], ramp(32, 1 / 32)), { titles: ["a < b", "shirt"], scale: 10 });
    const svg = String(images[displaySymbol]()["image/svg+xml"]);
    expect(svg.match(/<image /g)).toHaveLength(2);
    expect(svg).toContain("a &lt; b");
    const { info } = await sharp(Buffer.from(svg)).png().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([2 * 48 + 8, 4 * 10 + 18 + 16]);
  });
});

describe("text", () => {
  it("draws with growing ink where there is no colour", () => {
    const gradient = Float32Array.from({ length: 10 * 4 }, (_, i) => (i % 10) / 9);
    expect(String(new Images(source([4, 10], gradient)))).toBe(" .:-=+*#%@\n .:-=+*#%@");
  });

  it("draws two pixels per character in true colour", () => {
    vi.stubEnv("NO_COLOR", "");
    vi.stubEnv("FORCE_COLOR", "3");
    const text = String(new Images(source([2, 1], [0, 255], "uint8"))[displaySymbol]()["text/plain"]);
    expect(text).toBe("\x1b[38;2;0;0;0;48;2;255;255;255m▀\x1b[0m");
  });

  it("keeps to the width, with titles over the pictures", () => {
    const titles = ["one", "two", "three", "four", "five", "six"];
    const text = String(new Images(source([6, 1, 28, 28], ramp(6 * 784, 1 / 5000)), { titles }));
    const lines = text.split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines[0].split(/ +/)).toEqual(titles.slice(0, 5));
    expect(text).toContain("\n\nsix\n");
  });

  it("has none for an empty batch", () => {
    expect(new Images(source([0, 1, 2, 2], []))[displaySymbol]()).toEqual({ "text/plain": "(no images)" });
  });
});

it("shows a value at once through the front-end", () => {
  const { told, end } = recorder();
  showValue(new Images(source([2, 2], [0, 1, 1, 0])));
  end();
  expect(told.map(({ kind }) => kind)).toEqual(["display"]);
  expect(Object.keys(told[0].bundle ?? {})).toEqual(["image/png", "text/plain"]);
});
