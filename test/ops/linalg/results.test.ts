// Values, names, memory order and empty matrices of linear algebra, with PyTorch's numbers. More are compared with recorded results
// (test/goldens).

import * as torch from "cresset";
import { expect, test } from "vitest";

const { linalg } = torch;
const double = { dtype: torch.float64 };
const close = (got: torch.Tensor, expected: torch.Tensor, tolerance = 1e-10): void => {
  expect(got.shape).toEqual(expected.shape);
  expect(torch.allclose(got, expected, tolerance, tolerance)).toBe(true);
};
const T = (x: torch.Tensor): torch.Tensor => x.transpose(-2, -1);

/** Matrices of many shapes, small and large, alone and in batches, and of every memory order. */
const shapes: readonly (readonly number[])[] = [
  [1, 1],
  [3, 5],
  [5, 3],
  [4, 4],
  [70, 40],
  [2, 3, 6, 4],
  [300, 4, 4],
  [0, 3, 3],
];
const matrices = shapes.map((shape) => {
  torch.manualSeed(shape.length + shape[0]);
  return torch.randn([...shape], double);
});

test("factors multiply to the matrix again", () => {
  for (const plain of matrices) {
    for (const a of [plain, T(plain), plain.flip(0)]) {
      const { U, S, Vh } = linalg.svd(a, false);
      close(U.mul(S.unsqueeze(-2)).matmul(Vh), a);
      const full = linalg.svd(a);
      const k = S.shape[-1];
      close(
        full.U.narrow(-1, 0, k)
          .mul(S.unsqueeze(-2))
          .matmul(full.Vh.narrow(-2, 0, k)),
        a,
      );
      close(full.U.matmul(T(full.U)), torch.eye(a.shape[-2], double).expandAs(full.U.matmul(T(full.U))));
      for (const mode of ["reduced", "complete"]) {
        const { Q, R } = linalg.qr(a, mode);
        close(Q.matmul(R), a);
        close(R.tril(-1), R.mul(0));
      }
      const { P, L, U: upper } = linalg.lu(a);
      close(P.matmul(L).matmul(upper), a);
      const product = a.matmul(T(a)).add(torch.eye(a.shape[-2], double));
      const lower = linalg.cholesky(product);
      close(lower.matmul(T(lower)), product);
      const above = torch.cholesky(product, true);
      close(T(above).matmul(above), product);
      const { eigenvalues, eigenvectors } = linalg.eigh(product);
      close(eigenvectors.mul(eigenvalues.unsqueeze(-2)).matmul(T(eigenvectors)), product, 1e-8);
      const ld = linalg.ldlFactor(product);
      const b = torch.ones([...a.shape.slice(0, -1), 2], double);
      close(linalg.ldlSolve(ld.LD, ld.pivots, b), linalg.solve(product, b), 1e-7);
      close(torch.choleskySolve(b, lower), linalg.solve(product, b), 1e-7);
      close(linalg.inv(product), torch.choleskyInverse(lower), 1e-7);
    }
  }
});

test("systems are solved from both sides, for vectors, and by factors", () => {
  torch.manualSeed(1);
  const a = torch.randn([2, 1, 3, 3], double);
  const b = torch.randn([4, 3, 2], double);
  const x = linalg.solve(a, b);
  expect(x.shape).toEqual([2, 4, 3, 2]);
  close(a.matmul(x), b.expandAs(x));
  close(linalg.solve(a, T(b), { left: false }).matmul(a), T(b).expand([2, 4, 2, 3]));
  close(
    a.squeeze(1).matmul(linalg.solve(a.squeeze(1), b.narrow(0, 0, 2).select(-1, 0)).unsqueeze(-1)),
    b.narrow(0, 0, 2).narrow(-1, 0, 1),
  );
  const factors = linalg.luFactor(a);
  close(linalg.luSolve(factors.LU, factors.pivots, b), x);
  close(T(a).matmul(linalg.luSolve(factors.LU, factors.pivots, b, { adjoint: true })), b.expandAs(x));
  close(linalg.solveTriangular(a.triu(), b, { upper: true }), torch.triangularSolve(b, a).solution);
});

test("least squares by every routine", () => {
  const a = torch.tensor(
    [
      [1, 1],
      [1, 2],
      [1, 3],
      [1, 5],
    ],
    double,
  );
  const b = torch.tensor([[6], [5], [7], [10]], double);
  for (const driver of ["gels", "gelsy", "gelsd", "gelss"]) {
    const { solution, residuals, rank, singularValues } = linalg.lstsq(a, b, { driver });
    close(solution, torch.tensor([[27 / 7], [8 / 7]], double), 1e-9);
    expect(rank.tolist()).toEqual(driver === "gels" ? [] : 2);
    expect(residuals.shape).toEqual(driver === "gelsy" ? [0] : [1]);
    expect(singularValues.shape).toEqual(driver === "gelsd" || driver === "gelss" ? [2] : [0]);
  }
  const missing = torch.full([3, 3], Number.NaN);
  expect(linalg.lstsq(missing, torch.eye(3)).solution.isnan().all().item()).toBe(true);
  expect(() => linalg.lstsq(missing, torch.eye(3), { driver: "gelsd" })).toThrow(linalg.LinAlgError);
});

test("results have PyTorch's names and text, and lie by columns", () => {
  const a = torch.tensor(
    [
      [2, 0],
      [0, 3],
    ],
    { dtype: torch.float32, requiresGrad: true },
  );
  const found = linalg.luFactor(a);
  const [LU, pivots] = found;
  expect(found.LU).toBe(LU);
  expect(found.pivots).toBe(pivots);
  expect(String(linalg.slogdet(a.detach()))).toBe(
    "torch.return_types.linalg_slogdet(\nsign=tensor(1.),\nlogabsdet=tensor(1.7918))",
  );
  expect(String(torch.slogdet(a.detach()))).toContain("torch.return_types.slogdet(");
  expect(linalg.inv(a).stride()).toEqual([1, 2]);
  expect(String(linalg.inv(a).gradFn)).toBe("<LinalgInvExBackward0 object>");
  expect(linalg.cholesky(a).gradFn?.name()).toBe("LinalgCholeskyExBackward0");
  expect(a.cholesky().gradFn?.name()).toBe("CholeskyBackward0");
  expect(torch.logdet(a).gradFn?.name()).toBe("WhereBackward0");
});

test("error codes of each matrix, without an error", () => {
  const batch = torch.stack([torch.eye(2), torch.zeros(2, 2)]);
  expect(linalg.invEx(batch).info.tolist()).toEqual([0, 1]);
  expect(linalg.choleskyEx(batch).info.tolist()).toEqual([0, 1]);
  expect(linalg.solveEx(batch, batch).info.tolist()).toEqual([0, 1]);
  expect(linalg.luFactorEx(batch).info.tolist()).toEqual([0, 1]);
  expect(torch.lu(batch, true, true)[2].tolist()).toEqual([0, 1]);
});

test("out is resized, and refused for another dtype", () => {
  const a = torch.tensor(
    [
      [2, 1],
      [1, 2],
    ],
    { dtype: torch.float32 },
  );
  const out = torch.empty(0);
  expect(linalg.inv(a, { out })).toBe(out);
  expect(out.shape).toEqual([2, 2]);
  const values = torch.empty(0);
  const vectors = torch.empty(0);
  linalg.eigh(a, { out: [values, vectors] });
  expect(values.round().tolist()).toEqual([1, 3]);
  expect(() => linalg.inv(a, { out: torch.empty(0, double) })).toThrow("Expected out tensor to have dtype");
});

test("matrices without elements", () => {
  const none = torch.ones(0, 0);
  expect(linalg.det(none).item()).toBe(1);
  expect(linalg.slogdet(none).map((x) => x.item())).toEqual([1, 0]);
  expect(linalg.svd(torch.ones(0, 3)).Vh.tolist()).toEqual(torch.eye(3).tolist());
  expect(linalg.qr(torch.ones(3, 0), "complete").Q.tolist()).toEqual(torch.eye(3).tolist());
  expect(linalg.lstsq(torch.ones(0, 3), torch.ones(0, 2)).solution.tolist()).toEqual(torch.zeros(3, 2).tolist());
  expect(linalg.pinv(torch.ones(0, 3)).shape).toEqual([3, 0]);
  expect(linalg.matrixRank(torch.ones(0, 3)).item()).toBe(0);
  expect(linalg.norm(torch.ones(0, 3), "nuc").item()).toBe(0);
  expect(linalg.cond(torch.ones(0, 3)).item()).toBe(0);
  expect(linalg.matrixExp(none).shape).toEqual([0, 0]);
});

test("functions of matrices agree with their definitions", () => {
  torch.manualSeed(2);
  const a = torch.randn([5, 4, 4], double).mul(torch.tensor([1e-9, 1e-3, 0.1, 1, 20], double).reshape([5, 1, 1]));
  const symmetric = a.add(T(a));
  const { eigenvalues, eigenvectors } = linalg.eigh(symmetric);
  const exponential = eigenvectors.mul(eigenvalues.exp().unsqueeze(-2)).matmul(T(eigenvectors));
  for (let k = 0; k < 5; k++) {
    const scale = exponential.at(k).abs().max();
    close(linalg.matrixExp(symmetric).at(k).div(scale), exponential.at(k).div(scale), 1e-10);
  }
  const own = a.at(3);
  close(linalg.matrixPower(own, 5), own.mm(own).mm(own).mm(own).mm(own));
  close(linalg.matrixPower(own, -2), linalg.inv(own.mm(own)), 1e-8);
  close(
    linalg.multiDot([own, own, own.narrow(1, 0, 1), own.narrow(0, 0, 1)]),
    own
      .mm(own)
      .mm(own.narrow(1, 0, 1))
      .mm(own.narrow(0, 0, 1)),
  );
  const inverse = linalg.pinv(own.narrow(1, 0, 2));
  close(
    own
      .narrow(1, 0, 2)
      .mm(inverse)
      .mm(own.narrow(1, 0, 2)),
    own.narrow(1, 0, 2),
  );
  expect(linalg.matrixRank(own.narrow(1, 0, 2).mm(own.narrow(0, 0, 2))).item()).toBe(2);
  expect(linalg.matrixRank(torch.ones(3, 3), { tol: 1e5 }).item()).toBe(0);
  close(linalg.cond(own, 1), linalg.norm(own, 1).mul(linalg.norm(linalg.inv(own), 1)));
  expect(linalg.cond(torch.zeros(2, 2), 1).item()).toBe(Number.POSITIVE_INFINITY);
  const { a: packed, tau } = torch.geqrf(own);
  const q = linalg.householderProduct(packed, tau);
  close(torch.ormqr(packed, tau, own), q.mm(own));
  close(torch.ormqr(packed, tau, own, false, true), own.mm(T(q)));
});
