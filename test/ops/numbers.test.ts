// Numbers as PyTorch computes them where its way shows: ranges, powers, divisions, small integers, bools, ignored targets.

import { inspect } from "node:util";
import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { nn } = torch;
const F = nn.functional;
const uint8 = (...values: number[]) => torch.tensor(values, { dtype: torch.uint8 });

describe("ranges", () => {
  test("linspace rounds as PyTorch does, one by one and in vectors", () => {
    expect(torch.linspace(-1, 1, 7).at(3).item()).toBe(-2.9802322387695312e-8);
    const x = torch.linspace(-1, 1, 16);
    expect([x.at(6).item(), x.at(7).item()]).toEqual([-0.19999992847442627, -0.0666666030883789]);
    expect(torch.linspace(1, -2, 10, { dtype: torch.float64 }).at(3).item()).toBe(0);
  });

  test("linspace of whole numbers counts on from every vector's first", () => {
    const x = torch.linspace(0, 10, 16, { dtype: torch.int64 });
    expect(x.tolist()).toEqual([0, 0, 1, 2, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10]);
  });

  test("arange rounds as PyTorch does", () => {
    expect(torch.arange(0.2, 2.55, 0.3, { dtype: torch.float64 }).at(3).item()).toBe(1.1);
    expect(torch.arange(3, 30, 3).tolist()).toEqual([3, 6, 9, 12, 15, 18, 21, 24, 27]);
  });
});

test("elementary functions are exact where the result is a whole number", () => {
  for (const dtype of [torch.float64, torch.float32]) {
    const [zeros, ones] = [torch.zeros(5, { dtype }), torch.ones(5, { dtype })];
    for (const f of ["cos", "cosh", "exp", "erfc", "exp2"] as const)
      expect([f, zeros[f]().tolist()]).toEqual([f, ones.tolist()]);
    for (const f of ["log", "log2", "log10", "acos"] as const)
      expect([f, ones[f]().tolist()]).toEqual([f, zeros.tolist()]);
    expect(torch.tensor([1, 2, 1024], { dtype }).log2().tolist()).toEqual([0, 1, 10]);
    expect(torch.tensor([2, 3, 10], { dtype }).pow(3).tolist()).toEqual([8, 27, 1000]);
  }
});

describe("arithmetic", () => {
  test("a number becomes the dtype of a small integer tensor", () => {
    const x = uint8(0, 1, 255);
    expect(x.eq(-1).tolist()).toEqual([false, false, true]);
    expect(x.gt(-1).tolist()).toEqual([false, false, false]);
    expect(x.remainder(-1).tolist()).toEqual([0, 1, 0]);
    expect(torch.tensor([7], { dtype: torch.int8 }).lt(200).tolist()).toEqual([false]);
    expect(
      torch
        .tensor([1], { dtype: torch.int32 })
        .lt(2 ** 40)
        .tolist(),
    ).toEqual([false]);
  });

  test("bools are not subtracted, and their squares are whole numbers", () => {
    const yes = torch.tensor([true]);
    for (const wrong of [
      () => yes.sub(1),
      () => torch.tensor([1]).sub(yes),
      () => yes.rsub(1),
      () => torch.ones(1).sub_(true),
    ]) {
      expect(wrong).toThrow("Subtraction, the `-` operator, with a bool tensor is not supported.");
    }
    expect(() => yes.sub(yes)).toThrow("with two bool tensors is not supported");
    expect(torch.square(yes).dtype).toBe(torch.int64);
  });

  test("division rounded towards 0 keeps infinities", () => {
    const x = torch.tensor([Number.POSITIVE_INFINITY, -7.5, 1]);
    expect(x.div(2, { roundingMode: "trunc" }).tolist()).toEqual([Number.POSITIVE_INFINITY, -3, 0]);
    expect(torch.tensor([1.5]).mul(2).div(0.1, { roundingMode: "trunc" }).item()).toBe(30);
    expect(torch.tensor([7, -7]).div(2, { roundingMode: "trunc" }).tolist()).toEqual([3, -3]);
  });

  test("powers of one half are roots", () => {
    const x = torch.tensor([Number.NEGATIVE_INFINITY, 4], { requiresGrad: true });
    expect(x.pow(0.5).tolist()).toEqual([Number.NaN, 2]);
    const y = torch.tensor([4, 9], { dtype: torch.float64, requiresGrad: true });
    y.pow(-0.5).sum().backward();
    expect(y.grad?.at(0).item()).toBeCloseTo(-1 / 16);
    expect(y.pow(0.5).gradFn?.name()).toBe("PowBackward0");
  });

  test("refusals name PyTorch's kernels", () => {
    expect(() => torch.ones(1).bitwiseAnd(torch.ones(1))).toThrow("\"bitwise_and_cpu\" not implemented for 'Float'");
    expect(() => torch.ones(1).bitwiseLeftShift(1)).toThrow("\"lshift_cpu\" not implemented for 'Float'");
    expect(() => torch.tensor([1]).std()).toThrow("std and var only support floating point and complex dtypes");
  });
});

describe("shapes that PyTorch refuses", () => {
  const scalar = torch.tensor(2.5);
  test.each<[call: string, run: () => unknown, message: string]>([
    ["size of a 0-d tensor", () => scalar.size(0), "Dimension specified as 0 but tensor has no dimensions"],
    ["unflatten", () => scalar.unflatten(0, [1, 1]), "Dimension specified as 0 but tensor has no dimensions"],
    ["roll", () => scalar.roll(1, 0), "Dimension specified as 0 but tensor has no dimensions"],
    ["tensorSplit", () => scalar.tensorSplit(2), "tensor_split expected at least a 1-dimensional tensor"],
    ["diagEmbed", () => scalar.diagEmbed(), "Dimension out of range (expected to be in range of [-1, 0], but got -2)"],
    ["rot90", () => torch.ones(3).rot90(), "expected total dims >= 2, but got total dims = 1"],
    ["sumToSize", () => torch.ones(2, 3, 4).sumToSize(3), "size {[3]} is not expandable to size {[2, 3, 4]}."],
    ["sumToSize of less", () => scalar.sumToSize(3), "size {[3]} is not expandable to size {[]}."],
    [
      "expand",
      () => torch.ones(3, 2).expand(2, 3),
      "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 1.",
    ],
    [
      "copy_, the last dimension first",
      () => torch.ones(3, 3).copy_(torch.ones(2, 2)),
      "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1",
    ],
    [
      "copy_ of more rows",
      () => torch.ones(1, 3).copy_(torch.ones(2, 1)),
      "output with shape [1, 3] doesn't match the broadcast shape [2, 3]",
    ],
    [
      "copy_ of more dimensions",
      () => torch.ones(3).copy_(torch.ones(2, 2)),
      "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1",
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe("targets that are ignored", () => {
  const logits = () =>
    torch.tensor(
      [
        [Number.NEGATIVE_INFINITY, 1],
        [0.5, 2],
      ],
      { requiresGrad: true },
    );

  test("do not turn an infinite logit into NaN", () => {
    const x = logits();
    const loss = F.crossEntropy(x, torch.tensor([-100, 1]), { reduction: "sum" });
    expect(loss.item()).toBeCloseTo(0.2014, 4);
    const [ignored] = F.crossEntropy(x, torch.tensor([-100, 1]), { reduction: "none" }).detach();
    expect(ignored.toString()).toBe("tensor(0.)");
  });

  test("give no gradient when they are all", () => {
    const x = torch.ones(2, 3, { requiresGrad: true });
    F.crossEntropy(x, torch.tensor([-100, -100])).backward();
    expect(x.grad?.tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});

describe("products into a given tensor", () => {
  test("matmul, mm and bmm write `out`", () => {
    const x = torch.tensor([
      [1.5, 2],
      [3, 4],
    ]);
    const out = torch.empty(2, 2);
    expect(torch.matmul(x, x, { out })).toBe(out);
    expect(out.tolist()).toEqual([
      [8.25, 11],
      [16.5, 22],
    ]);
    expect(torch.mm(x, x, { out: out.zero_() }).tolist()).toEqual(x.matmul(x).tolist());
    expect(
      torch
        .bmm(x.unsqueeze(0), x.unsqueeze(0), { out: torch.empty(1, 2, 2) })
        .sum()
        .item(),
    ).toBe(57.75);
  });

  test("not for operands that require grad, nor into another dtype; another shape is resized", () => {
    const x = torch.ones(2, 2);
    expect(() => torch.mm(x.clone().requiresGrad_(), x, { out: torch.empty(2, 2) })).toThrow(
      "mm(): functions with out=... arguments don't support automatic differentiation",
    );
    const out = torch.empty(0);
    expect(torch.mm(x, x, { out })).toBe(out);
    expect(out.tolist()).toEqual([
      [2, 2],
      [2, 2],
    ]);
    expect(() => torch.mm(x, x, { out: torch.empty(2, 2, { dtype: torch.float64 }) })).toThrow(
      "Expected out tensor to have dtype torch.float32, but got torch.float64 instead",
    );
  });
});

describe("dtypes and their limits", () => {
  test("finfo and iinfo", () => {
    expect(`${torch.finfo()}`).toBe(
      "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)",
    );
    expect(`${torch.finfo(torch.float16)}`).toBe(
      "finfo(resolution=0.001, min=-65504, max=65504, eps=0.000976562, smallest_normal=6.10352e-05, tiny=6.10352e-05, dtype=float16)",
    );
    expect(inspect(torch.finfo())).toBe(`${torch.finfo()}`);
    expect(inspect(torch.iinfo(torch.int8))).toBe("iinfo(min=-128, max=127, dtype=int8)");
    expect(torch.finfo(torch.float64).max).toBe(Number.MAX_VALUE);
    expect(`${torch.iinfo(torch.int8)}`).toBe("iinfo(min=-128, max=127, dtype=int8)");
    expect(torch.iinfo(torch.int64).max).toBe(9223372036854775807n);
    expect(() => torch.finfo(torch.int8)).toThrow("torch.finfo() requires a floating point input type.");
  });

  test("numbers that a dtype cannot hold are refused", () => {
    const make = (value: number, dtype: torch.DType) => torch.tensor([value], { dtype });
    expect(() => make(256, torch.uint8)).toThrow("value cannot be converted to type uint8 without overflow");
    expect(() => make(-129, torch.int8)).toThrow("type int8 without overflow");
    expect(() => make(Number.NaN, torch.int32)).toThrow("type int32 without overflow");
    expect([make(-1, torch.uint8).item(), make(-128, torch.int8).item(), make(1.9, torch.int16).item()]).toEqual([
      255, -128, 1,
    ]);
  });

  test("logspace takes its base by name; isTensor and numel", () => {
    expect(torch.logspace(0, 3, 4, { base: 2 }).tolist()).toEqual([1, 2, 4, 8]);
    expect([torch.isTensor(torch.ones(1)), torch.isTensor([1]), torch.numel(torch.ones(2, 3))]).toEqual([
      true,
      false,
      6,
    ]);
  });
});

test("digamma has a second derivative", () => {
  const x = torch.tensor([0.75, 5, 20, 0.1, -1.5], { dtype: torch.float64, requiresGrad: true });
  const [slope] = torch.autograd.grad(x.digamma().sum(), x, { createGraph: true });
  const [bend] = torch.autograd.grad(slope.sum(), x);
  const expected = [
    -5.302633216337639, -0.04878973224511449, -0.0026281224023146543, -2001.8614573783439, -0.23620405164172825,
  ];
  for (const [k, value] of expected.entries()) expect(bend.at(k).item()).toBeCloseTo(value, 8);
});
