// Functions of torch.nn.functional at their edges: shapes that do not fit, parameters out of range, padding that cuts.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const F = torch.nn.functional;
const T = (data: torch.TensorData) => torch.tensor(data, { dtype: torch.float32 });
const bytes = (...values: number[]) => torch.tensor(values, { dtype: torch.uint8 });
const m = torch.ones(2, 3);
const x = T([1, 2, 3]);
const line = torch.arange(4).to(torch.float32).reshape(1, 1, 4);
const plane = torch.arange(16).to(torch.float32).reshape(1, 1, 4, 4);

describe("padding by less than nothing", () => {
  test("cuts, also beside padding", () => {
    expect(F.pad(line, [-1, 2], "reflect").tolist()).toEqual([[[1, 2, 3, 2, 1]]]);
    expect(F.pad(line, [-1, 3], "replicate").tolist()).toEqual([[[1, 2, 3, 3, 3, 3]]]);
    expect(F.pad(T([[1, 2]]), [-2, 1]).tolist()).toEqual([[0]]);
    expect(F.pad(T([[1, 2]]), [-1, -1]).sizes).toEqual([1, 0]);
  });
  test("goes round what is left of a circle", () => {
    expect(F.pad(line, [-1, 2], "circular").tolist()).toEqual([[[1, 2, 3, 1, 2]]]);
    expect(F.pad(line, [1, -1], "circular").tolist()).toEqual([[[2, 0, 1, 2]]]);
    expect(() => F.pad(line, [-3, 2], "circular")).toThrow("wrapping around more than once");
  });
  test("leaves something", () => {
    const words = "resulted in a negative output size, which is invalid. Check dimension 1 of your input.";
    expect(() => F.pad(T([[[1]]]), [0, 1, 0, -1])).toThrow(words);
    expect(() => F.pad(T([[1]]), [-1, 0, 2, -1])).toThrow(words);
    expect(() => F.pad(line, [-4, 0], "reflect")).toThrow("too small. Calculated output W: 0");
    expect(F.pad(plane, [-4, 0, -2, 0], "replicate").sizes).toEqual([1, 1, 2, 0]);
  });
});

describe("pooling", () => {
  test("to a size of as many numbers as dimensions", () => {
    const loose = (...args: unknown[]): torch.Tensor => Reflect.apply(F.adaptiveAvgPool2d, undefined, args);
    expect(() => loose(plane, [2])).toThrow("adaptive_avg_pool2d: output_size must be 2");
    expect(() => loose(plane, null)).toThrow("output_size");
    expect(loose(plane, [null, 2]).sizes).toEqual([1, 1, 4, 2]);
  });
  test("of three dimensions has whole windows", () => {
    const cube = torch.ones(1, 3, 3, 3);
    expect(() => F.avgPool3d(cube, 4, { padding: 2 })).toThrow("smaller than kernel size (kT: 4 kH: 4 kW: 4)");
  });
  test("to nothing is how an area of nothing is found", () => {
    expect(F.interpolate(plane, { scaleFactor: 0.2, mode: "area" }).sizes).toEqual([1, 1, 0, 0]);
    expect(() => F.interpolate(plane, { scaleFactor: 0.2 })).toThrow("Input and output sizes should be greater than 0");
    const x = torch.ones(1, 1, 2).requiresGrad_();
    F.interpolate(x, { scaleFactor: 0.2, mode: "area" }).sum().backward();
    expect(x.grad?.tolist()).toEqual([[[0, 0]]]);
  });
});

describe("losses", () => {
  test("of binary targets refuse weights that are larger than the input", () => {
    const ones = torch.ones(2, 1);
    const words = "output with shape [2, 1] doesn't match the broadcast shape [1, 2, 1]";
    expect(() => F.binaryCrossEntropyWithLogits(ones, ones, torch.ones(1, 1, 1))).toThrow(words);
    expect(() => F.binaryCrossEntropy(ones, ones, torch.ones(1, 1, 1))).toThrow(words);
  });
  test("of classes take bytes for rows, and do not smooth by less than nothing", () => {
    expect(F.crossEntropy(m, bytes(1, 0)).item()).toBeCloseTo(1.0986, 4);
    expect(F.crossEntropy(m, torch.tensor([1, 0]), { labelSmoothing: -1 }).item()).toBeCloseTo(1.0986, 4);
    expect(() => F.nllLoss(torch.ones(1, 2, 2), bytes(1, 0).unsqueeze(0))).toThrow("Long but found Byte");
    expect(() => F.crossEntropy(m, m, { labelSmoothing: 2 })).toThrow("must be between 0.0 and 1.0. Got: 2");
  });
  test("of several labels broadcast, over the input's last dimension", () => {
    const none = { reduction: "none" } as const;
    expect(F.multilabelSoftMarginLoss(T([1]), T([[[1]], [[1]]])).item()).toBeCloseTo(0.626523, 5);
    expect(F.multilabelSoftMarginLoss(T([1, 1]), T([[1]]), none).tolist()).toEqual([
      0.15663084387779236, 0.15663084387779236,
    ]);
    expect(() => F.multilabelMarginLoss(m, m.gt(0))).toThrow("expected scalar type Long but found Bool");
  });
  test("of cosines want the first input to have the target's rows", () => {
    expect(() => F.cosineEmbeddingLoss(torch.ones(1, 1, 1), m, torch.ones(2))).toThrow(
      "1D target tensor expects 2D input tensors, but found inputs with sizes",
    );
  });
  test("of triplets with a distance of one's own take any shapes", () => {
    expect(F.tripletMarginWithDistanceLoss(T(1), T([[1]]), T([[1]])).item()).toBe(1);
    expect(() => F.tripletMarginLoss(m, m, T(1))).toThrow("same dimension but got 2D, 2D and 0D inputs.");
  });
  test("of sequences want floats and whole lengths", () => {
    const logs = torch.ones(2, 1, 2);
    const one = torch.tensor([1]);
    expect(() => F.ctcLoss(logs.long(), torch.tensor([[1]]), torch.tensor([2]), one)).toThrow("ctc_loss_cpu");
    expect(() => F.ctcLoss(logs, torch.tensor([[1]]), T([2]), one)).toThrow("input_lengths must be integral");
    expect(() => F.ctcLoss(logs, torch.tensor([[1]]), torch.tensor([2]), T([1]))).toThrow("target_lengths");
    expect(() => F.ctcLoss(logs, torch.tensor([1, 1, 1]), torch.tensor([2]), one)).toThrow(
      "Expected tensor to have size 1 at dimension 0, but got size 3 for argument #2 'targets'",
    );
  });
  test("without a curve want floats as well", () => {
    expect(() => F.smoothL1Loss(torch.tensor([1]), torch.tensor([1]), { beta: 0 })).toThrow("smooth_l1_cpu");
  });
});

describe("parameters out of range", () => {
  test.each([
    ["softshrink", () => F.softshrink(x, -1), "lambda must be greater or equal to 0, but found to be -1."],
    ["softshrink of NaN", () => F.softshrink(x, Number.NaN), "lambda must be greater or equal to 0"],
    ["rrelu", () => F.rrelu(x, { upper: Number.NaN }), "Lower bound should be less than or equal to the upper bound"],
    ["prelu", () => F.prelu(x, T([[1]])), "Expected `weight` to be a scalar or 1D tensor, but got ndim = 2"],
    ["norm", () => Reflect.apply(torch.norm, undefined, [x, true]), "expects norm to be integer or float"],
    ["normalize", () => Reflect.apply(F.normalize, undefined, [x, true]), "expects norm to be integer or float"],
    [
      "maxUnpool3d",
      () => F.maxUnpool3d(torch.ones(1, 1, 1, 1, 1), torch.ones(1, 1, 1, 1, 1).long(), 2, -1),
      "strides should be greater than zero, but got stride: [-1, -1, -1]",
    ],
    ["instanceNorm", () => F.instanceNorm(line, T(1), T([1]), { useInputStats: false }), "output with shape []"],
    ["bilinear", () => F.bilinear(m, m, torch.ones(1, 3, 3), T(1)), "Dimension specified as 0 but tensor has no"],
    ["diff", () => torch.diff(m, 0, { prepend: T(1) }), "diff expects prepend or append to be the same dimension"],
  ])("%s", (_name, call, words) => {
    expect(call).toThrow(words);
  });
});

describe("bags of embeddings", () => {
  const table = torch.arange(6).to(torch.float32).reshape(2, 3);
  test("begin at the first index and end with the last", () => {
    const ids = torch.tensor([1, 0]);
    expect(() => F.embeddingBag(ids, table, torch.tensor([1]))).toThrow("offsets[0] has to be 0");
    expect(() => F.embeddingBag(ids, table, torch.tensor([0, 5]))).toThrow("offsets[-1] can not be greater");
  });
  test("have weights of the table's dtype", () => {
    const options = { mode: "sum", perSampleWeights: torch.ones(1, 2, { dtype: torch.float64 }) } as const;
    expect(() => F.embeddingBag(torch.tensor([[1, 0]]), table, options)).toThrow("does not equal torch.DoubleTensor");
  });
});

test("lists of sizes have one number for each of two dimensions", () => {
  expect(() => F.unfold(plane, [2, 2], { padding: [0] })).toThrow("It is expected padding equals to 2, but got size 1");
  expect(() => F.fold(torch.ones(1, 4, 1), [2], [2, 2])).toThrow("It is expected output_size equals to 2");
});

test("classes given where probabilities would stand are refused", () => {
  expect(() => F.crossEntropy(T([1, 2]), torch.tensor([0, 1]))).toThrow(
    "Expected floating point type for target with class probabilities, got Long",
  );
});

test("rows without columns have numbers as well", () => {
  expect(() => F.embedding(torch.tensor([[1]]), torch.zeros(1, 0))).toThrow("index out of range in self");
});

test("a bias broadcasts to what it is added to, in every dimension", () => {
  const [x, w] = [torch.ones(5, 1), torch.ones(3, 1)];
  expect(F.linear(x, w, torch.ones(5, 1)).tolist()[0]).toEqual([2, 2, 2]);
  expect(() => F.linear(x, w, torch.ones(2, 3))).toThrow(
    "The expanded size of the tensor (5) must match the existing size (2) at non-singleton dimension 0",
  );
});

test("a value below zero is no byte to pad with", () => {
  expect(() => F.pad(bytes(1).unsqueeze(0), [1, 1], { value: -1 })).toThrow("type uint8_t without overflow");
  expect(F.pad(bytes(1).unsqueeze(0), [0, 0], { value: -1 }).tolist()).toEqual([[1]]);
});

test("lengths below eps count as eps, whose sign does not matter, and 0-d operands do not raise the dtype", () => {
  expect(torch.cosineSimilarity(T([1, 2]), T([3, 1]), 0, -100).item()).toBeCloseTo(0.0005, 7);
  expect(torch.cosineSimilarity(T([[1]]), torch.tensor(1, { dtype: torch.float64 })).dtype).toBe(torch.float32);
});

test("the norm of nothing is 0 in every order", () => {
  for (const p of [-1, 0, 3, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(torch.zeros(0).norm(p).item()).toBe(0);
  }
});

test("a place that is no number is the first in images and the last in volumes", () => {
  const options = { paddingMode: "border", mode: "nearest", alignCorners: true } as const;
  const image = torch.arange(1, 7).to(torch.float32).reshape(1, 1, 2, 3);
  expect(F.gridSample(image, T([[[[Number.NaN, 0]]]]), options).item()).toBe(1);
  const volume = torch.arange(1, 9).to(torch.float32).reshape(1, 1, 2, 2, 2);
  expect(F.gridSample(volume, T([[[[[Number.NaN, 0, -1]]]]]), options).item()).toBe(4);
});

describe("attention", () => {
  const [q, k, v] = [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [1, 1],
      [2, 0],
    ],
    [
      [1, 2],
      [3, 5],
    ],
  ].map((rows) => T([rows]));
  const expectNear = (found: torch.Tensor, numbers: readonly number[]) => {
    (found.reshape(-1).tolist() as number[]).forEach((value, at) => {
      expect(value).toBeCloseTo(numbers[at], 5);
    });
  };

  test("takes masks of what may be seen, and of numbers to add", () => {
    expectNear(F.scaledDotProductAttention(q, k, v), [2.339523, 4.009285, 1.660477, 2.990716]);
    const causal = [1, 2, 1.660477, 2.990716];
    expectNear(F.scaledDotProductAttention(q, k, v, { isCausal: true }), causal);
    const seen = torch.ones(2, 2, { dtype: torch.bool }).tril();
    expectNear(F.scaledDotProductAttention(q, k, v, seen), causal);
    const added = T([
      [0, Number.NEGATIVE_INFINITY],
      [0, 0],
    ]);
    expectNear(F.scaledDotProductAttention(q, k, v, added), causal);
    expectNear(F.scaledDotProductAttention(q, k, v, { scale: 0.5 }), [2.244919, 3.867378, 1.755081, 3.132622]);
  });

  test("refuses a mask beside the causal one, and mixed dtypes", () => {
    expect(() => F.scaledDotProductAttention(q, k, v, torch.ones(2, 2), 0, true)).toThrow(
      "Explicit attn_mask should not be set when is_causal=True",
    );
    expect(() => F.scaledDotProductAttention(q, k.double(), v)).toThrow(
      "Expected query, key, and value to have the same dtype, but got query.dtype: torch.float32 key.dtype: torch.float64",
    );
    expect(() => F.scaledDotProductAttention(x, k, v)).toThrow("at least 2 dimensional");
  });
});
