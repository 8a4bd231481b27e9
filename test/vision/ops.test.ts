// Boxes, parts of feature maps, and drawings, with torchvision's numbers.

import { inspect } from "node:util";
import * as torch from "cresset";
import { expect, test } from "vitest";
import { temporaryFiles } from "../support/files";

const { io, ops, utils } = torch.vision;
const file = temporaryFiles();

const boxes = torch.tensor([
  [1, 2, 8, 9],
  [3, 0, 20, 5],
  [2, 3, 8, 10.5],
]);
const others = torch.tensor([
  [0, 0, 5, 6],
  [2, 2, 9, 9],
]);
const close = (got: torch.Tensor, expected: readonly number[]): void => {
  const values = got.detach().reshape(-1).tolist() as number[];
  expect(values.length).toBe(expected.length);
  for (const [k, value] of expected.entries()) expect(values[k]).toBeCloseTo(value, 4);
};

test("overlaps of boxes", () => {
  close(ops.boxIou(boxes, others), [0.25397, 0.75, 0.09524, 0.15517, 0.13636, 0.62069]);
  close(ops.generalizedBoxIou(boxes, others), [0.12897, 0.75, -0.02976, -0.12878, -0.07792, 0.59548]);
  close(ops.distanceBoxIou(boxes, others), [0.18328, 0.74115, -0.09112, 0.04406, 0.01979, 0.60574]);
  close(ops.completeBoxIou(boxes, others), [0.18326, 0.74115, -0.11015, 0.03326, 0.01979, 0.60568]);
  close(ops.boxConvert(boxes.narrow(0, 0, 1), "xyxy", "cxcywh"), [4.5, 5.5, 7, 7]);
  close(ops.boxConvert(torch.tensor([[4.5, 5.5, 7, 7]]), "cxcywh", "xywh"), [1, 2, 7, 7]);
  close(ops.clipBoxesToImage(boxes.narrow(0, 1, 1), [4, 9]), [3, 0, 9, 4]);
  expect(ops.removeSmallBoxes(boxes, 6).tolist()).toEqual([0, 2]);
  expect(ops.masksToBoxes(torch.eye(4).eq(1).unsqueeze(0)).tolist()).toEqual([[0, 0, 3, 3]]);
  expect(() => ops.boxConvert(boxes, "xyxy", "yx" as "xywh")).toThrow("Unsupported Bounding Box Conversions");
});

test("losses of boxes and of rare classes, with gradients", () => {
  const losses = [
    [ops.generalizedBoxIouLoss, 1.99981, [0.09307, 0.09307, 0.04037, 0.02822, 0.03553, 0.00264, 0.0156, -0.10491]],
    [ops.distanceBoxIouLoss, 1.77266, [0.06519, 0.06864, 0.03421, 0.03668, 0.038, -0.02521, 0.01163, -0.04442]],
    [ops.completeBoxIouLoss, 1.78347, [0.06517, 0.06866, 0.03423, 0.03666, 0.03731, -0.02287, 0.01232, -0.04676]],
  ] as const;
  for (const [loss, expected, gradient] of losses) {
    const x = boxes.narrow(0, 0, 2).clone().requiresGrad_();
    const y = loss(x, others, { reduction: "sum" });
    y.backward();
    close(y, [expected]);
    close(x.grad as torch.Tensor, gradient);
  }
  const x = torch.tensor([1, -2, 0.5], { requiresGrad: true });
  const y = ops.sigmoidFocalLoss(x, torch.tensor([1, 0, 0]).float(), { reduction: "mean" });
  y.backward();
  close(y, [0.09669]);
  close(x.grad as torch.Tensor, [-0.00438, 0.00122, 0.13154]);
});

test("the best of boxes that overlap", () => {
  const scores = torch.tensor([0.5, 0.9, 0.7]);
  expect(ops.nms(boxes, scores, 0.3).tolist()).toEqual([1, 2]);
  expect(ops.batchedNms(boxes, scores, torch.tensor([0, 1, 1]), 0.3).tolist()).toEqual([1, 2, 0]);
  expect(ops.batchedNms(boxes, scores, torch.tensor([0, 1, 0]), 0.3).tolist()).toEqual([1, 2]);
  expect(ops.nms(torch.zeros(0, 4), torch.zeros(0), 0.5).tolist()).toEqual([]);
  expect(() => ops.nms(boxes, scores.narrow(0, 0, 2), 0.5)).toThrow("got 3 and 2");
  // Many boxes go class by class, with the same result.
  torch.manualSeed(0);
  const corners = torch.rand(1200, 2).mul(40);
  const many = torch.cat([corners, corners.add(torch.rand(1200, 2).mul(20))], 1);
  const [all, classes] = [torch.rand(1200), torch.randint(3, [1200])];
  const apart = ops.nms(many.add(classes.float().mul(1000).unsqueeze(1)), all, 0.4);
  expect(ops.batchedNms(many, all, classes, 0.4).equal(apart)).toBe(true);
});

test("parts of feature maps, with gradients", () => {
  const maps = torch.arange(48).float().view(1, 2, 4, 6).sin();
  const rois = torch.tensor([[0, 0.5, 1, 4, 3.2]]);
  const x = maps.clone().requiresGrad_();
  const aligned = ops.roiAlign(x, rois, 2, { aligned: true });
  aligned.sum().backward();
  close(aligned, [0.4313, 0.61834, 0.20535, 0.76774, -0.42402, 0.78995, -0.6109, 0.65663]);
  close((x.grad as torch.Tensor).at(0, 0, 1), [0.22148, 0.44297, 0.44297, 0.44297, 0.02461, 0]);
  const z = maps.clone().requiresGrad_();
  const pooled = ops.roiPool(z, [torch.tensor([[0.5, 1, 4, 3.2]])], [2, 2]);
  pooled.sum().backward();
  close(pooled, [0.99061, 0.65029, 0.99061, 0.83666, 0.55143, 0.99991, 0.29637, 0.9638]);
  close((z.grad as torch.Tensor).at(0, 0, 2), [0, 0, 2, 1, 0, 0]);
  expect(() => ops.roiAlign(maps, boxes, 2)).toThrow("The boxes tensor shape is not correct as Tensor[K, 5]");
});

test("layers of torchvision's networks", () => {
  torch.manualSeed(1);
  const kept = ops.stochasticDepth(torch.ones(64, 3, 2, 2), 0.5, "row").mean([1, 2, 3]);
  expect(new Set(kept.tolist() as number[])).toEqual(new Set([0, 2]));
  const block = new ops.DropBlock2d(0.3, 3);
  expect(
    block(torch.ones(2, 3, 9, 9))
      .eq(0)
      .any()
      .item(),
  ).toBe(true);
  expect(
    block
      .eval()(torch.ones(2, 3, 9, 9))
      .eq(1)
      .all()
      .item(),
  ).toBe(true);
  const frozen = new ops.FrozenBatchNorm2d(3);
  expect([...frozen.stateDict()].map(([name]) => name)).toEqual(["weight", "bias", "running_mean", "running_var"]);
  expect(`${new ops.SqueezeExcitation(4, 2)(torch.ones(1, 4, 3, 3)).shape}`).toBe("torch.Size([1, 4, 3, 3])");
  expect([inspect(new ops.StochasticDepth(0.2, "row")), inspect(block), inspect(frozen)]).toEqual([
    "StochasticDepth(p=0.2, mode=row)",
    "DropBlock2d(p=0.3, block_size=3, inplace=False)",
    "FrozenBatchNorm2d(3, eps=1e-05)",
  ]);
});

test("boxes and masks drawn on pictures, and pictures saved", () => {
  const x = torch
    .arange(3 * 12 * 14)
    .mul(37)
    .remainder(256)
    .to(torch.uint8)
    .view(3, 12, 14);
  const places = torch.tensor([
    [1, 2, 8, 9],
    [3, 0, 20, 5],
    [2, 10, 2, 11],
  ]);
  const sums = (image: torch.Tensor): number[] => {
    const values = image.long().reshape(-1);
    return [
      values.sum().item(),
      values
        .mul(torch.arange(1, values.numel() + 1))
        .sum()
        .item(),
    ];
  };
  expect(sums(utils.drawBoundingBoxes(x, places))).toEqual([47559, 12366970]);
  expect(sums(utils.drawBoundingBoxes(x, places, { fill: true, width: 2 }))).toEqual([35269, 9695820]);
  expect(sums(utils.drawBoundingBoxes(x, places, { colors: "navy", width: 3 }))).toEqual([33967, 11551726]);
  expect(sums(utils.drawBoundingBoxes(x.narrow(0, 0, 1), places, ["red", "#0f0", [1, 2, 3]]))).toEqual([
    57549, 13660875,
  ]);
  const masks = torch.stack([x.at(0).gt(128), x.at(1).lt(90)]);
  expect(sums(utils.drawSegmentationMasks(x, masks))).toEqual([43395, 12227377]);
  expect(sums(utils.drawSegmentationMasks(x, masks.at(0), 0.3, "orange"))).toEqual([64706, 15847508]);
  expect(() => utils.drawBoundingBoxes(x, places, { colors: "reddish" })).toThrow("unknown color specifier: 'reddish'");
  torch.manualSeed(0);
  utils.saveImage(torch.rand(3, 3, 5, 5), file("grid.png"), { nrow: 2 });
  expect(io.readImage(file("grid.png")).long().sum().item()).toBe(27257);
  expect(() => utils.saveImage(torch.rand(3, 5, 5), file("x.bmp"))).toThrow("unknown file extension: .bmp");
});
