// Softmax and its logarithm: derivatives along every dimension, layouts, infinities, dtypes.

import * as torch from "cresset";
import { beforeEach, describe, expect, test } from "vitest";
import { checkSecondDerivatives } from "../support/second-derivatives";

const random = (...size: number[]) => torch.randn(size, { dtype: torch.float64, requiresGrad: true });

beforeEach(() => {
  torch.manualSeed(0);
});

describe.each([
  ["softmax", torch.softmax],
  ["logSoftmax", torch.logSoftmax],
])("%s", (name, f) => {
  test.each([0, 1, -1])("has the derivatives of its values along dimension %i", (dim) => {
    const run = (x: torch.Tensor) => f(x, dim);
    expect(torch.autograd.gradcheck(run, [random(3, 2, 4)])).toBe(true);
    expect(checkSecondDerivatives(run, [random(3, 2, 4)])).toBe(true);
  });

  test.each([[1], [10], [17], [100], [1030]])("rows of %i sum to one, in any layout", (n) => {
    const x = torch.randn([5, n]);
    const rows = f(x, 1);
    const sums = (name === "softmax" ? rows : rows.exp()).sum(1);
    expect(sums.sub(1).abs().max().item()).toBeLessThan(1e-5);
    const columns = f(x.t(), 0).t();
    expect(columns.sub(rows).abs().max().item()).toBeLessThan(1e-5);
    expect(f(x.t().contiguous().t(), 1).sub(rows).abs().max().item()).toBeLessThan(1e-5);
    for (const dtype of [torch.float16, torch.bfloat16]) {
      const half = f(x.to(dtype), 1);
      expect(half.dtype).toBe(dtype);
      expect(half.float().sub(rows).abs().max().item()).toBeLessThan(0.1);
    }
  });

  test("large values do not overflow; rows of infinities are NaN", () => {
    const x = torch.tensor(
      [
        [1000, 1000],
        [Number.NEGATIVE_INFINITY, 0],
        [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
        [Number.POSITIVE_INFINITY, 0],
        [Number.NaN, 0],
      ],
      { dtype: torch.float32 },
    );
    const out = name === "softmax" ? f(x, 1) : f(x, 1).exp();
    const rows = out.tolist<number[][]>();
    expect(rows[0][0]).toBeCloseTo(0.5, 6);
    expect(rows[1]).toEqual([0, 1]);
    for (const row of rows.slice(2)) expect(row[0]).toBeNaN();
  });

  test("takes dtype, and 0-d and empty tensors", () => {
    expect(f(torch.tensor([1, 2]), { dim: 0, dtype: torch.float64 }).dtype).toBe(torch.float64);
    expect(f(torch.tensor(3.5), 0).item()).toBe(name === "softmax" ? 1 : 0);
    expect([...f(torch.zeros([0, 3]), 1).shape]).toEqual([0, 3]);
    expect([...f(torch.zeros([3, 0]), 1).shape]).toEqual([3, 0]);
    expect(() => f(torch.tensor([1, 2]), 0)).toThrowError(torch.DTypeError);
    expect(() => f(torch.zeros([2, 3]), 2)).toThrowError(
      "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
    );
  });
});
