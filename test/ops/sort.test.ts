// Order: stability, NaN, every dtype, layouts, derivatives; and what is built on it.

import * as torch from "cresset";
import { beforeEach, describe, expect, test } from "vitest";
import { checkSecondDerivatives } from "../support/second-derivatives";

const random = (...size: number[]) => torch.randn(size, { dtype: torch.float64, requiresGrad: true });
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

beforeEach(() => {
  torch.manualSeed(0);
});

const dtypes = [
  torch.uint8,
  torch.int8,
  torch.int16,
  torch.int32,
  torch.int64,
  torch.float16,
  torch.bfloat16,
  torch.float32,
  torch.float64,
];

describe.each(dtypes.map((dtype) => [String(dtype), dtype] as const))("%s", (_name, dtype) => {
  test.each([[1], [50], [1023], [1024], [40_000]])("%i values are sorted, equal ones in their order", (n) => {
    const x = torch.randint(0, 100, [n]).to(dtype);
    for (const descending of [false, true]) {
      const { values, indices } = x.sort({ descending });
      expect(x.take(indices).equal(values)).toBe(true);
      const steps = values
        .double()
        .diff()
        .mul(descending ? -1 : 1);
      expect(steps.lt(0).any().item()).toBe(false);
      const order = indices.diff();
      expect(order.le(0).logicalAnd(steps.eq(0)).any().item()).toBe(false);
    }
  });

  test("the k largest are the first of the sorted", () => {
    const x = torch.randperm(3000).remainder(120).to(dtype).reshape(3, 1000);
    for (const largest of [true, false]) {
      const expected = x.sort(1, largest).values.narrow(1, 0, 7);
      expect(x.topk(7, { dim: 1, largest }).values.equal(expected)).toBe(true);
      expect(x.t().topk(7, 0, largest).values.t().equal(expected)).toBe(true);
    }
  });
});

test("NaN is above everything and zeros are equal", () => {
  const x = torch.tensor([nan, 1.5, -inf, 0, -0, inf, nan, -1]);
  expect(x.sort().indices.tolist()).toEqual([2, 7, 3, 4, 1, 5, 0, 6]);
  expect(x.sort(0, true).indices.tolist()).toEqual([0, 6, 5, 1, 3, 4, 7, 2]);
  expect(x.topk(3).values.tolist()).toEqual([nan, nan, inf]);
});

test.each<[name: string, f: (x: torch.Tensor) => torch.Tensor]>([
  ["sort", (x) => x.sort(0, true).values],
  ["topk", (x) => x.topk(2, 1).values],
  ["kthvalue", (x) => x.kthvalue(2, 1, true).values],
  ["median", (x) => x.median()],
  ["median along a dimension", (x) => x.median(0).values],
  ["nanmedian", (x) => x.nanmedian(1).values],
  ["mode", (x) => x.mode(1).values],
  ["quantile", (x) => x.quantile(0.3, 1, true)],
  ["cummax", (x) => x.cummax(1).values],
  ["cummin", (x) => x.cummin(0).values],
])("%s has the derivatives of its values", (_name, f) => {
  expect(torch.autograd.gradcheck(f, [random(4, 5)])).toBe(true);
  expect(checkSecondDerivatives(f, [random(4, 5)])).toBe(true);
});

test("pairs of results have names", () => {
  const pair = torch.tensor([3, 1, 2]).sort();
  const [values, indices] = pair;
  expect([values.tolist(), indices.tolist()]).toEqual([
    [1, 2, 3],
    [1, 2, 0],
  ]);
  expect(pair.values).toBe(values);
  expect(pair.indices).toBe(indices);
});

test("medians and modes", () => {
  expect(torch.tensor([1.5, nan, 0.5]).median().item()).toBeNaN();
  expect(torch.tensor([1.5, nan, 0.5, 9]).nanmedian().item()).toBe(1.5);
  expect(
    torch
      .tensor([[5, 1, 5, 1, 2]])
      .mode()
      .values.tolist(),
  ).toEqual([1]);
  expect(torch.tensor([4, 4, 2]).mode().indices.item()).toBe(1);
});

test("distinct values, inverse and counts", () => {
  const x = torch.tensor([
    [3, 1],
    [3, 2],
  ]);
  const [values, inverse, counts] = x.unique({ returnInverse: true, returnCounts: true });
  expect([values.tolist(), inverse.tolist(), counts.tolist()]).toEqual([
    [1, 2, 3],
    [
      [2, 0],
      [2, 1],
    ],
    [1, 1, 2],
  ]);
  expect((torch.tensor([1, 1, 2, 1]).uniqueConsecutive() as torch.Tensor).tolist()).toEqual([1, 2, 1]);
  expect(
    (
      torch.unique(
        torch.tensor([
          [1, 2],
          [0, 5],
          [1, 2],
        ]),
        { dim: 0 },
      ) as torch.Tensor
    ).tolist(),
  ).toEqual([
    [0, 5],
    [1, 2],
  ]);
});

test("searching and counting", () => {
  const edges = torch.tensor([1, 3, 5]);
  expect(torch.searchsorted(edges, torch.tensor([0, 3, 6])).tolist()).toEqual([0, 1, 3]);
  expect(torch.bucketize(torch.tensor([3, 4]), edges, { right: true }).tolist()).toEqual([2, 2]);
  expect(torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 9])).tolist()).toEqual([false, true, false]);
  expect(torch.bincount(torch.tensor([0, 2, 2]), { minlength: 5 }).tolist()).toEqual([1, 0, 2, 0, 0]);
  expect(torch.histc(torch.tensor([0.5, 1, 1, 2.5]), 3, 0, 3).tolist()).toEqual([1, 2, 1]);
});

test("what has no answer is refused in PyTorch's words", () => {
  const x = torch.zeros([2, 3]);
  expect(() => x.topk(4)).toThrow("selected index k out of range");
  expect(() => x.kthvalue(4)).toThrow("selected number k out of range");
  expect(() => x.quantile(1.5)).toThrow("q values must be in the range [0, 1]");
  expect(() => torch.bincount(torch.tensor([-1]))).toThrow("bincount only supports 1-d non-negative integral inputs.");
});
