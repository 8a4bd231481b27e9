// Distances between all rows of two tensors.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { record, relabel } from "../../autograd/record";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";
import { requireSameDtype } from "../../tensor/dtype-checks";
import { cat } from "../create/join";

/** How `cdist` finds Euclidean distances: by a matrix product, or row by row, which is exact for close rows and takes more memory. */
export type CdistMode =
  | "use_mm_for_euclid_dist_if_necessary"
  | "use_mm_for_euclid_dist"
  | "donot_use_mm_for_euclid_dist";

/** From how many rows on PyTorch takes the product. */
const manyRows = 25;

/** √(|x|² + |y|² − 2 x·y) for all rows. A distance of 0 has the gradient 0. */
function euclidean(x1: Tensor, x2: Tensor): Tensor {
  const squares = (x: Tensor) => x.square().sum(-1, { keepdim: true });
  const [a, b] = [squares(x1), squares(x2)];
  const left = cat([x1.mul(-2), a, a.detach().newOnes([...a.sizes])], -1);
  const right = cat([x2, b.detach().newOnes([...b.sizes]), b], -1);
  const square = left.matmul(right.transpose(-2, -1)).clampMin(0);
  const none = square.detach().eq(0);
  return square.maskedFill(none, 1).sqrt().maskedFill(none, 0);
}

/**
 * The p-norm distances of all rows of `x1` (…, n, d) to all rows of `x2` (…, m, d): (…, n, m). Options: `p` (2), `computeMode`. Throws
 * ShapeError for rows of different sizes, DTypeError for whole numbers. Source: torch.cdist.
 */
export const cdist = signed("def cdist(Tensor x1, Tensor x2, float p=2, str? computeMode=None)", cdistOf);

function cdistOf(x1: Tensor, x2: Tensor, p = 2, computeMode: CdistMode | null = null): Tensor {
  [x1, x2].forEach((x, k) => {
    if (!x.dtype.isFloatingPoint) {
      throw new DTypeError(`cdist only supports floating-point dtypes, X${k + 1} got: ${x.dtype.scalarName}`);
    }
    if (x.ndim < 2) throw new ShapeError(`cdist only supports at least 2D tensors, X${k + 1} got: ${x.ndim}D`);
  });
  const [columns, others] = [x1, x2].map((x) => x.sizes[x.ndim - 1]);
  if (columns !== others) {
    throw new ShapeError(`X1 and X2 must have the same number of columns. X1: ${columns} X2: ${others}`);
  }
  if (!(p >= 0)) throw new CressetError("cdist only supports non-negative p values");
  requireSameDtype(x1, x2);
  const many = [x1, x2].some((x) => x.sizes[x.ndim - 2] > manyRows);
  const product = computeMode === "use_mm_for_euclid_dist" || (computeMode !== "donot_use_mm_for_euclid_dist" && many);
  const out = p === 2 && product ? euclidean(x1, x2) : lengths(x1.unsqueeze(-2).sub(x2.unsqueeze(-3)), p);
  return relabel(out, "CdistBackward0");
}

/** The p-norm of the last dimension as distances have it: for p = 0 the number of differences, where NaN stays NaN. */
export function lengths(difference: Tensor, p: number): Tensor {
  if (p === 0) return difference.abs().ceil().clampMax(1).sum(-1);
  return p === Number.POSITIVE_INFINITY ? largest(difference) : difference.norm({ p, dim: -1 });
}

/** The largest magnitude of every row; equal ones get the whole gradient each, unlike that of a norm. */
function largest(difference: Tensor): Tensor {
  const out = difference.detach().norm({ p: Number.POSITIVE_INFINITY, dim: -1 });
  const backward: Backward = ([g], [x, y]) => [
    (g as Tensor)
      .unsqueeze(-1)
      .mul(x.sign())
      .where(x.abs().eq(y.detach().unsqueeze(-1)), 0),
  ];
  record("NormBackward1", [difference], [out], backward, [difference, out]);
  return out;
}
