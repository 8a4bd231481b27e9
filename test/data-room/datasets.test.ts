// Data sets made of others: their items, their types, and their batches.

import * as torch from "cresset";
import { describe, expect, expectTypeOf, test } from "vitest";
import { Squares } from "../support/datasets";

const { ChainDataset, ConcatDataset, DataLoader, IterableDataset, randomSplit, StackDataset, Subset, TensorDataset } =
  torch.utils.data;
type Tensor = torch.Tensor;

describe("data sets", () => {
  test("give items by brackets", () => {
    const squares = new Squares(5);
    const [x, y] = squares[3];
    expect([x.tolist(), y]).toEqual([[3, 3], 9]);
    expectTypeOf(squares[3]).toEqualTypeOf<[Tensor, number]>();
    const pairs = new TensorDataset(torch.arange(4), torch.ones(4, 2));
    expect([pairs[1][0].item(), pairs[-1][0].item(), pairs[-1][1].shape]).toEqual([1, 3, [2]]);
    const part = new Subset(squares, [4, 2]);
    expect([part[0][1], part[-1][1], new ConcatDataset([part, squares])[2][1]]).toEqual([16, 4, 0]);
    expect(() => part[7]).toThrow("index 7 is out of range");
    expect(() => Reflect.set(squares, "0", 1)).toThrow("'Squares' object does not support item assignment");
    expect(Reflect.get(squares, "unknown")).toBe(undefined);
    expect(torch.deepcopy(squares)[2][1]).toBe(4);
  });

  test("keep their type in a loader", () => {
    const loader = new DataLoader(new Squares(5), { batchSize: 2 });
    expectTypeOf(loader.dataset).toEqualTypeOf<Squares>();
    const size: number = loader.dataset.length;
    expect([size, loader.dataset.made]).toEqual([5, 0]);
    expectTypeOf(new DataLoader([1, 2, 3], 2, true).dataset).toEqualTypeOf<number[]>();
    expectTypeOf(new DataLoader({ dataset: torch.ones(2) }).dataset).toEqualTypeOf<Tensor>();
    const any: torch.utils.data.DataLoader<[Tensor, number]> = loader;
    expect(any.length).toBe(3);
  });

  test("join, divide and split", () => {
    const both = new ConcatDataset([[1, 2], new Subset([5, 6, 7], [2, 0])]);
    expect([...both]).toEqual([1, 2, 7, 5]);
    expect(both.get(-1)).toBe(5);
    expect(() => both.get(4)).toThrow(torch.IndexError);
    const parts = randomSplit(torch.arange(10), [0.75, 0.25]);
    expect(parts.map((part) => part.length)).toEqual([8, 2]);
    expect(parts.flatMap((part) => [...part.indices]).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(() => randomSplit([1, 2, 3], [1, 1])).toThrow("Sum of input lengths does not equal the length");
  });

  test("are sampled with arguments in order or by name", () => {
    const source = [4, 5, 6, 7, 8];
    const pairs = (make: (order: boolean) => Iterable<unknown>) =>
      [true, false].map((inOrder) => {
        torch.manualSeed(2);
        return [...make(inOrder)];
      });
    const { BatchSampler, RandomSampler, SubsetRandomSampler, WeightedRandomSampler } = torch.utils.data;
    const own = () => new torch.Generator().manualSeed(1);
    const made = [
      pairs((o) =>
        o ? new BatchSampler(source, 2, true) : new BatchSampler(source, { batchSize: 2, dropLast: true }),
      ),
      pairs((o) =>
        o ? new RandomSampler(source, true, 3) : new RandomSampler(source, { replacement: true, numSamples: 3 }),
      ),
      pairs((o) =>
        o ? new SubsetRandomSampler(source, own()) : new SubsetRandomSampler(source, { generator: own() }),
      ),
      pairs((o) =>
        o
          ? new WeightedRandomSampler([1, 2, 3], 2, false)
          : new WeightedRandomSampler([1, 2, 3], { numSamples: 2, replacement: false }),
      ),
      pairs((o) => (o ? randomSplit(source, [2, 3], own()) : randomSplit(source, [2, 3], { generator: own() }))[0]),
    ];
    for (const [inOrder, byName] of made) expect(byName).toEqual(inOrder);
  });

  test("a subset of tensors is gathered whole too", () => {
    const data = new Subset(new TensorDataset(torch.arange(6), torch.arange(6).mul(2)), [5, 1, 3]);
    const [[x, y]] = new DataLoader(data, { batchSize: 3 });
    expect([x.tolist(), y.tolist()]).toEqual([
      [5, 1, 3],
      [10, 2, 6],
    ]);
  });

  test("of tensors keep gradients", () => {
    const x = torch.ones(3, 2, { requiresGrad: true });
    const [[batch]] = new DataLoader(new TensorDataset(x), { batchSize: 2 });
    batch.sum().backward();
    expect(x.grad?.tolist()).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
  });
});

describe("data sets side by side", () => {
  test("have items of their items, as an array or by name", () => {
    const images = new TensorDataset(torch.arange(3));
    const pairs = new StackDataset(images, ["a", "b", "c"]);
    const [image, name]: [Tensor[], string] = pairs.get(1);
    expect([image[0].item(), name, pairs.length]).toEqual([1, "b", 3]);
    const named = new StackDataset({ image: images, name: ["a", "b", "c"] });
    const item: { image: Tensor[]; name: string } = named[2];
    expect([item.image[0].item(), item.name]).toEqual([2, "c"]);
    const [batch] = new DataLoader(named, { batchSize: 3 });
    expect([batch.image[0].tolist(), batch.name]).toEqual([
      [0, 1, 2],
      ["a", "b", "c"],
    ]);
    expect(() => new StackDataset([1], [1, 2])).toThrow("Size mismatch between datasets");
    expect(() => new StackDataset()).toThrow("At least one dataset should be passed");
  });
});

describe("streams and parts of data sets", () => {
  class Letters extends IterableDataset<string> {
    constructor(private readonly count: number) {
      super();
    }
    override get length(): number {
      return this.count;
    }
    *[Symbol.iterator](): Iterator<string> {
      for (let k = 0; k < this.count; k++) yield String.fromCharCode(97 + k);
    }
  }

  test("a stream says its length by a getter, or by a property", () => {
    expect(new DataLoader(new Letters(5), { batchSize: 2 }).length).toBe(3);
    class Four extends IterableDataset<number> {
      override readonly length = 4;
      *[Symbol.iterator](): Iterator<number> {
        yield* [1, 2, 3, 4];
      }
    }
    expect(new DataLoader(new Four(), { batchSize: 2 }).length).toBe(2);
  });

  test("a chain has the sum of the lengths, where all are known", () => {
    expect(new ChainDataset([new Letters(2), new Letters(3)]).length).toBe(5);
    expect(new DataLoader(new ChainDataset([new Letters(2), new Letters(3)]), { batchSize: 2 }).length).toBe(3);
    expect(new ChainDataset([]).length).toBe(0);
  });

  test("streams have no indices, and other data sets are no streams", () => {
    expect(() => new ConcatDataset([new Letters(2) as never])).toThrow(
      "ConcatDataset does not support IterableDataset",
    );
    const chain = new ChainDataset([new Letters(1), [1] as never]);
    expect(chain.length).toBe(undefined);
    expect(() => [...chain]).toThrow("ChainDataset only supports IterableDataset");
    const part = new Subset(new Letters(2) as never, [0]);
    expect(() => part.get(0)).toThrow("'Letters' object has no items by index");
  });

  test("a batch of no items is refused, also where batches are made at once", () => {
    const loader = new DataLoader(new TensorDataset(torch.arange(3)), { batchSampler: [[0], []] });
    expect(() => [...loader]).toThrow("default_collate: the batch is empty");
  });
});
