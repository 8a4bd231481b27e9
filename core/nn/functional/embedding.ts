// Look-ups of rows by index, of torch.nn.functional.

import { withGradMode } from "../../autograd/modes";
import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { call, contiguousOf } from "../../dispatch";
import { ArgumentError, CressetError, DTypeError, ShapeError } from "../../errors";
import { signed } from "../../arguments/signed";
import { tensor, zeros } from "../../ops/create/create";
import { cat } from "../../ops/create/join";
import { int32, int64 } from "../../tensor/dtype";
import { contiguousStrides, sameShape } from "../../tensor/shape";
import { requireInside } from "../../ops/index/index-checks";
import { empty, type Tensor } from "../../tensor/tensor";

function requireIndices(call: string, indices: Tensor): Tensor {
  if (indices.dtype === int64) return indices;
  if (indices.dtype === int32) return indices.long();
  throw new DTypeError(
    `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.${indices.dtype.tensorName} instead (while checking arguments for ${call})`,
  );
}

/** Rows that are longer than `maxNorm` are scaled down in place, unrecorded. */
function renormalize(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  withGradMode(false, () => {
    const rows = weight.indexSelect(0, indices.reshape([-1]));
    const lengths = rows.norm({ p: normType, dim: 1, keepdim: true });
    const factor = lengths.add(1e-7).reciprocal().mul(maxNorm).where(lengths.gt(maxNorm), 1);
    weight.indexCopy_(0, indices.reshape([-1]), rows.mul(factor));
  });
}

/** What embedding look-ups take by name. */
export interface EmbeddingOptions {
  /** This row gets no gradient. */
  paddingIdx?: number | null;
  /** Rows longer than this are scaled down in place first. */
  maxNorm?: number | null;
  /** The norm of `maxNorm`. Default 2. */
  normType?: number;
  /** Whether a row's gradient is divided by how often it was looked up. Default false. */
  scaleGradByFreq?: boolean;
  /** Kept for PyTorch's calls: gradients are dense. */
  sparse?: boolean;
}

function wrapRow(index: number | null | undefined, rows: number): number | null {
  if (index === null || index === undefined) return null;
  if (index < -rows || index >= rows) throw new ArgumentError("Padding_idx must be within num_embeddings");
  return index < 0 ? index + rows : index;
}

/**
 * The rows of `weight` (rows, D) at indices of any shape: (…, D). Options: `paddingIdx`, `maxNorm`, `normType`,
 * `scaleGradByFreq`. Throws IndexError for an index out of range. Source: torch.nn.functional.embedding.
 */
export const embedding = signed(
  "def embedding(Tensor input, Tensor weight, int? paddingIdx=None, float? maxNorm=None, float normType=2, bool scaleGradByFreq=False, bool sparse=False)",
  embeddingOf,
);

function embeddingOf(
  input: Tensor,
  weight: Tensor,
  paddingIdx: number | null = null,
  maxNorm: number | null = null,
  normType = 2,
  scaleGradByFreq = false,
  _sparse = false,
): Tensor {
  if (weight.ndim !== 2) throw new ShapeError("'weight' must be 2-D");
  const indices = requireIndices("embedding", input);
  const [rows, width] = weight.sizes;
  const padding = wrapRow(paddingIdx, rows);
  if (maxNorm !== null) renormalize(weight, indices, maxNorm, normType);
  const rowByRow = contiguousOf(indices);
  const flat = rowByRow.alias([indices.numel()], [1], rowByRow.offset);
  const found = empty([flat._numel, width], weight.dtype);
  if (found._numel > 0) call("indexSelect", [found, weight, flat], [0]);
  else requireInside(flat, rows);
  const shape = [...indices.sizes, width];
  const out = found.alias(shape, contiguousStrides(shape), 0);
  record("EmbeddingBackward0", [weight], [out], embeddingBackward(rows, width, padding, scaleGradByFreq), [flat]);
  return out;
}

function embeddingBackward(rows: number, width: number, padding: number | null, byFrequency: boolean): Backward {
  return ([g], [flat]) => {
    const grads = (g as Tensor).reshape([flat.numel(), width]);
    const scaled = byFrequency ? grads.div(frequencies(flat, rows, grads)) : grads;
    const kept = padding === null ? scaled : scaled.where(flat.ne(padding).unsqueeze(1), 0);
    return [zeros([rows, width], { dtype: grads.dtype }).indexAdd_(0, flat, kept)];
  };
}

/** How often each of the indices occurs, as a column. */
function frequencies(indices: Tensor, rows: number, like: Tensor): Tensor {
  const counts = zeros([rows], { dtype: like.dtype }).indexAdd(0, indices, like.newOnes([indices.numel()]));
  return counts.indexSelect(0, indices).unsqueeze(1);
}

/** How `embeddingBag` joins the rows of a bag. */
export type BagMode = "sum" | "mean" | "max";

/** What `embeddingBag` takes by name. */
export interface EmbeddingBagOptions {
  /** Where each bag begins in a 1-d input. */
  offsets?: Tensor | null;
  maxNorm?: number | null;
  normType?: number;
  scaleGradByFreq?: boolean;
  /** Default "mean". */
  mode?: BagMode;
  sparse?: boolean;
  /** A weight per index; mode "sum" only. */
  perSampleWeights?: Tensor | null;
  /** Whether the last offset is the end of the last bag. Default false. */
  includeLastOffset?: boolean;
  /** Rows of this index do not count. */
  paddingIdx?: number | null;
}

/**
 * The sum, mean or maximum of the rows of every bag: indices (B, N), or (n) with `offsets` (B); result (B, D). Options: see
 * EmbeddingBagOptions. Source: torch.nn.functional.embedding_bag.
 */
export const embeddingBag = signed(
  "def embeddingBag(Tensor input, Tensor weight, Tensor? offsets=None, float? maxNorm=None, float normType=2, bool scaleGradByFreq=False, str mode=mean, bool sparse=False, Tensor? perSampleWeights=None, bool includeLastOffset=False, int? paddingIdx=None)",
  embeddingBagOf,
);

function embeddingBagOf(
  input: Tensor,
  weight: Tensor,
  offsets: Tensor | null = null,
  maxNorm: number | null = null,
  normType = 2,
  scaleGradByFreq = false,
  mode: BagMode = "mean",
  _sparse = false,
  perSampleWeights: Tensor | null = null,
  includeLastOffset = false,
  paddingIdx: number | null = null,
): Tensor {
  const indices = requireIndices("embedding_bag", input);
  if (indices.ndim !== 1 && indices.ndim !== 2) {
    throw new ArgumentError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${indices.ndim}`);
  }
  if (perSampleWeights !== null && !sameShape(perSampleWeights.sizes, indices.sizes)) {
    throw new ArgumentError(
      `embedding_bag: If per_sample_weights (${perSampleWeights.shape}) is not None, then it must have the same shape as the input (${indices.shape})`,
    );
  }
  if (indices.ndim === 2 && offsets !== null) {
    throw new ArgumentError(
      "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences.",
    );
  }
  if (indices.ndim === 1 && offsets === null) throw new ArgumentError("offsets has to be a 1D Tensor but got None");
  if (indices.ndim === 1 && offsets?.ndim !== 1) throw new ArgumentError("offsets has to be a 1D Tensor");
  if (mode !== "sum" && mode !== "mean" && mode !== "max")
    throw new ArgumentError("mode has to be one of sum, mean or max");
  if (perSampleWeights !== null && mode !== "sum") {
    throw new CressetError(
      `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}').`,
    );
  }
  if (!weight.dtype.isFloatingPoint) {
    throw new DTypeError(
      `Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, Float, Double; but got torch.${weight.dtype.tensorName} instead (while checking arguments for embedding_bag)`,
    );
  }
  if (perSampleWeights !== null && perSampleWeights.dtype !== weight.dtype) {
    throw new DTypeError(
      `Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; but type torch.${weight.dtype.tensorName} does not equal torch.${perSampleWeights.dtype.tensorName} (while checking arguments for embedding_bag)`,
    );
  }
  const padding = wrapRow(paddingIdx, weight.sizes[0]);
  const flat = indices.reshape([-1]);
  const count = flat.numel();
  if (indices.ndim === 2 && indices.sizes[1] === 0) throw new CressetError("step must be nonzero");
  const starts =
    offsets === null
      ? Array.from({ length: indices.sizes[0] }, (_, k) => k * indices.sizes[1])
      : [...requireIndices("embedding_bag", offsets).raw()].map(Number);
  if (starts.length > 0 && starts[0] !== 0) {
    throw new CressetError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts[0]}`,
    );
  }
  const last = starts[starts.length - 1];
  if (last > count) {
    throw new CressetError(
      `offsets[-1] can not be greater than input's length ${count} but got offsets[-1] of ${last}`,
    );
  }
  const bags = includeLastOffset ? starts.length - 1 : starts.length;
  const bagOf = new Array<number>(count).fill(0);
  for (let bag = 0; bag < bags; bag++) bagOf.fill(bag, starts[bag], starts[bag + 1] ?? count);
  const bag = tensor(bagOf, { dtype: int64 });
  let rows = embedding(flat, weight, { maxNorm, normType, scaleGradByFreq, paddingIdx: padding });
  if (perSampleWeights !== null) rows = rows.mul(perSampleWeights.reshape([-1, 1]));
  const counted = padding === null ? null : flat.ne(padding).unsqueeze(1);
  if (mode === "max") {
    const kept = counted === null ? null : [...counted.reshape([-1]).long().raw()].map(Number);
    return largest(rows, bagOf, bags, (k) => kept !== null && kept[k] === 0);
  }
  const width = weight.sizes[1];
  const summed = zeros([bags, width], { dtype: weight.dtype }).indexAdd(
    0,
    bag,
    counted === null ? rows : rows.where(counted, 0),
  );
  if (mode === "sum") return summed;
  const present = counted === null ? rows.detach().newOnes([count]) : counted.squeeze(1).to(weight.dtype);
  const sizes = zeros([bags], { dtype: weight.dtype }).indexAdd(0, bag, present).clampMin(1);
  return summed.div(sizes.unsqueeze(1));
}

/** The largest row entries of every bag, without the rows `skips` names; zeros for an empty one. */
function largest(rows: Tensor, bagOf: readonly number[], bags: number, skips: (row: number) => boolean): Tensor {
  const lists = Array.from({ length: bags }, (): number[] => []);
  bagOf.forEach((bag, k) => {
    if (!skips(k)) lists[bag].push(k);
  });
  const none = rows.narrow(0, 0, 0);
  const parts = lists.map((list) => {
    if (list.length === 0) return none.sum(0, true);
    return rows.indexSelect(0, tensor(list, { dtype: int64 })).max(0, true).values;
  });
  return parts.length === 0 ? none : cat(parts, 0);
}

/** Ones at the given classes: (…) → (…, classes), int64. Option: `numClasses` (−1: the largest class + 1). Source: torch.nn.functional.one_hot. */
export const oneHot = signed("oneHot(Tensor input, int numClasses=-1)", oneHotOf);

function oneHotOf(input: Tensor, numClasses = -1): Tensor {
  if (input.dtype !== int64) throw new DTypeError("one_hot is only applicable to index tensor.");
  if (input.numel() === 0) {
    if (numClasses <= 0) throw new CressetError("Can not infer total number of classes from empty tensor.");
    return zeros([...input.sizes, numClasses], { dtype: int64 });
  }
  if (input.lt(0).any().item()) throw new CressetError("Class values must be non-negative.");
  const most = input.max().item();
  if (numClasses === 0 || numClasses < -1) throw new CressetError("num_classes should be positive");
  if (numClasses !== -1 && most >= numClasses) {
    throw new CressetError("Class values must be smaller than num_classes.");
  }
  const classes = numClasses === -1 ? most + 1 : numClasses;
  return zeros([...input.sizes, classes], { dtype: int64 }).scatter(-1, input.unsqueeze(-1), 1);
}
