// Average pooling, its adaptive form, and the gradients of both.
#include <algorithm>
#include <type_traits>

#include "convention.h"
#include "parallel.h"
#include "pool.h"
#include "temporary.h"

namespace cresset::cpu {

namespace {

// Integers are summed in 64 bits and divided toward zero.
template <typename T>
using SumOf = std::conditional_t<kWhole<T>, int64_t, ArithmeticOf<T>>;

// Calls f(output position in the plane, divisor, z, y, x) for every window of a plane. The divisor is a double, in
// which the product of absurdly large windows does not overflow, bounded so that it converts to any type.
template <typename F>
void forWindows(const Pooling& p, int64_t divisorOverride, F&& f) {
  constexpr double kMost = 0x1p62;
  int64_t position = 0;
  for (const Window& z : p.windows[0]) {
    for (const Window& y : p.windows[1]) {
      for (const Window& x : p.windows[2]) {
        const double shares =
            static_cast<double>(z.share) * static_cast<double>(y.share) * static_cast<double>(x.share);
        const double divisor = divisorOverride != 0 ? static_cast<double>(divisorOverride) : std::min(shares, kMost);
        f(position++, divisor, z, y, x);
      }
    }
  }
}

// Long runs have several sums side by side, which the processor adds at once.
template <typename A, typename T>
A sumOfRun(const T* from, int64_t count, A start) {
  constexpr int64_t kWidth = 16;
  int64_t i = 0;
  if (count >= 2 * kWidth) {
    A sums[kWidth] = {};
    for (; i + kWidth <= count; i += kWidth) {
      for (int64_t j = 0; j < kWidth; ++j) sums[j] += static_cast<A>(from[i + j]);
    }
    for (const A sum : sums) start += sum;
  }
  for (; i < count; ++i) start += static_cast<A>(from[i]);
  return start;
}

int64_t planeGrain(const Pooling& p) {
  return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, p.inPlane() + p.outPlane() * p.windowSize()));
}

void averagePooling(const Pooling& p, const Operand& out, const Operand& x, int64_t divisorOverride) {
  dispatch(x.dtype, [&]<typename T>() {
    using A = SumOf<T>;
    parallelFor(p.planes, planeGrain(p), [&](int64_t begin, int64_t end) {
      for (int64_t index = begin; index < end; ++index) {
        const T* plane = x.as<const T>() + index * p.inPlane();
        T* to = out.as<T>() + index * p.outPlane();
        forWindows(p, divisorOverride,
                   [&](int64_t at, double divisor, const Window& z, const Window& y, const Window& w) {
                     A sum{};
                     // Whole rows follow on each other: they are one run.
                     const bool wholeRows = w.end - w.begin == p.in[2];
                     const int64_t rows = y.end - y.begin;
                     for (int64_t i = z.begin; i < z.end; ++i) {
                       const T* from = plane + (i * p.in[1] + y.begin) * p.in[2] + w.begin;
                       const int64_t run = wholeRows ? rows * p.in[2] : w.end - w.begin;
                       for (int64_t j = 0; j < (wholeRows ? 1 : rows); ++j)
                         sum = sumOfRun(from + j * p.in[2], run, sum);
                     }
                     to[at] = sum == A{} ? static_cast<T>(sum) : static_cast<T>(sum / static_cast<A>(divisor));
                   });
      }
    });
  });
}

void averagePoolingBackward(const Pooling& p, const Operand& gx, const Operand& gy, int64_t divisorOverride) {
  dispatch(gx.dtype, [&]<typename T>() {
    using A = ArithmeticOf<T>;
    constexpr bool kConverts = !std::is_same_v<A, T>;
    parallelFor(p.planes, planeGrain(p), [&](int64_t begin, int64_t end) {
      const Temporary<A> sums(kConverts ? p.inPlane() : 0);
      for (int64_t index = begin; index < end; ++index) {
        T* to = gx.as<T>() + index * p.inPlane();
        A* total = nullptr;
        if constexpr (kConverts)
          total = sums.get();
        else
          total = to;
        std::fill_n(total, p.inPlane(), A{});
        const T* from = gy.as<const T>() + index * p.outPlane();
        forWindows(p, divisorOverride,
                   [&](int64_t at, double divisor, const Window& z, const Window& y, const Window& w) {
                     if (z.begin == z.end || y.begin == y.end || w.begin == w.end) return;
                     const A part = static_cast<A>(static_cast<A>(from[at]) / static_cast<A>(divisor));
                     for (int64_t i = z.begin; i < z.end; ++i) {
                       for (int64_t j = y.begin; j < y.end; ++j) {
                         A* row = total + (i * p.in[1] + j) * p.in[2];
                         for (int64_t k = w.begin; k < w.end; ++k) row[k] = static_cast<A>(row[k] + part);
                       }
                     }
                   });
        if constexpr (kConverts) {
          std::transform(total, total + p.inPlane(), to, [](A value) { return static_cast<T>(value); });
        }
      }
    });
  });
}

// The tail of avgPool's ints: countIncludePad, divisorOverride.
bool countsPadding(const KernelArgs& args) { return args.ints[args.ints.size() - 2] != 0; }
int64_t divisorOf(const KernelArgs& args) { return args.ints.back(); }

}  // namespace

// operands: out, x; (N·C, …) contiguous; ints: s, kernel×s, stride×s, padding×s, countIncludePad, divisorOverride (0:
// none).
void avgPool(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1];
  checkPooling(x, out, {});
  checkSliding(x, out, args.ints, false, 2);
  if (out.numel() == 0) return;
  averagePooling(slidingPooling(x, out, args.ints, false, countsPadding(args)), out, x, divisorOf(args));
}

// operands: gx, gy; as avgPool.
void avgPoolBackward(const KernelArgs& args) {
  const Operand &gx = args.operands[0], &gy = args.operands[1];
  checkPooling(gx, gy, {});
  demandFloating(gx);
  checkSliding(gx, gy, args.ints, false, 2);
  if (gx.numel() == 0) return;
  averagePoolingBackward(slidingPooling(gx, gy, args.ints, false, countsPadding(args)), gx, gy, divisorOf(args));
}

// operands: out, x; (N·C, …) contiguous.
void adaptiveAvgPool(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1];
  checkPooling(x, out, {});
  if (out.numel() == 0) return;
  averagePooling(adaptivePooling(x, out), out, x, 0);
}

// operands: gx, gy; (N·C, …) contiguous.
void adaptiveAvgPoolBackward(const KernelArgs& args) {
  const Operand &gx = args.operands[0], &gy = args.operands[1];
  checkPooling(gx, gy, {});
  demandFloating(gx);
  if (gx.numel() == 0) return;
  averagePoolingBackward(adaptivePooling(gx, gy), gx, gy, 0);
}

}  // namespace cresset::cpu
