// Matrices of any rank: pseudo-inverse, rank, least squares.

import { overloaded, signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { ownResult, record } from "../../autograd/record";
import { call } from "../../dispatch";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { int64 } from "../../tensor/dtype";
import { finfo } from "../../tensor/limits";
import { sameShape } from "../../tensor/shape";
import { empty, Tensor } from "../../tensor/tensor";
import { type Named, named } from "../shared/named";
import { intoOut, intoOuts } from "../shared/out";
import {
  batchOf,
  byColumns,
  checkCodes,
  codesFor,
  isReal,
  matrixOf,
  requireMatrix,
  requireSameDtypes,
  sameBatch,
  stored,
  transposed,
} from "./matrices";
import { eighOf, singularValues, svdOf, symmetricValues } from "./spectral";

/** A bound on singular values: one number, or one per matrix. */
export type Tolerance = Tensor | number;

/** What counts as zero among singular values. */
interface Tolerances {
  atol?: Tolerance | null;
  rtol?: Tolerance | null;
}

/** The larger of the absolute bound and the one relative to the largest singular value, one number per matrix. */
function boundOf(a: Tensor, largest: Tensor, { atol = null, rtol = null }: Tolerances): Tensor {
  const epsilon = finfo(a.dtype).eps * Math.max(...matrixOf(a));
  // With an absolute bound, the relative one counts only where it was given.
  const isZero = (bound: Tolerance | null) => bound === null || bound === 0;
  let relative: Tensor;
  if (rtol !== null) relative = largest.mul(rtol);
  else if (atol instanceof Tensor) relative = largest.mul(atol.gt(0).to(a.dtype).rsub(1).mul(epsilon));
  else relative = largest.mul(isZero(atol) ? epsilon : 0);
  const absolute = atol instanceof Tensor ? atol.to(a.dtype) : largest.newFull([], atol ?? 0);
  return relative.maximum(absolute);
}

function requirePinv(a: Tensor): void {
  if (isReal(a.dtype) && a.ndim >= 2) return;
  throw new DTypeError(
    `linalg.pinv(${a.dtype.scalarName}{[${a.sizes.join(", ")}]}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types`,
  );
}

/** The pseudo-inverse, unrecorded. */
function pseudoInverse(a: Tensor, tolerances: Tolerances, hermitian: boolean): Tensor {
  const [m, n] = matrixOf(a);
  if (a._numel === 0) return a.newZeros([...batchOf(a), n, m]);
  if (hermitian) {
    const [values, u] = eighOf(a, false, true);
    const size = values.abs();
    const bound = boundOf(a, size.amax(-1), tolerances).unsqueeze(-1);
    const inverse = values.reciprocal().where(size.gt(bound), 0);
    return u.mul(inverse.unsqueeze(-2)).matmul(transposed(u));
  }
  const [u, s, vh] = svdOf(a, false);
  const bound = boundOf(a, s.select(-1, 0), tolerances).unsqueeze(-1);
  const inverse = s.reciprocal().where(s.gt(bound), 0);
  return transposed(vh).matmul(inverse.unsqueeze(-1).mul(transposed(u)));
}

/** The gradient of A from that of its pseudo-inverse, written over tensors. */
function pinvGradient(grad: Tensor, inverse: Tensor, a: Tensor): Tensor {
  const [m, n] = matrixOf(a);
  const turned = transposed(inverse);
  const g = transposed(grad);
  if (m <= n) {
    const k = g.matmul(inverse);
    const product = k.matmul(turned);
    return transposed(inverse.matmul(k))
      .neg()
      .add(product)
      .sub(a.matmul(inverse).matmul(product))
      .add(turned.matmul(inverse).matmul(g.sub(k.matmul(a))));
  }
  const k = inverse.matmul(g);
  const product = turned.matmul(k);
  return transposed(k.matmul(inverse))
    .neg()
    .add(g.sub(a.matmul(k)).matmul(inverse).matmul(turned))
    .add(product)
    .sub(product.matmul(inverse).matmul(a));
}

const pinvBackward: Backward = ([g], [inverse, a]) => [g && pinvGradient(g, inverse, a)];

/** The recorded pseudo-inverse. */
export function pinvOf(a: Tensor, tolerances: Tolerances = {}, hermitian = false, out: Tensor | null = null): Tensor {
  requirePinv(a);
  const inverse = pseudoInverse(a.detach(), tolerances, hermitian);
  if (out !== null) return intoOut("linalg_pinv", [a], out, inverse);
  record("LinalgPinvBackward0", [a], [inverse], pinvBackward, [inverse, a]);
  return inverse;
}

/** Options of `pinv`. */
export interface PinvOptions {
  /** Singular values up to this are taken for zeros. */
  atol?: Tolerance | null;
  /** As `atol`, times the largest singular value. Default: the dtype's epsilon times the longer side, or 0 with `atol`. */
  rtol?: Tolerance | null;
  /** Whether the matrix is symmetric. Default false. */
  hermitian?: boolean;
  out?: Tensor | null;
}

/** The ways to call `pinv`. */
interface Pinv {
  (A: Tensor, options?: PinvOptions): Tensor;
  (
    A: Tensor,
    rcond: Tolerance | { rcond: Tolerance; hermitian?: boolean; out?: Tensor | null },
    hermitian?: boolean | { hermitian?: boolean; out?: Tensor | null },
    options?: { out?: Tensor | null },
  ): Tensor;
}

/**
 * The pseudo-inverse of matrices (…, m, n), by singular values. Options: `atol`, `rtol`: what counts as zero among them; `hermitian` (false: true for
 * symmetric matrices), `out`. Source: torch.linalg.pinv.
 */
export const pinv = overloaded<Pinv>(
  [
    "linalgPinv(Tensor input, *, Tensor|float? atol=None, Tensor|float? rtol=None, bool hermitian=False, Tensor? out=None)",
    (
      a: Tensor,
      atol: Tolerance | null = null,
      rtol: Tolerance | null = null,
      hermitian = false,
      out: Tensor | null = null,
    ) => pinvOf(a, { atol, rtol }, hermitian, out),
  ],
  [
    "linalgPinv(Tensor input, Tensor|float rcond, bool hermitian=False, *, Tensor? out=None)",
    (a: Tensor, rcond: Tolerance, hermitian = false, out: Tensor | null = null) =>
      pinvOf(a, { atol: 0, rtol: rcond }, hermitian, out),
  ],
);

/** The pseudo-inverse; singular values up to `rcond` (1e-15) times the largest are taken for zeros. Source: torch.pinverse. */
export const pinverse = signed(
  "pinverse(Tensor input, float rcond=1e-15)",
  (a: Tensor, rcond = 1e-15): Tensor => pinvOf(a, { atol: 0, rtol: rcond }),
);

/** How many singular values count. */
function rankOf(a: Tensor, tolerances: Tolerances, hermitian: boolean, out: Tensor | null): Tensor {
  requireMatrix("torch.linalg.matrix_rank", a, "input");
  if (!isReal(a.dtype)) throw new DTypeError("This function doesn't handle types other than float and double");
  const x = a.detach();
  let rank = empty(batchOf(a), int64).zero_();
  if (a._numel > 0) {
    const s = hermitian ? symmetricValues(x, false).abs() : singularValues(x);
    const bound = boundOf(x, s.amax(-1), tolerances).unsqueeze(-1);
    rank = s.gt(bound).sum(-1);
  }
  return out === null ? rank : intoOut("linalg_matrix_rank", [x], out, rank);
}

/** The ways to call `matrixRank`. */
interface MatrixRank {
  (input: Tensor, options?: PinvOptions): Tensor;
  (
    input: Tensor,
    tol: Tolerance | { tol: Tolerance; hermitian?: boolean; out?: Tensor | null },
    hermitian?: boolean | { hermitian?: boolean; out?: Tensor | null },
    options?: { out?: Tensor | null },
  ): Tensor;
}

/**
 * The rank of matrices (…, m, n): how many singular values are not taken for zeros. Options: `atol`, `rtol`, or `tol`, an absolute bound; `hermitian`
 * (false: true for symmetric matrices), `out`. Source: torch.linalg.matrix_rank.
 */
export const matrixRank = overloaded<MatrixRank>(
  [
    "linalgMatrixRank(Tensor input, *, Tensor|float? atol=None, Tensor|float? rtol=None, bool hermitian=False, Tensor? out=None)",
    (
      a: Tensor,
      atol: Tolerance | null = null,
      rtol: Tolerance | null = null,
      hermitian = false,
      out: Tensor | null = null,
    ) => rankOf(a, { atol, rtol }, hermitian, out),
  ],
  [
    "linalgMatrixRank(Tensor input, Tensor|float tol, bool hermitian=False, *, Tensor? out=None)",
    (a: Tensor, tol: Tolerance, hermitian = false, out: Tensor | null = null) =>
      rankOf(a, { atol: tol, rtol: 0 }, hermitian, out),
  ],
);

const DRIVERS = ["gels", "gelsy", "gelsd", "gelss"];
const LSTSQ = "torch.linalg.lstsq";

const lstsqBackward: Backward = ([g], [a, b], [toA, toB]) => {
  if (!g) return [null, null];
  const inverse = pinvOf(a);
  return [toA ? pinvGradient(g.matmul(transposed(b)), inverse, a) : null, toB ? transposed(inverse).matmul(g) : null];
};

interface LeastSquares {
  solution: Tensor;
  residuals: Tensor;
  rank: Tensor;
  singular: Tensor;
}

/** Solutions for matrices of equal batch dimensions, recorded. */
function leastSquares(a: Tensor, b: Tensor, rcond: number, driver: number): LeastSquares {
  const [m, n] = matrixOf(a);
  const batch = batchOf(a);
  const k = matrixOf(b)[1];
  const nothing = () => empty([0], a.dtype);
  const rank = driver === 0 ? empty([0], int64) : empty(batch, int64).zero_();
  const singular = driver >= 2 ? a.newZeros([...batch, Math.min(m, n)]) : nothing();
  // The routines read B where they write X: as many rows as the longer of the two has.
  const work = stored(empty([...batch, k, Math.max(m, n)], a.dtype).zero_());
  let residuals = nothing();
  if (a._numel > 0 && work._numel > 0) {
    work.narrow(-2, 0, m).copy_(b.detach());
    const info = codesFor(a);
    const [ranks, values] = [driver === 0 ? null : rank, driver >= 2 ? singular : null];
    call("leastSquares", [stored(work), stored(byColumns(a)), ranks, values, info], [driver], [rcond]);
    checkCodes(LSTSQ, "leastSquares", info);
    // What is left of B behind X is the rest of a matrix of full rank.
    const full = driver === 0 || (driver >= 2 && rank.eq(n).all().item());
    if (m > n && full)
      residuals = work
        .narrow(-2, n, m - n)
        .pow(2)
        .sum(-2);
  }
  const solution = work.narrow(-2, 0, n).detach();
  record("LinalgLstsqBackward0", [a, b], [solution], lstsqBackward, [a, b]);
  return { solution, residuals, rank, singular };
}

/** Throws ShapeError for operands that do not fit; tells whether B holds vectors. */
function checkLstsq(a: Tensor, b: Tensor): boolean {
  if (a.ndim < 2) throw new ShapeError(`${LSTSQ}: input must have at least 2 dimensions.`);
  if (b.ndim < 1) throw new ShapeError(`${LSTSQ}: other must have at least 1 dimension.`);
  const vector = b.ndim === 1 || (a.ndim - 1 === b.ndim && sameShape(b.sizes, a.sizes.slice(0, -1)));
  if (matrixOf(a)[0] !== b.sizes[b.ndim - (vector ? 1 : 2)]) {
    throw new ShapeError(`${LSTSQ}: input.size(-2) should match other.size(${vector ? -1 : -2})`);
  }
  if (!isReal(a.dtype)) throw new DTypeError("This function doesn't handle types other than float and double");
  requireSameDtypes(LSTSQ, a, b, ["input", "other"]);
  return vector;
}

/**
 * `[solution, residuals, rank, singularValues]` of the X that makes ‖A X − B‖ least, for A (…, m, n) and B (…, m, k) or (…, m); batches broadcast. Options:
 * `rcond` (the dtype's epsilon times the longer side): singular values up to it, times the largest, are taken for zeros; `driver`: "gelsy" (default),
 * "gels" (full rank), "gelsd", "gelss", LAPACK's routine; `out`. What a routine does not compute is an empty tensor. Source: torch.linalg.lstsq.
 */
export const lstsq = signed(
  "linalgLstsq(Tensor input, Tensor b, float? rcond=None, *, str? driver=None, Tensor[]? out=None)",
  (
    a: Tensor,
    b: Tensor,
    rcond: number | null = null,
    driver: string | null = null,
    out: readonly Tensor[] | null = null,
  ): Named<["solution", "residuals", "rank", "singularValues"]> => {
    const vector = checkLstsq(a, b);
    const routine = DRIVERS.indexOf(driver ?? "gelsy");
    if (routine < 0) {
      throw new CressetError(`${LSTSQ}: parameter \`driver\` should be one of (gels, gelsy, gelsd, gelss)`);
    }
    const [left, right] = out === null ? [a, b] : [a.detach(), b.detach()];
    const [wideA, wideB] = sameBatch(left, vector ? right.unsqueeze(-1) : right);
    const bound = rcond ?? finfo(a.dtype).eps * Math.max(...matrixOf(a));
    const { solution, residuals, rank, singular } = leastSquares(wideA, wideB, bound, routine);
    const x = vector ? ownResult(solution.squeeze(-1), "LinalgLstsqBackward0") : solution;
    const found = [x, residuals, rank, singular];
    const given = out === null ? found : intoOuts("linalg_lstsq", [a, b], out, found);
    const names = ["solution", "residuals", "rank", "singularValues"] as const;
    return named("linalg_lstsq", names, [given[0], given[1], given[2], given[3]]);
  },
);
