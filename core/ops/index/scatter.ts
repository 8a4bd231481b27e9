// Writing by position or mask into a copy: the functions and methods that leave their operand alone.

import { signed } from "../../arguments/signed";
import { broadcastPair, sameShape } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import type { Scalar } from "../../tensor/dtype";
import { indexAddWrite, indexCopyWrite, indexFillWrite, putWrite } from "./index-write";
import { maskedFillWrite, maskedScatterWrite } from "./mask-write";
import { indexReduceWrite, scatterAddWrite, scatterReduceWrite } from "./scatter-write";
import { scattering } from "./scattering";
import { outOfPlace, written } from "../shared/write";
import { signedOut } from "../shared/out";

/**
 * A copy with out[index[i][j]][j] = src[i][j] along `dim` 0, and so on; `src` is a tensor or one value. Option `reduce`: "add" or
 * "multiply". Throws IndexError for a position out of range. Source: torch.scatter.
 */
export const scatter = scattering("scatter", written);
/** As `scatter`, adding; equal positions add up in order. Source: torch.scatter_add. */
export const scatterAdd = signed(
  "scatterAdd(Tensor input, int dim, Tensor index, Tensor src)",
  outOfPlace(scatterAddWrite),
);
/** As `scatter`, combining by "sum", "prod", "mean", "amax" or "amin". Option: `includeSelf` (true). Source: torch.scatter_reduce. */
export const scatterReduce = signed(
  "scatterReduce(Tensor input, int dim, Tensor index, Tensor src, str reduce, *, bool includeSelf=True)",
  outOfPlace(scatterReduceWrite),
);
/** As `indexAdd`, combining by "prod", "mean", "amax" or "amin". Options: `includeSelf` (true), `out`. Source: torch.index_reduce. */
export const indexReduce = signedOut(
  "indexReduce(Tensor input, int dim, Tensor index, Tensor source, str reduce, *, bool includeSelf=True, Tensor? out=None)",
  outOfPlace(indexReduceWrite),
);
/** A copy with `source`, times `alpha` (1), added to the parts of `dim` at the positions of a vector. Option: `out`. Source: torch.index_add. */
export const indexAdd = signedOut(
  "indexAdd(Tensor input, int dim, Tensor index, Tensor source, *, Number alpha=1, Tensor? out=None)",
  outOfPlace(indexAddWrite),
);
/** A copy with the parts of `dim` at the positions of a vector replaced by `source`. Option: `out`. Source: torch.index_copy. */
export const indexCopy = signedOut(
  "indexCopy(Tensor input, int dim, Tensor index, Tensor source, *, Tensor? out=None)",
  outOfPlace(indexCopyWrite),
);
/** A copy with one value in the parts of `dim` at the positions of a vector. Source: torch.index_fill. */
export const indexFill = signed(
  "indexFill(Tensor input, int dim, Tensor index, Tensor|Number value)",
  outOfPlace(indexFillWrite),
);
/** A copy with elements of `source` at flat positions; `accumulate` adds. Source: torch.put. */
export const put = signed(
  "put(Tensor input, Tensor index, Tensor source, bool accumulate=False)",
  outOfPlace(putWrite),
);

/** A copy with one value where the mask is true, both broadcast. Source: torch.masked_fill. */
export const maskedFill = signed("maskedFill(Tensor input, Tensor mask, Tensor|Number value)", maskedFillOf);

function maskedFillOf(input: Tensor, mask: Tensor, value: Scalar | Tensor): Tensor {
  const wide = widened(input, mask);
  return written(wide, maskedFillWrite(wide, mask, value));
}

/** A copy with the elements of `source`, in order, where the mask is true. Source: torch.masked_scatter. */
export const maskedScatter = signed("maskedScatter(Tensor input, Tensor mask, Tensor source)", maskedScatterOf);

function maskedScatterOf(input: Tensor, mask: Tensor, source: Tensor): Tensor {
  const wide = widened(input, mask);
  return written(wide, maskedScatterWrite(wide, mask, source));
}

function widened(input: Tensor, mask: Tensor): Tensor {
  const shape = broadcastPair(mask.sizes, input.sizes);
  return sameShape(shape, input.sizes) ? input : input.expand([...shape]);
}
