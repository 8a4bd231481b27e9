// Powers and exponentials of matrices, and products of several.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { float64, int64 } from "../../tensor/dtype";
import { requireImplemented } from "../../tensor/dtype-checks";
import type { Tensor } from "../../tensor/tensor";
import { warn } from "../../warnings";
import { intoOut } from "../shared/out";
import { batchOf, eyeOf, isReal, matrixOf, requireSquare, transposed } from "./matrices";
import { inv } from "./solve";

function powerOf(a: Tensor, n: number, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("matrix_power", [a], out, powerOf(a.detach(), n));
  requireSquare("linalg.matrix_power", a);
  if (n === 0) return a.clone().copy_(eyeOf(matrixOf(a)[0], matrixOf(a)[0], a.dtype));
  if (n < 0) return powerOf(inv(a), -n);
  if (n === 1) return a.clone();
  if (n === 3) return a.matmul(a).matmul(a);
  let result: Tensor | null = null;
  let square = a;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest !== n) square = square.matmul(square);
    if (rest % 2 === 1) result = result === null ? square : result.matmul(square);
  }
  return result as Tensor;
}

/**
 * Square matrices (…, k, k) times themselves, `n` times; a negative power is that of the inverse. Option: `out`. Throws LinAlgError for a negative power
 * of a singular matrix. Source: torch.linalg.matrix_power.
 */
export const matrixPower = signed("linalgMatrixPower(Tensor input, int n, *, Tensor? out=None)", powerOf);

/** Square matrices (…, k, k) times themselves, `n` times; a negative power is that of the inverse. Option: `out`. Source: torch.matrix_power. */
export const matrixPowerOfInput = signed("matrixPower(Tensor input, int n, *, Tensor? out=None)", powerOf);

/**
 * Degrees of Taylor polynomials, and the norms up to which each is as exact as the dtype. Source: Bader, Blanes, Casas: Computing the matrix exponential
 * with an optimized Taylor polynomial approximation (2019), as PyTorch has them.
 */
const DEGREES = [1, 2, 4, 8, 12, 18];
const BOUNDS_FLOAT = [
  1.192092800768788e-7, 5.978858893805233e-4, 5.116619363445086e-2, 5.800524627688768e-1, 1.461661507209034,
  3.010066362817634,
];
const BOUNDS_DOUBLE = [
  2.220446049250313e-16, 2.580956802971767e-8, 3.397168839976962e-4, 4.991228871115323e-2, 2.99615891381158e-1,
  1.090863719290036,
];

/** The Taylor polynomial of exp, by powers of a block of its degree (Paterson and Stockmeyer). */
function taylor(a: Tensor, degree: number): Tensor {
  const block = Math.max(1, Math.floor(Math.sqrt(degree)));
  const powers = [eyeOf(matrixOf(a)[0], matrixOf(a)[0], a.dtype), a];
  while (powers.length <= block) powers.push(powers[powers.length - 1].matmul(a));
  const factors = [1];
  for (let k = 1; k <= degree; k++) factors.push(factors[k - 1] / k);
  let result: Tensor | null = null;
  for (let first = Math.floor(degree / block) * block; first >= 0; first -= block) {
    const terms: Tensor[] = result === null ? [] : [result.matmul(powers[block])];
    for (let k = 0; k < block && first + k <= degree; k++) terms.push(powers[k].mul(factors[first + k]));
    result = terms.reduce((sum, term) => sum.add(term));
  }
  return result as Tensor;
}

/** The exponential of matrices of one kind: a degree, and how often the matrix is halved. */
function scaledExponential(a: Tensor, degree: number, halvings: number): Tensor {
  let result = taylor(halvings === 0 ? a : a.div(2 ** halvings), degree);
  for (let k = 0; k < halvings; k++) result = result.matmul(result);
  return result;
}

/** exp of matrices, unrecorded: each with the degree that its norm asks for. */
function exponential(a: Tensor): Tensor {
  const [n] = matrixOf(a);
  if (a._numel === 0) return a.clone();
  const flat = a.reshape([-1, n, n]);
  const bounds = a.dtype === float64 ? BOUNDS_DOUBLE : BOUNDS_FLOAT;
  const norms = flat.abs().sum(-2).amax(-1).elements();
  const kinds = new Map<string, { degree: number; halvings: number; members: number[] }>();
  for (let k = 0; k < norms.length; k++) {
    const size = Number(norms[k]);
    const found = bounds.findIndex((bound) => !(size > bound));
    const last = bounds[bounds.length - 1];
    const halvings = found < 0 && Number.isFinite(size) ? Math.max(0, Math.ceil(Math.log2(size / last))) : 0;
    const degree = found < 0 ? DEGREES[DEGREES.length - 1] : DEGREES[found];
    const kind = kinds.get(`${degree} ${halvings}`);
    if (kind === undefined) kinds.set(`${degree} ${halvings}`, { degree, halvings, members: [k] });
    else kind.members.push(k);
  }
  const all = [...kinds.values()];
  if (all.length === 1) return scaledExponential(flat, all[0].degree, all[0].halvings).reshape([...a.sizes]);
  const out = flat.newEmpty([...flat.sizes]);
  for (const { degree, halvings, members } of all) {
    const index = out.newTensor(BigInt64Array.from(members, BigInt), { dtype: int64 });
    out.indexCopy_(0, index, scaledExponential(flat.indexSelect(0, index), degree, halvings));
  }
  return out.reshape([...a.sizes]);
}

/** The derivative along a direction stands beside the exponential of a block matrix, which holds the direction. */
const expBackward: Backward = ([g], [a]) => {
  if (!g) return [null];
  const [n] = matrixOf(a);
  const turned = transposed(a);
  const zeros = a.newZeros([...batchOf(a), 2 * n, 2 * n]);
  const upper = zeros.narrow(-2, 0, n).sliceScatter(turned, -1, 0, n).sliceScatter(g, -1, n);
  const lower = zeros.narrow(-2, n, n).sliceScatter(turned, -1, n);
  const whole = zeros.sliceScatter(upper, -2, 0, n).sliceScatter(lower, -2, n);
  return [expOf(whole).narrow(-2, 0, n).narrow(-1, n, n)];
};

function expOf(a: Tensor): Tensor {
  if (!a.dtype.isFloatingPoint) {
    throw new DTypeError(`matrix_exp: Expected a floating point or complex tensor as input. Got ${a.dtype.scalarName}`);
  }
  requireSquare("linalg.matrix_exp", a);
  requireImplemented("log2_vml_cpu", a.dtype, isReal(a.dtype));
  const result = exponential(a.detach());
  record("LinalgMatrixExpBackward0", [a], [result], expBackward, [a]);
  return result;
}

/** The exponential of square matrices (…, n, n). Source: torch.linalg.matrix_exp. */
export const matrixExp = signed("linalgMatrixExp(Tensor input)", expOf);

/** The exponential of square matrices (…, n, n). Source: torch.matrix_exp. */
export const matrixExpOfInput = signed("matrixExp(Tensor input)", expOf);

/** The cheapest order of products of a chain, as where to split it between two ends. */
function splits(sizes: readonly number[]): number[][] {
  const n = sizes.length - 1;
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const split = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      cost[i][j] = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const own = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (own >= cost[i][j]) continue;
        cost[i][j] = own;
        split[i][j] = k;
      }
    }
  }
  return split;
}

/** Throws ShapeError for operands of `multiDot` that do not fit. */
function checkChain(tensors: readonly Tensor[]): void {
  const n = tensors.length;
  if (n < 2) throw new CressetError(`multi_dot(): expected at least 2 tensors but got ${n}`);
  for (const [k, x] of tensors.entries()) {
    const place = k === 0 ? "the first tensor" : k === n - 1 ? "the last tensor" : `tensor ${k}`;
    const inner = k > 0 && k < n - 1;
    if (inner ? x.ndim !== 2 : x.ndim !== 1 && x.ndim !== 2) {
      throw new ShapeError(`multi_dot(): ${place} must be ${inner ? "2D" : "1D or 2D"} but got ${x.ndim}D`);
    }
    if (x.dtype !== tensors[0].dtype) {
      throw new DTypeError(
        `multi_dot(): all tensors must have be the same dtype but tensor 0 is ${tensors[0].dtype.scalarName} and tensor ${k} ${x.dtype.scalarName}`,
      );
    }
  }
}

function multiDotOf(tensors: readonly Tensor[], out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("linalg_multi_dot", tensors, out, multiDotOf(tensors.map((x) => x.detach())));
  checkChain(tensors);
  const n = tensors.length;
  const [first, last] = [tensors[0], tensors[n - 1]];
  const list = [...tensors];
  if (first.ndim === 1) list[0] = first.unsqueeze(0);
  if (last.ndim === 1) list[n - 1] = last.unsqueeze(-1);
  for (let k = 0; k + 1 < n; k++) {
    if (list[k].sizes[1] === list[k + 1].sizes[0]) continue;
    throw new ShapeError(
      `multi_dot(): tensors ${k} and ${k + 1} with shapes [${list[k].sizes.join(", ")}] and [${list[k + 1].sizes.join(", ")}] cannot be multiplied`,
    );
  }
  const at = splits([list[0].sizes[0], ...list.map((x) => x.sizes[1])]);
  const product = (i: number, j: number): Tensor =>
    i === j ? list[i] : product(i, at[i][j]).mm(product(at[i][j] + 1, j));
  const sizes: number[] = [];
  if (first.ndim === 2) sizes.push(first.sizes[0]);
  if (last.ndim === 2) sizes.push(last.sizes[1]);
  return product(0, n - 1).view(sizes);
}

/**
 * The product of several matrices in the order that takes the fewest operations; the first and the last may be vectors. Option: `out`. Throws ShapeError
 * for operands that do not fit. Source: torch.linalg.multi_dot.
 */
export const multiDot = signed("linalgMultiDot(Tensor[] tensors, *, Tensor? out=None)", multiDotOf);

/** The product of several matrices in the order that takes the fewest operations, with a warning: `linalg.multiDot` is its successor. Source: torch.chain_matmul. */
export function chainMatmul(...matrices: readonly Tensor[]): Tensor {
  warn(
    "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot instead, which accepts a list of two or more tensors rather than multiple parameters.",
  );
  for (const { ndim } of matrices) {
    if (ndim !== 2) throw new ShapeError(`Tensor dimension is ${ndim}, expected 2 instead.`);
  }
  if (matrices.length === 0) throw new CressetError("chain_matmul(): Expected one or more matrices");
  return matrices.length === 1 ? matrices[0] : multiDotOf(matrices);
}
