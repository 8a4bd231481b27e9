// Colours, blurs and random choices, with torchvision's numbers.

import { inspect } from "node:util";
import * as torch from "cresset";
import { expect, test } from "vitest";

const { Image, transforms } = torch.vision;
const F = transforms.functional;

const image = new Image(
  "RGB",
  [6, 5],
  Uint8Array.from({ length: 90 }, (_, k) => 37 * k * k + 11 * k),
);
const planes = new transforms.PILToTensor()(image);

/** The sum of all bytes, and the sum with each weighed by its place. */
function sums(picture: torch.vision.transforms.Picture): [number, number] {
  const pixels = picture instanceof Image ? picture.pixels() : picture.permute(1, 2, 0);
  const values = pixels.reshape(-1).long();
  return [
    values.sum().item(),
    values
      .mul(torch.arange(1, values.numel() + 1))
      .sum()
      .item(),
  ];
}

type Adjust = (x: torch.vision.transforms.Picture) => torch.vision.transforms.Picture;

const ADJUSTMENTS: readonly [adjust: Adjust, image: number[], tensor: number[]][] = [
  [(x) => F.adjustBrightness(x, 1.3), [14332, 628853], [14332, 628853]],
  [(x) => F.adjustContrast(x, 0.4), [11373, 507188], [11321, 504949]],
  [(x) => F.adjustSaturation(x, 2), [11653, 510865], [11680, 512140]],
  [(x) => F.adjustHue(x, -0.2), [11756, 513522], [11724, 512168]],
  [(x) => F.adjustGamma(x, 0.7), [13639, 599016], [13639, 599016]],
  [(x) => F.adjustSharpness(x, 2), [11573, 502562], [11573, 502562]],
  [(x) => F.invert(x), [11430, 545565], [11430, 545565]],
  [(x) => F.posterize(x, 3), [10176, 437952], [10176, 437952]],
  [(x) => F.solarize(x, 128), [6315, 289950], [6315, 289950]],
  [(x) => F.autocontrast(x), [10886, 461832], [10885, 461812]],
  [(x) => F.equalize(x), [11520, 498660], [11520, 498660]],
  [(x) => F.gaussianBlur(x, [3, 5]), [11611, 504654], [11611, 504654]],
];

test.each(ADJUSTMENTS)("colours as torchvision has them, of images and of tensors: %s", (adjust, ofImage, ofTensor) => {
  expect(sums(adjust(image))).toEqual(ofImage);
  expect(sums(adjust(planes))).toEqual(ofTensor);
});

test("ColorJitter draws an order and factors", () => {
  torch.manualSeed(3);
  expect(sums(new transforms.ColorJitter(0.4, 0.3, 0.5, 0.2)(image))).toEqual([7072, 307320]);
  expect(torch.rand(1).item()).toBeCloseTo(0.7436993718147278, 6);
  expect(inspect(new transforms.ColorJitter({ brightness: [0.5, 2], hue: 0.1 }))).toBe(
    "ColorJitter(brightness=(0.5, 2), contrast=None, saturation=None, hue=[-0.1, 0.1])",
  );
  expect(() => new transforms.ColorJitter({ hue: 0.7 })).not.toThrow();
  expect(() => new transforms.ColorJitter({ hue: [-0.7, 0] })).toThrow("hue values should be between (-0.5, 0.5)");
  expect(() => new transforms.ColorJitter(-1)).toThrow("If brightness is a single number, it must be non negative.");
});

test("RandomErasing draws whether, where and what", () => {
  torch.manualSeed(3);
  expect(new transforms.RandomErasing({ p: 1, value: "random" })(planes.float()).sum().item()).toBeCloseTo(
    11049.533203125,
    1,
  );
  expect(torch.rand(1).item()).toBeCloseTo(0.9491828680038452, 6);
  expect(() => new transforms.RandomErasing({ p: 2 })).toThrow("probability should be between 0 and 1");
});

test("transforms of other transforms print and apply them", () => {
  const { RandomApply, RandomChoice, RandomInvert, RandomOrder } = transforms;
  expect(inspect(new RandomApply([new RandomInvert()], 0.25))).toBe(
    "RandomApply(\n    p=0.25\n    RandomInvert(p=0.5)\n)",
  );
  expect(inspect(new RandomChoice([new RandomInvert(1)]))).toBe("RandomChoice(\n    RandomInvert(p=1)\n)(p=None)");
  const both = new RandomOrder([new RandomInvert(1), new RandomInvert(1)]);
  expect(sums(both(image))).toEqual(sums(image));
  expect(sums(new RandomChoice([new RandomInvert(0), new RandomInvert(1)], [0, 1])(image))).toEqual(
    sums(F.invert(image)),
  );
});
