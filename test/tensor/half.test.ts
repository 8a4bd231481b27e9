// Sums and statistics of half types, and conversions: what comes out is the exact result rounded once.

import * as torch from "cresset";
import { expect, test } from "vitest";

const { float16, bfloat16, float32 } = torch;
const F = torch.nn.functional;

/** The largest error of `f` in a half type, and that of rounding the exact result. */
function errors(dtype: torch.DType, f: (x: torch.Tensor) => torch.Tensor): [number, number] {
  torch.manualSeed(0);
  const x = torch.randn(4, 64).add(100).to(dtype);
  const exact = f(x.double());
  const from = (y: torch.Tensor) => y.double().sub(exact).abs().max().item();
  return [from(f(x)), from(exact.to(dtype))];
}

const statistics: [string, (x: torch.Tensor) => torch.Tensor][] = [
  ["mean", (x) => x.mean(1)],
  ["var", (x) => x.var(1)],
  ["std", (x) => x.std(1)],
  ["stdMean", (x) => torch.stdMean(x, 1)[0]],
  ["norm", (x) => x.norm(2, 1)],
  ["layerNorm", (x) => F.layerNorm(x, [64])],
  ["groupNorm", (x) => F.groupNorm(x, 2)],
  ["batchNorm", (x) => F.batchNorm(x, null, null, { training: true })],
  ["instanceNorm", (x) => F.instanceNorm(x.unsqueeze(0))],
];

test.each(statistics)("%s of half types whose mean is large keeps its digits", (_, f) => {
  for (const dtype of [float16, bfloat16]) {
    const [error, rounding] = errors(dtype, f);
    expect(error).toBeLessThanOrEqual(1.01 * rounding);
  }
});

test("a sum beyond the range of float16 does not spoil what is computed from it", () => {
  const x = torch.full([70000], 2, { dtype: float16 });
  expect(x.sum().item()).toBe(Number.POSITIVE_INFINITY);
  expect(x.mean().item()).toBe(2);
  expect(x.norm().item()).toBe(529);
  expect(F.mseLoss(x, x.mul(0)).item()).toBe(4);
});

test("gradients through a norm layer of float16 stay finite", () => {
  const x = torch.randn(2, 70000).half().requiresGrad_();
  F.layerNorm(x, [70000]).mul(3).add(1).square().mean().backward();
  expect(x.grad?.isfinite().all().item()).toBe(true);
  expect(x.grad?.dtype).toBe(float16);
});

test("int64 becomes float32 in one rounding", () => {
  const values = [
    2n ** 24n + 1n,
    2n ** 60n + 2n ** 36n + 1n,
    9007199791611905n,
    2n ** 63n - 1n,
    -(2n ** 63n),
    123456789n,
  ];
  expect(torch.tensor(values).to(float32).tolist()).toEqual([
    16777216, 1.1529216420458004e18, 9007200328482816, 9.223372036854776e18, -9.223372036854776e18, 123456792,
  ]);
});
