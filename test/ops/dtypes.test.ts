// Dtypes of results, and factors that would change them.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const F = torch.nn.functional;
const uint8 = (...sizes: number[]) => torch.ones(sizes, { dtype: torch.uint8 });
const double = (value: number) => torch.tensor(value, { dtype: torch.float64 });

describe("alpha and beta", () => {
  const yes = torch.tensor([true]);

  test("alpha multiplies in the dtype of the result", () => {
    expect(torch.add(torch.tensor([1.5]), torch.tensor([200], { dtype: torch.uint8 }), { alpha: 2 }).tolist()).toEqual([
      401.5,
    ]);
    const small = torch.tensor(1, { dtype: torch.int16 });
    const half = torch.tensor(1.5, { dtype: torch.bfloat16 });
    expect(torch.rsub(small, half, { alpha: 1.5 }).dtype).toBe(torch.bfloat16);
    expect(torch.add(yes, yes, { alpha: 2 }).tolist()).toEqual([true]);
    expect(torch.add(torch.tensor([1]), true, { alpha: 2 }).tolist()).toEqual([3]);
  });

  test("a factor may not raise the dtype of elementwise results", () => {
    const whole = torch.tensor([1]);
    for (const wrong of [
      () => whole.add(whole, { alpha: 0.5 }),
      () => whole.sub_(2, { alpha: 0.5 }),
      () => yes.add(yes, { alpha: 0.5 }),
      () => whole.addr(whole, whole, { alpha: 0.5 }),
    ])
      expect(wrong).toThrow("For integral input tensors, argument alpha must not be a floating point number.");
    expect(() => whole.add(whole, { alpha: true as never })).toThrow(
      "Boolean alpha only supported for Boolean results.",
    );
    expect(() => whole.addr(whole, whole, { beta: false })).toThrow("Boolean beta only supported for Boolean results.");
    expect(() => whole.add_(torch.tensor([1.5]), { alpha: 2 })).toThrow("result type Float can't be cast");
  });

  test("products of whole numbers drop the fraction of a factor", () => {
    expect(uint8(2).addmv(uint8(2, 2), uint8(2), { alpha: 0.5 }).tolist()).toEqual([1, 1]);
    const sum = torch.addbmm(uint8(1, 1), uint8(3, 1, 2), uint8(3, 2, 1), { beta: 0.5 });
    expect([sum.dtype, sum.item()]).toEqual([torch.uint8, 6]);
  });

  test("addr of bools stays bool", () => {
    const out = torch.tensor(false).addr(torch.tensor([true, false]), torch.tensor([true, true]));
    expect(out.tolist()).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});

test("sums to a size are int64 where something is summed", () => {
  const x = torch.ones(3, 2, { dtype: torch.int32 });
  expect(x.sumToSize(1, 2).dtype).toBe(torch.int64);
  expect(x.sumToSize(3, 2).dtype).toBe(torch.int32);
});

test("inner keeps the dtype and wants equal last dimensions", () => {
  expect(torch.inner(uint8(2), uint8(2)).dtype).toBe(torch.uint8);
  expect(() => torch.inner(uint8(2), uint8(1))).toThrow("the last dimension must match");
});

test("bincount of nothing is int64, whatever the weights", () => {
  const none = torch.tensor([], { dtype: torch.int64 });
  expect(torch.bincount(none, torch.tensor([]), 2).dtype).toBe(torch.int64);
});

describe("losses", () => {
  test("broadcast before dtypes are promoted", () => {
    const x = torch.ones(1);
    expect(F.l1Loss(x, double(3)).dtype).toBe(torch.float64);
    expect(F.mseLoss(x, double(3)).dtype).toBe(torch.float64);
    expect(F.huberLoss(x, double(3)).dtype).toBe(torch.float32);
  });

  test("a margin is a float", () => {
    const one = torch.tensor([1]);
    expect(F.marginRankingLoss(one, one, one, { reduction: "sum" }).dtype).toBe(torch.float32);
  });

  test("whole numbers are refused in PyTorch's words", () => {
    const one = torch.tensor([1]);
    expect(() => F.mseLoss(one, one)).toThrow("\"mse_cpu\" not implemented for 'Long'");
    expect(() => F.smoothL1Loss(one, one)).toThrow("\"smooth_l1_cpu\" not implemented for 'Long'");
  });
});
