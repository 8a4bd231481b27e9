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
