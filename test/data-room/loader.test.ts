// Batches: their order, their contents, and what is refused. The streams themselves are held to PyTorch's by the goldens.

import * as torch from "cresset";
import { beforeEach, describe, expect, expectTypeOf, test, vi } from "vitest";
import { lists, Squares, Stream } from "../support/datasets";

const { BatchSampler, ChainDataset, DataLoader, TensorDataset } = torch.utils.data;
type Tensor = torch.Tensor;

beforeEach(() => {
  torch.manualSeed(0);
});

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
