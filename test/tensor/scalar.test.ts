// Numbers on their way into a tensor of another dtype: PyTorch's conversions, and its refusals.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64 } = torch;
const overflow = (name: string) => `value cannot be converted to type ${name} without overflow`;

describe("full", () => {
  const given: [torch.DType, number | bigint | boolean, number | boolean | bigint | string][] = [
    [bool, 0.5, true],
    [bool, Number.NaN, true],
    [bool, 0, false],
    [bool, 256, true],
    [uint8, 127.5, 127],
    [uint8, -1, 255],
    [uint8, -255, 1],
    [uint8, -256, overflow("uint8_t")],
    [uint8, -0.5, overflow("uint8_t")],
    [uint8, 256, overflow("uint8_t")],
    [uint8, Number.NaN, overflow("uint8_t")],
    [int8, -2.5, -2],
    [int8, 127.5, overflow("int8_t")],
    [int8, 200, overflow("int8_t")],
    [int16, 127.5, 127],
    [int16, 70000, overflow("int16_t")],
    [int32, 2.5, 2],
    [int32, true, 1],
    [int32, 2 ** 31, overflow("int")],
    [int32, Number.POSITIVE_INFINITY, overflow("int")],
    [int64, -2.5, -2],
    [int64, 2n ** 63n - 1n, 2n ** 63n - 1n],
    [int64, 2n ** 63n, "Overflow when unpacking long"],
    [int64, 1e300, overflow("int64_t")],
    [int64, Number.NaN, overflow("int64_t")],
    [float16, 70000, overflow("at::Half")],
    [float16, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [bfloat16, 1e300, overflow("at::BFloat16")],
    [bfloat16, 70000, 70144],
    [float32, 1e300, overflow("float")],
    [float32, Number.NaN, Number.NaN],
    [float64, 1e300, 1e300],
  ];
  test.each(given)("%s from %s", (dtype, value, result) => {
    const make = () => torch.full([1], value, { dtype });
    if (typeof result === "string") expect(make).toThrow(result);
    else expect(make().item()).toBe(result);
  });
});

describe("a fraction into whole numbers loses what is behind the point", () => {
  const mask = torch.tensor([true, false]);
  const first = torch.tensor([0]);
  const writes: [string, (x: torch.Tensor, value: number) => torch.Tensor, number[]][] = [
    ["fill_", (x, value) => x.fill_(value), [2, 2]],
    ["fill_ with a tensor", (x, value) => x.fill_(torch.tensor(value)), [2, 2]],
    ["maskedFill", (x, value) => x.maskedFill(mask, value), [2, 2]],
    ["setAt through a mask", (x, value) => x.setAt([mask], value), [2, 2]],
    ["setAt", (x, value) => x.setAt([0], value), [2, 2]],
    ["setAt at positions", (x, value) => x.setAt([first], value), [2, 2]],
    ["indexFill", (x, value) => x.indexFill(0, first, value), [2, 2]],
    ["scatter", (x, value) => x.scatter(0, first, value), [2, 2]],
    ["pad", (x, value) => torch.nn.functional.pad(x, [1, 0], { value }), [2, 1, 2]],
    ["addcmul", (x, value) => torch.addcmul(x, x, x, { value }), [3, 10]],
    ["newFull", (x, value) => x.newFull([1], value), [2]],
    ["fullLike", (x, value) => torch.fullLike(x, value), [2, 2]],
    ["scalarTensor", (x, value) => torch.scalarTensor(value, { dtype: x.dtype }).reshape([1]), [2]],
    ["indexAdd", (x, alpha) => x.indexAdd(0, first, x.at(":1").clone(), { alpha }), [3, 2]],
    ["fillDiagonal_", (x, value) => torch.zeros(2, 2, { dtype: x.dtype }).fillDiagonal_(value).diagonal(), [2, 2]],
  ];
  test.each(writes)("%s", (_, write, result) => {
    for (const dtype of [uint8, int16, int32, int64]) {
      expect(write(torch.tensor([1, 2], { dtype }), 2.5).tolist()).toEqual(result);
      expect(() => write(torch.tensor([1, 2], { dtype }), Number.NaN)).toThrow("without overflow");
      expect(() => write(torch.tensor([1, 2], { dtype }), 1e30)).toThrow("without overflow");
    }
  });
});

describe("torch.tensor of tensors", () => {
  const { tensor } = torch;
  const made: [string, () => torch.Tensor, torch.DType, unknown][] = [
    ["floats of whole value", () => tensor([tensor(1).float(), tensor(2).float()]), float32, [1, 2]],
    ["a float and a number", () => tensor([tensor(1).float(), 2]), float32, [1, 2]],
    ["float64 and a fraction", () => tensor([tensor(1, { dtype: float64 }), 2.5]), float64, [1, 2.5]],
    ["int32 and uint8", () => tensor([tensor(1, { dtype: int32 }), tensor(2, { dtype: uint8 })]), int32, [1, 2]],
    ["int32 and a number", () => tensor([tensor(1, { dtype: int32 }), 2]), int64, [1, 2]],
    ["float16 and a fraction", () => tensor([tensor(1, { dtype: float16 }), 2.5]), float32, [1, 2.5]],
    ["float16 and a number", () => tensor([tensor(1, { dtype: float16 }), 2]), float16, [1, 2]],
    ["bools", () => tensor([tensor(true), tensor(false)]), bool, [true, false]],
    ["vectors of one element", () => tensor([tensor([1.5]), tensor([2.5])]), float32, [1.5, 2.5]],
    [
      "rows",
      () =>
        tensor([
          [tensor(1.5), tensor(2)],
          [tensor(3), 4],
        ]),
      float32,
      [
        [1.5, 2],
        [3, 4],
      ],
    ],
    ["2^62", () => tensor([tensor(2n ** 62n)]), int64, [2n ** 62n]],
    ["numbers beyond int64", () => tensor([1e30]), float32, [Math.fround(1e30)]],
  ];
  test.each(made)("%s", (_, make, dtype, values) => {
    expect(make().dtype).toBe(dtype);
    expect(make().tolist()).toEqual(values);
  });

  test("is refused where one has several elements", () => {
    expect(() => tensor([tensor(1), tensor([1, 2])])).toThrow("only one element tensors can be converted");
    expect(() => tensor([Number.NaN], { dtype: int64 })).toThrow(overflow("int64"));
  });
});
