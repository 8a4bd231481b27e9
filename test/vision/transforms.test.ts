// Transforms and images as values. What they compute is held to torchvision's by the goldens.

import { inspect } from "node:util";
import * as torch from "cresset";
import { expect, test } from "vitest";

const { Image, transforms, utils } = torch.vision;

const rgb = () => new Image("RGB", [2, 1], new Uint8Array([255, 0, 51, 0, 102, 255]));

test("transforms are functions with types", () => {
  const transform = new transforms.Compose([
    new transforms.ToTensor(),
    new transforms.Lambda((x: torch.Tensor) => x.sum()),
  ]);
  const total: torch.Tensor = transform(rgb());
  expect(total.item()).toBeCloseTo(2.6, 5);
  // @ts-expect-error: the first step takes an image
  expect(() => transform(torch.ones(1))).toThrow("pic should be an Image. Got Tensor");
});

test("images go to tensors and back", () => {
  const image = rgb();
  const x = new transforms.ToTensor()(image);
  expect(x.tolist()).toEqual([[[1, 0]], [[0, Math.fround(0.4)]], [[Math.fround(0.2), 1]]]);
  const back = new transforms.ToPILImage()(x);
  expect([back.mode, back.size, [...back.data]]).toEqual(["RGB", [2, 1], [...image.data]]);
  expect(new transforms.PILToTensor()(image).tolist()).toEqual([[[255, 0]], [[0, 102]], [[51, 255]]]);
});

test("images show themselves", () => {
  expect(inspect(rgb())).toBe("<Image mode=RGB size=2x1>");
  const bundle = rgb()[torch.displaySymbol]();
  expect(String(bundle["image/png"]).startsWith("iVBORw0KGgo")).toBe(true);
  expect(() => new Image("L", [2, 2], new Uint8Array(3))).toThrow("has 4 bytes, got 3");
});

test("Normalize refuses what it cannot do, in torchvision's words", () => {
  const normalize = new transforms.Normalize([0.5], [0.25]);
  expect(() => normalize(torch.ones(1, 2, 2, { dtype: torch.uint8 }))).toThrow(
    "Input tensor should be a float tensor. Got torch.uint8.",
  );
  expect(() => normalize(torch.ones(2, 2))).toThrow("Expected tensor to be a tensor image of size (..., C, H, W)");
  expect(() => new transforms.Normalize([0], [0])(torch.ones(1, 2, 2))).toThrow("leading to division by zero");
  const x = torch.ones(1, 2, 2);
  new transforms.Normalize([0.5], [0.25], { inplace: true })(x);
  expect(x.at(0, 0, 0).item()).toBe(2);
});

test("makeGrid leaves what it is given as it was", () => {
  const images = torch.rand(3, 1, 2, 2);
  const before = images.clone();
  expect(`${utils.makeGrid(images, { nrow: 2, normalize: true, scaleEach: true }).shape}`).toBe(
    "torch.Size([3, 10, 10])",
  );
  expect(images.equal(before)).toBe(true);
  expect(`${utils.makeGrid([torch.ones(3, 2, 2), torch.ones(3, 2, 2)], 1).shape}`).toBe("torch.Size([3, 10, 6])");
});

test("borders mirror as often as they must", () => {
  const row = torch.tensor([[1, 2, 3]]);
  const pad = (paddingMode: "reflect" | "symmetric" | "edge", width = 4) =>
    new transforms.Pad([width, 0], { paddingMode })(row).tolist();
  expect(pad("reflect")).toEqual([[1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3]]);
  expect(pad("symmetric")).toEqual([[3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1]]);
  expect(pad("edge", 2)).toEqual([[1, 1, 1, 2, 3, 3, 3]]);
  expect(new transforms.Pad([-1, 1, 0, 0], { fill: 9 })(row).tolist()).toEqual([
    [9, 9],
    [2, 3],
  ]);
});

test("pictures keep their kind, and whole batches change as single ones do", () => {
  const image: InstanceType<typeof Image> = new transforms.CenterCrop(1)(rgb());
  const x: torch.Tensor = new transforms.RandomHorizontalFlip(1)(torch.tensor([[1, 2]]));
  expect([image.size, x.tolist()]).toEqual([[1, 1], [[2, 1]]]);
  const fixed = new transforms.Compose([
    new transforms.Pad(1),
    new transforms.CenterCrop(2),
    new transforms.ToTensor(),
  ]);
  const pixels = torch.stack([rgb().pixels(), rgb().pixels().flip(0)]);
  expect(fixed.forwardBatch({ mode: "RGB", pixels })).toEqual(expect.anything());
  const [whole, single] = [fixed.forwardBatch({ mode: "RGB", pixels }), fixed(rgb())];
  expect(whole instanceof torch.Tensor && whole.at(0).equal(single)).toBe(true);
  const random = new transforms.Compose([new transforms.RandomCrop(1), new transforms.ToTensor()]);
  expect(random.forwardBatch({ mode: "RGB", pixels })).toBeNull();
});

test("transforms take their arguments in torchvision's order and by name, and refuse others", () => {
  const ways: [inOrder: object, byName: object, text: string][] = [
    [
      new transforms.RandomHorizontalFlip(0.25),
      new transforms.RandomHorizontalFlip({ p: 0.25 }),
      "RandomHorizontalFlip(p=0.25)",
    ],
    [
      new transforms.Grayscale(3),
      new transforms.Grayscale({ numOutputChannels: 3 }),
      "Grayscale(num_output_channels=3)",
    ],
    [
      new transforms.Normalize([0.5], [0.25]),
      new transforms.Normalize({ mean: [0.5], std: [0.25] }),
      "Normalize(mean=(0.5,), std=(0.25,))",
    ],
    [new transforms.CenterCrop(4), new transforms.CenterCrop({ size: 4 }), "CenterCrop(size=(4, 4))"],
    [
      new transforms.RandomCrop(4, 2),
      new transforms.RandomCrop({ size: 4, padding: 2 }),
      "RandomCrop(size=(4, 4), padding=2)",
    ],
    [
      new transforms.Pad(2, 1, "edge"),
      new transforms.Pad({ padding: 2, fill: 1, paddingMode: "edge" }),
      "Pad(padding=2, fill=1, padding_mode=edge)",
    ],
  ];
  for (const [inOrder, byName, text] of ways) expect([String(inOrder), String(byName)]).toEqual([text, text]);
  expect(String(new transforms.Resize(4, "nearest", 6))).toBe(
    String(new transforms.Resize({ size: 4, interpolation: "nearest", maxSize: 6 })),
  );
  expect(new transforms.RandomResizedCrop(4, [0.5, 1]).scale).toEqual([0.5, 1]);
  // @ts-expect-error there is no such option
  expect(() => new transforms.Resize(4, { size_max: 6 })).toThrow(
    "Resize.__init__() got an unexpected keyword argument 'size_max'",
  );
  // @ts-expect-error the deviations are missing
  expect(() => new transforms.Normalize([0.5])).toThrow(
    "Normalize.__init__() missing 1 required positional argument: 'std'",
  );
});

const bytes = (count: number) => Uint8Array.from({ length: count }, (_, k) => 37 * k * k + 11 * k);

test.each([
  ["nearest", [48, 110, 212, 152, 226, 84, 230, 72, 210, 204, 58, 208]],
  ["box", [24, 135, 165, 133, 159, 191, 197, 97, 172, 168, 83, 173]],
  ["bilinear", [69, 140, 165, 120, 161, 189, 165, 124, 178, 162, 97, 159]],
  ["hamming", [52, 133, 165, 121, 169, 183, 171, 111, 181, 166, 80, 167]],
  ["bicubic", [60, 143, 163, 116, 164, 196, 171, 118, 179, 164, 87, 159]],
  ["lanczos", [57, 146, 161, 112, 163, 204, 173, 116, 180, 164, 88, 157]],
] as const)("images are resized to Pillow's bytes: %s", (interpolation, expected) => {
  const image = new Image("L", [7, 5], bytes(35));
  expect([...new transforms.Resize([4, 3], { interpolation })(image).data]).toEqual(expected);
});

test("opacity weighs colours when an image is resized", () => {
  const image = new Image("RGBA", [3, 2], bytes(24));
  const resized = new transforms.Resize([3, 2], { interpolation: "bicubic" })(image);
  expect([...resized.data]).toEqual([
    23, 108, 139, 99, 148, 55, 205, 196, 101, 135, 158, 111, 161, 98, 196, 183, 161, 157, 172, 123, 178, 147, 185, 169,
  ]);
});
