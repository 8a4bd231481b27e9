// Batches that a data set makes at once: they are those of its items, also where a class changes what an item is.

import * as torch from "cresset";
import { expect, test } from "vitest";

const { DataLoader, Subset, TensorDataset } = torch.utils.data;
type Tensor = torch.Tensor;

const rows = () => torch.arange(8).view(4, 2);
const first = <T>(loader: Iterable<T>): T => [...loader][0];

test("come in the order of their indices, of which negative ones count from the end", () => {
  const data = new TensorDataset(rows(), torch.arange(4));
  const [x, y] = first(new DataLoader(data, { batchSize: 3, sampler: [2, -1, 0] }));
  expect([x.tolist(), y.tolist()]).toEqual([
    [
      [4, 5],
      [6, 7],
      [0, 1],
    ],
    [2, 3, 0],
  ]);
});

test("are made of the items when a class, or an object, has a get of its own", () => {
  class Tenfold extends TensorDataset<[Tensor]> {
    override get(index: number): [Tensor] {
      return [super.get(index)[0].mul(10)];
    }
  }
  const data = new Tenfold(rows());
  const expected = [
    [0, 10],
    [20, 30],
  ];
  expect(first(new DataLoader(data, 2))[0].tolist()).toEqual(expected);
  expect(first(new DataLoader(new Subset(data, [0, 1]), 2))[0].tolist()).toEqual(expected);
  const changed = new TensorDataset<[Tensor]>(rows());
  Object.assign(changed, { get: () => [torch.tensor(7)] });
  expect(first(new DataLoader(changed, 2))[0].tolist()).toEqual([7, 7]);
});

test("are made at once when a class has both", () => {
  class Counted extends TensorDataset<[Tensor]> {
    items = 0;
    override get(index: number): [Tensor] {
      this.items++;
      return super.get(index);
    }
    override getBatch(indices: readonly number[]) {
      return super.getBatch(indices);
    }
  }
  const data = new Counted(rows());
  expect(first(new DataLoader(data, 4))[0].tolist()).toEqual(rows().tolist());
  expect(data.items).toBe(0);
});

test("refuse indices as items do", () => {
  const data = new TensorDataset(rows());
  const over = (sampler: number[]) => () => first(new DataLoader(data, { batchSize: 2, sampler }));
  expect(over([0, 4])).toThrow("index 4 is out of bounds for dimension 0 with size 4");
  expect(over([-5, 0])).toThrow("index -5 is out of bounds for dimension 0 with size 4");
});
