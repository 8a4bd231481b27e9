// Linear algebra of tensors as vectors and as maps between tensors.

import { signed } from "../../arguments/signed";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { bfloat16, bool, float16, int64, promoteTypes } from "../../tensor/dtype";
import { numelOf } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { cat } from "../create/join";
import { ones } from "../create/create";
import { cross as crossOf } from "../matrix/products";
import { intoOut } from "../shared/out";
import { requireSameDtypes } from "./matrices";
import { inv, solve } from "./solve";

function tensorinvOf(input: Tensor, ind = 2, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("linalg_tensorinv", [input], out, tensorinvOf(input.detach(), ind));
  if (!(ind > 0)) throw new CressetError(`Expected a strictly positive integer for 'ind', but got ${ind}`);
  const [before, after] = [input.sizes.slice(0, ind), input.sizes.slice(ind)];
  const [rows, cols] = [numelOf(before), numelOf(after)];
  if (rows !== cols) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ${cols} != ${rows}`,
    );
  }
  return inv(input.reshape([cols, rows])).reshape([...after, ...before]);
}

/**
 * The inverse of a tensor as a map from its last dimensions to its first `ind` (2) ones. Option: `out`. Throws ShapeError where both have different
 * numbers of elements, LinAlgError where there is no inverse. Source: torch.linalg.tensorinv.
 */
export const tensorinv = signed("linalgTensorinv(Tensor input, int ind=2, *, Tensor? out=None)", tensorinvOf);

function tensorsolveOf(
  input: Tensor,
  other: Tensor,
  dims: readonly number[] | null = null,
  out: Tensor | null = null,
): Tensor {
  if (out !== null) {
    return intoOut("linalg_tensorsolve", [input, other], out, tensorsolveOf(input.detach(), other.detach(), dims));
  }
  const moved =
    dims === null
      ? input
      : input.movedim(
          [...dims],
          dims.map((_, k) => input.ndim - dims.length + k),
        );
  const sizes = moved.sizes.slice(other.ndim);
  const [rows, cols] = [numelOf(moved.sizes.slice(0, other.ndim)), numelOf(sizes)];
  if (rows !== cols) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got ${cols} != ${rows}`,
    );
  }
  return solve(moved.reshape([cols, cols]), other.flatten()).reshape(sizes);
}

/**
 * X with tensordot(input, X, X.ndim) = other. Options: `dims`: dimensions of the input that are moved to its end first, `out`. Throws ShapeError where
 * they do not fit, LinAlgError for a singular map. Source: torch.linalg.tensorsolve.
 */
export const tensorsolve = signed(
  "linalgTensorsolve(Tensor input, Tensor other, int[]? dims=None, *, Tensor? out=None)",
  tensorsolveOf,
);

function vanderOf(given: Tensor, columns: number | null = null): Tensor {
  const x = given.ndim === 0 ? given.unsqueeze(-1) : given;
  if (x.dtype === float16 || x.dtype === bfloat16 || x.dtype === bool) {
    throw new DTypeError(
      `linalg.vander supports floating point, complex, and integer tensors, but got ${x.dtype.scalarName}`,
    );
  }
  const n = columns ?? x.sizes[x.ndim - 1];
  if (!(n > 1)) throw new CressetError("N must be greater than 1.");
  const powers = x
    .unsqueeze(-1)
    .expand([...x.sizes, n - 1])
    .cumprod(-1);
  return cat([ones([...x.sizes, 1], { dtype: powers.dtype }), powers], -1);
}

/** The powers 0 to N − 1 of every element along a new last dimension. Option: `N` (the last size). Throws CressetError for N below 2. Source: torch.linalg.vander. */
export const vander = signed("linalgVander(Tensor x, *, int? N=None)", vanderOf);

/**
 * The powers of every element of a vector as rows of a matrix with `N` columns (default: as many as elements), falling to 0, or rising
 * where `increasing`. Throws ShapeError for other than a vector. Source: torch.vander.
 */
export const vanderOfVector = signed("vander(Tensor x, int? N=None, bool increasing=False)", vanderOfVectorOf);

function vanderOfVectorOf(x: Tensor, columns: number | null = null, increasing = false): Tensor {
  if (x.ndim !== 1) throw new ShapeError("x must be a one-dimensional tensor.");
  const n = columns ?? x.sizes[0];
  if (n < 0) throw new CressetError("N must be non-negative.");
  const dtype = promoteTypes(x.dtype, x.dtype.isFloatingPoint ? x.dtype : int64);
  const one = ones([x.sizes[0], Math.min(n, 1)], { dtype });
  const wide = x.to(dtype).unsqueeze(-1);
  const powers = n > 1 ? cat([one, wide.expand([x.sizes[0], n - 1]).cumprod(-1)], -1) : one;
  return increasing ? powers : powers.flip([-1]);
}

function vecdotOf(x: Tensor, y: Tensor, dim = -1, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("linalg_vecdot", [x, y], out, vecdotOf(x.detach(), y.detach(), dim));
  if (!x.dtype.isFloatingPoint) {
    throw new DTypeError(
      `linalg.vecdot: Expected a floating point or complex tensor as input. Got ${x.dtype.scalarName}`,
    );
  }
  requireSameDtypes("linalg.vecdot", x, y, ["x", "y"]);
  return x.ndim === 1 && y.ndim === 1 ? x.vdot(y) : x.mul(y).sum(dim);
}

/** Inner products of vectors along `dim` (−1), batches broadcast. Option: `out`. Source: torch.linalg.vecdot. */
export const vecdot = signed("linalgVecdot(Tensor x, Tensor y, *, int dim=-1, Tensor? out=None)", vecdotOf);

function crossAlong(input: Tensor, other: Tensor, dim = -1, out: Tensor | null = null): Tensor {
  if (out === null) return crossOf(input, other, dim);
  return intoOut("linalg_cross", [input, other], out, crossOf(input.detach(), other.detach(), dim));
}

/** The product of vectors of three elements along `dim` (−1), batches broadcast. Option: `out`. Source: torch.linalg.cross. */
export const cross = signed("linalgCross(Tensor input, Tensor other, *, int dim=-1, Tensor? out=None)", crossAlong);

/** The diagonals of matrices, as a view. Options: `offset` (0), `dim1` (−2), `dim2` (−1). Source: torch.linalg.diagonal. */
export const diagonal = signed(
  "linalgDiagonal(Tensor A, *, int offset=0, int dim1=-2, int dim2=-1)",
  (a: Tensor, offset = 0, dim1 = -2, dim2 = -1): Tensor => a.diagonal(offset, dim1, dim2),
);
