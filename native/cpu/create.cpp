// Tensors from a rule: ranges, evenly spaced values, triangles of matrices.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "convention.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {

// PyTorch computes ranges in blocks of two vectors of 32 bytes: the first of a vector's elements is the rule's, the
// others are a multiple of the step away from it, as it was stored. What is left over follows the rule one by one. A
// different order would give other last digits, and with them 0 for -2.98e-08 and other whole numbers.
template <typename T, typename Rule, typename Lane>
void inBlocks(const Operand& out, Rule rule, Lane lane) {
  constexpr int64_t kLanes = 32 / sizeof(T);
  const int64_t count = out.numel(), whole = count - count % (2 * kLanes);
  parallelFor(count, kGrain, [&](int64_t begin, int64_t end) {
    T* data = out.as<T>();
    for (int64_t i = begin; i < end; ++i) {
      const int64_t k = i < whole ? i % kLanes : 0;
      data[i * strideAt(out, 0)] = k == 0 ? rule(i) : lane(rule(i - k), k);
    }
  });
}

// out[i] = start + i * step, exact for integers; floats are computed in float64.
void arange(const KernelArgs& args) {
  const Operand& out = args.operands[0];
  demandGiven({&out});
  demandDims(out, 0, 1);
  const int64_t start = args.ints[0], step = args.ints[1];
  const auto stride = static_cast<uint64_t>(step);  // wraps, where a signed sum would be undefined
  const double first = args.floats[0], delta = args.floats[1];
  dispatch(out.dtype, [&]<typename T>() {
    if constexpr (kWhole<T>) {
      const auto from = [=](uint64_t base, int64_t i) {
        return static_cast<T>(base + static_cast<uint64_t>(i) * stride);
      };
      inBlocks<T>(
          out, [=](int64_t i) { return from(static_cast<uint64_t>(start), i); }, from);
    } else {
      const auto from = [=](double base, int64_t i) {
        return castTo<T>(std::fma(static_cast<double>(i), delta, base));
      };
      inBlocks<T>(
          out, [=](int64_t i) { return from(first, i); },
          [=](T base, int64_t k) { return from(static_cast<ArithmeticOf<T>>(base), k); });
    }
  });
}

// Evenly spaced values, computed from the nearer end so that both ends are exact, in the dtype's own arithmetic.
void linspace(const KernelArgs& args) {
  const Operand& out = args.operands[0];
  demandGiven({&out});
  demandDims(out, 0, 1);
  const double start = args.floats[0], end = args.floats[1];
  const int64_t count = out.numel();
  dispatch(out.dtype, [&]<typename T>() {
    using C = std::conditional_t<kWhole<T>, double, ArithmeticOf<T>>;
    const C low = static_cast<C>(start), high = static_cast<C>(end);
    const C step = count > 1 ? (high - low) / static_cast<C>(count - 1) : C{0};
    const auto rule = [&](int64_t i) {
      const C value = i < count / 2 || count == 1 ? std::fma(step, static_cast<C>(i), low)
                                                  : std::fma(-step, static_cast<C>(count - i - 1), high);
      return castTo<T>(static_cast<double>(value));
    };
    inBlocks<T>(out, rule, [&](T base, int64_t k) {
      return castTo<T>(
          static_cast<double>(static_cast<C>(k) * step + static_cast<C>(static_cast<ArithmeticOf<T>>(base))));
    });
  });
}

// Copies matrices (…, m, n) with zeros on one side of a diagonal.
void triangle(const KernelArgs& args) {
  const Operand& out = args.operands[0];
  const Operand& x = args.operands[1];
  demandGiven({&out, &x});
  demandType(x.dtype, {&out});
  demandDims(x, 2, kMaxDims);
  demandSameSizes(out, x);
  const int64_t diagonal = args.ints[0];
  const bool upper = args.ints[1] != 0;
  const int rows = x.ndim - 2;
  const int64_t columns = x.sizes[x.ndim - 1];
  const Walk<2> walk(x.ndim - 1, x.sizes, {out.strides, x.strides});
  const int64_t height = x.sizes[rows];
  dispatchSize(x.dtype, [&]<typename T>() {
    walk.parallel(std::max<int64_t>(1, kGrain / std::max<int64_t>(columns, 1)),
                  [&](const auto& offset, int64_t count, int64_t position) {
                    for (int64_t k = 0; k < count; ++k) {
                      const int64_t row = (position + k) % height;
                      const int64_t edge = std::clamp<int64_t>(row + diagonal + (upper ? 0 : 1), 0, columns);
                      T* to = out.as<T>() + offset[0] + k * walk.inner(0);
                      const T* from = x.as<const T>() + offset[1] + k * walk.inner(1);
                      for (int64_t j = 0; j < columns; ++j) {
                        const bool kept = upper ? j >= edge : j < edge;
                        to[j * out.strides[x.ndim - 1]] = kept ? from[j * x.strides[x.ndim - 1]] : T{0};
                      }
                    }
                  });
  });
}

}  // namespace cresset::cpu
