// The option `out`: where results go, and what happens to a tensor of another shape.

import * as torch from "cresset";
import { expect, test } from "vitest";

test("a tensor that is resized keeps its memory, which grows where it is too small: views see the result", () => {
  const small = torch.zeros(2);
  const view = small.view(2);
  torch.add(torch.ones(3), 1, { out: small });
  const large = torch.zeros(4);
  const whole = large.view(4);
  torch.add(torch.ones(3), 2, { out: large });
  expect([small, view, large, whole].map((x) => x.tolist())).toEqual([
    [2, 2, 2],
    [2, 2],
    [3, 3, 3],
    [3, 3, 3, 0],
  ]);
  const middle = torch.arange(6).at("2:4");
  torch.mul(torch.tensor([7, 8, 9]), 1, { out: middle });
  expect([middle.tolist(), middle.asStrided([2], [1], 0).tolist()]).toEqual([
    [7, 8, 9],
    [0, 1],
  ]);
});

test("a result that would be recorded is refused", () => {
  const x = torch.ones(2, { requiresGrad: true });
  expect(() => torch.add(x, 1, { out: torch.empty(2) })).toThrow(
    "add(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.",
  );
  const out = torch.empty(2);
  expect(torch.noGrad(() => torch.add(x, 1, { out })).tolist()).toEqual([2, 2]);
});

test("memory that a typed array shares cannot grow", () => {
  const x = torch.fromTypedArray(new Float32Array(2));
  expect(() => torch.add(torch.ones(3), 1, { out: x })).toThrow("Trying to resize storage that is not resizable");
});

test("memory in common with an operand is looked at before the shape changes", () => {
  const x = torch.tensor([1, 2]);
  // Another view of the operand in another shape, and elements that share a place.
  expect(() => torch.exp(x.view(1, 2), { out: x.at(":") })).toThrow("refer to a single memory location");
  expect(() => torch.mul(x, x, { out: torch.zeros(1).expand(3) })).toThrow("refers to a single memory location");
  expect(() => torch.add(x, torch.ones(2, 1), { out: x })).toThrow(
    "output with shape [2] doesn't match the broadcast shape [2, 2]",
  );
  const column = torch.tensor([[1], [2]], { dtype: torch.float32 });
  expect(torch.add(column.at(":"), torch.ones(2, 2), { out: column }).tolist()).toEqual([
    [2, 2],
    [3, 3],
  ]);
});

test("a tensor that is resized lies in the order of the operands", () => {
  const base = torch.zeros(8);
  const x = base.detach();
  torch.mul(
    torch.tensor([1, 2]).float(),
    torch
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .float()
      .t(),
    { out: x },
  );
  expect(x.strides).toEqual([1, 2]);
  expect(base.tolist()).toEqual([1, 2, 6, 8, 0, 0, 0, 0]);
});

const m = torch.arange(6).float().reshape(2, 3);
const square = torch.tensor([
  [1, 2],
  [3, 4.5],
]);
const v = torch.tensor([0.5, 2, 1]);
const rows = torch.tensor([1, 0]);

/** Functions of one result, called with `out` and without. */
const single: { readonly [name: string]: (options: { out?: torch.Tensor }) => torch.Tensor } = {
  cat: (o) => torch.cat([m, m], 1, o),
  stack: (o) => torch.stack([m, m], o),
  vstack: (o) => torch.vstack([m, v], o),
  addmm: (o) => torch.addmm(square, square, square, { alpha: 2, ...o }),
  mv: (o) => torch.mv(m, v, o),
  dot: (o) => torch.dot(v, v, o),
  outer: (o) => torch.outer(v, v, o),
  amax: (o) => torch.amax(m, 1, o),
  cumsum: (o) => torch.cumsum(m, 0, { dtype: torch.float64, ...o }),
  logsumexp: (o) => torch.logsumexp(m, 1, true, o),
  quantile: (o) => torch.quantile(v, 0.5, o),
  gather: (o) => torch.gather(m, 1, rows.reshape(2, 1), o),
  indexSelect: (o) => torch.indexSelect(m, 0, rows, o),
  maskedSelect: (o) => torch.maskedSelect(m, m.gt(2), o),
  histc: (o) => torch.histc(v, 3, o),
  tril: (o) => torch.tril(square, o),
  kron: (o) => torch.kron(square, v, o),
};

test.each(Object.entries(single))("%s writes its result into the tensor given", (_name, call) => {
  const expected = call({});
  const out = torch.empty(0, { dtype: expected.dtype });
  expect(call({ out })).toBe(out);
  expect([out.shape, out.tolist()]).toEqual([expected.shape, expected.tolist()]);
  expect(() => call({ out: torch.empty(0, { dtype: torch.int8 }) })).toThrow("Expected out tensor to have dtype");
});

test("several results go into the tensors given, under their names", () => {
  const [values, indices] = [torch.empty(0), torch.empty(0, { dtype: torch.int64 })];
  const sorted = torch.sort(v, { descending: true, out: [values, indices] });
  expect([sorted.values === values, sorted.indices === indices]).toEqual([true, true]);
  expect([values.tolist(), indices.tolist()]).toEqual([
    [2, 1, 0.5],
    [1, 2, 0],
  ]);
  expect(torch.topk(v, 2, { out: [values, indices] }).values.tolist()).toEqual([2, 1]);
  const { min, max } = torch.aminmax(v);
  expect([min.item(), max.item()]).toEqual([0.5, 2]);
  expect(() => torch.sort(v, { out: [values] })).toThrow("sort(): expected a tuple of 2 elements but got 1");
});
