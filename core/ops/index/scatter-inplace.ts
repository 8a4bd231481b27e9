// Writing by position or mask in place. Methods only.

import { signed } from "../../arguments/signed";
import { ShapeError } from "../../errors";
import type { Scalar } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { indexAddWrite, indexCopyWrite, indexFillWrite, putWrite } from "./index-write";
import { maskedFillWrite, maskedScatterWrite } from "./mask-write";
import { indexReduceWrite, scatterAddWrite, scatterReduceWrite } from "./scatter-write";
import { scattering } from "./scattering";
import { inPlace, writtenInPlace } from "../shared/write";

/** `scatter` in place. Source: Tensor.scatter_. */
export const scatter_ = scattering("scatter_", writtenInPlace);
/** `scatterAdd` in place. Source: Tensor.scatter_add_. */
export const scatterAdd_ = signed(
  "scatterAdd_(Tensor input, int dim, Tensor index, Tensor src)",
  inPlace(scatterAddWrite),
);
/** `scatterReduce` in place. Source: Tensor.scatter_reduce_. */
export const scatterReduce_ = signed(
  "scatterReduce_(Tensor input, int dim, Tensor index, Tensor src, str reduce, *, bool includeSelf=True)",
  inPlace(scatterReduceWrite),
);
/** `indexReduce` in place. Source: Tensor.index_reduce_. */
export const indexReduce_ = signed(
  "indexReduce_(Tensor input, int dim, Tensor index, Tensor source, str reduce, *, bool includeSelf=True)",
  inPlace(indexReduceWrite),
);
/** `indexAdd` in place. Source: Tensor.index_add_. */
export const indexAdd_ = signed(
  "indexAdd_(Tensor input, int dim, Tensor index, Tensor source, *, Number alpha=1)",
  inPlace(indexAddWrite),
);
/** `indexCopy` in place. Source: Tensor.index_copy_. */
export const indexCopy_ = signed(
  "indexCopy_(Tensor input, int dim, Tensor index, Tensor source)",
  inPlace(indexCopyWrite),
);
/** `indexFill` in place. Source: Tensor.index_fill_. */
export const indexFill_ = signed(
  "indexFill_(Tensor input, int dim, Tensor index, Tensor|Number value)",
  inPlace(indexFillWrite),
);
/** `put` in place. Source: Tensor.put_. */
export const put_ = signed("put_(Tensor input, Tensor index, Tensor source, bool accumulate=False)", inPlace(putWrite));
/** `maskedFill` in place; the mask broadcasts to the tensor. Source: Tensor.masked_fill_. */
export const maskedFill_ = signed(
  "maskedFill_(Tensor input, Tensor mask, Tensor|Number value)",
  inPlace(maskedFillWrite),
);
/** `maskedScatter` in place. Source: Tensor.masked_scatter_. */
export const maskedScatter_ = signed(
  "maskedScatter_(Tensor input, Tensor mask, Tensor source)",
  inPlace(maskedScatterWrite),
);

/**
 * Writes one value on the main diagonal (all indices equal); `wrap` goes on below in a tall matrix. Source: Tensor.fill_diagonal_.
 */
export const fillDiagonal_ = signed(
  "fillDiagonal_(Tensor input, Number fillValue, bool wrap=False)",
  fillDiagonalInPlace,
);

function fillDiagonalInPlace(input: Tensor, value: Scalar, wrap = false): Tensor {
  const { sizes, strides, ndim } = input;
  if (ndim < 2) throw new ShapeError("dimensions must larger than 1");
  if (ndim > 2 && sizes.some((n) => n !== sizes[0])) {
    throw new ShapeError("all dimensions of input must be of equal length");
  }
  const step = strides.reduce((sum, s) => sum + s, 0);
  input.asStrided([Math.min(...sizes)], [step], input.offset).fill_(value);
  const [rows, columns] = sizes;
  if (wrap && ndim === 2) {
    for (let from = columns + 1; from < rows; from += columns + 1) {
      fillDiagonalInPlace(input.slice(0, from, Math.min(from + columns, rows)), value);
    }
  }
  return input;
}
