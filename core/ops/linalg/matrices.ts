// What all of linear algebra shares: PyTorch's checks of matrices, batches stored by columns as LAPACK wants them (native/cpu/matrices.h),
// and error codes of single matrices.

import { copyInto, fillWith } from "../../dispatch";
import { DTypeError, LinAlgError, ShapeError } from "../../errors";
import { type DType, float32, float64, int32 } from "../../tensor/dtype";
import { requireSameDtype } from "../../tensor/dtype-checks";
import { broadcastShapes, sameShape } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";

/** Throws ShapeError for fewer than two dimensions. */
export function requireMatrix(call: string, x: Tensor, name = "A"): void {
  if (x.ndim < 2) throw new ShapeError(`${call}: The input tensor ${name} must have at least 2 dimensions.`);
}

/** Throws ShapeError unless the operand is one square matrix or a batch of them. */
export function requireSquare(call: string, x: Tensor, name = "A"): void {
  requireMatrix(call, x, name);
  const [rows, cols] = x.sizes.slice(-2);
  if (rows !== cols) {
    throw new ShapeError(
      `${call}: ${name} must be batches of square matrices, but they are ${rows} by ${cols} matrices`,
    );
  }
}

/** Throws DTypeError for dtypes other than float32 and float64; half types are told from whole numbers. */
export function requireReal(call: string, x: Tensor): void {
  const { dtype } = x;
  if (!dtype.isFloatingPoint) {
    throw new DTypeError(`${call}: Expected a floating point or complex tensor as input. Got ${dtype.scalarName}`);
  }
  if (dtype !== float32 && dtype !== float64) {
    throw new DTypeError(`${call}: Low precision dtypes not supported. Got ${dtype.scalarName}`);
  }
}

/** Whether LAPACK has the dtype. */
export function isReal(dtype: DType): boolean {
  return dtype === float32 || dtype === float64;
}

/** Throws when two operands of one equation have different dtypes. */
export function requireSameDtypes(call: string, a: Tensor, b: Tensor, names: readonly [string, string]): void {
  const [first, second] = names;
  requireSameDtype(
    a,
    b,
    `${call}: Expected ${first} and ${second} to have the same dtype, but found ${first} of type ${a.dtype.scalarName} and ${second} of type ${b.dtype.scalarName} instead`,
  );
}

/** Everything before rows and columns. */
export function batchOf(x: Tensor): number[] {
  return x.sizes.slice(0, -2);
}

/** Rows and columns. */
export function matrixOf(x: Tensor): [rows: number, cols: number] {
  return [x.sizes[x.ndim - 2], x.sizes[x.ndim - 1]];
}

/** The transposed matrices, recorded. */
export function transposed(x: Tensor): Tensor {
  return x.transpose(-2, -1);
}

/** Matrices with undefined contents, stored by columns. */
export function emptyByColumns(sizes: readonly number[], dtype: DType): Tensor {
  return stored(empty([...sizes.slice(0, -2), sizes[sizes.length - 1], sizes[sizes.length - 2]], dtype));
}

/** The same memory with rows and columns exchanged, unrecorded: what a kernel takes for matrices stored by columns, and the reverse. */
export function stored(x: Tensor): Tensor {
  const swap = (list: readonly number[]) => [...list.slice(0, -2), list[x.ndim - 1], list[x.ndim - 2]];
  return x.alias(swap(x.sizes), swap(x.strides), x.offset);
}

/** A copy stored by columns, unrecorded, broadcast to `sizes`. */
export function byColumns(x: Tensor, sizes: readonly number[] = x.sizes): Tensor {
  const out = emptyByColumns(sizes, x.dtype);
  if (out._numel > 0) copyInto(out, x);
  return out;
}

/** The operand itself where it is stored by columns without gaps, else such a copy; unrecorded. For kernels that only read it. */
export function readByColumns(x: Tensor): Tensor {
  const plain = stored(x);
  return plain.contiguousNow ? plain : stored(byColumns(x));
}

/** Two operands with the same batch dimensions, recorded. */
export function sameBatch(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const batch = broadcastShapes([batchOf(a), batchOf(b)]);
  const widened = (x: Tensor) => (sameShape(batchOf(x), batch) ? x : x.expand([...batch, ...matrixOf(x)]));
  return [widened(a), widened(b)];
}

/** Ones on the diagonal of a matrix of zeros, unrecorded. */
export function eyeOf(rows: number, cols: number, dtype: DType): Tensor {
  const out = empty([rows, cols], dtype);
  if (out._numel === 0) return out;
  fillWith(out, 0);
  fillWith(out.alias([Math.min(rows, cols)], [cols + 1], 0), 1);
  return out;
}

/** New error codes, one per matrix, of which nothing has been said yet. */
export function codesFor(x: Tensor): Tensor {
  const info = empty(batchOf(x), int32);
  if (info._numel > 0) fillWith(info, 0);
  return info;
}

/** What an error code means, in PyTorch's words. */
export const FAULTS = {
  inverse: (code: number) =>
    `The diagonal element ${code} is zero, the inversion could not be completed because the input matrix is singular.`,
  solve: () => "The solver failed because the input matrix is singular.",
  cholesky: (code: number) =>
    `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${code} is not positive-definite).`,
  svd: (code: number) =>
    code < 0
      ? "The algorithm failed to converge because the input matrix contained non-finite values."
      : `The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated singular values (error code: ${code}).`,
  eigenvalues: (code: number) =>
    `The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: ${code}).`,
  leastSquares: (code: number) =>
    `The least squares solution could not be computed because the input matrix does not have full rank (error code: ${code}).`,
  lu: (code: number) =>
    `U[${code},${code}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)`,
  ldl: (code: number) => `D[${code},${code}] is zero: the factorization cannot be used to solve a system.`,
} as const;

/** Throws LinAlgError for the first matrix whose error code is not 0. */
export function checkCodes(call: string, fault: keyof typeof FAULTS, info: Tensor): void {
  const codes = info.elements();
  for (let k = 0; k < codes.length; k++) {
    const code = Number(codes[k]);
    if (code === 0) continue;
    const place = info.ndim === 0 ? "" : `(Batch element ${k}): `;
    throw new LinAlgError(`${call}: ${place}${FAULTS[fault](code)}`);
  }
}
