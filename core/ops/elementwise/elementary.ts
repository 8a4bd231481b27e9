// Elementwise functions of one number: rounding, powers, exponentials, trigonometry. A row with a native step of its own name
// needs no formula; the others are composed and run as one program.

import { bool } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { pow } from "./arithmetic";
import { requireFloat } from "../../tensor/dtype-checks";
import { register, type Unary, unary } from "./define";
import { notBool, op } from "./rows";

// Rounding and signs.

/** The negative of every element. Throws DTypeError for bool. Source: torch.neg. */
export const neg: Unary = unary({
  grad: ({ g }) => g.neg(),
  check: notBool(
    "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
  ),
});

/** The same as `neg`. Source: torch.negative. */
export const negative: Unary = neg;

/** The magnitude of every element. Source: torch.abs. */
export const abs: Unary = unary({
  only: "number",
  grad: ({ g, a }) => g.mul(a.sign()),
});

/** The same as `abs`. Source: torch.absolute. */
export const absolute: Unary = abs;

/** −1, 0 or 1 by the sign of every element. Source: torch.sign. */
export const sign: Unary = unary({ grad: () => 0 });

/** The same as `sign` for real numbers. Source: torch.sgn. */
export const sgn: Unary = unary({ formula: ({ a }) => a.sign(), grad: () => 0 });

/** The largest whole number not above every element. Source: torch.floor. */
export const floor: Unary = unary({ only: "number", kernel: "floor_vml_cpu", identityOnInts: true, grad: () => 0 });

/** The smallest whole number not below every element. Source: torch.ceil. */
export const ceil: Unary = unary({ only: "number", kernel: "ceil_vml_cpu", identityOnInts: true, grad: () => 0 });

/** The whole part of every element. Source: torch.trunc. */
export const trunc: Unary = unary({ only: "number", kernel: "trunc_vml_cpu", identityOnInts: true, grad: () => 0 });

/** The same as `trunc`. Source: torch.fix. */
export const fix: Unary = trunc;

/** The nearest whole number, ties to even; with `decimals`, that many decimals are kept. Source: torch.round. */
export const round: Unary<{ decimals?: number }> = unary({
  takes: "Tensor input, *, int decimals=0",
  only: "number",
  kernel: "round_vml_cpu",
  identityOnInts: true,
  grad: () => 0,
  variant: ([input, decimals], target, out) => {
    if (typeof decimals !== "number") return null;
    if (decimals === 0) {
      // Whole numbers are rounded already, but to a number of decimals PyTorch has no kernel for them.
      requireFloat("round_vml_cpu", (input as Tensor).dtype);
      return null;
    }
    const scale = 10 ** Math.abs(decimals);
    return op(decimals > 0 ? roundBehind : roundBefore).apply([input, scale, ...(out ? [{ out }] : [])], target);
  },
});

/** To decimals behind the point. */
const roundBehind: Unary<{ scale?: number }> = unary({
  parameters: { scale: 1 },
  only: "float",
  kernel: "round_cpu",
  node: "RoundBackward1",
  formula: ({ a, scale }) => a.mul(scale).round().div(scale),
  grad: () => 0,
});

/** To decimals before the point. */
const roundBefore: Unary<{ scale?: number }> = unary({
  parameters: { scale: 1 },
  only: "float",
  kernel: "round_cpu",
  node: "RoundBackward1",
  formula: ({ a, scale }) => a.div(scale).round().mul(scale),
  grad: () => 0,
});

/** The part after the point, with the sign of the element. Source: torch.frac. */
export const frac: Unary = unary({ only: "float", formula: ({ a }) => a.sub(a.trunc()), grad: ({ g }) => g });

// Powers, exponentials, logarithms.

/** e to the power of every element. Source: torch.exp. */
export const exp: Unary = unary({ to: "float", grad: ({ g, y }) => g.mul(y) });

/** 2 to the power of every element. Source: torch.exp2. */
export const exp2: Unary = unary({ to: "float", grad: ({ g, y }) => g.mul(y).mul(Math.LN2) });

/** exp(x) − 1, exact near 0. Source: torch.expm1. */
export const expm1: Unary = unary({ to: "float", grad: ({ g, y }) => g.mul(y.add(1)) });

/** The natural logarithm. Source: torch.log. */
export const log: Unary = unary({ to: "float", grad: ({ g, a }) => g.div(a) });

/** The logarithm to base 2. Source: torch.log2. */
export const log2: Unary = unary({ to: "float", grad: ({ g, a }) => g.div(a.mul(Math.LN2)) });

/** The logarithm to base 10. Source: torch.log10. */
export const log10: Unary = unary({ to: "float", grad: ({ g, a }) => g.div(a.mul(Math.LN10)) });

/** log(1 + x), exact near 0. Source: torch.log1p. */
export const log1p: Unary = unary({ to: "float", node: "Log1PBackward0", grad: ({ g, a }) => g.div(a.add(1)) });

/** The square root. Source: torch.sqrt. */
export const sqrt: Unary = unary({ to: "float", grad: ({ g, y }) => g.div(y.mul(2)) });

/** 1 / sqrt(x). Source: torch.rsqrt. */
export const rsqrt: Unary = unary({ to: "float", grad: ({ g, y }) => g.mul(-0.5).mul(y.mul(y).mul(y)) });

/** 1 / x. Source: torch.reciprocal. */
export const reciprocal: Unary = unary({ to: "float", grad: ({ g, y }) => g.neg().mul(y).mul(y) });

/** x²; of bools as int64. Source: torch.square. */
export const square: Unary = unary({
  instead: ([x], target) => (x instanceof Tensor && x.dtype === bool ? op(pow).apply([x, 2], target) : null),
  formula: ({ a }) => a.mul(a),
  grad: ({ g, a }) => g.mul(a).mul(2),
  node: "PowBackward0",
});

// Trigonometry.

/** The sine of every element, in radians. Source: torch.sin. */
export const sin: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(a.cos()) });

/** The cosine of every element, in radians. Source: torch.cos. */
export const cos: Unary = unary({ to: "float", grad: ({ g, a }) => g.neg().mul(a.sin()) });

/** The tangent of every element, in radians. Source: torch.tan. */
export const tan: Unary = unary({ to: "float", grad: ({ g, y }) => g.mul(y.mul(y).add(1)) });

/** The inverse sine. Source: torch.asin. */
export const asin: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(a.mul(a).rsub(1).rsqrt()) });

/** The inverse cosine. Source: torch.acos. */
export const acos: Unary = unary({ to: "float", grad: ({ g, a }) => g.neg().mul(a.mul(a).rsub(1).rsqrt()) });

/** The inverse tangent. Source: torch.atan. */
export const atan: Unary = unary({ to: "float", grad: ({ g, a }) => g.div(a.mul(a).add(1)) });

/** The hyperbolic sine. Source: torch.sinh. */
export const sinh: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(a.cosh()) });

/** The hyperbolic cosine. Source: torch.cosh. */
export const cosh: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(a.sinh()) });

/** The hyperbolic tangent. Source: torch.tanh. */
export const tanh: Unary = unary({ to: "float", grad: ({ g, y }) => g.mul(y.mul(y).rsub(1)) });

/** The inverse hyperbolic sine. Source: torch.asinh. */
export const asinh: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(a.mul(a).add(1).rsqrt()) });

/** The inverse hyperbolic cosine. Source: torch.acosh. */
export const acosh: Unary = unary({ to: "float", grad: ({ g, a }) => g.mul(a.mul(a).sub(1).rsqrt()) });

/** The inverse hyperbolic tangent. Source: torch.atanh. */
export const atanh: Unary = unary({ to: "float", grad: ({ g, a }) => g.div(a.mul(a).rsub(1)) });

/** The same as `asin`. */
export const arcsin: Unary = asin;

/** The same as `acos`. */
export const arccos: Unary = acos;

/** The same as `atan`. */
export const arctan: Unary = atan;

/** The same as `asinh`. */
export const arcsinh: Unary = asinh;

/** The same as `acosh`. */
export const arccosh: Unary = acosh;

/** The same as `atanh`. */
export const arctanh: Unary = atanh;

/** Degrees as radians. Source: torch.deg2rad. */
export const deg2rad: Unary = unary({
  to: "float",
  node: "Deg2RadBackward0",
  formula: ({ a }) => a.mul(Math.PI / 180),
  grad: ({ g }) => g.mul(Math.PI / 180),
});

/** Radians as degrees. Source: torch.rad2deg. */
export const rad2deg: Unary = unary({
  to: "float",
  node: "Rad2DegBackward0",
  formula: ({ a }) => a.mul(180 / Math.PI),
  grad: ({ g }) => g.mul(180 / Math.PI),
});

register({ roundBehind, roundBefore });
