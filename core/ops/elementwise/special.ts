// Special functions that are methods as well, as the gamma functions. Those of torch.special alone are in special-only.ts.

import { type Callable, overloaded } from "../../arguments/signed";
import { ArgumentError, CressetError } from "../../errors";
import { type Operand, operand, step } from "../../program";
import type { Scalar } from "../../tensor/dtype";
import { pythonType } from "../../arguments/signature";
import { Tensor } from "../../tensor/tensor";
import {
  binary,
  type Declaration,
  type OutOption,
  register,
  type Row,
  TENSORS,
  type TwoTensors,
  type Unary,
  unary,
} from "./define";
import type { Pointwise } from "./pointwise-op";
import { notBool, op } from "./rows";
import { i1 } from "./special-only";

// Special functions.

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** The logistic function 1 / (1 + exp(−x)). Source: torch.sigmoid. */
export const sigmoid: Unary = unary({ to: "float", grad: ({ g, y }) => g.mul(y.mul(y.rsub(1))) });

/** max(x, 0), keeping NaN. Source: torch.relu. */
export const relu: Unary = unary({
  derivative: "ThresholdBackwardBackward0",
  // Positive, or NaN.
  grad: ({ g, y }) => g.where(y.ne(0), 0),
  check: notBool("Boolean inputs not supported for relu"),
});

/** The error function. Source: torch.erf. */
export const erf: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(a.mul(a).neg().exp().mul(TWO_OVER_SQRT_PI)) });

/** 1 − erf(x). Source: torch.erfc. */
export const erfc: Unary = unary({
  to: "float",
  grad: ({ g, a }) => g.mul(a.mul(a).neg().exp().mul(-TWO_OVER_SQRT_PI)),
});

/** The inverse of erf. Source: torch.erfinv. */
export const erfinv: Unary = unary({
  to: "float",
  grad: ({ g, a }) =>
    g.mul(
      a
        .erfinv()
        .square()
        .exp()
        .mul(1 / TWO_OVER_SQRT_PI),
    ),
});

/** The logarithm of the absolute value of the gamma function. Source: torch.lgamma. */
export const lgamma: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(a.digamma()) });

/** The derivative of lgamma. Source: torch.digamma. */
export const digamma: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(op(polygammaAt).over(a, 1)) });

const orderedDerivative: Declaration = {
  takes: "Tensor input, int n",
  to: "float",
  node: "PolygammaBackward0",
  formula: ({ a, b }) => operand(step("polygamma", [a, b])),
  grad: ({ g, a, b }) => [g.mul(op(polygammaAt).over(a, b.add(1))), null],
};

/** The derivative of digamma of order b, as derivatives use it. */
const polygammaAt: Row = binary(orderedDerivative);

const polygammaOf: Row = binary({
  ...orderedDerivative,
  instead: ([, n]) => {
    const isInt = n instanceof Tensor ? n.ndim === 0 && !n.dtype.isFloatingPoint : Number.isInteger(n);
    if (!isInt) throw new ArgumentError(`polygamma(): argument 'n' (position 1) must be int, not ${pythonType(n)}`);
    if (Number(n) < 0) throw new CressetError("polygamma(n, x) does not support negative n.");
    return null;
  },
});

type PolygammaCall = Callable<["n", "input"], ["n", "input"], [n: Scalar, input: Tensor], Tensor, OutOption>;
type Polygamma = PolygammaCall & { readonly op: Pointwise };

/**
 * The derivative of order `n` of digamma; as a method `input.polygamma(n)`. Options: `out`. Throws CressetError for a negative
 * order. Source: torch.polygamma.
 */
export const polygamma: Polygamma = Object.assign(
  overloaded<PolygammaCall>([
    "polygamma(int n, Tensor input, *, Tensor? out=None)",
    (n: Scalar, input: Tensor, out: Tensor | null = null): Tensor =>
      op(polygammaOf).apply(out === null ? [input, n] : [input, n, { out }], null),
  ]),
  { op: op(polygammaOf) },
);

/** The modified Bessel function of the first kind of order 0. Source: torch.i0. */
export const i0: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(op(i1).over(a)) });

/** sin(πx) / (πx), and 1 at 0. Source: torch.sinc. */
export const sinc: Unary = unary({
  to: "float",
  formula: ({ a }) => {
    const angle = a.mul(Math.PI);
    return angle.sin().div(angle).where(a.ne(0), 1);
  },
  grad: ({ g, a }) => {
    const angle = a.mul(Math.PI);
    const slope = angle.cos().mul(angle).sub(angle.sin()).div(angle.mul(a));
    return g.mul(slope).where(a.ne(0), 0);
  },
});

/** The density by which the incomplete gamma functions change with their second operand. */
const gammaDensity = (shape: Operand, x: Operand): Operand =>
  x.log().mul(shape.sub(1)).sub(x).sub(shape.lgamma()).exp();

/** The regularized lower incomplete gamma function P(input, other). No gradient by `input`. Source: torch.igamma. */
export const igamma: TwoTensors = binary({
  takes: TENSORS,
  only: "float",
  missing: ["the derivative for 'igamma: input' is not implemented.", null],
  grad: ({ g, a, b }) => [0, g.mul(gammaDensity(a, b))],
});

/** The regularized upper incomplete gamma function 1 − P(input, other). No gradient by `input`. Source: torch.igammac. */
export const igammac: TwoTensors = binary({
  takes: TENSORS,
  only: "float",
  missing: ["the derivative for 'igammac: input' is not implemented.", null],
  grad: ({ g, a, b }) => [0, g.neg().mul(gammaDensity(a, b))],
});

/** log(x / (1 − x)); with `eps`, x is clamped to [eps, 1 − eps] first. Source: torch.logit. */
export const logit: Unary<unknown, ["eps"], [eps?: number | null]> = unary({
  takes: "Tensor input, float? eps=None",
  to: "float",
  formula: ({ a }) => a.div(a.rsub(1)).log(),
  grad: ({ g, a }) => g.div(a.mul(a.rsub(1))).where(a.ge(0).logicalAnd(a.le(1)), Number.NaN),
  variant: ([input, eps], target, out) =>
    typeof eps === "number" && eps >= 0 ? op(logitWithin).apply([input, eps, { out }], target) : null,
});

/** `logit` of the input clamped to [eps, 1 − eps]: below eps first, which decides where eps exceeds one half. */
const logitWithin: Row = unary({
  to: "float",
  node: "LogitBackward0",
  parameters: { eps: 0 },
  formula: ({ a, eps }) => {
    const x = eps.where(a.lt(eps), eps.rsub(1).where(a.gt(eps.rsub(1)), a));
    return x.div(x.rsub(1)).log();
  },
  grad: ({ g, a, eps }) => g.div(a.mul(a.rsub(1))).where(a.ge(eps).logicalAnd(a.le(eps.rsub(1))), 0),
});

register({ logitWithin, polygammaAt, polygamma: polygammaOf });
