// What PyTorch does in corners: ties, bounds that meet, weights of nothing, empty bags.

import * as torch from "cresset";
import { expect, test } from "vitest";

const F = torch.nn.functional;
const floats = (values: number[]) => torch.tensor(values, { dtype: torch.float32 });

test("where both bounds are the element, neither gets its gradient", () => {
  const x = floats([1, 1, 1, 2, 0, 5]);
  const min = floats([1, 2, 0, 1, 1, 6]).requiresGrad_();
  const max = floats([1, 1, 1, 1, 1, 5]).requiresGrad_();
  x.clamp(min, max).sum().backward();
  expect(min.grad?.tolist()).toEqual([0, 0, 0, 0, 0, 0]);
  expect(max.grad?.tolist()).toEqual([0, 1, 0, 1, 0, 1]);
});

test("activations pass the gradient of NaN on", () => {
  for (const f of [F.elu, F.celu, F.hardtanh, F.softshrink, F.hardswish, F.relu]) {
    const x = floats([Number.NaN]).requiresGrad_();
    f(x).sum().backward();
    expect(x.grad?.tolist()).toEqual([1]);
  }
});

test("halfway between two pixels an image takes the even one, a volume the farther one", () => {
  const [image, volume] = [floats([3, -3]).reshape([1, 1, 2, 1]), floats([3, -3]).reshape([1, 1, 2, 1, 1])];
  expect(F.gridSample(image, torch.zeros([1, 1, 1, 2]), "nearest", "zeros", false).item()).toBe(3);
  expect(F.gridSample(volume, torch.zeros([1, 1, 1, 1, 3]), "nearest", "zeros", false).item()).toBe(-3);
});

test("covariances refuse weights that sum to zero or are no numbers", () => {
  const x = floats([1, 2]);
  expect(() => torch.cov(x, { fweights: torch.tensor([0, 0]) })).toThrow("weights sum to zero, can't be normalized");
  expect(() => torch.cov(x, { aweights: floats([1, Number.NaN]) })).toThrow("aweights cannot be negative");
});

test("the largest of empty bags is zeros that take part in the graph", () => {
  const weight = floats([1]).reshape([1, 1]).requiresGrad_();
  const none = torch.zeros([0], { dtype: torch.int64 });
  const out = F.embeddingBag(none, weight, torch.tensor([0]), { mode: "max" });
  expect([out.tolist(), out.requiresGrad]).toEqual([[[0]], true]);
  expect(F.embeddingBag(none.reshape([0, 1]), weight, { mode: "max" }).shape).toEqual([0, 1]);
});

test("circular padding is for all spatial dimensions at once", () => {
  expect(() => F.pad(torch.ones([1, 2, 2]), [0, 2, 2, 0], "circular")).toThrow(
    "Invalid padding size, expected 2 but got 4",
  );
});

test("beside NaN the largest element has no gradient that is a number", () => {
  const x = floats([1, Number.NaN, 2]).requiresGrad_();
  x.amax().backward();
  expect(x.grad?.tolist()).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test("losses with a linear part have the gradient NaN at NaN", () => {
  const losses = [
    (x: torch.Tensor) => F.smoothL1Loss(x, floats([0])),
    (x: torch.Tensor) => F.huberLoss(x, floats([0])),
  ];
  for (const loss of losses) {
    const x = floats([Number.NaN]).requiresGrad_();
    loss(x).backward();
    expect(x.grad?.item()).toBeNaN();
  }
});

test("an impossible target has an infinite loss and the gradient NaN, or 0 where infinities do not count", () => {
  const lengths = [torch.tensor([1, 2]), torch.tensor([2, 1])] as const;
  const targets = torch.tensor([
    [1, 1],
    [1, 1],
  ]);
  for (const zeroInfinity of [false, true]) {
    const logs = torch.zeros([2, 2, 2]).requiresGrad_();
    const loss = F.ctcLoss(logs, targets, ...lengths, { reduction: "none", zeroInfinity });
    loss.sum().backward();
    expect(loss.at(0).item()).toBe(zeroInfinity ? 0 : Number.POSITIVE_INFINITY);
    expect(loss.at(1).isfinite().item()).toBe(true);
    expect(logs.grad?.at(0, 0).isnan().all().item()).toBe(!zeroInfinity);
    expect(logs.grad?.at(":", 1).isfinite().all().item()).toBe(true);
  }
});

test("lerp goes from the end for weights of one half or more", () => {
  const [one, inf] = [floats([1]), floats([Number.POSITIVE_INFINITY])];
  expect(torch.lerp(one, inf, -1.25).item()).toBe(Number.NEGATIVE_INFINITY);
  expect(torch.lerp(one, inf, 0.75).item()).toBeNaN();
});

test("a margin of whole numbers is a whole number", () => {
  const loss = F.hingeEmbeddingLoss(torch.tensor([0, 1]), floats([-1, 1]), 1.5, { reduction: "none" });
  expect([loss.dtype, loss.tolist()]).toEqual([torch.int64, [1, 1]]);
});

test("views of nothing may begin beyond their storage, and be written and multiplied", () => {
  const none = torch.zeros([0, 5]).narrow(1, 1, 3);
  expect(torch.ones([2, 0]).mm(none).tolist()).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(torch.zeros([1, 0]).expand([2, 0]).abs_().shape).toEqual([2, 0]);
  expect(torch.ones([1]).asStrided([0], [2], 2).shape).toEqual([0]);
});

test("a convolution of an empty batch has a gradient of zeros", () => {
  const weight = torch.ones([1, 1, 1]).requiresGrad_();
  F.convTranspose1d(torch.zeros([0, 1, 4]).at(":", ":", "::2"), weight)
    .sum()
    .backward();
  expect(weight.grad?.tolist()).toEqual([[[0]]]);
});

test("a comparison in place writes into whole numbers whatever it compares with", () => {
  const x = torch.tensor([1, 2]);
  expect(x.le_(floats([1, 1]).requiresGrad_()).tolist()).toEqual([1, 0]);
});
