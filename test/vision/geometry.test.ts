// Pictures rotated, sheared, seen in perspective and augmented, with torchvision's numbers.

import { inspect } from "node:util";
import * as torch from "cresset";
import { expect, test } from "vitest";

const { Image, transforms: T } = torch.vision;
const F = T.functional;

type Picture = torch.vision.transforms.Picture;

const image = new Image(
  "RGB",
  [8, 7],
  Uint8Array.from({ length: 168 }, (_, k) => 37 * k * k + 11 * k),
);
const planes = new T.PILToTensor()(image);

const CORNERS = [
  [0, 0],
  [7, 0],
  [7, 6],
  [0, 6],
] as const;
const POINTS = [
  [1, 0],
  [6, 1],
  [7, 5],
  [0, 6],
] as const;

/** The sum of all bytes, and the sum with each weighed by its place. */
function sums(picture: Picture): [number, number] {
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

const MOVES: readonly [move: (x: Picture) => Picture, image: number[], tensor: number[]][] = [
  [(x) => F.rotate(x, 30), [18748, 1585170], [18748, 1585170]],
  [(x) => F.rotate(x, 90), [19954, 1654160], [20888, 1663912]],
  [(x) => F.rotate(x, -75.3, { interpolation: "bilinear", expand: true, fill: 7 }), [23265, 3978566], [21076, 3583448]],
  [(x) => F.rotate(x, 41, { center: [2, 3] }), [16650, 1087190], [16650, 1087190]],
  [(x) => F.affine(x, 15, [2, -1], 0.8, [5, 3], { interpolation: "bilinear" }), [10736, 744859], [10731, 756385]],
  [(x) => F.affine(x, 0, [2, -1], 1.3, 0, "nearest", 5), [19897, 1766248], [19897, 1766248]],
  [(x) => F.perspective(x, CORNERS, POINTS), [14838, 1355026], [14889, 1327037]],
  [(x) => F.perspective(x, CORNERS, POINTS, { interpolation: "nearest", fill: 9 }), [15175, 1352155], [15175, 1352155]],
  [(x) => F.crop(x, -1, 2, 7, 30), [15248, 4936932], [15248, 4936932]],
];

test.each(MOVES)("geometry as torchvision has it, of images and of tensors: %s", (move, ofImage, ofTensor) => {
  expect(sums(move(image))).toEqual(ofImage);
  expect(sums(move(planes))).toEqual(ofTensor);
});

test("images have bicubic interpolation too, tensors do not", () => {
  expect(sums(F.rotate(image, 41, { interpolation: "bicubic" }))).toEqual([18691, 1571462]);
  expect(() => F.rotate(planes, 41, { interpolation: "bicubic" })).toThrow("is unsupported with Tensor input");
  expect(() => F.rotate(image, 41, { fill: [1, 2] })).toThrow(
    "does not match the number of channels of the image (2 != 3)",
  );
});

type Random = (x: torch.vision.Image) => torch.vision.Image;

const RANDOM: readonly [transform: Random, sums: number[], next: number, text: string][] = [
  [
    new T.RandomRotation(40),
    [21552, 1791956],
    0.553876,
    "RandomRotation(degrees=[-40.0, 40.0], interpolation=nearest, expand=False, fill=0)",
  ],
  [
    new T.RandomAffine(20, { translate: [0.1, 0.3], scale: [0.5, 1.5], shear: 10 }),
    [16040, 1667734],
    0.449179,
    "RandomAffine(degrees=[-20.0, 20.0], translate=(0.1, 0.3), scale=(0.5, 1.5), shear=[-10.0, 10.0])",
  ],
  [new T.RandomPerspective(0.6, 1), [17064, 1248370], 0.167377, "RandomPerspective(p=1)"],
  [
    new T.ElasticTransform({ alpha: 20, sigma: 0.7 }),
    [14498, 1188825],
    0.411421,
    "ElasticTransform(alpha=[20.0, 20.0]), (sigma=[0.7, 0.7]), interpolation={self.interpolation}, fill={self.fill})",
  ],
  [new T.AutoAugment(), [21552, 1791956], 0.449179, "AutoAugment(policy=AutoAugmentPolicy.IMAGENET, fill=None)"],
  [
    new T.RandAugment({ numOps: 4, magnitude: 5 }),
    [21397, 1777473],
    0.748007,
    "RandAugment(num_ops=4, magnitude=5, num_magnitude_bins=31, interpolation=InterpolationMode.NEAREST, fill=None)",
  ],
  [
    new T.TrivialAugmentWide(),
    [13742, 1501452],
    0.60803,
    "TrivialAugmentWide(num_magnitude_bins=31, interpolation=InterpolationMode.NEAREST, fill=None)",
  ],
];

test.each(RANDOM)("random geometry draws in torchvision's order: %s", (transform, expected, next, text) => {
  torch.manualSeed(6);
  expect(sums(transform(image))).toEqual(expected);
  expect(torch.rand(1).item()).toBeCloseTo(next, 5);
  expect(inspect(transform)).toBe(text);
});

test("ten parts, and a matrix", () => {
  const parts = new T.TenCrop(3, { verticalFlip: true })(planes);
  expect(parts.length).toBe(10);
  expect(sums(parts[5])).toEqual(sums(F.crop(F.vflip(planes), 0, 0, 3, 3)));
  const whitening = new T.LinearTransformation(torch.eye(4).mul(2), torch.ones(4));
  expect(whitening(torch.arange(4).float().view(1, 2, 2)).tolist()).toEqual([
    [
      [-2, 0],
      [2, 4],
    ],
  ]);
  expect(() => new T.LinearTransformation(torch.ones(2, 3), torch.ones(2))).toThrow("Got (2, 3) rectangular matrix");
  expect(() => new T.RandomAffine(-1)).toThrow("If degrees is a single number, it must be positive.");
  expect(() => new T.RandomAffine(1, { translate: [2, 0] })).toThrow("translation values should be between 0 and 1");
});
