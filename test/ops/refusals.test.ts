// What PyTorch refuses, in its words: dtypes without a kernel, values out of range, operands without a derivative.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const F = torch.nn.functional;
const ints = torch.tensor([-30, 2]);
const floats = torch.tensor([0.5, 0.5]);
const yes = torch.tensor([true, false]);
const plane = torch.ones(1, 1, 4, 4, { dtype: torch.int64 });

describe("dtypes without a kernel", () => {
  const refused: [words: string, call: () => unknown][] = [
    ["leaky_relu_cpu", () => F.leakyRelu(ints)],
    ["elu_cpu", () => F.elu(ints)],
    ["elu_cpu", () => F.celu(ints)],
    ["elu_cpu", () => F.selu(ints)],
    ["GeluKernelImpl", () => F.gelu(ints)],
    ["silu_cpu", () => F.silu(ints)],
    ["softplus_cpu", () => F.softplus(ints)],
    ["log_sigmoid_cpu", () => F.logsigmoid(ints)],
    ["hardshrink_cpu", () => F.hardshrink(ints)],
    ["glu_cpu", () => F.glu(ints)],
    ["max_pool2d", () => F.maxPool2d(plane, 2)],
    ["adaptive_avg_pool2d", () => F.adaptiveAvgPool1d(plane.squeeze(0), 2)],
    ["LayerNormKernelImpl", () => F.layerNorm(ints, [2])],
    ["GroupNormKernelImpl", () => F.groupNorm(plane, 1)],
    ["batch_norm", () => F.batchNorm(plane, null, null, { training: true })],
    ["lerp_kernel_scalar", () => torch.lerp(ints, ints, 0.5)],
  ];
  test.each(refused)("%s", (words, call) => {
    expect(call).toThrow(`"${words}" not implemented for 'Long'`);
  });

  test("bools have no products of matrices, and no bounds", () => {
    const matrix = yes.expand(2, 2);
    expect(() => matrix.mm(matrix)).toThrow("\"addmm_impl_cpu_\" not implemented for 'Bool'");
    expect(() => yes.dot(yes)).toThrow("\"dot\" not implemented for 'Bool'");
    expect(() => F.hardtanh(yes)).toThrow("Bool inputs not supported for hardtanh");
  });

  test("whole numbers between", () => {
    expect(() => F.interpolate(plane, { scaleFactor: 2, mode: "bilinear" })).toThrow("not implemented for 'Long'");
    expect(() => F.klDiv(ints, ints)).toThrow("kl_div: Integral inputs not supported.");
    expect(() => F.cosineSimilarity(plane, plane)).toThrow("expected common dtype to be floating point");
    expect(() => torch.norm(ints, 1)).toThrow(
      "input dtype should be either floating point or complex. Got Long instead.",
    );
  });
});

describe("mixed dtypes", () => {
  const doubles = torch.ones(2, { dtype: torch.float64 });

  test("of parameters of normalisation", () => {
    const x = torch.ones(2, 2);
    expect(() => F.layerNorm(x, [2], doubles)).toThrow("expected scalar type Float but found Double");
    expect(() => F.batchNorm(x, null, null, doubles, null, true)).toThrow("mixed dtype (CPU)");
    expect(F.batchNorm(x.bfloat16(), null, null, torch.ones(2), null, true).dtype).toBe(torch.bfloat16);
  });

  test("of lerp, prelu and conditions", () => {
    expect(() => torch.lerp(floats, doubles, 0.5)).toThrow("expected dtype float for `end` but got dtype double");
    expect(() => F.prelu(floats, doubles)).toThrow("Found dtype Double but expected Float");
    expect(() => torch.where(ints, 1, 0)).toThrow(
      "where expected condition to be a boolean tensor, but got a tensor with dtype Long",
    );
  });
});

test("operands without a derivative", () => {
  const wanted = torch.ones(2, { requiresGrad: true });
  const words = (name: string) =>
    `is not differentiable with respect to argument '${name}'. This input cannot have requires_grad True.`;
  expect(() => F.softMarginLoss(floats, wanted)).toThrow(words("target"));
  expect(() => F.binaryCrossEntropy(floats, floats, wanted)).toThrow(words("weight"));
  expect(() => F.binaryCrossEntropyWithLogits(floats, floats, { posWeight: wanted })).toThrow(words("pos_weight"));
  expect(() => F.crossEntropy(torch.ones(1, 2), torch.tensor([0]), wanted)).toThrow(words("weight"));
  expect(torch.noGrad(() => F.softMarginLoss(floats, wanted).item())).toBeGreaterThan(0);
});

test("values out of range", () => {
  const two = torch.tensor([2, 0], { dtype: torch.uint8 });
  const x = torch.ones(2, 2);
  const refused: [words: string, call: () => unknown][] = [
    ["Mask tensor can take 0 and 1 values only", () => floats.maskedFill(two, 1)],
    ["Mask tensor can take 0 and 1 values only", () => floats.maskedSelect(two)],
    ["expected rotation dims to be different", () => torch.rot90(x, 1, [0, -2])],
    ["Rotation dim0 out of range, dim0 = -3", () => torch.rot90(x, 1, [-3, 0])],
    ["Lower bound should be less than or equal to the upper bound", () => F.rrelu(floats, 0.5, 0.1)],
    ["alpha cannot be 0 for CELU", () => F.celu(floats, 0)],
    ["pdist only supports 2D tensors, got: 1D", () => F.pdist(floats)],
    ["cdist only supports non-negative p values", () => torch.cdist(x, x, -1)],
    [
      "Expected more than 1 value per channel when training, got input size [1, 4]",
      () => F.groupNorm(torch.ones(1, 4), 4),
    ],
    ["Trying to create tensor with negative dimension (-1)", () => torch.broadcastShapes([-1], [2])],
    ["target out of range", () => F.multiMarginLoss(x, torch.tensor([0, 2]))],
  ];
  for (const [words, call] of refused) expect(call).toThrow(words);
});
