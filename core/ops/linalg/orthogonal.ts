// QR factorization, and products of the reflections that it leaves.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { isRecorded, record, relabel } from "../../autograd/record";
import { call } from "../../dispatch";
import { AutogradError, CressetError, DTypeError, ShapeError } from "../../errors";
import { requireImplemented } from "../../tensor/dtype-checks";
import { sameShape } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { notImplemented } from "../shared/gradient-checks";
import { type Named, named } from "../shared/named";
import { intoOut, intoOuts } from "../shared/out";
import {
  batchOf,
  byColumns,
  emptyByColumns,
  eyeOf,
  isReal,
  matrixOf,
  readByColumns,
  requireMatrix,
  requireReal,
  stored,
  transposed,
} from "./matrices";
import { solveTriangle } from "./triangular";

/** R above the diagonal, reflections below, and the factors of these; unrecorded. */
function reflections(a: Tensor): [a: Tensor, tau: Tensor] {
  const out = byColumns(a);
  const tau = empty([...batchOf(a), Math.min(...matrixOf(a))], a.dtype);
  if (out._numel > 0) call("qrFactor", [stored(out), tau]);
  return [out, tau];
}

type Mode = "reduced" | "complete" | "r";

function isMode(mode: string): mode is Mode {
  return mode === "reduced" || mode === "complete" || mode === "r";
}

/** The gradient of a matrix with at least as many rows as columns. */
function tallGradient(gq: Tensor | null, gr: Tensor | null | undefined, q: Tensor, r: Tensor): Tensor {
  const turned = transposed(r);
  const ofR = gr?.matmul(turned);
  const ofQ = gq && transposed(q).matmul(gq);
  const upper = (ofR && ofQ ? ofR.sub(ofQ) : (ofR ?? (ofQ as Tensor).neg())).triu();
  const symmetric = upper.add(transposed(upper.triu(1)));
  const product = q.matmul(symmetric);
  return solveTriangle(turned, gq ? product.add(gq) : product, { upper: false, left: false });
}

const qrBackward =
  (mode: Mode): Backward =>
  ([gq = null, gr = null], [q, r]) => {
    if (!gq && !gr) return [null];
    if (mode === "r") {
      throw new AutogradError(
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.",
      );
    }
    const [m] = matrixOf(q);
    const [, n] = matrixOf(r);
    if (mode === "complete" && m > n) {
      throw new AutogradError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.");
    }
    if (m >= n) return [tallGradient(gq, gr, q, r)];
    // A = Q [U V]: the columns behind the square part give V = Qᵀ Y, from which Q gets a share.
    const u = r.narrow(-1, 0, m);
    const gu = gr?.narrow(-1, 0, m);
    if (!gr) {
      const square = tallGradient(gq, null, q, u);
      return [square.newZeros([...batchOf(square), m, n]).sliceScatter(square, -1, 0, m)];
    }
    const gv = gr.narrow(-1, m, n - m);
    const share = q.matmul(r.narrow(-1, m, n - m)).matmul(transposed(gv));
    const square = tallGradient(gq ? gq.add(share) : share, gu, q, u);
    const whole = square.newZeros([...batchOf(square), m, n]).sliceScatter(square, -1, 0, m);
    return [whole.sliceScatter(q.matmul(gv), -1, m, n)];
  };

/** Q and R, recorded. */
export function qrOf(a: Tensor, mode: string): [q: Tensor, r: Tensor] {
  requireMatrix("linalg.qr", a);
  requireReal("linalg.qr", a);
  if (!isMode(mode)) {
    throw new CressetError(
      `qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`,
    );
  }
  const [m, n] = matrixOf(a);
  const k = mode === "complete" ? m : Math.min(m, n);
  const [packed, tau] = reflections(a);
  const r = byColumns(packed.narrow(-2, 0, k).triu());
  let q = empty([0], a.dtype);
  if (mode !== "r") {
    q = emptyByColumns([...batchOf(a), m, k], a.dtype);
    if (a._numel === 0) q.copy_(eyeOf(m, k, a.dtype));
    else {
      const columns = Math.min(n, k);
      q.narrow(-1, 0, columns).copy_(packed.narrow(-1, 0, columns));
      if (k > columns) q.narrow(-1, columns, k - columns).zero_();
      call("qrExpand", [stored(q), tau]);
    }
  }
  record("LinalgQrBackward0", [a], [q, r], qrBackward(mode), [q, r]);
  return [q, r];
}

/** The ways to call `qr`. */
function qrFor(call: string, a: Tensor, mode: string, out: readonly Tensor[] | null): Named<["Q", "R"]> {
  const found = qrOf(out === null ? a : a.detach(), mode);
  const given = out === null ? found : intoOuts(call, [a], out, found);
  return named(call, ["Q", "R"], [given[0], given[1]]);
}

/**
 * `[Q, R]` with A = Q R, of matrices (…, m, n). Options: `mode` ("reduced": as many columns of Q as R needs; "complete": all; "r": R alone), `out`.
 * Source: torch.linalg.qr.
 */
export const qr = signed(
  "linalgQr(Tensor A, str mode='reduced', *, Tensor[]? out=None)",
  (a: Tensor, mode = "reduced", out: readonly Tensor[] | null = null): Named<["Q", "R"]> =>
    qrFor("linalg_qr", a, mode, out),
);

/** `[Q, R]` with input = Q R. Options: `some` (true; false: all columns of Q), `out`. Source: torch.qr. */
export const qrOfInput = signed(
  "qr(Tensor input, bool some=True, *, Tensor[]? out=None)",
  (a: Tensor, some = true, out: readonly Tensor[] | null = null): Named<["Q", "R"]> =>
    qrFor("qr", a, some ? "reduced" : "complete", out),
);

/** `[a, tau]`: R above the diagonal, reflections below, and their factors. Option: `out`. Source: torch.geqrf. */
export const geqrf = signed(
  "geqrf(Tensor input, *, Tensor[]? out=None)",
  (a: Tensor, out: readonly Tensor[] | null = null): Named<["a", "tau"]> => {
    if (a.ndim < 2) throw new ShapeError("torch.geqrf: input must have at least 2 dimensions.");
    requireImplemented("geqrf_cpu", a.dtype, isReal(a.dtype));
    const found = reflections(a);
    const given = out === null ? found : intoOuts("geqrf", [a], out, found);
    if (out === null) record("GeqrfBackward0", [a], found, notImplemented("geqrf"));
    return named("geqrf", ["a", "tau"], [given[0], given[1]]);
  },
);

/** Applies reflections one after another, `last` first or the first one first, by operations that have derivatives. */
function reflected(c: Tensor, vectors: Tensor, tau: Tensor, forward: boolean): Tensor {
  const [m] = matrixOf(vectors);
  const k = tau.sizes[tau.ndim - 1];
  const v = vectors
    .narrow(-1, 0, k)
    .tril(-1)
    .add(eyeOf(m, k, c.dtype));
  let out = c;
  for (let i = 0; i < k; i++) {
    const at = forward ? i : k - 1 - i;
    const own = v.narrow(-1, at, 1);
    const factor = tau.narrow(-1, at, 1).unsqueeze(-1);
    out = out.sub(own.mul(factor).matmul(transposed(own).matmul(out)));
  }
  return out;
}

/** Throws unless the factors of reflections belong to the matrices that hold these. */
function requireFactors(call: string, input: Tensor, tau: Tensor): void {
  if (input.ndim - tau.ndim !== 1) {
    throw new ShapeError(
      `${call}: Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.ndim} and input.ndim is equal to ${input.ndim}`,
    );
  }
  if (!sameShape(tau.sizes.slice(0, -1), batchOf(input))) {
    throw new ShapeError(
      `${call}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got [${tau.sizes.slice(0, -1).join(", ")}]`,
    );
  }
  if (input.dtype !== tau.dtype) {
    throw new DTypeError(
      `${call}: tau dtype ${tau.dtype.scalarName} does not match input dtype ${input.dtype.scalarName}`,
    );
  }
}

const EXPAND = "torch.linalg.householder_product";

function householderProductOf(input: Tensor, tau: Tensor, out: Tensor | null = null): Tensor {
  if (input.ndim < 2) throw new ShapeError(`${EXPAND}: input must have at least 2 dimensions.`);
  const [m, n] = matrixOf(input);
  if (m < n) throw new ShapeError(`${EXPAND}: input.shape[-2] must be greater than or equal to input.shape[-1]`);
  const k = tau.sizes[tau.ndim - 1] ?? 0;
  if (n < k) throw new ShapeError(`${EXPAND}: input.shape[-1] must be greater than or equal to tau.shape[-1]`);
  requireFactors(EXPAND, input, tau);
  requireImplemented("orgqr_cpu", input.dtype, isReal(input.dtype));
  if (out === null && isRecorded([input, tau])) {
    const eye = eyeOf(m, n, input.dtype).expand([...batchOf(input), m, n]);
    return relabel(reflected(eye, input, tau, false), "LinalgHouseholderProductBackward0");
  }
  const q = byColumns(input);
  if (q._numel > 0) call("qrExpand", [stored(q), tau.contiguous()]);
  return out === null ? q : intoOut("linalg_householder_product", [input, tau], out, q);
}

/**
 * The first columns of the product of reflections, as `geqrf` gives them: input (…, m, n) holds them below the diagonal, tau (…, k) their factors.
 * Option: `out`. Source: torch.linalg.householder_product.
 */
export const householderProduct = signed(
  "linalgHouseholderProduct(Tensor input, Tensor tau, *, Tensor? out=None)",
  householderProductOf,
);

/** The first columns of the product of reflections, as `geqrf` gives them. Option: `out`. Source: torch.orgqr. */
export const orgqr = signed("orgqr(Tensor input, Tensor input2, *, Tensor? out=None)", householderProductOf);

/**
 * The product of all reflections, as `geqrf` gives them in `input` and `input2`, with a matrix. Options: `left` (true; false: from the right),
 * `transpose` (false), `out`. Source: torch.ormqr.
 */
export const ormqr = signed(
  "ormqr(Tensor input, Tensor input2, Tensor input3, bool left=True, bool transpose=False, *, Tensor? out=None)",
  (input: Tensor, tau: Tensor, other: Tensor, left = true, transpose = false, out: Tensor | null = null): Tensor => {
    for (const [name, x] of [
      ["input", input],
      ["other", other],
    ] as const) {
      if (x.ndim < 2) throw new ShapeError(`torch.ormqr: ${name} must have at least 2 dimensions.`);
    }
    const side = left ? -2 : -1;
    const k = tau.sizes[tau.ndim - 1] ?? 0;
    const length = other.sizes[other.ndim + side];
    if (length < k) {
      throw new ShapeError(`torch.ormqr: other.shape[${side}] must be greater than or equal to tau.shape[-1]`);
    }
    if (length !== matrixOf(input)[0]) {
      throw new ShapeError(`torch.ormqr: other.shape[${side}] must be equal to input.shape[-2]`);
    }
    if (k > matrixOf(input)[1]) {
      throw new ShapeError("torch.ormqr: tau.shape[-1] must be less than or equal to input.shape[-1]");
    }
    requireFactors("torch.ormqr", input, tau);
    if (!sameShape(batchOf(other), batchOf(input))) {
      throw new ShapeError(
        `torch.ormqr: Expected batch dimensions of other to be equal to input.shape[:-2], but got [${batchOf(other).join(", ")}]`,
      );
    }
    if (other.dtype !== input.dtype) {
      throw new DTypeError(
        `torch.ormqr: Expected input and other to have the same dtype, but input has dtype ${input.dtype.scalarName} and other has dtype ${other.dtype.scalarName}`,
      );
    }
    requireImplemented("ormqr_cpu", input.dtype, isReal(input.dtype));
    if (out === null && isRecorded([input, tau, other])) {
      // C Q is (Qᵀ Cᵀ)ᵀ.
      const c = left ? other : transposed(other);
      const product = reflected(c, input, tau, left === transpose);
      return relabel(left ? product : transposed(product).clone(), "OrmqrBackward0");
    }
    const c = byColumns(other);
    if (c._numel > 0 && k > 0) {
      call("qrMultiply", [stored(c), readByColumns(input), tau.contiguous()], [left ? 1 : 0, transpose ? 1 : 0]);
    }
    return out === null ? c : intoOut("ormqr", [input, tau, other], out, c);
  },
);
