// What losses are made of: their elementwise parts as rows, and the loss over class indices. Reductions and PyTorch's arguments
// are torch.nn.functional's.

import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { call, contiguousOf, copyOf, lazy, run } from "../../dispatch";
import { DTypeError, IndexError, ShapeError } from "../../errors";
import { reduceCodes } from "../../native";
import { int64, uint8 } from "../../tensor/dtype";
import { sameShape, text } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { type Binary, binary, register, type Row, ternary } from "../elementwise/define";
import { requireFloat, requireSameDtype } from "../../tensor/dtype-checks";
import { refuseGradient } from "../shared/gradient-checks";
import { zerosOf } from "../../autograd/zeros";
import { assemble, type Code, Expr, expression, operand } from "../../program";

/** (input − target)². Source: torch.nn.functional.mse_loss. */
export const squaredError: Binary = binary({
  node: "MseLossBackward0",
  only: "float",
  kernel: "mse_cpu",
  formula: ({ a, b }) => {
    const d = a.sub(b);
    return d.mul(d);
  },
  grad: ({ g, a, b }) => {
    const slope = g.mul(a.sub(b)).mul(2);
    return [slope, slope.neg()];
  },
});

/** Squares within `beta` of the target, straight lines beyond. Source: torch.nn.functional.smooth_l1_loss. */
export const smoothL1: Row = binary({
  node: "SmoothL1LossBackward0",
  only: "float",
  kernel: "smooth_l1_cpu",
  parameters: { beta: 1 },
  formula: ({ a, b, beta }) => {
    const d = a.sub(b).abs();
    return d
      .mul(0.5)
      .mul(d)
      .div(beta)
      .where(d.lt(beta), d.sub(beta.mul(0.5)));
  },
  grad: ({ g, a, b, beta }) => {
    const d = a.sub(b);
    const slope = g.mul(d.sign().where(d.abs().ge(beta), d.div(beta)));
    return [slope, slope.neg()];
  },
});

/** Half squares within `delta` of the target, lines of slope `delta` beyond. Source: torch.nn.functional.huber_loss. */
export const huber: Row = binary({
  node: "HuberLossBackward0",
  only: "float",
  kernel: "huber_cpu",
  parameters: { delta: 1 },
  formula: ({ a, b, delta }) => {
    const d = a.sub(b).abs();
    return d
      .mul(0.5)
      .mul(d)
      .where(d.le(delta), delta.mul(d.sub(delta.mul(0.5))));
  },
  grad: ({ g, a, b, delta }) => {
    const d = a.sub(b);
    const slope = g.mul(d.sign().mul(delta).where(d.abs().gt(delta), d));
    return [slope, slope.neg()];
  },
});

/** −(t log p + (1 − t) log(1 − p)), logarithms not below −100. Source: torch.nn.functional.binary_cross_entropy. */
export const crossEntropyOfProbability: Binary = binary({
  node: "BinaryCrossEntropyBackward0",
  only: "float",
  kernel: "binary_cross_entropy",
  formula: ({ a, b }) =>
    b
      .sub(1)
      .mul(a.neg().log1p().clampMin(-100))
      .sub(b.mul(a.log().clampMin(-100))),
  grad: ({ g, a, b }) => [g.mul(a.sub(b)).div(a.rsub(1).mul(a).clampMin(1e-12)), g.mul(a.neg().log1p().sub(a.log()))],
});

/** The same of sigmoid(input), without overflow. Source: torch.nn.functional.binary_cross_entropy_with_logits. */
export const crossEntropyOfLogit: Binary = binary({
  node: "BinaryCrossEntropyWithLogitsBackward0",
  formula: ({ a, b }) => b.rsub(1).mul(a).add(a.neg().clampMin(0)).add(a.abs().neg().exp().log1p()),
  grad: ({ g, a, b }) => [g.mul(a.sigmoid().sub(b)), g.mul(a.neg())],
});

/** `crossEntropyOfLogit` with positive targets weighted by the third operand. */
export const weightedCrossEntropyOfLogit: Row = ternary({
  node: "BinaryCrossEntropyWithLogitsBackward0",
  formula: ({ a, b, c }) => {
    const weight = c.sub(1).mul(b).add(1);
    return b
      .rsub(1)
      .mul(a)
      .add(weight.mul(a.abs().neg().exp().log1p().add(a.neg().clampMin(0))));
  },
  grad: ({ g, a, b, c }) => {
    const positive = c.mul(b);
    const softplus = a.abs().neg().exp().log1p().add(a.neg().clampMin(0));
    return [
      g.mul(positive.add(1).sub(b).mul(a.sigmoid()).sub(positive)),
      g.mul(c.sub(1).mul(softplus).sub(a)),
      g.mul(b).mul(softplus),
    ];
  },
});

/** log(1 + exp(−target · input)). Source: torch.nn.functional.soft_margin_loss. */
export const softMargin: Binary = binary({
  node: "SoftMarginLossBackward0",
  formula: ({ a, b }) => a.mul(b).neg().exp().add(1).log(),
  grad: ({ g, a, b }) => {
    const share = g.mul(a.mul(b).neg().sigmoid()).neg();
    return [share.mul(b), share.mul(a)];
  },
});

register({
  squaredError,
  smoothL1,
  huber,
  crossEntropyOfProbability,
  crossEntropyOfLogit,
  weightedCrossEntropyOfLogit,
  softMargin,
});

const input = (name: string) => operand(new Expr("input", name));
const ignored = () => operand(new Expr("scalar", "ignored"));

/** From targets: the class to look up (0 where ignored), and −1, or 0 where ignored. */
const targetCode = lazy(() =>
  assemble([expression(input("t").where(input("t").ne(ignored()), 0)), expression(input("t").ne(ignored()).neg())]),
);
/** What is ignored counts as 0, whatever stands there: an infinite logit must not become NaN. */
const share = () => expression(input("a").mul(input("b")).where(input("a").ne(0), 0));
const shares = lazy(() => assemble([share()]));
const sumOfShares = lazy(() => assemble([share()], reduceCodes.get("sum")));
const sumOfNegatives = lazy(() => assemble([expression(input("a").neg())], reduceCodes.get("sum")));

function flat(x: Tensor): Tensor {
  return x.alias([x._numel], [1], x.offset);
}

/** Runs a program over all elements of contiguous operands; its numbers are its own, or `ignored`. */
function overAll(code: Code, operands: readonly Tensor[], results: readonly Tensor[], ignoreIndex = 0): void {
  const scalars = code.scalars.map((value) => (typeof value === "number" ? value : ignoreIndex));
  const { compute } = operands[0].dtype;
  run(code, compute, [operands[0]._numel], operands.map(flat), scalars, results.map(flat));
}

/** A sum over all elements of contiguous operands; 0-d, unrecorded. */
function total(code: Code, operands: readonly Tensor[]): Tensor {
  const out = empty([1], operands[0].dtype);
  overAll(code, operands, [out]);
  return out.alias([], [], 0);
}

function checkTargets(logs: Tensor, target: Tensor, weight: Tensor | null): void {
  // Of rows the kernel takes bytes as well.
  if (target.dtype !== int64 && !(target.dtype === uint8 && logs.ndim === 2)) {
    throw new DTypeError(`expected scalar type Long but found ${target.dtype.scalarName}`);
  }
  const classes = logs.sizes[1];
  if (weight !== null) {
    requireSameDtype(logs, weight);
    refuseGradient("nll_loss_forward", "weight", weight);
    if (weight.ndim !== 1 || weight.sizes[0] !== classes) {
      throw new ShapeError(
        `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${text(weight.sizes)}`,
      );
    }
  }
  const expected = [logs.sizes[0], ...logs.sizes.slice(2)];
  if (sameShape(target.sizes, expected)) return;
  if (target.ndim !== expected.length) {
    throw new ShapeError("0D or 1D target tensor expected, multi-target not supported");
  }
  if (logs.sizes[0] !== target.sizes[0]) {
    throw new ShapeError(
      `Expected input batch_size (${logs.sizes[0]}) to match target batch_size (${target.sizes[0]}).`,
    );
  }
  throw new ShapeError(`Expected target size ${text(expected)}, got ${text(target.sizes)}`);
}

/** Runs a look-up of classes; an index out of range is told as PyTorch tells it. */
function lookedUp(kernel: () => void, target: Tensor, classes: number, ignoreIndex: number): void {
  try {
    kernel();
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    const wrong = [...target.raw()].map(Number).find((t) => t !== ignoreIndex && (t < 0 || t >= classes));
    throw new IndexError(`Target ${wrong} is out of bounds.`);
  }
}

/** `each`: for summed losses null, else the sizes of one loss per target. */
function lossBackward(sizes: readonly number[], each: readonly number[] | null): Backward {
  return ([g], [index, scale, factor]) => {
    const grad = each === null ? (g as Tensor) : (g as Tensor).reshape([...each]);
    const slope = factor === null ? grad : grad.div(factor);
    return [zerosOf(sizes, scale.dtype).scatter_(1, index, scale.mul(slope).where(scale.ne(0), 0))];
  };
}

/**
 * −weight[t] · logs[n, t] per target t, 0 for targets equal to `ignoreIndex`; summed, divided by the sum of the weights
 * ("mean"), or as they are. `logs` is (N, C, …) and `target` (N, …). Source: torch.nn.functional.nll_loss.
 */
export function negativeLogLikelihood(
  logs: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: "mean" | "sum" | "none",
  ignoreIndex: number,
): Tensor {
  requireFloat(logs.ndim === 2 ? "nll_loss_out_frame" : "nll_loss2d_forward_out_frame", logs.dtype);
  checkTargets(logs, target, weight);
  const classes = logs.sizes[1];
  const shape = target.sizes;
  const kept = [shape[0], 1, ...shape.slice(1)];
  const index = empty(kept, int64);
  const scale = empty(kept, logs.dtype);
  const source = contiguousOf(target.dtype === int64 ? target : copyOf(target, int64));
  overAll(targetCode(), [source], [index, scale], ignoreIndex);
  const picked = empty(kept, logs.dtype);
  const count = picked._numel;
  if (count > 0) {
    lookedUp(() => call("gather", [picked, logs, index], [1]), source, classes, ignoreIndex);
    if (weight !== null) {
      const weights = empty([count], logs.dtype);
      call("gather", [weights, weight, flat(index)], [0]);
      flat(scale).mul_(weights);
    }
  }
  const factor = reduction === "mean" ? total(sumOfNegatives(), [scale]) : null;
  let loss: Tensor;
  if (reduction === "none") {
    loss = empty(shape, logs.dtype);
    overAll(shares(), [scale, picked], [loss]);
  } else {
    loss = total(sumOfShares(), [scale, picked]);
    if (factor !== null) loss.div_(factor);
  }
  record(
    logs.ndim === 2 ? "NllLossBackward0" : "NllLoss2DBackward0",
    [logs],
    [loss],
    lossBackward(logs.sizes, reduction === "none" ? kept : null),
    [index, scale, [factor]],
    logs.ndim === 2 ? "NllLossBackwardBackward0" : "NllLoss2DBackwardBackward0",
  );
  return loss;
}
