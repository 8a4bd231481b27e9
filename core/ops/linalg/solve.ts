// Systems of equations with square matrices, inverses, determinants: by LU factorization.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { isGradEnabled } from "../../autograd/modes";
import { ownResult, record } from "../../autograd/record";
import { CressetError } from "../../errors";
import { finfo } from "../../tensor/limits";
import { sameShape } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { type Named, named } from "../shared/named";
import { intoOut, intoOuts } from "../shared/out";
import { factored, solveFactored } from "./lu";
import {
  batchOf,
  checkCodes,
  eyeOf,
  matrixOf,
  requireReal,
  requireSameDtypes,
  requireSquare,
  sameBatch,
  transposed,
} from "./matrices";
import { svdOf } from "./spectral";
import { requireEquation } from "./triangular";

/** Results with an error code per matrix. */
interface Checked {
  result: Tensor;
  info: Tensor;
}

/** X of A X = B, recorded; A and B have the same batch dimensions. */
function solved(a: Tensor, b: Tensor): Checked {
  const { lu, pivots, info } = factored(a);
  const result = solveFactored(lu, pivots, b, false);
  record("LinalgSolveExBackward0", [a, b], [result, info], solveBackward, [a, lu, pivots, [result, 0]]);
  return { result, info };
}

const solveBackward: Backward = ([g], [a, lu, pivots, x], [toA]) => {
  if (!g) return [null, null];
  const gb = isGradEnabled() ? solved(transposed(a), g).result : solveFactored(lu, pivots, g, true);
  return [toA ? gb.matmul(transposed(x)).neg() : null, gb];
};

/** Whether B is a vector, or a batch of vectors, one per matrix. */
function holdsVectors(a: Tensor, b: Tensor): boolean {
  return b.ndim === 1 || (a.ndim - 1 === b.ndim && sameShape(b.sizes, a.sizes.slice(0, -1)));
}

/** X of A X = B (or X A = B), batches broadcast, vectors allowed. */
function solveAny(a: Tensor, b: Tensor, left: boolean): Checked {
  requireSquare("linalg.solve", a);
  requireReal("linalg.solve", a);
  requireSameDtypes("linalg.solve", a, b, ["A", "B"]);
  const vector = holdsVectors(a, b);
  const columns = vector ? b.unsqueeze(-1) : b;
  requireEquation("linalg.solve", a, columns, left);
  if (vector && !left) {
    throw new CressetError(
      "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)",
    );
  }
  const [wideA, wideB] = sameBatch(a, columns);
  const name = "LinalgSolveExBackward0";
  if (!left) {
    // X A = B is Aᵀ Xᵀ = Bᵀ.
    const { result, info } = solved(transposed(wideA), transposed(wideB));
    return { result: ownResult(transposed(result), name), info };
  }
  const { result, info } = solved(wideA, wideB);
  return { result: vector ? ownResult(result.squeeze(-1), name) : result, info };
}

/** X of A X = B for a regular matrix: for other functions. Throws LinAlgError for a singular matrix. */
export function solveRegular(a: Tensor, b: Tensor): Tensor {
  const { result, info } = solveAny(a, b, true);
  checkCodes("torch.linalg.solve", "solve", info);
  return result;
}

/**
 * X of A X = B for A (…, n, n) and B (…, n, k), or (n) or (…, n), a vector per matrix; batches broadcast. Options: `left` (true; false:
 * X A = B), `out`. Throws LinAlgError for a singular matrix, ShapeError for matrices that do not fit. Source: torch.linalg.solve.
 */
export const solve = signed(
  "linalgSolve(Tensor A, Tensor B, *, bool left=True, Tensor? out=None)",
  (a: Tensor, b: Tensor, left = true, out: Tensor | null = null): Tensor => {
    if (out !== null) return intoOut("linalg_solve", [a, b], out, solve(a.detach(), b.detach(), { left }));
    const { result, info } = solveAny(a, b, left);
    checkCodes("torch.linalg.solve", "solve", info);
    return result;
  },
);

/** `[result, info]`: as `solve`, with an error code per matrix. Options: `left` (true), `checkErrors` (false), `out`. Source: torch.linalg.solve_ex. */
export const solveEx = signed(
  "linalgSolveEx(Tensor A, Tensor B, *, bool left=True, bool checkErrors=False, Tensor[]? out=None)",
  (
    a: Tensor,
    b: Tensor,
    left = true,
    checkErrors = false,
    out: readonly Tensor[] | null = null,
  ): Named<["result", "info"]> => {
    const { result, info } = out === null ? solveAny(a, b, left) : solveAny(a.detach(), b.detach(), left);
    if (checkErrors) checkCodes("torch.linalg.solve_ex", "solve", info);
    const given = out === null ? [result, info] : intoOuts("linalg_solve_ex", [a, b], out, [result, info]);
    return named("linalg_solve_ex", ["result", "info"], [given[0], given[1]]);
  },
);

const inverseBackward: Backward = ([g], [inverse]) => {
  if (!g) return [null];
  const turned = transposed(inverse);
  return [turned.matmul(g.matmul(turned)).neg()];
};

/** The inverse, recorded, with its error codes. */
function inverted(a: Tensor): Checked {
  requireSquare("linalg.inv", a);
  requireReal("linalg.inv", a);
  const { lu, pivots, info } = factored(a);
  const [n] = matrixOf(a);
  const result = solveFactored(lu, pivots, eyeOf(n, n, a.dtype).expand([...batchOf(a), n, n]), false);
  record("LinalgInvExBackward0", [a], [result, info], inverseBackward, [result]);
  return { result, info };
}

/** The inverse of square matrices (…, n, n). Option: `out`. Throws LinAlgError for a singular matrix. Source: torch.linalg.inv. */
export const inv = signed("linalgInv(Tensor A, *, Tensor? out=None)", inverseOf);

/** The inverse of square matrices (…, n, n). Option: `out`. Throws LinAlgError for a singular matrix. Source: torch.inverse. */
export const inverse = signed("inverse(Tensor input, *, Tensor? out=None)", inverseOf);

function inverseOf(a: Tensor, out: Tensor | null = null): Tensor {
  const { result, info } = inverted(out === null ? a : a.detach());
  checkCodes("linalg.inv", "inverse", info);
  return out === null ? result : intoOut("linalg_inv", [a], out, result);
}

/** `[inverse, info]`: as `inv`, with an error code per matrix. Options: `checkErrors` (false), `out`. Source: torch.linalg.inv_ex. */
export const invEx = signed(
  "linalgInvEx(Tensor A, *, bool checkErrors=False, Tensor[]? out=None)",
  (a: Tensor, checkErrors = false, out: readonly Tensor[] | null = null): Named<["inverse", "info"]> => {
    const { result, info } = inverted(out === null ? a : a.detach());
    if (checkErrors) checkCodes("linalg.inv_ex", "inverse", info);
    const given = out === null ? [result, info] : intoOuts("linalg_inv_ex", [a], out, [result, info]);
    return named("linalg_inv_ex", ["inverse", "info"], [given[0], given[1]]);
  },
);

/** The sign that the exchanges of rows give a determinant: −1 for an odd number of them; unrecorded. */
function parity(pivots: Tensor, like: Tensor): Tensor {
  const n = pivots.sizes[pivots.ndim - 1];
  const own = pivots.newTensor(Int32Array.from({ length: n }, (_, k) => k + 1));
  return pivots.ne(own).sum(-1).remainder(2).mul(-2).add(1).to(like.dtype);
}

function diagonalOf(lu: Tensor): Tensor {
  return lu.diagonal(0, -2, -1);
}

/** Derivatives of a product by each of its factors, which may be zeros, times the gradient; written over tensors. */
function productGradient(g: Tensor, s: Tensor): Tensor {
  const n = s.sizes[s.ndim - 1];
  const others = s
    .unsqueeze(-2)
    .expand([...s.sizes, n])
    .maskedFill(eyeOf(n, n, s.dtype).ne(0), 1);
  return others.prod(-1).mul(g.unsqueeze(-1));
}

const detBackward: Backward = ([g], [a, lu, pivots, det]) => {
  if (!g) return [null];
  const epsilon = finfo(a.dtype).eps;
  const scaled = g.mul(det).unsqueeze(-1).expand(pivots.sizes.slice()).diagEmbed();
  if (!isGradEnabled()) {
    // A determinant has a derivative everywhere: a singular matrix is moved a little, within its rounding errors.
    const moved = lu.add(diagonalOf(lu).eq(0).to(lu.dtype).mul(epsilon).diagEmbed());
    return [solveFactored(moved, pivots, scaled, true)];
  }
  if (
    !det
      .abs()
      .lt(100 * epsilon)
      .any()
      .item()
  )
    return [solved(transposed(a), scaled).result];
  const [u, s, vh] = svdOf(a, false);
  const alpha = determinant(u).mul(determinant(vh)).mul(g);
  return [u.mul(productGradient(alpha, s).unsqueeze(-2)).matmul(vh)];
};

function determinant(a: Tensor): Tensor {
  const { lu, pivots } = factored(a);
  const result = diagonalOf(lu).prod(-1).mul(parity(pivots, a));
  record("LinalgDetBackward0", [a], [result], detBackward, [a, lu, pivots, result]);
  return result;
}

/** The determinant of square matrices (…, n, n). Option: `out`. Source: torch.linalg.det. */
export const det = signed(
  "linalgDet(Tensor A, *, Tensor? out=None)",
  (a: Tensor, out: Tensor | null = null): Tensor => {
    requireSquare("linalg.det", a);
    requireReal("linalg.det", a);
    if (out !== null) return intoOut("linalg_det", [a], out, determinant(a.detach()));
    return determinant(a);
  },
);

const slogdetBackward: Backward = ([, g], [a, lu, pivots]) => {
  if (!g) return [null];
  const scaled = g.unsqueeze(-1).expand(pivots.sizes.slice()).diagEmbed();
  return [isGradEnabled() ? solved(transposed(a), scaled).result : solveFactored(lu, pivots, scaled, true)];
};

/** Sign and logarithm of the determinant, recorded. */
export function signAndLog(call: string, a: Tensor): [sign: Tensor, logabsdet: Tensor] {
  requireSquare(call, a);
  requireReal(call, a);
  const { lu, pivots } = factored(a);
  const diagonal = diagonalOf(lu);
  const sign = diagonal.sign().prod(-1).mul(parity(pivots, a));
  const log = diagonal.abs().log().sum(-1);
  record("LinalgSlogdetBackward0", [a], [sign, log], slogdetBackward, [a, lu, pivots]);
  return [sign, log];
}

/** The ways to call `slogdet`. */
function slogdetFor<const S extends string>(text: S, label: string) {
  return signed(text, (a: Tensor, out: readonly Tensor[] | null = null): Named<["sign", "logabsdet"]> => {
    const found = signAndLog("linalg.slogdet", out === null ? a : a.detach());
    const given = out === null ? found : intoOuts(label, [a], out, found);
    return named(label, ["sign", "logabsdet"], [given[0], given[1]]);
  });
}

/** `[sign, logabsdet]` of the determinant of square matrices (…, n, n). Option: `out`. Source: torch.linalg.slogdet. */
export const slogdet = slogdetFor("linalgSlogdet(Tensor A, *, Tensor[]? out=None)", "linalg_slogdet");

/** `[sign, logabsdet]` of the determinant of square matrices (…, n, n). Option: `out`. Source: torch.slogdet. */
export const slogdetOfInput = slogdetFor("slogdet(Tensor input, *, Tensor[]? out=None)", "slogdet");
