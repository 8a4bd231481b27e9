// torch.autograd.functional: Jacobians and Hessians of functions, and their products with vectors.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { hessian, hvp, jacobian, jvp, vhp, vjp } = torch.autograd.functional;
const double = (x: number[]) => torch.tensor(x, { dtype: torch.float64 });

const cubes = (x: torch.Tensor) => x.pow(3).sum();
const squares = (x: torch.Tensor) => x.mul(x);

describe("jacobian", () => {
  test("has the sizes of the output, then of the input", () => {
    const x = torch.arange(6).double().reshape(2, 3);
    const found = jacobian((t) => t.mul(2).sum(1), x);
    expect([...found.shape]).toEqual([2, 2, 3]);
    expect(found.tolist()).toEqual([
      [
        [2, 2, 2],
        [0, 0, 0],
      ],
      [
        [0, 0, 0],
        [2, 2, 2],
      ],
    ]);
    expect(found.requiresGrad).toBe(false);
  });

  test("of several outputs and inputs is a list of lists", () => {
    const found = jacobian((a, b) => [a.mul(b), a.sum()], [double([1, 2]), double([3, 4])]);
    expect(found.map((row) => row.map((x) => x.tolist()))).toEqual([
      [
        [
          [3, 0],
          [0, 4],
        ],
        [
          [1, 0],
          [0, 2],
        ],
      ],
      [
        [1, 1],
        [0, 0],
      ],
    ]);
  });

  test("keeps its graph on demand", () => {
    const x = double([1, 2]).requiresGrad_();
    const found = jacobian((t) => t.pow(3), x, { createGraph: true });
    found.sum().backward();
    expect(x.grad?.tolist()).toEqual([6, 12]);
  });

  test("in strict mode refuses what does not depend on the input", () => {
    expect(() => jacobian((a, b) => a.mul(2).add(b.detach()), [double([1]), double([2])], { strict: true })).toThrow(
      "Output 0 of the user-provided function is independent of input 1. This is not allowed in strict mode.",
    );
    expect(() => jacobian((a) => a.detach(), double([1]), false, true)).toThrow(
      "Output 0 of the user-provided function does not require gradients.",
    );
  });
});

test("hessian", () => {
  expect(hessian(cubes, double([1, 2])).tolist()).toEqual([
    [6, 0],
    [0, 12],
  ]);
  const found = hessian((a, b) => a.mul(b).sum(), [double([1, 2]), double([3, 4])]);
  expect(found.map((row) => row.map((x) => x.tolist()))[0][1]).toEqual([
    [1, 0],
    [0, 1],
  ]);
  expect(() => hessian(squares, double([1, 2]))).toThrow(
    "The Tensor returned by the function given to hessian should contain a single element",
  );
});

test("products of a vector and the Jacobian", () => {
  const x = double([1, 2]);
  const [y, left] = vjp(squares, x, double([1, 10]));
  expect([y.tolist(), left.tolist()]).toEqual([
    [1, 4],
    [2, 40],
  ]);
  const [, right] = jvp((t) => torch.stack([t.sum(), t.prod()]), x, double([1, 10]));
  expect(right.tolist()).toEqual([11, 12]);
  expect(() => vjp(squares, x)).toThrow("The vector v can only be None if the user-provided function returns");
  expect(() => jvp(squares, x, double([1]))).toThrow(
    "v has invalid size: should be torch.Size([2]) but got torch.Size([1]).",
  );
});

test("products of a vector and the Hessian", () => {
  const [x, v] = [double([1, 2]), double([1, 10])];
  for (const product of [vhp, hvp]) {
    const [y, found] = product(cubes, x, v);
    expect([y.item(), found.tolist()]).toEqual([9, [6, 120]]);
  }
  const several = vhp((a, b) => a.mul(a).mul(b).sum(), [x, v], [v, x]);
  expect(several[1].map((t) => t.tolist())).toEqual([
    [4, 208],
    [2, 40],
  ]);
  expect(() => hvp(squares, x, v)).toThrow("The Tensor returned by the function given to hvp should contain a single");
});

test("gradgradcheck finds a wrong second derivative", () => {
  class Cube extends torch.autograd.Function {
    static forward(ctx: torch.autograd.FunctionCtx, x: torch.Tensor) {
      ctx.saveForBackward(x);
      return x.pow(3);
    }
    static backward(ctx: torch.autograd.FunctionCtx, g: torch.Tensor) {
      const [x] = ctx.savedTensors;
      return g.mul(x.mul(x.detach())).mul(3);
    }
  }
  const x = double([0.5, 1.5]).requiresGrad_();
  expect(torch.autograd.gradgradcheck((t) => t.pow(3), x)).toBe(true);
  expect(torch.autograd.gradcheck((t) => Cube.apply(t), x)).toBe(true);
  expect(() => torch.autograd.gradgradcheck((t) => Cube.apply(t), x)).toThrow("Jacobian mismatch");
  expect(torch.autograd.gradgradcheck((t) => Cube.apply(t), x, { raiseException: false })).toBe(false);
});
