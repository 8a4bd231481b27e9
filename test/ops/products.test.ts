// Products over chosen dimensions, distances of rows, and what is put together of several tensors. kron, cross, cov and their like
// are also compared with recorded results (test/goldens).

import * as torch from "cresset";
import { expect, test } from "vitest";

test("tensordot sums over the dimensions that are named", () => {
  const a = torch.arange(60).reshape(3, 4, 5).float();
  const b = torch.arange(24).reshape(4, 3, 2).float();
  const lists = [
    [1, 0],
    [0, 1],
  ] as const;
  expect(torch.tensordot(a, b, { dims: lists }).tolist()).toEqual([
    [4400, 4730],
    [4532, 4874],
    [4664, 5018],
    [4796, 5162],
    [4928, 5306],
  ]);
  expect(torch.tensordot(a, torch.ones(4, 5)).tolist()).toEqual(a.sum([1, 2]).tolist());
  expect(torch.tensordot(torch.ones(2, 3), torch.ones(1, 4), 1).tolist()).toEqual(torch.full([2, 4], 3).tolist());
  expect(torch.tensordot(torch.tensor([1, 2]), torch.tensor([3, 4, 5]), 0).shape).toEqual([2, 3]);
  expect(() => torch.tensordot(torch.ones(2, 3), torch.ones(4, 2), 1)).toThrow(
    "contracted dimensions need to match, but first has size 3 in dim -1 and second has size 4 in dim 0",
  );
  expect(() => torch.tensordot(torch.ones(2, 3), torch.ones(4, 2), 3)).toThrow(
    "Dimension out of range (expected to be in range of [-2, 1], but got -3)",
  );
});

test("cdist of many rows is a product, with the distances and gradients of few", () => {
  torch.manualSeed(0);
  const x = torch.randn(30, 4, { dtype: torch.float64, requiresGrad: true });
  const rows = x.detach().clone();
  const gradient = (computeMode: "use_mm_for_euclid_dist_if_necessary" | "donot_use_mm_for_euclid_dist") => {
    const distances = torch.cdist(x, rows, { computeMode });
    return [distances, torch.autograd.grad(distances.sum(), x)[0]];
  };
  const [product, byProduct] = gradient("use_mm_for_euclid_dist_if_necessary");
  const [exact, byRow] = gradient("donot_use_mm_for_euclid_dist");
  expect(torch.allclose(product, exact, { atol: 1e-6 })).toBe(true);
  expect(byProduct.isfinite().all().item()).toBe(true);
  expect(byRow.isfinite().all().item()).toBe(true);
  expect(() => torch.cdist(torch.ones(2, 3), torch.ones(2, 4))).toThrow(
    "X1 and X2 must have the same number of columns. X1: 3 X2: 4",
  );
  expect(() => torch.cdist(torch.ones(2, 3).long(), torch.ones(2, 3))).toThrow(
    "cdist only supports floating-point dtypes, X1 got: Long",
  );
});

test("what does not go together is refused in PyTorch's words", () => {
  const ones = torch.ones(2, 4);
  expect(() => torch.cross(ones, ones)).toThrow("no dimension of size 3 in input");
  expect(() => ones.cross(ones, { dim: 1 })).toThrow(
    "linalg.cross: inputs dimension 1 must have length 3. Got 4 and 4",
  );
  expect(() => torch.cartesianProd(ones)).toThrow("Expect a 1D vector, but got shape [2, 4]");
  expect(() => torch.blockDiag(torch.ones(1, 1, 1))).toThrow("Input tensors must have 2 or fewer dimensions");
  expect(() => torch.cov(ones, { aweights: torch.ones(3) })).toThrow(
    "cov(): expected aweights to have the same numel as there are observations in the input but got 3 != 4",
  );
  expect(torch.dist(torch.tensor([1.5, 2]), torch.tensor([4.5, 6])).item()).toBe(5);
  expect([torch.pi, torch.e, torch.inf, torch.nan]).toEqual([Math.PI, Math.E, Infinity, Number.NaN]);
});

test.each<
  [
    equation: string,
    sizes: readonly number[][],
    node: string,
    base: readonly number[] | null,
    strides: readonly number[],
  ]
>([
  [
    "ij,kj->ik",
    [
      [2, 3],
      [4, 3],
    ],
    "ViewBackward0",
    [1, 2, 4],
    [4, 1],
  ],
  [
    "ij,kj->ik",
    [
      [2, 1],
      [4, 1],
    ],
    "ViewBackward0",
    [2, 4, 1],
    [4, 1],
  ],
  [
    "ij,ij->j",
    [
      [1, 3],
      [2, 3],
    ],
    "ViewBackward0",
    [3, 1],
    [1],
  ],
  ["i,i", [[3], [3]], "ViewBackward0", [1, 1, 1], []],
  [
    "ij,jk->ki",
    [
      [2, 3],
      [3, 4],
    ],
    "ViewBackward0",
    [1, 2, 4],
    [1, 4],
  ],
  [
    "abc,bd,ae->ced",
    [
      [2, 3, 4],
      [3, 2],
      [2, 5],
    ],
    "ViewBackward0",
    [1, 8, 5],
    [10, 1, 5],
  ],
  ["i,j->ij", [[2], [3]], "MulBackward0", null, [3, 1]],
  ["ij->ij", [[2, 3]], "PermuteBackward0", [2, 3], [3, 1]],
  ["ii->i", [[3, 3]], "PermuteBackward0", [3, 3], [4]],
  ["ij->j", [[2, 3]], "SumBackward1", null, [1]],
])("einsum %s of %j is a view where it is one in PyTorch", (equation, sizes, node, base, strides) => {
  const y = torch.einsum(equation, ...sizes.map((size) => torch.ones([...size], { requiresGrad: true })));
  expect(y.gradFn?.name()).toBe(node);
  expect(y._view?.base.sizes ?? null).toEqual(base);
  expect(y.strides).toEqual(strides);
  if (base !== null) expect(() => y.detach_()).toThrow("Can't detach views in-place");
});
