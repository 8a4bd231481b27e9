// Special functions of one number.

import { register, type Row, type Unary, unary } from "./define";
import type { Operand } from "../../program";
import { notBool, op } from "./rows";

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
export const digamma: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(op(trigamma).over(a)) });

/** Bernoulli numbers B2, B4, … of the asymptotic series of trigamma. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66];

/** The series is exact to rounding from here on. */
const ASYMPTOTIC = 8;

const trigamma: Unary = unary({
  to: "float",
  grad: ({ g, a }) => g.mul(op(tetragamma).over(a)),
  formula: ({ a }) => {
    // Below one half by reflection, then upwards by recurrence, then the asymptotic series.
    const reflected = a.lt(0.5);
    const x = a.rsub(1).where(reflected, a);
    let sum = x.mul(x).reciprocal();
    for (let k = 1; k < ASYMPTOTIC; k++) sum = sum.add(x.add(k).mul(x.add(k)).reciprocal());
    const inverse = x.add(ASYMPTOTIC).reciprocal();
    const square = inverse.mul(inverse);
    let series = square.mul(0);
    for (const b of [...BERNOULLI].reverse()) series = series.add(b).mul(square);
    const value = sum.add(inverse).add(square.mul(0.5)).add(series.mul(inverse));
    const sine = a.mul(Math.PI).sin();
    return sine
      .mul(sine)
      .reciprocal()
      .mul(Math.PI ** 2)
      .sub(value)
      .where(reflected, value);
  },
});

/** The derivative of trigamma, by the same three steps. */
const tetragamma: Unary = unary({
  to: "float",
  formula: ({ a }) => {
    const reflected = a.lt(0.5);
    const x = a.rsub(1).where(reflected, a);
    const cube = (y: Operand) => y.mul(y).mul(y);
    let sum = cube(x).reciprocal();
    for (let k = 1; k < ASYMPTOTIC; k++) sum = sum.add(cube(x.add(k)).reciprocal());
    const inverse = x.add(ASYMPTOTIC).reciprocal();
    const square = inverse.mul(inverse);
    let series = square.mul(0);
    BERNOULLI.map((b, k) => b * (2 * k + 3))
      .reverse()
      .forEach((b) => {
        series = series.add(b).mul(square);
      });
    const value = sum.mul(2).add(square).add(square.mul(inverse)).add(series.mul(square)).neg();
    const angle = a.mul(Math.PI);
    const bend = angle
      .cos()
      .div(cube(angle.sin()))
      .mul(2 * Math.PI ** 3);
    return value.sub(bend).where(reflected, value);
  },
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

register({ logitWithin, trigamma, tetragamma });
