// Reading and writing by index: Python's bracket forms, derivatives, shared memory, and what is refused.

import * as torch from "cresset";
import { beforeEach, describe, expect, test } from "vitest";
import { checkSecondDerivatives } from "../support/second-derivatives";

const random = (...size: number[]) => torch.randn(size, { dtype: torch.float64, requiresGrad: true });
const long = (data: number[] | number[][]) => torch.tensor(data, { dtype: torch.int64 });
const grid = () => torch.arange(12).reshape(3, 4);

beforeEach(() => {
  torch.manualSeed(0);
});

describe("at", () => {
  test.each<[name: string, indices: Parameters<torch.Tensor["at"]>, expected: unknown]>([
    ["a position", [1], [4, 5, 6, 7]],
    ["a negative position", [-1, -1], 11],
    [
      "slices",
      ["1:", "::2"],
      [
        [4, 6],
        [8, 10],
      ],
    ],
    ["an ellipsis", ["...", 0], [0, 4, 8]],
    ["a new dimension", [null, 0], [[0, 1, 2, 3]]],
    [
      "arrays",
      [
        [0, 2],
        [1, 3],
      ],
      [1, 11],
    ],
    [
      "an array after a slice",
      [":", [3, 0]],
      [
        [3, 0],
        [7, 4],
        [11, 8],
      ],
    ],
    ["arrays apart from each other", [[0, 1], null, [2, 3]], [[2], [7]]],
    ["false", [false], []],
    ["a nested array", [[[0], [2]]], [[[0, 1, 2, 3]], [[8, 9, 10, 11]]]],
  ])("reads %s", (_name, indices, expected) => {
    expect(
      grid()
        .at(...indices)
        .tolist(),
    ).toEqual(expected);
  });

  test("reads masks, index tensors and a mix", () => {
    const x = grid();
    expect(x.at(x.gt(8)).tolist()).toEqual([9, 10, 11]);
    expect(x.at(torch.tensor([true, false, true]), 1).tolist()).toEqual([1, 9]);
    expect(
      x
        .at(
          long([
            [0, 1],
            [2, 0],
          ]),
          long([3, 2]),
        )
        .tolist(),
    ).toEqual([
      [3, 6],
      [11, 2],
    ]);
    expect([...torch.zeros([2, 3, 4, 5]).at(":", long([0, 1]), ":", long([0, 1])).shape]).toEqual([2, 2, 4]);
    expect([...torch.zeros([2, 3, 4, 5]).at(":", long([0, 1, 2]), long([[0], [1]])).shape]).toEqual([2, 2, 3, 5]);
  });

  test("basic indices share memory, index tensors copy", () => {
    const x = grid();
    x.at(0, "1:").fill_(-1);
    expect(x.at(0).tolist()).toEqual([0, -1, -1, -1]);
    x.at(long([1])).fill_(-2);
    expect(x.at(1).tolist()).toEqual([4, 5, 6, 7]);
    const whole = x.at("...");
    whole.fill_(3);
    expect(x.sum().item()).toBe(36);
  });

  test("has the derivatives of what it reads", () => {
    const i = long([
      [0, 2],
      [2, 1],
    ]);
    expect(torch.autograd.gradcheck((x) => x.at(i, ":", [0, 1]), [random(3, 2, 4)])).toBe(true);
    expect(checkSecondDerivatives((x) => x.at(":", i), [random(2, 3)])).toBe(true);
  });

  test("refuses in PyTorch's words", () => {
    const x = grid();
    expect(() => x.at(3)).toThrow("index 3 is out of bounds for dimension 0 with size 3");
    expect(() => x.at(0, 0, 0)).toThrow("too many indices for tensor of dimension 2");
    expect(() => x.at(long([5]))).toThrow("index 5 is out of bounds for dimension 0 with size 3");
    expect(() => x.at(torch.tensor([true, false]))).toThrow("The shape of the mask [2] at index 0 does not match");
    expect(() => x.at(torch.tensor([0.5]))).toThrow("tensors used as indices must be long, byte or bool tensors");
    expect(() => x.at("1:2:-1")).toThrow("step must be greater than zero");
    expect(() => x.at("one")).toThrow("is no slice");
  });
});

describe("setAt", () => {
  test("writes through every kind of index", () => {
    const x = grid();
    x.setAt([0], 0);
    x.setAt([":", "1:3"], torch.tensor([7, 8]));
    x.setAt(
      [
        [1, 2],
        [0, 3],
      ],
      torch.tensor([-1, -2]),
    );
    x.setAt([x.eq(8)], 80);
    expect(x.tolist()).toEqual([
      [0, 7, 80, 0],
      [-1, 7, 80, 7],
      [80, 7, 80, -2],
    ]);
  });

  test("counts a version, and a gradient passes what was not overwritten", () => {
    const x = random(3, 3);
    const v = random(2, 3);
    const y = x.clone();
    const before = y._version;
    y.setAt([long([0, 2])], v);
    expect(y._version).toBe(before + 1);
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [0, 0, 0],
    ]);
    expect(v.grad?.tolist()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  test("reads an overlapping value before it writes", () => {
    const x = torch.arange(5);
    x.setAt([[0, 1]], x.at("::2").at("1:"));
    expect(x.tolist()).toEqual([2, 4, 2, 3, 4]);
  });

  test("a wrong index writes nothing", () => {
    const x = torch.zeros(3);
    expect(() => x.setAt([[0, 1, 9]], 1)).toThrow("index 9 is out of bounds");
    expect(x.sum().item()).toBe(0);
    expect(() => x.setAt([[0, 1]], torch.ones(3))).toThrow("cannot be broadcast to indexing result of shape [2]");
  });
});

const index = long([
  [0, 2, 1],
  [2, 2, 0],
]);
const mask = torch.tensor([
  [true, false, true, false],
  [false, false, true, true],
  [true, true, false, false],
]);

test.each<[name: string, f: (...x: torch.Tensor[]) => torch.Tensor, inputs: () => torch.Tensor[]]>([
  ["gather", (x) => x.gather(0, index), () => [random(3, 4)]],
  ["take", (x) => x.take(index), () => [random(3, 2)]],
  ["indexSelect", (x) => x.indexSelect(1, long([3, 0, 3])), () => [random(3, 4)]],
  ["takeAlongDim", (x) => torch.takeAlongDim(x, x.detach().argsort(1), 1), () => [random(3, 4)]],
  ["maskedSelect", (x) => x.maskedSelect(mask), () => [random(3, 4)]],
  ["repeatInterleave", (x) => x.repeatInterleave(long([2, 0, 3]), 0), () => [random(3, 2)]],
  [
    "scatter",
    (x, s) =>
      x.scatter(
        1,
        long([
          [0, 2],
          [3, 1],
        ]),
        s,
      ),
    () => [random(3, 4), random(2, 2)],
  ],
  ["scatterAdd", (x, s) => x.scatterAdd(0, index, s), () => [random(3, 4), random(2, 3)]],
  ["indexAdd", (x, s) => x.indexAdd(0, long([1, 1]), s, { alpha: 3 }), () => [random(3, 4), random(2, 4)]],
  ["indexCopy", (x, s) => x.indexCopy(1, long([1, 3]), s), () => [random(3, 4), random(3, 2)]],
  ["indexFill", (x, v) => x.indexFill(1, long([1, -1]), v), () => [random(3, 4), random()]],
  ["put", (x, s) => x.put(long([1, 4, 4]), s, true), () => [random(3, 4), random(3)]],
  ["maskedFill", (x, v) => x.maskedFill(mask, v), () => [random(3, 4), random()]],
  ["maskedScatter", (x, s) => x.maskedScatter(mask, s), () => [random(3, 4), random(8)]],
  ["indexPut", (x, v) => x.indexPut([long([2, 0])], v), () => [random(3, 2), random(2)]],
  ["scatterReduce mean", (x, s) => x.scatterReduce(0, index, s, "mean"), () => [random(3, 4), random(2, 3)]],
  ["scatterReduce prod", (x, s) => x.scatterReduce(0, index, s, "prod"), () => [random(3, 4), random(2, 3)]],
  ["scatterReduce amax", (x, s) => x.scatterReduce(0, index, s, "amax"), () => [random(3, 4), random(2, 3)]],
  ["diagonalScatter", (x, s) => x.diagonalScatter(s, 1), () => [random(3, 4), random(3)]],
])("%s has the derivatives of its values", (_name, f, inputs) => {
  expect(torch.autograd.gradcheck(f, inputs())).toBe(true);
  expect(checkSecondDerivatives(f, inputs())).toBe(true);
});

test("in place and out of place agree", () => {
  const x = torch.zeros([3, 4]);
  const s = torch.randn([2, 3]);
  expect(
    x
      .clone()
      .scatterAdd_(0, index, s)
      .equal(x.scatterAdd(0, index, s)),
  ).toBe(true);
  expect(x.clone().maskedFill_(mask, 2).equal(x.maskedFill(mask, 2))).toBe(true);
  expect(
    x
      .t()
      .clone()
      .indexFill_(0, long([0, -1]), 5)
      .t()
      .equal(x.indexFill(1, long([0, -1]), 5)),
  ).toBe(true);
  const view = x.t();
  view.scatterAdd_(1, index.t(), s.t());
  expect(x.equal(torch.zeros([3, 4]).scatterAdd(0, index, s))).toBe(true);
});

test("sums over equal positions do not depend on the number of threads", () => {
  const at = torch.randint(10, [50_000]);
  const values = torch.randn([50_000]);
  const first = torch.zeros(10).indexAdd(0, at, values);
  for (let k = 0; k < 3; k++) expect(torch.zeros(10).indexAdd(0, at, values).equal(first)).toBe(true);
});

test("nonzero gives rows of positions, or one vector per dimension", () => {
  expect(
    torch
      .tensor([
        [0, 1],
        [2, 0],
      ])
      .nonzero()
      .tolist(),
  ).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(
    torch
      .tensor([
        [0, 1],
        [2, 0],
      ])
      .nonzero({ asTuple: true })
      .map((t) => t.tolist()),
  ).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect([...torch.tensor(3).nonzero().shape]).toEqual([1, 0]);
  expect([...torch.zeros([0, 3]).nonzero().shape]).toEqual([0, 2]);
});

test("positions out of range are refused in PyTorch's words", () => {
  const x = torch.zeros([2, 3]);
  expect(() => x.gather(1, long([[3]]))).toThrow("index 3 is out of bounds for dimension 1 with size 3");
  expect(() => x.gather(1, long([[-1]]))).toThrow("index -1 is out of bounds for dimension 1 with size 3");
  expect(() => x.indexSelect(0, long([2]))).toThrow("index out of range in self");
  expect(() => x.take(long([6]))).toThrow("out of range: tried to access index 6 on a tensor of 6 elements.");
  expect(() => x.scatter(0, long([[4]]), 1)).toThrow("index 4 is out of bounds for dimension 0 with size 2");
});

test("indexSelect refuses positions out of range, also where nothing is copied", () => {
  expect(() => torch.zeros(3, 0).indexSelect(0, long([9]))).toThrow("index out of range in self");
  expect(torch.zeros(3, 0).indexSelect(0, long([2])).shape).toEqual([1, 0]);
});

test("a copy that is written by positions lies in memory as PyTorch's does", () => {
  const x = torch.arange(6).float().view(2, 3).t();
  const [at, row, values] = [long([0]), torch.ones(1, 2), torch.ones(2)];
  for (const y of [x.indexFill(0, at, 1), x.put(at, torch.ones(1)), x.indexPut([at], values)])
    expect(y.strides).toEqual([1, 3]);
  const mask = x.gt(2);
  for (const y of [
    x.indexCopy(0, at, row),
    x.indexAdd(0, at, row),
    x.scatter(0, long([[0, 0]]), 1),
    x.maskedFill(mask, 0),
  ])
    expect(y.strides).toEqual([2, 1]);
});

test("indexFill of nothing: a dimension without elements has no position", () => {
  expect(torch.zeros(0, 1).indexFill(1, long([5]), 2).shape).toEqual([0, 1]);
  expect(torch.zeros(0, 0).indexFill(0, long([0]), 2).shape).toEqual([0, 0]);
  const none = torch.zeros(0, 3);
  expect(none.indexFill_(0, long([]), 2)).toBe(none);
  expect(() => none.indexFill_(0, long([0]), 2)).toThrow("index 0 is out of bounds for dimension 0 with size 0");
});
