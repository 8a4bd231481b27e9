// Random draws from a tensor of probabilities or weights.

import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import { CressetError, DTypeError } from "../../errors";
import { stateOf } from "../../random/generator";
import { checkProbabilities } from "../../random/probability";
import { int64 } from "../../tensor/dtype";
import { empty, type Tensor } from "../../tensor/tensor";
import { type Arguments, read } from "../../arguments/arguments";
import { zerosAs } from "../../autograd/zeros";
import { emptyLike } from "../create/create";
import { bernoulli_, type GeneratorOption } from "./random-inplace";

interface BernoulliOptions extends GeneratorOption {
  p?: number;
}

/**
 * 1 with the probability that each element gives, else 0, in the dtype of the input; with `p` every element has that
 * probability. Option: `generator`. Source: torch.bernoulli.
 */
export function bernoulli(input: Tensor, ...args: Arguments<[p?: number], BernoulliOptions>): Tensor {
  const { p, generator } = read<BernoulliOptions>("bernoulli", args, ["p"], ["generator"]);
  if (p !== undefined) return bernoulli_(emptyLike(input), p, { generator });
  checkProbabilities(input);
  const out = empty(input.sizes, input.dtype);
  if (out._numel > 0) call("randomBernoulli", [stateOf(generator), out, input], [], [0]);
  record("BernoulliBackward0", [input], [out], ([g]) => [zerosAs(g as Tensor)]);
  return out;
}

interface MultinomialOptions extends GeneratorOption {
  numSamples?: number;
  replacement?: boolean;
}

/**
 * Positions drawn in proportion to the weights of a vector, or of each row of a matrix: int64 of size `numSamples` per row.
 * Options: `replacement` (default false), `generator`. Throws CressetError when there are too few categories or the weights
 * are negative, infinite or all zero. Source: torch.multinomial.
 */
export function multinomial(
  input: Tensor,
  ...args: Arguments<[numSamples: number, replacement?: boolean], MultinomialOptions>
): Tensor {
  const {
    numSamples = 0,
    replacement = false,
    generator,
  } = read<MultinomialOptions>("multinomial", args, ["numSamples", "replacement"], ["generator"]);
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
