// Batches: their order, their contents, and what is refused. The streams themselves are held to PyTorch's by the goldens.

import * as torch from "cresset";
import { beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";

const {
  BatchSampler,
  ChainDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  getWorkerInfo,
  IterableDataset,
  randomSplit,
  StackDataset,
  Subset,
  TensorDataset,
} = torch.utils.data;
type Tensor = torch.Tensor;

beforeEach(() => {
  torch.manualSeed(0);
});

/** Items [x, x²], counted as they are made. */
class Squares extends Dataset<[Tensor, number]> {
  made = 0;

  constructor(readonly length: number) {
    super();
  }

  get(index: number): [Tensor, number] {
    this.made += 1;
    return [torch.tensor([index, index]), index ** 2];
  }
}

class Stream extends IterableDataset<number> {
  constructor(
    private readonly from: number,
    private readonly to: number,
  ) {
    super();
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let i = this.from; i < this.to; i++) yield i;
  }
}

const lists = (loader: Iterable<Tensor>) => Array.from(loader, (batch) => batch.tolist());

describe("batches", () => {
  test("of a data set of one's own, typed by its items", () => {
    const loader = new DataLoader(new Squares(5), { batchSize: 2 });
    const seen: unknown[] = [];
    for (const [x, y] of loader) {
      const [image, label]: [Tensor, Tensor] = [x, y];
      seen.push([image.tolist(), label.tolist()]);
    }
    expect(loader.length).toBe(3);
    expect(seen).toEqual([
      [
        [
          [0, 0],
          [1, 1],
        ],
        [0, 1],
      ],
      [
        [
          [2, 2],
          [3, 3],
        ],
        [4, 9],
      ],
      [[[4, 4]], [16]],
    ]);
  });

  test("of tensors are gathered whole, and equal to what their items make", () => {
    const [x, y] = [torch.rand(50, 3, 2), torch.randint(0, 9, [50])];
    const data = new TensorDataset(x, y);
    const collateFn = (items: [Tensor, Tensor][]) => torch.utils.data.defaultCollate(items);
    torch.manualSeed(1);
    const whole = [...new DataLoader(data, { batchSize: 8, shuffle: true })];
    torch.manualSeed(1);
    const single = [...new DataLoader(data, { batchSize: 8, shuffle: true, collateFn })];
    expect(whole.length).toBe(7);
    whole.forEach(([images, labels], i) => {
      expect(images.equal(single[i][0])).toBe(true);
      expect(labels.equal(single[i][1])).toBe(true);
    });
  });

  test("are numbered", () => {
    const seen: [number, number[]][] = [];
    for (const [i, batch] of new DataLoader([1, 2, 3], 2).entries()) seen.push([i, batch.tolist() as number[]]);
    expect(seen).toEqual([
      [0, [1, 2]],
      [1, [3]],
    ]);
  });

  test("have the type of what get returns where the data set has none of its own", () => {
    class Named extends torch.utils.data.Dataset {
      readonly length = 3;
      get(index: number) {
        return { x: torch.ones(2).mul(index), name: `item ${index}` };
      }
    }
    for (const { name } of new Named()) expectTypeOf(name).toEqualTypeOf<string>();
    for (const { x, name } of new DataLoader(new Named(), { batchSize: 3 })) {
      expectTypeOf(x).toEqualTypeOf<torch.Tensor>();
      expect([x.shape, name]).toEqual([
        [3, 2],
        ["item 0", "item 1", "item 2"],
      ]);
    }
  });

  test("come one by one, uncollated, without a batch size", () => {
    const items: number[] = [...new DataLoader([5, 6, 7], { batchSize: null })];
    expect(items).toEqual([5, 6, 7]);
  });

  test("can be made by a function of one's own", () => {
    const loader = new DataLoader(["a", "b", "c"], { batchSize: 2, collateFn: (items) => items.join("+") });
    const joined: string[] = [...loader];
    expect(joined).toEqual(["a+b", "c"]);
  });

  test("drop the last one, follow a sampler, follow a batch sampler", () => {
    const data = [0, 10, 20, 30, 40];
    expect(lists(new DataLoader(data, { batchSize: 2, dropLast: true }))).toEqual([
      [0, 10],
      [20, 30],
    ]);
    expect(lists(new DataLoader(data, { batchSize: 2, sampler: [4, 0, 4] }))).toEqual([[40, 0], [40]]);
    const batchSampler = new BatchSampler([3, 2, 1], 2, false);
    const loader = new DataLoader(data, { batchSampler });
    expect(lists(loader)).toEqual([[30, 20], [10]]);
    expect(loader.length).toBe(2);
  });

  test("read positional arguments and names alike", () => {
    const data = [1, 2, 3, 4];
    expect(lists(new DataLoader(data, 3))).toEqual([[1, 2, 3], [4]]);
    expect(lists(new DataLoader({ dataset: data, batchSize: 3 }))).toEqual([[1, 2, 3], [4]]);
    expect(lists(new DataLoader(torch.arange(3), { batchSize: 2 }))).toEqual([[0, 1], [2]]);
  });

  test("of streams, which know their end themselves", () => {
    const chain = new ChainDataset([new Stream(0, 3), new Stream(10, 12)]);
    const loader = new DataLoader(chain, { batchSize: 2 });
    expect(lists(loader)).toEqual([[0, 1], [2, 10], [11]]);
    expect(lists(new DataLoader(chain, { batchSize: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 10],
    ]);
    expect([...new DataLoader(chain, { batchSize: null })]).toEqual([0, 1, 2, 10, 11]);
    expect(() => loader.length).toThrow("has no length");
  });
});

describe("passes", () => {
  test("differ when shuffled and repeat with the seed", () => {
    const loader = new DataLoader(torch.arange(20), { batchSize: 20, shuffle: true });
    const [first, second] = [lists(loader), lists(loader)];
    expect(second).not.toEqual(first);
    torch.manualSeed(0);
    expect(lists(loader)).toEqual(first);
  });

  test("make items only when they are asked for", () => {
    const data = new Squares(100);
    for (const [x] of new DataLoader(data, { batchSize: 4 })) {
      if (x.at(0, 0).item() >= 4) break;
    }
    expect(data.made).toBe(8);
  });

  test("draw one number of the global stream even unshuffled", () => {
    const next = () => torch.rand(1).item();
    for (const _ of new DataLoader([1, 2])) expect(_.numel()).toBe(1);
    const after = next();
    torch.manualSeed(0);
    torch.empty(1, { dtype: torch.int64 }).random_();
    expect(after).toBe(next());
  });

  test("give every worker a stream of its own and leave the global one alone", () => {
    const noisy = {
      length: 4,
      get: (index: number): [number, number, number] => [index, getWorkerInfo()?.id ?? -1, torch.rand(1).item()],
    };
    torch.manualSeed(0);
    const batches = [...new DataLoader(noisy, { numWorkers: 2 })].map((columns) =>
      columns.map((column) => column.item()),
    );
    expect(batches.map(([index]) => index)).toEqual([0, 1, 2, 3]);
    expect(batches.map(([, id]) => id)).toEqual([0, 1, 0, 1]);
    expect(new Set(batches.map(([, , value]) => value)).size).toBe(4);
    expect(getWorkerInfo()).toBeNull();
  });

  /** The numbers from `start` to `end`, as a stream whose range a worker may narrow. */
  class Range extends IterableDataset<number> {
    constructor(
      public start: number,
      public end: number,
    ) {
      super();
    }

    [Symbol.iterator](): Iterator<number> {
      return Array.from({ length: Math.max(0, this.end - this.start) }, (_, k) => this.start + k).values();
    }
  }

  /** Gives every worker its part of the whole range, in its own data set. */
  function narrow(id: number): void {
    const info = getWorkerInfo();
    const dataset = info?.dataset as Range;
    const { start, end } = dataset;
    const share = Math.ceil((end - start) / (info?.numWorkers ?? 1));
    dataset.start = start + id * share;
    dataset.end = Math.min(dataset.start + share, end);
  }

  test("give every worker a data set of its own", () => {
    const dataset = new Range(3, 7);
    const pass = (numWorkers: number) => lists(new DataLoader(dataset, { numWorkers, workerInitFn: narrow })).flat();
    expect(pass(2)).toEqual([3, 5, 4, 6]);
    expect(pass(20)).toEqual([3, 4, 5, 6]);
    expect([dataset.start, dataset.end]).toEqual([3, 7]);
    expect(lists(new DataLoader(dataset, { numWorkers: 2 })).flat()).toEqual([3, 3, 4, 4, 5, 5, 6, 6]);
  });

  test("keep tensors and lists of workers' data sets apart", () => {
    class Cached extends Dataset<number> {
      readonly length = 4;
      values = torch.zeros(4);
      scale = torch.ones(1, { requiresGrad: true }).mul(2);
      get(index: number): number {
        return this.values.at(index).item() * this.scale.item();
      }
    }
    const dataset = new Cached();
    const fill = (id: number) => {
      const own: unknown = getWorkerInfo()?.dataset;
      if (own instanceof Cached) own.values.fill_(id + 1);
    };
    const loader = new DataLoader(dataset, { numWorkers: 2, workerInitFn: fill });
    expect(lists(loader).flat()).toEqual([2, 4, 2, 4]);
    expect(dataset.values.tolist()).toEqual([0, 0, 0, 0]);
  });

  test("keep persistent workers, with what they hold, from one pass to the next", () => {
    class Counting extends Dataset<number> {
      readonly length = 2;
      given = 0;
      get(): number {
        return ++this.given;
      }
    }
    const passes = (persistentWorkers: boolean) => {
      const loader = new DataLoader(new Counting(), { numWorkers: 2, persistentWorkers });
      return [1, 2, 3].map(() => lists(loader).flat());
    };
    expect(passes(true)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(passes(false)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(() => new DataLoader([1], { persistentWorkers: true })).toThrow(
      "persistent_workers option needs num_workers > 0",
    );
  });

  test("read a stream once per worker, in turn", () => {
    const loader = new DataLoader(new Stream(0, 3), { batchSize: 2, numWorkers: 2 });
    expect(lists(loader)).toEqual([[0, 1], [0, 1], [2], [2]]);
  });
});

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

describe("sources that are waited for", () => {
  /** Lines as they come from a file or a server. */
  const lines = {
    async *[Symbol.asyncIterator](): AsyncIterableIterator<number> {
      for (let k = 0; k < 5; k++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield k;
      }
    },
  };
  const fetched = {
    length: 5,
    get: async (index: number): Promise<[number, string]> => [index, `item ${index}`],
  };

  test.each([0, 2])("give batches by for await, with %s workers", async (numWorkers) => {
    const batches: unknown[] = [];
    for await (const [x, names] of new DataLoader(fetched, { batchSize: 2, numWorkers })) {
      const labels: string[] = names;
      batches.push([x.tolist(), labels]);
    }
    expect(batches).toEqual([
      [
        [0, 1],
        ["item 0", "item 1"],
      ],
      [
        [2, 3],
        ["item 2", "item 3"],
      ],
      [[4], ["item 4"]],
    ]);
  });

  test("streams too, in batches and one by one", async () => {
    const all = async (loader: AsyncIterable<{ tolist(): unknown } | number>) => {
      const found: unknown[] = [];
      for await (const x of loader) found.push(typeof x === "number" ? x : x.tolist());
      return found;
    };
    expect(await all(new DataLoader(lines, { batchSize: 2 }))).toEqual([[0, 1], [2, 3], [4]]);
    expect(await all(new DataLoader(lines, { batchSize: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(await all(new DataLoader(lines, { batchSize: null }))).toEqual([0, 1, 2, 3, 4]);
  });

  test("a plain loop is told what to write; workers wait in its place", () => {
    expect(() => [...new DataLoader(fetched)]).toThrow("write `for await (const batch of loader)`");
    expect([...new DataLoader(fetched, { batchSize: 5, numWorkers: 1 })][0][0].tolist()).toEqual([0, 1, 2, 3, 4]);
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

describe("refusals, in PyTorch's words", () => {
  const cases: [string, () => unknown, string][] = [
    ["a batch size of 0", () => new DataLoader([1], { batchSize: 0 }), "batch_size should be a positive integer value"],
    [
      "a sampler and shuffling",
      () => new DataLoader([1], { sampler: [0], shuffle: true }),
      "sampler option is mutually exclusive with shuffle",
    ],
    [
      "a batch sampler and a batch size",
      () => new DataLoader([1], { batchSampler: [[0]], batchSize: 2 }),
      "batch_sampler option is mutually exclusive with",
    ],
    [
      "dropping without batches",
      () => new DataLoader([1], { batchSize: null, dropLast: true }),
      "batch_size=None option disables auto-batching",
    ],
    [
      "a shuffled stream",
      () => new DataLoader(new Stream(0, 1), { shuffle: true }),
      "expected unspecified shuffle option",
    ],
    [
      "less than no workers",
      () => new DataLoader([1], { numWorkers: -1 }),
      "num_workers option should be non-negative",
    ],
    [
      "processes without workers",
      () => new DataLoader([1], { multiprocessingContext: "spawn" }),
      "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got num_workers=0",
    ],
    [
      "an unknown way to start processes",
      () => new DataLoader([1], { numWorkers: 1, multiprocessingContext: "threads" }),
      "multiprocessing_context option should specify a valid start method in ['fork', 'spawn', 'forkserver']",
    ],
    ["shuffling nothing", () => [...new DataLoader([], { shuffle: true })], "num_samples should be a positive"],
    ["tensors that differ in length", () => new TensorDataset(torch.ones(2), torch.ones(3)), "Size mismatch"],
    ["items that no batch can hold", () => [...new DataLoader([new Date()])], "found Date"],
  ];
  test.each(cases)("%s", (_, work, message) => {
    expect(work).toThrow(message);
  });

  test("an option that does not exist", () => {
    // @ts-expect-error: the name is PyTorch's, not ours
    expect(() => new DataLoader([1], { batch_size: 2 })).toThrow("unexpected keyword argument 'batch_size'");
  });
});

describe("pinned memory", () => {
  const data = new TensorDataset(torch.arange(4));

  test("is none without CUDA, and batches are as they are", () => {
    for (const numWorkers of [0, 1]) {
      const loader = new DataLoader(data, { batchSize: 2, pinMemory: true, numWorkers });
      const batches = [...loader].map(([x]) => x);
      expect(batches.map((x) => [x.tolist(), x.isPinned()])).toEqual([
        [[0, 1], false],
        [[2, 3], false],
      ]);
      expect([loader.pinMemory, loader.pinMemoryDevice]).toEqual([true, ""]);
    }
    expect(torch.ones(2).isPinned("cuda")).toBe(false);
  });

  test("cannot be asked for", () => {
    const message = "Could not run 'aten::_pin_memory' with arguments from the 'CUDA' backend";
    expect(() => torch.ones(2).pinMemory()).toThrow(message);
    expect(() => torch.ones(2).pinMemory("cuda:0")).toThrow(torch.DeviceError);
    const loader = new DataLoader(data, { pinMemory: true, pinMemoryDevice: "cuda" });
    expect(() => [...loader]).toThrow(message);
    expect(() => [...new DataLoader(data, { pinMemory: true, pinMemoryDevice: "xyz" })]).toThrow("Expected one of cpu");
  });

  test("for a device without the flag is only warned of", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect([...new DataLoader(data, { batchSize: 4, pinMemoryDevice: "cuda" })]).toHaveLength(1);
    expect(warn.mock.calls[0][0]).toContain("pin memory device is set and pin_memory flag is not used");
    warn.mockRestore();
  });
});
