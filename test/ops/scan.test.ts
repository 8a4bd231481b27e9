// Running results: values, dtypes, layouts, derivatives also where elements are zero.

import * as torch from "cresset";
import { beforeEach, expect, test } from "vitest";
import { checkSecondDerivatives } from "../support/second-derivatives";

const random = (...size: number[]) => torch.randn(size, { dtype: torch.float64, requiresGrad: true });

beforeEach(() => {
  torch.manualSeed(0);
});

test.each<[name: string, f: (x: torch.Tensor, dim: number) => torch.Tensor]>([
  ["cumsum", (x, dim) => x.cumsum(dim)],
  ["cumprod", (x, dim) => x.cumprod(dim)],
  ["logcumsumexp", (x, dim) => x.logcumsumexp(dim)],
])("%s: derivatives and layouts", (_name, f) => {
  for (const dim of [0, 1, -1]) {
    expect(torch.autograd.gradcheck((x) => f(x, dim), [random(3, 2, 4)])).toBe(true);
  }
  expect(checkSecondDerivatives((x) => f(x, 1), [random(2, 3)])).toBe(true);
  const x = torch.randn([70, 90], { dtype: torch.float64 });
  expect(f(x.t(), 0).t().sub(f(x, 1)).abs().max().item()).toBeLessThan(1e-12);
});

test("cumprod is differentiable where elements are zero", () => {
  const x = torch.tensor(
    [
      [1.5, 0, 2, 0],
      [0, 3, 1, 2],
    ],
    { dtype: torch.float64, requiresGrad: true },
  );
  expect(torch.autograd.gradcheck((t) => t.cumprod(1), [x])).toBe(true);
});

test("whole numbers run in int64, and bool counts", () => {
  expect(torch.tensor([true, true, false]).cumsum(0).tolist()).toEqual([1, 2, 2]);
  expect(torch.tensor([200, 100], { dtype: torch.uint8 }).cumsum(0).dtype).toBe(torch.int64);
  expect(torch.tensor([1, 2, 3]).cumprod(0, { dtype: torch.float32 }).dtype).toBe(torch.float32);
});

test("cummax keeps the last of equal values, and NaN once seen", () => {
  const { values, indices } = torch.tensor([1, 3, 3, 2]).cummax(0);
  expect([values.tolist(), indices.tolist()]).toEqual([
    [1, 3, 3, 3],
    [0, 1, 2, 2],
  ]);
  expect(torch.tensor([1, Number.NaN, 5]).cummin(0).values.tolist()).toEqual([1, Number.NaN, Number.NaN]);
});

test("logcumsumexp does not overflow", () => {
  const x = torch.tensor([Number.NEGATIVE_INFINITY, 1000, 1000], { dtype: torch.float32 });
  const out = x.logcumsumexp(0).tolist();
  expect(out.slice(0, 2)).toEqual([Number.NEGATIVE_INFINITY, 1000]);
  expect(out[2]).toBeCloseTo(1000 + Math.log(2), 3);
});
