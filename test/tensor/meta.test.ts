// The meta device: tensors that have a shape and a dtype, and no elements.

import * as torch from "cresset";
import { expect, test } from "vitest";

const { nn } = torch;
const meta = { device: "meta" };

test("every creation function makes tensors there", () => {
  const made = [
    torch.tensor([1, 2], meta),
    torch.rand(2, meta),
    torch.randn(2, meta),
    torch.randint(0, 3, [2], meta),
    torch.arange(2, meta),
    torch.linspace(0, 1, 2, meta),
    torch.full([2], 1, meta),
    torch.zeros(2, meta),
  ];
  for (const x of made) expect([String(x.device), x.shape]).toEqual(["meta", [2]]);
  expect(String(torch.eye(2, meta).device)).toBe("meta");
});

test("what is made after a tensor there lies there, unless told otherwise", () => {
  const x = torch.empty(2, 3, meta);
  for (const y of [torch.zerosLike(x), torch.fullLike(x, 2), torch.randLike(x), x.newZeros(2), x.newTensor([1])]) {
    expect(String(y.device)).toBe("meta");
  }
  expect(torch.onesLike(x, { device: "cpu" }).tolist()).toEqual([
    [1, 1, 1],
    [1, 1, 1],
  ]);
});

test("tensors go there and do not come back", () => {
  const x = torch.ones(2, 3).to("meta", torch.float64);
  expect([String(x.device), x.dtype, x.shape]).toEqual(["meta", torch.float64, [2, 3]]);
  expect(x.to("meta")).toBe(x);
  expect(x.float().dtype).toBe(torch.float32);
  expect(String(x.data.device)).toBe("meta");
  expect(() => x.cpu()).toThrow("Cannot copy out of meta tensor; no data!");
  expect(() => x.to("cpu")).toThrow("Cannot copy out of meta tensor; no data!");
  expect(() => torch.ones(2, 3).copy_(x)).toThrow("Cannot copy out of meta tensor; no data!");
});

test("writing there does nothing", () => {
  const x = torch.empty(3, meta);
  expect(x.zero_().normal_().copy_(torch.ones(3)).add_(1)).toBe(x);
  expect(x._version).toBe(4);
});

test("layers are made there, and moved there", () => {
  for (const layer of [new nn.Linear(3, 4, meta), new nn.Conv2d(3, 4, 1, meta), new nn.Linear(3, 4).to("meta")]) {
    for (const p of layer.parameters()) expect([String(p.device), p.requiresGrad]).toEqual(["meta", true]);
  }
});
