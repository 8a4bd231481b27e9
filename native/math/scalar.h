// Functions of single numbers that neither the C library nor Highway has, with PyTorch's meaning in the corners.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <type_traits>

namespace cresset::math {

// Python's remainder: the result has the divisor's sign.
template <typename T>
T remainder(T a, T b) {
  T rest = std::fmod(a, b);
  if (rest != 0 && (b < 0) != (rest < 0)) rest += b;
  return rest;
}

// Python's floor division; exact even where a/b rounds up to a whole number.
template <typename T>
T floorDivide(T a, T b) {
  if (b == 0) return a / b;
  const T rest = std::fmod(a, b);
  T quotient = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T{0}, a / b);
  const T floor = std::floor(quotient);
  return quotient - floor > T{0.5} ? floor + 1 : floor;
}

// Integer operations below wrap like two's complement hardware. A divisor of zero must be handled by the caller.
template <typename T>
T wrapNegate(T a) {
  return static_cast<T>(std::make_unsigned_t<T>{0} - static_cast<std::make_unsigned_t<T>>(a));
}

template <typename T>
T truncDivideInt(T a, T b) {
  return b == -1 ? wrapNegate(a) : a / b;  // the processor traps on INT_MIN / -1
}

template <typename T>
T fmodInt(T a, T b) {
  return b == -1 ? T{0} : a % b;
}

template <typename T>
T remainderInt(T a, T b) {
  const T rest = fmodInt(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

template <typename T>
T floorDivideInt(T a, T b) {
  const T quotient = truncDivideInt(a, b);
  return (a < 0) != (b < 0) && fmodInt(a, b) != 0 ? quotient - 1 : quotient;
}

// A negative exponent gives the truncated reciprocal: 0 except for the bases 1 and -1.
template <typename T>
T powInt(T base, T exponent) {
  if (exponent < 0) return base == 1 ? T{1} : base == -1 ? (exponent % 2 == 0 ? T{1} : T{-1}) : T{0};
  using U = std::make_unsigned_t<T>;
  U result = 1;
  U square = static_cast<U>(base);
  for (U left = static_cast<U>(exponent); left != 0; left >>= 1) {
    if (left & 1) result *= square;
    square *= square;
  }
  return static_cast<T>(result);
}

// Shifting by the width or more shifts everything out; a negative count counts as such.
template <typename T>
T shiftLeft(T a, T bits) {
  constexpr T kWidth = sizeof(T) * 8;
  return bits < 0 || bits >= kWidth ? T{0} : static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) << bits);
}

template <typename T>
T shiftRight(T a, T bits) {
  constexpr T kWidth = sizeof(T) * 8;
  return a >> (bits < 0 || bits >= kWidth ? kWidth - 1 : bits);
}

template <typename T>
T gcd(T a, T b) {
  using U = std::make_unsigned_t<T>;
  U x = static_cast<U>(a < 0 ? wrapNegate(a) : a);
  U y = static_cast<U>(b < 0 ? wrapNegate(b) : b);
  while (y != 0) {
    const U rest = x % y;
    x = y;
    y = rest;
  }
  return static_cast<T>(x);
}

// log|Γ(x)| without the C library's global sign. In double, because the single one loses digits between the poles.
inline double lgamma(double x) {
  if (std::isinf(x)) return std::numeric_limits<double>::infinity();
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

// The logarithmic derivative of Γ: recurrence up to 10, then the asymptotic series; reflection for negative arguments.
inline double digamma(double x) {
  if (x == 0) return std::copysign(std::numeric_limits<double>::infinity(), -x);
  double result = 0;
  if (x < 0) {
    if (x == std::trunc(x)) return std::numeric_limits<double>::quiet_NaN();
    double whole;
    result = -std::numbers::pi / std::tan(std::numbers::pi * std::modf(x, &whole));
    x = 1 - x;
  }
  while (x < 10) {
    result -= 1 / x;
    x += 1;
  }
  const double u = 1 / (x * x);
  // Bernoulli numbers: B(2k) / 2k
  const double series =
      u *
      (1.0 / 12 - u * (1.0 / 120 - u * (1.0 / 252 - u * (1.0 / 240 - u * (1.0 / 132 - u * (691.0 / 32760 - u / 12))))));
  return result + std::log(x) - 0.5 / x - series;
}

// The inverse error function: a logarithmic first guess (Winitzki), then Halley steps, which triple the digits each.
inline double erfinv(double y) {
  if (!(std::abs(y) < 1)) {
    return std::abs(y) == 1 ? std::copysign(std::numeric_limits<double>::infinity(), y)
                            : std::numeric_limits<double>::quiet_NaN();
  }
  if (y == 0) return y;
  const double a = std::abs(y);
  const double logTerm = std::log1p(-a * a);
  const double first = 2 / (std::numbers::pi * 0.147) + logTerm / 2;
  double x = std::sqrt(std::sqrt(first * first - logTerm / 0.147) - first);
  for (int step = 0; step < 3; ++step) {
    // Near 1 the complement keeps the digits that erf(x) - y would cancel.
    const double error = a > 0.5 ? (1 - a) - std::erfc(x) : std::erf(x) - a;
    const double newton = error / (2 / std::sqrt(std::numbers::pi) * std::exp(-x * x));
    x -= newton / (1 + x * newton);
  }
  return std::copysign(x, y);
}

}  // namespace cresset::math
