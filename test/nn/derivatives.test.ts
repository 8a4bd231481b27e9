// Derivatives of torch.nn.functional, first and second, against finite differences: every function that has a derivative of its
// own, away from the points where it jumps.

import * as torch from "cresset";
import { beforeEach, describe, expect, test } from "vitest";
import { checkSecondDerivatives } from "../support/second-derivatives";

const { nn } = torch;
const F = nn.functional;
const { float64 } = torch;

type Make = () => torch.Tensor;
type Case = [name: string, run: (...inputs: torch.Tensor[]) => torch.Tensor, inputs: Make[]];

const normal =
  (...size: number[]): Make =>
  () =>
    torch.randn(size, { dtype: float64, requiresGrad: true });
/** Within (0, 1), away from both ends. */
const probability =
  (...size: number[]): Make =>
  () =>
    torch.rand(size, { dtype: float64 }).mul(0.8).add(0.1).requiresGrad_();
const constant = (make: Make): torch.Tensor => make().detach();

const smooth: Case[] = [
  ["elu", (x) => F.elu(x, 0.7), [normal(3, 4)]],
  ["celu", (x) => F.celu(x, 1.5), [normal(3, 4)]],
  ["selu", (x) => F.selu(x), [normal(3, 4)]],
  ["leakyRelu", (x) => F.leakyRelu(x, 0.2), [normal(3, 4)]],
  ["prelu", (x, w) => F.prelu(x, w), [normal(3, 4), normal(4)]],
  ["gelu", (x) => F.gelu(x), [normal(3, 4)]],
  ["gelu by tanh", (x) => F.gelu(x, { approximate: "tanh" }), [normal(3, 4)]],
  ["silu", (x) => F.silu(x), [normal(3, 4)]],
  ["mish", (x) => F.mish(x), [normal(3, 4)]],
  ["softplus", (x) => F.softplus(x, 2, 3), [normal(3, 4)]],
  ["hardtanh", (x) => F.hardtanh(x), [normal(3, 4)]],
  ["hardsigmoid", (x) => F.hardsigmoid(x), [normal(3, 4)]],
  ["hardswish", (x) => F.hardswish(x), [normal(3, 4)]],
  ["logsigmoid", (x) => F.logsigmoid(x), [normal(3, 4)]],
  ["softshrink", (x) => F.softshrink(x, 0.3), [normal(3, 4)]],
  ["hardshrink", (x) => F.hardshrink(x, 0.3), [normal(3, 4)]],
  ["threshold", (x) => F.threshold(x, 0.1, 5), [normal(3, 4)]],
  ["softsign", (x) => F.softsign(x), [normal(3, 4)]],
  ["tanhshrink", (x) => F.tanhshrink(x), [normal(3, 4)]],
  ["glu", (x) => F.glu(x, 1), [normal(3, 4)]],
  ["mseLoss", (x, y) => F.mseLoss(x, y), [normal(3, 4), normal(3, 4)]],
  ["smoothL1Loss", (x, y) => F.smoothL1Loss(x, y, { beta: 0.6 }), [normal(3, 4), normal(3, 4)]],
  ["huberLoss", (x, y) => F.huberLoss(x, y, { delta: 0.6 }), [normal(3, 4), normal(3, 4)]],
  ["binaryCrossEntropy", (x, y) => F.binaryCrossEntropy(x, y), [probability(3, 4), probability(3, 4)]],
  [
    "binaryCrossEntropyWithLogits",
    (x, y) => F.binaryCrossEntropyWithLogits(x, y, { posWeight: WEIGHTS }),
    [normal(3, 4), probability(3, 4)],
  ],
  ["softMarginLoss", (x) => F.softMarginLoss(x, WEIGHTS.expand(3, 4)), [normal(3, 4)]],
  ["nllLoss", (x) => F.nllLoss(x, torch.tensor([1, 3, 0]), { weight: WEIGHTS, ignoreIndex: 3 }), [normal(3, 4)]],
  ["crossEntropy", (x) => F.crossEntropy(x, torch.tensor([1, 3, 0]), { labelSmoothing: 0.2 }), [normal(3, 4)]],
  ["crossEntropy of pixels", (x) => F.crossEntropy(x, PIXELS, { reduction: "none" }), [normal(2, 3, 2)]],
  ["crossEntropy of probabilities", (x, y) => F.crossEntropy(x, y), [normal(3, 4), probability(3, 4)]],
  ["linear", (x, w, b) => F.linear(x, w, b), [normal(3, 4), normal(2, 4), normal(2)]],
  ["linear of batches", (x, w, b) => F.linear(x, w, b), [normal(2, 3, 4), normal(2, 4), normal(2)]],
  ["linear of a vector", (x, w) => F.linear(x, w), [normal(4), normal(2, 4)]],
  ["bilinear", (x, y, w, b) => F.bilinear(x, y, w, b), [normal(3, 2), normal(3, 4), normal(2, 2, 4), normal(2)]],
  ["layerNorm", (x, w, b) => F.layerNorm(x, [4], w, b), [normal(3, 4), normal(4), normal(4)]],
  ["batchNorm", (x, w, b) => F.batchNorm(x, null, null, w, b, true), [normal(4, 3, 2), normal(3), normal(3)]],
  [
    "batchNorm with given statistics",
    (x, w, b) => F.batchNorm(x, STATISTICS.mean, STATISTICS.variance, w, b),
    [normal(4, 3), normal(3), normal(3)],
  ],
  ["groupNorm", (x, w, b) => F.groupNorm(x, 2, w, b), [normal(2, 4, 3), normal(4), normal(4)]],
  ["instanceNorm", (x) => F.instanceNorm(x), [normal(2, 3, 4)]],
  ["localResponseNorm", (x) => F.localResponseNorm(x, 3, 0.5), [normal(2, 4, 3)]],
  [
    "embedding",
    (w) =>
      F.embedding(
        torch.tensor([
          [1, 0],
          [1, 2],
        ]),
        w,
      ),
    [normal(3, 4)],
  ],
  ["pad by reflection", (x) => F.pad(x, [1, 2], "reflect"), [normal(2, 2, 4)]],
  ["pad by a value", (x) => F.pad(x, [1, -1, 2, 0]), [normal(3, 4)]],
  ["interpolate", (x) => F.interpolate(x, { size: [5, 3], mode: "bicubic" }), [normal(1, 2, 4, 4)]],
  ["pixelShuffle", (x) => F.pixelShuffle(x, 2), [normal(1, 4, 2, 3)]],
  ["cosineSimilarity", (x, y) => F.cosineSimilarity(x, y), [normal(3, 4), normal(3, 4)]],
  ["pairwiseDistance", (x, y) => F.pairwiseDistance(x, y), [normal(3, 4), normal(3, 4)]],
];

const WEIGHTS = torch.tensor([0.5, 1.5, 1, 2], { dtype: float64 });
const PIXELS = torch.tensor([
  [0, 2],
  [1, 1],
]);
const STATISTICS = {
  mean: torch.tensor([0.1, -0.2, 0.3], { dtype: float64 }),
  variance: torch.tensor([0.9, 1.1, 2], { dtype: float64 }),
};

beforeEach(() => {
  torch.manualSeed(3);
});

describe.each(smooth)("%s", (_, run, makes) => {
  test("has the derivatives of its values", () => {
    const inputs = makes.map((make) => make());
    expect(torch.autograd.gradcheck(run, inputs)).toBe(true);
  });

  test("has the derivatives of its derivatives", () => {
    const inputs = makes.map((make) => make());
    expect(checkSecondDerivatives(run, inputs)).toBe(true);
  });
});

describe("recurrent networks", () => {
  type Network = torch.nn.RNN | torch.nn.LSTM | torch.nn.GRU;
  const networks: [string, (hidden: number) => Network][] = [
    ["RNN", (hidden) => new nn.RNN(2, hidden, { bidirectional: true, dtype: float64 })],
    ["LSTM", (hidden) => new nn.LSTM(2, hidden, { dtype: float64 })],
    ["LSTM with projections", (hidden) => new nn.LSTM(2, hidden + 1, { projSize: hidden, dtype: float64 })],
    ["GRU", (hidden) => new nn.GRU(2, hidden, { numLayers: 2, dtype: float64 })],
  ];

  /** The network as a function of its input and its weights. */
  function asFunction(network: Network): [run: Case[1], weights: torch.Tensor[]] {
    const names = Object.keys(network.stateDict());
    const run = (x: torch.Tensor, ...weights: torch.Tensor[]): torch.Tensor => {
      names.forEach((name, k) => {
        const property = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
        // The graph leads to the weights that the check varies.
        Reflect.set(network, property, Object.setPrototypeOf(weights[k], torch.nn.Parameter.prototype));
      });
      return network(x)[0];
    };
    return [run, network.parameters().map((p) => p.detach().clone().requiresGrad_())];
  }

  test.each(networks)("%s has the derivatives of its values", (_, make) => {
    const [run, weights] = asFunction(make(2));
    expect(torch.autograd.gradcheck(run, [normal(2, 2, 2)(), ...weights])).toBe(true);
  });

  test.each(networks)("%s has the derivatives of its derivatives", (_, make) => {
    const [run, weights] = asFunction(make(1));
    expect(checkSecondDerivatives(run, [normal(2, 1, 2)(), ...weights])).toBe(true);
  });
});

test("dropout scales what it keeps, and its gradient likewise", () => {
  const x = torch.ones(1000, { requiresGrad: true });
  const y = F.dropout(x, 0.25);
  const kept = y.ne(0);
  expect(
    y
      .detach()
      .sub(kept.mul(1 / 0.75))
      .abs()
      .max()
      .item(),
  ).toBeLessThan(1e-6);
  expect(kept.sum().item()).toBeGreaterThan(700);
  y.sum().backward();
  expect(x.grad?.equal(y.detach())).toBe(true);
  expect(F.dropout(x, 0.5, { training: false }) === x).toBe(true);
});

test("in-place activations write over their input", () => {
  const x = constant(normal(5));
  const expected = F.elu(x).tolist();
  expect(F.elu(x, { inplace: true }) === x).toBe(true);
  expect(x.tolist()).toEqual(expected);
});

test("gradients of products of one factor depend on nothing", () => {
  const single: [string, (x: torch.Tensor) => torch.Tensor, number[]][] = [
    ["prod", (x) => x.prod(), []],
    ["cumprod", (x) => x.cumprod(0).sum(), [1, 2]],
  ];
  for (const [name, f, sizes] of single) {
    const x = torch.full(sizes, 1.5).requiresGrad_(true);
    f(x).backward({ createGraph: true });
    expect(x.grad?.requiresGrad, name).toBe(false);
    expect(x.grad?.reshape(-1).tolist(), name).toEqual(new Array(x.numel()).fill(1));
  }
});
