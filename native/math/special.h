// Special functions in double precision, and orthogonal polynomials, with PyTorch's meaning in the corners.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "math/scalar.h"

namespace cresset::math {

// Bessel functions of orders 0 and 1; `e` and `scaled` without their exponential growth or decay.
double besselJ0(double x);
double besselJ1(double x);
double besselY0(double x);
double besselY1(double x);
double besselI0(double x);
double besselI1(double x);
double besselI0e(double x);
double besselI1e(double x);
double besselK0(double x);
double besselK1(double x);
double scaledBesselK0(double x);
double scaledBesselK1(double x);

// Airy's function Ai.
double airyAi(double x);

// exp(x²) erfc(x).
double erfcx(double x);

// The logarithm of the normal distribution's function, and the inverse of that function.
double logNdtr(double x);
double ndtri(double p);

// Hurwitz's zeta function, the sum of (q + k)^-x over k = 0, 1, …
double zeta(double x, double q);

// The regularized incomplete gamma functions, lower and upper.
double igamma(double a, double x);
double igammac(double a, double x);

// The derivative of digamma: recurrence, then the asymptotic series; reflection below one half, in T so that poles are
// as PyTorch's.
template <typename T>
T trigamma(T x) {
  const bool reflected = x < T{0.5};
  const double at = reflected ? 1 - static_cast<double>(x) : static_cast<double>(x);
  double sum = 0;
  double y = at;
  for (; y < 8; ++y) sum += 1 / (y * y);
  const double u = 1 / (y * y);
  sum += (1 + 0.5 / y + u * (1.0 / 6 - u * (1.0 / 30 - u * (1.0 / 42 - u * (1.0 / 30 - u * 5 / 66))))) / y;
  if (!reflected) return static_cast<T>(sum);
  const T sine = std::sin(std::numbers::pi_v<T> * x);
  return std::numbers::pi_v<T> * std::numbers::pi_v<T> / (sine * sine) - static_cast<T>(sum);
}

// The n-th derivative of digamma.
template <typename T>
T polygamma(T x, T n) {
  if (n == 0) return static_cast<T>(digamma(x));
  if (n == 1) return trigamma(x);
  const double order = n;
  const double size = std::exp(lgamma(order + 1)) * zeta(order + 1, x);
  return static_cast<T>(std::fmod(order, 2) == 0 ? -size : size);
}

// The parts of x = mantissa 2^exponent, with the magnitude of the mantissa in [0.5, 1).
template <typename T>
T mantissa(T x) {
  int power = 0;
  return std::frexp(x, &power);
}

template <typename T>
T exponent(T x) {
  int power = 0;
  std::frexp(x, &power);
  return std::isfinite(x) ? static_cast<T>(power) : T{0};
}

// Polynomials by their recurrences over degrees: `first` and `second` are those of degrees 0 and 1, and `next(k, q, p)`
// follows q of degree k and p of degree k - 1. Of negative degree they are 0. PyTorch's values at ±1 and, for high
// degrees of Chebyshev's, by cosines.
template <typename T>
int64_t degreeOf(T n) {
  return std::abs(n) < T{4e18} ? static_cast<int64_t>(n) : -1;
}

template <typename T, typename Next>
T recurrence(int64_t n, T first, T second, Next next) {
  if (n < 0) return T{0};
  if (n == 0) return first;
  T before = first;
  T current = second;
  for (int64_t k = 1; k < n && !std::isnan(current); ++k) {
    const T after = next(static_cast<T>(k), current, before);
    before = current;
    current = after;
  }
  return current;
}

template <typename T>
T chebyshev(T x, int64_t n, T second) {
  return recurrence(n, T{1}, second, [x](T, T q, T p) { return (x + x) * q - p; });
}

template <typename T>
T chebyshevT(T x, T degree) {
  const auto n = degreeOf(degree);
  if (n >= 0 && std::abs(x) == 1) return x > 0 || n % 2 == 0 ? T{1} : T{-1};
  if (n > 6 && std::abs(x) < 1) return std::cos(static_cast<T>(n) * std::acos(x));
  return chebyshev(x, n, x);
}

template <typename T>
T chebyshevU(T x, T degree) {
  const auto n = degreeOf(degree);
  const T count = static_cast<T>(n) + 1;
  if (n >= 0 && std::abs(x) == 1) return x > 0 || n % 2 == 0 ? count : -count;
  if (n > 8 && std::abs(x) < 1) {
    const T angle = std::acos(x);
    return std::sin(angle) != 0 ? std::sin(count * angle) / std::sin(angle) : count * std::cos(count * angle) / x;
  }
  return chebyshev(x, n, x + x);
}

template <typename T>
T chebyshevV(T x, T degree) {
  const auto n = degreeOf(degree);
  const T count = static_cast<T>(n) + static_cast<T>(n) + 1;
  const T atMinusOne = n % 2 == 0 ? count : -count;
  if (n >= 0 && std::abs(x) == 1) return x > 0 ? T{1} : atMinusOne;
  if (n > 8 && std::abs(x) < 1) {
    const T angle = std::acos(x);
    if (std::sin(angle / 2) == 1) return atMinusOne;
    return std::cos((static_cast<T>(n) + T{0.5}) * angle) / std::cos(angle / 2);
  }
  return chebyshev(x, n, x + x - 1);
}

template <typename T>
T chebyshevW(T x, T degree) {
  const auto n = degreeOf(degree);
  const T count = static_cast<T>(n) + static_cast<T>(n) + 1;
  const T atOne = x > 0 ? count : n % 2 == 0 ? T{1} : T{-1};
  if (n >= 0 && std::abs(x) == 1) return atOne;
  if (n > 8 && std::abs(x) < 1) {
    const T angle = std::acos(x);
    if (std::cos(angle / 2) == 1) return atOne;
    return std::sin((static_cast<T>(n) + T{0.5}) * angle) / std::sin(angle / 2);
  }
  return chebyshev(x, n, x + x + 1);
}

template <typename T>
T hermiteH(T x, T degree) {
  return recurrence(degreeOf(degree), T{1}, x + x, [x](T k, T q, T p) { return (x + x) * q - (k + k) * p; });
}

template <typename T>
T hermiteHe(T x, T degree) {
  return recurrence(degreeOf(degree), T{1}, x, [x](T k, T q, T p) { return x * q - k * p; });
}

template <typename T>
T laguerreL(T x, T degree) {
  const auto n = degreeOf(degree);
  if (n >= 0 && x == 0) return T{1};
  return recurrence(n, T{1}, 1 - x, [x](T k, T q, T p) { return ((k + k + (1 - x)) * q - k * p) / (k + 1); });
}

template <typename T>
T legendreP(T x, T degree) {
  const auto n = degreeOf(degree);
  if (n >= 0 && std::abs(x) == 1) return x > 0 || n % 2 == 0 ? T{1} : T{-1};
  return recurrence(n, T{1}, x, [x](T k, T q, T p) { return ((k + k + 1) * x * q - k * p) / (k + 1); });
}

}  // namespace cresset::math
