// Boxes (left, top, right, bottom), one per row. Source: torchvision/ops/boxes.py.

import { signed } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { noGrad } from "../../autograd/modes";
import { zeros } from "../../ops/create/create";
import { cat, stack } from "../../ops/create/join";
import { maximum, minimum } from "../../ops/elementwise/arithmetic";
import { float32, float64, int32, int64 } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";

/** How the four numbers of a box are meant: corners, corner and size, middle and size. */
export type BoxFormat = "xyxy" | "xywh" | "cxcywh";

/** In a dtype whose products do not overflow at once. */
export function upcast(x: Tensor): Tensor {
  const { dtype } = x;
  if (dtype.isFloatingPoint) return dtype === float32 || dtype === float64 ? x : x.float();
  return dtype === int32 || dtype === int64 ? x : x.to(int32);
}

const TO_CORNERS: { readonly [format in BoxFormat]: (boxes: Tensor) => Tensor } = {
  xyxy: (boxes) => boxes,
  xywh: (boxes) => {
    const [x, y, w, h] = boxes.unbind(-1);
    return stack([x, y, x.add(w), y.add(h)], -1);
  },
  cxcywh: (boxes) => {
    const [x, y, w, h] = boxes.unbind(-1);
    const [dx, dy] = [w.mul(0.5), h.mul(0.5)];
    return stack([x.sub(dx), y.sub(dy), x.add(dx), y.add(dy)], -1);
  },
};

const FROM_CORNERS: { readonly [format in BoxFormat]: (boxes: Tensor) => Tensor } = {
  xyxy: (boxes) => boxes,
  xywh: (boxes) => {
    const [left, top, right, bottom] = boxes.unbind(-1);
    return stack([left, top, right.sub(left), bottom.sub(top)], -1);
  },
  cxcywh: (boxes) => {
    const [left, top, right, bottom] = boxes.unbind(-1);
    const middle = [left.add(right).div(2), top.add(bottom).div(2)];
    return stack([...middle, right.sub(left), bottom.sub(top)], -1);
  },
};

/** Boxes in another format. Throws ArgumentError for one that is none. Source: torchvision.ops.box_convert. */
export const boxConvert = signed(
  "def boxConvert(Tensor boxes, str inFmt, str outFmt)",
  (boxes: Tensor, inFmt: BoxFormat, outFmt: BoxFormat): Tensor => {
    if (!(inFmt in TO_CORNERS && outFmt in TO_CORNERS)) {
      throw new ArgumentError("Unsupported Bounding Box Conversions for given in_fmt and out_fmt");
    }
    return inFmt === outFmt ? boxes.clone() : FROM_CORNERS[outFmt](TO_CORNERS[inFmt](boxes));
  },
);

/** The area of each box. Source: torchvision.ops.box_area. */
export const boxArea = signed("def boxArea(Tensor boxes)", (boxes: Tensor): Tensor => {
  const [left, top, right, bottom] = upcast(boxes).unbind(-1);
  return right.sub(left).mul(bottom.sub(top));
});

/** Areas common to each pair of boxes, and areas of both together: (N, M) each. */
function overlaps(a: Tensor, b: Tensor): [common: Tensor, together: Tensor] {
  const first = a.unsqueeze(1);
  const begin = maximum(first.narrow(2, 0, 2), b.narrow(1, 0, 2));
  const end = minimum(first.narrow(2, 2, 2), b.narrow(1, 2, 2));
  const sides = upcast(end.sub(begin)).clamp({ min: 0 });
  const common = sides.select(2, 0).mul(sides.select(2, 1));
  return [common, boxArea(a).unsqueeze(1).add(boxArea(b)).sub(common)];
}

/** Width and height of the box around each pair: (N, M, 2). */
function around(a: Tensor, b: Tensor): Tensor {
  const first = a.unsqueeze(1);
  const begin = minimum(first.narrow(2, 0, 2), b.narrow(1, 0, 2));
  const end = maximum(first.narrow(2, 2, 2), b.narrow(1, 2, 2));
  return upcast(end.sub(begin)).clamp({ min: 0 });
}

/** Common area over that of both, for each pair: (N, M). Source: torchvision.ops.box_iou. */
export const boxIou = signed("def boxIou(Tensor boxes1, Tensor boxes2)", (boxes1: Tensor, boxes2: Tensor): Tensor => {
  const [common, together] = overlaps(boxes1, boxes2);
  return common.div(together);
});

/** As `boxIou`, less the share of the box around both that neither covers. Source: torchvision.ops.generalized_box_iou. */
export const generalizedBoxIou = signed(
  "def generalizedBoxIou(Tensor boxes1, Tensor boxes2)",
  (boxes1: Tensor, boxes2: Tensor): Tensor => {
    const [common, together] = overlaps(boxes1, boxes2);
    const sides = around(boxes1, boxes2);
    const area = sides.select(2, 0).mul(sides.select(2, 1));
    return common.div(together).sub(area.sub(together).div(area));
  },
);

/** As `boxIou`, less the distance of the middles in diagonals of the box around both. Source: torchvision.ops.distance_box_iou. */
export const distanceBoxIou = signed(
  "def distanceBoxIou(Tensor boxes1, Tensor boxes2, float eps=1e-07)",
  (boxes1: Tensor, boxes2: Tensor, eps = 1e-7): Tensor => {
    const [a, b] = [upcast(boxes1), upcast(boxes2)];
    const diagonal = around(a, b).pow(2).sum(2).add(eps);
    const middle = (boxes: Tensor) =>
      boxes
        .narrow(1, 0, 2)
        .add(boxes.narrow(1, 2, 2))
        .div(2);
    const distance = upcast(middle(a).unsqueeze(1).sub(middle(b)))
      .pow(2)
      .sum(2);
    return boxIou(a, b).sub(distance.div(diagonal));
  },
);

/** As `distanceBoxIou`, less how far the proportions differ. Source: torchvision.ops.complete_box_iou. */
export const completeBoxIou = signed(
  "def completeBoxIou(Tensor boxes1, Tensor boxes2, float eps=1e-07)",
  (boxes1: Tensor, boxes2: Tensor, eps = 1e-7): Tensor => {
    const [a, b] = [upcast(boxes1), upcast(boxes2)];
    const slope = (boxes: Tensor) => {
      const sides = boxes.narrow(1, 2, 2).sub(boxes.narrow(1, 0, 2));
      return sides.select(1, 0).div(sides.select(1, 1)).atan();
    };
    const v = slope(a)
      .unsqueeze(1)
      .sub(slope(b))
      .pow(2)
      .mul(4 / Math.PI ** 2);
    const alpha = noGrad(() => v.div(boxIou(a, b).rsub(1).add(v).add(eps)));
    return distanceBoxIou(a, b, eps).sub(alpha.mul(v));
  },
);

/** The indices of boxes with sides of at least `minSize`. Source: torchvision.ops.remove_small_boxes. */
export const removeSmallBoxes = signed(
  "def removeSmallBoxes(Tensor boxes, float minSize)",
  (boxes: Tensor, minSize: number): Tensor => {
    const sides = boxes.narrow(1, 2, 2).sub(boxes.narrow(1, 0, 2));
    return sides.ge(minSize).all(1).nonzero().view(-1);
  },
);

/** Boxes cut off at the borders of a picture: `[height, width]`. Source: torchvision.ops.clip_boxes_to_image. */
export const clipBoxesToImage = signed(
  "def clipBoxesToImage(Tensor boxes, int[] size)",
  (boxes: Tensor, [height, width]: readonly [height: number, width: number]): Tensor => {
    const [left, top, right, bottom] = boxes.unbind(-1);
    const inside = (x: Tensor, most: number) => x.clamp(0, most);
    return stack([inside(left, width), inside(top, height), inside(right, width), inside(bottom, height)], -1);
  },
);

/** The box around each mask (N, height, width). Source: torchvision.ops.masks_to_boxes. */
export const masksToBoxes = signed("def masksToBoxes(Tensor masks)", (masks: Tensor): Tensor => {
  if (masks.numel() === 0) return zeros([0, 4]);
  const boxes = [...masks].map((mask) => {
    const places = mask.nonzero();
    return cat([places.amin(0).flip(0), places.amax(0).flip(0)]);
  });
  return stack(boxes).float();
});
