// Distributions, zeta and the incomplete gamma functions, in double precision.
#include "math/special.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "math/scalar.h"

namespace cresset::math {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

// B(2j) / (2j)! of the sum of Euler and Maclaurin.
constexpr double kZeta[] = {8.333333333333333333e-2,   -1.388888888888888889e-3,  3.306878306878306878e-5,
                            -8.267195767195767196e-7,  2.087675698786809898e-8,   -5.284190138687493185e-10,
                            1.338253653068467883e-11,  -3.389680296322582867e-13, 8.586062056277844564e-15,
                            -2.174868698558061873e-16, 5.509002828360229515e-18,  -1.395446468581252334e-19};

// The first functions c_k of Temme's expansion for large a (SIAM J. Math. Anal. 10, 1979; DLMF 8.12), as powers of eta.
constexpr double kTemme[4][11] = {
    {-0.33333333333333331, 0.083333333333333329, -0.014814814814814815, 0.0011574074074074073, 0.00035273368606701942,
     -0.0001787551440329218, 3.9192631785224377e-05, -2.185448510679992e-06, -1.85406221071516e-06,
     8.2967113409530865e-07, -1.7665952736826078e-07},
    {-0.0018518518518518519, -0.003472222222222222, 0.0026455026455026454, -0.00099022633744855963,
     0.00020576131687242798, -4.018775720164609e-07, -1.8098550334489977e-05, 7.6491609160811098e-06,
     -1.6120900894563446e-06, 4.647127802807434e-09, 1.3786334469157209e-07},
    {0.0041335978835978834, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-06,
     -0.0001073665322636516, 5.2923448829120125e-05, -1.2760635188618728e-05, 3.4235787340961378e-08,
     1.3721957309062934e-06, -6.2989921383800548e-07, 1.4280614206064242e-07},
    {0.00064943415637860077, 0.00022947209362139917, -0.0004691894943952557, 0.00026772063206283885,
     -7.5618016718839766e-05, -2.3965051138672968e-07, 1.1082654115347302e-05, -5.6749528269915965e-06,
     1.4230900732435883e-06, -2.7861080291528143e-11, -1.6958404091930278e-07}};

// Temme's expansion serves from this a on, for x within a tenth of a.
constexpr double kLarge = 1e4;

// zeta(x, q) for q > 0: a sum of some first terms, then Euler and Maclaurin's formula for the rest.
double positiveZeta(double x, double q) {
  double sum = 0;
  double power = 0;
  for (int k = 0; k < 10 || q <= 10; ++k, q += 1) {
    power = std::pow(q, -x);
    sum += power;
    if (power < kEpsilon / 2 * sum) return sum;
  }
  power = std::pow(q, -x);
  sum += q * power / (x - 1) + power / 2;
  double factor = x * power / q;
  for (int j = 0; j < 12; ++j) {
    const double term = kZeta[j] * factor;
    sum += term;
    if (std::abs(term) < kEpsilon / 2 * sum) break;
    factor *= (x + 2 * j + 1) * (x + 2 * j + 2) / (q * q);
  }
  return sum;
}

// log(1 + u) - u without cancellation, for |u| <= 0.5.
double log1pMinus(double u) {
  const double t = u / (2 + u);
  const double square = t * t;
  double power = 2 * t * square;
  double sum = 0;
  for (int k = 3; std::abs(power) > 1e-20 * u * u; k += 2, power *= square) sum += power / k;
  return sum - t * u;
}

// log Γ(1 + a), also for small a.
double lgamma1p(double a) {
  if (a > 1e-3) return lgamma(1 + a);
  // -γ, ζ(2) / 2, -ζ(3) / 3, ζ(4) / 4, -ζ(5) / 5
  return a * (-std::numbers::egamma +
              a * (0.82246703342411321824 +
                   a * (-0.40068563438653142847 + a * (0.27058080842778454788 - a * 0.20738555102867398527))));
}

// x^a exp(-x) / Γ(a + 1). For larger a by Stirling's series, because the three factors would lose a's digits.
double gammaFactor(double a, double x) {
  if (a < 10) return std::exp(a * std::log(x) - x - lgamma1p(a));
  const double u = 1 / (a * a);
  const double stirling =
      (1.0 / 12 -
       u * (1.0 / 360 - u * (1.0 / 1260 - u * (1.0 / 1680 - u * (1.0 / 1188 - u * (691.0 / 360360 - u / 156)))))) /
      a;
  const double distance = (x - a) / a;
  const double exponent = std::abs(distance) < 0.5 ? a * log1pMinus(distance) : a * std::log(x / a) - (x - a);
  return std::exp(exponent - stirling) / std::sqrt(2 * std::numbers::pi * a);
}

// P(a, x) by its power series.
double lowerSeries(double a, double x) {
  double term = 1;
  double sum = 1;
  for (double k = 1; term > kEpsilon / 4 * sum; ++k) {
    term *= x / (a + k);
    sum += term;
  }
  return gammaFactor(a, x) * sum;
}

// Q(a, x) for small a and x, where it is 1 minus almost 1.
double upperSeries(double a, double x) {
  const double exponent = a * std::log(x) - lgamma1p(a);
  double power = 1;
  double sum = 0;
  for (int k = 1; k < 100; ++k) {
    power *= -x / k;
    const double term = power / (a + k);
    sum += term;
    if (std::abs(term) < kEpsilon / 4 * std::abs(sum)) break;
  }
  return -std::expm1(exponent) - std::exp(exponent) * a * sum;
}

// Q(a, x) by Legendre's continued fraction, evaluated from its front (Lentz's method).
double upperFraction(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double value = d;
  for (int k = 1; k < 10000; ++k) {
    const double numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    c = b + numerator / c;
    d = 1 / (d == 0 ? kTiny : d);
    if (c == 0) c = kTiny;
    value *= d * c;
    if (std::abs(d * c - 1) < kEpsilon / 2) break;
  }
  return gammaFactor(a, x) * a * value;
}

// P (or Q) by Temme's uniform expansion.
double temme(double a, double x, bool upper) {
  const double minus = log1pMinus((x - a) / a);
  const double eta = std::copysign(std::sqrt(-2 * minus), x - a);
  double sum = 0;
  for (int k = 3; k >= 0; --k) {
    double c = 0;
    for (int n = 10; n >= 0; --n) c = c * eta + kTemme[k][n];
    sum = sum / a + c;
  }
  const double sign = upper ? 1 : -1;
  const double rest = sum * std::exp(a * minus) / std::sqrt(2 * std::numbers::pi * a);
  return 0.5 * std::erfc(sign * eta * std::sqrt(a / 2)) + sign * rest;
}

// P(a, x), or Q(a, x) = 1 - P(a, x).
double incompleteGamma(double a, double x, bool upper) {
  if (x < 0 || a < 0) return kNaN;
  if (a == 0) return x > 0 ? (upper ? 0 : 1) : kNaN;
  if (x == 0) return upper ? 1 : 0;
  if (std::isinf(a)) return std::isinf(x) ? kNaN : (upper ? 1 : 0);
  if (std::isinf(x)) return upper ? 0 : 1;
  if (std::isnan(a) || std::isnan(x)) return kNaN;
  if (a >= kLarge && std::abs(x - a) < 0.1 * a) return temme(a, x, upper);
  if (a < 1 && x <= 1.1) return upper ? upperSeries(a, x) : lowerSeries(a, x);
  if (x <= a + 1) return upper ? 1 - lowerSeries(a, x) : lowerSeries(a, x);
  return upper ? upperFraction(a, x) : 1 - upperFraction(a, x);
}

// log of the normal distribution's function up to x < 0.
double logNormal(double x) { return std::log(erfcx(-x * std::numbers::sqrt2 / 2) / 2) - x * x / 2; }

}  // namespace

double logNdtr(double x) { return x < -1 ? logNormal(x) : std::log1p(-std::erfc(x * std::numbers::sqrt2 / 2) / 2); }

double ndtri(double p) {
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  if (!(p > 0 && p < 1)) return kNaN;
  if (std::abs(p - 0.5) <= 0.25) return std::numbers::sqrt2 * erfinv(2 * (p - 0.5));
  // In the tails Newton's method on the logarithm, from Winitzki's first guess.
  const double tail = std::min(p, 1 - p);
  const double logTerm = std::log(4 * tail) + std::log1p(-tail);
  const double first = 2 / (std::numbers::pi * 0.147) + logTerm / 2;
  double x = -std::numbers::sqrt2 * std::sqrt(std::sqrt(first * first - logTerm / 0.147) - first);
  for (int step = 0; step < 4; ++step) {
    const double slope = std::sqrt(2 / std::numbers::pi) / erfcx(-x * std::numbers::sqrt2 / 2);
    x -= (logNormal(x) - std::log(tail)) / slope;
  }
  return p < 0.5 ? x : -x;
}

double zeta(double x, double q) {
  if (x == 1) return kInfinity;
  if (x < 1) return kNaN;
  if (q > 0 || std::isnan(x) || std::isnan(q)) return q <= 0 && q == std::floor(q) ? kInfinity : positiveZeta(x, q);
  if (q == std::floor(q)) return kInfinity;
  if (x != std::floor(x)) return kNaN;
  if (std::isinf(x)) return kInfinity;
  // The terms below zero are those of another sum, turned around.
  const double count = std::ceil(-q);
  const double least = count + q;
  const double below = positiveZeta(x, 1 - least) - positiveZeta(x, 1 - q);
  return (std::fmod(x, 2) == 0 ? below : -below) + positiveZeta(x, least);
}

double igamma(double a, double x) { return incompleteGamma(a, x, false); }

double igammac(double a, double x) { return incompleteGamma(a, x, true); }

}  // namespace cresset::math
