// Losses of boxes and of rare classes. Source: torchvision/ops/*_loss.py.

import { signed } from "../../arguments/signed";
import { noGrad } from "../../autograd/modes";
import { binaryCrossEntropyWithLogits } from "../../nn/functional/loss";
import { maximum, minimum } from "../../ops/elementwise/arithmetic";
import { where } from "../../ops/elementwise/choose";
import { zerosLike } from "../../ops/create/create";
import { float32, float64 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";

/** What becomes of single losses. */
export type Reduction = "none" | "mean" | "sum";

function reduced(loss: Tensor, reduction: Reduction): Tensor {
  if (reduction === "sum") return loss.sum();
  if (reduction !== "mean") return loss;
  return loss.numel() > 0 ? loss.mean() : loss.sum().mul(0);
}

/**
 * The loss of RetinaNet: right answers that are sure count little. `alpha` weighs the class, or not if it is negative; `gamma` says how
 * little. Source: torchvision.ops.sigmoid_focal_loss.
 */
export const sigmoidFocalLoss = signed(
  "def sigmoidFocalLoss(Tensor inputs, Tensor targets, float alpha=0.25, float gamma=2, str reduction='none')",
  (inputs: Tensor, targets: Tensor, alpha = 0.25, gamma = 2, reduction: Reduction = "none"): Tensor => {
    const p = inputs.sigmoid();
    const entropy = binaryCrossEntropyWithLogits(inputs, targets, { reduction: "none" });
    const right = p.mul(targets).add(p.rsub(1).mul(targets.rsub(1)));
    const loss = entropy.mul(right.rsub(1).pow(gamma));
    if (alpha < 0) return reduced(loss, reduction);
    return reduced(
      targets
        .mul(alpha)
        .add(targets.rsub(1).mul(1 - alpha))
        .mul(loss),
      reduction,
    );
  },
);

const exact = (x: Tensor) => (x.dtype === float32 || x.dtype === float64 ? x : x.float());

/** What the losses of a pair of boxes are made of. */
function pairs(boxes1: Tensor, boxes2: Tensor) {
  const [left, top, right, bottom] = exact(boxes1).unbind(-1);
  const [left2, top2, right2, bottom2] = exact(boxes2).unbind(-1);
  const [x1, y1] = [maximum(left, left2), maximum(top, top2)];
  const [x2, y2] = [minimum(right, right2), minimum(bottom, bottom2)];
  const touching = y2.gt(y1).logicalAnd(x2.gt(x1));
  const common = where(touching, x2.sub(x1).mul(y2.sub(y1)), zerosLike(left));
  const sides = [right.sub(left), bottom.sub(top)] as const;
  const sides2 = [right2.sub(left2), bottom2.sub(top2)] as const;
  return {
    common,
    together: sides[0].mul(sides[1]).add(sides2[0].mul(sides2[1])).sub(common),
    sides,
    sides2,
    around: [
      maximum(right, right2).sub(minimum(left, left2)),
      maximum(bottom, bottom2).sub(minimum(top, top2)),
    ] as const,
    apart: [
      right.add(left).div(2).sub(left2.add(right2).div(2)),
      bottom.add(top).div(2).sub(top2.add(bottom2).div(2)),
    ] as const,
  };
}

/** 1 − the generalised overlap of each pair of boxes. Source: torchvision.ops.generalized_box_iou_loss. */
export const generalizedBoxIouLoss = signed(
  "def generalizedBoxIouLoss(Tensor boxes1, Tensor boxes2, str reduction='none', float eps=1e-07)",
  (boxes1: Tensor, boxes2: Tensor, reduction: Reduction = "none", eps = 1e-7): Tensor => {
    const { common, together, around } = pairs(boxes1, boxes2);
    const area = around[0].mul(around[1]);
    const overlap = common.div(together.add(eps)).sub(area.sub(together).div(area.add(eps)));
    return reduced(overlap.rsub(1), reduction);
  },
);

/** 1 − the overlap of each pair, and how far their middles lie apart. */
function distanceLoss({ common, together, around, apart }: ReturnType<typeof pairs>, eps: number) {
  const overlap = common.div(together.add(eps));
  const diagonal = around[0].pow(2).add(around[1].pow(2)).add(eps);
  const distance = apart[0].pow(2).add(apart[1].pow(2));
  return { overlap, loss: overlap.rsub(1).add(distance.div(diagonal)) };
}

/** 1 − the overlap of each pair of boxes, and the distance of their middles. Source: torchvision.ops.distance_box_iou_loss. */
export const distanceBoxIouLoss = signed(
  "def distanceBoxIouLoss(Tensor boxes1, Tensor boxes2, str reduction='none', float eps=1e-07)",
  (boxes1: Tensor, boxes2: Tensor, reduction: Reduction = "none", eps = 1e-7): Tensor =>
    reduced(distanceLoss(pairs(boxes1, boxes2), eps).loss, reduction),
);

/** As `distanceBoxIouLoss`, and how far the proportions differ. Source: torchvision.ops.complete_box_iou_loss. */
export const completeBoxIouLoss = signed(
  "def completeBoxIouLoss(Tensor boxes1, Tensor boxes2, str reduction='none', float eps=1e-07)",
  (boxes1: Tensor, boxes2: Tensor, reduction: Reduction = "none", eps = 1e-7): Tensor => {
    const both = pairs(boxes1, boxes2);
    // torchvision uses its own default here, whatever `eps` is.
    const { overlap, loss } = distanceLoss(both, 1e-7);
    const slope = ([width, height]: readonly [Tensor, Tensor]) => width.div(height).atan();
    const v = slope(both.sides2)
      .sub(slope(both.sides))
      .pow(2)
      .mul(4 / Math.PI ** 2);
    const alpha = noGrad(() => v.div(overlap.rsub(1).add(v).add(eps)));
    return reduced(loss.add(alpha.mul(v)), reduction);
  },
);
