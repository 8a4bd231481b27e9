// What both forms of weight and spectral normalisation compute: norms over all dimensions but one, and the power method.

import { withGradMode } from "../autograd/modes";
import { ArgumentError, IndexError } from "../errors";
import type { Tensor } from "../tensor/tensor";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./conv-transpose";
import { normalize } from "./functional/distance";
import type { Module } from "./module";

/** Norms of v over all dimensions but `dim`, which keeps its place; over all of them for -1. Source: torch.norm_except_dim. */
export function normExcept(v: Tensor, dim: number): Tensor {
  if (dim === -1) return v.norm(2);
  const others = v.sizes.map((_, d) => d).filter((d) => d !== dim);
  return v.norm(2, others, true);
}

/** v · g / norms of v. Source: torch._weight_norm. */
export function weightNormed(v: Tensor, g: Tensor, dim: number): Tensor {
  return v.mul(g.div(normExcept(v, dim)));
}

/** A weight as a matrix with `dim` first. */
export function asMatrix(weight: Tensor, dim: number): Tensor {
  const others = weight.sizes.map((_, d) => d).filter((d) => d !== dim);
  const front = dim === 0 ? weight : weight.permute(dim, ...others);
  return front.reshape([front.sizes[0], -1]);
}

/** A unit vector drawn at random, of the dtype of `like`. */
export function randomUnit(like: Tensor, size: number, eps: number): Tensor {
  return normalize(like.detach().newEmpty([size]).normal_(0, 1), { dim: 0, eps });
}

/** What the power method gives from one side to the other, in place. */
export function refine(into: Tensor, matrix: Tensor, from: Tensor, eps: number): void {
  withGradMode(false, () => into.copy_(normalize(matrix.mv(from), { dim: 0, eps })));
}

/** The dimension of outputs: the given one, or 1 for transposed convolutions and 0 for others. */
export function outputDim(module: Module, dim: number | null): number {
  if (dim !== null) return dim;
  const transposed = [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((kind) => module instanceof kind);
  return transposed ? 1 : 0;
}

/** Throws ArgumentError for less than one iteration of the power method. */
export function requireIterations(count: number): void {
  if (count > 0) return;
  throw new ArgumentError(`Expected n_power_iterations to be positive, but got n_power_iterations=${count}`);
}

/** A dimension counted from the front. Throws IndexError. */
export function dimOf(weight: Tensor, dim: number): number {
  const { ndim } = weight;
  if (dim >= ndim || dim < -ndim) {
    throw new IndexError(`Dimension out of range (expected to be in range of [-${ndim}, ${ndim - 1}] but got ${dim})`);
  }
  return dim >= 0 ? dim : dim + ndim;
}
