// How variables (rows) vary together over observations (columns).

import { signed } from "../../arguments/signed";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";

function checkWeights(name: string, weights: Tensor, observations: number, whole: boolean): void {
  if (weights.ndim > 1) {
    throw new ShapeError(
      `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${weights.ndim} dimensions`,
    );
  }
  if (whole === weights.dtype.isFloatingPoint) {
    throw new DTypeError(
      `cov(): expected ${name} to have ${whole ? "integral" : "floating point"} dtype but got ${name} with ${weights.dtype.scalarName} dtype`,
    );
  }
  if (weights.numel() !== observations) {
    throw new ShapeError(
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${weights.numel()} != ${observations}`,
    );
  }
  if (observations > 0 && !weights.ge(0).all().item()) throw new CressetError(`cov(): ${name} cannot be negative`);
}

/**
 * The covariances of rows: (n, n), or a number for a vector. Options: `correction` (1), `fweights`, `aweights`. Throws ShapeError for
 * more than two dimensions or weights that do not fit. Source: torch.cov.
 */
export const cov = signed(
  "cov(Tensor input, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None)",
  covOf,
);

function covOf(input: Tensor, correction = 1, fweights: Tensor | null = null, aweights: Tensor | null = null): Tensor {
  if (input.ndim > 2) {
    throw new ShapeError(
      `cov(): expected input to have two or fewer dimensions but got an input with ${input.ndim} dimensions`,
    );
  }
  const rows = input.ndim < 2 ? input.reshape([1, -1]) : input;
  const observations = rows.sizes[1];
  if (fweights !== null) checkWeights("fweights", fweights, observations, true);
  if (aweights !== null) checkWeights("aweights", aweights, observations, false);
  const weights = fweights !== null && aweights !== null ? fweights.mul(aweights) : (fweights ?? aweights);
  const total = weights === null ? observations : weights.sum();
  if (typeof total !== "number" && total.detach().eq(0).item()) {
    throw new CressetError("cov(): weights sum to zero, can't be normalized");
  }
  const mean = (weights === null ? rows : rows.mul(weights)).sum(1, { keepdim: true }).div(total);
  const centred = rows.sub(mean);
  const weighted = weights === null ? centred : centred.mul(weights);
  const product = weighted.mm(centred.t().to(weighted.dtype));
  if (typeof total === "number") return product.div(Math.max(0, total - correction)).squeeze();
  const lost =
    aweights === null || weights === null ? correction : weights.mul(aweights).sum().div(total).mul(correction);
  return product.div(total.sub(lost).clampMin(0)).squeeze();
}

/** The correlations of rows, between −1 and 1: (n, n), or 1 for a vector. Source: torch.corrcoef. */
export const corrcoef = signed("corrcoef(Tensor input)", corrcoefOf);

function corrcoefOf(input: Tensor): Tensor {
  if (input.ndim > 2) {
    throw new ShapeError(
      `corrcoef(): expected input to have two or fewer dimensions but got an input with ${input.ndim} dimensions`,
    );
  }
  const covariance = cov(input);
  if (covariance.ndim === 0) return covariance.div(covariance);
  const deviation = covariance.diagonal().sqrt();
  return covariance.div(deviation.unsqueeze(1)).div(deviation.unsqueeze(0)).clamp(-1, 1);
}
