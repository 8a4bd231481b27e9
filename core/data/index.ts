// torch.utils.data.

export { type Collated, type Converted, defaultCollate, defaultConvert } from "./collate";
export {
  type DataSource,
  Dataset,
  type Gettable,
  type Indexed,
  IterableDataset,
  type Rows,
  type Sequence,
  type Sized,
  type Stream,
} from "./dataset";
export { ChainDataset, ConcatDataset, randomSplit, StackDataset, Subset, TensorDataset } from "./datasets";
export type { Uncollated } from "./fetch";
export { DataLoader, type DataLoaderOptions, type Order } from "./loader";
export {
  BatchSampler,
  RandomSampler,
  type RandomSamplerOptions,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from "./sampler";
export { getWorkerInfo, type WorkerInfo } from "./worker";
