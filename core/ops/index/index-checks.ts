// Checks that reading and writing by index share, in PyTorch's words.

import { copyOf } from "../../dispatch";
import { CressetError, DTypeError, IndexError, ShapeError } from "../../errors";
import { type DType, int32, int64, type Scalar, uint8 } from "../../tensor/dtype";
import { floatFor, scalarFor } from "../../tensor/scalar";
import { broadcastPair, sameShape, text } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";

/** An index tensor that must be int64. */
export function requireLong(call: string, index: Tensor): Tensor {
  // An empty list of positions has no dtype of its own.
  if (index.dtype !== int64 && index.numel() === 0) return copyOf(index, int64);
  return requireLongAlways(call, index);
}

/** As `requireLong`, also of an index without positions. */
export function requireLongAlways(call: string, index: Tensor): Tensor {
  if (index.dtype === int64) return index;
  throw new DTypeError(`${call}(): Expected dtype int64 for index`);
}

/**
 * The number to write, in the dtype: the value, or what is in a 0-d tensor of another dtype than the whole numbers written to, which PyTorch checks as
 * any number. Null for other tensors.
 */
export function numberUnder(value: Scalar | Tensor, dtype: DType): Scalar | null {
  if (!(value instanceof Tensor)) return scalarFor(value, dtype);
  if (value.dtype === dtype || dtype.isFloatingPoint) return null;
  return value.dtype.isFloatingPoint ? floatFor(value.item(), dtype) : scalarFor(value.item(), dtype);
}

/** Throws CressetError for a mask of numbers other than 0 and 1. */
export function requireTruth(mask: Tensor): void {
  if (mask.dtype === uint8 && mask.gt(1).any().item())
    throw new CressetError("Mask tensor can take 0 and 1 values only");
}

/** An index vector, int32 or int64, as int64. A 0-d index counts as one position. */
export function vectorIndex(call: string, index: Tensor): Tensor {
  if (index.ndim > 1) throw new IndexError(`${call}(): Index is supposed to be a vector`);
  if (index.dtype !== int32 && index.dtype !== int64) {
    throw new DTypeError(`${call}(): Expected dtype int32 or int64 for index`);
  }
  const long = index.dtype === int64 ? index : copyOf(index, int64);
  return long.ndim === 1 ? long : long.alias([1], [1], long.offset);
}

/** A 0-d tensor as a vector of one, so that kernels find a dimension. */
export function lifted(x: Tensor): Tensor {
  return x.ndim === 0 ? x.alias([1], [1], x.offset) : x;
}

/**
 * `source` as the parts of `input` along `dim` that a vector of positions names: what stands at one position broadcasts to a part, as in
 * PyTorch's index_add and index_reduce. Throws for other counts, dimensions and shapes.
 */
export function partsOver(call: string, input: Tensor, dim: number, count: number, source: Tensor): Tensor {
  if (input.ndim <= 1 && source.ndim > 1) {
    throw new ShapeError(`source.dim() (${source.ndim}) must one or zero for given self.dim() (${input.ndim})`);
  }
  if (source.ndim > 0 && dim >= source.ndim) {
    throw new ShapeError(
      `${call}(): Indexing dim ${dim} is out of bounds of the source tensor with dim ${source.ndim}`,
    );
  }
  const size = source.ndim === 0 ? 1 : source.sizes[dim];
  if (count !== size) {
    throw new ShapeError(
      `${call}(): Number of indices (${count}) should be equal to source.size(dim): (${size}), for dim: ${dim}`,
    );
  }
  if (input.ndim <= 1) return source;
  if (source.ndim === 0) throw new IndexError("select() cannot be applied to a 0-dim tensor.");
  const others = (x: Tensor) => x.sizes.filter((_, d) => d !== dim);
  const [part, own] = [others(input), others(source)];
  if (sameShape(part, own)) return source;
  const common = count === 0 ? part : broadcastPair(part, own);
  if (!sameShape(common, part)) {
    throw new ShapeError(`output with shape ${text(part)} doesn't match the broadcast shape ${text(common)}`);
  }
  if (count === 0) return source.reshape(input.sizes.map((n, d) => (d === dim ? 0 : n)));
  const lead = new Array<number>(part.length - own.length).fill(1);
  return source
    .movedim(dim, -1)
    .reshape([...lead, ...own, count])
    .expand([...part, count])
    .movedim(-1, dim);
}

/** Throws IndexError for a position that is not from 0 to `size` − 1: positions that no kernel reads must be in range as well. */
export function requireInside(at: Tensor, size: number): void {
  if (at.numel() === 0) return;
  if (at.lt(0).logicalOr(at.ge(size)).any().item()) throw new IndexError("index out of range in self");
}

const atLeastOne = (x: Tensor): readonly number[] => (x.ndim === 0 ? [1] : x.sizes);

/** The shapes that gather takes. */
export function checkGather(input: Tensor, index: Tensor, dim: number): void {
  if (index.numel() === 0) return;
  const own = atLeastOne(input);
  const asked = atLeastOne(index);
  if (own.length !== asked.length) {
    throw new ShapeError("Index tensor must have the same number of dimensions as input tensor");
  }
  asked.forEach((n, d) => {
    if (d !== dim && n > own[d]) {
      throw new ShapeError(
        `Size does not match at dimension ${d} expected index ${text(index.sizes)} to be smaller than self ${text(input.sizes)} apart from dimension ${dim}`,
      );
    }
  });
}

/** The shapes that scatter takes; `src` null for a single value. */
export function checkScatter(input: Tensor, index: Tensor, src: Tensor | null, dim: number): void {
  if (index.numel() === 0) return;
  const own = atLeastOne(input);
  const asked = atLeastOne(index);
  if (own.length !== asked.length) {
    throw new ShapeError("Index tensor must have the same number of dimensions as self tensor");
  }
  const source = src === null ? null : atLeastOne(src);
  if (source !== null && source.length !== asked.length) {
    throw new ShapeError("Index tensor must have the same number of dimensions as src tensor");
  }
  const wrong = asked.some((n, d) => (d !== dim && n > own[d]) || (source !== null && n > source[d]));
  if (!wrong) return;
  throw new ShapeError(
    src === null
      ? `Expected index ${text(index.sizes)} to be smaller than self ${text(input.sizes)} apart from dimension ${dim}`
      : `Expected index ${text(index.sizes)} to be smaller than self ${text(input.sizes)} apart from dimension ${dim} and to be smaller size than src ${text(src.sizes)}`,
  );
}

/** Two tensors that must have one dtype. */
export function requireSelfDtype(call: string, input: Tensor, other: Tensor, name: string): void {
  if (input.dtype === other.dtype) return;
  throw new DTypeError(`${call}(): Expected self.dtype to be equal to ${name}.dtype`);
}

/** Runs an access by flat position, with PyTorch's words for a position out of range. */
export function flatAccess(line: Tensor, access: () => void): void {
  try {
    access();
  } catch (error) {
    const value = error instanceof IndexError ? /^index (-?\d+) is out of bounds/.exec(error.message) : null;
    if (value === null) throw error;
    throw new IndexError(`out of range: tried to access index ${value[1]} on a tensor of ${line._numel} elements.`);
  }
}
