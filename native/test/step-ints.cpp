// Every step of the table over the integer compute types, the limits included, against plain expressions.
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "check.h"
#include "math/scalar.h"
#include "step.h"

namespace cresset::test {
namespace {

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

const Registered kInt32("steps: int32", [] { checkInts<int32_t>(ComputeType::Int32); });
const Registered kInt64("steps: int64", [] { checkInts<int64_t>(ComputeType::Int64); });

}  // namespace
}  // namespace cresset::test
