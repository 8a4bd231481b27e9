// Derivatives and second derivatives of everything in linear algebra, by differences.

import * as torch from "cresset";
import { expect, test } from "vitest";
import { checkSecondDerivatives } from "../../support/second-derivatives";

const { linalg, autograd } = torch;
type Tensor = torch.Tensor;

torch.manualSeed(13);

const double = { dtype: torch.float64 };
/** A matrix far from singular, with singular values that differ. */
function regular(...batch: number[]): Tensor {
  return torch.randn([...batch, 2, 2], double).add(torch.tensor([3, 6], double).diag());
}
const tall = (): Tensor => torch.randn([3, 2], double);
const wide = (): Tensor => torch.randn([2, 3], double);
const columns = (): Tensor => torch.randn([2, 2], double);
const symmetric = (x: Tensor): Tensor => x.add(x.transpose(-2, -1));
/** A symmetric positive-definite matrix made of any. */
const definite = (x: Tensor): Tensor => x.matmul(x.transpose(-2, -1)).add(torch.eye(2, double));
/** Vectors without their sign. */
const unsigned = (x: Tensor): Tensor => x.mul(x);

type Call = (...inputs: Tensor[]) => Tensor | Tensor[];

const cases: readonly (readonly [name: string, call: Call, ...inputs: Tensor[]])[] = [
  ["inv", (a) => linalg.inv(a), regular(2)],
  ["det", (a) => linalg.det(a), regular(2)],
  ["slogdet", (a) => linalg.slogdet(a).logabsdet, regular(2)],
  ["logdet", (a) => torch.logdet(definite(a)), regular(2)],
  ["cholesky", (a) => linalg.cholesky(definite(a)), regular(2)],
  ["cholesky, upper", (a) => torch.cholesky(definite(a), true), regular()],
  ["choleskySolve", (b, a) => torch.choleskySolve(b, a.tril()), columns(), regular()],
  ["choleskySolve, upper", (b, a) => torch.choleskySolve(b, a.triu(), true), columns(), regular(2)],
  ["choleskyInverse", (a) => torch.choleskyInverse(a.tril()), regular(2)],
  ["choleskyInverse, upper", (a) => torch.choleskyInverse(a.triu(), true), regular()],
  ["solve", (a, b) => linalg.solve(a, b), regular(), columns()],
  ["solve, from the right", (a, b) => linalg.solve(a, b, { left: false }), regular(), tall()],
  ["solve, a vector", (a, b) => linalg.solve(a, b), regular(), torch.randn(2, double)],
  ["solveTriangular", (a, b) => linalg.solveTriangular(a, b, { upper: true }), regular(), columns()],
  [
    "solveTriangular, ones on the diagonal, from the right",
    (a, b) => linalg.solveTriangular(a, b, { upper: false, left: false, unitriangular: true }),
    regular(2),
    tall(),
  ],
  ["triangularSolve", (b, a) => torch.triangularSolve(b, a, true, true).solution, columns(), regular(2)],
  ["lu", (a) => linalg.lu(a).slice(1), regular(2)],
  ["lu of a tall matrix", (a) => linalg.lu(a).slice(1), tall()],
  ["lu of a wide matrix", (a) => linalg.lu(a).slice(1), wide()],
  ["lu, L alone", (a) => linalg.lu(a).L, tall()],
  ["lu, U alone", (a) => linalg.lu(a).U, wide()],
  ["luFactor", (a) => linalg.luFactor(a).LU, wide()],
  ["luUnpack", (a) => torch.luUnpack(a, torch.tensor([2, 2], { dtype: torch.int32 })).slice(1), regular()],
  ["luSolve", (a, b) => torch.luSolve(b, ...torch.lu(a)), regular(2), columns()],
  [
    "luSolve, adjoint, from the right",
    (a, b) => linalg.luSolve(...torch.lu(a), b, { left: false, adjoint: true }),
    regular(2),
    tall(),
  ],
  ["qr", (a) => [...linalg.qr(a)], tall()],
  ["qr of a wide matrix", (a) => [...linalg.qr(a)], wide()],
  ["qr, Q alone", (a) => linalg.qr(a).Q, wide()],
  ["qr, R alone", (a) => linalg.qr(a).R, wide()],
  ["qr, complete", (a) => [...linalg.qr(a, "complete")], wide()],
  ["householderProduct", (a, tau) => linalg.householderProduct(a, tau), tall(), torch.randn([2], double)],
  ["ormqr", (a, tau, c) => torch.ormqr(a, tau, c), tall(), torch.randn([2], double), torch.randn([3, 2], double)],
  [
    "ormqr, transposed, from the right",
    (a, tau, c) => torch.ormqr(a, tau, c, false, true),
    tall(),
    torch.randn([2], double),
    torch.randn([2, 3], double),
  ],
  ["svd of a tall matrix", (a) => linalg.svd(a, false).map((x) => unsigned(x)), tall()],
  ["svd of a wide matrix", (a) => torch.svd(a).map((x) => unsigned(x)), wide()],
  ["svd, all vectors", (a) => linalg.svd(a).S, wide()],
  ["svdvals", (a) => linalg.svdvals(a), tall()],
  ["eigh", (a) => linalg.eigh(symmetric(a)).map((x) => unsigned(x)), regular(2)],
  ["eigh, vectors alone", (a) => unsigned(linalg.eigh(symmetric(a)).eigenvectors), regular(2)],
  ["eigvalsh", (a) => linalg.eigvalsh(symmetric(a)), regular(2)],
  ["symeig", (a) => torch.symeig(symmetric(a), true).eigenvalues, regular(2)],
  ["pinv of a tall matrix", (a) => linalg.pinv(a), tall()],
  ["pinv of a wide matrix", (a) => linalg.pinv(a), wide()],
  ["pinv, hermitian", (a) => linalg.pinv(symmetric(a), { hermitian: true }), regular(2)],
  ["lstsq of a tall matrix", (a, b) => linalg.lstsq(a, b).solution, tall(), torch.randn([3, 2], double)],
  ["lstsq of a wide matrix", (a, b) => linalg.lstsq(a, b).solution, wide(), columns()],
  ["matrixPower", (a) => linalg.matrixPower(a, -3), regular(2)],
  ["matrixExp", (a) => linalg.matrixExp(a), torch.randn([2, 2, 2], double)],
  ["matrixExp of a small matrix", (a) => linalg.matrixExp(a), torch.randn([2, 2], double).mul(0.01)],
  ["multiDot", (a, b, c) => linalg.multiDot([a, b, c]), regular(), torch.randn([2, 3], double), torch.randn(3, double)],
  ["norm, 2", (a) => linalg.norm(a, 2), regular()],
  ["norm, −2", (a) => linalg.matrixNorm(a, -2), tall()],
  ["norm, nuc", (a) => torch.norm(a, "nuc"), regular()],
  ["norm, 1", (a) => linalg.matrixNorm(a, 1), tall()],
  ["norm, −infinity", (a) => linalg.matrixNorm(a, Number.NEGATIVE_INFINITY, [0, -1], true), wide()],
  ["norm of vectors, 3", (a) => linalg.vectorNorm(a, 3, 1), wide()],
  ["cond", (a) => linalg.cond(a), regular(2)],
  ["cond, 1", (a) => linalg.cond(a, 1), regular(2)],
  ["cond, fro", (a) => linalg.cond(a, "fro"), regular()],
  ["tensorinv", (a) => linalg.tensorinv(a, 1), torch.randn([4, 2, 2], double)],
  ["tensorsolve", (a, b) => linalg.tensorsolve(a, b), torch.randn([2, 2, 4], double), torch.randn([2, 2], double)],
  ["vander", (a) => linalg.vander(a, { N: 4 }), torch.rand([2, 3], double).add(0.5)],
  ["cross", (a, b) => linalg.cross(a, b), torch.randn([2, 3], double), torch.randn([1, 3], double)],
  ["vecdot", (a, b) => linalg.vecdot(a, b, { dim: 0 }), regular(), regular()],
  ["diagonal", (a) => linalg.diagonal(a, { offset: 1 }), regular(2)],
];

for (const [name, call, ...inputs] of cases) {
  test(name, () => {
    const leaves = inputs.map((x) => x.detach().clone().requiresGrad_());
    expect(autograd.gradcheck(call, leaves)).toBe(true);
    const together = (...given: Tensor[]) => torch.cat([call(...given)].flat().map((x) => x.flatten()));
    expect(checkSecondDerivatives(together, leaves)).toBe(true);
  });
}

test("det of a singular matrix: its derivative where it is recorded, and zeros, as in PyTorch, where it is not", () => {
  const a = torch.tensor(
    [
      [1, 2, 3],
      [2, 4, 6],
      [1, 0, 5],
    ],
    { ...double, requiresGrad: true },
  );
  const [recorded] = autograd.grad(linalg.det(a), a, { createGraph: true });
  const adjugate = [20, -4, -4, -10, 2, 2, 0, 0, 0];
  expect(torch.allclose(recorded.flatten(), torch.tensor(adjugate, double), 1e-9, 1e-9)).toBe(true);
  expect(autograd.grad(linalg.det(a), a)[0].abs().sum().item()).toBe(0);
});
