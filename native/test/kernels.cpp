// The structured kernels that belong to the reductions and to creation.
#include <cmath>
#include <limits>
#include <random>

#include "check.h"
#include "tensor.h"

namespace cresset::cpu {
void argmax(const KernelArgs&);
void argmin(const KernelArgs&);
void moments(const KernelArgs&);
void arange(const KernelArgs&);
void linspace(const KernelArgs&);
void triangle(const KernelArgs&);
}  // namespace cresset::cpu

namespace cresset::test {
namespace {

const Registered kExtrema("argmax, argmin: random layouts, first index, NaN", [] {
  std::mt19937 random(7);
  const std::vector<std::vector<int64_t>> shapes = {{1},     {7},      {5000},    {200'000},   {3, 4},
                                                    {70, 9}, {9, 300}, {4, 5, 6}, {40, 2, 33}, {3, 1}};
  for (int round = 0; round < 200; ++round) {
    const auto& sizes = shapes[round % shapes.size()];
    Tensor x = randomTensor(random, static_cast<DType>(random() % kDTypes), sizes, true);
    const std::vector<int64_t> kept(sizes.begin(), sizes.end() - 1);
    if (isFloat(x.dtype) && round % 3 == 0) {
      std::vector<int64_t> index;
      for (const int64_t size : sizes) index.push_back(static_cast<int64_t>(random() % size));
      x.set(index, NAN);
    }
    for (const bool largest : {true, false}) {
      Tensor out = zeros(DType::Int64, kept);
      call(largest ? cpu::argmax : cpu::argmin, {operandOf(out), operandOf(x)}, {}, {});
      forEachIndex(kept, [&](const std::vector<int64_t>& index) {
        int64_t want = -1;
        double best = 0;
        std::vector<int64_t> full = index;
        full.push_back(0);
        for (int64_t i = 0; i < sizes.back(); ++i) {
          full.back() = i;
          const double value = x.at(full);
          if (want < 0 || (!std::isnan(best) && (std::isnan(value) || (largest ? value > best : value < best)))) {
            want = i;
            best = value;
          }
        }
        expect(out.at(index) == static_cast<double>(want), "round ", round, " largest ", largest, ": ", out.at(index),
               " for ", want);
      });
    }
  }
});

const Registered kMoments("moments: random layouts", [] {
  std::mt19937 random(8);
  const std::vector<std::pair<std::vector<int64_t>, int>> cases = {
      {{5000}, 1},     {{300'000}, 1},  {{7}, 1},          {{1}, 1},        {{6, 50}, 1}, {{300, 6}, 1},
      {{5, 8, 70}, 2}, {{5, 8, 70}, 1}, {{2, 3, 4, 5}, 3}, {{40, 1, 1}, 2}, {{4, 3}, 0}};
  for (int round = 0; round < 150; ++round) {
    const auto& [sizes, k] = cases[round % cases.size()];
    Tensor x = randomTensor(random,
                            round % 2 == 0   ? DType::Float32
                            : round % 4 == 1 ? DType::Float64
                                             : DType::BFloat16,
                            sizes, true);
    const std::vector<int64_t> kept(sizes.begin(), sizes.end() - k);
    const std::vector<int64_t> reduced(sizes.end() - k, sizes.end());
    Tensor variance = zeros(DType::Float64, kept), mean = zeros(DType::Float64, kept);
    const double correction = round % 3;
    const bool both = round % 5 != 0;
    call(cpu::moments, {operandOf(variance), both ? operandOf(mean) : Operand{}, operandOf(x)}, {k}, {correction});
    forEachIndex(kept, [&](const std::vector<int64_t>& index) {
      double n = 0, sum = 0, squares = 0;
      const auto each = [&](auto body) {
        forEachIndex(reduced, [&](const std::vector<int64_t>& rest) {
          std::vector<int64_t> full = index;
          full.insert(full.end(), rest.begin(), rest.end());
          body(x.at(full));
        });
      };
      each([&](double value) { ++n, sum += value; });
      each([&](double value) { squares += (value - sum / n) * (value - sum / n); });
      const double want = squares / std::max(0.0, n - correction);
      const double got = variance.at(index);
      expect(std::abs(got - want) <= 1e-5 * want || got == want || (std::isnan(got) && std::isnan(want)), "round ",
             round, " variance ", got, " for ", want);
      if (both)
        expect(std::abs(mean.at(index) - sum / n) <= 1e-6, "round ", round, " mean ", mean.at(index), " for ", sum / n);
    });
  }
});

const Registered kLargeMean("moments: a large mean costs no digits; nothing gives NaN", [] {
  Tensor x = zeros(DType::Float32, {100'000});
  for (int64_t i = 0; i < 100'000; ++i) x.set({i}, 10'000 + static_cast<double>(i % 2));
  Tensor variance = zeros(DType::Float32, {}), mean = zeros(DType::Float32, {});
  call(cpu::moments, {operandOf(variance), operandOf(mean), operandOf(x)}, {1}, {0});
  expect(std::abs(variance.at({}) - 0.25) < 1e-6 && mean.at({}) == 10'000.5, variance.at({}), " and ", mean.at({}));
  Tensor none = zeros(DType::Float32, {2, 0});
  Tensor empty = zeros(DType::Float32, {2});
  call(cpu::moments, {operandOf(empty), Operand{}, operandOf(none)}, {1}, {1});
  expect(std::isnan(empty.at({0})) && std::isnan(empty.at({1})), "variance of nothing");
});

const Registered kCreation("arange, linspace, triangle", [] {
  Tensor ints = zeros(DType::Int64, {5});
  call(cpu::arange, {operandOf(ints)}, {int64_t{1} << 60, -3}, {0, 0});
  expect(reinterpret_cast<int64_t*>(ints.bytes.data())[4] == (int64_t{1} << 60) - 12, "arange of integers");
  Tensor floats = zeros(DType::Float32, {4});
  call(cpu::arange, {operandOf(floats)}, {0, 0}, {0.5, 0.1});
  expect(floats.at({3}) == static_cast<double>(static_cast<float>(0.5 + 3 * 0.1)), "arange of floats");
  Tensor line = zeros(DType::Float32, {5});
  call(cpu::linspace, {operandOf(line)}, {}, {-1, 1});
  expect(line.at({0}) == -1 && line.at({2}) == 0 && line.at({4}) == 1, "linspace");
  Tensor one = zeros(DType::Float64, {1});
  call(cpu::linspace, {operandOf(one)}, {}, {3, 7});
  expect(one.at({0}) == 3, "linspace of one");
  std::mt19937 random(9);
  for (int round = 0; round < 100; ++round) {
    const std::vector<int64_t> sizes = {static_cast<int64_t>(random() % 3), 1 + static_cast<int64_t>(random() % 6),
                                        1 + static_cast<int64_t>(random() % 6)};
    Tensor x = randomTensor(random, static_cast<DType>(random() % kDTypes), sizes, true);
    Tensor out = randomTensor(random, x.dtype, sizes, false);
    const int64_t diagonal = static_cast<int64_t>(random() % 9) - 4;
    const bool upper = round % 2 == 0;
    call(cpu::triangle, {operandOf(out), operandOf(x)}, {diagonal, upper}, {});
    forEachIndex(sizes, [&](const std::vector<int64_t>& index) {
      const int64_t distance = index[2] - index[1];
      const double want = (upper ? distance >= diagonal : distance <= diagonal) ? x.at(index) : 0;
      expect(out.at(index) == want, "triangle round ", round);
    });
  }
});

}  // namespace
}  // namespace cresset::test
