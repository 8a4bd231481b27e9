// Passes of a loader with workers: what each worker has for itself, and which of them makes which batch.

import * as torch from "cresset";
import { expect, test } from "vitest";
import { lists, Stream } from "../support/datasets";

const { DataLoader, Dataset, getWorkerInfo, IterableDataset } = torch.utils.data;

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
