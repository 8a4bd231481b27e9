// Layers that few networks have: adaptive softmax, fractional pooling, normalisation over channels and by squares.

import * as torch from "cresset";
import { describe, expect, expectTypeOf, test } from "vitest";

const { nn } = torch;
const F = nn.functional;

/** Whether a tensor's elements are these, within the rounding of the written numbers. */
function expectNear(found: torch.Tensor | null, numbers: readonly number[]): void {
  const flat = found?.detach().reshape(-1).tolist() as number[];
  expect(flat.length).toBe(numbers.length);
  flat.forEach((value, k) => {
    expect(value).toBeCloseTo(numbers[k], 5);
  });
}

describe("adaptive softmax", () => {
  const make = () => {
    torch.manualSeed(3);
    return new nn.AdaptiveLogSoftmaxWithLoss(4, 8, [2, 5], { divValue: 2 });
  };

  test("has PyTorch's text and names", () => {
    const layer = make();
    expect(String(layer)).toBe(`AdaptiveLogSoftmaxWithLoss(
  (head): Linear(in_features=4, out_features=4, bias=False)
  (tail): ModuleList(
    (0): Sequential(
      (0): Linear(in_features=4, out_features=2, bias=False)
      (1): Linear(in_features=2, out_features=3, bias=False)
    )
    (1): Sequential(
      (0): Linear(in_features=4, out_features=1, bias=False)
      (1): Linear(in_features=1, out_features=3, bias=False)
    )
  )
)`);
    expect(Object.keys(layer.stateDict())).toEqual([
      "head.weight",
      "tail.0.0.weight",
      "tail.0.1.weight",
      "tail.1.0.weight",
      "tail.1.1.weight",
    ]);
  });

  test("has PyTorch's numbers", () => {
    const layer = make();
    const input = torch.randn(4, 4, { requiresGrad: true });
    const found = layer(input, torch.tensor([1, 4, 7, 2]));
    expect(String(found)).toBe(
      "_ASMoutput(output=tensor([-2.2650, -2.7561, -2.9730, -3.0020], grad_fn=<AddBackward0>), loss=tensor(2.7490, grad_fn=<MeanBackward0>))",
    );
    const [output, loss] = found;
    expect([output === found.output, loss === found.loss]).toEqual([true, true]);
    loss.backward();
    expectNear(
      input.grad,
      [
        -0.066211, 0.069493, -0.120035, -0.090726, -0.084569, -0.146452, 0.021514, -0.119658, 0.081733, -0.008493,
        0.127486, 0.07469, -0.061446, -0.166559, 0.03224, -0.082084,
      ],
    );
    expectNear(layer.tail[1][1].getParameter("weight").grad, [-0.033765, -0.029488, 0.063253]);
    expect(layer.predict(input).tolist()).toEqual([0, 0, 1, 1]);
    expectNear(
      layer.logProb(input).select(0, 0),
      [-0.934485, -2.265, -2.802263, -2.851287, -2.76344, -2.587183, -2.213804, -1.985229],
    );
    expect(layer(input.select(0, 0), torch.tensor(1)).output.item()).toBeCloseTo(-2.265, 5);
  });

  test("refuses targets and cutoffs that do not fit", () => {
    const layer = make();
    const input = torch.ones(2, 4);
    expect(() => layer(input, torch.tensor([0, 8]))).toThrow(
      "Target values should be in [0, 7], but values in range [0, 8] were found. ",
    );
    expect(() => layer(input, torch.tensor([0]))).toThrow(
      "Input and target should have the same size in the batch dimension.",
    );
    expect(() => layer(input, torch.tensor(0))).toThrow(
      "('0D target tensor expects 1D input tensors, but found inputs with size', torch.Size([2, 4]))",
    );
    expect(() => layer(input, torch.tensor([[0]]))).toThrow("0D or 1D target tensor expected");
    for (const cutoffs of [[2, 8], [2, 2], [0, 2], [3, 1], [1.5]]) {
      expect(() => new nn.AdaptiveLogSoftmaxWithLoss(4, 8, cutoffs)).toThrow("cutoffs should be a sequence of unique");
    }
  });
});

describe("fractional maximum pooling", () => {
  const plane = torch.arange(30).to(torch.float32).reshape(1, 1, 5, 6);

  test("chooses PyTorch's windows", () => {
    torch.manualSeed(0);
    const x = plane.clone().requiresGrad_();
    const [values, indices] = new nn.FractionalMaxPool2d(2, { outputSize: [2, 3], returnIndices: true })(x);
    expectTypeOf(values).toEqualTypeOf<torch.Tensor>();
    expect(values.tolist()).toEqual([
      [
        [
          [7, 9, 11],
          [25, 27, 29],
        ],
      ],
    ]);
    expect(indices.tolist()).toEqual(values.tolist());
    values.sum().backward();
    expect(x.grad?.nonzero().narrow(1, 2, 2).tolist()).toEqual([
      [1, 1],
      [1, 3],
      [1, 5],
      [4, 1],
      [4, 3],
      [4, 5],
    ]);
    const cube = torch.arange(120).to(torch.float32).reshape(1, 1, 4, 5, 6);
    expect(new nn.FractionalMaxPool3d(2, { outputRatio: 0.6 })(cube).tolist()).toEqual([
      [
        [
          [
            [37, 39, 41],
            [43, 45, 47],
            [55, 57, 59],
          ],
          [
            [97, 99, 101],
            [103, 105, 107],
            [115, 117, 119],
          ],
        ],
      ],
    ]);
  });

  test("has the derivatives of its values", () => {
    const x = torch.randn(2, 5, 6, { dtype: torch.float64, requiresGrad: true });
    const samples = torch.rand(1, 2, 2, { dtype: torch.float64 });
    const run = (value: torch.Tensor) => F.fractionalMaxPool2d(value, 2, { outputSize: 3, _randomSamples: samples });
    expect(torch.autograd.gradcheck(run, [x])).toBe(true);
    expect(torch.equal(run(x), run(x))).toBe(true);
  });

  test("says what is missing, and what does not fit", () => {
    expect(() => new nn.FractionalMaxPool2d(2)).toThrow(
      "FractionalMaxPool2d requires specifying either an output size, or a pooling ratio",
    );
    expect(() => new nn.FractionalMaxPool2d(2, 3, 0.5)).toThrow(
      "only one of output_size and output_ratio may be specified",
    );
    expect(() => new nn.FractionalMaxPool3d(2, { outputRatio: 1.5 })).toThrow(
      "output_ratio must be between 0 and 1 (got 1.5)",
    );
    expect(() => F.fractionalMaxPool2d(plane, 2)).toThrow(
      "fractional_max_pool2d requires specifying either an output_size or an output_ratio",
    );
    expect(() => F.fractionalMaxPool2d(plane, 2, 6)).toThrow(
      "fractional_max_pool2d(): pool height 2 too large relative to input height 5",
    );
  });
});

describe("normalisation", () => {
  test("over neighbouring channels as Lua Torch did it", () => {
    const x = torch.tensor([1, 2, 3, 4], { dtype: torch.float32 }).reshape(1, 4, 1, 1).requiresGrad_();
    const layer = new nn.CrossMapLRN2d(3, { alpha: 0.5, beta: 0.5, k: 2 });
    expect(String(layer)).toBe("CrossMapLRN2d(3, alpha=0.5, beta=0.5, k=2)");
    const out = layer(x);
    out.sum().backward();
    expectNear(out, [0.594088, 0.960769, 1.133893, 1.589439]);
    expectNear(x.grad, [0.559142, 0.336586, 0.081275, -0.02575]);
  });

  test("by the mean of squares", () => {
    const layer = new nn.RMSNorm(2, { eps: 0.5 });
    expect(String(layer)).toBe("RMSNorm((2,), eps=0.5, elementwise_affine=True)");
    const x = torch.tensor([
      [1, 2],
      [3, -1],
    ]);
    expectNear(layer(x.to(torch.float32)), [0.57735, 1.154701, 1.279204, -0.426401]);
    expect(() => layer(torch.ones(2, 3))).toThrow(
      "Given normalized_shape=[2], expected input with shape [*, 2], but got input of size[2, 3]",
    );
  });

  test("of batches of several processes needs a GPU", () => {
    const model = nn.SyncBatchNorm.convertSyncBatchnorm(
      new nn.Sequential(new nn.BatchNorm2d(2), new nn.Sequential(new nn.BatchNorm1d(3, { affine: false }))),
    );
    expect(String(model)).toBe(`Sequential(
  (0): SyncBatchNorm(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (1): Sequential(
    (0): SyncBatchNorm(3, eps=1e-05, momentum=0.1, affine=False, track_running_stats=True)
  )
)`);
    expect(() => model(torch.ones(1, 2, 2, 2))).toThrow("SyncBatchNorm expected input tensor to be on GPU");
  });
});
