// LU factorization with exchanged rows, A = P L U, and what is solved by it.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { isRecorded, ownResult, record } from "../../autograd/record";
import { zerosOf } from "../../autograd/zeros";
import { call } from "../../dispatch";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { int32, int64 } from "../../tensor/dtype";
import { requireImplemented } from "../../tensor/dtype-checks";
import { text } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { type Named, named } from "../shared/named";
import { intoOut, intoOuts } from "../shared/out";
import {
  batchOf,
  byColumns,
  checkCodes,
  codesFor,
  eyeOf,
  isReal,
  matrixOf,
  readByColumns,
  requireReal,
  requireSameDtypes,
  sameBatch,
  stored,
  transposed,
} from "./matrices";
import { requireEquation, solveTriangle } from "./triangular";

/** Both factors in one matrix, the exchanges of rows, and an error code, per matrix. */
export interface Factored {
  lu: Tensor;
  pivots: Tensor;
  info: Tensor;
}

/** The factorization, unrecorded. */
export function factored(a: Tensor): Factored {
  const lu = byColumns(a);
  const pivots = empty([...batchOf(a), Math.min(...matrixOf(a))], int32);
  const info = codesFor(a);
  if (lu._numel > 0) call("luFactor", [stored(lu), pivots, info]);
  return { lu, pivots, info };
}

/** X of A X = B, or of Aᵀ X = B, by a factorization of A; unrecorded. The batch dimensions are the same. */
export function solveFactored(lu: Tensor, pivots: Tensor, b: Tensor, transpose: boolean): Tensor {
  const out = byColumns(b);
  if (out._numel > 0) call("luSolve", [stored(out), readByColumns(lu), pivots.contiguous()], [transpose ? 1 : 0]);
  return out;
}

/** The rows that the factors' rows are in A, from the exchanges made one after another; unrecorded. Throws CressetError for no row. */
function rowsOf(pivots: Tensor, rows: number): Tensor {
  const exchanges = pivots.elements();
  const each = pivots.sizes[pivots.ndim - 1];
  const count = each === 0 ? pivots.sizes.slice(0, -1).reduce((a, b) => a * b, 1) : exchanges.length / each;
  const order = new BigInt64Array(count * rows);
  for (let k = 0; k < count; k++) {
    const own = order.subarray(k * rows, (k + 1) * rows);
    for (let i = 0; i < rows; i++) own[i] = BigInt(i);
    for (let i = 0; i < each; i++) {
      const other = Number(exchanges[k * each + i]) - 1;
      if (!(other >= 0 && other < rows) || i >= rows) {
        throw new CressetError(
          "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you properly pass the result of lu_factor?",
        );
      }
      [own[i], own[other]] = [own[other], own[i]];
    }
  }
  return pivots.newTensor(order, { dtype: int64 }).reshape([...pivots.sizes.slice(0, -1), rows]);
}

/** P of A = P L U, unrecorded. */
function permutation(pivots: Tensor, rows: number, like: Tensor): Tensor {
  const order = rowsOf(pivots, rows);
  const out = zerosOf([...order.sizes, rows], like.dtype);
  const ones = zerosOf([...order.sizes.slice(0, -1), 1, rows], like.dtype).fill_(1);
  return rows === 0 ? out : out.scatter_(-2, order.unsqueeze(-2), ones);
}

/** L and U from the matrix that holds both, recorded. */
function unpacked(lu: Tensor): [lower: Tensor, upper: Tensor] {
  const [m, n] = matrixOf(lu);
  const k = Math.min(m, n);
  return [
    lu
      .narrow(-1, 0, k)
      .tril(-1)
      .add(eyeOf(m, k, lu.dtype)),
    lu.narrow(-2, 0, k).triu(),
  ];
}

/** The gradient of A from those of L and U, written over tensors. */
function luGradient(gl: Tensor | null, gu: Tensor | null, p: Tensor | null, l: Tensor, u: Tensor): Tensor | null {
  if (gl === null && gu === null) return null;
  const [m, k] = matrixOf(l);
  const n = matrixOf(u)[1];
  const permuted = (x: Tensor) => (p === null ? x : p.matmul(x));
  const l1 = l.narrow(-2, 0, k);
  const u1 = u.narrow(-1, 0, k);
  const lower = { upper: true, unit: true };
  const u2 = n > k && gu !== null ? gu.narrow(-1, k, n - k) : null;
  const l2 = m > k && gl !== null ? gl.narrow(-2, k, m - k) : null;
  // What reaches A beside the square part, through the columns of U and the rows of L behind it.
  const gx = u2 === null ? null : solveTriangle(transposed(l1), u2, lower);
  const below = l2 === null ? null : solveTriangle(transposed(u1), l2, { upper: false, left: false });
  const sum = (...terms: (Tensor | null | undefined)[]) => {
    const given = terms.filter((term) => term !== null && term !== undefined);
    return given.length === 0 ? null : given.reduce((a, b) => a.add(b));
  };
  const ofLower = sum(
    gl && transposed(l1).matmul(gl.narrow(-2, 0, k)),
    u2?.matmul(transposed(u.narrow(-1, k, n - k))).neg(),
  );
  const ofUpper = sum(
    gu?.narrow(-1, 0, k).matmul(transposed(u1)),
    l2 &&
      transposed(l.narrow(-2, k, m - k))
        .matmul(l2)
        .neg(),
  );
  const inner = sum(ofLower?.tril(-1), ofUpper?.triu()) as Tensor;
  let square = solveTriangle(transposed(u1), inner, { upper: false, left: false });
  square = solveTriangle(transposed(l1), square, lower);
  if (n > k) square = joined(square, gx ?? square.newZeros([...batchOf(l), k, n - k]), -1);
  if (m > k) square = joined(square, below ?? square.newZeros([...batchOf(l), m - k, k]), -2);
  return permuted(square);
}

/** Two tensors one after the other along a dimension, by padding, which is differentiable. */
function joined(a: Tensor, b: Tensor, dim: number): Tensor {
  const whole = a.sizes.map((size, d) => (d === a.ndim + dim ? size + b.sizes[d] : size));
  const first = a.sizes[a.ndim + dim];
  const base = a.newZeros(whole);
  return base.sliceScatter(a, dim, 0, first).sliceScatter(b, dim, first);
}

const luBackward: Backward = ([, gl, gu], [p, l, u]) => [luGradient(gl ?? null, gu ?? null, p, l, u)];

const factorBackward: Backward = ([g], [lu, p]) => {
  if (!g) return [null];
  const [m, n] = matrixOf(lu);
  const k = Math.min(m, n);
  const [l, u] = unpacked(lu);
  return [luGradient(g.narrow(-1, 0, k).tril(-1), g.narrow(-2, 0, k).triu(), p, l, u)];
};

const unpackBackward =
  (sizes: readonly number[]): Backward =>
  ([, gl, gu]) => {
    const k = Math.min(sizes[sizes.length - 2], sizes[sizes.length - 1]);
    const given = (gl ?? gu) as Tensor;
    const zeros = given.newZeros([...sizes]);
    const whole = (part: Tensor, dim: number) => zeros.sliceScatter(part, dim, 0, k);
    const ofLower = gl ? whole(gl.tril(-1), -1) : null;
    const ofUpper = gu ? whole(gu.triu(), -2) : null;
    if (ofLower && ofUpper) return [ofLower.add(ofUpper), null];
    return [ofLower ?? ofUpper, null];
  };

function requireTwo(call: string, a: Tensor): void {
  if (a.ndim < 2) {
    throw new ShapeError(
      `${call}: Expected tensor with 2 or more dimensions. Got size: [${a.sizes.join(", ")}] instead`,
    );
  }
  requireImplemented("lu_cpu", a.dtype, isReal(a.dtype));
}

function requirePivoting(call: string, pivot: boolean): void {
  if (!pivot) throw new CressetError(`${call}: LU without pivoting is not implemented on the CPU`);
}

/** The recorded factorization. */
export function factoredRecorded(a: Tensor, pivot: boolean): Factored {
  requireTwo("torch.lu_factor", a);
  requirePivoting("linalg.lu_factor", pivot);
  const found = factored(a);
  const { lu, pivots, info } = found;
  const kept = isRecorded([a]) ? [lu, permutation(pivots, matrixOf(a)[0], a)] : [];
  record("LinalgLuFactorExBackward0", [a], [lu, pivots, info], factorBackward, kept);
  return found;
}

/**
 * The factorization of matrices (…, m, n) as one matrix that holds L and U, the exchanges of rows (from 1), and an error code: `[LU, pivots,
 * info]`. Options: `pivot` (true), `checkErrors` (false: singular matrices throw), `out`. Source: torch.linalg.lu_factor_ex.
 */
export const luFactorEx = signed(
  "linalgLuFactorEx(Tensor A, *, bool pivot=True, bool checkErrors=False, Tensor[]? out=None)",
  (
    a: Tensor,
    pivot = true,
    checkErrors = false,
    out: readonly Tensor[] | null = null,
  ): Named<["LU", "pivots", "info"]> => {
    const found = factoredRecorded(out === null ? a : a.detach(), pivot);
    if (checkErrors) checkCodes("torch.linalg.lu_factor_ex", "lu", found.info);
    const results = [found.lu, found.pivots, found.info] as const;
    const given = out === null ? results : intoOuts("linalg_lu_factor_ex", [a], out, results);
    return named("linalg_lu_factor_ex", ["LU", "pivots", "info"], [given[0], given[1], given[2]]);
  },
);

/**
 * `[LU, pivots]`, the factorization of matrices (…, m, n). Options: `pivot` (true), `out`. Throws LinAlgError for a singular matrix. Source:
 * torch.linalg.lu_factor.
 */
export const luFactor = signed(
  "linalgLuFactor(Tensor A, *, bool pivot=True, Tensor[]? out=None)",
  (a: Tensor, pivot = true, out: readonly Tensor[] | null = null): Named<["LU", "pivots"]> => {
    const found = factoredRecorded(out === null ? a : a.detach(), pivot);
    checkCodes("torch.linalg.lu_factor", "lu", found.info);
    const results = [found.lu, found.pivots] as const;
    const given = out === null ? results : intoOuts("linalg_lu_factor", [a], out, results);
    return named("linalg_lu_factor", ["LU", "pivots"], [given[0], given[1]]);
  },
);

/** `[P, L, U]` with A = P L U, of matrices (…, m, n). Options: `pivot` (true), `out`. Source: torch.linalg.lu. */
export const lu = signed(
  "linalgLu(Tensor A, *, bool pivot=True, Tensor[]? out=None)",
  (a: Tensor, pivot = true, out: readonly Tensor[] | null = null): Named<["P", "L", "U"]> => {
    requireTwo("linalg.lu", a);
    requirePivoting("linalg.lu", pivot);
    const found = factored(a);
    const p = permutation(found.pivots, matrixOf(a)[0], a);
    const [l, u] = unpacked(found.lu);
    if (out === null) record("LinalgLuBackward0", [a], [p.detach(), l, u], luBackward, [p, l, u]);
    const given = out === null ? [p, l, u] : intoOuts("linalg_lu", [a], out, [p, l, u]);
    return named("linalg_lu", ["P", "L", "U"], [given[0], given[1], given[2]]);
  },
);

/**
 * `[P, L, U]` from the result of `linalg.luFactor`. Options: `unpackData` (true), `unpackPivots` (true): without, the parts are empty tensors;
 * `out`. Throws CressetError for exchanges of rows that there are not. Source: torch.lu_unpack.
 */
export const luUnpack = signed(
  "luUnpack(Tensor LU_data, Tensor LU_pivots, bool unpackData=True, bool unpackPivots=True, *, Tensor[]? out=None)",
  (
    data: Tensor,
    pivots: Tensor,
    unpackData = true,
    unpackPivots = true,
    out: readonly Tensor[] | null = null,
  ): Named<["P", "L", "U"]> => {
    requireTwo("torch.lu_unpack", data);
    if (pivots.dtype !== int32) {
      throw new DTypeError(
        "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be used with the output produced by torch.linalg.lu_factor",
      );
    }
    const nothing = () => empty([0], data.dtype);
    const p = unpackPivots ? permutation(pivots, matrixOf(data)[0], data) : nothing();
    const [l, u] = unpackData ? unpacked(data.detach()) : [nothing(), nothing()];
    if (out === null && unpackData) {
      record("LuUnpackBackward0", [data, pivots], [p.detach(), l, u], unpackBackward(data.sizes));
    }
    const given = out === null ? [p, l, u] : intoOuts("lu_unpack", [data], out, [p, l, u]);
    return named("lu_unpack", ["P", "L", "U"], [given[0], given[1], given[2]]);
  },
);

function requirePivots(lu: Tensor, pivots: Tensor): void {
  if (pivots.dtype !== int32) {
    throw new DTypeError("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32");
  }
  if (pivots.ndim === 0 || lu.sizes[lu.ndim - 1] !== pivots.sizes[pivots.ndim - 1]) {
    throw new ShapeError("linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix");
  }
  if (text(batchOf(lu)) !== text(pivots.sizes.slice(0, -1))) {
    throw new ShapeError(
      `linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape ${text(pivots.sizes)} instead`,
    );
  }
}

/** X of A X = B by a recorded factorization of A, written over operations that have derivatives. */
function solveByParts(lu: Tensor, p: Tensor, b: Tensor, adjoint: boolean): Tensor {
  const [l, u] = unpacked(lu);
  if (adjoint) {
    const z = solveTriangle(transposed(u), b, { upper: false });
    return p.matmul(solveTriangle(transposed(l), z, { upper: true, unit: true }));
  }
  const y = solveTriangle(l, transposed(p).matmul(b), { upper: false, unit: true });
  return solveTriangle(u, y, { upper: true });
}

function solveLu(lu: Tensor, pivots: Tensor, b: Tensor, left: boolean, adjoint: boolean): Tensor {
  requireReal("linalg.lu_solve", lu);
  requireEquation("linalg.lu_solve", lu, b, left);
  requireSameDtypes("linalg.lu_solve", lu, b, ["LU", "B"]);
  requirePivots(lu, pivots);
  // X A = B is Aᵀ Xᵀ = Bᵀ.
  if (!left) return ownResult(transposed(solveLu(lu, pivots, transposed(b), true, !adjoint)), "LinalgLuSolveBackward0");
  const [wide, right] = sameBatch(lu, b);
  const exchanges = pivots.expand([...batchOf(wide), pivots.sizes[pivots.ndim - 1]]);
  if (isRecorded([wide])) {
    const p = permutation(exchanges.contiguous(), matrixOf(wide)[0], wide);
    return ownResult(solveByParts(wide, p, right, adjoint), "LinalgLuSolveBackward0");
  }
  const out = solveFactored(wide, exchanges, right, adjoint);
  record("LinalgLuSolveBackward0", [right], [out], solvedBackward(adjoint), [wide, exchanges]);
  return out;
}

const solvedBackward =
  (adjoint: boolean): Backward =>
  ([g], [lu, pivots]) => [g && solveLu(lu, pivots, g, true, !adjoint)];

/**
 * X of A X = B by the result of `luFactor(A)`, batches broadcast. Options: `left` (true; false: X A = B), `adjoint` (false; true: Aᵀ X = B),
 * `out`. Source: torch.linalg.lu_solve.
 */
export const luSolve = signed(
  "linalgLuSolve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False, Tensor? out=None)",
  (data: Tensor, pivots: Tensor, b: Tensor, left = true, adjoint = false, out: Tensor | null = null): Tensor => {
    if (out === null) return solveLu(data, pivots, b, left, adjoint);
    return intoOut("linalg_lu_solve", [data, b], out, solveLu(data.detach(), pivots, b.detach(), left, adjoint));
  },
);
