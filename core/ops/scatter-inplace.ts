// Writing by position or mask in place. Methods only.

import {
  indexAddWrite,
  indexCopyWrite,
  indexFillWrite,
  maskedFillWrite,
  maskedScatterWrite,
  putWrite,
} from "./index-write";
import { scatterAddWrite, scatterReduceWrite, scatterWrite } from "./scatter-write";
import { inPlace } from "./write";

/** `scatter` in place. Source: Tensor.scatter_. */
export const scatter_ = inPlace(scatterWrite);
/** `scatterAdd` in place. Source: Tensor.scatter_add_. */
export const scatterAdd_ = inPlace(scatterAddWrite);
/** `scatterReduce` in place. Source: Tensor.scatter_reduce_. */
export const scatterReduce_ = inPlace(scatterReduceWrite);
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
