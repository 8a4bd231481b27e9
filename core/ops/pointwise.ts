// The table of elementwise functions. A row with a native step of its own name needs no formula; the others are composed and
// run as one program. Each row is the function, the method, the in-place method and the derivative.

import { relabel } from "../autograd/record";
import { CressetError, DTypeError } from "../errors";
import { bool, Category, type DType } from "../tensor/dtype";
import { Tensor } from "../tensor/tensor";
import { isOptions } from "./arguments";
import {
  type Binary,
  binary,
  type Declaration,
  type OutOption,
  opOf,
  register,
  type Ternary,
  type TensorOrScalar,
  ternary,
  type Unary,
  unary,
} from "./define";

function alphaOf(args: readonly unknown[]): number | null {
  const last = args[args.length - 1];
  return isOptions(last) && typeof last.alpha === "number" ? last.alpha : null;
}

/** `alpha` scales the second operand first. */
const scaled =
  (base: () => Binary): NonNullable<Declaration["variant"]> =>
  (args, target) => {
    const alpha = alphaOf(args);
    if (alpha === null) return null;
    const { alpha: _, ...rest } = args[args.length - 1] as { alpha: number };
    const other = alpha === 1 ? args[1] : mul(args[1] as TensorOrScalar, alpha);
    return op(base()).apply([args[0], other, rest], target);
  };

function op(f: unknown) {
  const found = opOf(f);
  if (found === null) throw new TypeError("not an elementwise function");
  return found;
}

const notBool =
  (message: string, both = false) =>
  (operands: readonly TensorOrScalar[]): void => {
    const bools = operands.filter((x) => x instanceof Tensor && x.dtype === bool).length;
    if (bools === operands.length && (!both || operands.length > 1)) throw new DTypeError(message);
  };

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
export const abs: Unary = unary({ grad: ({ g, a }) => g.mul(a.sign()) });
/** The same as `abs`. Source: torch.absolute. */
export const absolute: Unary = abs;
/** −1, 0 or 1 by the sign of every element. Source: torch.sign. */
export const sign: Unary = unary({ grad: ({ g }) => g.mul(0) });
/** The same as `sign` for real numbers. Source: torch.sgn. */
export const sgn: Unary = unary({ formula: ({ a }) => a.sign(), grad: ({ g }) => g.mul(0) });
/** The largest whole number not above every element. Source: torch.floor. */
export const floor: Unary = unary({ identityOnInts: true, grad: ({ g }) => g.mul(0) });
/** The smallest whole number not below every element. Source: torch.ceil. */
export const ceil: Unary = unary({ identityOnInts: true, grad: ({ g }) => g.mul(0) });
/** The whole part of every element. Source: torch.trunc. */
export const trunc: Unary = unary({ identityOnInts: true, grad: ({ g }) => g.mul(0) });
/** The same as `trunc`. Source: torch.fix. */
export const fix: Unary = trunc;
/** The nearest whole number, ties to even; with `decimals`, that many decimals are kept. Source: torch.round. */
export const round: Unary<[decimals?: number | { decimals?: number }]> = unary({
  keywords: ["decimals"],
  identityOnInts: true,
  grad: ({ g }) => g.mul(0),
  variant: (args, target) => {
    const given = args[1];
    const decimals = isOptions(given) ? given.decimals : given;
    if (typeof decimals !== "number" || decimals === 0) return null;
    const scale = 10 ** Math.abs(decimals);
    const x = args[0] as Tensor;
    const rounded = decimals > 0 ? x.mul(scale).round().div(scale) : x.div(scale).round().mul(scale);
    return target === null ? rounded : target.copy_(rounded);
  },
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
/** x². Source: torch.square. */
export const square: Unary = unary({
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
  formula: ({ a }) => a.mul(Math.PI / 180),
  grad: ({ g }) => g.mul(Math.PI / 180),
});
/** Radians as degrees. Source: torch.rad2deg. */
export const rad2deg: Unary = unary({
  to: "float",
  formula: ({ a }) => a.mul(180 / Math.PI),
  grad: ({ g }) => g.mul(180 / Math.PI),
});

// Special functions.

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** The logistic function 1 / (1 + exp(−x)). Source: torch.sigmoid. */
export const sigmoid: Unary = unary({ to: "float", grad: ({ g, y }) => g.mul(y.mul(y.rsub(1))) });
/** max(x, 0), keeping NaN. Source: torch.relu. */
export const relu: Unary = unary({
  grad: ({ g, y }) => g.where(y.gt(0), 0),
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
  grad: ({ g, y }) =>
    g.mul(
      y
        .mul(y)
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
/** log(x / (1 − x)); with `eps`, x is clamped to [eps, 1 − eps] first. Source: torch.logit. */
export const logit: Unary<[eps?: number]> = unary({
  to: "float",
  formula: ({ a }) => a.div(a.rsub(1)).log(),
  grad: ({ g, a }) => g.div(a.mul(a.rsub(1))),
  variant: (args, target) => {
    const eps = isOptions(args[1]) ? args[1].eps : args[1];
    if (typeof eps !== "number") return null;
    const result = clamp(args[0] as Tensor, eps, 1 - eps).logit();
    return target === null ? result : target.copy_(result);
  },
});

// Predicates.

/** Whether every element is NaN. Source: torch.isnan. */
export const isnan: Unary = unary({ to: "bool", formula: ({ a }) => a.ne(a) });
/** Whether every element is infinite. Source: torch.isinf. */
export const isinf: Unary = unary({
  to: "bool",
  formula: ({ a }) => a.abs().eq(Number.POSITIVE_INFINITY),
  instead: neverOnInts(false),
});
/** Whether every element is a finite number. Source: torch.isfinite. */
export const isfinite: Unary = unary({
  to: "bool",
  formula: ({ a }) => a.sub(a).eq(0),
});
/** Whether every element is −∞. Source: torch.isneginf. */
export const isneginf: Unary = unary({
  to: "bool",
  formula: ({ a }) => a.eq(Number.NEGATIVE_INFINITY),
  instead: neverOnInts(false),
});
/** Whether every element is +∞. Source: torch.isposinf. */
export const isposinf: Unary = unary({
  to: "bool",
  formula: ({ a }) => a.eq(Number.POSITIVE_INFINITY),
  instead: neverOnInts(false),
});
/** Whether the sign bit of every element is set. Source: torch.signbit. */
export const signbit: Unary = unary({ to: "bool" });
/** Whether every element is 0 (or false). Source: torch.logical_not. */
export const logicalNot: Unary = unary({ to: "bool" });
/** Every bit reversed; `not` for bool. Source: torch.bitwise_not. */
export const bitwiseNot: Unary = unary({
  only: "int",
  instead: (args) => (args[0] instanceof Tensor && args[0].dtype === bool ? args[0].logicalNot() : null),
});

function neverOnInts(answer: boolean): NonNullable<Declaration["variant"]> {
  return (args) => {
    const x = args[0];
    return x instanceof Tensor && !x.dtype.isFloatingPoint ? x.ne(x).logicalOr(answer) : null;
  };
}

// Arithmetic.

/** input + alpha · other. Options: `alpha` (1), `out`. Source: torch.add. */
export const add: Binary<[options?: { alpha?: number; out?: Tensor }]> = binary({
  grad: ({ g }) => [g, g],
  variant: scaled(() => add),
});
/** input − alpha · other. Throws DTypeError for two bools. Source: torch.sub. */
export const sub: Binary<[options?: { alpha?: number; out?: Tensor }]> = binary({
  grad: ({ g }) => [g, g.neg()],
  variant: scaled(() => sub),
  check: notBool(
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    true,
  ),
});
/** The same as `sub`. */
export const subtract: Binary<[options?: { alpha?: number; out?: Tensor }]> = sub;
/** other − alpha · input. Source: torch.rsub. */
export const rsub: Binary<[options?: { alpha?: number; out?: Tensor }]> = binary({
  formula: ({ a, b }) => b.sub(a),
  grad: ({ g }) => [g.neg(), g],
  variant: (args, target) => {
    const alpha = alphaOf(args);
    if (alpha === null) return null;
    return op(rsub).apply([mul(args[0] as TensorOrScalar, alpha), args[1]], target);
  },
});
/** input · other. Source: torch.mul. */
export const mul: Binary = binary({ grad: ({ g, a, b }) => [g.mul(b), g.mul(a)] });
/** The same as `mul`. */
export const multiply: Binary = mul;

const byRounding: NonNullable<Declaration["variant"]> = (args, target) => {
  const options = args[2] ?? null;
  const mode = isOptions(options) ? options.roundingMode : options;
  if (mode === null || mode === undefined) return null;
  if (mode === "floor") return op(floorDivide).apply(args.slice(0, 2), target);
  if (mode === "trunc") return op(truncDivide).apply(args.slice(0, 2), target);
  throw new CressetError(
    `div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${String(mode)}'`,
  );
};

/** input / other, as floats; `roundingMode` "floor" or "trunc" keeps whole numbers. Source: torch.div. */
export const div: Binary<[options?: { roundingMode?: "floor" | "trunc" | null; out?: Tensor }]> = binary({
  to: "float",
  grad: ({ g, a, b }) => [g.div(b), g.neg().mul(a.div(b).div(b))],
  keywords: ["roundingMode"],
  variant: byRounding,
});
/** The same as `div`. */
export const divide: Binary<[options?: { roundingMode?: "floor" | "trunc" | null; out?: Tensor }]> = div;
/** input / other, as floats. Source: torch.true_divide. */
export const trueDivide: Binary = div;
/** The quotient rounded towards −∞. Throws for whole numbers divided by 0. Source: torch.floor_divide. */
export const floorDivide: Binary = binary({ grad: ({ g }) => [g.mul(0), g.mul(0)] });
/** The quotient rounded towards 0: `div` with roundingMode "trunc". */
export const truncDivide: Binary = binary({
  formula: ({ a, b }) => a.sub(a.fmod(b)).div(b),
  grad: ({ g }) => [g.mul(0), g.mul(0)],
});
/** The remainder with the sign of the divisor, as Python's %. Source: torch.remainder. */
export const remainder: Binary = binary({ grad: ({ g, a, b }) => [g, g.neg().mul(a.floorDivide(b))] });
/** The remainder with the sign of the dividend, as C's fmod. Source: torch.fmod. */
export const fmod: Binary = binary({ grad: ({ g, a, b }) => [g, g.neg().mul(a.div(b).trunc())] });
/** input to the power of other. Throws for whole numbers to negative whole powers. Source: torch.pow. */
export const pow: Binary = binary({
  grad: ({ g, a, b, y }) => [
    g
      .mul(b)
      .mul(a.pow(b.sub(1)))
      .where(b.ne(0), 0),
    g.mul(y.mul(a.log())).where(a.ne(0).logicalOr(b.lt(0)), 0),
  ],
  check: (operands, dtype) => {
    const exponent = operands[1];
    if (typeof exponent === "number" && exponent < 0 && dtype.category !== Category.Float) {
      throw new CressetError("Integers to negative integer powers are not allowed.");
    }
  },
});
/** The larger of two, NaN if either is. Source: torch.maximum. */
export const maximum: Binary = binary({
  grad: ({ g, a, b }) => {
    const half = g.mul(0.5);
    const ties = a.eq(b);
    return [half.where(ties, g.where(a.gt(b), 0)), half.where(ties, g.where(a.lt(b), 0))];
  },
});
/** The smaller of two, NaN if either is. Source: torch.minimum. */
export const minimum: Binary = binary({
  grad: ({ g, a, b }) => {
    const half = g.mul(0.5);
    const ties = a.eq(b);
    return [half.where(ties, g.where(a.lt(b), 0)), half.where(ties, g.where(a.gt(b), 0))];
  },
});
/** The larger of two, ignoring NaN. Source: torch.fmax. */
export const fmax: Binary = binary({
  grad: ({ g, a, b }) => {
    const first = a.ge(b).logicalOr(b.ne(b));
    return [g.where(first, 0), g.where(first.logicalNot(), 0)];
  },
  instead: onInts(() => maximum),
});
/** The smaller of two, ignoring NaN. Source: torch.fmin. */
export const fmin: Binary = binary({
  grad: ({ g, a, b }) => {
    const first = a.le(b).logicalOr(b.ne(b));
    return [g.where(first, 0), g.where(first.logicalNot(), 0)];
  },
  instead: onInts(() => minimum),
});

function onInts(other: () => Binary): NonNullable<Declaration["variant"]> {
  return (args, target) => {
    const whole = args
      .slice(0, 2)
      .every((x) => (x instanceof Tensor ? !x.dtype.isFloatingPoint : Number.isInteger(Number(x))));
    return whole ? op(other()).apply(args, target) : null;
  };
}

/** The angle of (other, input) in radians, in (−π, π]. Source: torch.atan2. */
export const atan2: Binary = binary({
  to: "float",
  grad: ({ g, a, b }) => {
    const square = a.mul(a).add(b.mul(b));
    return [g.mul(b).div(square), g.neg().mul(a).div(square)];
  },
});
/** The same as `atan2`. */
export const arctan2: Binary = atan2;
/** sqrt(input² + other²) without overflow. Source: torch.hypot. */
export const hypot: Binary = binary({ to: "float", grad: ({ g, a, b, y }) => [g.mul(a.div(y)), g.mul(b.div(y))] });
/** The magnitude of input with the sign of other. Source: torch.copysign. */
export const copysign: Binary = binary({
  to: "float",
  grad: ({ g, a, y }) => [g.mul(y.div(a)).where(a.ne(0), 0), g.mul(0)],
});
/** The next float after input towards other. Source: torch.nextafter. */
export const nextafter: Binary = binary({ only: "float" });
/** log(exp(input) + exp(other)). Source: torch.logaddexp. */
export const logaddexp: Binary = binary({
  only: "float",
  formula: ({ a, b }) =>
    a
      .maximum(b)
      .add(a.sub(b).abs().neg().exp().log1p())
      .where(a.ne(b).logicalOr(a.sub(a).eq(0)), a.maximum(b)),
  grad: ({ g, a, b, y }) => [g.mul(a.sub(y).exp()), g.mul(b.sub(y).exp())],
});
/** log2(2^input + 2^other). Source: torch.logaddexp2. */
export const logaddexp2: Binary = binary({
  only: "float",
  formula: ({ a, b }) => a.maximum(b).add(a.sub(b).abs().neg().exp2().log1p().mul(Math.LOG2E)),
  grad: ({ g, a, b, y }) => [g.mul(a.sub(y).exp2()), g.mul(b.sub(y).exp2())],
});
/** input · log(other), 0 where input is 0. Source: torch.xlogy. */
export const xlogy: Binary = binary({
  to: "float",
  formula: ({ a, b }) => a.mul(b.log()).where(a.ne(0).logicalOr(b.ne(b)), 0),
  grad: ({ g, a, b }) => [g.mul(b.log()).where(a.ne(0).logicalOr(b.gt(0)), 0), g.mul(a).div(b)],
});

// Bits.

/** Bitwise and; `and` for bools. Source: torch.bitwise_and. */
export const bitwiseAnd: Binary = binary({ only: "int" });
/** Bitwise or; `or` for bools. Source: torch.bitwise_or. */
export const bitwiseOr: Binary = binary({ only: "int" });
/** Bitwise exclusive or. Source: torch.bitwise_xor. */
export const bitwiseXor: Binary = binary({ only: "int" });
/** input · 2^other. Source: torch.bitwise_left_shift. */
export const bitwiseLeftShift: Binary = binary({ only: "int" });
/** input / 2^other, rounded down. Source: torch.bitwise_right_shift. */
export const bitwiseRightShift: Binary = binary({ only: "int" });
/** The greatest common divisor. Source: torch.gcd. */
export const gcd: Binary = binary({ only: "int" });
/** The least common multiple. Source: torch.lcm. */
export const lcm: Binary = binary({
  only: "int",
  formula: ({ a, b }) => a.floorDivide(a.gcd(b).maximum(1)).mul(b).abs(),
});

// Comparison and logic.

/** input = other. Source: torch.eq. */
export const eq: Binary = binary({ to: "bool" });
/** input ≠ other. Source: torch.ne. */
export const ne: Binary = binary({ to: "bool" });
/** input < other. Source: torch.lt. */
export const lt: Binary = binary({ to: "bool" });
/** input ≤ other. Source: torch.le. */
export const le: Binary = binary({ to: "bool" });
/** input > other. Source: torch.gt. */
export const gt: Binary = binary({ to: "bool" });
/** input ≥ other. Source: torch.ge. */
export const ge: Binary = binary({ to: "bool" });
/** The same as `ne`. */
export const notEqual: Binary = ne;
/** The same as `lt`. */
export const less: Binary = lt;
/** The same as `le`. */
export const lessEqual: Binary = le;
/** The same as `gt`. */
export const greater: Binary = gt;
/** The same as `ge`. */
export const greaterEqual: Binary = ge;
/** Both nonzero. Source: torch.logical_and. */
export const logicalAnd: Binary = binary({ to: "bool" });
/** Either nonzero. Source: torch.logical_or. */
export const logicalOr: Binary = binary({ to: "bool" });
/** Exactly one nonzero. Source: torch.logical_xor. */
export const logicalXor: Binary = binary({ to: "bool" });

// Three operands.

const choose: Ternary = ternary({
  condition: true,
  grad: ({ g, a }) => [null, g.where(a, 0), g.where(a.logicalNot(), 0)],
});

interface Where {
  readonly op: Ternary["op"];
  (condition: Tensor): Tensor[];
  (condition: Tensor, input: TensorOrScalar, other: TensorOrScalar, options?: OutOption): Tensor;
}

/**
 * `input` where the condition holds, `other` elsewhere; as a method `input.where(condition, other)`. With the condition alone,
 * the positions where it holds, one tensor per dimension. Source: torch.where.
 */
export const where: Where = Object.assign(selected, { op: choose.op });

function selected(condition: Tensor): Tensor[];
function selected(condition: Tensor, input: TensorOrScalar, other: TensorOrScalar, options?: OutOption): Tensor;
function selected(...args: [Tensor] | [Tensor, TensorOrScalar, TensorOrScalar, OutOption?]): Tensor | Tensor[] {
  return args.length === 1 ? args[0].nonzero({ asTuple: true }) : choose(...args);
}
/** input + value · tensor1 · tensor2. Source: torch.addcmul. */
export const addcmul: Ternary<[options?: { value?: number }]> = ternary({
  parameters: { value: 1 },
  formula: ({ a, b, c, value }) => a.add(b.mul(c).mul(value)),
  grad: ({ g, b, c, value }) => [g, g.mul(c).mul(value), g.mul(b).mul(value)],
});
/** input + value · tensor1 / tensor2. Source: torch.addcdiv. */
export const addcdiv: Ternary<[options?: { value?: number }]> = ternary({
  parameters: { value: 1 },
  formula: ({ a, b, c, value }) => a.add(b.div(c).mul(value)),
  grad: ({ g, b, c, value }) => [g, g.mul(value).div(c), g.neg().mul(value).mul(b).div(c.mul(c))],
  check: (_, dtype: DType) => {
    if (dtype.category !== Category.Float) {
      throw new DTypeError(
        "Integer division with addcdiv is no longer supported, and in a future release addcdiv will perform a true division of tensor1 and tensor2.",
      );
    }
  },
});
/** start + weight · (end − start). Source: torch.lerp. */
export const lerp: Ternary = ternary({
  only: "float",
  formula: ({ a, b, c }) => {
    const step = b.sub(a);
    return a.add(c.mul(step)).where(c.abs().lt(0.5), b.sub(step.mul(c.rsub(1))));
  },
  grad: ({ g, a, b, c }) => [g.mul(c.rsub(1)), g.mul(c), g.mul(b.sub(a))],
});

const within: Ternary = ternary({
  node: "ClampBackward1",
  formula: ({ a, b, c }) => a.maximum(b).minimum(c),
  grad: ({ g, a, b, c }) => [
    g.where(a.ge(b).logicalAnd(a.le(c)), 0),
    g.where(a.lt(b).logicalAnd(b.lt(c)), 0),
    g.where(a.gt(c).logicalOr(b.ge(c)), 0),
  ],
});
/** The larger of input and a bound. Source: torch.clamp_min. */
export const clampMin: Binary = binary({
  formula: ({ a, b }) => a.maximum(b),
  grad: ({ g, a, b }) => [g.where(a.ge(b), 0), g.where(a.lt(b), 0)],
});
/** The smaller of input and a bound. Source: torch.clamp_max. */
export const clampMax: Binary = binary({
  formula: ({ a, b }) => a.minimum(b),
  grad: ({ g, a, b }) => [g.where(a.le(b), 0), g.where(a.gt(b), 0)],
});

/** The bounds of `clamp`. */
export interface ClampOptions {
  min?: TensorOrScalar | null;
  max?: TensorOrScalar | null;
  out?: Tensor;
}

/** Bounds every element; either bound may be null. Throws CressetError without any bound. Source: torch.clamp. */
export const clamp: Unary<[min?: TensorOrScalar | null | ClampOptions, max?: TensorOrScalar | null | ClampOptions]> =
  unary({
    formula: ({ a }) => a,
    instead: (args, target) => {
      const bounds: unknown[] = args.slice(1, 3).map((value) => (isOptions(value) ? null : value));
      for (const value of args.slice(1)) {
        if (!isOptions(value)) continue;
        if (value.min !== undefined) bounds[0] = value.min;
        if (value.max !== undefined) bounds[1] = value.max;
      }
      const min = bounds[0] ?? null;
      const max = bounds[1] ?? null;
      if (min === null && max === null)
        throw new CressetError("torch.clamp: At least one of 'min' or 'max' must not be None");
      if (max === null) return relabel(op(clampMin).apply([args[0], min], target), "ClampBackward1");
      if (min === null) return relabel(op(clampMax).apply([args[0], max], target), "ClampBackward1");
      return op(within).apply([args[0], min, max], target);
    },
  });
/** The same as `clamp`. */
export const clip: Unary<[min?: TensorOrScalar | null | ClampOptions, max?: TensorOrScalar | null | ClampOptions]> =
  clamp;

/** Values that replace NaN and infinities. */
export interface NanToNumOptions {
  nan?: number;
  posinf?: number | null;
  neginf?: number | null;
}

const LARGEST: { [name: string]: number } = {
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
};

const replaceNonFinite: Unary<[nan?: number, posinf?: number, neginf?: number]> = unary({
  parameters: { nan: 0, posinf: 0, neginf: 0 },
  node: "NanToNumBackward0",
  formula: ({ a, nan, posinf, neginf }) =>
    posinf.where(a.eq(Number.POSITIVE_INFINITY), neginf.where(a.eq(Number.NEGATIVE_INFINITY), nan.where(a.ne(a), a))),
  grad: ({ g, a }) => g.where(a.sub(a).eq(0), 0),
});

/** Replaces NaN (by 0) and infinities (by the largest and smallest number of the dtype). Source: torch.nan_to_num. */
export const nanToNum: Unary<[nan?: number | NanToNumOptions, posinf?: number | null, neginf?: number | null]> = unary({
  formula: ({ a }) => a,
  instead: (args, target) => nonFinite(args, target),
});

function nonFinite(args: readonly unknown[], target: Tensor | null): Tensor {
  const x = args[0] as Tensor;
  const last = args[args.length - 1];
  const options: NanToNumOptions = isOptions(last) ? last : {};
  const value = (k: number, name: keyof NanToNumOptions) =>
    isOptions(args[k]) ? options[name] : (args[k] ?? options[name]);
  const largest = LARGEST[x.dtype.name];
  if (largest === undefined) return target ?? x.clone();
  const nan = value(1, "nan") ?? 0;
  const posinf = value(2, "posinf") ?? largest;
  const neginf = value(3, "neginf") ?? -largest;
  return op(replaceNonFinite).apply([x, nan, posinf, neginf], target);
}

register({ within, replaceNonFinite, trigamma });
