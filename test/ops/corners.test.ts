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
