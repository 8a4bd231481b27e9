// Maximum pooling, its adaptive form, and the gradient of both.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "convention.h"
#include "inside.h"
#include "parallel.h"
#include "pool.h"
#include "temporary.h"

namespace cresset::cpu {

namespace {

template <typename A>
constexpr A lowest() {
  if constexpr (std::is_integral_v<A>)
    return std::numeric_limits<A>::lowest();
  else
    return -std::numeric_limits<A>::infinity();
}

// `value` takes the place of `best`: the last NaN, or the first of equal values.
template <typename A>
bool wins(A value, A best) {
  if constexpr (std::is_integral_v<A>)
    return value > best;
  else
    return static_cast<int>(value > best) | static_cast<int>(value != value);
}

template <typename T>
void maxAt(const Pooling& p, const T* plane, const Window& z, const Window& y, const Window& x, T* out,
           int64_t* index) {
  using A = ArithmeticOf<T>;
  A best = lowest<A>();
  int64_t at = (z.begin * p.in[1] + y.begin) * p.in[2] + x.begin;
  for (int64_t i = z.begin; i < z.end; i += z.step) {
    for (int64_t j = y.begin; j < y.end; j += y.step) {
      const int64_t row = (i * p.in[1] + j) * p.in[2];
      for (int64_t k = x.begin; k < x.end; k += x.step) {
        // Selections instead of a branch, which maxima of random data would mispredict half the time.
        const A value = static_cast<A>(plane[row + k]);
        const bool taken = wins(value, best);
        best = taken ? value : best;
        at = taken ? row + k : at;
      }
    }
  }
  *out = static_cast<T>(best);
  if (index != nullptr) *index = at;
}

// One tap of the windows [begin, end) of a row: `from` is what the first of them sees.
template <int64_t kStride, typename T, typename A>
void takeTap(const T* from, int64_t stride, int64_t count, int32_t position, A* best, int32_t* at) {
  const int64_t apart = kStride > 0 ? kStride : stride;
  for (int64_t i = 0; i < count; ++i) {
    const A value = static_cast<A>(from[i * apart]);
    const bool taken = wins(value, best[i]);
    best[i] = taken ? value : best[i];
    at[i] = taken ? position + static_cast<int32_t>(i * apart) : at[i];
  }
}

// A row of sliding windows, tap by tap: neighbouring windows do not wait for each other, and the compiler makes vectors
// of them. Every window still sees its values in order. `best` and `at` have room for a row.
template <typename T, typename A>
void maxOfRow(const Pooling& p, const T* plane, const Window& z, const Window& y, A* best, int32_t* at) {
  const Slide& slide = p.slide;
  const int64_t count = p.out[2];
  const int64_t first = (z.begin * p.in[1] + y.begin) * p.in[2];
  for (int64_t i = 0; i < count; ++i) {
    best[i] = lowest<A>();
    at[i] = static_cast<int32_t>(first + p.windows[2][i].begin);
  }
  const auto take = slide.stride == 1 ? takeTap<1, T, A> : slide.stride == 2 ? takeTap<2, T, A> : takeTap<0, T, A>;
  // Taps that no window sees inside the input are left out: with much padding there may be any number of them.
  const int64_t before = std::max<int64_t>(0, slide.padding - (count - 1) * slide.stride);
  const int64_t firstTap = (before + slide.step - 1) / slide.step;
  const int64_t lastTap = std::min(slide.kernel - 1, (p.in[2] - 1 + slide.padding) / slide.step);
  for (int64_t i = z.begin; i < z.end; i += z.step) {
    for (int64_t j = y.begin; j < y.end; j += y.step) {
      const int64_t row = (i * p.in[1] + j) * p.in[2];
      for (int64_t k = firstTap; k <= lastTap; ++k) {
        const int64_t offset = k * slide.step - slide.padding;
        const Inside inside(offset, slide.stride, p.in[2], count);
        const int64_t position = row + inside.begin * slide.stride + offset;
        if (inside.begin == inside.end) continue;
        take(plane + position, slide.stride, inside.end - inside.begin, static_cast<int32_t>(position),
             best + inside.begin, at + inside.begin);
      }
    }
  }
}

// How many leading windows of a row are 2×2, side by side and whole.
int64_t leadingSquares(const Pooling& p, const Window& y) {
  if (y.end - y.begin != 2 || y.step != 1) return 0;
  int64_t count = 0;
  for (const Window& x : p.windows[2]) {
    if (x.step != 1 || x.begin != 2 * count || x.end != x.begin + 2) break;
    ++count;
  }
  return count;
}

void maxPooling(const Pooling& p, const Operand& out, const Operand& indices, const Operand& x) {
  const int64_t rows = p.planes * p.out[0] * p.out[1];
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, p.out[2] * p.windowSize()));
  dispatch(x.dtype, [&]<typename T>() {
    using A = ArithmeticOf<T>;
    const bool byRow = p.slide.kernel > 0 && p.inPlane() <= std::numeric_limits<int32_t>::max();
    parallelFor(rows, grain, [&](int64_t begin, int64_t end) {
      const Temporary<A> best(byRow ? p.out[2] : 0);
      const Temporary<int32_t> at(byRow ? p.out[2] : 0);
      for (int64_t row = begin; row < end; ++row) {
        const Window& z = p.windows[0][row / p.out[1] % p.out[0]];
        const Window& y = p.windows[1][row % p.out[1]];
        const T* plane = x.as<const T>() + row / (p.out[0] * p.out[1]) * p.inPlane();
        T* to = out.as<T>() + row * p.out[2];
        int64_t* index = indices ? indices.as<int64_t>() + row * p.out[2] : nullptr;
        int64_t i = 0;
        if constexpr (std::is_same_v<T, float>) {
          if (z.end - z.begin == 1) {
            i = leadingSquares(p, y);
            const int64_t first = (z.begin * p.in[1] + y.begin) * p.in[2];
            maxOfSquares(plane + first, plane + first + p.in[2], i, first, p.in[2], to, index);
          }
        }
        if (byRow && p.out[2] - i > 1) {
          maxOfRow(p, plane, z, y, best.get(), at.get());
          for (; i < p.out[2]; ++i) {
            to[i] = static_cast<T>(best[i]);
            if (index != nullptr) index[i] = at[i];
          }
        }
        for (; i < p.out[2]; ++i) {
          maxAt(p, plane, z, y, p.windows[2][i], to + i, index == nullptr ? nullptr : index + i);
        }
      }
    });
  });
}

}  // namespace

// operands: out, indices? (int64), x; (N·C, …) contiguous; ints: s, kernel×s, stride×s, padding×s, dilation×s.
void maxPool(const KernelArgs& args) {
  const Operand &out = args.operands[0], &indices = args.operands[1], &x = args.operands[2];
  checkPooling(x, out, {&indices});
  demandType(DType::Int64, {&indices});
  checkSliding(x, out, args.ints, true, 0);
  if (out.numel() == 0) return;
  maxPooling(slidingPooling(x, out, args.ints, true, false), out, indices, x);
}

// operands: out, indices (int64), x; (N·C, …) contiguous.
void adaptiveMaxPool(const KernelArgs& args) {
  const Operand &out = args.operands[0], &indices = args.operands[1], &x = args.operands[2];
  checkPooling(x, out, {&indices});
  demandType(DType::Int64, {&indices});
  if (out.numel() == 0) return;
  maxPooling(adaptivePooling(x, out), out, indices, x);
}

// operands: gx (written whole), gy, indices (int64, flat in a plane of gx); (N·C, …) contiguous.
void maxPoolBackward(const KernelArgs& args) {
  const Operand &gx = args.operands[0], &gy = args.operands[1], &indices = args.operands[2];
  demandGiven({&gx, &gy, &indices});
  demandContiguous({&gx, &gy, &indices});
  demandType(gx.dtype, {&gy});
  demandDims(gx, 1, kMaxDims);
  demandLeading(gy, gx, 1);
  demandSameSizes(indices, gy);
  demandIndices(indices, gx);
  const int64_t planes = gx.sizes[0];
  if (planes == 0) return;
  const int64_t inPlane = gx.numel() / planes, outPlane = gy.numel() / planes;
  dispatch(gx.dtype, [&]<typename T>() {
    using A = ArithmeticOf<T>;
    constexpr bool kConverts = !std::is_same_v<A, T>;
    parallelFor(planes, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, inPlane)), [&](int64_t begin, int64_t end) {
      const Temporary<A> sums(kConverts ? inPlane : 0);
      for (int64_t plane = begin; plane < end; ++plane) {
        T* to = gx.as<T>() + plane * inPlane;
        A* total = nullptr;
        if constexpr (kConverts)
          total = sums.get();
        else
          total = to;
        std::fill_n(total, inPlane, A{});
        const T* from = gy.as<const T>() + plane * outPlane;
        const int64_t* index = indices.as<const int64_t>() + plane * outPlane;
        for (int64_t i = 0; i < outPlane; ++i) {
          if (static_cast<uint64_t>(index[i]) >= static_cast<uint64_t>(inPlane)) {
            throw IndexFault("Found an invalid max index: " + std::to_string(index[i]));
          }
          total[index[i]] += static_cast<A>(from[i]);
        }
        if constexpr (kConverts)
          std::transform(total, total + inPlane, to, [](A value) { return static_cast<T>(value); });
      }
    });
  });
}

}  // namespace cresset::cpu
