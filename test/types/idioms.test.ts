// What PyTorch's users write out of habit, where the types or the first letter decide.

import * as torch from "cresset";
import { expect, expectTypeOf, test } from "vitest";

test("a truth may be compared with true; other items are numbers", () => {
  const x = torch.ones(3);
  expect(x.all().item() === true).toBe(true);
  expect(torch.any(x.gt(2)).item() === false).toBe(true);
  let done = x.all();
  done = x.sum();
  const plain: torch.Tensor = x.any();
  expectTypeOf(x.sum().item()).toEqualTypeOf<number>();
  expectTypeOf(new torch.nn.Parameter(x).sum().item()).toEqualTypeOf<number>();
  expect([done.item(), plain.item()]).toEqual([3, true]);
});

test("JSON holds numbers", () => {
  const x = torch.tensor([
    [1, 2.5],
    [3, Number.NaN],
  ]);
  expect(JSON.stringify({ x, y: torch.tensor(3), z: torch.tensor([true, false]) })).toBe(
    '{"x":[[1,2.5],[3,null]],"y":3,"z":[true,false]}',
  );
  const fc = new torch.nn.Linear(2, 1);
  const text = JSON.stringify(fc.stateDict());
  const entries = Object.entries(JSON.parse(text) as { [name: string]: number[] });
  fc.loadStateDict(new Map(entries.map(([name, value]) => [name, torch.tensor(value)])));
  expect(JSON.stringify(fc.stateDict())).toBe(text);
});

test("a program that asks for CUDA runs on the CPU", () => {
  const device = torch.cuda.isAvailable() ? "cuda" : "cpu";
  expect([torch.cuda.deviceCount(), torch.ones(1, { device }).isCuda]).toEqual([0, false]);
  torch.cuda.manualSeedAll(1);
  torch.cuda.emptyCache();
  expect(torch.cuda.memoryAllocated()).toBe(0);
  for (const ask of [
    () => torch.ones(1, { device: "cuda" }),
    () => torch.ones(1).to("cuda:0"),
    () => torch.ones(1).cuda(),
    () => new torch.nn.Linear(1, 1).cuda(),
  ]) {
    expect(ask).toThrow(/no cuda backend.*torch\.cuda\.isAvailable\(\) is false/);
  }
  expect(() => torch.cuda.currentDevice()).toThrow("Torch not compiled with CUDA enabled");
});

test("the constructors of PyTorch's older programs", () => {
  const texts = (xs: torch.Tensor[]) => xs.map((x) => `${x}`.replace("\n", ""));
  expect(
    texts([
      new torch.Tensor([1, 2]),
      torch.LongTensor([1.7, 2]),
      new torch.FloatTensor([[1], [2]]),
      torch.BoolTensor([true, false]),
      torch.DoubleTensor([1]),
      torch.HalfTensor([1]),
      new torch.Tensor(),
    ]),
  ).toEqual([
    "tensor([1., 2.])",
    "tensor([1, 2])",
    "tensor([[1.],        [2.]])",
    "tensor([ True, False])",
    "tensor([1.], dtype=torch.float64)",
    "tensor([1.], dtype=torch.float16)",
    "tensor([])",
  ]);
  expect([
    new torch.Tensor(2, 3).shape,
    torch.IntTensor(4).dtype,
    new torch.Tensor(torch.ones(2, 3).shape).shape,
  ]).toEqual([[2, 3], torch.int32, [2, 3]]);
  const x = torch.ones(2);
  new torch.Tensor(x).fill_(5);
  expect(x.tolist()).toEqual([5, 5]);
  expect(new torch.Tensor(1, 2, 1, 2, 1, 2, 1).shape).toEqual([1, 2, 1, 2, 1, 2, 1]);
  // @ts-expect-error a class needs new, in JavaScript's words
  expect(() => torch.Tensor([1, 2])).toThrow("cannot be invoked without 'new'");
  expect(() => new torch.Tensor(3.5)).toThrow("new(): data must be a sequence (got float)");
  expect(() => torch.FloatTensor(torch.arange(2))).toThrow("write x.to(torch.float32)");
  expect(() => new torch.Tensor([1], { device: "cuda" })).toThrow(torch.DeviceError);
});

test("classes of tensors can be asked and converted to", () => {
  const value: unknown = torch.ones(1);
  expect([
    value instanceof torch.Tensor,
    value instanceof torch.FloatTensor,
    value instanceof torch.LongTensor,
    new torch.nn.Parameter(torch.ones(1)) instanceof torch.Tensor,
    [] instanceof torch.Tensor,
  ]).toEqual([true, true, false, true, false]);
  if (value instanceof torch.Tensor) expectTypeOf(value).toEqualTypeOf<torch.Tensor>();
  expect(torch.ones(1).type(torch.DoubleTensor).dtype).toBe(torch.float64);
  expect(String(torch.FloatTensor)).toBe("torch.FloatTensor");
});
