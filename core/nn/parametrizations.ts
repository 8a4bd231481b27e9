// torch.nn.utils.parametrizations: weights that stay orthogonal, of spectral norm 1, or have their norms apart.

import { signed } from "../arguments/signed";
import { withGradMode } from "../autograd/modes";
import { ArgumentError, ShapeError } from "../errors";
import { cat } from "../ops/create/join";
import { eye } from "../ops/create/create";
import { householderProduct, solve } from "../ops/linalg/namespace";
import { geqrf, matrixExp } from "../ops/linalg/top";
import { randn } from "../ops/random/random";
import { finfo } from "../tensor/limits";
import { sameShape } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { normalize } from "./functional/distance";
import { propertyOf } from "./members";
import { Module } from "./module";
import { NotImplemented, registerParametrization } from "./parametrize";
import {
  asMatrix,
  dimOf,
  normExcept,
  outputDim,
  randomUnit,
  refine,
  requireIterations,
  weightNormed,
} from "./weight-matrix";

/** How a matrix is made orthogonal. */
export type OrthogonalMap = "matrix_exp" | "cayley" | "householder";

const MAPS: readonly string[] = ["matrix_exp", "cayley", "householder"];

function isOrthogonal(q: Tensor): boolean {
  const [n, k] = q.sizes.slice(-2);
  return q.mT.matmul(q).allclose(eye(k, { dtype: q.dtype }), { atol: 10 * n * finfo(q.dtype).eps });
}

/** The factor Q of a tall matrix A = QR, with a diagonal of R that is not negative. */
function orthogonalFactor(a: Tensor): Tensor {
  const [reflections, tau] = geqrf(a);
  return householderProduct(reflections, tau).mul(reflections.diagonal(0, -2, -1).sign().unsqueeze(-2));
}

/** The zero matrix with -1 on its diagonal. */
function negativeIdentity(like: Tensor): Tensor {
  const out = like.newZeros([...like.sizes]);
  out.diagonal(0, -2, -1).fill_(-1);
  return out;
}

class _Orthogonal extends Module {
  declare base: Tensor | null;
  private readonly sizes: readonly number[];
  private readonly useBase: boolean;

  constructor(
    weight: Tensor,
    private readonly orthogonalMap: OrthogonalMap,
    useTrivialization: boolean,
  ) {
    super();
    this.sizes = [...weight.sizes];
    this.useBase = useTrivialization;
    if (useTrivialization) this.registerBuffer("base", null);
  }

  override forward(given: Tensor): Tensor {
    const [rows, columns] = given.sizes.slice(-2);
    const transposed = rows < columns;
    const x = transposed ? given.mT : given;
    const n = Math.max(rows, columns);
    const k = Math.min(rows, columns);
    let q = this.orthogonalMap === "householder" ? reflected(x) : this.rotated(x, n, k);
    if (this.useBase && this.base !== null) q = this.base.matmul(q);
    return transposed ? q.mT : q;
  }

  private rotated(x: Tensor, n: number, k: number): Tensor {
    const lower = x.tril();
    const square = n === k ? lower : cat([lower, lower.newZeros([...lower.sizes.slice(0, -1), n - k])], -1);
    const skew = square.sub(square.mT);
    if (this.orthogonalMap === "matrix_exp") return firstColumns(matrixExp(skew), n, k);
    const identity = eye(n, { dtype: skew.dtype });
    return firstColumns(solve(identity.sub(skew.mul(0.5)), identity.add(skew.mul(0.5))), n, k);
  }

  rightInverse(given: Tensor): Tensor {
    if (!sameShape(given.sizes, this.sizes)) {
      throw new ShapeError(
        `Expected a matrix or batch of matrices of shape torch.Size([${this.sizes.join(", ")}]). Got a tensor of shape ${given.shape}.`,
      );
    }
    return withGradMode(false, () => {
      const [rows, columns] = given.sizes.slice(-2);
      const transposed = rows < columns;
      const q = transposed ? given.mT : given;
      const n = Math.max(rows, columns);
      const k = Math.min(rows, columns);
      if (!this.useBase) return this.reflections(q, transposed);
      if (n === k) this.base = isOrthogonal(q) ? q.clone() : orthogonalFactor(q);
      else {
        // Completed to a square orthogonal matrix.
        const rest = randn([...q.sizes.slice(0, -2), n, n - k], { dtype: q.dtype });
        this.base = orthogonalFactor(cat([q, rest], -1));
      }
      return negativeIdentity(given);
    });
  }

  private reflections(q: Tensor, transposed: boolean): Tensor {
    if (this.orthogonalMap !== "householder") {
      throw new NotImplemented(
        "It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False.",
      );
    }
    const [a, tau] = geqrf(q);
    const diagonal = a.diagonal(0, -2, -1);
    diagonal.copy_(diagonal.sign().mul(tau.eq(0).to(a.dtype).mul(-2).add(1)));
    return transposed ? a.mT : a;
  }
}

const firstColumns = (q: Tensor, n: number, k: number): Tensor => (n === k ? q : q.narrow(-1, 0, k));

/** The product of the Householder reflections below the diagonal of x, with the signs of its diagonal. */
function reflected(x: Tensor): Tensor {
  const a = x.tril(-1);
  const tau = a.mul(a).sum(-2).add(1).reciprocal().mul(2);
  const signs = x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2);
  return householderProduct(a, tau).mul(signs);
}

/** The tensor of a name. Throws ArgumentError in PyTorch's words when there is none. */
function tensorOf(module: Module, name: string): Tensor {
  const found: unknown = Reflect.get(module, propertyOf(module, name));
  if (found instanceof Tensor) return found;
  throw new ArgumentError(`Module '${module}' has no parameter or buffer with name '${name}'`);
}

/**
 * Keeps a matrix, or a batch of them, orthogonal: its columns where it is tall, its rows where it is wide. Options: `name` ("weight"),
 * `orthogonalMap` ("matrix_exp" for square matrices, "householder" for others, or "cayley"), `useTrivialization` (true): relative to
 * the first value. Throws ArgumentError for a tensor that is no matrix. Source: torch.nn.utils.parametrizations.orthogonal.
 */
export const orthogonal = signed(
  "def orthogonal(Module module, str name='weight', str? orthogonalMap=None, *, bool useTrivialization=True)",
  (module: Module, name?: string, orthogonalMap?: OrthogonalMap | null, useTrivialization?: boolean): Module => {
    const own = name ?? "weight";
    const weight = tensorOf(module, own);
    if (weight.ndim < 2) {
      throw new ArgumentError(`Expected a matrix or batch of matrices. Got a tensor of ${weight.ndim} dimensions.`);
    }
    const [rows, columns] = weight.sizes.slice(-2);
    const map = orthogonalMap ?? (rows === columns ? "matrix_exp" : "householder");
    if (!MAPS.includes(map)) {
      throw new ArgumentError(`orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: ${map}`);
    }
    return registerParametrization(module, own, new _Orthogonal(weight, map, useTrivialization ?? true), {
      unsafe: true,
    });
  },
);

class _SpectralNorm extends Module {
  private readonly dim: number;
  declare _u: Tensor;
  declare _v: Tensor;

  constructor(
    weight: Tensor,
    private readonly nPowerIterations: number,
    dim: number,
    private readonly eps: number,
  ) {
    super();
    this.dim = dimOf(weight, dim);
    requireIterations(nPowerIterations);
    if (weight.ndim === 1) return;
    const matrix = asMatrix(weight, this.dim);
    const [height, width] = matrix.sizes;
    this.registerBuffer("_u", randomUnit(matrix, height, eps));
    this.registerBuffer("_v", randomUnit(matrix, width, eps));
    this.iterate(matrix, 15);
  }

  private iterate(matrix: Tensor, times: number): void {
    for (let k = 0; k < times; k++) {
      refine(this._u, matrix, this._v, this.eps);
      refine(this._v, matrix.t(), this._u, this.eps);
    }
  }

  override forward(weight: Tensor): Tensor {
    if (weight.ndim === 1) return normalize(weight, { dim: 0, eps: this.eps });
    const matrix = asMatrix(weight, this.dim);
    if (this.training) this.iterate(matrix, this.nPowerIterations);
    // Another forward changes the vectors before the backward of this one.
    const [u, v] = [this._u.clone(), this._v.clone()];
    return weight.div(u.dot(matrix.mv(v)));
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

/**
 * Divides a weight by its largest singular value, which the power method follows: `nPowerIterations` (1) of it whenever the weight is
 * read in training. Options: `name` ("weight"), `eps` (1e-12), `dim`: that of outputs (0; 1 for transposed convolutions). Source:
 * torch.nn.utils.parametrizations.spectral_norm.
 */
export const spectralNorm = signed(
  "def spectralNorm(Module module, str name='weight', int nPowerIterations=1, float eps=1e-12, int? dim=None)",
  (module: Module, name?: string, nPowerIterations?: number, eps?: number, dim?: number | null): Module => {
    const own = name ?? "weight";
    const weight = tensorOf(module, own);
    const norm = new _SpectralNorm(weight, nPowerIterations ?? 1, outputDim(module, dim ?? null), eps ?? 1e-12);
    return registerParametrization(module, own, norm);
  },
);

class _WeightNorm extends Module {
  constructor(private readonly dim: number) {
    super();
  }

  override forward(g: Tensor, v: Tensor): Tensor {
    return weightNormed(v, g, this.dim);
  }

  rightInverse(weight: Tensor): [g: Tensor, v: Tensor] {
    return [normExcept(weight, this.dim), weight];
  }
}

/**
 * A weight as its norms, `original0`, times its directions, `original1`. Options: `name` ("weight"), `dim` (0): that whose entries have
 * a norm each, null for one norm of all. Source: torch.nn.utils.parametrizations.weight_norm of PyTorch 2.
 */
export const weightNorm = signed(
  "def weightNorm(Module module, str name='weight', int? dim=0)",
  (module: Module, name?: string, dim: number | null = 0): Module =>
    registerParametrization(module, name ?? "weight", new _WeightNorm(dim ?? -1), { unsafe: true }),
);
