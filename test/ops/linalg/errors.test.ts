// What linear algebra refuses, in PyTorch's words: matrices without a result, shapes, dtypes.

import * as torch from "cresset";
import { expect, test } from "vitest";

const { linalg } = torch;
const zeros = torch.zeros(2, 2);
const eye = torch.eye(2);
const batch = torch.stack([eye, zeros]);
const oblong = torch.ones(2, 3);
const vector = torch.ones(3);
const whole = torch.ones(2, 2, { dtype: torch.int64 });
const half = torch.ones(2, 2, { dtype: torch.float16 });
const missing = torch.full([3, 3], Number.NaN);
const exchanges = (...rows: number[]) => torch.tensor(rows, { dtype: torch.int32 });

const singular = "the inversion could not be completed because the input matrix is singular.";
const indefinite =
  "The factorization could not be completed because the input is not positive-definite (the leading minor of order 1 is not positive-definite).";
const notFinite = "The algorithm failed to converge because the input matrix contained non-finite values.";
const repeated =
  "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: 2).";
const zeroOnDiagonal =
  "U[1,1] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)";

test.each<readonly [words: string, call: () => unknown]>([
  [`linalg.inv: The diagonal element 1 is zero, ${singular}`, () => linalg.inv(zeros)],
  [`linalg.inv: (Batch element 1): The diagonal element 1 is zero, ${singular}`, () => torch.inverse(batch)],
  [`linalg.inv_ex: The diagonal element 1 is zero, ${singular}`, () => linalg.invEx(zeros, { checkErrors: true })],
  [`cholesky_inverse: The diagonal element 1 is zero, ${singular}`, () => torch.choleskyInverse(zeros)],
  [`linalg.cholesky: ${indefinite}`, () => linalg.cholesky(eye.neg())],
  [`cholesky: (Batch element 1): ${indefinite}`, () => torch.cholesky(batch.sub(0.5).add(eye.mul(0.2)))],
  [`linalg.cholesky_ex: ${indefinite}`, () => linalg.choleskyEx(eye.neg(), { checkErrors: true })],
  ["torch.linalg.solve: The solver failed because the input matrix is singular.", () => linalg.solve(zeros, eye)],
  [
    "torch.linalg.solve: (Batch element 1): The solver failed because the input matrix is singular.",
    () => linalg.solve(batch, batch),
  ],
  [`torch.linalg.lu_factor: ${zeroOnDiagonal}`, () => linalg.luFactor(zeros)],
  [`linalg.svd: ${notFinite}`, () => linalg.svd(missing)],
  [`linalg.svd: (Batch element 1): ${notFinite}`, () => linalg.svdvals(torch.stack([torch.eye(3), missing]))],
  [`linalg.svd: ${notFinite}`, () => torch.svd(torch.full([3, 3], Number.POSITIVE_INFINITY))],
  [`linalg.svd: ${notFinite}`, () => linalg.pinv(missing)],
  [`linalg.eigh: ${repeated}`, () => linalg.eigh(missing)],
  [`linalg.eigh: (Batch element 1): ${repeated}`, () => linalg.eigvalsh(torch.stack([torch.eye(3), missing]))],
  [`symeig: ${repeated}`, () => torch.symeig(missing, true)],
])("%s", (words, call) => {
  expect(call).toThrow(linalg.LinAlgError);
  expect(call).toThrow(words);
});

test.each<readonly [words: string, call: () => unknown]>([
  ["linalg.inv: A must be batches of square matrices, but they are 2 by 3 matrices", () => linalg.inv(oblong)],
  ["linalg.inv: The input tensor A must have at least 2 dimensions.", () => linalg.inv(vector)],
  ["linalg.inv: Expected a floating point or complex tensor as input. Got Long", () => linalg.inv(whole)],
  ["linalg.inv: Low precision dtypes not supported. Got Half", () => linalg.inv(half)],
  ["logdet: A must be batches of square matrices, but they are 2 by 3 matrices", () => torch.logdet(oblong)],
  [
    "linalg.solve: Incompatible shapes of A and B for the equation AX = B (2x2 and 3x1)",
    () => linalg.solve(eye, vector),
  ],
  [
    "linalg.solve: Expected A and B to have the same dtype, but found A of type Float and B of type Long instead",
    () => linalg.solve(eye, whole),
  ],
  [
    'linalg_solve_triangular() missing 1 required positional arguments: "upper"',
    () => Reflect.apply(linalg.solveTriangular, null, [eye, eye]),
  ],
  [
    "linalg.solve_triangular: Incompatible shapes of A and B for the equation AX = B (2x2 and 3x2)",
    () => linalg.solveTriangular(eye, oblong.t(), { upper: true }),
  ],
  [
    "torch.triangular_solve: Expected b to have at least 2 dimensions, but it has 1 dimensions instead",
    () => torch.triangularSolve(vector, eye),
  ],
  [
    "Incompatible matrix sizes for triangular_solve: each A matrix is 2 by 2 but each b matrix is 3 by 2",
    () => torch.triangularSolve(oblong.t(), eye),
  ],
  ["torch.lu_factor: Expected tensor with 2 or more dimensions. Got size: [3] instead", () => torch.lu(vector)],
  ["\"lu_cpu\" not implemented for 'Long'", () => linalg.lu(whole)],
  ["linalg.lu_factor: LU without pivoting is not implemented on the CPU", () => torch.lu(eye, false)],
  [
    "linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32",
    () => torch.luSolve(eye, eye, torch.ones(2)),
  ],
  [
    "linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix",
    () => linalg.luSolve(eye, exchanges(1, 1, 1), eye),
  ],
  [
    "Pivots given to lu_solve must all be smaller or equal to LU.size(-2). Did you properly pass the result of lu_factor?",
    () => linalg.luSolve(eye, exchanges(5, 7), eye),
  ],
  [
    "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you properly pass the result of lu_factor?",
    () => torch.luUnpack(eye, exchanges(5, 7)),
  ],
  [
    "linalg.ldl_solve: the pivots are not those of linalg.ldl_factor",
    () => linalg.ldlSolve(eye, exchanges(1, -2), eye),
  ],
  ["torch.linalg.ldl_solve: Expected pivots to be integers. Got Float", () => linalg.ldlSolve(eye, torch.ones(2), eye)],
  [
    "qr received unrecognized mode 'foo' but expected one of 'reduced' (default), 'r', or 'complete'",
    () => linalg.qr(eye, "foo"),
  ],
  ["Expected UPLO argument to be 'L' or 'U', but got X", () => linalg.eigh(eye, "X")],
  ["\"linalg_eigh_cpu\" not implemented for 'Long'", () => linalg.eigvalsh(whole)],
  ["\"linalg_svd_cpu\" not implemented for 'Half'", () => linalg.svd(half)],
  [
    "linalg.pinv(Float{[3]}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types",
    () => linalg.pinv(vector),
  ],
  ["matrix_exp: Expected a floating point or complex tensor as input. Got Long", () => torch.matrixExp(whole)],
  ["torch.linalg.lstsq: input.size(-2) should match other.size(-1)", () => linalg.lstsq(eye, vector)],
  [
    "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)",
    () => linalg.lstsq(eye, eye, { driver: "foo" }),
  ],
  [
    "torch.linalg.householder_product: input.shape[-2] must be greater than or equal to input.shape[-1]",
    () => torch.orgqr(oblong, vector),
  ],
  [
    "torch.ormqr: other.shape[-2] must be equal to input.shape[-2]",
    () => torch.ormqr(oblong.t(), torch.ones(2), torch.ones(4, 2)),
  ],
  ["multi_dot(): expected at least 2 tensors but got 1", () => linalg.multiDot([eye])],
  ["multi_dot(): tensor 1 must be 2D but got 1D", () => linalg.multiDot([eye, vector, eye])],
  [
    "multi_dot(): tensors 0 and 1 with shapes [2, 2] and [3, 2] cannot be multiplied",
    () => linalg.multiDot([eye, oblong.t()]),
  ],
  ["linalg.matrix_norm: Order 3 not supported.", () => linalg.norm(eye, 3)],
  ["linalg.matrix_norm: The input tensor A must have at least 2 dimensions.", () => linalg.norm(vector, "nuc")],
  [
    "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got 3D.",
    () => linalg.norm(torch.ones(2, 2, 2), 2),
  ],
  [
    "linalg.vector_norm cannot compute the inf norm on an empty tensor because the operation does not have an identity",
    () => linalg.vectorNorm(torch.ones(0), Number.POSITIVE_INFINITY),
  ],
  [
    "linalg.vector_norm: the dtype of the input (Double) should be convertible without narrowing to the specified dtype (Float)",
    () => linalg.vectorNorm(torch.ones(2, { dtype: torch.float64 }), { dtype: torch.float32 }),
  ],
  ["Expected a tensor with 2 dimensions, but got a tensor with 1 dimension instead.", () => torch.norm(vector, "nuc")],
  [
    "linalg.cond(ord=1): A must be batches of square matrices, but they are 2 by 3 matrices",
    () => linalg.cond(oblong, 1),
  ],
  [
    "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got 1 != 6",
    () => linalg.tensorinv(oblong),
  ],
  ["N must be greater than 1.", () => linalg.vander(vector, { N: 1 })],
  ["linalg.cross: inputs dimension -1 must have length 3. Got 2 and 2", () => linalg.cross(eye, eye)],
  [
    "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.",
    () => linalg.qr(oblong.clone().requiresGrad_(), "r").R.sum().backward(),
  ],
  [
    "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
    () => linalg.qr(oblong.t().clone().requiresGrad_(), "complete").Q.sum().backward(),
  ],
  [
    "linalg_eig_backward: torch.symeig(A, eigenvectors=False) is not differentiable. Use torch.linalg.eigvalsh(A) instead.",
    () => torch.symeig(eye.clone().requiresGrad_()).eigenvalues.sum().backward(),
  ],
  [
    "This function was deprecated since version 1.9 and is now removed. Please use the `torch.linalg.lstsq` function instead.",
    () => torch.lstsq(eye, eye),
  ],
  ["complex numbers are left out", () => linalg.eig(eye)],
])("%s", (words, call) => {
  expect(call).toThrow(torch.CressetError);
  expect(call).toThrow(words);
});
