// What a tensor tells of itself.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

test("length is the size of the first dimension, as len() in Python", () => {
  expect(torch.ones(3, 2).length).toBe(3);
  expect(torch.ones(0).length).toBe(0);
  expect(() => torch.tensor(1).length).toThrow("len() of a 0-d tensor");
});

test("elements as a typed array, in row order and in memory of their own", () => {
  const x = torch.tensor([
    [1.5, 2],
    [3, 4],
  ]);
  const array = x.t().toTypedArray();
  expect(array).toEqual(new Float32Array([1.5, 3, 2, 4]));
  x.zero_();
  expect(array[0]).toBe(1.5);
  expect(torch.tensor([1, 2]).toTypedArray()).toEqual(new BigInt64Array([1n, 2n]));
  expect(torch.tensor([true, false]).toTypedArray()).toEqual(new Uint8Array([1, 0]));
  expect(torch.tensor([0.5]).half().toTypedArray()).toEqual(new Float32Array([0.5]));
  expect(torch.empty(0).toTypedArray().length).toBe(0);
  const leaf = torch.ones(2, { requiresGrad: true });
  expect(() => leaf.toTypedArray()).toThrow("Use tensor.detach().toTypedArray() instead.");
  expect(leaf.detach().toTypedArray()).toEqual(new Float32Array([1, 1]));
});

describe("views in place", () => {
  test("change the shape of the tensor itself, not where its elements are", () => {
    const x = torch.arange(6).reshape(2, 3);
    const other = x.view(6);
    expect(x.t_()).toBe(x);
    expect(x.shape).toEqual([3, 2]);
    expect(x.tolist()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(x.isContiguous()).toBe(false);
    expect(x.unsqueeze_(0).transpose_(0, 2).shape).toEqual([2, 3, 1]);
    expect(x.squeeze_().swapaxes_(0, 1).swapdims_(0, 1).shape).toEqual([2, 3]);
    expect(x.isContiguous()).toBe(true);
    other.setAt([0], 9);
    expect(x.at(0, 0).item()).toBe(9);
    expect(() => x.unsqueeze_(0).t_()).toThrow("t() expects a tensor with <= 2 dimensions, but self is 3D");
  });

  test("of a view still write into its base", () => {
    const base = torch.zeros(2, 3);
    const row = base.select(0, 1).unsqueeze_(1);
    row.copy_(torch.ones(3, 1, { requiresGrad: true }).mul(2));
    expect(base.tolist()).toEqual([
      [0, 0, 0],
      [2, 2, 2],
    ]);
    expect(base.requiresGrad).toBe(true);
  });

  test("are recorded as the views are", () => {
    const leaf = torch.ones(2, 3, { requiresGrad: true });
    const y = leaf.mul(2).t_().unsqueeze_(0);
    expect([String(y.gradFn), y.shape]).toEqual(["<UnsqueezeBackward1 object>", [1, 3, 2]]);
    y.mul_(torch.arange(6).reshape(3, 2)).sum().backward();
    expect(leaf.grad?.tolist()).toEqual([
      [0, 4, 8],
      [2, 6, 10],
    ]);
    const base = leaf.mul(1);
    base.select(0, 1).unsqueeze_(1).mul_(3);
    expect(base.tolist()).toEqual([
      [1, 1, 1],
      [3, 3, 3],
    ]);
    expect(torch.autograd.grad(base.sum(), leaf)[0].tolist()).toEqual(base.tolist());
    expect(String(torch.ones(1, 2, { requiresGrad: true }).mul(1).squeeze_().gradFn)).toBe("<SqueezeBackward2 object>");
  });

  test("are refused on leaves, and where backward needs the values; other views and nodes go on", () => {
    const leaf = torch.ones(2, 3, { requiresGrad: true });
    expect(() => leaf.t_()).toThrow("a leaf Variable that requires grad is being used in an in-place operation.");
    expect(torch.noGrad(() => leaf.t_()).shape).toEqual([3, 2]);
    const x = torch.ones(2, 3);
    const y = x.mul(torch.ones(2, 3, { requiresGrad: true }));
    x.t_();
    expect(() => y.sum().backward()).toThrow("has been modified by an inplace operation");
    const values = torch.arange(6, { dtype: torch.float32, requiresGrad: true });
    const whole = torch.zeros(2, 3);
    const part = whole.view(6);
    whole.t_();
    part.copy_(values);
    whole.select(0, 1).sum().backward();
    expect(values.grad?.tolist()).toEqual([0, 1, 0, 0, 1, 0]);
  });
});
