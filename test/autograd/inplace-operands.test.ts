// Writes in place whose operands are the written tensor itself: what the write replaces is saved as a copy, the other operands are not, so
// backward finds them written.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { functional: F } = torch.nn;

/** The gradient of `x` through a write in place on `y = x · 2`. */
function through(write: (y: torch.Tensor) => void): number {
  const x = torch.tensor([1.5], { requiresGrad: true });
  const y = x.mul(2);
  write(y);
  y.sum().backward();
  return (x.grad as torch.Tensor).item();
}

describe("a tensor written by itself", () => {
  test.each<[string, (y: torch.Tensor) => void]>([
    ["mul_", (y) => y.mul_(y)],
    ["div_", (y) => y.div_(y)],
    ["pow_", (y) => y.pow_(y)],
    ["atan2_", (y) => y.atan2_(y)],
    ["hypot_", (y) => y.hypot_(y)],
    ["addcmul_", (y) => y.addcmul_(y, y)],
    ["lerp_", (y) => y.lerp_(y, y)],
  ])("%s: backward refuses what it needs and was written", (_, write) => {
    expect(() => through(write)).toThrow("modified by an inplace operation");
  });

  test("derivatives that need no operand go through", () => {
    expect(through((y) => y.add_(y))).toBe(4);
    expect(through((y) => y.sub_(y))).toBe(0);
  });

  test("the replaced contents alone are kept", () => {
    expect(through((y) => y.mul_(torch.tensor([3], { dtype: torch.float32, requiresGrad: true })))).toBe(6);
    expect(through((y) => y.square_())).toBe(12);
  });
});

test("a linear map takes a matrix or a vector of weights", () => {
  const weight = torch.ones(2, 3, 3);
  expect(() => F.linear(torch.ones(3, 3), weight)).toThrow("t() expects a tensor with <= 2 dimensions, but self is 3D");
});

describe("results that are no views in PyTorch", () => {
  const matrix = (...sizes: number[]) => torch.ones(sizes).requiresGrad_(true);

  test.each<[string, () => torch.Tensor, string]>([
    ["matrix @ vector", () => matrix(2, 3).matmul(matrix(3)), "MvBackward0"],
    ["vector @ matrix", () => matrix(3).matmul(matrix(3, 2)), "SqueezeBackward3"],
    ["matrices @ vector", () => matrix(2, 2, 3).matmul(matrix(3)), "UnsafeViewBackward0"],
    ["matrices @ matrix", () => matrix(2, 2, 3).matmul(matrix(3, 2)), "UnsafeViewBackward0"],
    ["vector @ vector", () => matrix(3).dot(matrix(3)), "DotBackward0"],
    ["roll", () => matrix(2, 3).roll(1), "RollBackward0"],
    ["repeat", () => matrix(2, 3).repeat(1, 2), "RepeatBackward0"],
    ["kron", () => torch.kron(matrix(2, 2), matrix(2, 2)), "UnsafeViewBackward0"],
  ])("%s", (_, make, node) => {
    const made = make();
    expect(made._base).toBeNull();
    expect(made.gradFn?.name()).toBe(node);
    made.mul_(2);
    expect(made.gradFn?.name()).toBe("MulBackward0");
    expect(made.detach_().requiresGrad).toBe(false);
  });
});

test("backward of nansum reads its operand", () => {
  const x = torch.tensor([1, Number.NaN, 2.5], { requiresGrad: true });
  const y = x.mul(2);
  y.nansum().backward();
  expect((x.grad as torch.Tensor).tolist()).toEqual([2, 0, 2]);
  const z = y.nansum(0);
  y.detach().mul_(2);
  expect(() => z.backward()).toThrow("modified by an inplace operation");
});
