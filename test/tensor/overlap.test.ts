// Writes to memory that an operand shares, or that several elements share: what PyTorch 1.13 refuses is refused in its words, and
// what it computes is right.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const INPUT_AND_OUTPUT =
  "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. " +
  "Please clone() the tensor before performing the operation.";
const WRITTEN =
  "unsupported operation: more than one element of the written-to tensor refers to a single memory location. " +
  "Please clone() the tensor before performing the operation.";

const line = (n = 5) => torch.arange(n).float();
const matrix = (n: number) =>
  torch
    .arange(n * n)
    .float()
    .view(n, n);
const positions = (...at: number[]) => torch.tensor(at, { dtype: torch.int64 });
/** The tensor after a write to a part of it. */
const written = (x: torch.Tensor, write: (x: torch.Tensor) => unknown) => {
  write(x);
  return x;
};
const mask = (...at: boolean[]) => torch.tensor(at);

describe("an operand that shares memory with the tensor written to", () => {
  const refused: [string, () => unknown][] = [
    ["copy_ of a neighbouring part", () => ((x) => x.narrow(0, 1, 4).copy_(x.narrow(0, 0, 4)))(line())],
    ["copy_ of a part of .data", () => ((x) => x.narrow(0, 1, 4).copy_(x.data.narrow(0, 0, 4)))(line())],
    ["copy_ of neighbouring rows", () => ((x) => x.narrow(0, 1, 2).copy_(x.narrow(0, 0, 2)))(matrix(3))],
    ["add_ of the transpose", () => ((x) => x.add_(x.t()))(matrix(2))],
    ["add_ of the transpose of .data", () => ((x) => x.add_(x.data.t()))(matrix(2))],
    ["mul_ by a row", () => ((x) => x.mul_(x.at(0)))(matrix(3))],
    ["div_ by an element", () => ((x) => x.div_(x.at(-1)))(line())],
    ["copy_ of an element", () => ((x) => x.copy_(x.at(2)))(line())],
    ["setAt of a part", () => ((x) => x.setAt(["1:"], x.at(":-1")))(line())],
    ["setAt of the transpose", () => ((x) => x.setAt([":"], x.t()))(matrix(2))],
    ["addcmul_", () => ((x) => x.at("1:").addcmul_(x.at(":-1"), x.at(":-1")))(line())],
    ["lerp_", () => ((x) => x.at("1:").lerp_(x.at(":-1"), 0.5))(line())],
    ["out", () => ((x) => torch.add(x.at(":-1"), 1, { out: x.at("1:") }))(line())],
    ["scatter_ of itself", () => ((x) => x.scatter_(0, positions(1, 2, 3, 0, 0), x))(line())],
    ["scatter_ of .data", () => ((x) => x.scatter_(0, positions(1, 2, 3, 0, 0), x.data))(line())],
    ["scatter_ at itself", () => ((x) => x.scatter_(0, x, 1))(torch.arange(4))],
    ["scatterAdd_", () => ((x) => x.scatterAdd_(0, positions(1, 2, 3, 0, 0), x))(line())],
    ["scatterReduce_", () => ((x) => x.scatterReduce_(0, positions(1, 2, 3, 0, 0), x, "sum"))(line())],
    ["indexAdd_ of itself", () => ((x) => x.indexAdd_(0, positions(1, 2, 3, 0, 0), x))(line())],
    ["indexAdd_ at itself", () => ((x) => x.indexAdd_(0, x, torch.ones(4).long()))(torch.arange(4))],
    ["indexCopy_", () => ((x) => x.indexCopy_(0, positions(1, 2, 3, 0, 4), x))(line())],
    ["indexFill_ at itself", () => ((x) => x.indexFill_(0, x, 7))(torch.arange(4))],
    ["indexReduce_", () => ((x) => x.indexReduce_(0, positions(1, 2, 3, 0, 0), x, "amax"))(line())],
    ["indexPut_ of a part", () => ((x) => x.indexPut_([positions(2, 3)], x.at("1:3")))(line())],
    ["indexPut_ at itself", () => ((x) => x.indexPut_([x], torch.tensor(7)))(torch.arange(4))],
    ["setAt at positions", () => ((x) => x.setAt([positions(2, 3)], x.data.at("1:3")))(line())],
    ["setAt through a mask", () => ((x) => x.setAt([mask(false, true, true, false, false)], x.at(":2")))(line())],
    ["put_", () => ((x) => x.put_(positions(1, 2, 3, 0, 4), x))(line())],
    ["maskedFill_", () => ((x) => x.at("1:").maskedFill_(x.at(":-1"), false))(mask(true, false, true))],
    ["bernoulli_", () => ((x) => x.at("1:").bernoulli_(x.at(":-1")))(torch.rand(4))],
  ];
  test.each(refused)("%s is refused", (_, write) => {
    expect(write).toThrow(INPUT_AND_OUTPUT);
  });

  const right: [string, () => torch.Tensor, unknown][] = [
    [
      "copy_ of itself",
      () => ((x) => x.copy_(x.data))(matrix(2)),
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      "mul_ by a column",
      () => ((x) => x.mul_(x.at(":", "1:2")))(matrix(2)),
      [
        [0, 1],
        [6, 9],
      ],
    ],
    ["fill_ with an element", () => ((x) => x.fill_(x.at(2)))(line()), [2, 2, 2, 2, 2]],
    ["setAt of an element", () => ((x) => x.setAt([":"], x.at(2)))(line()), [2, 2, 2, 2, 2]],
    [
      "setAt of a row",
      () => ((x) => x.setAt([":"], x.at(1)))(matrix(2)),
      [
        [2, 3],
        [2, 3],
      ],
    ],
    [
      "copy_ of the even elements to the odd ones",
      () => written(line(6), (x) => x.at("::2").copy_(x.at("1::2"))),
      [1, 1, 3, 3, 5, 5],
    ],
    [
      "copy_ of columns to their neighbours",
      () => written(matrix(3), (x) => x.narrow(1, 1, 2).copy_(x.narrow(1, 0, 2))),
      [
        [0, 0, 1],
        [3, 3, 4],
        [6, 6, 7],
      ],
    ],
    ["out that is the operand", () => ((x) => torch.add(x, 1, { out: x }))(line()), [1, 2, 3, 4, 5]],
    ["maskedFill_ by itself", () => ((x) => x.maskedFill_(x, false))(mask(true, false, true)), [false, false, false]],
    ["maskedFill_ with an element", () => ((x) => x.maskedFill_(x.gt(1), x.at(1)))(line()), [0, 1, 1, 1, 1]],
    [
      "mm into its operand",
      () => ((x) => torch.mm(x, x.t(), { out: x }))(matrix(2)),
      [
        [1, 3],
        [3, 13],
      ],
    ],
    ["cumsum_", () => line().cumsum_(0), [0, 1, 3, 6, 10]],
  ];
  test.each(right)("%s is right", (_, write, result) => {
    expect(write().tolist()).toEqual(result);
  });
});

describe("a tensor of which several elements are one", () => {
  const expanded = () => torch.zeros(1).expand(3);
  const all = positions(0, 1, 2);
  const refused: [string, () => unknown][] = [
    ["add_", () => expanded().add_(1)],
    ["copy_", () => expanded().copy_(torch.ones(3))],
    ["setAt of several", () => expanded().setAt([":"], torch.ones(3))],
    ["maskedScatter_", () => expanded().maskedScatter_(mask(true, false, false), line())],
    ["scatter_", () => expanded().scatter_(0, all, 1)],
    ["scatterAdd_", () => expanded().scatterAdd_(0, all, torch.ones(3))],
    ["indexAdd_", () => expanded().indexAdd_(0, all, torch.ones(3))],
    ["indexCopy_", () => expanded().indexCopy_(0, all, torch.ones(3))],
    ["put_", () => expanded().put_(all, torch.ones(3))],
    ["normal_", () => expanded().normal_()],
    ["cumsum_", () => expanded().cumsum_(0)],
    ["clamp_", () => expanded().clamp_(0, 1)],
    ["relu_", () => expanded().relu_()],
  ];
  test.each(refused)("is refused by %s", (_, write) => {
    expect(write).toThrow(WRITTEN);
  });

  const right: [string, () => torch.Tensor, unknown][] = [
    ["fill_", () => expanded().fill_(1), [1, 1, 1]],
    ["zero_", () => torch.ones(1).expand(3).zero_(), [0, 0, 0]],
    ["setAt of a number", () => expanded().setAt([":"], 2), [2, 2, 2]],
    ["setAt at one position", () => expanded().setAt([0], 2), [2, 2, 2]],
    ["maskedFill_", () => expanded().maskedFill_(mask(false, true, false), 2), [2, 2, 2]],
    ["setAt through a mask", () => expanded().setAt([mask(true, false, false)], 2), [2, 2, 2]],
    ["setAt at positions", () => expanded().setAt([positions(0, 1)], 2), [2, 2, 2]],
    ["indexFill_", () => expanded().indexFill_(0, all, 1), [1, 1, 1]],
    ["indexPut_ that adds", () => expanded().indexPut_([all], torch.ones(3), { accumulate: true }), [3, 3, 3]],
  ];
  test.each(right)("is written by %s", (_, write, result) => {
    expect(write().tolist()).toEqual(result);
  });
});

describe("tensors over one buffer", () => {
  test("see each other's writes and count their own versions", () => {
    const memory = new Float32Array([0, 1, 2, 3]);
    const [x, y] = [torch.fromTypedArray(memory), torch.fromTypedArray(memory)];
    y.add_(1);
    expect(x.tolist()).toEqual([1, 2, 3, 4]);
    expect([x._version, y._version]).toEqual([0, 1]);
    expect(x.dataPtr()).toBe(y.dataPtr());
  });

  test("are refused where parts overlap", () => {
    const memory = new Float64Array([0, 1, 2, 3, 4]);
    const [from, to] = [torch.fromTypedArray(memory.subarray(0, 4)), torch.fromTypedArray(memory.subarray(1))];
    expect(() => to.copy_(from)).toThrow(INPUT_AND_OUTPUT);
  });

  test("may have different dtypes", () => {
    const memory = new Float32Array([0, 1, 2, 3]);
    const numbers = torch.fromTypedArray(memory);
    const bits = torch.fromTypedArray(new Int32Array(memory.buffer));
    bits.copy_(numbers);
    expect(bits.tolist()).toEqual([0, 1, 2, 3]);

    const bytes = torch.fromTypedArray(new Uint8Array(memory.buffer));
    expect(() => bytes.at(":4").copy_(torch.fromTypedArray(new Int32Array(memory.buffer)))).toThrow(INPUT_AND_OUTPUT);
    bytes.at("::4").copy_(torch.fromTypedArray(new Int32Array(memory.buffer)));
    expect(bytes.at("::4").tolist()).toEqual([0, 1, 2, 3]);
  });

  test("grow with a resizable buffer", () => {
    const buffer = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 64 }]) as ArrayBuffer & {
      resize(n: number): void;
    };
    const small = torch.fromTypedArray(new Float32Array(buffer, 0, 2));
    buffer.resize(32);
    const large = torch.fromTypedArray(new Float32Array(buffer, 0, 8));
    large.fill_(3);
    expect(small.tolist()).toEqual([3, 3]);
  });
});
