// Elementwise functions that are composed of others, or have several results.

import { overloaded, signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { record, relabel } from "../../autograd/record";
import { CressetError, DTypeError } from "../../errors";
import { operand, step } from "../../program";
import { bool, float64, getDefaultDtype, int32 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { type Named, named } from "../shared/named";
import { intoOut, intoOuts } from "../shared/out";
import { pow } from "./arithmetic";
import { register, type TensorOrScalar, type Unary, unary } from "./define";
import { op } from "./rows";

/** A tensor in float64, or a number. */
const double = (x: TensorOrScalar): TensorOrScalar => (x instanceof Tensor ? x.to(float64) : x);

/** Throws DTypeError for a tensor that is not float64. */
function requireDouble(what: string, call: string, x: Tensor): void {
  if (x.dtype === float64) return;
  throw new DTypeError(
    `the ${what} given to ${call} has dtype ${x.dtype.scalarName} but the operation's result requires dtype Double`,
  );
}

/** `input` to the power of `exponent`, in float64; one of both is a tensor. */
interface FloatPower {
  (input: TensorOrScalar, exponent: TensorOrScalar, options?: { out?: Tensor | null }): Tensor;
  (input: Tensor, options: { exponent: TensorOrScalar; out?: Tensor | null }): Tensor;
  (options: { input: Tensor; exponent: TensorOrScalar; out?: Tensor | null }): Tensor;
}

const floatPowerOf = (input: TensorOrScalar, exponent: TensorOrScalar, out: Tensor | null = null): Tensor => {
  if (out !== null) requireDouble("output", "float_power", out);
  return op(pow).apply([double(input), double(exponent), ...(out === null ? [] : [{ out }])], null);
};

/** `input` to the power of `exponent`, computed in float64. Options: `out`, of float64. Source: torch.float_power. */
export const floatPower = overloaded<FloatPower>(
  ["floatPower(Tensor input, Tensor|Number exponent, *, Tensor? out=None)", floatPowerOf],
  ["floatPower(Number self, Tensor exponent, *, Tensor? out=None)", floatPowerOf],
);

/** `floatPower` in place. Throws DTypeError for a tensor that is not float64. Source: Tensor.float_power_. */
export const floatPower_ = signed(
  "floatPower_(Tensor input, Tensor|Number exponent)",
  (input: Tensor, exponent: TensorOrScalar): Tensor => {
    requireDouble("base", "float_power_", input);
    return op(pow).apply([input, double(exponent)], input);
  },
);

/** 2 to the power of `other`; of whole numbers in the default float. */
const powerOfTwo = (other: Tensor): Tensor => pow(2, other.dtype.isFloatingPoint ? other : other.to(getDefaultDtype()));

/** input · 2^other. Options: `out`. Source: torch.ldexp. */
export const ldexp = signed(
  "ldexp(Tensor input, Tensor other, *, Tensor? out=None)",
  (input: Tensor, other: Tensor, out: Tensor | null = null): Tensor =>
    out === null ? input.mul(powerOfTwo(other)) : input.mul(powerOfTwo(other), { out }),
);

/** `ldexp` in place. Source: Tensor.ldexp_. */
export const ldexp_ = signed(
  "ldexp_(Tensor input, Tensor other)",
  (input: Tensor, other: Tensor): Tensor => input.mul_(powerOfTwo(other)),
);

/**
 * The logarithm of the multivariate gamma function of dimension `p`, elementwise. Options: `out`. Throws CressetError for p below 1.
 * Source: torch.mvlgamma.
 */
export const mvlgamma = signed("mvlgamma(Tensor input, int p, *, Tensor? out=None)", mvlgammaOf);

function mvlgammaOf(input: Tensor, p: number, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("mvlgamma", [input], out, mvlgamma(input, p));
  if (input.dtype === bool) throw new DTypeError("The input tensor may not be a boolean tensor.");
  if (p < 1) throw new CressetError("p has to be greater than or equal to 1");
  const x = input.dtype.isFloatingPoint ? input : input.to(getDefaultDtype());
  const whole = Array.from({ length: p }, (_, k) => x.sub(k / 2).lgamma());
  const sum = whole.reduce((left, right) => left.add(right));
  return relabel(sum.add(((p * (p - 1)) / 4) * Math.log(Math.PI)), "MvlgammaBackward0", whole[0]);
}

const mantissa: Unary = unary({ formula: ({ a }) => operand(step("mantissa", [a])) });
const exponent: Unary = unary({ formula: ({ a }) => operand(step("exponent", [a])) });

const frexpBackward: Backward = ([g], [power]) => [g?.div(power.to(g.dtype).exp2()) ?? null];

/**
 * Every element as mantissa · 2^exponent: the mantissa in [0.5, 1) by magnitude, the exponent an int32. Options: `out`, a list of two.
 * Throws DTypeError for whole numbers. Source: torch.frexp.
 */
export const frexp = signed("frexp(Tensor input, *, Tensor[]? out=None)", frexpOf);

function frexpOf(input: Tensor, out: readonly Tensor[] | null = null): Named<["mantissa", "exponent"]> {
  if (!input.dtype.isFloatingPoint) throw new DTypeError("torch.frexp() only supports floating-point dtypes");
  if (out !== null && out[1]?.dtype !== int32) {
    throw new DTypeError(
      `torch.frexp() expects exponent to have int dtype but got ${out[1]?.dtype.name.replace(/32$/, "").replace("float64", "double") ?? "nothing"}`,
    );
  }
  const parts = [mantissa(input), exponent(input).to(int32)];
  const found = out === null ? parts : intoOuts("frexp", [input], out, parts);
  if (out === null) record("FrexpBackward0", [input], [found[0]], frexpBackward, [found[1]]);
  return named("frexp", ["mantissa", "exponent"], [found[0], found[1]]);
}

register({ mantissa, exponent });
