// Elements and blocks of several tensors put together in all ways: tuples, combinations, block diagonals.

import { CressetError, ShapeError } from "../../errors";
import { int64, resultDtype } from "../../tensor/dtype";
import { text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { requireTensors } from "../../arguments/signature";
import { signed } from "../../arguments/signed";
import { tensor, zeros } from "./create";
import { promotable } from "../elementwise/pointwise-op";
import { meshgrid, stack } from "./join";

function requireVector(x: Tensor): void {
  if (x.ndim !== 1) throw new ShapeError(`Expect a 1D vector, but got shape ${text(x.sizes)}`);
}

/** All tuples of elements of vectors, one a row, the last changing fastest; of one vector itself. Source: torch.cartesian_prod. */
export function cartesianProd(...tensors: readonly Tensor[]): Tensor {
  requireTensors("cartesian_prod", tensors);
  for (const x of tensors) requireVector(x);
  if (tensors.length === 1) return tensors[0];
  return stack(
    meshgrid(...tensors, { indexing: "ij" }).map((x) => x.flatten()),
    { dim: 1 },
  );
}

/** All choices of `r` elements of a vector, one a row, in order. Options: `r` (2), `withReplacement`. Source: torch.combinations. */
export const combinations = signed("combinations(Tensor input, int r=2, bool withReplacement=False)", combinationsOf);

function combinationsOf(input: Tensor, r = 2, withReplacement = false): Tensor {
  requireVector(input);
  if (r < 0) throw new CressetError(`Expect a non-negative number, but got ${r}`);
  if (r === 0) return input.newEmpty([0]);
  const n = input.sizes[0];
  let rows: number[][] = Array.from({ length: n }, (_, k) => [k]);
  for (let k = 1; k < r; k++) {
    rows = rows.flatMap((row) => {
      const from = row[k - 1] + (withReplacement ? 0 : 1);
      return Array.from({ length: Math.max(0, n - from) }, (_, step) => [...row, from + step]);
    });
  }
  return input.indexSelect(0, tensor(rows.flat(), { dtype: int64 })).reshape([rows.length, r]);
}

/** Matrices along a diagonal, zeros elsewhere; vectors are rows, numbers 1 by 1. Source: torch.block_diag. */
export function blockDiag(...tensors: readonly Tensor[]): Tensor {
  requireTensors("block_diag", tensors);
  const blocks = tensors.map((x, k) => {
    if (x.ndim > 2) {
      throw new ShapeError(
        `torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${k} has ${x.ndim} dimensions`,
      );
    }
    return x.ndim === 2 ? x : x.reshape([1, x.numel()]);
  });
  // Of nothing there is one row without columns.
  if (blocks.length === 0) return zeros(1, 0);
  const dtype = resultDtype(tensors.map(promotable));
  const total = (d: number) => blocks.reduce((n, x) => n + x.sizes[d], 0);
  const out = zeros([total(0), total(1)], { dtype });
  let [row, column] = [0, 0];
  for (const block of blocks) {
    const [height, width] = block.sizes;
    out.narrow(0, row, height).narrow(1, column, width).copy_(block);
    row += height;
    column += width;
  }
  return out;
}
