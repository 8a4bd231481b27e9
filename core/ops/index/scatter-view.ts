// A copy in which one view's region is replaced.

import { relabel } from "../../autograd/record";
import { signed } from "../../arguments/signed";
import { ShapeError } from "../../errors";
import { sameShape, text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";

function replaced(name: string, input: Tensor, src: Tensor, region: (of: Tensor) => Tensor): Tensor {
  const out = input.clone();
  const target = region(out);
  if (!sameShape(target.sizes, src.sizes)) {
    throw new ShapeError(
      `expected src to have a size equal to the slice of self. src size = ${text(src.sizes)}, slice size = ${text(target.sizes)}`,
    );
  }
  target.copy_(src);
  return relabel(out, name);
}

/** A copy with a diagonal replaced. Options: `offset`, `dim1`, `dim2`. Source: torch.diagonal_scatter. */
export const diagonalScatter = signed(
  "diagonalScatter(Tensor input, Tensor src, int offset=0, int dim1=0, int dim2=1)",
  diagonalScatterOf,
);

function diagonalScatterOf(input: Tensor, src: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  return replaced("DiagonalScatterBackward0", input, src, (of) => of.diagonal(offset, dim1, dim2));
}

/** A copy with one position of a dimension replaced. Source: torch.select_scatter. */
export const selectScatter = signed("selectScatter(Tensor input, Tensor src, int dim, int index)", selectScatterOf);

function selectScatterOf(input: Tensor, src: Tensor, dim: number, index: number): Tensor {
  return replaced("SelectScatterBackward0", input, src, (of) => of.select(dim, index));
}

/** A copy with a slice of a dimension replaced. Options: `dim` (0), `start`, `end`, `step`. Source: torch.slice_scatter. */
export const sliceScatter = signed(
  "sliceScatter(Tensor input, Tensor src, int dim=0, int? start=None, int? end=None, int step=1)",
  sliceScatterOf,
);

function sliceScatterOf(
  input: Tensor,
  src: Tensor,
  dim = 0,
  start: number | null = null,
  end: number | null = null,
  step = 1,
): Tensor {
  return replaced("SliceScatterBackward0", input, src, (of) => of.slice(dim, start ?? null, end ?? null, step));
}

/**
 * A copy in which what `asStrided` shows is replaced. Option: `storageOffset` (that of the input). Throws ShapeError for another size.
 * Source: torch.as_strided_scatter.
 */
export const asStridedScatter = signed(
  "asStridedScatter(Tensor input, Tensor src, int[] size, int[] stride, int? storageOffset=None)",
  (
    input: Tensor,
    src: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storageOffset: number | null = null,
  ): Tensor =>
    replaced("AsStridedScatterBackward0", input, src, (of) => of.asStrided([...size], [...stride], storageOffset)),
);
