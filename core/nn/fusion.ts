// A convolution or linear layer and the batch normalisation behind it as one layer, for evaluation.

import { signed } from "../arguments/signed";
import { CressetError } from "../errors";
import { onesLike, zerosLike } from "../ops/create/create";
import { Parameter, type Tensor } from "../tensor/tensor";
import type { ConvNd } from "./conv-nd";
import { deepcopy } from "./deepcopy";
import type { Linear } from "./linear";
import type { Module } from "./module";
import type { RunningNorm } from "./running-norm";

type Fused = [weight: Parameter, bias: Parameter];

/** Throws CressetError for layers in training mode. */
function requireEval(...layers: readonly Module[]): void {
  if (layers.some(({ training }) => training)) throw new CressetError("Fusion only for eval!");
}

/**
 * Weight and bias of a convolution that also normalises by the statistics, weight and bias of a batch normalisation; `transpose`:
 * of a transposed convolution. Source: torch.nn.utils.fuse_conv_bn_weights.
 */
export const fuseConvBnWeights = signed(
  "def fuseConvBnWeights(Tensor convW, Tensor? convB, Tensor bnRm, Tensor bnRv, float bnEps, Tensor? bnW, Tensor? bnB, bool transpose=False)",
  (
    convW: Tensor,
    convB: Tensor | null,
    bnRm: Tensor,
    bnRv: Tensor,
    bnEps: number,
    bnW: Tensor | null,
    bnB: Tensor | null,
    transpose?: boolean,
  ): Fused => {
    const scale = (bnW ?? onesLike(bnRm)).mul(bnRv.add(bnEps).rsqrt());
    const places = convW.sizes.map((_, d) => (d === (transpose ? 1 : 0) ? -1 : 1));
    const bias = (convB ?? zerosLike(bnRm))
      .sub(bnRm)
      .mul(scale)
      .add(bnB ?? zerosLike(bnRm));
    return [new Parameter(convW.mul(scale.reshape(places)).detach()), new Parameter(bias.detach())];
  },
);

/** Weight and bias of a linear layer that also normalises; see fuseConvBnWeights. Source: torch.nn.utils.fusion.fuse_linear_bn_weights. */
export const fuseLinearBnWeights = signed(
  "def fuseLinearBnWeights(Tensor linearW, Tensor? linearB, Tensor bnRm, Tensor bnRv, float bnEps, Tensor bnW, Tensor bnB)",
  (
    linearW: Tensor,
    linearB: Tensor | null,
    bnRm: Tensor,
    bnRv: Tensor,
    bnEps: number,
    bnW: Tensor,
    bnB: Tensor,
  ): Fused => fuseConvBnWeights(linearW, linearB, bnRm, bnRv, bnEps, bnW, bnB, false),
);

/** The arguments that a batch normalisation gives to fusion. */
function normOf(
  bn: RunningNorm,
): [mean: Tensor, variance: Tensor, eps: number, weight: Tensor | null, bias: Tensor | null] {
  const { runningMean, runningVar, eps, weight, bias } = bn;
  if (runningMean === null || runningVar === null) {
    throw new CressetError("Fusion needs the running statistics of the batch normalisation");
  }
  return [runningMean, runningVar, eps, weight, bias];
}

/**
 * A copy of a convolution that does what the convolution and the batch normalisation behind it do in evaluation mode, in which both
 * must be; `transpose` (false) for transposed ones. Source: torch.nn.utils.fuse_conv_bn_eval.
 */
export const fuseConvBnEval = signed(
  "def fuseConvBnEval(Module conv, Module bn, bool transpose=False)",
  (conv: ConvNd, bn: RunningNorm, transpose?: boolean): ConvNd => {
    requireEval(conv, bn);
    const fused = deepcopy(conv);
    const [weight, bias] = fuseConvBnWeights(fused.weight, fused.bias, ...normOf(bn), transpose ?? false);
    return Object.assign(fused, { weight, bias });
  },
) as unknown as <C extends ConvNd>(conv: C, bn: RunningNorm, transpose?: boolean | { transpose?: boolean }) => C;

/** As fuseConvBnEval for a linear layer. Source: torch.nn.utils.fusion.fuse_linear_bn_eval. */
export const fuseLinearBnEval = signed(
  "def fuseLinearBnEval(Module linear, Module bn)",
  (linear: Linear, bn: RunningNorm): Linear => {
    requireEval(linear, bn);
    const fused = deepcopy(linear);
    const [weight, bias] = fuseConvBnWeights(fused.weight, fused.bias, ...normOf(bn), false);
    return Object.assign(fused, { weight, bias });
  },
);
