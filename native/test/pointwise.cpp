// Every step of the table in every compute type that it has, over ordinary and awkward numbers, against the C library.
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "check.h"
#include "math/scalar.h"
#include "tensor.h"

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

template <typename T>
using IntReference = std::function<T(T, T, T)>;

template <typename T>
std::map<std::string, IntReference<T>> intReferences() {
  using U = std::make_unsigned_t<T>;
  std::map<std::string, IntReference<T>> table;
  const auto define = [&](const char* name, auto f) {
    table[name] = [f](T a, T b, T c) { return static_cast<T>(f(a, b, c)); };
  };
  define("copy", [](T a, T, T) { return a; });
  define("neg", [](T a, T, T) { return U{0} - static_cast<U>(a); });
  define("abs", [](T a, T, T) { return a < 0 ? U{0} - static_cast<U>(a) : static_cast<U>(a); });
  define("sign", [](T a, T, T) { return (a > 0) - (a < 0); });
  define("logicalNot", [](T a, T, T) { return a == 0; });
  define("bitwiseNot", [](T a, T, T) { return ~a; });
  define("signbit", [](T a, T, T) { return a < 0; });
  define("relu", [](T a, T, T) { return a < 0 ? 0 : a; });
  define("add", [](T a, T b, T) { return static_cast<U>(a) + static_cast<U>(b); });
  define("sub", [](T a, T b, T) { return static_cast<U>(a) - static_cast<U>(b); });
  define("mul", [](T a, T b, T) { return static_cast<U>(a) * static_cast<U>(b); });
  // Divisors of 0 are kept out of the data: they are a fault, tested elsewhere.
  define("div", [](T a, T b, T) { return b == -1 ? math::wrapNegate(a) : a / b; });
  define("floorDivide",
         [](T a, T b, T) { return b == -1 ? math::wrapNegate(a) : a / b - ((a % b != 0) && ((a < 0) != (b < 0))); });
  define("fmod", [](T a, T b, T) { return b == -1 ? 0 : a % b; });
  define("remainder", [](T a, T b, T) {
    return b == -1 ? 0 : (a % b != 0) && ((a < 0) != (b < 0)) ? a % b + b : a % b;
  });
  define("pow", [](T a, T b, T) {
    if (b < 0) return static_cast<U>(a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0);
    U result = 1;
    for (T k = 0; k < (b > 200 ? b % 2 + 200 : b); ++k) result *= static_cast<U>(a);
    return result;
  });
  define("maximum", [](T a, T b, T) { return std::max(a, b); });
  define("minimum", [](T a, T b, T) { return std::min(a, b); });
  define("bitwiseAnd", [](T a, T b, T) { return a & b; });
  define("bitwiseOr", [](T a, T b, T) { return a | b; });
  define("bitwiseXor", [](T a, T b, T) { return a ^ b; });
  constexpr T kBits = sizeof(T) * 8;
  define("bitwiseLeftShift", [](T a, T b, T) { return b < 0 || b >= kBits ? U{0} : static_cast<U>(a) << b; });
  define("bitwiseRightShift", [](T a, T b, T) { return b < 0 || b >= kBits ? (a < 0 ? -1 : 0) : a >> b; });
  define("gcd", [](T a, T b, T) {
    U x = a < 0 ? U{0} - static_cast<U>(a) : static_cast<U>(a),
      y = b < 0 ? U{0} - static_cast<U>(b) : static_cast<U>(b);
    while (y != 0) x = std::exchange(y, x % y);
    return x;
  });
  define("eq", [](T a, T b, T) { return a == b; });
  define("ne", [](T a, T b, T) { return a != b; });
  define("lt", [](T a, T b, T) { return a < b; });
  define("le", [](T a, T b, T) { return a <= b; });
  define("gt", [](T a, T b, T) { return a > b; });
  define("ge", [](T a, T b, T) { return a >= b; });
  define("logicalAnd", [](T a, T b, T) { return a != 0 && b != 0; });
  define("logicalOr", [](T a, T b, T) { return a != 0 || b != 0; });
  define("logicalXor", [](T a, T b, T) { return (a != 0) != (b != 0); });
  define("where", [](T a, T b, T c) { return a != 0 ? b : c; });
  define("fma", [](T a, T b, T c) { return static_cast<U>(a) * static_cast<U>(b) + static_cast<U>(c); });
  return table;
}

// The typed elements of a dense tensor.
template <typename T>
T* elements(Tensor& tensor) {
  return reinterpret_cast<T*>(tensor.bytes.data());
}

// Runs one step over dense inputs of the compute type; `splatted` gives the b and c operands as one element for all.
template <typename T>
std::vector<T> runStep(int op, ComputeType compute, const std::vector<T> (&inputs)[3], bool splatted) {
  constexpr DType kNative[] = {DType::Float32, DType::Float64, DType::Int32, DType::Int64};
  const DType dtype = kNative[static_cast<int>(compute)];
  const auto count = static_cast<int64_t>(inputs[0].size());
  Tensor tensors[3];
  const int operands = pointwiseTable()[op].operands;
  std::vector<Tensor*> used;
  for (int k = 0; k < operands; ++k) {
    tensors[k] = zeros(dtype, {count});
    std::copy(inputs[k].begin(), inputs[k].end(), elements<T>(tensors[k]));
    if (splatted && k > 0) tensors[k].strides[0] = 0;
    used.push_back(&tensors[k]);
  }
  Tensor out = zeros(dtype, {count});
  Program program = programOver(compute, {count}, used, {&out});
  program.result[0] = addStep(program, static_cast<PointwiseOp>(op), 0, operands > 1 ? 1 : -1, operands > 2 ? 2 : -1);
  runProgram(program);
  return {elements<T>(out), elements<T>(out) + count};
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

template <typename T>
std::vector<T> intSamples() {
  std::vector<T> samples = {0,
                            1,
                            -1,
                            2,
                            -2,
                            3,
                            -3,
                            7,
                            -7,
                            31,
                            32,
                            33,
                            63,
                            64,
                            65,
                            -64,
                            100,
                            -100,
                            std::numeric_limits<T>::max(),
                            std::numeric_limits<T>::min(),
                            std::numeric_limits<T>::min() + 1};
  std::mt19937_64 random(6);
  for (int i = 0; i < 60; ++i) samples.push_back(static_cast<T>(random() >> (random() % 60)));
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

template <typename T>
void checkInts(ComputeType compute) {
  const auto references = intReferences<T>();
  const std::vector<T> samples = intSamples<T>();
  const size_t count = samples.size();
  for (size_t op = 0; op < pointwiseTable().size(); ++op) {
    const PointwiseEntry& entry = pointwiseTable()[op];
    if (entry.computes == ComputeClass::Float) continue;
    const std::string name = entry.name;
    const auto reference = references.find(name);
    expect(reference != references.end(), "no reference for ", name);
    const bool divides = name == "div" || name == "floorDivide" || name == "fmod" || name == "remainder";
    std::vector<T> inputs[3] = {samples, samples, samples};
    for (size_t rotation = 0; rotation < count; ++rotation) {
      for (size_t i = 0; i < count; ++i) {
        inputs[1][i] = samples[(i + rotation) % count];
        if (divides && inputs[1][i] == 0) inputs[1][i] = 5;
        if (name == "pow") inputs[1][i] %= 100;
        inputs[2][i] = samples[(i + 2 * rotation) % count];
      }
      const std::vector<T> got = runStep<T>(static_cast<int>(op), compute, inputs, false);
      for (size_t i = 0; i < count; ++i) {
        const T want = reference->second(inputs[0][i], inputs[1][i], inputs[2][i]);
        expect(got[i] == want, name, "(", inputs[0][i], ", ", inputs[1][i], ", ", inputs[2][i], ") = ", got[i], " for ",
               want);
      }
    }
  }
}

const Registered kFloat32("steps: float32", [] { checkFloats<float>(ComputeType::Float32); });
const Registered kFloat64("steps: float64", [] { checkFloats<double>(ComputeType::Float64); });
const Registered kInt32("steps: int32", [] { checkInts<int32_t>(ComputeType::Int32); });
const Registered kInt64("steps: int64", [] { checkInts<int64_t>(ComputeType::Int64); });

const Registered kConversions("conversions: rounding, wrapping and out of range", [] {
  struct Case {
    DType from, to;
    ComputeType compute;
    double value, want;
  };
  const Case cases[] = {
      {DType::Float32, DType::Int32, ComputeType::Float32, 1e10, -2147483648.0},
      {DType::Float32, DType::Int32, ComputeType::Float32, NAN, -2147483648.0},
      {DType::Float32, DType::Int32, ComputeType::Float32, -1.9, -1},
      {DType::Float32, DType::UInt8, ComputeType::Float32, 300.7, 44},
      {DType::Float32, DType::UInt8, ComputeType::Float32, -1.5, 255},
      {DType::Float32, DType::Int64, ComputeType::Float32, 1e20, -9223372036854775808.0},
      {DType::Float64, DType::Bool, ComputeType::Float64, NAN, 1},
      {DType::Float64, DType::Bool, ComputeType::Float64, 0.25, 1},
      {DType::Float64, DType::Bool, ComputeType::Float64, -0.0, 0},
      {DType::Int64, DType::Int8, ComputeType::Int64, 200, -56},
      {DType::Int32, DType::Int16, ComputeType::Int32, 70000, 4464},
      {DType::Float32, DType::Float16, ComputeType::Float32, 2049, 2048},
      {DType::Float32, DType::Float16, ComputeType::Float32, 2051, 2052},
      {DType::Float32, DType::Float16, ComputeType::Float32, 65519, 65504},
      {DType::Float32, DType::Float16, ComputeType::Float32, 65520, kInfinity},
      {DType::Float32, DType::Float16, ComputeType::Float32, 5.9604644775390625e-08, 5.9604644775390625e-08},
      {DType::Float32, DType::BFloat16, ComputeType::Float32, 257, 256},
      {DType::Float32, DType::BFloat16, ComputeType::Float32, 259, 260},
      {DType::Float32, DType::BFloat16, ComputeType::Float32, NAN, NAN},
  };
  for (const Case& test : cases) {
    // Long enough for the vector path, odd enough for the rest.
    for (const int64_t count : {int64_t{1}, int64_t{37}}) {
      Tensor x = vectorOf(test.from, std::vector<double>(count, test.value));
      Tensor out = zeros(test.to, {count});
      Program program = programOver(test.compute, {count}, {&x}, {&out});
      program.result[0] = 0;
      runProgram(program);
      for (int64_t i = 0; i < count; ++i) {
        const double got = out.at({i});
        expect(got == test.want || (std::isnan(got) && std::isnan(test.want)), test.value, " became ", got, " for ",
               test.want);
      }
    }
  }
});

const Registered kHalves("conversions: every float16 and bfloat16 survives the round trip", [] {
  for (const DType dtype : {DType::Float16, DType::BFloat16}) {
    Tensor all = zeros(dtype, {65536});
    for (int i = 0; i < 65536; ++i) elements<uint16_t>(all)[i] = static_cast<uint16_t>(i);
    Tensor wide = zeros(DType::Float32, {65536});
    Tensor back = zeros(dtype, {65536});
    Program program = programOver(ComputeType::Float32, {65536}, {&all}, {&wide, &back});
    program.result[0] = program.result[1] = 0;
    runProgram(program);
    for (int64_t i = 0; i < 65536; ++i) {
      const double value = all.at({i});
      expect(wide.at({i}) == value || std::isnan(value), "widening ", i);
      expect(std::isnan(value) ? std::isnan(back.at({i})) : elements<uint16_t>(back)[i] == i, "narrowing ", i);
    }
  }
});

}  // namespace
}  // namespace cresset::test
