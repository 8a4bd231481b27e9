// Running results along one dimension: cumsum, cumprod, logcumsumexp, cummax, cummin.
#include <algorithm>
#include <cmath>
#include <limits>

#include "convention.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {
namespace {

// Neighbouring lanes that advance together when the scanned dimension is not the innermost: a row of them is one cache
// line or more, and their running values stay in the first-level cache.
constexpr int64_t kLanes = 64;

// Running values are kept in a wider type where PyTorch does: float32 accumulates in float64, the halves in float32.
template <typename T>
using AccumulatorOf = std::conditional_t<std::is_same_v<T, float>, double, ArithmeticOf<T>>;

// The space of x without the scanned dimension, as lanes along its last remaining dimension and lines over the others.
template <int N>
struct Lines {
  int64_t length;  // of the scanned dimension
  int64_t lanes = 1;
  std::array<int64_t, N> along{};   // strides of the scanned dimension
  std::array<int64_t, N> across{};  // strides of the lanes
  Walk<N> walk;

  Lines(const std::array<const Operand*, N>& operands, int dim)
      : length(sizeAt(*operands[0], dim)), walk(make(operands, dim)) {}

  // Calls f(first element offsets, lanes) for groups of lanes, split among threads.
  template <typename F>
  void each(F&& f) const {
    if (length == 0) return;
    const int64_t groups = (lanes + kLanes - 1) / kLanes;
    const int64_t work = length * std::min(lanes, kLanes);
    parallelFor(walk.numel() * groups, std::max<int64_t>(1, kGrain / std::max<int64_t>(work, 1)),
                [&](int64_t begin, int64_t end) {
                  for (int64_t item = begin; item < end; ++item) {
                    const int64_t first = item % groups * kLanes;
                    walk.runs(item / groups, item / groups + 1, [&](auto offset, int64_t, int64_t) {
                      for (int k = 0; k < N; ++k) offset[k] += first * across[k];
                      f(offset, std::min(kLanes, lanes - first));
                    });
                  }
                });
  }

 private:
  Walk<N> make(const std::array<const Operand*, N>& operands, int dim) {
    const Operand& x = *operands[0];
    std::array<Extents, N> strides;
    for (int k = 0; k < N; ++k) {
      along[k] = strideAt(*operands[k], dim);
      strides[k] = x.ndim ? without(operands[k]->strides, x.ndim, dim) : Extents{};
    }
    Extents sizes = x.ndim ? without(x.sizes, x.ndim, dim) : Extents{};
    int ndim = std::max(x.ndim - 1, 0);
    if (ndim > 0 && dim < ndim) {
      --ndim;
      lanes = sizes[ndim];
      for (int k = 0; k < N; ++k) across[k] = strides[k][ndim];
    }
    return Walk<N>(ndim, sizes, strides);
  }
};

// operands: out, x; ints: dim.
template <typename T, typename Combine>
void scan(const KernelArgs& args, AccumulatorOf<T> start, Combine combine) {
  const Operand &out = args.operands[0], &x = args.operands[1];
  using A = AccumulatorOf<T>;
  demandGiven({&out, &x});
  demandType(x.dtype, {&out});
  demandSameSizes(out, x);
  demandDim(x, args.ints[0]);
  const Lines<2> lines({&out, &x}, static_cast<int>(args.ints[0]));
  const auto [os, xs] = lines.along;
  const auto [ol, xl] = lines.across;
  lines.each([&](const auto& offset, int64_t lanes) {
    T* to = out.as<T>() + offset[0];
    const T* from = x.as<const T>() + offset[1];
    if (lanes == 1) {  // one chain: its running value stays in a register
      A value = start;
      for (int64_t i = 0; i < lines.length; ++i) {
        value = combine(value, static_cast<A>(load(from[i * xs])));
        to[i * os] = T(static_cast<ArithmeticOf<T>>(value));
      }
      return;
    }
    std::array<A, kLanes> running;
    running.fill(start);
    for (int64_t i = 0; i < lines.length; ++i) {
      for (int64_t lane = 0; lane < lanes; ++lane) {
        running[lane] = combine(running[lane], static_cast<A>(load(from[i * xs + lane * xl])));
        to[i * os + lane * ol] = T(static_cast<ArithmeticOf<T>>(running[lane]));
      }
    }
  });
}

// operands: values, indices (int64), x; ints: dim. `wins(candidate, best)` also holds for equal values: the last one
// wins.
template <typename Wins>
void extremes(const KernelArgs& args, Wins wins) {
  const Operand &values = args.operands[0], &indices = args.operands[1], &x = args.operands[2];
  demandGiven({&values, &indices, &x});
  demandType(x.dtype, {&values});
  demandType(DType::Int64, {&indices});
  demandSameSizes(values, x);
  demandSameSizes(indices, x);
  demandDim(x, args.ints[0]);
  const Lines<3> lines({&values, &indices, &x}, static_cast<int>(args.ints[0]));
  const auto [vs, is, xs] = lines.along;
  const auto [vl, il, xl] = lines.across;
  dispatch(x.dtype, [&]<typename T>() {
    lines.each([&](const auto& offset, int64_t lanes) {
      std::array<T, kLanes> best;
      std::array<int64_t, kLanes> at{};
      for (int64_t i = 0; i < lines.length; ++i) {
        for (int64_t lane = 0; lane < lanes; ++lane) {
          const T value = x.as<const T>()[offset[2] + i * xs + lane * xl];
          if (i == 0 || isNan(value) || (!isNan(best[lane]) && wins(load(value), load(best[lane])))) {
            best[lane] = value;
            at[lane] = i;
          }
          values.as<T>()[offset[0] + i * vs + lane * vl] = best[lane];
          indices.as<int64_t>()[offset[1] + i * is + lane * il] = at[lane];
        }
      }
    });
  });
}

// log(exp(a) + exp(b)) without overflow; equal infinities stay what they are.
template <typename A>
A logAddExp(A a, A b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<A>::quiet_NaN();
  const A low = std::min(a, b), high = std::max(a, b);
  if (low == high && std::isinf(low)) return low;
  return high + std::log1p(std::exp(low - high));
}

}  // namespace

void cumsum(const KernelArgs& args) {
  dispatch(args.operands[1].dtype,
           [&]<typename T>() { scan<T>(args, AccumulatorOf<T>(0), [](auto a, auto b) { return sumOf(a, b); }); });
}

void cumprod(const KernelArgs& args) {
  dispatch(args.operands[1].dtype,
           [&]<typename T>() { scan<T>(args, AccumulatorOf<T>(1), [](auto a, auto b) { return productOf(a, b); }); });
}

// Floating-point dtypes only.
void logcumsumexp(const KernelArgs& args) {
  demandFloating(args.operands[1]);
  dispatch(args.operands[1].dtype, [&]<typename T>() {
    if constexpr (!kWhole<T>) {
      using A = AccumulatorOf<T>;
      scan<T>(args, -std::numeric_limits<A>::infinity(), [](A a, A b) { return logAddExp(a, b); });
    }
  });
}

void cummax(const KernelArgs& args) {
  extremes(args, [](auto a, auto b) { return a >= b; });
}

void cummin(const KernelArgs& args) {
  extremes(args, [](auto a, auto b) { return a <= b; });
}

}  // namespace cresset::cpu
