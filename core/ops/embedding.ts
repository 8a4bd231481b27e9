// Rows of a table by number: embedding, bags of embeddings, and one-hot rows. Functions only; nn.functional offers them.

import { isGradEnabled, withGradMode } from "../autograd/modes";
import { record } from "../autograd/record";
import { call, contiguousOf, copyOf } from "../dispatch";
import { ArgumentError, CressetError, DTypeError, IndexError, ShapeError } from "../errors";
import { int32, int64 } from "../tensor/dtype";
import { contiguousStrides, text } from "../tensor/shape";
import { empty, type Tensor } from "../tensor/tensor";
import { type Arguments, read } from "./arguments";

/** What `embedding` takes by name. */
export interface EmbeddingOptions {
  /** A row that gets no gradient. */
  paddingIdx?: number | null;
  /** Rows that are used and longer are first shortened, in place, to this norm. */
  maxNorm?: number | null;
  /** The order of that norm. Default 2. */
  normType?: number;
  /** Divides gradients by how often a row occurs. Default false. */
  scaleGradByFreq?: boolean;
  /** Accepted for PyTorch's sake; gradients are dense. */
  sparse?: boolean;
}

/** Positions as int64 and row by row. */
function rowNumbers(call_: string, input: Tensor): Tensor {
  if (input.dtype !== int64 && input.dtype !== int32) {
    throw new DTypeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.${input.dtype.tensorName} instead (while checking arguments for ${call_})`,
    );
  }
  return input.dtype === int64 ? contiguousOf(input) : copyOf(input, int64);
}

/** A row number counted from the front, or null. */
function paddingRow(paddingIdx: number | null | undefined, rows: number): number | null {
  if (paddingIdx === null || paddingIdx === undefined) return null;
  if (paddingIdx >= rows || paddingIdx < -rows) throw new IndexError("Padding_idx must be within num_embeddings");
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/** Shortens, in place and unrecorded, the rows that are used and longer than `maxNorm`. */
function renormalise(weight: Tensor, positions: Tensor, maxNorm: number, normType: number): void {
  withGradMode(false, () => {
    const plain = weight.detach();
    const used = positions.unique() as Tensor;
    const rows = plain.indexSelect(0, used);
    const norms = rows.norm(normType, 1, true);
    const shorter = rows.mul(norms.add(1e-7).reciprocal().mul(maxNorm));
    plain.indexCopy_(0, used, shorter.where(norms.gt(maxNorm), rows));
  });
}

type EmbeddingArguments = Arguments<
  [paddingIdx?: number | null, maxNorm?: number | null, normType?: number, scaleGradByFreq?: boolean, sparse?: boolean],
  EmbeddingOptions
>;

const EMBEDDING = ["paddingIdx", "maxNorm", "normType", "scaleGradByFreq", "sparse"] as const;

/**
 * The rows of `weight` (n, d) at the numbers in `input` (int32 or int64, any shape): (…, d). Options: `paddingIdx`, `maxNorm`,
 * `normType`, `scaleGradByFreq`. Throws IndexError for a number out of range. Source: torch.nn.functional.embedding.
 */
export function embedding(input: Tensor, weight: Tensor, ...args: EmbeddingArguments): Tensor {
  const given = read<EmbeddingOptions>("embedding", args, EMBEDDING);
  const { maxNorm, normType = 2, scaleGradByFreq = false } = given;
  if (weight.ndim !== 2) throw new ShapeError("'weight' must be 2-D");
  const at = rowNumbers("embedding", input);
  const [rows, width] = weight.sizes;
  const padding = paddingRow(given.paddingIdx, rows);
  const count = at.numel();
  const flat = at.alias([count], [1], at.offset);
  if (maxNorm !== null && maxNorm !== undefined && count > 0) renormalise(weight, flat, maxNorm, normType);
  const out = empty([count, width], weight.dtype);
  if (out._numel > 0) call("indexSelect", [out, weight, flat], [0]);
  const sizes = [...input.sizes, width];
  const shaped = out.alias(sizes, contiguousStrides(sizes), 0);
  record(
    "EmbeddingBackward0",
    [weight],
    [shaped],
    ([g], [positions]) => {
      let parts = (g as Tensor).reshape([count, width]);
      if (scaleGradByFreq) parts = parts.div(positions.bincount({ minlength: rows }).take(positions).unsqueeze(1));
      if (padding !== null) parts = parts.maskedFill(positions.eq(padding).unsqueeze(1), 0);
      const zeros = parts.newZeros([rows, width]);
      return [isGradEnabled() ? zeros.indexAdd(0, positions, parts) : zeros.indexAdd_(0, positions, parts)];
    },
    [flat],
  );
  return shaped;
}

/** How the rows of a bag are combined. */
export type BagMode = "sum" | "mean" | "max";

/** What `embeddingBag` takes by name. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** Where each bag begins, for a vector of numbers. */
  offsets?: Tensor | null;
  /** Default "mean". */
  mode?: BagMode;
  /** A factor for each row; for "sum" only. */
  perSampleWeights?: Tensor | null;
  /** Whether the last offset is the end of the last bag. Default false. */
  includeLastOffset?: boolean;
}

type BagArguments = Arguments<
  [
    offsets?: Tensor | null,
    maxNorm?: number | null,
    normType?: number,
    scaleGradByFreq?: boolean,
    mode?: BagMode,
    sparse?: boolean,
    perSampleWeights?: Tensor | null,
    includeLastOffset?: boolean,
    paddingIdx?: number | null,
  ],
  EmbeddingBagOptions
>;

const BAG = [
  "offsets",
  "maxNorm",
  "normType",
  "scaleGradByFreq",
  "mode",
  "sparse",
  "perSampleWeights",
  "includeLastOffset",
  "paddingIdx",
] as const;

/** Which bag each number belongs to, and how many bags there are. */
function bagsOf(
  input: Tensor,
  offsets: Tensor | null | undefined,
  includeLast: boolean,
): [bags: Tensor, count: number] {
  if (input.ndim === 2) {
    if (offsets) {
      throw new ArgumentError(
        "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences.",
      );
    }
    const [count, length] = input.sizes;
    return [
      numbers(
        input,
        Array.from({ length: count * length }, (_, k) => Math.floor(k / length)),
      ),
      count,
    ];
  }
  if (input.ndim !== 1)
    throw new ShapeError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${input.ndim}`);
  if (!offsets) throw new ArgumentError("offsets has to be a 1D Tensor but got None");
  if (offsets.ndim !== 1) throw new ShapeError("offsets has to be a 1D Tensor");
  const starts = offsets.tolist() as number[];
  if (starts.length > 0 && starts[0] !== 0) {
    throw new CressetError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts[0]}`,
    );
  }
  const total = input.numel();
  const count = includeLast ? starts.length - 1 : starts.length;
  const bags: number[] = [];
  for (let bag = 0; bag < count; bag++) {
    const end = bag + 1 < starts.length ? starts[bag + 1] : total;
    for (let k = starts[bag]; k < end; k++) bags.push(bag);
  }
  if (bags.length !== total) {
    throw new CressetError(`offsets[-1] can not be greater than input's length(${total}), got ${text(starts)}`);
  }
  return [numbers(input, bags), count];
}

function numbers(like: Tensor, values: readonly number[]): Tensor {
  return like.newTensor([...values], { dtype: int64 });
}

/**
 * Sums, means or largest values of bags of rows of `weight`: bags are the rows of a matrix of numbers, or of a vector split by
 * `offsets`. Empty bags give 0. Options as `embedding`, and `mode`, `offsets`, `perSampleWeights`, `includeLastOffset`.
 * Source: torch.nn.functional.embedding_bag.
 */
export function embeddingBag(input: Tensor, weight: Tensor, ...args: BagArguments): Tensor {
  const given = read<EmbeddingBagOptions>("embedding_bag", args, BAG);
  const { mode = "mean", perSampleWeights, maxNorm, normType, scaleGradByFreq } = given;
  if (mode !== "sum" && mode !== "mean" && mode !== "max")
    throw new CressetError("mode has to be one of sum, mean or max");
  if (perSampleWeights && mode !== "sum") {
    throw new CressetError(
      `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
    );
  }
  const [bags, count] = bagsOf(input, given.offsets, given.includeLastOffset ?? false);
  const width = weight.sizes[1];
  const padding = paddingRow(given.paddingIdx, weight.sizes[0]);
  const flat = input.reshape([-1]);
  const used = padding === null ? null : flat.ne(padding).nonzero().reshape([-1]);
  const keep = (x: Tensor) => (used === null ? x : x.indexSelect(0, used));
  const bag = keep(bags);
  let rows = embedding(keep(flat), weight, { maxNorm, normType, scaleGradByFreq });
  if (perSampleWeights) rows = rows.mul(keep(perSampleWeights.reshape([-1])).unsqueeze(1));
  const zeros = rows.newZeros([count, width]);
  if (mode === "max") {
    return zeros.scatterReduce(0, bag.unsqueeze(1).expand([bag.numel(), width]), rows, "amax", { includeSelf: false });
  }
  const sums = zeros.indexAdd(0, bag, rows);
  return mode === "sum" ? sums : sums.div(bag.bincount({ minlength: count }).clamp(1).unsqueeze(1));
}

/**
 * Rows of zeros with a one at each number: (…, numClasses) of int64; −1 (default) counts classes up to the largest number.
 * Source: torch.nn.functional.one_hot.
 */
export function oneHot(input: Tensor, ...args: Arguments<[numClasses?: number], { numClasses?: number }>): Tensor {
  const { numClasses = -1 } = read<{ numClasses?: number }>("one_hot", args, ["numClasses"]);
  if (input.dtype !== int64) throw new DTypeError("one_hot is only applicable to index tensor.");
  if (input.numel() === 0) {
    if (numClasses <= 0) throw new CressetError("Can not infer total number of classes from empty tensor.");
    return input.newZeros([...input.sizes, numClasses]);
  }
  if (Number(input.min().item()) < 0) throw new CressetError("Class values must be non-negative.");
  const largest = Number(input.max().item());
  if (numClasses !== -1 && numClasses < 1) throw new CressetError("num_classes should be positive");
  if (numClasses !== -1 && largest >= numClasses)
    throw new CressetError("Class values must be smaller than num_classes.");
  const classes = numClasses === -1 ? largest + 1 : numClasses;
  return input.newZeros([...input.sizes, classes]).scatter_(-1, input.unsqueeze(-1), 1);
}
