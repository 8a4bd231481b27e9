// Decimal text of a float64 as C's printf writes it: %f and %e round half to even on the exact binary value, for any number of
// digits. JavaScript's toFixed and toExponential are exact too, but round exact ties away from zero and stop at 1e21 and at 100
// digits; they serve as the fast path wherever those three differences cannot occur.

const NATIVE_DIGITS = 100;
const NATIVE_FIXED_LIMIT = 1e21;

const bits = new DataView(new ArrayBuffer(8));

/** A finite magnitude as mantissa · 2^exponent, exactly. */
function decompose(x: number): { mantissa: bigint; exponent: number } {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** round(|x| · 10^power), half to even. */
function scaledInteger(x: number, power: number): bigint {
  const { mantissa, exponent } = decompose(x);
  let numerator = mantissa;
  let denominator = 1n;
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator *= 10n ** BigInt(-power);
  if (exponent >= 0) numerator <<= BigInt(exponent);
  else denominator <<= BigInt(-exponent);
  const quotient = numerator / denominator;
  const twice = (numerator - quotient * denominator) * 2n;
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

function signOf(x: number): string {
  return x < 0 || Object.is(x, -0) ? "-" : "";
}

function nonFinite(x: number): string {
  return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

/** Inserts the point `digits` places from the right. */
function withPoint(integer: string, digits: number): string {
  if (digits === 0) return integer;
  const padded = integer.padStart(digits + 1, "0");
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

/** `%.{digits}f`: `fixedText(0.125, 2)` is `0.12`. NaN and infinities are `nan`, `inf`, `-inf`. */
export function fixedText(x: number, digits: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const sign = signOf(x);
  const magnitude = Math.abs(x);
  // x · 10^d is halfway between integers exactly when x · 2^(d+1) is an odd integer: 5^d is odd. Scaling by 2^k is exact.
  const tie = (magnitude * 2 ** (digits + 1)) % 2 === 1;
  if (!tie && digits <= NATIVE_DIGITS && magnitude < NATIVE_FIXED_LIMIT) return sign + magnitude.toFixed(digits);
  return sign + withPoint(scaledInteger(magnitude, digits).toString(), digits);
}

/** Exponents have a sign and at least two digits in C. */
function exponentText(exponent: number): string {
  return `e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** floor(log10(x)). 20 digits cannot carry: a double below a power of ten is at least 1e-17 of it away. */
function decimalExponent(x: number): number {
  const text = x.toExponential(20);
  return Number(text.slice(text.indexOf("e") + 1));
}

/** `%.{digits}e`: `exponentialText(2.5e-5, 0)` is `2e-05`. NaN and infinities as in fixedText. */
export function exponentialText(x: number, digits: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const sign = signOf(x);
  const magnitude = Math.abs(x);
  if (magnitude !== 0 && digits <= NATIVE_DIGITS) {
    const native = magnitude.toExponential(digits);
    const at = native.indexOf("e");
    const exponent = Number(native.slice(at + 1));
    if (!exponentialTie(magnitude, digits, exponent)) return sign + native.slice(0, at) + exponentText(exponent);
  }
  let exponent = magnitude === 0 ? 0 : decimalExponent(magnitude);
  let integer = scaledInteger(magnitude, digits - exponent).toString();
  if (integer.length > digits + 1) {
    integer = integer.slice(0, -1);
    exponent += 1;
  }
  return sign + withPoint(integer.padStart(digits + 1, "0"), digits) + exponentText(exponent);
}

/**
 * Whether toExponential may have met an exact tie. Integers with more digits than asked are always sent to the exact path. For the
 * others the test of fixedText applies with `digits - exponent` decimals. When rounding carried to a power of ten, `exponent` is
 * one too large, but then both rules choose that power: 10^n is even.
 */
function exponentialTie(magnitude: number, digits: number, exponent: number): boolean {
  if (Number.isInteger(magnitude)) return exponent > digits;
  return (magnitude * 2 ** (digits - exponent + 1)) % 2 === 1;
}
