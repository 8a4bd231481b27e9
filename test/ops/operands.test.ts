// What operands may be: numbers in the place of tensors, 0-d tensors of other dtypes, names that depend on the kind of a value.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

type Loose = (...args: unknown[]) => torch.Tensor;
const named = (name: string): Loose => Reflect.get(torch, name);
const floats = torch.tensor([1, 2, 3]);
const mask = torch.tensor([true, false]);

describe("a number as the first operand", () => {
  const comparisons = "eq ne lt le gt ge notEqual less lessEqual greater greaterEqual".split(" ");
  test.each([...comparisons, "fmod", "copysign", "rsub"])("is refused by %s", (name) => {
    expect(() => named(name)(2, floats)).toThrow(/must be Tensor, not int/);
    expect(named(name)(floats, 2).sizes).toEqual([3]);
  });

  test.each([
    ["remainder", [0, 0, 2]],
    ["pow", [2, 4, 8]],
    ["floorDivide", [2, 1, 0]],
  ])("is taken by %s", (name, expected) => {
    expect(named(name)(2, floats).tolist()).toEqual(expected);
  });

  test("goes with another number in arithmetic", () => {
    expect(torch.add(1, 2).item()).toBe(3);
    expect(torch.add(1, 2, { alpha: 3 }).item()).toBe(7);
    expect(torch.sub(1.5, -1).item()).toBe(2.5);
    expect(torch.mul(true, false).dtype).toBe(torch.bool);
    expect(torch.div(3, 2).item()).toBe(1.5);
    expect(torch.div(7, 2, { roundingMode: "floor" }).dtype).toBe(torch.int64);
    expect(torch.floorDivide(true, -0.5).item()).toBe(-2);
    expect(() => torch.pow(2, 3)).toThrow(/must be Tensor, not int/);
  });
});

test("a 0-d tensor of whole numbers takes the dtype of the others before anything is computed", () => {
  const byte = torch.tensor([1], { dtype: torch.uint8 });
  const whole = (value: number) => torch.tensor(value, { dtype: torch.int64 });
  expect(byte.floorDivide(whole(-4)).tolist()).toEqual([0]);
  expect(byte.lt(whole(-4)).tolist()).toEqual([true]);
  expect(
    byte
      .clone()
      .lcm_(torch.tensor(-2, { dtype: torch.int32 }))
      .tolist(),
  ).toEqual([254]);
  expect(torch.tensor([100], { dtype: torch.int8 }).eq(whole(356)).tolist()).toEqual([true]);
});

test("a bound beside a number may be a 0-d tensor", () => {
  expect(floats.clamp(torch.tensor(2), 2.5).tolist()).toEqual([2, 2, 2.5]);
  expect(floats.clip(-2, torch.tensor(1)).tolist()).toEqual([1, 1, 1]);
  expect(() => floats.clamp(torch.tensor([2]), 3)).toThrow("min and max must both be Tensors or both be Numbers");
});

describe("names that depend on the value", () => {
  test("of where", () => {
    expect(torch.where(mask, { self: 1, other: 2 }).tolist()).toEqual([1, 2]);
    expect(torch.where({ condition: mask, self: 1, other: torch.tensor([1, 5]) }).tolist()).toEqual([1, 5]);
    expect(torch.where(mask, { input: torch.tensor([1, 2]), other: 9 }).tolist()).toEqual([1, 9]);
    expect(() => named("where")(mask, { input: 1, other: 2 })).toThrow("received an invalid combination of arguments");
    expect(() => named("where")(mask, { self: floats, other: 2 })).toThrow("invalid combination");
  });

  test("of searches", () => {
    expect(torch.searchsorted(floats, { self: 2.5 }).item()).toBe(2);
    expect(torch.bucketize({ self: 1.5, boundaries: floats }).item()).toBe(1);
    expect(() => named("searchsorted")(floats, { input: 2.5 })).toThrow("invalid combination");
    expect(() => named("bucketize")({ input: 1.5, boundaries: floats })).toThrow("invalid combination");
  });

  test("of split", () => {
    const parts = (x: torch.Tensor[]) => x.map((part) => part.tolist());
    expect(parts(torch.split(floats, { splitSizeOrSections: 2 }))).toEqual([[1, 2], [3]]);
    expect(parts(torch.split({ tensor: floats, splitSizeOrSections: [1, 2] }))).toEqual([[1], [2, 3]]);
    expect(parts(floats.split({ splitSize: 2 }))).toEqual([[1, 2], [3]]);
    expect(() => named("split")(floats, { splitSize: 2 })).toThrow("unexpected keyword argument 'split_size'");
  });
});

describe("dimensions", () => {
  test("of whole reductions are not null, and nothing is kept without one", () => {
    for (const name of ["all", "any", "prod", "squeeze"]) {
      expect(() => named(name)(floats, null)).toThrow(/must be int, not NoneType/);
    }
    for (const name of ["all", "any", "prod", "sum", "mean"]) {
      expect(() => named(name)(floats, { keepdim: true })).toThrow("received an invalid combination of arguments");
    }
    expect(floats.sum(null, true).tolist()).toEqual([6]);
    expect(floats.nansum({ keepdim: true }).tolist()).toEqual([6]);
  });

  test("are no tensors where a list may be given", () => {
    const zero = torch.tensor(0);
    for (const name of ["amax", "sum", "logsumexp", "roll"]) {
      expect(() => named(name)(floats, zero)).toThrow(/must be tuple of ints, not Tensor/);
    }
    expect(named("argmax")(floats, zero).item()).toBe(2);
    expect(named("countNonzero")(floats, zero).item()).toBe(3);
  });

  test("are tensors of one element where they stand for themselves", () => {
    const two: unknown[] = [torch.tensor(2)];
    expect(Reflect.apply(Reflect.get(floats, "repeat"), floats, two).sizes).toEqual([6]);
    expect(Reflect.apply(torch.zeros, undefined, [torch.tensor([2]), 1]).sizes).toEqual([2, 1]);
  });

  test("of extremes: one element along a dimension is its own, of any dtype", () => {
    expect(torch.argmax(torch.tensor([true]), 0).item()).toBe(0);
    expect(() => torch.argmax(torch.tensor([true]))).toThrow("\"argmax_cpu\" not implemented for 'Bool'");
  });
});

describe("ends of ranges", () => {
  const { uint8, int32, bool } = torch;
  test("are elements of the dtype", () => {
    expect(() => torch.linspace(-2.4, 0.7, 3, { dtype: uint8 })).toThrow("cannot be converted to type uint8_t");
    expect(() => torch.logspace(0.3, -0.7, 3, { dtype: uint8 })).toThrow("cannot be converted to type uint8_t");
    expect(torch.linspace(-1.779, 1.184, 4, { dtype: int32 }).tolist()).toEqual([-1, 0, 0, 1]);
    expect(torch.logspace(1.779, 1.184, 2, { dtype: int32 }).tolist()).toEqual([10, 10]);
  });
  test("are all there is of one step", () => {
    expect(torch.logspace(1.779, 1.184, 1, { dtype: int32 }).tolist()).toEqual([60]);
    expect(torch.linspace(-1, 3, 1, { dtype: uint8 }).tolist()).toEqual([255]);
    expect(torch.logspace(0, 1, 1, { dtype: bool }).tolist()).toEqual([true]);
    expect(torch.linspace(0, 1, 0, { dtype: bool }).sizes).toEqual([0]);
  });
  test("fractions below zero are no bytes", () => {
    expect(() => torch.tensor([-0.5, 1], { dtype: uint8 })).toThrow("type uint8 without overflow");
    expect(() => torch.tensor(-128.5, { dtype: torch.int8 })).toThrow("type int8 without overflow");
    expect(torch.tensor([-1], { dtype: uint8 }).tolist()).toEqual([255]);
  });
});

describe("sums of products", () => {
  const m = torch.arange(6).reshape(2, 3).to(torch.float32);
  test("by lists of subscripts", () => {
    const product = m.mm(m.t());
    expect(torch.einsum(m, [0, 1], m.t(), [1, 2]).equal(product)).toBe(true);
    expect(torch.einsum(m, [0, 1], m.t(), [1, 2], [2, 0]).equal(product.t())).toBe(true);
    expect(torch.einsum(m, ["...", 0], [0]).tolist()).toEqual([3, 5, 7]);
    expect(() => torch.einsum(m, [0, 52])).toThrow("not within the valid range [0, 52)");
    expect(() => Reflect.apply(torch.einsum, undefined, [m])).toThrow("must specify the equation string");
  });
  test("over dimensions given as a tensor", () => {
    const expected = torch.tensordot(m, m, [[0], [0]]);
    expect(torch.tensordot(m, m, torch.tensor([[0], [0]])).equal(expected)).toBe(true);
    expect(torch.tensordot(m, m, torch.tensor(2)).item()).toBe(55);
    expect(() => torch.tensordot(m, m, torch.tensor([1, 1]))).toThrow("'dims_self' (position 3) must be tuple of ints");
  });
});

test("a 0-d tensor in the place of a number speaks for the dtype of a result", () => {
  const float = torch.tensor(3, { dtype: torch.float64 });
  expect(torch.full([2], Reflect.apply(torch.tensor, undefined, [3, { dtype: torch.float16 }])).dtype).toBe(
    torch.float32,
  );
  expect(torch.full([2], torch.tensor(3, { dtype: torch.int8 })).dtype).toBe(torch.int64);
  const end: unknown[] = [float];
  expect(Reflect.apply(torch.arange, undefined, end).dtype).toBe(torch.float32);
  expect(Reflect.apply(torch.arange, undefined, [float.long()]).dtype).toBe(torch.int64);
});

test("the outer product is added to an input that is expanded first", () => {
  const short = torch.tensor([1], { dtype: torch.int8 });
  expect(torch.tensor(1).addr(short, short).dtype).toBe(torch.int64);
});

test("bfloat16 has numbers of its own next to each other", () => {
  const short = (data: torch.TensorData) => torch.tensor(data, { dtype: torch.bfloat16 });
  const next = short([-2, 1, 2, 0, 3.3895313892515355e38]).nextafter(short([1, 2, 0, -1, Number.POSITIVE_INFINITY]));
  expect(next.tolist()).toEqual([-1.9921875, 1.0078125, 1.9921875, -9.183549615799121e-41, Number.POSITIVE_INFINITY]);
  expect(
    short([Number.POSITIVE_INFINITY])
      .nextafter(short([0]))
      .tolist(),
  ).toEqual([3.3895313892515355e38]);
});
