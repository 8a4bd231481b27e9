// The random streams: the generator against the standard library's mt19937, the bytes of its state, and the vectorised
// normals against the same formulas with one value at a time.
#include <cmath>
#include <cstring>
#include <numbers>
#include <random>

#include "check.h"
#include "cpu/mt19937.h"
#include "tensor.h"

namespace cresset::cpu {
void randomSeed(const KernelArgs&);
void randomUniform(const KernelArgs&);
void randomNormal(const KernelArgs&);
void randomInteger(const KernelArgs&);
void randomBernoulli(const KernelArgs&);
void randomPermutation(const KernelArgs&);
}  // namespace cresset::cpu

namespace cresset::test {
namespace {

constexpr int64_t kStateBytes = 5056;

// A generator's state as an operand.
struct State {
  Tensor bytes = zeros(DType::UInt8, {kStateBytes});

  explicit State(uint64_t seed) {
    run(cpu::randomSeed, {}, {static_cast<int64_t>(seed >> 32), static_cast<int64_t>(seed & 0xffffffff)}, {});
  }
  void run(KernelFn kernel, std::vector<Operand> rest, std::vector<int64_t> ints, std::vector<double> floats) {
    std::vector<Operand> operands{operandOf(bytes)};
    operands.insert(operands.end(), rest.begin(), rest.end());
    kernel({operands, ints, floats});
  }
  cpu::Mt19937 engine() { return cpu::Mt19937(operandOf(bytes)); }
};

const Registered kWords("random: words of the standard mt19937, in draws of any length", [] {
  std::mt19937 reference(42);
  State state(42);
  for (const int64_t count : {1, 2, 620, 1, 1, 624, 623, 1248, 1249, 5000, 3}) {
    std::vector<uint32_t> words(count);
    state.engine().words(words.data(), count);
    for (const uint32_t word : words) expect(cpu::temper(word) == reference(), "draw of ", count);
  }
});

const Registered kState("random: a state of foreign bytes is never an index", [] {
  State state(1);
  std::memset(state.bytes.bytes.data(), 0xff, kStateBytes);
  Tensor out = zeros(DType::Float32, {2000});
  state.run(cpu::randomUniform, {operandOf(out)}, {}, {0, 1});
  state.run(cpu::randomNormal, {operandOf(out)}, {}, {0, 1});
});

const Registered kUniform("random: uniforms in memory order, fused", [] {
  for (const int64_t n : {1, 7, 8, 1000, 300'001}) {
    State state(3);
    std::mt19937 reference(3);
    Tensor out = zeros(DType::Float32, {n});
    state.run(cpu::randomUniform, {operandOf(out)}, {}, {-0.3037, 0.4123});
    const float from = -0.3037f, width = 0.4123f - from;
    for (int64_t i = 0; i < n; ++i) {
      const float x = static_cast<float>(reference() & 0xffffffu) * 0x1p-24f;
      expect(out.at({i}) == static_cast<double>(std::fma(x, width, from)), "element ", i, " of ", n);
    }
  }
});

const Registered kNormal("random: normals near the formula, whatever the length", [] {
  for (const int64_t n : {16, 17, 31, 4096, 100'003}) {
    State state(9);
    std::mt19937 reference(9);
    std::vector<double> u(n);
    for (double& x : u) x = static_cast<double>(reference() & 0xffffffu) * 0x1p-24;
    Tensor out = zeros(DType::Float32, {n});
    state.run(cpu::randomNormal, {operandOf(out)}, {}, {0, 1});
    for (int64_t block = 0; block + 16 <= n - n % 16; block += 16) {
      for (int64_t j = block; j < block + 8; ++j) {
        const double radius = std::sqrt(-2 * std::log(1 - u[j])), angle = 2 * std::numbers::pi * u[j + 8];
        if (n % 16 != 0 && j + 8 >= n - 16) continue;  // drawn anew
        expect(std::abs(out.at({j}) - radius * std::cos(angle)) < 4e-6, "cosine ", j, " of ", n);
        expect(std::abs(out.at({j + 8}) - radius * std::sin(angle)) < 4e-6, "sine ", j, " of ", n);
      }
    }
  }
});

const Registered kEveryDtype("random: fills of every dtype and layout stay in range", [] {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const auto dtype = static_cast<DType>(random() % kDTypes);
    Tensor out = randomTensor(random, dtype, {static_cast<int64_t>(random() % 5), 3, 7}, false);
    State state(round);
    state.run(cpu::randomInteger, {operandOf(out)}, {0, 0, 0, 2}, {});
    forEachIndex(out.sizes, [&](const auto& index) { expect(out.at(index) == 0 || out.at(index) == 1, "integer"); });
    state.run(cpu::randomBernoulli, {operandOf(out), Operand{}}, {}, {1});
    forEachIndex(out.sizes, [&](const auto& index) { expect(out.at(index) == 1, "bernoulli"); });
    if (!isFloat(dtype)) continue;
    state.run(cpu::randomUniform, {operandOf(out)}, {}, {2, 3});
    forEachIndex(out.sizes, [&](const auto& index) { expect(out.at(index) >= 2 && out.at(index) <= 3, "uniform"); });
    state.run(cpu::randomNormal, {operandOf(out)}, {}, {5, 0});
    forEachIndex(out.sizes, [&](const auto& index) { expect(out.at(index) == 5, "normal"); });
  }
});

const Registered kPermutation("random: a permutation has every number once", [] {
  for (const int64_t n : {0, 1, 2, 4097, 9000}) {
    State state(11);
    Tensor out = zeros(DType::Int64, {n});
    state.run(cpu::randomPermutation, {operandOf(out)}, {}, {});
    std::vector<bool> seen(n, false);
    for (int64_t i = 0; i < n; ++i) {
      const auto value = static_cast<size_t>(out.at({i}));
      expect(value < seen.size() && !seen[value], "entry ", i, " of ", n);
      seen[value] = true;
    }
  }
});

}  // namespace
}  // namespace cresset::test
