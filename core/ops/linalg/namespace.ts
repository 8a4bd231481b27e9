// torch.linalg: linear algebra of real matrices.

export { LinAlgError } from "../../errors";
export { matmul } from "../matrix/linalg";
export { cholesky, choleskyEx, ldlFactor, ldlFactorEx, ldlSolve } from "./cholesky";
export { lu, luFactor, luFactorEx, luSolve } from "./lu";
export { matrixExp, matrixPower, multiDot } from "./matrix-functions";
export { cond, matrixNorm, type NormOrder, normOfAny as norm, vectorNorm } from "./norms";
export { householderProduct, qr } from "./orthogonal";
export { lstsq, matrixRank, pinv, type PinvOptions, type Tolerance } from "./pseudo-inverse";
export { det, inv, invEx, slogdet, solve, solveEx } from "./solve";
export { eig, eigh, eigvals, eigvalsh, svd, svdvals } from "./spectral";
export { cross, diagonal, tensorinv, tensorsolve, vander, vecdot } from "./tensors";
export { solveTriangular } from "./triangular";
