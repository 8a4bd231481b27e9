// Losses of torch.nn.functional that want a margin between what belongs together and what does not.

import { relabel } from "../../autograd/record";
import { CressetError, DTypeError, IndexError, ShapeError } from "../../errors";
import { signed } from "../../arguments/signed";
import { arange } from "../../ops/create/create";
import { requireFloat, requireSameDtype } from "../../tensor/dtype-checks";
import { refuseGradient } from "../../ops/shared/gradient-checks";
import { getDefaultDtype, int64 } from "../../tensor/dtype";
import { text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { logsigmoid } from "./activation";
import { pairwiseDistance } from "./distance";
import { type Reduction, type ReductionOptions, reduced, reductionOf } from "./reduction";

/** Losses with a margin, by name. */
export interface MarginOptions extends ReductionOptions {
  margin?: number;
}

/** x for targets 1, max(0, margin − x) for targets −1. Options: `margin` (1), `reduction`. Source: torch.nn.functional.hinge_embedding_loss. */
export const hingeEmbeddingLoss = signed(
  "def hingeEmbeddingLoss(Tensor input, Tensor target, float margin=1, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)",
  hingeEmbeddingLossOf,
);

function hingeEmbeddingLossOf(
  input: Tensor,
  target: Tensor,
  margin = 1,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  // PyTorch makes the margin a tensor of the input's dtype.
  const bound = input.dtype.isFloatingPoint ? margin : Math.trunc(margin);
  const apart = input.rsub(bound).clampMin(0).where(target.ne(1), 0);
  const together = input.where(target.ne(-1), 0);
  return reduced(apart.add(together), reductionOf({ sizeAverage, reduce, reduction }));
}

/** 1 − cos for targets 1, max(0, cos − margin) for −1; rows (N, D) or one (D). Options: `margin` (0), `reduction`. Source: torch.nn.functional.cosine_embedding_loss. */
export const cosineEmbeddingLoss = signed(
  "def cosineEmbeddingLoss(Tensor input1, Tensor input2, Tensor target, float margin=0, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)",
  cosineEmbeddingLossOf,
);

function cosineEmbeddingLossOf(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  margin = 0,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  if (target.ndim > 1) throw new ShapeError("0D or 1D target tensor expected, multi-target not supported");
  const dims = target.ndim + 1;
  if (input1.ndim !== dims) {
    throw new ShapeError(
      `${target.ndim}D target tensor expects ${dims}D input tensors, but found inputs with sizes ${input1.shape} and ${input2.shape}.`,
    );
  }
  const eps = 1e-12;
  const dot = input1.mul(input2).sum(target.ndim);
  const squares = (x: Tensor) => x.mul(x).sum(target.ndim).add(eps);
  const cosine = dot.div(squares(input1).mul(squares(input2)).sqrt());
  const near = cosine.rsub(1).where(target.eq(1), 0);
  const far = cosine.sub(margin).clampMin(0).where(target.eq(-1), 0);
  return reduced(near.add(far), reductionOf({ sizeAverage, reduce, reduction }));
}

/** max(0, −target · (x1 − x2) + margin), targets ±1. Options: `margin` (0), `reduction`. Source: torch.nn.functional.margin_ranking_loss. */
export const marginRankingLoss = signed(
  "def marginRankingLoss(Tensor input1, Tensor input2, Tensor target, float margin=0, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)",
  marginRankingLossOf,
);

function marginRankingLossOf(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  margin = 0,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim) {
    throw new ShapeError(
      `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: ${input1.shape}, input2: ${input2.shape}, target: ${target.shape} `,
    );
  }
  const apart = target.neg().mul(input1.sub(input2));
  // PyTorch's margin is a float: whole numbers become floats with it.
  const gap = apart.dtype.isFloatingPoint ? apart : apart.to(getDefaultDtype());
  return reduced(gap.add(margin).clampMin(0), reductionOf({ sizeAverage, reduce, reduction }));
}

/** What `tripletMarginLoss` takes by name. */
export interface TripletOptions extends MarginOptions {
  p?: number;
  eps?: number;
  /** Whether the nearer of anchor and positive is compared with the negative. Default false. */
  swap?: boolean;
}

/** max(0, |a − p| − |a − n| + margin). Options: `margin` (1), `p` (2), `eps`, `swap`, `reduction`. Source: torch.nn.functional.triplet_margin_loss. */
export const tripletMarginLoss = signed(
  "def tripletMarginLoss(Tensor anchor, Tensor positive, Tensor negative, float margin=1, float p=2, float eps=1e-6, bool swap=False, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)",
  tripletMarginLossOf,
);

function tripletMarginLossOf(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin = 1,
  p = 2,
  eps = 1e-6,
  swap = false,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim) {
    throw new ShapeError(
      `All inputs should have same dimension but got ${anchor.ndim}D, ${positive.ndim}D and ${negative.ndim}D inputs.`,
    );
  }
  const distance = (x: Tensor, y: Tensor) => pairwiseDistance(x, y, p, eps);
  const kind = reductionOf({ sizeAverage, reduce, reduction });
  return tripletMarginWithDistanceLossOf(anchor, positive, negative, distance, margin, swap, kind);
}

/** What `tripletMarginWithDistanceLoss` takes by name. */
export interface TripletDistanceOptions {
  distanceFunction?: ((x: Tensor, y: Tensor) => Tensor) | null;
  margin?: number;
  swap?: boolean;
  reduction?: Reduction;
}

/** `tripletMarginLoss` with any distance. Source: torch.nn.functional.triplet_margin_with_distance_loss. */
export const tripletMarginWithDistanceLoss = signed(
  "def tripletMarginWithDistanceLoss(Tensor anchor, Tensor positive, Tensor negative, *, function? distanceFunction=None, float margin=1, bool swap=False, str reduction=mean)",
  tripletMarginWithDistanceLossOf,
);

function tripletMarginWithDistanceLossOf(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  distanceFunction: ((x: Tensor, y: Tensor) => Tensor) | null = null,
  margin = 1,
  swap = false,
  reduction?: Reduction,
): Tensor {
  const distance = distanceFunction ?? ((x: Tensor, y: Tensor) => pairwiseDistance(x, y));
  const near = distance(anchor, positive);
  const direct = distance(anchor, negative);
  const far = swap ? direct.minimum(distance(positive, negative)) : direct;
  return reduced(near.sub(far).add(margin).clampMin(0), reductionOf({ reduction }));
}

/** What a margin is missed by; as in PyTorch's sums, NaN is not missed by anything. */
function positive(x: Tensor): Tensor {
  return x.where(x.gt(0), 0);
}

/** What `multiMarginLoss` takes by name. */
export interface MultiMarginOptions extends MarginOptions {
  p?: number;
  weight?: Tensor | null;
}

/** Σ max(0, margin − x[y] + x[i])^p / C over the other classes. Options: `p` (1), `margin` (1), `weight`, `reduction`. Source: torch.nn.functional.multi_margin_loss. */
export const multiMarginLoss = signed(
  "def multiMarginLoss(Tensor input, Tensor target, float p=1, float margin=1, Tensor? weight=None, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)",
  multiMarginLossOf,
);

function multiMarginLossOf(
  input: Tensor,
  target: Tensor,
  p = 1,
  margin = 1,
  weight: Tensor | null = null,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  if (p !== 1 && p !== 2) throw new CressetError("only p == 1 and p == 2 supported");
  refuseGradient("multi_margin_loss", "weight", weight);
  const x = input.ndim <= 1 ? input.reshape([1, input.numel()]) : input;
  if (x.ndim > 2 || x.sizes[1] === 0) {
    throw new ShapeError(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${text(input.sizes)}`,
    );
  }
  if (target.ndim > 1 || target.numel() !== x.sizes[0]) {
    throw new ShapeError(`inconsistent target size, got: ${text(target.sizes)}`);
  }
  requireFloat("multi_margin_loss_cpu_kernel", input.dtype);
  if (target.dtype !== int64) throw new DTypeError(`expected scalar type Long but found ${target.dtype.scalarName}`);
  if (weight !== null) {
    if (weight.ndim !== 1) throw new ShapeError("weight must be one-dimensional");
    requireSameDtype(x, weight);
  }
  if (target.lt(0).logicalOr(target.ge(x.sizes[1])).any().item()) throw new CressetError("target out of range");
  const at = target.reshape([-1, 1]);
  const own = x.gather(1, at);
  const short = positive(x.sub(own).add(margin));
  const powered = p === 1 ? short : short.mul(short);
  const weighted =
    weight === null
      ? powered
      : powered.mul(weight.indexSelect(0, at.reshape([-1])).unsqueeze(1)).where(short.detach().gt(0), 0);
  const others = arange(x.sizes[1]).unsqueeze(0).ne(at);
  const each = weighted.where(others, 0).sum(1).div(x.sizes[1]);
  return reduced(
    target.ndim === 0 ? each.squeeze(0) : each,
    reductionOf({ sizeAverage, reduce, reduction }),
    "MultiMarginLossBackward0",
  );
}

/** Margins between the target classes (listed up to the first −1) and the others. Option: `reduction`. Source: torch.nn.functional.multilabel_margin_loss. */
export const multilabelMarginLoss = signed(
  "def multilabelMarginLoss(Tensor input, Tensor target, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)",
  multilabelMarginLossOf,
);

function multilabelMarginLossOf(
  input: Tensor,
  target: Tensor,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  if (input.ndim > 2 || target.sizes.join() !== input.sizes.join()) {
    throw new ShapeError(
      `inconsistent target size: [${target.sizes.join(", ")}] for input of size: [${input.sizes.join(", ")}]`,
    );
  }
  requireFloat("multilabel_margin_loss_forward_out_frame", input.dtype);
  if (target.dtype !== int64) throw new DTypeError(`expected scalar type Long but found ${target.dtype.scalarName}`);
  const x = input.reshape([-1, input.sizes[input.ndim - 1] ?? 1]);
  const t = target.reshape([...x.sizes]);
  const [rows, classes] = x.sizes;
  if (t.lt(-1).logicalOr(t.ge(classes)).any().item()) {
    throw new CressetError("argument #2 'target' is out of range");
  }
  // The list of a row ends at its first −1.
  const listed = t.lt(0).cumsum(1).eq(0);
  const safe = t.where(listed, 0);
  const isTarget = x.detach().newZeros([rows, classes]).scatterAdd(1, safe, listed.to(x.dtype)).gt(0);
  const own = x.gather(1, safe).unsqueeze(2);
  const gaps = positive(own.sub(x.unsqueeze(1)).rsub(1));
  const counted = listed.unsqueeze(2).logicalAnd(isTarget.logicalNot().unsqueeze(1));
  const each = gaps.where(counted, 0).sum([1, 2]).div(classes);
  return reduced(
    input.ndim < 2 ? each.squeeze(0) : each,
    reductionOf({ sizeAverage, reduce, reduction }),
    "MultilabelMarginLossBackward0",
  );
}

/** What `multilabelSoftMarginLoss` takes by name. */
export interface MultilabelSoftOptions extends ReductionOptions {
  weight?: Tensor | null;
}

/** Binary cross entropy of logits, averaged over classes. Options: `weight`, `reduction`. Source: torch.nn.functional.multilabel_soft_margin_loss. */
export const multilabelSoftMarginLoss = signed(
  "def multilabelSoftMarginLoss(Tensor input, Tensor target, Tensor? weight=None, bool? sizeAverage=None, bool? reduce=None, str reduction=mean)",
  multilabelSoftMarginLossOf,
);

function multilabelSoftMarginLossOf(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null = null,
  sizeAverage?: boolean | null,
  reduce?: boolean | null,
  reduction?: Reduction,
): Tensor {
  if (input.ndim === 0) throw new IndexError("Dimension specified as -1 but tensor has no dimensions");
  const plain = target
    .mul(logsigmoid(input))
    .add(target.rsub(1).mul(logsigmoid(input.neg())))
    .neg();
  const loss = weight ? plain.mul(weight) : plain;
  const dim = input.ndim - 1;
  const each = relabel(loss.sum(dim).div(input.sizes[dim]), "DivBackward0");
  return reduced(each, reductionOf({ sizeAverage, reduce, reduction }));
}
