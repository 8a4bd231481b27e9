// Elements as JavaScript reads them: in row order, whatever the strides, in one piece.

import { Worker } from "node:worker_threads";
import * as torch from "cresset";
import { expect, test } from "vitest";
import { root } from "../support/child";

test("tolist, toTypedArray and text of a strided tensor follow its shape", () => {
  const x = torch.arange(6).view(2, 3);
  expect(x.t().tolist()).toEqual([
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
  expect([...x.t().toTypedArray()]).toEqual([0n, 3n, 1n, 4n, 2n, 5n]);
  expect(x.flip(1).at(":", "::2").tolist()).toEqual([
    [2, 0],
    [5, 3],
  ]);
  expect(torch.tensor([7, 8]).expand(2, 2).tolist()).toEqual([
    [7, 8],
    [7, 8],
  ]);
  expect(String(x.t())).toBe("tensor([[0, 3],\n        [1, 4],\n        [2, 5]])");
  expect(String(torch.arange(4000).view(40, 100).t())).toBe(
    [
      "tensor([[   0,  100,  200,  ..., 3700, 3800, 3900],",
      "        [   1,  101,  201,  ..., 3701, 3801, 3901],",
      "        [   2,  102,  202,  ..., 3702, 3802, 3902],",
      "        ...,",
      "        [  97,  197,  297,  ..., 3797, 3897, 3997],",
      "        [  98,  198,  298,  ..., 3798, 3898, 3998],",
      "        [  99,  199,  299,  ..., 3799, 3899, 3999]])",
    ].join("\n"),
  );
});

test("elements of every dtype", () => {
  const { bool, uint8, int16, int64, float16, bfloat16, float64 } = torch;
  expect(torch.tensor([true, false]).tolist()).toEqual([true, false]);
  for (const dtype of [uint8, int16, int64, float16, bfloat16, float64]) {
    expect(torch.tensor([0, 3, 7], { dtype }).tolist()).toEqual([0, 3, 7]);
  }
  expect(torch.tensor([[2n ** 53n, 2n ** 53n + 1n, -(2n ** 62n)]]).tolist()).toEqual([
    [2 ** 53, 2n ** 53n + 1n, -(2n ** 62n)],
  ]);
  expect(torch.tensor([0.5, Number.NaN, Number.POSITIVE_INFINITY], { dtype: bfloat16 }).tolist()).toEqual([
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ]);
  expect(torch.zeros(2, 0).tolist()).toEqual([[], []]);
  expect(torch.tensor(3, { dtype: bool }).tolist()).toBe(true);
});

test("functions that read positions or lengths take strided tensors", () => {
  const { embeddingBag, ctcLoss } = torch.nn.functional;
  const weight = torch.tensor([
    [1, 2],
    [3, 4],
    [5, 6.5],
  ]);
  const offsets = torch.tensor([0, 9, 2, 9]).at("::2");
  expect(embeddingBag(torch.tensor([0, 1, 2, 0]), weight, offsets, { mode: "sum" }).tolist()).toEqual([
    [4, 6],
    [6, 8.5],
  ]);
  const logProbs = torch.zeros(5, 2, 3).logSoftmax(-1);
  const targets = torch.tensor([
    [1, 2],
    [2, 1],
  ]);
  const lengths = torch.tensor([2, 2]);
  const strided = ctcLoss(logProbs, targets, torch.tensor([5, 1, 5, 1]).at("::2"), torch.tensor(2).expand(2));
  expect(strided.item()).toBe(ctcLoss(logProbs, targets, torch.tensor([5, 5]), lengths).item());
});

test("a SharedArrayBuffer is one memory for the tensors of two threads", async () => {
  const buffer = new SharedArrayBuffer(16);
  const x = torch.fromTypedArray(new Float32Array(buffer));
  x.fill_(1);
  const source = `
    const { parentPort, workerData } = require("node:worker_threads");
    const torch = require("cresset");
    const y = torch.fromTypedArray(new Float32Array(workerData));
    const seen = y.tolist();
    y.at("1:").mul_(3);
    parentPort.postMessage(seen);
  `;
  const worker = new Worker(`require = require("node:module").createRequire(${JSON.stringify(`${root}/`)});${source}`, {
    eval: true,
    workerData: buffer,
  });
  const seen = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await worker.terminate();
  expect(seen).toEqual([1, 1, 1, 1]);
  expect(x.tolist()).toEqual([1, 3, 3, 3]);
  expect(x.add(1).tolist()).toEqual([2, 4, 4, 4]);
});

test("text of a tensor without dimensions is that of its number, as an f-string has it", () => {
  const scalars = [
    torch.tensor(0.5),
    torch.tensor(8),
    torch.tensor(true),
    torch.tensor(1e-5, { dtype: torch.float64 }),
  ];
  expect(scalars.map((x) => `${x}`)).toEqual(["0.5", "8", "True", "1e-05"]);
  expect([String(torch.tensor(Number.NaN)), `loss ${torch.tensor(-0.5)}`]).toEqual(["nan", "loss -0.5"]);
  expect([`${torch.tensor([0.5])}`, scalars[0].toString()]).toEqual(["tensor([0.5000])", "tensor(0.5000)"]);
  expect(String(torch.ones([], { device: "meta" }))).toBe("tensor(..., device='meta', size=())");
});

test("toFixed writes a number as the format .nf of an f-string", () => {
  const fixed = (x: number | boolean, digits?: number): string =>
    torch.tensor(x, typeof x === "boolean" ? {} : { dtype: torch.float64 }).toFixed(digits);
  expect([fixed(2.5), fixed(3.5, 0), fixed(0.125, 2), fixed(0.375, 2), fixed(-0.001, 2)]).toEqual([
    "2",
    "4",
    "0.12",
    "0.38",
    "-0.00",
  ]);
  expect([fixed(3, 2), fixed(true, 2), fixed(0.15, 1), fixed(1e21, 1), fixed(-1e22)]).toEqual([
    "3.00",
    "1.00",
    "0.1",
    "1000000000000000000000.0",
    "-10000000000000000000000",
  ]);
  expect([fixed(Number.NaN, 2), fixed(Number.NEGATIVE_INFINITY, 2)]).toEqual(["nan", "-inf"]);
  const unsupported = "unsupported format string passed to Tensor.__format__";
  for (const x of [torch.tensor([0.5]), torch.ones(2), torch.ones([], { device: "meta" })])
    expect(() => x.toFixed(3)).toThrow(unsupported);
  expect(() => torch.tensor(1).toFixed(101)).toThrow(RangeError);
});
