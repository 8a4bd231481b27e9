// Norms of vectors and matrices, and what is said by them of a matrix.

import { overloaded, signed } from "../../arguments/signed";
import { relabel } from "../../autograd/record";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { type DType, promoteTypes, type Scalar } from "../../tensor/dtype";
import { wrapDim, wrapDims } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import type { Dims } from "../reduce/reduction";
import { intoOut } from "../shared/out";
import { batchOf, requireMatrix, requireReal, requireSquare } from "./matrices";
import { invEx } from "./solve";
import { singularValues } from "./spectral";
import { normOver } from "./vector-norm";

/** Order of a norm: a number, infinity, "fro" (root of the sum of squares) or "nuc" (sum of singular values). */
export type NormOrder = number | "fro" | "nuc";

/** The order as PyTorch writes it. */
function orderText(order: number | string): string {
  if (order === Number.POSITIVE_INFINITY) return "inf";
  return order === Number.NEGATIVE_INFINITY ? "-inf" : String(order);
}

/** The operand in the dtype asked for. Throws DTypeError for one that is no float, or narrower. */
function converted(call: string, x: Tensor, dtype: DType | null): Tensor {
  if (!x.dtype.isFloatingPoint) {
    throw new DTypeError(`${call}: Expected a floating point or complex tensor as input. Got ${x.dtype.scalarName}`);
  }
  if (dtype === null) return x;
  if (!dtype.isFloatingPoint) {
    throw new DTypeError(`${call}: dtype should be floating point or complex, but got ${dtype.scalarName}`);
  }
  if (promoteTypes(x.dtype, dtype) !== dtype) {
    throw new DTypeError(
      `${call}: the dtype of the input (${x.dtype.scalarName}) should be convertible without narrowing to the specified dtype (${dtype.scalarName})`,
    );
  }
  return x.to(dtype);
}

/** Throws CressetError where a norm of nothing has no value. */
function requireElements(x: Tensor, order: number, dim: Dims): void {
  if (x._numel > 0 || !(order < 0 || order === Number.POSITIVE_INFINITY)) return;
  const dims = wrapDims(dim, x.ndim);
  const name = `linalg.vector_norm cannot compute the ${orderText(order)} norm on`;
  if (dims.length === x.ndim) {
    throw new CressetError(`${name} an empty tensor because the operation does not have an identity`);
  }
  const empty = dims.find((d) => x.sizes[d] === 0);
  if (empty === undefined) return;
  throw new CressetError(
    `${name} the dimension ${empty} because this dimension is empty and the operation does not have an identity`,
  );
}

function vectorNormOf(
  input: Tensor,
  order: number = 2,
  dim: Dims = null,
  keepdim = false,
  dtype: DType | null = null,
  out: Tensor | null = null,
): Tensor {
  if (out !== null) {
    return intoOut("linalg_vector_norm", [input], out, vectorNormOf(input.detach(), order, dim, keepdim, dtype));
  }
  const x = converted("linalg.vector_norm", input, dtype);
  requireElements(x, order, dim);
  return normOver(x, order, dim, keepdim, "LinalgVectorNormBackward0");
}

/**
 * The norm of all elements as one vector, or over dimensions. Options: `ord` (2; any number or ±infinity), `dim`, `keepdim`, `dtype`, `out`. Throws
 * CressetError for a negative or infinite order of nothing. Source: torch.linalg.vector_norm.
 */
export const vectorNorm = signed(
  "linalgVectorNorm(Tensor input, Number ord=2, int[]|int? dim=None, bool keepdim=False, *, Dtype? dtype=None, Tensor? out=None)",
  vectorNormOf,
);

/** Two different dimensions, wrapped. */
function matrixDims(x: Tensor, dim: readonly number[]): [rows: number, cols: number] {
  if (dim.length !== 2) {
    throw new ShapeError(`linalg.matrix_norm: dim must be a 2-tuple. Got ${dim.join(", ")}`);
  }
  const [rows, cols] = dim.map((d) => wrapDim(d, x.ndim));
  if (rows === cols) {
    throw new ShapeError(`linalg.matrix_norm: dims must be different. Got (${dim[0]}, ${dim[1]})`);
  }
  return [rows, cols];
}

/** Singular values of the matrices over two dimensions, along the last one. */
function valuesOver(x: Tensor, rows: number, cols: number): Tensor {
  requireReal("linalg.matrix_norm", x);
  return singularValues(x.movedim([rows, cols], [-2, -1]));
}

function matrixNormOf(
  input: Tensor,
  order: number | string = "fro",
  dim: readonly number[] = [-2, -1],
  keepdim = false,
  dtype: DType | null = null,
  out: Tensor | null = null,
): Tensor {
  if (out !== null) {
    return intoOut("linalg_matrix_norm", [input], out, matrixNormOf(input.detach(), order, dim, keepdim, dtype));
  }
  requireMatrix("linalg.matrix_norm", input);
  const x = converted("linalg.matrix_norm", input, dtype);
  const [rows, cols] = matrixDims(x, dim);
  const size = typeof order === "number" ? Math.abs(order) : order;
  const restore = (y: Tensor) => (keepdim ? y.unsqueeze(Math.min(rows, cols)).unsqueeze(Math.max(rows, cols)) : y);
  if (size === "fro") return vectorNormOf(x, 2, [rows, cols], keepdim);
  if (size === "nuc") return restore(valuesOver(x, rows, cols).sum(-1));
  if (typeof order === "string" || (size !== 1 && size !== 2 && size !== Number.POSITIVE_INFINITY)) {
    throw new CressetError(`linalg.matrix_norm: Order ${orderText(order)} not supported.`);
  }
  const extreme = (y: Tensor, d: number, keep: boolean) => (order > 0 ? y.amax(d, keep) : y.amin(d, keep));
  if (size === 2) return restore(extreme(valuesOver(x, rows, cols), -1, false));
  const [summed, compared] = size === 1 ? [rows, cols] : [cols, rows];
  const sums = vectorNormOf(x, 1, [summed], keepdim);
  return extreme(sums, keepdim || compared < summed ? compared : compared - 1, keepdim);
}

/**
 * The norm of matrices. Options: `ord` ("fro"; "nuc", ±1 and ±infinity: sums of columns and rows, ±2: singular values), `dim` ([−2, −1]), `keepdim`,
 * `dtype`, `out`. Source: torch.linalg.matrix_norm.
 */
export const matrixNorm = signed(
  "linalgMatrixNorm(Tensor input, Number|str ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, Dtype? dtype=None, Tensor? out=None)",
  matrixNormOf,
);

function normFor(
  input: Tensor,
  order: number | string | null = null,
  dim: Dims = null,
  keepdim = false,
  dtype: DType | null = null,
  out: Tensor | null = null,
): Tensor {
  if (out !== null) return intoOut("linalg_norm", [input], out, normFor(input.detach(), order, dim, keepdim, dtype));
  const dims = typeof dim === "number" ? [dim] : dim;
  if (dims !== null && dims.length !== 1 && dims.length !== 2) {
    throw new ShapeError(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dims.join(", ")}]`);
  }
  if (typeof order === "string") return matrixNormOf(input, order, dims ?? [0, 1], keepdim, dtype);
  if (dims === null && order !== null && input.ndim !== 1 && input.ndim !== 2) {
    throw new ShapeError(
      `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${input.ndim}D.`,
    );
  }
  if (order !== null && (dims === null ? input.ndim : dims.length) === 2) {
    return matrixNormOf(input, order, dims ?? [0, 1], keepdim, dtype);
  }
  return vectorNormOf(input, order ?? 2, dims, keepdim, dtype);
}

/**
 * The norm of a vector or matrix. Options: `ord` (the root of the sum of squares of everything; else as `vectorNorm` over one dimension, as `matrixNorm`
 * over two), `dim`, `keepdim`, `dtype`, `out`. Source: torch.linalg.norm.
 */
export const normOfAny = signed(
  "linalgNorm(Tensor input, Number|str? ord=None, int[]|int? dim=None, bool keepdim=False, *, Dtype? dtype=None, Tensor? out=None)",
  normFor,
);

/** How far the inverse magnifies: norm times norm of the inverse, infinite for a singular matrix. */
function conditionBy(a: Tensor, order: number | string): Tensor {
  const { inverse, info } = invEx(a);
  if (order === "nuc") {
    const s = singularValues(a);
    return s.sum(-1).mul(s.reciprocal().sum(-1)).maskedFill(info.ne(0), Number.POSITIVE_INFINITY);
  }
  const singular = info.ne(0).unsqueeze(-1).unsqueeze(-1);
  const known = inverse.maskedFill(singular, Number.POSITIVE_INFINITY);
  return matrixNormOf(a, order)
    .mul(matrixNormOf(known, order))
    .nanToNum(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
}

function condOf(a: Tensor, order: number | string | null = null, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("linalg_cond", [a], out, condOf(a.detach(), order));
  if (a.ndim < 2) throw new ShapeError("linalg.cond: The input tensor must have at least 2 dimensions.");
  const size = typeof order === "number" ? Math.abs(order) : order;
  if (size === null || size === 2) {
    const s = singularValues(a);
    const k = s.sizes[s.ndim - 1];
    if (k === 0) return a.newZeros(batchOf(a));
    const [largest, least] = [s.narrow(-1, 0, 1), s.narrow(-1, k - 1, 1)];
    return (order === -2 ? least.div(largest) : largest.div(least)).squeeze(-1);
  }
  if (size === "nuc" || size === "fro" || size === 1 || size === Number.POSITIVE_INFINITY) {
    if (a._numel === 0) return a.newZeros(batchOf(a));
    requireSquare(`linalg.cond(ord=${orderText(order as number | string)})`, a);
    return conditionBy(a, order as number | string);
  }
  throw new CressetError(`linalg.cond got an invalid norm type: ${orderText(order as number | string)}`);
}

/**
 * The condition number of matrices: the norm times the norm of the inverse. Options: `p` (2: the ratio of singular values; −2, "fro", "nuc", ±1,
 * ±infinity), `out`. A singular matrix has an infinite one. Source: torch.linalg.cond.
 */
export const cond = signed("linalgCond(Tensor input, Number|str? p=None, *, Tensor? out=None)", condOf);

/** The sum of singular values of the matrices over two dimensions, all of a matrix without them. */
function nuclearNormOf(input: Tensor, dim: readonly number[] | null, keepdim: boolean): Tensor {
  if (dim === null) {
    if (input.ndim !== 2) {
      throw new ShapeError(
        `Expected a tensor with 2 dimensions, but got a tensor with ${input.ndim} dimension${input.ndim === 1 ? "" : "s"} instead.`,
      );
    }
    return nuclearNormOf(input, [0, 1], keepdim);
  }
  if (dim.length !== 2) {
    throw new ShapeError(`nuclear norm requires a 'dim' argument of size 2`);
  }
  const [rows, cols] = dim.map((d) => wrapDim(d, input.ndim));
  const sum = singularValues(input.movedim([rows, cols], [-2, -1])).sum(-1);
  return keepdim ? sum.unsqueeze(Math.min(rows, cols)).unsqueeze(Math.max(rows, cols)) : sum;
}

/** The ways to call `nuclearNorm`. */
interface NuclearNorm {
  (input: Tensor, keepdim?: boolean | { keepdim?: boolean }): Tensor;
  (input: Tensor, dim: readonly number[], keepdim?: boolean | { keepdim?: boolean }): Tensor;
  (input: Tensor, options: { dim: readonly number[]; keepdim?: boolean }): Tensor;
}

/** The sum of singular values. Options: `dim`, `keepdim`. Source: torch.nuclear_norm. */
export const nuclearNorm = overloaded<NuclearNorm>(
  ["nuclearNorm(Tensor input, bool keepdim=False)", (x: Tensor, keepdim = false) => nuclearNormOf(x, null, keepdim)],
  ["nuclearNorm(Tensor input, int[] dim, bool keepdim=False)", nuclearNormOf],
);

/** The p-norm of a tensor taken as a vector, over dimensions. Options: `p` (2; "nuc": the sum of singular values), `dim`, `keepdim`, `dtype`. Source: torch.norm. */
export const norm = signed(
  "def norm(Tensor input, Number|str? p=fro, int[]|int? dim=None, bool keepdim=False, *, Dtype? dtype=None)",
  normOf,
);

function normOf(
  input: Tensor,
  asked: NormOrder | null = null,
  dim: Dims = null,
  keepdim = false,
  dtype: DType | null = null,
): Tensor {
  const type = dtype ?? input.dtype;
  if (!type.isFloatingPoint) {
    throw new DTypeError(
      `norm(): ${dtype ? "the desired output" : "input"} dtype should be either floating point or complex. Got ${type.scalarName} instead.`,
    );
  }
  const p = asked ?? "fro";
  if (p === "fro" && Array.isArray(dim) && dim.length > 2) {
    throw new CressetError(`Expected at most 2 dimensions, but got ${dim.length} dimensions instead.`);
  }
  const x = dtype ? input.to(dtype) : input;
  if (p === "nuc") return nuclearNormOf(x, typeof dim === "number" ? [dim] : dim, keepdim);
  if (typeof p === "string" && p !== "fro") {
    throw new CressetError(`only valid string values are 'fro' and 'nuc', found ${String(p)}`);
  }
  if (typeof p === "boolean") {
    throw new CressetError("norm_kernel_tensor_iterator_impl expects norm to be integer or float");
  }
  return normOver(x, p === "fro" ? 2 : p, dim, keepdim, "NormBackward1");
}

/** The p-norm of the difference. Option: `p` (2). Source: torch.dist. */
export const dist = signed("dist(Tensor input, Tensor other, Number p=2)", distOf);

function distOf(input: Tensor, other: Tensor, p = 2): Tensor {
  return relabel(norm(input.sub(other), p), "DistBackward0");
}

/**
 * Every part of `input` along `dim` whose `p`-norm is above `maxnorm` scaled down to it. Options: `out`. Throws ShapeError for fewer
 * than two dimensions, CressetError for a `p` that is not positive. Source: torch.renorm.
 */
export const renorm = signed("renorm(Tensor input, Number p, int dim, Number maxnorm, *, Tensor? out=None)", renormOf);

function renormOf(input: Tensor, p: Scalar, dim: number, maxnorm: Scalar, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("renorm", [input], out, renormOf(input.detach(), p, dim, maxnorm));
  if (!(Number(p) > 0)) throw new CressetError("renorm: non-positive-norm not supported");
  if (!(Number(maxnorm) >= 0)) throw new CressetError(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`);
  if (input.ndim < 2) {
    throw new ShapeError(`renorm: input needs at least 2 dimensions, got ${input.ndim} dimensions`);
  }
  const d = wrapDim(dim, input.ndim);
  const others = input.sizes.map((_, k) => k).filter((k) => k !== d);
  const norm = vectorNormOf(input, Number(p), others, true);
  const scale = norm.add(1e-7).reciprocal().mul(maxnorm).where(norm.gt(maxnorm), 1);
  return relabel(input.mul(scale), "RenormBackward0", norm);
}
