// Losses of torch.nn.functional over classes: negative log-likelihood and cross entropy.

import { signed } from "../../arguments/signed";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import * as ops from "../../ops/network/loss";
import { logSoftmax } from "../../ops/reduce/softmax";
import { sameShape } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { type Reduction, type ReductionOptions, reductionOf } from "./reduction";

/** What `nllLoss` takes by name. */
export interface NllOptions extends ReductionOptions {
  /** A weight per class, (C). */
  weight?: Tensor | null;
  /** Targets of this value do not count. Default −100. */
  ignoreIndex?: number;
}

/**
 * Minus the log-probability of the target class: input (N, C, …) or (C), target (N, …) or () of class indices. Options: `weight`,
 * `ignoreIndex`, `reduction`. Throws IndexError for a class out of range. Source: torch.nn.functional.nll_loss.
 */
export const nllLoss = signed(
  "def nllLoss(Tensor input, Tensor target, Tensor? weight=None, bool? sizeAverage=None, int ignoreIndex=-100, bool? reduce=None, str reduction=mean)",
  nllLossOf,
);

function nllLossOf(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null = null,
  sizeAverage: boolean | null = null,
  ignoreIndex = -100,
  reduce: boolean | null = null,
  reduction: Reduction = "mean",
): Tensor {
  const kind = reductionOf({ sizeAverage, reduce, reduction });
  if (input.ndim === 0) throw new ShapeError("input tensor should be 1D or 2D");
  if (input.ndim > 1) return ops.negativeLogLikelihood(input, target, weight, kind, ignoreIndex);
  const loss = ops.negativeLogLikelihood(input.unsqueeze(0), target.reshape([1]), weight, kind, ignoreIndex);
  return kind === "none" ? loss.reshape([...target.sizes]) : loss;
}

/** What `crossEntropy` takes by name. */
export interface CrossEntropyOptions extends NllOptions {
  /** How much of every target goes to all classes alike. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross entropy of logits (N, C, …) or (C) against class indices (N, …) or (), or against probabilities of the input's shape.
 * Options: `weight` per class, `ignoreIndex` (−100), `reduction`, `labelSmoothing` (0). Source: torch.nn.functional.cross_entropy.
 */
export const crossEntropy = signed(
  "def crossEntropy(Tensor input, Tensor target, Tensor? weight=None, bool? sizeAverage=None, int ignoreIndex=-100, bool? reduce=None, str reduction=mean, float labelSmoothing=0)",
  crossEntropyOf,
);

function crossEntropyOf(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null = null,
  sizeAverage: boolean | null = null,
  ignoreIndex = -100,
  reduce: boolean | null = null,
  reduction: Reduction = "mean",
  labelSmoothing = 0,
): Tensor {
  const kind = reductionOf({ sizeAverage, reduce, reduction });
  // Without smoothing PyTorch does not look whether there would be a negative one.
  if (labelSmoothing > 1) {
    throw new CressetError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
  }
  const dim = input.ndim === 1 ? 0 : 1;
  const logs = logSoftmax(input, dim);
  const classWeight = weight === null ? null : weight.reshape(input.sizes.map((_, d) => (d === dim ? -1 : 1)));
  if (sameShape(input.sizes, target.sizes) && target.dtype.isFloatingPoint) {
    return probabilityLoss(logs, target, dim, classWeight, kind, labelSmoothing);
  }
  if (sameShape(input.sizes, target.sizes)) {
    throw new DTypeError(
      `Expected floating point type for target with class probabilities, got ${target.dtype.scalarName}`,
    );
  }
  const loss = nllLoss(logs, target, { weight, ignoreIndex, reduction: kind });
  if (!(labelSmoothing > 0)) return loss;
  const smooth = smoothLoss(logs, target, dim, weight, classWeight, kind, ignoreIndex);
  return loss.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / input.sizes[dim]));
}

function probabilityLoss(
  logs: Tensor,
  target: Tensor,
  dim: number,
  weight: Tensor | null,
  reduction: Reduction,
  smoothing: number,
): Tensor {
  const classes = logs.sizes[dim];
  const wanted = smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / classes) : target;
  const weighted = weight === null ? logs.mul(wanted) : logs.mul(wanted).mul(weight);
  if (reduction === "none") return weighted.sum(dim).neg();
  const sum = weighted.sum().neg();
  return reduction === "sum" ? sum : sum.div(logs._numel / classes);
}

/** The loss against all classes alike, which label smoothing mixes in. */
function smoothLoss(
  logs: Tensor,
  target: Tensor,
  dim: number,
  weight: Tensor | null,
  classWeight: Tensor | null,
  reduction: Reduction,
  ignoreIndex: number,
): Tensor {
  const all = (classWeight === null ? logs : logs.mul(classWeight)).sum(dim).neg();
  const kept = target.ne(ignoreIndex);
  const loss = all.where(kept, 0);
  if (reduction === "none") return loss;
  if (reduction === "sum") return loss.sum();
  if (weight === null) return loss.sum().div(kept.sum());
  const known = target.where(kept, 0).reshape([-1]);
  const weights = weight.indexSelect(0, known).where(kept.reshape([-1]), 0);
  return loss.sum().div(weights.sum());
}
