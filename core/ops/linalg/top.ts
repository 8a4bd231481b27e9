// Functions of linear algebra that stand in the torch namespace, older than torch.linalg; all of them are methods, too.

import { overloaded, signed } from "../../arguments/signed";
import { CressetError, ShapeError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";
import { signAndLog, det as detOf } from "./solve";
import { factoredRecorded, luSolve as luSolveOf } from "./lu";
import { requireReal, requireSquare } from "./matrices";

export { choleskyInverse, choleskyOfInput as cholesky, choleskySolve } from "./cholesky";
export { matrixExpOfInput as matrixExp, matrixPowerOfInput as matrixPower } from "./matrix-functions";
export { dist, norm, renorm } from "./norms";
export { geqrf, orgqr, ormqr, qrOfInput as qr } from "./orthogonal";
export { pinverse } from "./pseudo-inverse";
export { inverse, slogdetOfInput as slogdet } from "./solve";
export { svdOfInput as svd, symeig } from "./spectral";
export { triangularSolve } from "./triangular";

/** The determinant of square matrices (…, n, n). Source: torch.det. */
export const det = signed("det(Tensor input)", (a: Tensor): Tensor => detOf(a));

/** The logarithm of the determinant of square matrices (…, n, n), NaN for a negative one. Source: torch.logdet. */
export const logdet = signed("logdet(Tensor input)", (a: Tensor): Tensor => {
  requireSquare("logdet", a);
  requireReal("logdet", a);
  const [sign, log] = signAndLog("logdet", a);
  return log.where(sign.ne(-1), Number.NaN);
});

/** The matrices (…, m, n) turned around, as a view: for real numbers the transpose. Throws ShapeError for vectors. Source: torch.adjoint. */
export const adjoint = signed("adjoint(Tensor input)", (input: Tensor): Tensor => {
  if (input.ndim === 1) {
    throw new ShapeError(
      `tensor.adjoint() is only supported on matrices or batches of matrices. Got ${input.ndim}-D tensor.`,
    );
  }
  return input.ndim === 0 ? input.transpose(0, 0) : input.transpose(-2, -1);
});

/** All elements, row by row, as the diagonal of a matrix. Option: `offset` (0). Source: torch.diagflat. */
export const diagflat = signed(
  "diagflat(Tensor input, int offset=0)",
  (input: Tensor, offset = 0): Tensor => input.contiguous().view(-1).diag(offset),
);

/** The ways to call `lu`. */
interface Lu {
  (A: Tensor, pivot?: boolean, getInfos?: false): [Tensor, Tensor];
  (A: Tensor, pivot: boolean, getInfos: true): [Tensor, Tensor, Tensor];
  (A: Tensor, options: { pivot?: boolean; getInfos: true }): [Tensor, Tensor, Tensor];
  (A: Tensor, options: { pivot?: boolean; getInfos?: false }): [Tensor, Tensor];
}

/**
 * `[LU, pivots]`, the factorization of matrices (…, m, n), and with `getInfos` (false) an error code per matrix. Option: `pivot` (true). Source: torch.lu.
 */
export const lu = overloaded<Lu>([
  "def lu(Tensor A, bool pivot=True, bool getInfos=False)",
  (a: Tensor, pivot = true, getInfos = false): Tensor[] => {
    const { lu: factors, pivots, info } = factoredRecorded(a, pivot);
    return getInfos ? [factors, pivots, info] : [factors, pivots];
  },
]);

/** X of A X = input by the result of `lu(A)`, batches broadcast. Option: `out`. Source: torch.lu_solve. */
export const luSolve = signed(
  "luSolve(Tensor input, Tensor LU_data, Tensor LU_pivots, *, Tensor? out=None)",
  (b: Tensor, data: Tensor, pivots: Tensor, out: Tensor | null = null): Tensor => luSolveOf(data, pivots, b, { out }),
);

/** PyTorch's words for a function that was removed. */
function removed(successor: string): never {
  throw new CressetError(
    `This function was deprecated since version 1.9 and is now removed. Please use the \`torch.linalg.${successor}\` function instead.`,
  );
}

/** Throws CressetError: `linalg.lstsq` is its successor. Source: torch.lstsq. */
export const lstsq = signed("def lstsq(Tensor input, Tensor A)", (_input: Tensor, _a: Tensor) => removed("lstsq"));
/** Throws CressetError: `linalg.solve` is its successor. Source: torch.solve. */
export const solve = signed("def solve(Tensor input, Tensor A)", (_input: Tensor, _a: Tensor) => removed("solve"));
/** Throws CressetError: `linalg.eig` is its successor. Source: torch.eig. */
export const eig = signed("def eig(Tensor input)", (_: Tensor) => removed("eig"));
