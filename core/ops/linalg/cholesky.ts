// Symmetric matrices: Cholesky factorization and what is solved by it, and LDL factorization.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { ownResult, record } from "../../autograd/record";
import { call } from "../../dispatch";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { bool, int32 } from "../../tensor/dtype";
import { empty, type Tensor } from "../../tensor/tensor";
import { notImplemented } from "../shared/gradient-checks";
import { type Named, named } from "../shared/named";
import { intoOut, intoOuts } from "../shared/out";
import {
  batchOf,
  byColumns,
  checkCodes,
  codesFor,
  matrixOf,
  readByColumns,
  requireReal,
  requireSameDtypes,
  requireSquare,
  sameBatch,
  stored,
  transposed,
} from "./matrices";
import { requireEquation, requireOldEquation, solveTriangle } from "./triangular";

const choleskyBackward =
  (upper: boolean): Backward =>
  ([g], [factor]) => {
    if (!g) return [null];
    const l = upper ? transposed(factor) : factor;
    const half = transposed(l)
      .matmul(upper ? transposed(g) : g)
      .tril();
    const symmetric = half.add(transposed(half.tril(-1))).mul(0.5);
    const right = solveTriangle(l, symmetric, { upper: false, left: false });
    return [solveTriangle(transposed(l), right, { upper: true })];
  };

/** The factor and error codes, recorded under `node`. */
function factor(a: Tensor, upper: boolean, node: string): { result: Tensor; info: Tensor } {
  const result = byColumns(a);
  const info = codesFor(a);
  if (result._numel > 0) call("choleskyFactor", [stored(result), info], [upper ? 1 : 0]);
  record(node, [a], [result, info], choleskyBackward(upper), [result]);
  return { result, info };
}

/** Checks that stand before both ways to factor. */
function factorChecked(call: string, a: Tensor, upper: boolean, out: unknown, node: string) {
  requireSquare(call, a);
  requireReal(call, a);
  return factor(out === null ? a : a.detach(), upper, node);
}

const OWN = "LinalgCholeskyExBackward0";

/**
 * L of A = L Lᵀ for symmetric positive-definite matrices (…, n, n), of which the lower triangle is read. Options: `upper` (false; true: U of
 * A = Uᵀ U), `out`. Throws LinAlgError where the matrix is not positive-definite. Source: torch.linalg.cholesky.
 */
export const cholesky = signed(
  "linalgCholesky(Tensor A, *, bool upper=False, Tensor? out=None)",
  (a: Tensor, upper = false, out: Tensor | null = null): Tensor => {
    const { result, info } = factorChecked("linalg.cholesky", a, upper, out, OWN);
    checkCodes("linalg.cholesky", "cholesky", info);
    return out === null ? result : intoOut("linalg_cholesky", [a], out, result);
  },
);

/** `[L, info]`: as `cholesky`, with an error code per matrix. Options: `upper` (false), `checkErrors` (false), `out`. Source: torch.linalg.cholesky_ex. */
export const choleskyEx = signed(
  "linalgCholeskyEx(Tensor A, *, bool upper=False, bool checkErrors=False, Tensor[]? out=None)",
  (a: Tensor, upper = false, checkErrors = false, out: readonly Tensor[] | null = null): Named<["L", "info"]> => {
    const { result, info } = factorChecked("linalg.cholesky", a, upper, out, OWN);
    if (checkErrors) checkCodes("linalg.cholesky_ex", "cholesky", info);
    const given = out === null ? [result, info] : intoOuts("linalg_cholesky_ex", [a], out, [result, info]);
    return named("linalg_cholesky_ex", ["L", "info"], [given[0], given[1]]);
  },
);

/**
 * L of A = L Lᵀ for symmetric positive-definite matrices (…, n, n). Options: `upper` (false; true: U of A = Uᵀ U, the upper triangle is read),
 * `out`. Throws LinAlgError where the matrix is not positive-definite. Source: torch.cholesky.
 */
export const choleskyOfInput = signed(
  "cholesky(Tensor input, bool upper=False, *, Tensor? out=None)",
  (a: Tensor, upper = false, out: Tensor | null = null): Tensor => {
    // PyTorch does not look at a matrix without elements.
    if (a._numel === 0 && out === null) return a.clone();
    const { result, info } = factorChecked("cholesky", a, upper, out, "CholeskyBackward0");
    checkCodes("cholesky", "cholesky", info);
    return out === null ? result : intoOut("cholesky", [a], out, result);
  },
);

function solveByFactor(b: Tensor, a: Tensor, upper: boolean): Tensor {
  const out = byColumns(b);
  if (out._numel > 0) call("choleskySolve", [stored(out), readByColumns(a)], [upper ? 1 : 0]);
  record("CholeskySolveBackward0", [b, a], [out], solveBackward(upper), [a, [out, 1]]);
  return out;
}

const solveBackward =
  (upper: boolean): Backward =>
  ([g], [a, x], [, toA]) => {
    if (!g) return [null, null];
    const gb = solveByFactor(g, a, upper);
    if (!toA) return [gb, null];
    const product = gb.matmul(transposed(x));
    const both = product.add(transposed(product));
    return [gb, (upper ? a.matmul(both) : both.matmul(a)).neg()];
  };

/**
 * X of (L Lᵀ) X = input for the factor L (…, n, n) and input (…, n, k), batches broadcast. Options: `upper` (false; true: the factor is U of Uᵀ U),
 * `out`. Source: torch.cholesky_solve.
 */
export const choleskySolve = signed(
  "choleskySolve(Tensor input, Tensor input2, bool upper=False, *, Tensor? out=None)",
  (b: Tensor, a: Tensor, upper = false, out: Tensor | null = null): Tensor => {
    if (out !== null) return intoOut("cholesky_solve", [b, a], out, choleskySolve(b.detach(), a.detach(), upper));
    for (const [name, x] of [
      ["b", b],
      ["u", a],
    ] as const) {
      if (x.ndim < 2)
        throw new ShapeError(`${name} should have at least 2 dimensions, but has ${x.ndim} dimensions instead`);
    }
    requireOldEquation("cholesky_solve", b, a);
    requireReal("cholesky_solve", b);
    requireSameDtypes("cholesky_solve", b, a, ["b", "A"]);
    const [wideB, wideA] = sameBatch(b, a);
    return solveByFactor(wideB, wideA, upper);
  },
);

const inverseBackward =
  (upper: boolean): Backward =>
  ([g], [factor, inverse]) => {
    if (!g) return [null];
    const both = inverse.matmul(g.add(transposed(g)).matmul(inverse));
    return [(upper ? factor.matmul(both) : both.matmul(factor)).neg()];
  };

/**
 * The inverse of L Lᵀ for factors L (…, n, n). Options: `upper` (false; true: of Uᵀ U), `out`. Throws LinAlgError for a zero on the diagonal.
 * Source: torch.cholesky_inverse.
 */
export const choleskyInverse = signed(
  "choleskyInverse(Tensor input, bool upper=False, *, Tensor? out=None)",
  (factor: Tensor, upper = false, out: Tensor | null = null): Tensor => {
    requireSquare("cholesky_inverse", factor);
    requireReal("cholesky_inverse", factor);
    const result = byColumns(factor);
    const info = codesFor(factor);
    if (result._numel > 0) call("choleskyInvert", [stored(result), info], [upper ? 1 : 0]);
    checkCodes("cholesky_inverse", "inverse", info);
    if (out !== null) return intoOut("cholesky_inverse", [factor], out, result);
    record("CholeskyInverseBackward0", [factor], [result], inverseBackward(upper), [factor, result]);
    return result;
  },
);

/** The factorization A = L D Lᵀ in one matrix, with pivots and error codes; recorded without a derivative. */
function factorIndefinite(a: Tensor): [ld: Tensor, pivots: Tensor, info: Tensor] {
  requireSquare("torch.linalg.ldl_factor_ex", a);
  requireReal("torch.linalg.ldl_factor_ex", a);
  const ld = byColumns(a);
  const pivots = empty(a.sizes.slice(0, -1), int32);
  const info = codesFor(a);
  if (ld._numel > 0) call("ldlFactor", [stored(ld), pivots, info]);
  record("NotImplemented", [a], [ld, pivots, info], notImplemented("linalg_ldl_factor_ex"));
  return [ld, pivots, info];
}

/**
 * `[LD, pivots]`, the factorization A = L D Lᵀ of symmetric matrices (…, n, n), of which the lower triangle is read. Options: `hermitian` (false: the
 * same for real matrices), `out`. Throws LinAlgError for a singular matrix. Has no gradient. Source: torch.linalg.ldl_factor.
 */
export const ldlFactor = signed(
  "linalgLdlFactor(Tensor input, *, bool hermitian=False, Tensor[]? out=None)",
  (a: Tensor, _hermitian = false, out: readonly Tensor[] | null = null): Named<["LD", "pivots"]> => {
    const [ld, pivots, info] = factorIndefinite(out === null ? a : a.detach());
    checkCodes("torch.linalg.ldl_factor", "ldl", info);
    const given = out === null ? [ld, pivots] : intoOuts("linalg_ldl_factor", [a], out, [ld, pivots]);
    return named("linalg_ldl_factor", ["LD", "pivots"], [given[0], given[1]]);
  },
);

/** `[LD, pivots, info]`: as `ldlFactor`, with an error code per matrix. Options: `hermitian` (false), `checkErrors` (false), `out`. Source: torch.linalg.ldl_factor_ex. */
export const ldlFactorEx = signed(
  "linalgLdlFactorEx(Tensor input, *, bool hermitian=False, bool checkErrors=False, Tensor[]? out=None)",
  (
    a: Tensor,
    _hermitian = false,
    checkErrors = false,
    out: readonly Tensor[] | null = null,
  ): Named<["LD", "pivots", "info"]> => {
    const results = factorIndefinite(out === null ? a : a.detach());
    if (checkErrors) checkCodes("torch.linalg.ldl_factor_ex", "ldl", results[2]);
    const given = out === null ? results : intoOuts("linalg_ldl_factor_ex", [a], out, results);
    return named("linalg_ldl_factor_ex", ["LD", "pivots", "info"], [given[0], given[1], given[2]]);
  },
);

/**
 * X of A X = B by the result of `ldlFactor(A)`, batches broadcast. Options: `hermitian` (false), `out`. Has no gradient. Source:
 * torch.linalg.ldl_solve.
 */
export const ldlSolve = signed(
  "linalgLdlSolve(Tensor LD, Tensor pivots, Tensor B, *, bool hermitian=False, Tensor? out=None)",
  (ld: Tensor, pivots: Tensor, b: Tensor, _hermitian = false, out: Tensor | null = null): Tensor => {
    requireEquation("torch.linalg.ldl_solve", ld, b, true);
    if (pivots.dtype.isFloatingPoint || pivots.dtype === bool) {
      throw new DTypeError(`torch.linalg.ldl_solve: Expected pivots to be integers. Got ${pivots.dtype.scalarName}`);
    }
    if (String(pivots.sizes) !== String(ld.sizes.slice(0, -1))) {
      throw new CressetError(
        `torch.linalg.ldl_solve: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape [${pivots.sizes.join(", ")}] instead`,
      );
    }
    requireReal("torch.linalg.ldl_solve", ld);
    requireSameDtypes("torch.linalg.ldl_solve", ld, b, ["LD", "B"]);
    const [wide, right] = sameBatch(ld, b);
    const result = byColumns(right);
    const exchanges = pivots
      .to(int32)
      .expand([...batchOf(wide), matrixOf(wide)[0]])
      .contiguous();
    if (result._numel > 0) call("ldlSolve", [stored(result), readByColumns(wide), exchanges]);
    if (out !== null) return intoOut("linalg_ldl_solve", [ld, b], out, result);
    record("NotImplemented", [ld, b], [result], notImplemented("linalg_ldl_solve"));
    return ownResult(result, "NotImplemented");
  },
);
