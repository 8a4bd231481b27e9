// Which dtypes functions take, in PyTorch's words, and the dtypes of what they give.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const F = torch.nn.functional;
const bools = torch.tensor([true, false]);
const whole = (...values: number[]) => torch.tensor(values, { dtype: torch.int32 });
const floats = (values: number[], dtype: torch.DType = torch.float32) => torch.tensor(values, { dtype });

describe("bools are refused where PyTorch has no kernel for them", () => {
  const calls: [kernel: string, call: () => unknown][] = [
    ["floor_vml_cpu", () => bools.floor()],
    ["ceil_vml_cpu", () => bools.ceil()],
    ["trunc_vml_cpu", () => bools.trunc()],
    ["div_floor_cpu", () => bools.floorDivide(bools)],
    ["div_trunc_cpu", () => bools.div(bools, { roundingMode: "trunc" })],
    ["remainder_cpu", () => bools.remainder(bools)],
    ["fmod_cpu", () => bools.fmod(true)],
    ["pow", () => bools.pow(bools)],
    ["lshift_cpu", () => bools.bitwiseLeftShift(bools)],
    ["rshift_cpu", () => bools.bitwiseRightShift(bools)],
    ["gcd_cpu", () => bools.gcd(bools)],
    ["lcm_cpu", () => bools.lcm(bools)],
    ["addcmul_cpu_out", () => bools.addcmul(bools, bools)],
    ["clamp_scalar_cpu", () => bools.clamp(false, true)],
    ["clamp_min_cpu", () => bools.clampMin(false)],
    ["clamp_max_scalar_cpu", () => bools.clampMax(true)],
    ["cumsum_out_cpu", () => bools.clone().cumsum_(0)],
    ["cumprod_out_cpu", () => bools.cumprod(0, { dtype: torch.bool })],
    ["trace", () => bools.reshape([1, 2]).trace()],
    ["topk_cpu", () => bools.topk(1)],
    ["kthvalue_cpu", () => bools.kthvalue(1)],
    ["searchsorted_out_cpu", () => torch.bucketize(bools, bools)],
    ["addmm_impl_cpu_", () => F.linear(bools.reshape([1, 2]), bools.reshape([1, 2]))],
    ["abs_cpu", () => F.softsign(bools)],
  ];
  test.each(calls)("%s", (kernel, call) => {
    expect(call).toThrow(`"${kernel}" not implemented for 'Bool'`);
  });

  test("but not where nothing is computed in bools", () => {
    expect(bools.clamp(0, 1).dtype).toBe(torch.int64);
    expect(bools.clampMin(bools).tolist()).toEqual([true, false]);
    expect(bools.gcd(torch.tensor(2)).tolist()).toEqual([1, 2]);
    expect(bools.cumsum(0).tolist()).toEqual([1, 1]);
    expect(bools.reshape([1, 2]).argmax(0).tolist()).toEqual([0, 0]);
    expect(torch.einsum("ab,b->a", bools.reshape([2, 1]), torch.tensor([true])).tolist()).toEqual([true, false]);
  });
});

describe("whole numbers are refused where PyTorch has no kernel for them", () => {
  const target = torch.tensor([0, 0]);
  const calls: [kernel: string, call: () => unknown][] = [
    ["round_vml_cpu", () => whole(1).round({ decimals: 0 })],
    ["round_cpu", () => whole(1).round({ decimals: 1 })],
    ["binary_cross_entropy", () => F.binaryCrossEntropy(whole(1), whole(1))],
    ["nll_loss_out_frame", () => F.nllLoss(whole(1, 2).reshape([2, 1]), target)],
    ["multilabel_margin_loss_forward_out_frame", () => F.multilabelMarginLoss(whole(1, 2), target)],
    [
      "slow_conv_dilated<>",
      () => F.conv1d(whole(1, 2, 3).reshape([1, 1, 3]), whole(1, 2).reshape([1, 1, 2]), { dilation: 2 }),
    ],
  ];
  test.each(calls)("%s", (kernel, call) => {
    expect(call).toThrow(`"${kernel}" not implemented for 'Int'`);
  });
});

test("numbers that a dtype does not hold are refused as factors and values", () => {
  const words = "value cannot be converted to type uint8_t without overflow";
  const one = torch.ones([1, 1], { dtype: torch.uint8 });
  expect(() => one.addmm(one, one, { alpha: -1.5 })).toThrow(words);
  expect(() => one.indexFill(0, torch.zeros([0], { dtype: torch.int64 }), -0.5)).toThrow(words);
});

test("a fraction is true", () => {
  expect(floats([1.5, 0.5]).prod({ dtype: torch.bool }).item()).toBe(true);
  expect(floats([0.5, 0.5]).sum({ dtype: torch.bool }).item()).toBe(true);
});

test("values are found among boundaries of another dtype", () => {
  expect(torch.bucketize(torch.tensor([1, 2, 3]), floats([1, 2, 3, 4])).tolist()).toEqual([0, 1, 2]);
  expect(torch.searchsorted(torch.tensor([1, 2, 3]), floats([0.5, 2.5])).tolist()).toEqual([0, 2]);
});

test("binary cross entropy of logits has the target's dtype", () => {
  const loss = F.binaryCrossEntropyWithLogits;
  expect(loss(floats([1]), floats([1], torch.bfloat16)).dtype).toBe(torch.bfloat16);
  expect(loss(floats([1], torch.float64), floats([1])).dtype).toBe(torch.float32);
  expect(() => loss(floats([1]), torch.tensor([1]))).toThrow(
    "result type Float can't be cast to the desired output type Long",
  );
});

test("power-average pooling of whole numbers gives floats", () => {
  expect(F.lpPool1d(torch.ones([1, 1, 2], { dtype: torch.int64 }), 1, 2).dtype).toBe(torch.float32);
});
