// Normalisation: values minus their mean, over their standard deviation, scaled and shifted. The functions of
// torch.nn.functional differ only in which dimensions share a mean; this file knows dimensions, they know layers.

import type { Backward } from "../../autograd/node";
import { isRecorded, record } from "../../autograd/record";
import { numelOf } from "../../tensor/shape";
import { opmathDtype } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { Composite } from "../elementwise/composite";
import { type Moments, moments as momentsOf, sumToSize } from "../reduce/reduction";

const inverse = new Composite(({ variance, eps }) => variance.add(eps).rsqrt());

// One formula for every presence of weight and bias.
const forwards = {
  plain: new Composite(({ x, mean, scale }) => x.sub(mean).mul(scale)),
  weight: new Composite(({ x, mean, scale, weight }) => x.sub(mean).mul(scale).mul(weight)),
  bias: new Composite(({ x, mean, scale, bias }) => x.sub(mean).mul(scale).add(bias)),
  both: new Composite(({ x, mean, scale, weight, bias }) => x.sub(mean).mul(scale).mul(weight).add(bias)),
};

const scaled = new Composite(({ g, scale }) => g.mul(scale));
const weighted = new Composite(({ g, weight }) => g.mul(weight));
const standard = new Composite(({ x, mean, scale }) => x.sub(mean).mul(scale));
const products = new Composite(({ g, x, mean, scale }) => g.mul(x.sub(mean).mul(scale)), true);
const sums = new Composite(({ g }) => g.mul(1), true);
const centred = new Composite(({ g, x, mean, scale, sum, product, share }) =>
  g
    .sub(sum.mul(share))
    .sub(x.sub(mean).mul(scale).mul(product.mul(share)))
    .mul(scale),
);

/** What `normalized` takes besides the input. */
export interface Normalization {
  /** PyTorch's name of the node. */
  node: string;
  /** Dimensions that share a mean. */
  dims: readonly number[];
  eps: number;
  /** Broadcast to the input. */
  weight: Tensor | null;
  bias: Tensor | null;
  /** Statistics that are given rather than computed: no gradient goes through them. */
  given?: Moments;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias, with mean and variance along `dims` or given. Recorded as one operation.
 * Returns the result and the moments used.
 */
export function normalized(x: Tensor, options: Normalization): { out: Tensor; moments: Moments } {
  const { node, dims, eps, weight, bias, given } = options;
  const { sizes } = x;
  const moments = given ?? momentsOf(x, dims, 0);
  const { mean } = moments;
  const scale = inverse.over(moments.variance.sizes, { variance: moments.variance.detach() }, { eps });
  const plain = x.detach();
  const operands = { x: plain, mean: mean.detach(), scale };
  let out: Tensor;
  if (weight !== null && bias !== null) {
    out = forwards.both.over(sizes, { ...operands, weight: weight.detach(), bias: bias.detach() });
  } else if (weight !== null) out = forwards.weight.over(sizes, { ...operands, weight: weight.detach() });
  else if (bias !== null) out = forwards.bias.over(sizes, { ...operands, bias: bias.detach() });
  else out = forwards.plain.over(sizes, operands);

  const backward = normalizedBackward(dims, eps, given !== undefined, weight?.sizes ?? [], bias?.sizes ?? []);
  record(node, [x, weight, bias], [out], backward, [x, mean, scale, [weight]], `${node.slice(0, -1)}Backward0`);
  return { out, moments };
}

function normalizedBackward(
  dims: readonly number[],
  eps: number,
  given: boolean,
  weightSizes: readonly number[],
  biasSizes: readonly number[],
): Backward {
  return ([grad], [x, savedMean, savedScale, weight], [toX, toWeight, toBias]) => {
    const g = grad as Tensor;
    const { sizes } = x;
    // A backward pass that is recorded needs statistics that depend on the input.
    const fresh = !given && isRecorded([x]);
    const mean = fresh ? x.mean([...dims], true, { dtype: opmathDtype(x.dtype) }) : savedMean;
    const scale = fresh ? reciprocalDeviation(x, mean, dims, eps) : savedScale;
    const saved = { x, mean, scale };
    const h = weight === null ? g : weighted.over(sizes, { g, weight });
    return [
      toX ? inputGradient(h, saved, dims, given) : null,
      toWeight ? sumToSize(g.mul(standard.over(sizes, saved)), weightSizes) : null,
      toBias ? sumToSize(g, biasSizes) : null,
    ];
  };
}

/** 1 / √(variance + eps) as operations that are recorded. */
function reciprocalDeviation(x: Tensor, mean: Tensor, dims: readonly number[], eps: number): Tensor {
  return x
    .sub(mean)
    .square()
    .mean([...dims], true)
    .add(eps)
    .rsqrt();
}

function inputGradient(
  g: Tensor,
  saved: { x: Tensor; mean: Tensor; scale: Tensor },
  dims: readonly number[],
  given: boolean,
): Tensor {
  const { sizes } = saved.x;
  if (given) return scaled.over(sizes, { g, scale: saved.scale });
  const wide = opmathDtype(g.dtype);
  const sum = sums.over(sizes, { g }, {}, dims, wide);
  const product = products.over(sizes, { g, ...saved }, {}, dims, wide);
  const share = 1 / numelOf(dims.map((d) => sizes[d]));
  return centred.over(sizes, { g, ...saved, sum, product }, { share });
}
