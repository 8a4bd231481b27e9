// Pooling: windows against a plain loop, derivatives, NaN, and PyTorch's messages. Values against PyTorch are in the goldens.

import * as torch from "cresset";
import { beforeEach, describe, expect, test } from "vitest";
import { checkSecondDerivatives } from "../support/second-derivatives";

const F = torch.nn.functional;
const random = (...size: number[]) => torch.randn(size, { dtype: torch.float64, requiresGrad: true });

beforeEach(() => {
  torch.manualSeed(0);
});

const pools: [string, (x: torch.Tensor) => torch.Tensor, number[]][] = [
  ["maxPool1d", (x) => F.maxPool1d(x, 3, { stride: 2, padding: 1, ceilMode: true }), [1, 2, 6]],
  ["maxPool2d", (x) => F.maxPool2d(x, [3, 2], [2, 1], 1, [1, 2]), [1, 2, 5, 6]],
  ["maxPool3d", (x) => F.maxPool3d(x, 2), [1, 1, 4, 2, 4]],
  ["avgPool1d", (x) => F.avgPool1d(x, 2), [2, 1, 5]],
  [
    "avgPool2d",
    (x) => F.avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    [1, 2, 4, 4],
  ],
  ["avgPool3d", (x) => F.avgPool3d(x, { kernelSize: 2, stride: 1, divisorOverride: 5 }), [1, 1, 3, 2, 3]],
  ["adaptiveAvgPool1d", (x) => F.adaptiveAvgPool1d(x, 3), [1, 2, 7]],
  ["adaptiveAvgPool2d", (x) => F.adaptiveAvgPool2d(x, [null, 2]), [2, 3, 5]],
  ["adaptiveAvgPool3d", (x) => F.adaptiveAvgPool3d(x, 1), [1, 2, 2, 3, 2]],
  ["adaptiveMaxPool1d", (x) => F.adaptiveMaxPool1d(x, 3), [2, 7]],
  ["adaptiveMaxPool2d", (x) => F.adaptiveMaxPool2d(x, 2), [1, 1, 5, 3]],
  ["adaptiveMaxPool3d", (x) => F.adaptiveMaxPool3d(x, [2, 1, null]), [1, 1, 3, 2, 2]],
];

describe.each(pools)("%s", (_, pool, sizes) => {
  test("has the derivatives of its values", () => {
    expect(torch.autograd.gradcheck(pool, [random(...sizes)])).toBe(true);
  });

  test("has second derivatives", () => {
    expect(checkSecondDerivatives(pool, [random(...sizes)])).toBe(true);
  });

  test("takes every float dtype and strided input", () => {
    const x = random(...sizes).detach();
    const exact = pool(x);
    for (const dtype of [torch.float32, torch.float16, torch.bfloat16]) {
      const out = pool(x.to(dtype));
      expect(out.dtype).toBe(dtype);
      expect(out.double().sub(exact).abs().max().item()).toBeLessThan(0.05);
    }
    const apart = torch.stack([x, x], -1).select(-1, 0);
    expect(pool(apart).tolist()).toEqual(exact.tolist());
  });
});

/** Maxima of 2×2 windows with stride 2, value by value. */
function maxima(x: number[][]): { values: number[][]; positions: number[][] } {
  const values: number[][] = [];
  const positions: number[][] = [];
  for (let i = 0; i + 1 < x.length; i += 2) {
    values.push([]);
    positions.push([]);
    for (let j = 0; j + 1 < x[i].length; j += 2) {
      let best = Number.NEGATIVE_INFINITY;
      let at = i * x[i].length + j;
      for (const [p, q] of [
        [i, j],
        [i, j + 1],
        [i + 1, j],
        [i + 1, j + 1],
      ]) {
        if (!(x[p][q] > best) && !Number.isNaN(x[p][q])) continue;
        best = x[p][q];
        at = p * x[p].length + q;
      }
      values[values.length - 1].push(best);
      positions[positions.length - 1].push(at);
    }
  }
  return { values, positions };
}

test.each([3, 8, 33, 70])("maxima of 2×2 windows and their positions, width %i", (width) => {
  const rows = torch.randn([6, width]).mul(3).round();
  rows.select(0, 2).narrow(0, 1, 2).fill_(Number.NaN);
  rows.select(0, 5).narrow(0, 0, 1).fill_(Number.POSITIVE_INFINITY);
  const { values, positions } = maxima(rows.tolist());
  const [out, indices] = F.maxPool2d(rows.unsqueeze(0), 2, { returnIndices: true });
  expect(out.select(0, 0).tolist()).toEqual(values);
  expect(indices.select(0, 0).tolist()).toEqual(positions);
});

test("windows of ceil mode start inside the input or the padding before it", () => {
  const x = torch.arange(1, 6, 1, { dtype: torch.float32 }).reshape(1, 5);
  expect(F.maxPool1d(x, 2, { ceilMode: true }).tolist()).toEqual([[2, 4, 5]]);
  expect([...F.maxPool1d(x, 2, { stride: 4, padding: 1, ceilMode: true }).shape]).toEqual([1, 2]);
  expect(F.avgPool1d(x, 2, { ceilMode: true }).tolist()).toEqual([[1.5, 3.5, 5]]);
});

const r = (...size: number[]) => torch.randn(size);
test.each<[string, () => unknown]>([
  ["stride should not be zero", () => F.maxPool2d(r(1, 4, 4), 2, { stride: 0 })],
  [
    "dilation should be greater than zero, but got dilationH: 0 dilationW: 0",
    () => F.maxPool2d(r(1, 4, 4), 2, { dilation: 0 }),
  ],
  [
    "max_pool2d: kernel_size must either be a single int, or a tuple of two ints",
    () => F.maxPool2d(r(1, 4, 4), [2, 2, 2]),
  ],
  ["pad must be non-negative, but got pad: -1", () => F.maxPool2d(r(1, 4, 4), 2, { padding: -1 })],
  [
    "Given input size: (1x4x4). Calculated output size: (1x0x0). Output size is too small",
    () => F.maxPool2d(r(1, 4, 4), 5),
  ],
  [
    "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:[2, 0, 4, 4]",
    () => F.maxPool2d(r(2, 0, 4, 4), 2),
  ],
  [
    "max_pool1d() padding should be at most half of kernel size, but got padding=2 and kernel_size=2",
    () => F.maxPool1d(r(2, 3, 4), 2, { padding: 2 }),
  ],
  ["max_pool1d() kernel_size must be greater than zero, but got -2", () => F.maxPool1d(r(2, 3, 4), -2)],
  [
    "Expected 2 to 3 dimensions, but got 1-dimensional tensor for argument #1 'self' (while checking arguments for avg_pool1d)",
    () => F.avgPool1d(r(4), 2),
  ],
  ["avg_pool1d() argument 'kernel_size' should contain one int (got 2)", () => F.avgPool1d(r(2, 4), [2, 2])],
  [
    "pad should be at most half of kernel size, but got pad=2 and kernel_size=2",
    () => F.avgPool1d(r(2, 3, 4), 2, { padding: 2 }),
  ],
  ["input image (T: 4 H: 4 W: 4) smaller than kernel size (kT: 5 kH: 5 kW: 5)", () => F.avgPool3d(r(1, 4, 4, 4), 5)],
  ["divisor must be not zero", () => F.avgPool2d(r(1, 4, 4), 2, { divisorOverride: 0 })],
  ["adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got [4, 4]", () => F.adaptiveAvgPool2d(r(4, 4), 2)],
  [
    "adaptive_avg_pool2d: elements of output_size must be greater than or equal to 0 but received {-1, -1}",
    () => F.adaptiveAvgPool2d(r(1, 4, 4), -1),
  ],
  [
    "adaptive_max_pool2d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes [1, 0, 4] with dimension 1 being empty",
    () => F.adaptiveMaxPool2d(r(1, 0, 4), 2),
  ],
])("says: %s", (message, run) => {
  expect(run).toThrowError(message);
  expect(run).toThrowError(torch.CressetError);
});
