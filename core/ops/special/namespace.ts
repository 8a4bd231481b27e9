// torch.special: special functions, among them those that torch itself has, under PyTorch's second names.

import { signed } from "../../arguments/signed";
import type { Tensor } from "../../tensor/tensor";
import { over } from "../elementwise/define";
import { round as torchRound } from "../elementwise/elementary";
import type { Pointwise } from "../elementwise/pointwise-op";
import { sigmoid, digamma as torchDigamma, lgamma, igamma, igammac } from "../elementwise/special";
import { mvlgamma } from "../elementwise/composed";

export * from "../elementwise/special-only";
export { exp2, expm1, log1p } from "../elementwise/elementary";
export { xlogy } from "../elementwise/arithmetic";
export { erf, erfc, erfinv, i0, logit, polygamma, sinc } from "../elementwise/special";
export { logSoftmax, softmax } from "../reduce/softmax";
export { logsumexp } from "../reduce/reduce";

/** The same function, called `name` in errors. */
const alias = <F extends { readonly op: Pointwise }>(f: F, name: string): F =>
  over<F>(f.op, (...args) => f.op.apply(args, null, { name }));

/** The nearest whole number, or with `decimals` that many kept; of floats only. Options: `out`. Source: torch.special.round. */
export const round = signed(
  "specialRound(Tensor input, *, int decimals=0, Tensor? out=None)",
  (input: Tensor, decimals = 0, out: Tensor | null = null): Tensor =>
    out === null ? torchRound(input, { decimals }) : torchRound(input, { decimals, out }),
);

/** The derivative of `gammaln`. Source: torch.special.digamma. */
export const digamma = alias(torchDigamma, "specialDigamma");

/** The same as `digamma`. Source: torch.special.psi. */
export const psi = alias(torchDigamma, "specialPsi");

/** The logistic function 1 / (1 + exp(−x)). Source: torch.special.expit. */
export const expit = alias(sigmoid, "specialExpit");

/** The logarithm of the absolute value of the gamma function. Source: torch.special.gammaln. */
export const gammaln = alias(lgamma, "specialGammaln");

/** The regularized lower incomplete gamma function. No gradient by `input`. Source: torch.special.gammainc. */
export const gammainc = alias(igamma, "specialGammainc");

/** The regularized upper incomplete gamma function. No gradient by `input`. Source: torch.special.gammaincc. */
export const gammaincc = alias(igammac, "specialGammaincc");

/** The logarithm of the multivariate gamma function of dimension `p`. Source: torch.special.multigammaln. */
export const multigammaln = mvlgamma;
