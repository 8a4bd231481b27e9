// Every step of the table over the float compute types, for ordinary and awkward numbers, against the C library.
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <string>

#include "check.h"
#include "math/scalar.h"
#include "math/special.h"
#include "step.h"

namespace cresset::test {
namespace {

constexpr double kInfinity = INFINITY;

// What a step means for a float type. Computed in double for float32, in the C library's double functions for float64.
template <typename T>
using FloatReference = std::function<T(T, T, T)>;

template <typename T>
T sigmoid(T a) {
  return 1 / (1 + std::exp(-a));
}

// Widens float32 to double, so that the reference is exact to the last bit of float32.
template <typename T>
std::map<std::string, FloatReference<T>> floatReferences() {
  using W = double;
  std::map<std::string, FloatReference<T>> table;
  const auto unary = [&](const char* name, auto f) {
    table[name] = [f](T a, T, T) { return static_cast<T>(f(static_cast<W>(a))); };
  };
  const auto binary = [&](const char* name, auto f) {
    table[name] = [f](T a, T b, T) { return static_cast<T>(f(static_cast<W>(a), static_cast<W>(b))); };
  };
  // In the type itself: these are exact, or depend on the type's own steps.
  const auto exact = [&](const char* name, auto f) {
    table[name] = [f](T a, T b, T c) { return static_cast<T>(f(a, b, c)); };
  };
  unary("copy", [](W a) { return a; });
  unary("neg", [](W a) { return -a; });
  unary("abs", [](W a) { return std::abs(a); });
  unary("sign", [](W a) { return static_cast<W>((a > 0) - (a < 0)); });
  unary("logicalNot", [](W a) { return a == 0; });
  unary("isnan", [](W a) { return std::isnan(a); });
  unary("isinf", [](W a) { return std::isinf(a); });
  unary("isfinite", [](W a) { return std::isfinite(a); });
  unary("signbit", [](W a) { return std::signbit(a); });
  unary("reciprocal", [](W a) { return 1 / a; });
  unary("sqrt", [](W a) { return std::sqrt(a); });
  unary("rsqrt", [](W a) { return 1 / std::sqrt(a); });
  unary("exp", [](W a) { return std::exp(a); });
  unary("exp2", [](W a) { return std::exp2(a); });
  unary("expm1", [](W a) { return std::expm1(a); });
  unary("log", [](W a) { return std::log(a); });
  unary("log2", [](W a) { return std::log2(a); });
  unary("log10", [](W a) { return std::log10(a); });
  unary("log1p", [](W a) { return std::log1p(a); });
  unary("sin", [](W a) { return std::sin(a); });
  unary("cos", [](W a) { return std::cos(a); });
  unary("tan", [](W a) { return std::tan(a); });
  unary("asin", [](W a) { return std::asin(a); });
  unary("acos", [](W a) { return std::acos(a); });
  unary("atan", [](W a) { return std::atan(a); });
  unary("sinh", [](W a) { return std::sinh(a); });
  unary("cosh", [](W a) { return std::cosh(a); });
  unary("tanh", [](W a) { return std::tanh(a); });
  unary("asinh", [](W a) { return std::asinh(a); });
  unary("acosh", [](W a) { return std::acosh(a); });
  unary("atanh", [](W a) { return std::atanh(a); });
  unary("erf", [](W a) { return std::erf(a); });
  unary("erfc", [](W a) { return std::erfc(a); });
  unary("erfinv", [](W a) { return math::erfinv(a); });
  unary("lgamma", [](W a) { return std::lgamma(a); });
  unary("digamma", [](W a) { return math::digamma(a); });
  unary("sigmoid", sigmoid<W>);
  unary("i0", math::besselI0);
  unary("specialI0e", math::besselI0e);
  unary("specialI1", math::besselI1);
  unary("specialI1e", math::besselI1e);
  unary("specialModifiedBesselK0", math::besselK0);
  unary("specialModifiedBesselK1", math::besselK1);
  unary("specialScaledModifiedBesselK0", math::scaledBesselK0);
  unary("specialScaledModifiedBesselK1", math::scaledBesselK1);
  unary("specialBesselJ0", math::besselJ0);
  unary("specialBesselJ1", math::besselJ1);
  unary("specialBesselY0", math::besselY0);
  unary("specialBesselY1", math::besselY1);
  unary("specialAiryAi", math::airyAi);
  unary("specialErfcx", math::erfcx);
  unary("specialLogNdtr", math::logNdtr);
  unary("specialNdtri", math::ndtri);
  binary("specialZeta", math::zeta);
  binary("igamma", math::igamma);
  binary("igammac", math::igammac);
  exact("polygamma", [](T a, T b, T) { return math::polygamma(a, b); });
  exact("mantissa", [](T a, T, T) { return math::mantissa(a); });
  exact("exponent", [](T a, T, T) { return math::exponent(a); });
  unary("floor", [](W a) { return std::floor(a); });
  unary("ceil", [](W a) { return std::ceil(a); });
  unary("round", [](W a) { return std::nearbyint(a); });
  unary("trunc", [](W a) { return std::trunc(a); });
  unary("relu", [](W a) { return a < 0 ? 0 : a; });
  exact("add", [](T a, T b, T) { return a + b; });
  exact("sub", [](T a, T b, T) { return a - b; });
  exact("mul", [](T a, T b, T) { return a * b; });
  exact("div", [](T a, T b, T) { return a / b; });
  exact("floorDivide", [](T a, T b, T) { return math::floorDivide(a, b); });
  exact("remainder", [](T a, T b, T) { return math::remainder(a, b); });
  exact("fmod", [](T a, T b, T) { return std::fmod(a, b); });
  binary("pow", [](W a, W b) { return std::pow(a, b); });
  binary("maximum", [](W a, W b) { return std::isnan(a) || std::isnan(b) ? NAN : std::max(a, b); });
  binary("minimum", [](W a, W b) { return std::isnan(a) || std::isnan(b) ? NAN : std::min(a, b); });
  binary("fmax", [](W a, W b) { return std::fmax(a, b); });
  binary("fmin", [](W a, W b) { return std::fmin(a, b); });
  binary("atan2", [](W a, W b) { return std::atan2(a, b); });
  binary("hypot", [](W a, W b) { return std::hypot(a, b); });
  binary("copysign", [](W a, W b) { return std::copysign(a, b); });
  exact("nextafter", [](T a, T b, T) { return std::nextafter(a, b); });
  binary("eq", [](W a, W b) { return a == b; });
  binary("ne", [](W a, W b) { return a != b; });
  binary("lt", [](W a, W b) { return a < b; });
  binary("le", [](W a, W b) { return a <= b; });
  binary("gt", [](W a, W b) { return a > b; });
  binary("ge", [](W a, W b) { return a >= b; });
  binary("logicalAnd", [](W a, W b) { return a != 0 && b != 0; });
  binary("logicalOr", [](W a, W b) { return a != 0 || b != 0; });
  binary("logicalXor", [](W a, W b) { return (a != 0) != (b != 0); });
  exact("where", [](T a, T b, T c) { return a != 0 ? b : c; });
  exact("fma", [](T a, T b, T c) { return std::fma(a, b, c); });
  return table;
}

// How far apart two floats are, in units of the last place of the wanted one.
template <typename T>
double ulps(T got, T want) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) == std::isnan(got) ? 0 : kInfinity;
  if (got == want) return 0;
  if (std::isinf(want) || std::isinf(got)) return kInfinity;
  const double unit = std::max<double>(std::nextafter(std::abs(want), static_cast<T>(kInfinity)) - std::abs(want),
                                       std::numeric_limits<T>::denorm_min());
  return std::abs(static_cast<double>(got) - static_cast<double>(want)) / unit;
}

template <typename T>
std::vector<T> floatSamples() {
  std::vector<T> samples = {0,
                            -0.0f,
                            1,
                            -1,
                            0.5,
                            -0.5,
                            1.5,
                            2,
                            2.5,
                            -2.5,
                            3,
                            10,
                            -10,
                            88.5,
                            -88.5,
                            103,
                            -103.5f,
                            120,
                            -120,
                            700.5,
                            -740,
                            1000,
                            39001,
                            -1e6,
                            1e10,
                            -1e10,
                            1e-3f,
                            1e-10f,
                            -1e-10f,
                            0.93f,
                            0.625f,
                            -0.99999f,
                            4,
                            5.5,
                            18,
                            -19,
                            170,
                            static_cast<T>(kInfinity),
                            static_cast<T>(-kInfinity),
                            std::numeric_limits<T>::quiet_NaN(),
                            std::numeric_limits<T>::max(),
                            std::numeric_limits<T>::lowest(),
                            std::numeric_limits<T>::min(),
                            std::numeric_limits<T>::denorm_min(),
                            -std::numeric_limits<T>::denorm_min() * 5};
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 400; ++i) {
    const double x = normal(random);
    samples.push_back(static_cast<T>(x));
    samples.push_back(static_cast<T>(x * 20));
    samples.push_back(static_cast<T>(std::exp(x * 8)));
    samples.push_back(static_cast<T>(1 + x * 1e-3));
  }
  return samples;
}

// Steps whose result is not rounded correctly by design: the bound in ulp for float32 and float64. All others: 4.
double allowed(const std::string& name, bool single) {
  if (name == "digamma" || name == "lgamma")
    return single ? 1 : 64;  // cancel near their roots; float32 is computed in double
  return 4;
}

template <typename T>
void checkFloats(ComputeType compute) {
  const auto references = floatReferences<T>();
  const std::vector<T> samples = floatSamples<T>();
  const size_t count = samples.size();
  for (size_t op = 0; op < pointwiseTable().size(); ++op) {
    const PointwiseEntry& entry = pointwiseTable()[op];
    if (entry.computes == ComputeClass::Int) continue;
    // Polynomials take small degrees; test/ops has them.
    if (std::string(entry.name).find("Polynomial") != std::string::npos) continue;
    const auto reference = references.find(entry.name);
    expect(reference != references.end(), "no reference for ", entry.name);
    std::vector<T> inputs[3] = {samples, samples, samples};
    // Rotations pair every awkward number with others; the first rotation pairs each with itself.
    const int rotations = entry.operands == 1 ? 1 : 45;
    for (int rotation = 0; rotation < rotations; ++rotation) {
      for (size_t i = 0; i < count; ++i) {
        inputs[1][i] = samples[(i + rotation) % count];
        inputs[2][i] = samples[(i + 3 * rotation) % count];
      }
      for (const bool splatted : {false, true}) {
        if (splatted && entry.operands == 1) continue;
        const std::vector<T> got = runStep<T>(static_cast<int>(op), compute, inputs, splatted);
        for (size_t i = 0; i < count; ++i) {
          const size_t other = splatted ? 0 : i;
          const T a = inputs[0][i], b = inputs[1][other], c = inputs[2][other];
          const T want = reference->second(a, b, c);
          // Without fused instructions fma rounds twice.
          const bool fma = std::string(entry.name) == "fma";
          const double scale = fma && std::isfinite(want)
                                   ? std::abs(static_cast<double>(a) * b) / std::max<double>(std::abs(want), 1e-300) + 1
                                   : 1;
          const bool overflow = fma && !std::isfinite(static_cast<T>(a * b));
          expect(overflow || ulps(got[i], want) <= allowed(entry.name, sizeof(T) == 4) * scale, entry.name, "(", a,
                 ", ", b, ", ", c, ") = ", got[i], " for ", want);
          const bool zero = want == 0 && got[i] == 0 && !fma && std::string(entry.name) != "maximum" &&
                            std::string(entry.name) != "minimum" && std::string(entry.name) != "fmax" &&
                            std::string(entry.name) != "fmin";
          if (zero)
            expect(std::signbit(want) == std::signbit(got[i]), entry.name, "(", a, ", ", b, ") has the other zero");
        }
      }
    }
  }
}

const Registered kFloat32("steps: float32", [] { checkFloats<float>(ComputeType::Float32); });
const Registered kFloat64("steps: float64", [] { checkFloats<double>(ComputeType::Float64); });

}  // namespace
}  // namespace cresset::test
