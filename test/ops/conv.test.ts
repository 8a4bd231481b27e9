// Convolutions: first and second derivatives over geometries, the identity between a convolution and its transpose, dtypes, and
// PyTorch's messages. Values against PyTorch are in the goldens.

import * as torch from "cresset";
import { beforeEach, describe, expect, test } from "vitest";
import { checkSecondDerivatives } from "../support/second-derivatives";

const F = torch.nn.functional;
const random = (...size: number[]) => torch.randn(size, { dtype: torch.float64, requiresGrad: true });

beforeEach(() => {
  torch.manualSeed(0);
});

interface Case {
  name: string;
  run: (x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) => torch.Tensor;
  x: number[];
  w: number[];
  b: number;
}

const cases: Case[] = [
  { name: "conv1d", run: (x, w, b) => F.conv1d(x, w, b), x: [2, 2, 4], w: [2, 2, 2], b: 2 },
  {
    name: "conv1d, same padding of odd total",
    run: (x, w, b) => F.conv1d(x, w, b, { padding: "same", dilation: 3 }),
    x: [1, 1, 6],
    w: [2, 1, 2],
    b: 2,
  },
  {
    name: "conv2d, everything uneven",
    run: (x, w, b) => F.conv2d(x, w, b, [2, 1], [1, 2], [1, 2], 2),
    x: [1, 2, 3, 3],
    w: [2, 1, 2, 2],
    b: 2,
  },
  { name: "conv2d, unbatched", run: (x, w, b) => F.conv2d(x, w, b), x: [1, 3, 4], w: [2, 1, 2, 2], b: 2 },
  {
    name: "conv3d, strided",
    run: (x, w, b) => F.conv3d(x, w, b, { stride: 2, padding: [1, 0, 1] }),
    x: [1, 1, 3, 2, 2],
    w: [1, 1, 2, 2, 1],
    b: 1,
  },
  {
    name: "convTranspose1d, large output padding",
    run: (x, w, b) => F.convTranspose1d(x, w, b, { stride: 2, outputPadding: 2, dilation: 3 }),
    x: [1, 2, 3],
    w: [2, 1, 2],
    b: 1,
  },
  {
    name: "convTranspose2d, grouped",
    run: (x, w, b) => F.convTranspose2d(x, w, b, { stride: [2, 1], padding: 1, groups: 2 }),
    x: [1, 2, 2, 2],
    w: [2, 1, 2, 3],
    b: 2,
  },
  {
    name: "convTranspose3d",
    run: (x, w, b) => F.convTranspose3d(x, w, b),
    x: [1, 1, 2, 2, 2],
    w: [1, 1, 2, 1, 2],
    b: 1,
  },
];

describe.each(cases)("$name", ({ run, x, w, b }) => {
  const operands = () => [random(...x), random(...w), random(b)] as const;

  test("has the derivatives of its values", () => {
    expect(torch.autograd.gradcheck(run, operands())).toBe(true);
  });

  test("has second derivatives", () => {
    expect(checkSecondDerivatives((p, q, r) => run(p, q, r), operands())).toBe(true);
  });

  test("computes float32 and halves as float64 does", () => {
    const [p, q, r] = operands().map((t) => t.detach());
    const exact = run(p, q, r);
    for (const [dtype, tolerance] of [
      [torch.float32, 1e-5],
      [torch.float16, 1e-2],
      [torch.bfloat16, 8e-2],
    ] as const) {
      const rounded = [p, q, r].map((t) => t.to(dtype));
      const out = run(rounded[0], rounded[1], rounded[2]);
      expect(out.dtype).toBe(dtype);
      expect(out.double().sub(exact).abs().max().item()).toBeLessThan(tolerance);
    }
  });
});

test("integers are convolved exactly", () => {
  const x = torch.arange(0, 6).reshape(1, 1, 6);
  const w = torch.tensor([[[1, -2, 3]]]);
  expect(F.conv1d(x, w).tolist()).toEqual([[[4, 6, 8, 10]]]);
  expect(F.conv1d(x, w).dtype).toBe(torch.int64);
});

test("channels-last input gives the values of contiguous input", () => {
  const x = random(2, 4, 5, 3).permute(0, 3, 1, 2);
  const w = random(2, 3, 2, 2);
  expect(F.conv2d(x, w).tolist()).toEqual(F.conv2d(x.contiguous(), w).tolist());
});

test("an empty batch gives an empty result and zero gradients", () => {
  const x = torch.zeros([0, 2, 5, 5], { requiresGrad: true });
  const w = torch.randn([3, 2, 3, 3], { requiresGrad: true });
  const b = torch.randn([3], { requiresGrad: true });
  const out = F.conv2d(x, w, b);
  expect([...out.shape]).toEqual([0, 3, 3, 3]);
  out.sum().backward();
  expect(w.grad?.abs().max().item()).toBe(0);
  expect(b.grad?.tolist()).toEqual([0, 0, 0]);
  expect([...(x.grad?.shape ?? [])]).toEqual([0, 2, 5, 5]);
});

describe("unfold and fold", () => {
  test("are each other's derivatives", () => {
    const image = random(1, 2, 4, 5);
    const unfold = (x: torch.Tensor) => F.unfold(x, { kernelSize: [2, 3], padding: 1, stride: 2, dilation: [2, 1] });
    expect(torch.autograd.gradcheck(unfold, [image])).toBe(true);
    const columns = random(...unfold(image).shape);
    const fold = (x: torch.Tensor) =>
      F.fold(x, { outputSize: [4, 5], kernelSize: [2, 3], padding: 1, stride: 2, dilation: [2, 1] });
    expect(torch.autograd.gradcheck(fold, [columns])).toBe(true);
  });

  test("turn a convolution into a product", () => {
    const x = random(2, 3, 5, 4);
    const w = random(4, 3, 2, 2);
    const product = w.reshape(4, -1).matmul(F.unfold(x, 2)).reshape(2, 4, 4, 3);
    expect(product.sub(F.conv2d(x, w)).abs().max().item()).toBeLessThan(1e-12);
  });
});

const r = (...size: number[]) => torch.randn(size);
test.each<[string, () => unknown]>([
  ["expected scalar type Float but found Double", () => F.conv2d(r(1, 2, 5, 5), r(3, 2, 3, 3).double())],
  [
    "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [5, 5]",
    () => F.conv2d(r(5, 5), r(3, 2, 3, 3)),
  ],
  [
    "Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 3). Kernel size can't be greater than actual input size",
    () => F.conv2d(r(1, 2, 2, 2), r(3, 2, 3, 3)),
  ],
  ["negative padding is not supported", () => F.conv2d(r(1, 2, 5, 5), r(3, 2, 3, 3), { padding: -1 })],
  ["non-positive stride is not supported", () => F.conv2d(r(1, 2, 5, 5), r(3, 2, 3, 3), { stride: 0 })],
  [
    "dilation should be greater than zero, but got [0, 0]",
    () => F.conv2d(r(1, 2, 5, 5), r(3, 2, 3, 3), { dilation: 0 }),
  ],
  ["non-positive groups is not supported", () => F.conv2d(r(1, 2, 5, 5), r(3, 2, 3, 3), { groups: 0 })],
  [
    "expected stride to be a single integer value or a list of 2 values to match the convolution dimensions, but got stride=[1, 2, 3]",
    () => F.conv2d(r(1, 2, 5, 5), r(3, 2, 3, 3), { stride: [1, 2, 3] }),
  ],
  [
    "padding='same' is not supported for strided convolutions",
    () => F.conv2d(r(1, 2, 5, 5), r(3, 2, 3, 3), { padding: "same", stride: 2 }),
  ],
  [
    "Given transposed=1, weight of size [3, 2, 3, 3], expected input[1, 2, 5, 5] to have 3 channels, but got 2 channels instead",
    () => F.convTranspose2d(r(1, 2, 5, 5), r(3, 2, 3, 3)),
  ],
  [
    "output padding must be smaller than either stride or dilation, but got output_padding_height: 1 output_padding_width: 1 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1",
    () => F.convTranspose2d(r(1, 2, 5, 5), r(2, 2, 3, 3), { outputPadding: 1 }),
  ],
  [
    "Given input size per channel: (5 x 5). Calculated output size per channel: (-1 x -1). Output size is too small",
    () => F.convTranspose2d(r(1, 2, 5, 5), r(2, 2, 3, 3), { padding: 4 }),
  ],
  [
    "Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=5 and kernel_size=(2, 2).",
    () => F.fold(r(1, 5, 9), [4, 4], 2),
  ],
])("says: %s", (message, run) => {
  expect(run).toThrowError(message);
  expect(run).toThrowError(torch.CressetError);
});
