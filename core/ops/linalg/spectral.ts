// Singular values and eigenvalues.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { isRecorded, record } from "../../autograd/record";
import { call } from "../../dispatch";
import { AutogradError, CressetError } from "../../errors";
import { requireImplemented } from "../../tensor/dtype-checks";
import { empty, type Tensor } from "../../tensor/tensor";
import { type Named, named } from "../shared/named";
import { intoOut, intoOuts } from "../shared/out";
import {
  batchOf,
  byColumns,
  checkCodes,
  codesFor,
  emptyByColumns,
  eyeOf,
  isReal,
  matrixOf,
  requireMatrix,
  requireSquare,
  stored,
  transposed,
} from "./matrices";

/** Differences x_j − x_i of the elements of vectors, ones on the diagonal; written over tensors. */
function differences(x: Tensor): Tensor {
  const n = x.sizes[x.ndim - 1];
  return x
    .unsqueeze(-2)
    .sub(x.unsqueeze(-1))
    .add(eyeOf(n, n, x.dtype));
}

function svdGradient(
  gu: Tensor | null,
  gs: Tensor | null,
  gv: Tensor | null,
  u: Tensor,
  s: Tensor,
  vh: Tensor,
): Tensor | null {
  if (!gu && !gv) return gs && u.matmul(gs.unsqueeze(-1).mul(vh));
  const skew = (x: Tensor) => x.sub(transposed(x));
  const across = s.unsqueeze(-2);
  const down = s.unsqueeze(-1);
  const e = differences(s.mul(s));
  const ofU = gu && skew(transposed(u).matmul(gu)).div(e).mul(across);
  const ofV =
    gv &&
    skew(vh.matmul(transposed(gv)))
      .div(e)
      .mul(down);
  let inner = ofU && ofV ? ofU.add(ofV) : ((ofU ?? ofV) as Tensor);
  if (gs) inner = inner.add(gs.diagEmbed());
  let left = u.matmul(inner);
  const [m, k] = matrixOf(u);
  const n = matrixOf(vh)[1];
  if (m > k && gu) {
    const scaled = gu.div(across);
    left = left.add(scaled).sub(u.matmul(transposed(u).matmul(scaled)));
  }
  let ga = left.matmul(vh);
  if (n > k && gv) {
    const scaled = gv.div(down);
    ga = ga.add(u.matmul(scaled.sub(scaled.matmul(transposed(vh)).matmul(vh))));
  }
  return ga;
}

/** Of all singular vectors, those beyond the number of singular values have no derivative. */
const svdBackward =
  (k: number): Backward =>
  ([gu, gs, gv], [u, s, vh]) => [
    svdGradient(
      gu ? gu.narrow(-1, 0, k) : null,
      gs ?? null,
      gv ? gv.narrow(-2, 0, k) : null,
      u.narrow(-1, 0, k),
      s,
      vh.narrow(-2, 0, k),
    ),
  ];

/** U, S and Vh of matrices (…, m, n), recorded: all singular vectors, or as many as there are values. Throws LinAlgError. */
export function svdOf(a: Tensor, fullMatrices: boolean): [u: Tensor, s: Tensor, vh: Tensor] {
  const [m, n] = matrixOf(a);
  const k = Math.min(m, n);
  const batch = batchOf(a);
  const s = empty([...batch, k], a.dtype);
  const u = emptyByColumns([...batch, m, fullMatrices ? m : k], a.dtype);
  const vh = emptyByColumns([...batch, fullMatrices ? n : k, n], a.dtype);
  const info = codesFor(a);
  if (a._numel > 0) {
    call("svd", [s, stored(u), stored(vh), stored(byColumns(a)), info]);
    checkCodes("linalg.svd", "svd", info);
  } else {
    // The vectors of matrices without elements are those of the identity.
    if (u._numel > 0) u.copy_(eyeOf(m, matrixOf(u)[1], a.dtype));
    if (vh._numel > 0) vh.copy_(eyeOf(matrixOf(vh)[0], n, a.dtype));
  }
  record("LinalgSvdBackward0", [a], [u, s, vh], svdBackward(k), [u, s, vh]);
  return [u, s, vh];
}

/** Singular values alone; with their vectors where gradients are wanted. */
export function singularValues(a: Tensor): Tensor {
  requireSvd(a);
  if (isRecorded([a])) return svdOf(a, false)[1];
  const s = empty([...batchOf(a), Math.min(...matrixOf(a))], a.dtype);
  const info = codesFor(a);
  if (a._numel > 0) call("svd", [s, null, null, stored(byColumns(a)), info]);
  checkCodes("linalg.svd", "svd", info);
  return s;
}

function requireSvd(a: Tensor): void {
  requireMatrix("linalg.svd", a);
  if (!a.dtype.isFloatingPoint) {
    throw new CressetError(
      `linalg.svd: Expected a floating point or complex tensor as input. Got ${a.dtype.scalarName}`,
    );
  }
  requireImplemented("linalg_svd_cpu", a.dtype, isReal(a.dtype));
}

/** CUDA's choice among algorithms. */
function requireNoDriver(driver: string | null): void {
  if (driver !== null) {
    throw new CressetError(
      "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.",
    );
  }
}

/**
 * `[U, S, Vh]` with A = U diag(S) Vh, of matrices (…, m, n); S in falling order. Options: `fullMatrices` (true; false: as many singular vectors as
 * values), `out`. Throws LinAlgError for a matrix that is not finite. Source: torch.linalg.svd.
 */
export const svd = signed(
  "linalgSvd(Tensor A, bool fullMatrices=True, *, str? driver=None, Tensor[]? out=None)",
  (
    a: Tensor,
    fullMatrices = true,
    driver: string | null = null,
    out: readonly Tensor[] | null = null,
  ): Named<["U", "S", "Vh"]> => {
    requireNoDriver(driver);
    requireSvd(a);
    const found = svdOf(out === null ? a : a.detach(), fullMatrices);
    const given = out === null ? found : intoOuts("linalg_svd", [a], out, found);
    return named("linalg_svd", ["U", "S", "Vh"], [given[0], given[1], given[2]]);
  },
);

/** The singular values of matrices (…, m, n) in falling order. Option: `out`. Source: torch.linalg.svdvals. */
export const svdvals = signed(
  "linalgSvdvals(Tensor A, *, str? driver=None, Tensor? out=None)",
  (a: Tensor, driver: string | null = null, out: Tensor | null = null): Tensor => {
    requireNoDriver(driver);
    return out === null ? singularValues(a) : intoOut("linalg_svdvals", [a], out, singularValues(a.detach()));
  },
);

/**
 * `[U, S, V]` with input = U diag(S) Vᵀ. Options: `some` (true: as many singular vectors as values), `computeUv` (true; false: zeros for U and V),
 * `out`. Source: torch.svd.
 */
export const svdOfInput = signed(
  "svd(Tensor input, bool some=True, bool computeUv=True, *, Tensor[]? out=None)",
  (a: Tensor, some = true, computeUv = true, out: readonly Tensor[] | null = null): Named<["U", "S", "V"]> => {
    requireSvd(a);
    const x = out === null ? a : a.detach();
    let found: Tensor[];
    if (computeUv) {
      const [u, s, vh] = svdOf(x, !some);
      found = [u, s, transposed(vh)];
    } else {
      const [m, n] = matrixOf(a);
      found = [a.newZeros([...batchOf(a), m, m]), singularValues(x), a.newZeros([...batchOf(a), n, n])];
    }
    const given = out === null ? found : intoOuts("svd", [a], out, found);
    return named("svd", ["U", "S", "V"], [given[0], given[1], given[2]]);
  },
);

const eighBackward: Backward = ([gl, gv], [l, v]) => {
  if (!gl && !gv) return [null];
  const turned = transposed(v);
  if (!gv) return [v.matmul((gl as Tensor).unsqueeze(-1).mul(turned))];
  const product = turned.matmul(gv);
  // Of the gradient counts what is tangent to the orthogonal matrices.
  const projected = product.sub(transposed(product)).mul(0.5).div(differences(l));
  const inner = gl ? projected.add(gl.diagEmbed()) : projected;
  return [v.matmul(inner.matmul(turned))];
};

/** Where the gradient of eigenvalues would need the vectors, which were not asked for. */
const noVectors: Backward = () => {
  throw new AutogradError(
    "linalg_eig_backward: torch.symeig(A, eigenvectors=False) is not differentiable. Use torch.linalg.eigvalsh(A) instead.",
  );
};

/** Eigenvalues in rising order and, where `vectors`, the eigenvectors of symmetric matrices, recorded. Throws LinAlgError. */
export function eighOf(
  a: Tensor,
  upper: boolean,
  vectors: boolean,
  name = "linalg.eigh",
  node = "LinalgEighBackward0",
): [values: Tensor, vectors: Tensor] {
  requireSquare(name, a);
  requireImplemented("linalg_eigh_cpu", a.dtype, isReal(a.dtype));
  const values = empty(a.sizes.slice(0, -1), a.dtype);
  const v = byColumns(a);
  const info = codesFor(a);
  if (v._numel > 0) call("eigh", [values, stored(v), info], [vectors ? 1 : 0, upper ? 1 : 0]);
  checkCodes(name, "eigenvalues", info);
  record(node, [a], vectors ? [values, v] : [values], vectors ? eighBackward : noVectors, vectors ? [values, v] : []);
  return [values, v];
}

function isUpper(uplo: string): boolean {
  const letter = uplo.toUpperCase();
  if (letter !== "L" && letter !== "U") {
    throw new CressetError(`Expected UPLO argument to be 'L' or 'U', but got ${uplo}`);
  }
  return letter === "U";
}

/**
 * `[eigenvalues, eigenvectors]` of symmetric matrices (…, n, n), values in rising order, vectors as columns. Options: `UPLO` ("L": the lower triangle is
 * read; "U": the upper one), `out`. Throws LinAlgError where the iteration does not end. Source: torch.linalg.eigh.
 */
export const eigh = signed(
  "linalgEigh(Tensor A, str UPLO='L', *, Tensor[]? out=None)",
  (a: Tensor, uplo = "L", out: readonly Tensor[] | null = null): Named<["eigenvalues", "eigenvectors"]> => {
    const found = eighOf(out === null ? a : a.detach(), isUpper(uplo), true);
    const given = out === null ? found : intoOuts("linalg_eigh", [a], out, found);
    return named("linalg_eigh", ["eigenvalues", "eigenvectors"], [given[0], given[1]]);
  },
);

/** Eigenvalues of symmetric matrices; with their vectors where gradients are wanted. */
export function symmetricValues(a: Tensor, upper: boolean): Tensor {
  return eighOf(a, upper, isRecorded([a]))[0];
}

/** The eigenvalues of symmetric matrices (…, n, n) in rising order. Options: `UPLO` ("L"), `out`. Source: torch.linalg.eigvalsh. */
export const eigvalsh = signed(
  "linalgEigvalsh(Tensor A, str UPLO='L', *, Tensor? out=None)",
  (a: Tensor, uplo = "L", out: Tensor | null = null): Tensor => {
    const upper = isUpper(uplo);
    if (out === null) return symmetricValues(a, upper);
    return intoOut("linalg_eigvalsh", [a], out, symmetricValues(a.detach(), upper));
  },
);

/**
 * `[eigenvalues, eigenvectors]` of symmetric matrices. Options: `eigenvectors` (false: an empty tensor for them), `upper` (true: the upper triangle is
 * read), `out`. Source: torch.symeig.
 */
export const symeig = signed(
  "symeig(Tensor input, bool eigenvectors=False, bool upper=True, *, Tensor[]? out=None)",
  (
    a: Tensor,
    eigenvectors = false,
    upper = true,
    out: readonly Tensor[] | null = null,
  ): Named<["eigenvalues", "eigenvectors"]> => {
    const [values, vectors] = eighOf(out === null ? a : a.detach(), upper, eigenvectors, "symeig", "SymeigBackward0");
    const found = [values, eigenvectors ? vectors : empty([0], a.dtype)];
    const given = out === null ? found : intoOuts("symeig", [a], out, found);
    return named("symeig", ["eigenvalues", "eigenvectors"], [given[0], given[1]]);
  },
);

/** Throws CressetError: eigenvalues of general matrices are complex numbers, which there are none of. Source: torch.linalg.eig. */
export const eig = signed("linalgEig(Tensor A, *, Tensor[]? out=None)", (_: Tensor): never => {
  throw new CressetError(
    "linalg.eig: eigenvalues of general matrices are complex, and complex numbers are left out; for symmetric matrices use linalg.eigh",
  );
});

/** Throws CressetError: eigenvalues of general matrices are complex numbers, which there are none of. Source: torch.linalg.eigvals. */
export const eigvals = signed("linalgEigvals(Tensor A, *, Tensor? out=None)", (_: Tensor): never => {
  throw new CressetError(
    "linalg.eigvals: eigenvalues of general matrices are complex, and complex numbers are left out; for symmetric matrices use linalg.eigvalsh",
  );
});
