// Writing by index where operands have other dimensions than each other: 0-d, broadcast, or none at all.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const long = (...values: number[]) => torch.tensor(values, { dtype: torch.int64 });
const T = (data: torch.TensorData) => torch.tensor(data, { dtype: torch.float32 });
const zero = torch.tensor(0, { dtype: torch.int64 });
const x = T([1, 2, 3]);
const m = torch.ones(2, 3);

describe("0-d operands count as vectors of one", () => {
  test("of scatter and gather", () => {
    expect(T([1]).scatter(0, zero, 2).tolist()).toEqual([2]);
    expect(T([1, 5]).scatter(0, long(1), T(2)).tolist()).toEqual([1, 2]);
    expect(
      T(1)
        .scatter(0, long(0, 0), T([2, 3]))
        .item(),
    ).toBe(3);
    expect(
      T(1)
        .scatterAdd(0, zero, T([2]))
        .item(),
    ).toBe(3);
    expect(
      T(1)
        .scatterReduce(0, zero, T([2]), "prod")
        .item(),
    ).toBe(2);
    expect(x.gather(0, zero).item()).toBe(1);
    expect(T(4).gather(0, long(0, 0)).tolist()).toEqual([4, 4]);
  });
  test("and positions beyond them are told", () => {
    const one = torch.tensor(1, { dtype: torch.int64 });
    expect(() => T(1).scatter(0, one, 2)).toThrow("index 1 is out of bounds for dimension 0 with size 1");
    expect(() => T([1]).gather(0, one)).toThrow("index 1 is out of bounds for dimension 0 with size 1");
    expect(() => T(1).indexCopy(0, torch.tensor(-1, { dtype: torch.int64 }), T(2))).toThrow(
      "index_copy_(): index -1 is out of bounds for dimension 0 with size 1",
    );
  });
});

describe("slices broadcast", () => {
  test("in indexAdd, whose gradient sums them again", () => {
    expect(m.indexAdd(0, long(0), T([2])).tolist()).toEqual([
      [3, 3, 3],
      [1, 1, 1],
    ]);
    expect(m.indexAdd(1, long(0, 1), T([[2, 3]])).tolist()).toEqual([
      [3, 4, 1],
      [3, 4, 1],
    ]);
    const source = T([[2]]).requiresGrad_();
    const weights = torch.arange(6).reshape(2, 3).to(torch.float32);
    m.indexAdd(0, long(1), source).mul(weights).sum().backward();
    expect(source.grad?.tolist()).toEqual([[12]]);
  });
  test("in indexReduce", () => {
    expect(m.indexReduce(0, long(0), T([[2]]), "prod").tolist()).toEqual([
      [2, 2, 2],
      [1, 1, 1],
    ]);
    const bytes = torch.tensor([[1], [1]], { dtype: torch.uint8 });
    bytes.indexReduce_(1, long(0), torch.tensor([[4]], { dtype: torch.uint8 }), "mean");
    expect(bytes.tolist()).toEqual([[2], [2]]);
  });
  test("and what does not is refused", () => {
    expect(() => m.indexAdd(0, long(0), torch.ones(1, 1, 1))).toThrow(
      "output with shape [3] doesn't match the broadcast shape [1, 3]",
    );
    expect(() => m.indexAdd(1, long(0, 1), T([2, 3]))).toThrow("Indexing dim 1 is out of bounds");
    expect(() => x.indexAdd(0, long(0), torch.ones(1, 3))).toThrow("must one or zero for given self.dim() (1)");
    expect(() => x.indexReduce(0, zero, T([2, 3]), "prod")).toThrow("Number of indices (1)");
    expect(() => m.indexCopy(0, long(0), T([[2]]))).toThrow("must have same slice shapes");
  });
});

test("positions without a dtype of their own are refused, except where PyTorch looks at none", () => {
  const none = torch.zeros(0);
  expect(() => x.indexFill(0, none, 1)).toThrow("Expected dtype int64 for index");
  expect(() => x.put(none, none)).toThrow("int64");
  expect(() => x.take(none)).toThrow("int64");
  expect(x.gather(0, none).sizes).toEqual([0]);
});

describe("masks of indexPut", () => {
  test("fit the dimensions that they stand for, and are true or false", () => {
    expect(() => torch.indexPut(torch.ones(2), [torch.tensor([true])], T(1))).toThrow(
      "The shape of the mask [1] at index 0 does not match the shape of the indexed tensor [2] at index 0",
    );
    const four = torch.tensor([4], { dtype: torch.uint8 });
    expect(() => torch.indexPut(torch.ones(1, 1), [four], T(1))).toThrow("Mask tensor can take 0 and 1");
  });
  test("without dimensions take the whole tensor", () => {
    expect(torch.indexPut(m, [torch.tensor(true)], T(5)).tolist()).toEqual(torch.full([2, 3], 5).tolist());
    expect(torch.indexPut(m, [torch.tensor(false)], T(5)).equal(m)).toBe(true);
  });
});

test("counts of repetition are int32 or int64", () => {
  expect(() => torch.repeatInterleave(x, T([1, 1, 1]))).toThrow(
    "\"repeat_interleave_cpu\" not implemented for 'Float'",
  );
  expect(torch.repeatInterleave(x, torch.tensor([1, 2, 0], { dtype: torch.int32 })).tolist()).toEqual([1, 2, 2]);
});

test("what is written to nothing must still fit", () => {
  const bytes = torch.zeros(3, { dtype: torch.uint8 });
  expect(() => bytes.setAt(["0:0"], 300)).toThrow("cannot be converted to type uint8_t without overflow");
  expect(() => Reflect.apply(x.setAt, x, [[0], [1]])).toThrow("can't assign a list to a torch.FloatTensor");
  expect(() => Reflect.apply(x.setAt, x, [[0], "x"])).toThrow("can't assign a str to a torch.FloatTensor");
});

test("NaN is the extreme that takes the gradient", () => {
  const nan = torch.tensor([[Number.NaN, 1]]).requiresGrad_();
  nan.max().backward();
  expect(nan.grad?.tolist()).toEqual([[1, 0]]);
});

test("the median of nothing belongs to the graph", () => {
  expect(torch.zeros(0).requiresGrad_().median().requiresGrad).toBe(true);
  expect(torch.zeros(0).requiresGrad_().nanmedian().requiresGrad).toBe(true);
});

test("runs of nothing that lies elsewhere in memory are nothing", () => {
  expect(torch.zeros(4).at("0:0:2").uniqueConsecutive().sizes).toEqual([0]);
  expect(torch.zeros(1, 0, 4).at(":", ":", "::2").isContiguous()).toBe(true);
});

test("numbers in tensors are looked at as any others before they are written to whole numbers", () => {
  const byte = torch.tensor([1], { dtype: torch.uint8 });
  expect(() => byte.maskedFill(torch.tensor(true), T(-3))).toThrow("type uint8_t without overflow");
  expect(byte.maskedFill(torch.tensor(true), torch.tensor(-3)).tolist()).toEqual([253]);
  expect(() => byte.indexFill(0, zero, T(-3))).toThrow("type uint8_t without overflow");
  expect(long(1).indexFill(0, zero, T(2.5)).tolist()).toEqual([2]);
});

test("dimensions of size 1 in front are dropped by assignments only", () => {
  expect(() => torch.zeros(2).copy_(torch.ones(1, 2))).toThrow("output with shape [2] doesn't match");
  expect(() => torch.indexPut(x, [long(0, 1)], T([[1, 2]]))).toThrow("cannot be broadcast to indexing result");
  expect(torch.indexPut(x, [torch.tensor([true, false, false])], T([[9]])).tolist()).toEqual([9, 2, 3]);
  expect(torch.zeros(2).setAt([":"], torch.ones(1, 2)).tolist()).toEqual([1, 1]);
});
