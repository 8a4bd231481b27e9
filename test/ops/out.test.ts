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
