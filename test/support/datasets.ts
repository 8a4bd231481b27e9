// Data sets that tests of loaders share.

import * as torch from "cresset";

const { Dataset, IterableDataset } = torch.utils.data;
type Tensor = torch.Tensor;

/** Items [x, x²], counted as they are made. */
export class Squares extends Dataset<[Tensor, number]> {
  made = 0;

  constructor(readonly length: number) {
    super();
  }

  get(index: number): [Tensor, number] {
    this.made += 1;
    return [torch.tensor([index, index]), index ** 2];
  }
}

/** The whole numbers from `from` to before `to`, in order only. */
export class Stream extends IterableDataset<number> {
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

/** The batches of a loader as lists. */
export const lists = (loader: Iterable<Tensor>) => Array.from(loader, (batch) => batch.tolist());
