// Functions with signatures: arguments by position and by name are the same call, and wrong calls are refused in PyTorch's words.

import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import * as torch from "cresset";

/** Functions of matrices and numbers, with arguments in order and their names. */
const calls: [name: string, args: unknown[], names: string[]][] = [
  ["add", [2], ["other"]],
  ["mul", [3], ["other"]],
  ["pow", [2], ["exponent"]],
  ["clamp", [1, 2], ["min", "max"]],
  ["lerp", [torch.ones(2, 3), 0.5], ["end", "weight"]],
  ["maximum", [torch.full([2, 3], 2)], ["other"]],
  ["sum", [1, true], ["dim", "keepdim"]],
  ["amax", [[0, 1]], ["dim"]],
  ["cumsum", [1], ["dim"]],
  ["softmax", [1], ["dim"]],
  ["argmax", [1, true], ["dim", "keepdim"]],
  ["mm", [torch.ones(3, 2)], ["mat2"]],
  ["matmul", [torch.ones(3)], ["other"]],
  ["transpose", [0, 1], ["dim0", "dim1"]],
  ["reshape", [[3, 2]], ["shape"]],
  ["flatten", [0, 1], ["startDim", "endDim"]],
  ["narrow", [1, 0, 2], ["dim", "start", "length"]],
  ["select", [1, 2], ["dim", "index"]],
  ["unfold", [1, 2, 1], ["dimension", "size", "step"]],
  ["diagEmbed", [1], ["offset"]],
  ["tril", [1], ["diagonal"]],
  ["fill", [2], ["value"]],
  ["isclose", [torch.ones(2, 3), 0.1, 2], ["other", "rtol", "atol"]],
  ["take", [torch.tensor([1, 4], { dtype: torch.int64 })], ["index"]],
  ["maskedSelect", [torch.ones(2, 3).bool()], ["mask"]],
  ["selectScatter", [torch.zeros(2), 1, 2], ["src", "dim", "index"]],
  ["sliceScatter", [torch.zeros(2, 2), 1, 1], ["src", "dim", "start"]],
  ["diagonalScatter", [torch.zeros(2), 1], ["src", "offset"]],
];

/** Functions of torch.nn.functional, likewise. */
const functions: [name: string, args: unknown[], names: string[]][] = [
  ["mseLoss", [torch.ones(2, 3), null, null, "sum"], ["target", "sizeAverage", "reduce", "reduction"]],
  ["l1Loss", [torch.ones(2, 3), false], ["target", "sizeAverage"]],
  ["softMarginLoss", [torch.ones(2, 3)], ["target"]],
  ["nllLoss", [torch.tensor([0, 2]), torch.tensor([1, 2, 3.5])], ["target", "weight"]],
  ["crossEntropy", [torch.tensor([0, 2]), null, null, 2], ["target", "weight", "sizeAverage", "ignoreIndex"]],
  ["smoothL1Loss", [torch.ones(2, 3), null, null, "sum", 2], ["target", "sizeAverage", "reduce", "reduction", "beta"]],
  ["huberLoss", [torch.ones(2, 3), "none", 2], ["target", "reduction", "delta"]],
  ["binaryCrossEntropyWithLogits", [torch.ones(2, 3), torch.ones(3)], ["target", "weight"]],
  [
    "klDiv",
    [torch.ones(2, 3), null, null, "batchmean", true],
    ["target", "sizeAverage", "reduce", "reduction", "logTarget"],
  ],
  ["poissonNllLoss", [torch.ones(2, 3), false, true], ["target", "logInput", "full"]],
  ["gaussianNllLoss", [torch.ones(2, 3), torch.ones(2, 3), true], ["target", "var", "full"]],
  ["hingeEmbeddingLoss", [torch.ones(2, 3), 2], ["target", "margin"]],
  ["multiMarginLoss", [torch.tensor([0, 2]), 2, 0.5], ["target", "p", "margin"]],
  ["multilabelMarginLoss", [torch.zeros(2, 3).long()], ["target"]],
  ["multilabelSoftMarginLoss", [torch.ones(2, 3), torch.ones(3)], ["target", "weight"]],
  ["prelu", [torch.tensor(0.5)], ["weight"]],
  ["layerNorm", [[3], torch.ones(3)], ["normalizedShape", "weight"]],
  ["linear", [torch.ones(4, 3), torch.ones(4)], ["weight", "bias"]],
  ["normalize", [1, 0], ["p", "dim"]],
  ["pdist", [1], ["p"]],
];

type Method = (...args: unknown[]) => torch.Tensor;

describe("arguments by name", () => {
  const x = torch.arange(6).to(torch.float32).reshape(2, 3);
  for (const [name, args, names] of calls) {
    test(`of ${name} are those in order`, () => {
      const method: Method = Reflect.get(x, name);
      const options = Object.fromEntries(names.map((key, k) => [key, args[k]]));
      const expected = method.apply(x, args).tolist();
      expect(method.apply(x, [options]).tolist()).toEqual(expected);
      // Some are methods only.
      const f: Method | undefined = Reflect.get(torch, name);
      if (f === undefined) return;
      expect(f(x, options).tolist()).toEqual(expected);
      expect(f({ input: x, ...options }).tolist()).toEqual(expected);
      expect(() => f(x, ...args, { nothing: 1 })).toThrow(/got an unexpected keyword argument 'nothing'/);
      expect(() => f(x, ...args, { [names[0]]: args[0] })).toThrow(/got multiple values for argument/);
      expect(() => f()).toThrow(/missing \d required positional argument/);
      expect(() => f("x", ...args)).toThrow(/argument .\w+. \(position \d\) must be \w+|must be Tensor, not str/);
    });
  }

  for (const [name, args, names] of functions) {
    test(`of nn.functional.${name} are those in order`, () => {
      const f: Method = Reflect.get(torch.nn.functional, name);
      const options = Object.fromEntries(names.map((key, k) => [key, args[k]]));
      const expected = f(x, ...args).tolist();
      expect(f(x, options).tolist()).toEqual(expected);
      expect(f({ input: x, ...options }).tolist()).toEqual(expected);
      expect(() => f(x, ...args, { nothing: 1 })).toThrow(/got an unexpected keyword argument 'nothing'/);
      expect(() => f(x, ...args, { [names[0]]: args[0] })).toThrow(/got multiple values for argument/);
      expect(() => f()).toThrow(/missing \d required positional argument/);
    });
  }

  test("of functions of several inputs are those in order", () => {
    const y = torch.ones(2, 3);
    for (const name of ["pairwiseDistance", "cosineSimilarity"]) {
      const f: Method = Reflect.get(torch.nn.functional, name);
      expect(f({ x1: x, x2: y, eps: 0.1 }).tolist()).toEqual(f(x, y, { eps: 0.1 }).tolist());
    }
    const [input2, weight] = [torch.ones(2, 2), torch.ones(5, 3, 2)];
    const { bilinear } = torch.nn.functional;
    const { marginRankingLoss, cosineEmbeddingLoss, tripletMarginLoss } = torch.nn.functional;
    expect(marginRankingLoss({ input1: x, input2: y, target: y, margin: 2 }).item()).toBe(
      marginRankingLoss(x, y, y, 2).item(),
    );
    const target = torch.ones(2);
    expect(cosineEmbeddingLoss({ input1: x, input2: y, target }).item()).toBe(cosineEmbeddingLoss(x, y, target).item());
    expect(tripletMarginLoss({ anchor: x, positive: y, negative: x, swap: true }).item()).toBe(
      tripletMarginLoss(x, y, x, 1, 2, 1e-6, true).item(),
    );
    expect(bilinear({ input1: x, input2, weight }).tolist()).toEqual(bilinear(x, input2, weight).tolist());
  });

  test("of look-ups and images are those in order", () => {
    const { embedding, embeddingBag, oneHot, glu, pixelShuffle, localResponseNorm } = torch.nn.functional;
    const indices = torch.tensor([[0, 1]]);
    const weight = torch.arange(6).float().reshape(2, 3);
    expect(embedding({ input: indices, weight, paddingIdx: 0 }).tolist()).toEqual(
      embedding(indices, weight, 0).tolist(),
    );
    expect(embeddingBag({ input: indices, weight, mode: "sum" }).tolist()).toEqual([[3, 5, 7]]);
    expect(oneHot({ input: indices, numClasses: 2 }).tolist()).toEqual([
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    const image = torch.arange(4).float().reshape(1, 4, 1, 1);
    expect(glu({ input: image, dim: 1 }).tolist()).toEqual(glu(image, 1).tolist());
    expect(pixelShuffle({ input: image, upscaleFactor: 2 }).tolist()).toEqual(pixelShuffle(image, 2).tolist());
    expect(localResponseNorm({ input: image, size: 2 }).tolist()).toEqual(localResponseNorm(image, 2).tolist());
  });

  test("are written in place", () => {
    const copied = x.clone().copy_({ other: torch.ones(3) });
    expect(copied.tolist()).toEqual(torch.ones(2, 3).tolist());
    expect(copied.fill_({ value: 2 }).tolist()).toEqual(torch.full([2, 3], 2).tolist());
  });

  test("are refused in PyTorch's words", () => {
    const call = (name: string, ...args: unknown[]) => {
      const f: Method = Reflect.get(torch, name);
      return () => f(...args);
    };
    expect(call("sum", 3)).toThrow("sum(): argument 'input' (position 1) must be Tensor, not int");
    expect(call("mul", x, "a")).toThrow("mul(): argument 'other' (position 2) must be Tensor, not str");
    expect(call("mul", x)).toThrow('mul() missing 1 required positional arguments: "other"');
    expect(call("add", x, x, 3)).toThrow("add() takes 2 positional arguments but 3 were given");
    expect(call("add", x, x, { alpha: "a" })).toThrow("add(): argument 'alpha' must be Number, not str");
    expect(call("chunk", x, 2.5)).toThrow("chunk(): argument 'chunks' (position 2) must be int, not float");
    expect(call("chunk", x, 2, 0, 1)).toThrow("chunk() takes from 2 to 3 positional arguments but 4 were given");
    expect(call("maximum", x, 1)).toThrow("maximum(): argument 'other' (position 2) must be Tensor, not int");
  });

  test("of nn.functional are refused in PyTorch's words", () => {
    const call = (name: string, ...args: unknown[]) => {
      const f: Method = Reflect.get(torch.nn.functional, name);
      return () => f(...args);
    };
    expect(call("mseLoss", x)).toThrow("mse_loss() missing 1 required positional argument: 'target'");
    expect(call("linear", x)).toThrow('linear() missing 1 required positional arguments: "weight"');
    expect(call("linear", x, x, 3)).toThrow("linear(): argument 'bias' (position 3) must be Tensor, not int");
    expect(call("nllLoss", x, x, { weights: x })).toThrow("nll_loss() got an unexpected keyword argument 'weights'");
  });

  test("may be 0-d tensors where numbers are expected", () => {
    const functionOf = (name: string): Method => Reflect.get(torch, name);
    const add = functionOf("add");
    expect(add(x, 2, 3).tolist()).toEqual([
      [6, 7, 8],
      [9, 10, 11],
    ]);
    const cumsum = functionOf("cumsum");
    expect(cumsum(x, torch.tensor(0)).tolist()).toEqual(torch.cumsum(x, 0).tolist());
  });
});

test("functions and methods are shown by their names", () => {
  const x = torch.ones(1);
  for (const [f, name] of [
    [torch.add, "add"],
    [torch.cumsum, "cumsum"],
    [x.view, "view"],
    [x.add_, "add_"],
    [x.unsqueeze, "unsqueeze"],
  ] as const)
    expect(inspect(f)).toBe(`[Function: ${name}]`);
});
