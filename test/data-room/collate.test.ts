import * as torch from "cresset";
import { expect, test, vi } from "vitest";

const { DataLoader, defaultCollate, defaultConvert } = torch.utils.data;

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
  expect(() => defaultCollate([new Set()])).toThrow("found Set");
  for (const [batch, found] of [
    [[{ a: 1 }, null], "found null in sample (number 1 of its batch), beside a object"],
    [[null], "found null"],
    [[[1, undefined]], "found undefined in sample[1] (number 0 of its batch)"],
    [[{ a: torch.ones(1) }, { a: 2 }], "found number in sample.a (number 1 of its batch), beside a Tensor"],
    [[1, "a"], "found string"],
    [[{ a: 1 }, { b: 1 }], "found undefined in sample.a (number 1 of its batch)"],
  ] as [unknown[], string][]) {
    expect(() => defaultCollate(batch)).toThrow(found);
  }
});

test("tells once of numbers that are whole in some batches only", () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const samples = [0, 1, 0.5, 1].map((y): [torch.Tensor, number] => [torch.ones(1), y]);
  const dtypes = () => [...new DataLoader(samples, { batchSize: 2 })].map(([, y]) => String(y.dtype));
  expect([dtypes(), dtypes()]).toEqual(Array(2).fill(["torch.int64", "torch.float64"]));
  const own = new DataLoader([1, 2.5], { collateFn: (items) => defaultCollate(items) });
  expect([...own].map((y) => y.item())).toEqual([1, 2.5]);
  for (const _ of new DataLoader([1, 2, 3.5, 4.5], { batchSize: 4 }));
  const texts = warned.mock.calls.flat().map(String);
  warned.mockRestore();
  expect(texts).toHaveLength(2);
  expect(texts[0]).toMatch(/^UserWarning: The numbers sample\[1\] are whole in some batches \(torch.int64\)/);
  expect(texts[0]).toContain("torch.tensor(y, { dtype: torch.float32 })");
});

test("Maps are collated by their keys", () => {
  const sample = (value: number) => new Map([["x", [value, new Float32Array([value])] as [number, Float32Array]]]);
  const batch = defaultCollate([sample(1), sample(2)]);
  const x: [torch.Tensor, torch.Tensor] | undefined = batch.get("x");
  expect(x?.map((column) => column.tolist())).toEqual([
    [1, 2],
    [[1], [2]],
  ]);
  const odd = [new Map([["x", 1]]), new Map([["x", "one"]])] as Map<string, number>[];
  expect(() => defaultCollate(odd)).toThrow('found string in sample.get("x") (number 1 of its batch), beside a number');
});

test("items without a batch are converted, not collated", () => {
  const item = { pixels: new Uint8Array([1, 2]), name: "a", box: [0, 1], more: new Map([["x", new Float64Array(1)]]) };
  const converted = defaultConvert(item);
  const pixels: torch.Tensor = converted.pixels;
  expect([pixels.tolist(), converted.name, converted.box]).toEqual([[1, 2], "a", [0, 1]]);
  expect(converted.more.get("x")?.dtype).toBe(torch.float64);
  const [single] = new DataLoader([new Int32Array([3])], { batchSize: null });
  expect(single.tolist()).toEqual([3]);
});
