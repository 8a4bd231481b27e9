// Writing by position or mask in place. Methods only.

import { ShapeError } from "../../errors";
import type { Scalar } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { indexAddWrite, indexCopyWrite, indexFillWrite, putWrite } from "./index-write";
import { maskedFillWrite, maskedScatterWrite } from "./mask-write";
import { indexReduceWrite, scatterAddWrite, scatterReduceWrite, scatterWrite } from "./scatter-write";
import { inPlace } from "../shared/write";

/** `scatter` in place. Source: Tensor.scatter_. */
export const scatter_ = inPlace(scatterWrite);
/** `scatterAdd` in place. Source: Tensor.scatter_add_. */
export const scatterAdd_ = inPlace(scatterAddWrite);
/** `scatterReduce` in place. Source: Tensor.scatter_reduce_. */
export const scatterReduce_ = inPlace(scatterReduceWrite);
/** `indexReduce` in place. Source: Tensor.index_reduce_. */
export const indexReduce_ = inPlace(indexReduceWrite);
/** `indexAdd` in place. Source: Tensor.index_add_. */
export const indexAdd_ = inPlace(indexAddWrite);
/** `indexCopy` in place. Source: Tensor.index_copy_. */
export const indexCopy_ = inPlace(indexCopyWrite);
/** `indexFill` in place. Source: Tensor.index_fill_. */
export const indexFill_ = inPlace(indexFillWrite);
/** `put` in place. Source: Tensor.put_. */
export const put_ = inPlace(putWrite);
/** `maskedFill` in place; the mask broadcasts to the tensor. Source: Tensor.masked_fill_. */
export const maskedFill_ = inPlace(maskedFillWrite);
/** `maskedScatter` in place. Source: Tensor.masked_scatter_. */
export const maskedScatter_ = inPlace(maskedScatterWrite);

/**
 * Writes one value on the main diagonal (all indices equal); `wrap` goes on below in a tall matrix. Source: Tensor.fill_diagonal_.
 */
export function fillDiagonal_(input: Tensor, value: Scalar, wrap: boolean | { wrap?: boolean } = false): Tensor {
  const { sizes, strides, ndim } = input;
  if (ndim < 2) throw new ShapeError("dimensions must larger than 1");
  if (ndim > 2 && sizes.some((n) => n !== sizes[0])) {
    throw new ShapeError("all dimensions of input must be of equal length");
  }
  const step = strides.reduce((sum, s) => sum + s, 0);
  input.asStrided([Math.min(...sizes)], [step], input.offset).fill_(value);
  const wraps = typeof wrap === "boolean" ? wrap : (wrap.wrap ?? false);
  const [rows, columns] = sizes;
  if (wraps && ndim === 2) {
    for (let from = columns + 1; from < rows; from += columns + 1) {
      fillDiagonal_(input.slice(0, from, Math.min(from + columns, rows)), value);
    }
  }
  return input;
}
