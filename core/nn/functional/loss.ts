// Losses of torch.nn.functional between inputs and targets of one shape. Over classes: loss-class.ts; with margins:
// loss-margin.ts.

import { overloaded, type Signed, signed } from "../../arguments/signed";
import { DTypeError, ShapeError, CressetError } from "../../errors";
import { broadcastTensors, resultType } from "../../ops/create/join";
import * as ops from "../../ops/network/loss";
import { refuseGradient } from "../../ops/shared/gradient-checks";
import { bool, getDefaultDtype, promoteTypes } from "../../tensor/dtype";
import { BOOL_SUBTRACTION, requireFloat } from "../../tensor/dtype-checks";
import { broadcastPair, sameShape, text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { warn } from "../../warnings";
import { clampedBehind } from "./clamped";
import { reduced, reductionOf, type Reduction, type ReductionOptions } from "./reduction";

/** A loss between two tensors that broadcast, with the reduction options. */
export type PairLoss = Signed<typeof pairTakes, Parameters<PairImplementation>, Tensor>;

const pairTakes =
  "def loss(Tensor input, Tensor target, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)";
type PairImplementation = (
  input: Tensor,
  target: Tensor,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
) => Tensor;

function pairLoss(call: string, loss: (input: Tensor, target: Tensor) => Tensor, node: string | null): PairLoss {
  const run: PairImplementation = (input, target, sizeAverage, reduce, reduction) =>
    reduced(loss(input, target), reductionOf({ sizeAverage, reduce, reduction }), node);
  return overloaded<PairLoss>([pairTakes.replace("loss", call), run]);
}

/** Warns, in PyTorch's words, where a target would broadcast: (N) beside (N, 1) compares each with each. */
function warnOfSizes(input: Tensor, target: Tensor): void {
  warn(
    `Using a target size (${target.shape}) that is different to the input size (${input.shape}). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
  );
}

/** Both under their common shape, before dtypes are promoted: of other shapes, which are warned of. */
function alike(input: Tensor, target: Tensor): [Tensor, Tensor] {
  if (sameShape(input.sizes, target.sizes)) return [input, target];
  warnOfSizes(input, target);
  const [x, y] = broadcastTensors(input, target);
  return [x, y];
}

/** Between tensors that should have one shape. */
function alikeLoss(call: string, loss: (input: Tensor, target: Tensor) => Tensor, node: string | null): PairLoss {
  return pairLoss(call, (input, target) => loss(...alike(input, target)), node);
}

/** The mean of (input − target)². Option: `reduction`. Source: torch.nn.functional.mse_loss. */
export const mseLoss: PairLoss = alikeLoss("mseLoss", (x, y) => ops.squaredError(x, y), "MseLossBackward0");
/** The mean of |input − target|. Option: `reduction`. Source: torch.nn.functional.l1_loss. */
export const l1Loss: PairLoss = alikeLoss("l1Loss", (x, y) => x.sub(y).abs(), null);
/** The mean of log(1 + exp(−target · input)), targets ±1. Option: `reduction`. Source: torch.nn.functional.soft_margin_loss. */
export const softMarginLoss: PairLoss = pairLoss(
  "softMarginLoss",
  (x, y) => {
    refuseGradient("soft_margin_loss", "target", y);
    if (!x.dtype.isFloatingPoint) {
      throw new DTypeError(`result type Float can't be cast to the desired output type ${x.dtype.scalarName}`);
    }
    const margin = ops.softMargin(x, y);
    if (!sameShape(margin.sizes, x.sizes)) {
      throw new ShapeError(
        `output with shape ${text(x.sizes)} doesn't match the broadcast shape ${text(margin.sizes)}`,
      );
    }
    return margin.to(x.dtype);
  },
  "SoftMarginLossBackward0",
);

/** What `smoothL1Loss` takes by name. */
export interface SmoothL1Options extends ReductionOptions {
  /** Where squares become lines. Default 1. */
  beta?: number;
}

/** Squares within `beta` (1) of the target, straight lines beyond. Option: `reduction`. Source: torch.nn.functional.smooth_l1_loss. */
export const smoothL1Loss = signed(
  "def smoothL1Loss(Tensor input, Tensor target, bool? sizeAverage=None, bool? reduce=None, str reduction=mean, float beta=1)",
  smoothL1LossOf,
);

function smoothL1LossOf(
  input: Tensor,
  target: Tensor,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
  beta = 1,
): Tensor {
  const [x, y] = alike(input, target);
  if (beta < 0) throw new CressetError("smooth_l1_loss does not support negative values for beta.");
  if (beta === 0) {
    requireFloat("smooth_l1_cpu", promoteTypes(x.dtype, y.dtype));
    const apart = x.sub(y.dtype === bool ? y.to(x.dtype) : y).abs();
    return reduced(apart, reductionOf({ sizeAverage, reduce, reduction }));
  }
  return reduced(ops.smoothL1(x, y, beta), reductionOf({ sizeAverage, reduce, reduction }), "SmoothL1LossBackward0");
}

/** What `huberLoss` takes by name. */
export interface HuberOptions {
  reduction?: Reduction;
  /** Where squares become lines. Default 1. */
  delta?: number;
}

/** Half squares within `delta` (1) of the target, lines beyond. Option: `reduction`. Source: torch.nn.functional.huber_loss. */
export const huberLoss = signed(
  "def huberLoss(Tensor input, Tensor target, str reduction=mean, float delta=1)",
  huberLossOf,
);

function huberLossOf(input: Tensor, target: Tensor, reduction?: Reduction, delta = 1): Tensor {
  const [x, y] = alike(input, target);
  if (delta <= 0) throw new CressetError("huber_loss does not support non-positive values for delta.");
  if (!input.dtype.isFloatingPoint && target.dtype.isFloatingPoint) {
    throw new DTypeError(
      `result type ${resultType(input, target).scalarName} can't be cast to the desired output type ${input.dtype.scalarName}`,
    );
  }
  return reduced(ops.huber(x, y, delta).to(input.dtype), reductionOf({ reduction }), "HuberLossBackward0");
}

/** Throws ShapeError for weights that do not broadcast to the input. */
function requireBroadcast(weight: Tensor | null, input: Tensor): void {
  if (weight === null) return;
  const common = broadcastPair(input.sizes, weight.sizes);
  if (sameShape(common, input.sizes)) return;
  throw new ShapeError(`output with shape ${text(input.sizes)} doesn't match the broadcast shape ${text(common)}`);
}

/** What the binary cross entropies take by name. */
export interface BinaryOptions extends ReductionOptions {
  /** Multiplies the loss of every element; broadcast. */
  weight?: Tensor | null;
}

/**
 * Cross entropy of probabilities against targets in [0, 1]. Options: `weight`, `reduction`. Throws for probabilities outside
 * [0, 1]. Source: torch.nn.functional.binary_cross_entropy.
 */
export const binaryCrossEntropy = signed(
  "def binaryCrossEntropy(Tensor input, Tensor target, Tensor? weight=None, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)",
  binaryCrossEntropyOf,
);

function binaryCrossEntropyOf(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null = null,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  const kind = reductionOf({ sizeAverage, reduce, reduction });
  if (!sameShape(input.sizes, target.sizes)) {
    throw new ShapeError(
      `Using a target size (${target.shape}) that is different to the input size (${input.shape}) is deprecated. Please ensure they have the same size.`,
    );
  }
  if (input.dtype !== target.dtype) {
    throw new DTypeError(`Found dtype ${target.dtype.scalarName} but expected ${input.dtype.scalarName}`);
  }
  const plain = input.detach();
  if (!plain.ge(0).logicalAnd(plain.le(1)).all().item()) {
    throw new CressetError("all elements of input should be between 0 and 1");
  }
  refuseGradient("binary_cross_entropy", "weight", weight);
  requireBroadcast(weight, input);
  const loss = ops.crossEntropyOfProbability(input, target);
  return reduced(weight === null ? loss : loss.mul(weight), kind, "BinaryCrossEntropyBackward0");
}

/** What `binaryCrossEntropyWithLogits` takes by name. */
export interface LogitsOptions extends BinaryOptions {
  /** Multiplies the loss of positive targets; broadcast. */
  posWeight?: Tensor | null;
}

/**
 * Binary cross entropy of sigmoid(input), without overflow. Options: `weight`, `reduction`, `posWeight`.
 * Source: torch.nn.functional.binary_cross_entropy_with_logits.
 */
export const binaryCrossEntropyWithLogits = signed(
  "def binaryCrossEntropyWithLogits(Tensor input, Tensor target, Tensor? weight=None, bool? sizeAverage=None, bool? reduce=None, str reduction=mean, Tensor? posWeight=None)",
  binaryCrossEntropyWithLogitsOf,
);

function binaryCrossEntropyWithLogitsOf(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null = null,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
  posWeight: Tensor | null = null,
): Tensor {
  const kind = reductionOf({ sizeAverage, reduce, reduction });
  if (!sameShape(input.sizes, target.sizes)) {
    throw new ShapeError(`Target size (${target.shape}) must be the same as input size (${input.shape})`);
  }
  requireBroadcast(posWeight, input);
  requireBroadcast(weight, input);
  refuseGradient("binary_cross_entropy_with_logits", "weight", weight);
  refuseGradient("binary_cross_entropy_with_logits", "pos_weight", posWeight);
  // PyTorch writes the loss into 1 − target: it has the target's dtype.
  const { dtype } = target;
  if (!input.dtype.isFloatingPoint || !dtype.isFloatingPoint) {
    const [from, into] = input.dtype.isFloatingPoint ? [input.dtype, dtype] : [getDefaultDtype(), input.dtype];
    throw new DTypeError(`result type ${from.scalarName} can't be cast to the desired output type ${into.scalarName}`);
  }
  // The weight of positive targets goes in less 1.
  if (posWeight?.dtype === bool) throw new DTypeError(BOOL_SUBTRACTION);
  const loss = (
    posWeight === null
      ? ops.crossEntropyOfLogit(input, target)
      : ops.weightedCrossEntropyOfLogit(input, target, posWeight)
  ).to(dtype);
  const weighted = weight === null ? loss : loss.mul(weight).to(dtype);
  return reduced(weighted, kind, "BinaryCrossEntropyWithLogitsBackward0");
}

/** What `klDiv` takes by name. */
export interface KlOptions extends Omit<ReductionOptions, "reduction"> {
  /** "batchmean" divides the sum by the batch size. Default "mean". */
  reduction?: Reduction | "batchmean";
  /** Whether targets are logarithms too. Default false. */
  logTarget?: boolean;
}

/** target · (log target − input), input being log-probabilities. Options: `reduction`, `logTarget`. Source: torch.nn.functional.kl_div. */
export const klDiv = signed(
  "def klDiv(Tensor input, Tensor target, bool? sizeAverage=None, bool? reduce=None, str reduction=mean, bool logTarget=False)",
  klDivOf,
);

function klDivOf(
  input: Tensor,
  target: Tensor,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction | "batchmean",
  logTarget = false,
): Tensor {
  if (!input.dtype.isFloatingPoint || !target.dtype.isFloatingPoint) {
    throw new DTypeError("kl_div: Integral inputs not supported.");
  }
  const loss = logTarget ? target.exp().mul(target.sub(input)) : target.xlogy(target).sub(target.mul(input));
  if (reduction === "batchmean") {
    const sum = loss.sum();
    return input.ndim === 0 ? sum : sum.div(input.sizes[0]);
  }
  return reduced(loss, reductionOf({ sizeAverage, reduce, reduction }));
}

/** What `poissonNllLoss` takes by name. */
export interface PoissonOptions extends ReductionOptions {
  /** Whether inputs are logarithms of rates. Default true. */
  logInput?: boolean;
  /** Whether to add Stirling's approximation. Default false. */
  full?: boolean;
  /** Keeps log(0) away when `logInput` is false. Default 1e-8. */
  eps?: number;
}

/** The likelihood loss of a Poisson distribution. Options: `logInput`, `full`, `eps`, `reduction`. Source: torch.nn.functional.poisson_nll_loss. */
export const poissonNllLoss = signed(
  "def poissonNllLoss(Tensor input, Tensor target, bool logInput=True, bool full=False, bool? sizeAverage=None, float eps=1e-8, bool? reduce=None, str reduction=mean)",
  poissonNllLossOf,
);

function poissonNllLossOf(
  input: Tensor,
  target: Tensor,
  logInput = true,
  full = false,
  sizeAverage?: boolean | null,
  eps = 1e-8,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  const kind = reductionOf({ sizeAverage, reduce, reduction });
  let loss = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
  if (full) {
    const stirling = target
      .mul(target.log())
      .sub(target)
      .add(
        target
          .mul(2 * Math.PI)
          .log()
          .mul(0.5),
      );
    loss = loss.add(stirling.where(target.gt(1), 0));
  }
  return reduced(loss, kind);
}

/** What `gaussianNllLoss` takes by name. */
export interface GaussianOptions {
  /** Whether to add the constant term. Default false. */
  full?: boolean;
  /** Least variance. Default 1e-6. */
  eps?: number;
  reduction?: Reduction;
}

/** The likelihood loss of normal distributions with given variances. Options: `full`, `eps`, `reduction`. Source: torch.nn.functional.gaussian_nll_loss. */
export const gaussianNllLoss = signed(
  "def gaussianNllLoss(Tensor input, Tensor target, Tensor var, bool full=False, float eps=1e-6, str reduction=mean)",
  gaussianNllLossOf,
);

function gaussianNllLossOf(
  input: Tensor,
  target: Tensor,
  variance: Tensor,
  full = false,
  eps = 1e-6,
  reduction?: Reduction,
): Tensor {
  const kind = reductionOf({ reduction });
  let width = variance;
  if (!sameShape(variance.sizes, input.sizes)) {
    if (sameShape(variance.sizes, input.sizes.slice(0, -1))) width = variance.unsqueeze(-1);
    else if (input.ndim === 0 || !sameShape(variance.sizes, [...input.sizes.slice(0, -1), 1])) {
      throw new ShapeError("var is of incorrect size");
    }
  }
  if (width.detach().lt(0).any().item()) throw new CressetError("var has negative entry/entries");
  const bounded = clampedBehind(width, eps);
  const difference = input.sub(target);
  let loss = bounded.log().add(difference.mul(difference).div(bounded)).mul(0.5);
  if (full) loss = loss.add(0.5 * Math.log(2 * Math.PI));
  return reduced(loss, kind);
}
