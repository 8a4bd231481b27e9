// A copy in which one view's region is replaced.

import { relabel } from "../../autograd/record";
import { ShapeError } from "../../errors";
import { sameShape, text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { type Arguments, read } from "../shared/arguments";

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

interface DiagonalOptions {
  offset?: number;
  dim1?: number;
  dim2?: number;
}

/** A copy with a diagonal replaced. Options: `offset`, `dim1`, `dim2`. Source: torch.diagonal_scatter. */
export function diagonalScatter(
  input: Tensor,
  src: Tensor,
  ...args: Arguments<[offset?: number, dim1?: number, dim2?: number], DiagonalOptions>
): Tensor {
  const {
    offset = 0,
    dim1 = 0,
    dim2 = 1,
  } = read<DiagonalOptions>("diagonal_scatter", args, ["offset", "dim1", "dim2"]);
  return replaced("DiagonalScatterBackward0", input, src, (of) => of.diagonal(offset, dim1, dim2));
}

/** A copy with one position of a dimension replaced. Source: torch.select_scatter. */
export function selectScatter(input: Tensor, src: Tensor, dim: number, index: number): Tensor {
  return replaced("SelectScatterBackward0", input, src, (of) => of.select(dim, index));
}

interface SliceOptions {
  dim?: number;
  start?: number | null;
  end?: number | null;
  step?: number;
}

/** A copy with a slice of a dimension replaced. Options: `dim` (0), `start`, `end`, `step`. Source: torch.slice_scatter. */
export function sliceScatter(
  input: Tensor,
  src: Tensor,
  ...args: Arguments<[dim?: number, start?: number | null, end?: number | null, step?: number], SliceOptions>
): Tensor {
  const { dim = 0, start, end, step = 1 } = read<SliceOptions>("slice_scatter", args, ["dim", "start", "end", "step"]);
  return replaced("SliceScatterBackward0", input, src, (of) => of.slice(dim, start ?? null, end ?? null, step));
}
