// Elementwise functions of torch.special that are no methods. PyTorch's errors and nodes call them `special_` with their name, and
// so do the rows; the numbers come from native/math, whose files name the approximations.

import { type Operand, operand, step } from "../../program";
import type { InnerStep } from "../../wire";
import { type Binary, binary, register, type Unary, unary } from "./define";
import { op } from "./rows";

/** A function of one number that is one native step. PyTorch has no derivatives of most of these. */
const one = (name: InnerStep | "i0"): Unary => unary({ to: "float", formula: ({ a }) => operand(step(name, [a])) });

/** The Airy function Ai. Not differentiable. Source: torch.special.airy_ai. */
export const airyAi: Unary = one("specialAiryAi");

/** The Bessel function of the first kind of order 0. Not differentiable. Source: torch.special.bessel_j0. */
export const besselJ0: Unary = one("specialBesselJ0");

/** The Bessel function of the first kind of order 1. Not differentiable. Source: torch.special.bessel_j1. */
export const besselJ1: Unary = one("specialBesselJ1");

/** The Bessel function of the second kind of order 0; NaN below 0. Not differentiable. Source: torch.special.bessel_y0. */
export const besselY0: Unary = one("specialBesselY0");

/** The Bessel function of the second kind of order 1; NaN below 0. Not differentiable. Source: torch.special.bessel_y1. */
export const besselY1: Unary = one("specialBesselY1");

/** The modified Bessel function of the first kind of order 0, as `i0` without a gradient. Not differentiable. Source: torch.special.modified_bessel_i0. */
export const modifiedBesselI0: Unary = one("i0");

/** The modified Bessel function of the first kind of order 1, as `i1` without a gradient. Not differentiable. Source: torch.special.modified_bessel_i1. */
export const modifiedBesselI1: Unary = one("specialI1");

/** The modified Bessel function of the second kind of order 0; NaN below 0. Not differentiable. Source: torch.special.modified_bessel_k0. */
export const modifiedBesselK0: Unary = one("specialModifiedBesselK0");

/** The modified Bessel function of the second kind of order 1; NaN below 0. Not differentiable. Source: torch.special.modified_bessel_k1. */
export const modifiedBesselK1: Unary = one("specialModifiedBesselK1");

/** exp(x) times the modified Bessel function of the second kind of order 0. Not differentiable. Source: torch.special.scaled_modified_bessel_k0. */
export const scaledModifiedBesselK0: Unary = one("specialScaledModifiedBesselK0");

/** exp(x) times the modified Bessel function of the second kind of order 1. Not differentiable. Source: torch.special.scaled_modified_bessel_k1. */
export const scaledModifiedBesselK1: Unary = one("specialScaledModifiedBesselK1");

// Functions with derivatives.

const ROOT_TWO_OVER_PI = Math.sqrt(2 / Math.PI);

/** x as the derivatives of Bessel functions divide by it: the smallest number that counts in the place of what is almost 0. */
const awayFromZero = (x: Operand): { away: Operand; safe: Operand } => {
  const away = x.abs().gt(Number.EPSILON);
  return { away, safe: x.where(away, Number.EPSILON) };
};

/** exp(−|x|) times `i0`, without overflow. Source: torch.special.i0e. */
export const i0e: Unary = unary({
  to: "float",
  node: "SpecialI0EBackward0",
  formula: ({ a }) => operand(step("specialI0e", [a])),
  grad: ({ g, a, y }) => g.mul(op(i1e).over(a).sub(a.sign().mul(y))),
});

/** The modified Bessel function of the first kind of order 1. Source: torch.special.i1. */
export const i1: Unary = unary({
  to: "float",
  formula: ({ a }) => operand(step("specialI1", [a])),
  grad: ({ g, a, y }) => {
    const { away, safe } = awayFromZero(a);
    const slope = safe.i0().sub(y.mul(safe.reciprocal()));
    return g.mul(slope.where(away, 0.5));
  },
});

/** exp(−|x|) times `i1`, without overflow. Source: torch.special.i1e. */
export const i1e: Unary = unary({
  to: "float",
  node: "SpecialI1EBackward0",
  formula: ({ a }) => operand(step("specialI1e", [a])),
  grad: ({ g, a, y }) => {
    const { away, safe } = awayFromZero(a);
    const slope = op(i0e)
      .over(safe)
      .sub(y.mul(safe.sign().add(safe.reciprocal())));
    return g.mul(slope.where(away, 0.5));
  },
});

/** exp(x²) · erfc(x), without underflow. Source: torch.special.erfcx. */
export const erfcx: Unary = unary({
  to: "float",
  formula: ({ a }) => operand(step("specialErfcx", [a])),
  grad: ({ g, a, y }) =>
    a
      .mul(2)
      .mul(y)
      .sub(2 / Math.sqrt(Math.PI))
      .mul(g),
});

/** −x · log(x); 0 at 0 and −∞ below. Source: torch.special.entr. */
export const entr: Unary = unary({
  to: "float",
  formula: ({ a }) => a.neg().mul(a.log()).where(a.gt(0), Number.NEGATIVE_INFINITY).where(a.ne(0), 0).where(a.eq(a), a),
  grad: ({ g, a }) => g.mul(a.log().add(1).neg()),
});

/** The logarithm of `ndtr`, exact in the tail. Source: torch.special.log_ndtr. */
export const logNdtr: Unary = unary({
  to: "float",
  formula: ({ a }) => operand(step("specialLogNdtr", [a])),
  grad: ({ g, a, y }) => g.mul(1 / Math.sqrt(2 * Math.PI)).mul(y.add(a.square().mul(0.5)).neg().exp()),
});

/** The inverse of `ndtr`; NaN outside [0, 1]. Source: torch.special.ndtri. */
export const ndtri: Unary = unary({
  to: "float",
  formula: ({ a }) => operand(step("specialNdtri", [a])),
  grad: ({ g, y }) => g.mul(y.square().mul(0.5).exp()).mul(Math.sqrt(2 * Math.PI)),
});

/** The function of the standard normal distribution. Source: torch.special.ndtr. */
export const ndtr: Unary = unary({
  to: "float",
  node: "MulBackward0",
  formula: ({ a }) => a.mul(Math.SQRT1_2).erf().add(1).mul(0.5),
  grad: ({ g, a }) =>
    g.mul(
      a
        .mul(a)
        .mul(-0.5)
        .exp()
        .mul(ROOT_TWO_OVER_PI / 2),
    ),
});

/** sin(x) / x, the spherical Bessel function of order 0; 0 at infinity. Not differentiable. Source: torch.special.spherical_bessel_j0. */
export const sphericalBesselJ0: Unary = unary({
  to: "float",
  formula: ({ a }) => {
    // sin(x) / x is exact to rounding near 0 as well.
    const quotient = a.sin().div(a).where(a.ne(0), 1);
    return quotient.where(a.abs().ne(Number.POSITIVE_INFINITY), 0);
  },
});

// Functions of two operands.

/** input · log1p(other), 0 where input is 0. Source: torch.special.xlog1py. */
export const xlog1py: Binary = binary({
  to: "float",
  node: (numbers) => `SpecialXlog1PyBackward${numbers}`,
  formula: ({ a, b }) => a.mul(b.log1p()).where(a.ne(0).logicalOr(b.ne(b)), 0),
  grad: ({ g, a, b }) => [
    op(xlog1py)
      .over(g, b)
      .where(a.ne(0).logicalOr(b.gt(-1)), 0),
    g.mul(a).div(b.add(1)),
  ],
});

/** Hurwitz's zeta function, the sum of (other + k)^−input over k ≥ 0. No gradient by `input`. Source: torch.special.zeta. */
export const zeta: Binary = binary({
  to: "float",
  node: (numbers) => `SpecialZetaBackward${numbers}`,
  missing: ["the derivative for 'zeta' is not implemented.", null],
  formula: ({ a, b }) => operand(step("specialZeta", [a, b])),
  grad: ({ g, a, b }) => [0, g.mul(a.neg()).mul(op(zeta).over(a.add(1), b))],
});

// Orthogonal polynomials.

/** A polynomial of a degree given by the second operand. */
const polynomial = (name: InnerStep, shifted = false): Binary<unknown, ["input", "n"]> =>
  binary({
    takes: "Tensor|Number input, Tensor|Number n",
    to: "float",
    formula: ({ a, b }) => operand(step(name, [shifted ? a.add(a).sub(1) : a, b])),
  });

/** Chebyshev's polynomial of the first kind, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.chebyshev_polynomial_t. */
export const chebyshevPolynomialT = polynomial("specialChebyshevPolynomialT");

/** Chebyshev's polynomial of the second kind, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.chebyshev_polynomial_u. */
export const chebyshevPolynomialU = polynomial("specialChebyshevPolynomialU");

/** Chebyshev's polynomial of the third kind, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.chebyshev_polynomial_v. */
export const chebyshevPolynomialV = polynomial("specialChebyshevPolynomialV");

/** Chebyshev's polynomial of the fourth kind, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.chebyshev_polynomial_w. */
export const chebyshevPolynomialW = polynomial("specialChebyshevPolynomialW");

/** Chebyshev's polynomial of the first kind of 2 · input − 1, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.shifted_chebyshev_polynomial_t. */
export const shiftedChebyshevPolynomialT = polynomial("specialChebyshevPolynomialT", true);

/** Chebyshev's polynomial of the second kind of 2 · input − 1, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.shifted_chebyshev_polynomial_u. */
export const shiftedChebyshevPolynomialU = polynomial("specialChebyshevPolynomialU", true);

/** Chebyshev's polynomial of the third kind of 2 · input − 1, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.shifted_chebyshev_polynomial_v. */
export const shiftedChebyshevPolynomialV = polynomial("specialChebyshevPolynomialV", true);

/** Chebyshev's polynomial of the fourth kind of 2 · input − 1, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.shifted_chebyshev_polynomial_w. */
export const shiftedChebyshevPolynomialW = polynomial("specialChebyshevPolynomialW", true);

/** The physicist's Hermite polynomial, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.hermite_polynomial_h. */
export const hermitePolynomialH = polynomial("specialHermitePolynomialH");

/** The probabilist's Hermite polynomial, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.hermite_polynomial_he. */
export const hermitePolynomialHe = polynomial("specialHermitePolynomialHe");

/** Laguerre's polynomial, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.laguerre_polynomial_l. */
export const laguerrePolynomialL = polynomial("specialLaguerrePolynomialL");

/** Legendre's polynomial, of degree `n`; 0 for a negative one. Not differentiable. Source: torch.special.legendre_polynomial_p. */
export const legendrePolynomialP = polynomial("specialLegendrePolynomialP");

const rows = {
  airyAi,
  besselJ0,
  besselJ1,
  besselY0,
  besselY1,
  modifiedBesselI0,
  modifiedBesselI1,
  modifiedBesselK0,
  modifiedBesselK1,
  scaledModifiedBesselK0,
  scaledModifiedBesselK1,
  i0e,
  i1,
  i1e,
  erfcx,
  entr,
  logNdtr,
  ndtri,
  ndtr,
  sphericalBesselJ0,
  xlog1py,
  zeta,
  chebyshevPolynomialT,
  chebyshevPolynomialU,
  chebyshevPolynomialV,
  chebyshevPolynomialW,
  shiftedChebyshevPolynomialT,
  shiftedChebyshevPolynomialU,
  shiftedChebyshevPolynomialV,
  shiftedChebyshevPolynomialW,
  hermitePolynomialH,
  hermitePolynomialHe,
  laguerrePolynomialL,
  legendrePolynomialP,
};
const named: { [name: string]: unknown } = {};
for (const [name, f] of Object.entries<unknown>(rows)) named[`special${name[0].toUpperCase()}${name.slice(1)}`] = f;
register(named);
