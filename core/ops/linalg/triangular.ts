// Systems of equations with triangular matrices.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import { ShapeError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";
import { intoOut, intoOuts } from "../shared/out";
import { type Named, named } from "../shared/named";
import {
  byColumns,
  matrixOf,
  readByColumns,
  requireReal,
  requireSameDtypes,
  requireSquare,
  sameBatch,
  stored,
  transposed,
} from "./matrices";

/** How a triangular matrix stands in an equation. */
export interface Triangle {
  upper: boolean;
  /** Whether the unknown stands to the right of the matrix. Default true. */
  left?: boolean;
  /** Whether the diagonal is taken for ones. Default false. */
  unit?: boolean;
}

/** X of A X = B, or of X A = B, recorded; A and B have the same batch dimensions. */
export function solveTriangle(
  a: Tensor,
  b: Tensor,
  { upper, left = true, unit = false }: Triangle,
  node = "LinalgSolveTriangularBackward0",
): Tensor {
  const out = byColumns(b);
  if (out._numel > 0) {
    // A matrix stored by rows is the transposed one stored by columns.
    const byRows = a.contiguousNow && !stored(a).contiguousNow;
    const matrix = byRows ? a.detach() : readByColumns(a);
    call("triangularSolve", [stored(out), matrix], [left, upper !== byRows, byRows, unit].map(Number));
  }
  record(node, [a, b], [out], triangleBackward({ upper, left, unit }), [a, [out, 0]]);
  return out;
}

function triangleBackward(how: Required<Triangle>): Backward {
  const { upper, left, unit } = how;
  return ([g], [a, x], [toA]) => {
    if (!g) return [null, null];
    const gb = solveTriangle(transposed(a), g, { upper: !upper, left, unit });
    if (!toA) return [null, gb];
    const product = left ? gb.matmul(transposed(x)) : transposed(x).matmul(gb);
    const ga = product.neg();
    return [upper ? ga.triu(unit ? 1 : 0) : ga.tril(unit ? -1 : 0), gb];
  };
}

/**
 * X of A X = B for triangular A (…, n, n) and B (…, n, k), batches broadcast. Options: `upper` (required), `left` (true; false: X A = B),
 * `unitriangular` (false: the diagonal is read), `out`. A zero on the diagonal gives infinities. Throws ShapeError for matrices that do not fit.
 * Source: torch.linalg.solve_triangular.
 */
export const solveTriangular = signed(
  "linalgSolveTriangular(Tensor input, Tensor B, *, bool upper, bool left=True, bool unitriangular=False, Tensor? out=None)",
  (a: Tensor, b: Tensor, upper: boolean, left = true, unit = false, out: Tensor | null = null): Tensor => {
    if (out !== null) {
      const found = solveTriangular(a.detach(), b.detach(), { upper, left, unitriangular: unit });
      return intoOut("linalg_solve_triangular", [a, b], out, found);
    }
    requireReal("linalg.solve_triangular", a);
    requireSameDtypes("linalg.solve_triangular", a, b, ["A", "B"]);
    requireEquation("linalg.solve_triangular", a, b, left);
    const [wideA, wideB] = sameBatch(a, b);
    return solveTriangle(wideA, wideB, { upper, left, unit });
  },
);

/** Throws ShapeError unless A is square and as many rows (or columns) as B has. */
export function requireEquation(call: string, a: Tensor, b: Tensor, left: boolean): void {
  requireSquare(call, a, "A");
  if (b.ndim < 2) throw new ShapeError(`${call}: The input tensor B must have at least 2 dimensions.`);
  const [n] = matrixOf(a);
  const [rows, cols] = matrixOf(b);
  if (n === (left ? rows : cols)) return;
  throw new ShapeError(
    `${call}: Incompatible shapes of A and B for the equation ${left ? "AX = B" : "XA = B"} (${n}x${n} and ${rows}x${cols})`,
  );
}

/** Throws ShapeError in the words of PyTorch's older solvers. */
export function requireOldEquation(name: string, b: Tensor, a: Tensor): void {
  const [rows, cols] = matrixOf(a);
  if (rows !== cols) {
    throw new ShapeError(`A must be batches of square matrices, but they are ${cols} by ${rows} matrices`);
  }
  const [height, width] = matrixOf(b);
  if (rows === height) return;
  throw new ShapeError(
    `Incompatible matrix sizes for ${name}: each A matrix is ${cols} by ${cols} but each b matrix is ${height} by ${width}`,
  );
}

/**
 * `[solution, clonedCoefficient]` of A X = input for triangular A. Options: `upper` (true), `transpose` (false: A X, true: Aᵀ X),
 * `unitriangular` (false), `out`. Source: torch.triangular_solve.
 */
export const triangularSolve = signed(
  "triangularSolve(Tensor input, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False, *, Tensor[]? out=None)",
  (
    b: Tensor,
    a: Tensor,
    upper = true,
    transpose = false,
    unit = false,
    out: readonly Tensor[] | null = null,
  ): Named<["solution", "clonedCoefficient"]> => {
    const names = ["solution", "clonedCoefficient"] as const;
    if (out !== null) {
      const found = triangularSolve(b.detach(), a.detach(), upper, transpose, unit);
      const [solution, coefficient] = intoOuts("triangular_solve", [b, a], out, found);
      return named("triangular_solve", names, [solution, coefficient]);
    }
    for (const [name, x] of [
      ["b", b],
      ["A", a],
    ] as const) {
      if (x.ndim < 2) {
        throw new ShapeError(
          `torch.triangular_solve: Expected ${name} to have at least 2 dimensions, but it has ${x.ndim} dimensions instead`,
        );
      }
    }
    requireOldEquation("triangular_solve", b, a);
    requireReal("triangular_solve", b);
    requireSameDtypes("triangular_solve", b, a, ["b", "A"]);
    const [wideA, wideB] = sameBatch(a, b);
    const used = transpose ? transposed(wideA) : wideA;
    const solution = solveTriangle(used, wideB, { upper: upper !== transpose, unit }, "TriangularSolveBackward0");
    return named("triangular_solve", names, [solution, wideA.clone()]);
  },
);
