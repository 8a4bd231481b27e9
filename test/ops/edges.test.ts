// Calls at the edges: 0-d and empty tensors, bounds that cross, calls that change nothing, and what shares memory.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const F = torch.nn.functional;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("the whole tensor by an index", () => {
  test("is a view whose gradient is counted once", () => {
    const x = torch.tensor([1.5], { requiresGrad: true });
    x.expand(3).at(":").sum().backward();
    expect(x.grad?.item()).toBe(3);
  });

  test("has the nodes of PyTorch", () => {
    const x = torch.ones(2, { requiresGrad: true });
    expect(String(x.at(":").gradFn)).toBe("<SliceBackward0 object>");
    expect(String(x.at("...").gradFn)).toBe("<AliasBackward0 object>");
  });
});

test("bitwiseNot_ of bools writes", () => {
  const mask = torch.tensor([true, false]);
  expect(mask.bitwiseNot_()).toBe(mask);
  expect(mask.tolist()).toEqual([false, true]);
});

describe("ranges of whole numbers", () => {
  const { int32, int64, uint8 } = torch;

  test("truncate their bounds", () => {
    expect(torch.arange(0, 1.5, { dtype: int64 }).tolist()).toEqual([0]);
    expect(torch.arange(0, 1.5, { dtype: int32 }).tolist()).toEqual([0, 1]);
    expect(torch.arange(-1.5, 2.5, 1.5, { dtype: uint8 }).tolist()).toEqual([255, 0, 1]);
    expect(torch.linspace(-2.5, 3.7, 4, { dtype: int64 }).tolist()).toEqual([-2, 0, 1, 3]);
    expect(torch.logspace(0.5, 2.7, 4, { dtype: int32 }).tolist()).toEqual([1, 4, 21, 100]);
  });

  test("want a step that is not 0 as a whole number", () => {
    expect(() => torch.arange(0, 3, 0.5, { dtype: int64 })).toThrow("step must be nonzero");
  });
});

test("movedim and aminmax of 0-d tensors stay 0-d", () => {
  const x = torch.tensor(1.5);
  expect(x.movedim(0, 0).add(1).item()).toBe(2.5);
  expect(torch.aminmax(x, { keepdim: true })[0].shape).toEqual([]);
  expect(torch.aminmax(x, { dim: 0, keepdim: true })[0].shape).toEqual([1]);
});

test("diff of order 0 ignores what would be appended", () => {
  expect(torch.diff(torch.ones(1), 0, -1, null, torch.ones(1)).tolist()).toEqual([1]);
});

describe("logit within bounds", () => {
  test("a bound above one half wins from below", () => {
    expect(torch.logit(torch.tensor([0.5, 1.5]), 1).tolist()).toEqual([inf, -inf]);
  });

  test("in place has a derivative, 0 outside", () => {
    const x = torch.tensor([0.5, 0.05], { requiresGrad: true });
    x.clone().logit_(0.1).sum().backward();
    expect(x.grad?.tolist()).toEqual([4, 0]);
    expect(() => torch.tensor([1]).logit_(0)).toThrow(
      "result type Float can't be cast to the desired output type Long",
    );
  });
});

test("distances of order 0 keep NaN", () => {
  const rows = torch.tensor([
    [nan, 0],
    [1, 1],
  ]);
  expect(torch.cdist(rows, torch.ones(1, 2), 0).tolist()).toEqual([[nan], [0]]);
  expect(F.pdist(rows, 0).item()).toBe(nan);
});

test("the largest row of a bag of padding is 0", () => {
  const weight = torch.tensor([[1.5], [2]]);
  expect(
    F.embeddingBag(
      torch.tensor([
        [0, 0],
        [0, 1],
      ]),
      weight,
      { mode: "max", paddingIdx: 0 },
    ).tolist(),
  ).toEqual([[0], [2]]);
});

test("an empty batch leaves running statistics", () => {
  const [mean, variance] = [torch.ones(1), torch.ones(1)];
  F.batchNorm(torch.zeros(0, 1), mean, variance, { training: true });
  expect([mean.item(), variance.item()]).toEqual([1, 1]);
});

test("shuffles that move nothing copy", () => {
  const x = torch.rand(1, 4, 2, 2);
  for (const shuffle of [F.channelShuffle, F.pixelShuffle, F.pixelUnshuffle]) {
    expect(shuffle(x, 1).dataPtr()).not.toBe(x.dataPtr());
  }
});

test("adaptive maxima come with their positions where PyTorch gives both", () => {
  const x = torch.tensor([[1, 2.5]]);
  const both = [[[2.5]], [[1]]];
  expect(torch.adaptiveMaxPool1d(x, 1).map((t) => t.tolist())).toEqual(both);
  expect(new torch.nn.AdaptiveMaxPool1d(1, { returnIndices: true })(x).map((t) => t.tolist())).toEqual(both);
  expect(F.adaptiveMaxPool1d(x, 1).tolist()).toEqual([[2.5]]);
});

describe("nothing to reduce", () => {
  const none = torch.zeros(0, 2, 0, { requiresGrad: true });

  test("gives what PyTorch gives, backward too", () => {
    none.prod(1).sum().backward();
    expect(none.grad?.shape).toEqual([0, 2, 0]);
    const rows = torch.zeros(6, 0, { requiresGrad: true });
    F.embedding(torch.tensor([1, 2]), rows)
      .sum()
      .backward();
    expect(rows.grad?.shape).toEqual([6, 0]);
    expect(torch.norm(torch.zeros(2, 0), inf, 1).tolist()).toEqual([0, 0]);
    expect(torch.einsum("ab,bc->ac", torch.ones(2, 0), torch.ones(0, 3)).sum().item()).toBe(0);
    expect(torch.inner(torch.zeros(0), torch.zeros(0)).item()).toBe(0);
  });
});

test("sections of tensorSplit may be a tensor", () => {
  const parts = (at: torch.Tensor) => torch.tensorSplit(torch.arange(5), at).map((x) => x.tolist());
  expect(parts(torch.tensor(2))).toEqual([
    [0, 1, 2],
    [3, 4],
  ]);
  expect(parts(torch.tensor([1, 2]))).toEqual([[0], [1], [2, 3, 4]]);
});

test("bools are close when they are equal", () => {
  expect(torch.isclose(torch.tensor([true, false]), torch.tensor([true, true])).tolist()).toEqual([true, false]);
});

test("multiMarginLoss takes one sample, 0-d too", () => {
  expect(F.multiMarginLoss(torch.tensor(1.5), torch.tensor(0)).item()).toBe(0);
  expect(F.multiMarginLoss(torch.tensor([1, 2.5]), torch.tensor([0]), { reduction: "none" }).shape).toEqual([1]);
});

test("cumprod_ has a derivative", () => {
  const x = torch.tensor([2, 3.5], { requiresGrad: true });
  x.clone().cumprod_(0).sum().backward();
  expect(x.grad?.tolist()).toEqual([4.5, 2]);
});

test("one element through a mask takes the dtype", () => {
  const x = torch.ones(2);
  expect(x.setAt([torch.tensor([true, false])], torch.tensor([3])).tolist()).toEqual([3, 1]);
  expect(() => x.setAt([torch.tensor([1])], torch.tensor([3]))).toThrow(
    "Index put requires the source and destination",
  );
});

test("triangles of nothing may have any number of dimensions", () => {
  const x = torch.ones(0, { requiresGrad: true });
  x.triu().sum().backward();
  expect(x.grad?.shape).toEqual([0]);
  expect(() => torch.ones(3).tril()).toThrow("Dimension out of range (expected to be in range of [-1, 0], but got -2)");
  expect(() => torch.tensor(1).triu()).toThrow("Dimension specified as -2 but tensor has no dimensions");
});
