// Activation functions as rows: each runs forward and backward as one program. torch.nn.functional adds `inplace` to them.

import { isRecorded } from "../../autograd/record";
import { Tensor } from "../../tensor/tensor";
import { CressetError, DTypeError } from "../../errors";
import { uint8 } from "../../tensor/dtype";
import { type Binary, binary, register, type Row, type Unary, unary } from "./define";
import { notBool } from "./rows";

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** The input where positive, else `negativeSlope` (0.01) times it. Source: torch.nn.functional.leaky_relu. */
export const leakyRelu: Row = unary({
  nodeInPlace: "LeakyReluBackward1",
  only: "float",
  parameters: { negativeSlope: 0.01 },
  derivative: "LeakyReluBackwardBackward0",
  formula: ({ a, negativeSlope }) => a.where(a.gt(0), a.mul(negativeSlope)),
  grad: ({ g, a, negativeSlope }) => g.where(a.gt(0), g.mul(negativeSlope)),
});

/** The input where positive, else `weight` times it; both broadcast. Source: torch.nn.functional.prelu. */
export const prelu: Binary = binary({
  only: "float",
  rowMajor: true,
  derivative: "PreluBackwardBackward0",
  formula: ({ a, b }) => a.where(a.gt(0), a.mul(b)),
  grad: ({ g, a, b }) => [g.where(a.gt(0), g.mul(b)), g.mul(a).where(a.gt(0).logicalNot(), 0)],
});

/** The input where positive, else alpha · (exp(x) − 1). Source: torch.nn.functional.elu. */
export const elu: Row = unary({
  nodeInPlace: "EluBackward1",
  only: "float",
  parameters: { alpha: 1 },
  formula: ({ a, alpha }) => a.where(a.gt(0), a.expm1().mul(alpha)),
  grad: ({ g, a, alpha }) => g.mul(a.exp()).mul(alpha).where(a.le(0), g),
});

/** The input where positive, else alpha · (exp(x / alpha) − 1). Source: torch.nn.functional.celu. */
export const celu: Row = unary({
  nodeInPlace: "CeluBackward1",
  only: "float",
  kernel: "elu_cpu",
  check: (_operands, _dtype, [alpha]) => {
    if (alpha === 0) throw new CressetError("ZeroDivisionError: alpha cannot be 0 for CELU");
  },
  parameters: { alpha: 1 },
  formula: ({ a, alpha }) => a.where(a.gt(0), a.div(alpha).expm1().mul(alpha)),
  grad: ({ g, a, alpha }) => g.mul(a.div(alpha).exp()).where(a.le(0), g),
});

/** The self-normalising elu: fixed scale and alpha. Source: torch.nn.functional.selu. */
export const selu: Unary = unary({
  nodeInPlace: "EluBackward1",
  only: "float",
  kernel: "elu_cpu",
  node: "EluBackward0",
  formula: ({ a }) => a.where(a.gt(0), a.expm1().mul(SELU_ALPHA)).mul(SELU_SCALE),
  grad: ({ g, a }) => g.mul(SELU_SCALE).mul(a.exp().mul(SELU_ALPHA).where(a.le(0), 1)),
});

/** x · Φ(x) with the normal distribution function Φ. Source: torch.nn.functional.gelu. */
export const gelu: Unary = unary({
  only: "float",
  kernel: "GeluKernelImpl",
  formula: ({ a }) => a.mul(0.5).mul(a.mul(Math.SQRT1_2).erf().add(1)),
  grad: ({ g, a }) => {
    const distribution = a.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
    const density = a
      .mul(a)
      .mul(-0.5)
      .exp()
      .mul(1 / Math.sqrt(2 * Math.PI));
    return g.mul(distribution.add(a.mul(density)));
  },
});

/** gelu by tanh. Source: torch.nn.functional.gelu with approximate "tanh". */
export const geluTanh: Unary = unary({
  only: "float",
  kernel: "GeluKernelImpl",
  node: "GeluBackward0",
  formula: ({ a }) => a.mul(0.5).mul(a.mul(a).mul(a).mul(0.044715).add(a).mul(SQRT_2_OVER_PI).tanh().add(1)),
  grad: ({ g, a }) => {
    const squared = a.mul(a);
    const t = squared.mul(a).mul(0.044715).add(a).mul(SQRT_2_OVER_PI).tanh();
    const inner = squared
      .mul(3 * 0.044715)
      .add(1)
      .mul(SQRT_2_OVER_PI);
    return g.mul(
      t
        .add(1)
        .mul(0.5)
        .add(a.mul(0.5).mul(t.mul(t).rsub(1)).mul(inner)),
    );
  },
});

/** x · sigmoid(x). Source: torch.nn.functional.silu. */
export const silu: Unary = unary({
  only: "float",
  formula: ({ a }) => a.mul(a.sigmoid()),
  grad: ({ g, a }) => {
    const s = a.sigmoid();
    return g.mul(s.mul(a.mul(s.rsub(1)).add(1)));
  },
});

/** x · tanh(softplus(x)). Source: torch.nn.functional.mish. */
export const mish: Unary = unary({
  only: "float",
  formula: ({ a }) => a.mul(a.exp().log1p().tanh()),
  grad: ({ g, a }) => {
    const t = a.exp().log1p().tanh();
    return g.mul(t.add(a.mul(a.sigmoid()).mul(t.mul(t).rsub(1))));
  },
});

/** log(1 + exp(beta · x)) / beta; the input itself where beta · x > threshold. Source: torch.nn.functional.softplus. */
export const softplus: Row = unary({
  only: "float",
  parameters: { beta: 1, threshold: 20 },
  formula: ({ a, beta, threshold }) => {
    const scaled = a.mul(beta);
    return a.where(scaled.gt(threshold), scaled.exp().log1p().div(beta));
  },
  grad: ({ g, a, beta, threshold }) => {
    const scaled = a.mul(beta);
    return g.where(scaled.gt(threshold), g.mul(scaled.sigmoid()));
  },
});

/** The input kept within bounds; no gradient on the bounds. Source: torch.nn.functional.hardtanh. */
export const hardtanh: Row = unary({
  parameters: { minVal: -1, maxVal: 1 },
  check: (operands, dtype, [minVal, maxVal]) => {
    notBool("Bool inputs not supported for hardtanh")(operands);
    if (dtype === uint8 && (minVal < 0 || maxVal < 0)) {
      throw new DTypeError("cannot do hardtanh on an unsigned type with negative limits");
    }
  },
  derivative: "HardtanhBackwardBackward0",
  formula: ({ a, minVal, maxVal }) => a.clampMin(minVal).clampMax(maxVal),
  grad: ({ g, a, minVal, maxVal }) => g.where(a.le(minVal).logicalOr(a.ge(maxVal)).logicalNot(), 0),
});

/** relu6(x + 3) / 6. Source: torch.nn.functional.hardsigmoid. */
export const hardsigmoid: Unary = unary({
  only: "float",
  derivative: "HardsigmoidBackwardBackward0",
  formula: ({ a }) => a.add(3).clampMin(0).clampMax(6).div(6),
  grad: ({ g, a }) => g.div(6).where(a.gt(-3).logicalAnd(a.lt(3)), 0),
});

/** x · relu6(x + 3) / 6. Source: torch.nn.functional.hardswish. */
export const hardswish: Unary = unary({
  only: "float",
  formula: ({ a }) => a.mul(a.add(3).clampMin(0).clampMax(6)).div(6),
  grad: ({ g, a }) => g.mul(a.div(3).add(0.5)).where(a.ge(-3).logicalAnd(a.lt(3)), g.where(a.lt(-3).logicalNot(), 0)),
});

/** log(sigmoid(x)), exact for large magnitudes. Source: torch.nn.functional.logsigmoid. */
export const logsigmoid: Unary = unary({
  only: "float",
  rowMajor: true,
  kernel: "log_sigmoid_cpu",
  node: "LogSigmoidBackward0",
  formula: ({ a }) => a.clampMax(0).sub(a.abs().neg().exp().log1p()),
  grad: ({ g, a }) => g.mul(a.neg().sigmoid()),
});

/** The input moved towards 0 by `lambd` (0.5), 0 within it. Source: torch.nn.functional.softshrink. */
export const softshrink: Row = unary({
  only: "float",
  parameters: { lambd: 0.5 },
  check: (_operands, _dtype, [lambd]) => {
    if (!(lambd >= 0)) throw new CressetError(`lambda must be greater or equal to 0, but found to be ${lambd}.`);
  },
  derivative: "SoftshrinkBackwardBackward0",
  formula: ({ a, lambd }) => a.sub(lambd).where(a.gt(lambd), a.add(lambd).where(a.lt(lambd.neg()), 0)),
  grad: ({ g, a, lambd }) => g.where(a.ge(lambd.neg()).logicalAnd(a.le(lambd)).logicalNot(), 0),
});

/** The input, 0 within `lambd` (0.5) of 0. Source: torch.nn.functional.hardshrink. */
export const hardshrink: Row = unary({
  only: "float",
  parameters: { lambd: 0.5 },
  derivative: "HardshrinkBackwardBackward0",
  formula: ({ a, lambd }) => a.where(a.abs().le(lambd).logicalNot(), 0),
  grad: ({ g, a, lambd }) => g.where(a.abs().le(lambd).logicalNot(), 0),
});

/** The input where it exceeds `threshold`, else `value`. Source: torch.nn.functional.threshold. */
export const threshold: Row = unary({
  nodeInPlace: "ThresholdBackward1",
  parameters: { threshold: 0, value: 0 },
  only: "number",
  kernel: "threshold_cpu",
  derivative: "ThresholdBackwardBackward0",
  formula: ({ a, threshold: bound, value }) => value.where(a.le(bound), a),
  grad: ({ g, a, threshold: bound }) => g.where(a.le(bound).logicalNot(), 0),
});

/** x / (1 + |x|). Source: torch.nn.functional.softsign. */
export const softsign: Unary = unary({
  to: "float",
  // Recorded it is PyTorch's three operations, with what they save; on whole numbers, whose sum may wrap, as well.
  instead: ([x]) =>
    x instanceof Tensor && (isRecorded([x]) || !x.dtype.isFloatingPoint) ? x.div(x.abs().add(1)) : null,
  formula: ({ a }) => a.div(a.abs().add(1)),
});

/** x − tanh(x). Source: torch.nn.functional.tanhshrink. */
export const tanhshrink: Unary = unary({
  to: "float",
  // Recorded it is PyTorch's two operations, which save the tanh; on whole numbers as well, for what they refuse.
  instead: ([x]) => (x instanceof Tensor && (isRecorded([x]) || !x.dtype.isFloatingPoint) ? x.sub(x.tanh()) : null),
  formula: ({ a }) => a.sub(a.tanh()),
});

register({
  leakyRelu,
  prelu,
  elu,
  celu,
  selu,
  gelu,
  geluTanh,
  silu,
  mish,
  softplus,
  hardtanh,
  hardsigmoid,
  hardswish,
  logsigmoid,
  softshrink,
  hardshrink,
  threshold,
  softsign,
  tanhshrink,
});
