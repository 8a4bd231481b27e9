import * as torch from "cresset";
import { expect, test } from "vitest";

const { defaultCollate } = torch.utils.data;

test("numbers become tensors by their kind", () => {
  expect(defaultCollate([1, 2]).dtype).toBe(torch.int64);
  expect(defaultCollate([1, 2.5]).dtype).toBe(torch.float64);
  expect(defaultCollate([true, false]).dtype).toBe(torch.bool);
  expect(defaultCollate([1n, 2n ** 60n]).tolist()).toEqual([1, 2n ** 60n]);
});

test("tensors are stacked, typed arrays too", () => {
  expect(defaultCollate([torch.ones(2), torch.zeros(2)]).shape).toEqual(torch.ones(2, 2).shape);
  expect(defaultCollate([new Float32Array([1, 2]), new Float32Array([3, 4])]).tolist()).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(() => defaultCollate([torch.ones(2), torch.ones(3)])).toThrow("stack expects each tensor to be equal size");
});

test("structures keep their form, and their types", () => {
  const batch = defaultCollate([
    { image: torch.ones(1), label: 1, name: "a", box: [0, 1] as [number, number] },
    { image: torch.zeros(1), label: 2, name: "b", box: [2, 3] as [number, number] },
  ]);
  const box: [torch.Tensor, torch.Tensor] = batch.box;
  const names: string[] = batch.name;
  expect(batch.label.tolist()).toEqual([1, 2]);
  expect(names).toEqual(["a", "b"]);
  expect(box.map((corner) => corner.tolist())).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test("refuses what does not fit", () => {
  expect(() => defaultCollate([[1, 2], [1]])).toThrow("each element in list of batch should be of equal size");
  expect(() => defaultCollate([])).toThrow("the batch is empty");
  expect(() => defaultCollate([new Map()])).toThrow("found Map");
});
