// Which nodes operations leave in the graph: their names, what they connect, and what they know of tensors that changed since. Names
// and numbers are PyTorch's.

import { inspect } from "node:util";
import * as torch from "cresset";
import { expect, test } from "vitest";

const F = torch.nn.functional;
const leaf = (value: torch.NestedArray<number>) => torch.tensor(value, { dtype: torch.float32, requiresGrad: true });
const name = (x: torch.Tensor) => x.gradFn?.name();

test("of operations in place", () => {
  const x = () => leaf([[1, -2, 3]]).mul(1);
  const activations: ((x: torch.Tensor, options: { inplace: true }) => torch.Tensor)[] = [
    F.elu,
    F.celu,
    F.selu,
    F.leakyRelu,
    F.rrelu,
    F.relu,
    F.silu,
  ];
  expect(activations.map((f) => name(f(x(), { inplace: true })))).toEqual(
    ["Elu", "Celu", "Elu", "LeakyRelu", "RreluWithNoise", "Relu", "Silu"].map(
      (word, k) => `${word}Backward${k < 5 ? 1 : 0}`,
    ),
  );
  expect([name(x().cumsum_(1)), name(x().cumprod_(1))]).toEqual(["CumsumBackward0", "CumprodBackward0"]);
});

test("are shown by their names", () => {
  const { gradFn } = leaf([1]).mul(2);
  expect([inspect(gradFn), `${gradFn}`]).toEqual(["<MulBackward0 object>", "<MulBackward0 object>"]);
});

test("of a view whose shape changes in place: the base keeps its node", () => {
  const x = leaf([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const base = x.mul(2);
  const view = base.narrow(1, 0, 2);
  view.transpose_(0, 1);
  expect([name(view), view.gradFn?.nextFunctions[0][0]?.name(), name(base)]).toEqual([
    "TransposeBackward1",
    "SliceBackward0",
    "MulBackward0",
  ]);
  view
    .mul(torch.tensor([[1], [10]]))
    .sum()
    .backward();
  expect(x.grad?.tolist()).toEqual([
    [2, 20, 0],
    [2, 20, 0],
  ]);
});

test("a node gets gradients of the shape that it gave, whatever the tensor became without recording", () => {
  const [a, b] = [leaf([[1, 2]]), leaf([3, 4])];
  const y = a.matmul(b);
  torch.noGrad(() => y.unsqueeze_(0));
  y.backward(torch.tensor([[2]]));
  const z = torch.cat([b, b]);
  torch.noGrad(() => z.unsqueeze_(0));
  z.sum(0, true).sum().backward();
  expect([a.grad?.tolist(), b.grad?.tolist()]).toEqual([[[6, 8]], [4, 6]]);
});

test("slices of a whole dimension: left out among other indices", () => {
  const x = leaf([[1, 2]]).mul(1);
  const target = () => torch.zeros(1, 2);
  const value = leaf([5, 6]);
  expect([name(x.at(":1")), name(x.at(":1", 0)), name(x.at(":1", "...")), name(x.at(":5", "..."))]).toEqual([
    "SliceBackward0",
    "SelectBackward0",
    "AliasBackward0",
    "SliceBackward0",
  ]);
  expect(name(target().setAt([":1"], value))).toBe("torch::autograd::CopyBackwards");
  expect(name(target().setAt([":"], value))).toBe("torch::autograd::CopySlices");
});

test("results that PyTorch keeps must not be written before backward, read or not", () => {
  for (const f of [(x: torch.Tensor) => x.prod(), (x: torch.Tensor) => x.prod(0)]) {
    const y = f(leaf([2, 3]));
    y.mul_(2);
    expect(() => y.backward()).toThrow("modified by an inplace operation");
  }
  const sign = leaf([1, -1]);
  const factor = sign.mul(1);
  const signed = torch.copysign(torch.ones(2), factor);
  factor.mul_(2);
  signed.sum().backward();
  expect(sign.grad?.tolist()).toEqual([0, 0]);
  const y = torch.copysign(torch.ones(2), sign).sum();
  y.backward();
  expect(() => y.backward()).toThrow("backward through the graph a second time");
});

test("values along a dimension of a single number", () => {
  const x = leaf(2);
  const found = [x.max(0)[0], x.min(0)[0], x.mode(0)[0], x.sort(0)[0]];
  expect(found.map(name)).toEqual(["MaxBackward0", "MinBackward0", "ModeBackward0", "SortBackward0"]);
  found[0].backward();
  expect(x.grad?.item()).toBe(1);
  expect(leaf([1, 2]).median()._base).toBe(null);
});

test("gradients of a convolution depend on the operands, also where they do not change with them", () => {
  const w = leaf([[[1, 2]]]);
  const y = F.conv1d(torch.ones(1, 1, 3), w).sum();
  const [g] = torch.autograd.grad(y, w, { createGraph: true });
  expect([g.tolist(), name(g)]).toEqual([[[[2, 2]]], "ConvolutionBackwardBackward0"]);
  g.sum().backward();
  expect(w.grad?.tolist()).toEqual([[[0, 0]]]);
});

test("a tensor copied into itself stays, also where its elements share a place", () => {
  const x = torch.tensor(3).expand(2);
  expect(x.copy_(x).tolist()).toEqual([3, 3]);
});

test("a leaf that a write made part of a graph takes no more gradients", () => {
  const x = leaf([1, 2]);
  const y = x.mul(2).sum();
  x.detach_();
  x.copy_(leaf([3, 4]));
  expect(() => y.backward()).toThrow("leaf variable has been moved into the graph interior");
});

test("the mean of a whole plane has a gradient that depends on nothing", () => {
  const x = leaf([[[1, 2]]]);
  const [whole] = torch.autograd.grad(F.adaptiveAvgPool2d(x, 1).sum(), x, { createGraph: true });
  const [halves] = torch.autograd.grad(F.adaptiveAvgPool2d(x, [1, 2]).sum(), x, { createGraph: true });
  expect([whole.requiresGrad, halves.requiresGrad]).toEqual([false, true]);
});

test("memory that `data` brings leaves the version as it was", () => {
  const x = torch.ones(2);
  x.fill_(3);
  const other = torch.zeros(2);
  x.data = other;
  expect([x._version, other._version]).toEqual([1, 0]);
  other.add_(1);
  expect([x.tolist(), x._version]).toEqual([[1, 1], 1]);
});

test("parts of empty tensors take part in products; the largest of NaN has no gradient that is a number", () => {
  const [, a, b] = torch.ones(3, 0).double().unbind(0);
  expect(a.matmul(b).item()).toBe(0);
  const x = leaf([1, Number.NaN]);
  x.amax(0).backward();
  expect(x.grad?.tolist()).toEqual([Number.NaN, Number.NaN]);
});

test("of normalisations and recurrent layers: which results are views, and of what", () => {
  const x = torch.ones(2, 4, 5, { requiresGrad: true });
  const made = (y: torch.Tensor) => [name(y), y._view === null ? null : (name(y._view.base) ?? null)];
  expect(made(F.groupNorm(x, 2))).toEqual(["NativeGroupNormBackward0", null]);
  expect(made(F.groupNorm(x, 2).relu_())).toEqual(["ReluBackward0", null]);
  expect(made(F.instanceNorm(x))).toEqual(["ViewBackward0", "NativeBatchNormBackward0"]);
  const batchFirst = { batchFirst: true };
  expect(made(new torch.nn.RNN(5, 3, batchFirst).forward(x)[0])).toEqual(["TransposeBackward1", null]);
  expect(made(new torch.nn.GRU(5, 3, batchFirst).forward(x)[0])).toEqual(["TransposeBackward1", null]);
  expect(made(new torch.nn.LSTM(5, 3, batchFirst).forward(x)[0])).toEqual(["TransposeBackward0", "StackBackward0"]);
});

test("of a matrix times batches: a view where one row or column comes out", () => {
  const product = (a: readonly number[], b: torch.Tensor) => {
    const y = torch.ones([...a], { requiresGrad: true }).matmul(b);
    return [y.shape, name(y), y._view === null ? null : name(y._view.base)];
  };
  expect(product([2, 3], torch.ones(2, 3, 4))).toEqual([[2, 2, 4], "CloneBackward0", null]);
  for (const [a, b] of [
    [
      [2, 3],
      [2, 3, 1],
    ],
    [
      [1, 3],
      [2, 3, 4],
    ],
    [
      [1, 3],
      [2, 2, 3, 1],
    ],
  ]) {
    const sizes = [...b.slice(0, -2), a[0], b[b.length - 1]];
    expect(product(a, torch.ones(b))).toEqual([sizes, "TransposeBackward0", "UnsafeViewBackward0"]);
  }
  const byColumns = torch.ones(2, 1, 3).transpose(1, 2);
  expect(product([2, 3], byColumns)).toEqual([[2, 2, 1], "UnsafeViewBackward0", null]);
  const x = leaf([[1, 2]]);
  x.matmul(
    torch
      .tensor([
        [[1], [2]],
        [[3], [5]],
      ])
      .float(),
  )
    .mul(torch.tensor([2, 3]).reshape([2, 1, 1]))
    .sum()
    .backward();
  expect(x.grad?.tolist()).toEqual([[11, 19]]);
});
