// Random draws from a tensor of probabilities or weights.

import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import { CressetError, DTypeError } from "../../errors";
import { type Generator, stateOf } from "../../random/generator";
import { checkProbabilities } from "../../random/probability";
import { int64 } from "../../tensor/dtype";
import { requireFloat } from "../../tensor/dtype-checks";
import { empty, type Tensor } from "../../tensor/tensor";
import { signed } from "../../arguments/signed";
import { zerosAs } from "../../autograd/zeros";
import { emptyLike } from "../create/create";
import { bernoulli_ } from "./random-inplace";

/**
 * 1 with the probability that each element gives, else 0, in the dtype of the input; with `p` every element has that
 * probability. Option: `generator`. Source: torch.bernoulli.
 */
export const bernoulli = signed("bernoulli(Tensor input, float? p=None, *, Generator? generator=None)", bernoulliOf);

function bernoulliOf(input: Tensor, p: number | null = null, generator: Generator | null = null): Tensor {
  if (p !== null) return bernoulli_(emptyLike(input), p, { generator });
  checkProbabilities(input);
  const out = empty(input.sizes, input.dtype);
  if (out._numel > 0) call("randomBernoulli", [stateOf(generator), out, input], [], [0]);
  record("BernoulliBackward0", [input], [out], ([g]) => [zerosAs(g as Tensor)]);
  return out;
}

/**
 * A number of the Poisson distribution for the rate that each element gives, in the dtype of the input. Option: `generator`. Throws
 * CressetError for negative rates, DTypeError for whole numbers. Source: torch.poisson.
 */
export const poisson = signed("poisson(Tensor input, Generator? generator=None)", poissonOf);

function poissonOf(input: Tensor, generator: Generator | null = null): Tensor {
  requireFloat("poisson_cpu", input.dtype);
  const rates = input.detach();
  if (rates._numel > 0 && !rates.ge(0).all().item()) {
    throw new CressetError("invalid Poisson rate, expected rate to be non-negative");
  }
  const out = empty(input.sizes, input.dtype);
  if (out._numel > 0) call("randomPoisson", [stateOf(generator), out, rates]);
  record("PoissonBackward0", [input], [out], ([g]) => [zerosAs(g as Tensor)]);
  return out;
}

/**
 * Positions drawn in proportion to the weights of a vector, or of each row of a matrix: int64 of size `numSamples` per row.
 * Options: `replacement` (default false), `generator`. Throws CressetError when there are too few categories or the weights
 * are negative, infinite or all zero. Source: torch.multinomial.
 */
export const multinomial = signed(
  "multinomial(Tensor input, int numSamples, bool replacement=False, *, Generator? generator=None)",
  multinomialOf,
);

function multinomialOf(
  input: Tensor,
  numSamples: number,
  replacement = false,
  generator: Generator | null = null,
): Tensor {
  const { sizes, dtype } = input;
  if (sizes.length === 0 || sizes.length > 2) throw new CressetError("prob_dist must be 1 or 2 dim");
  if (!dtype.isFloatingPoint) {
    throw new DTypeError(`multinomial only supports floating-point dtypes for input, got: ${dtype.scalarName}`);
  }
  if (!(numSamples > 0)) throw new CressetError("cannot sample n_sample <= 0 samples");
  const categories = sizes[sizes.length - 1];
  if (!replacement && numSamples > categories) {
    throw new CressetError("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
  }
  if (categories === 0) throw new CressetError("invalid multinomial distribution (sum of probabilities <= 0)");
  const out = empty([...sizes.slice(0, -1), numSamples], int64);
  if (out._numel === 0) return out;
  const state = stateOf(generator);
  try {
    call("randomMultinomial", [state, out, input], [replacement ? 1 : 0]);
  } catch (error) {
    // What the kernel refuses are the weights, in PyTorch's words.
    throw error instanceof CressetError ? error : new CressetError((error as Error).message);
  }
  return out;
}
