// Softmax and its gradient on vectors. A row takes three passes (maximum, out and their sum, scaling) that
// stay in the first-level cache; columns take the same passes over many columns side by side.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/softmax-vector.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cpu/softmax.h"
#include "math/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
namespace hm = cresset::math::HWY_NAMESPACE;

template <typename C>
using Tag = hn::ScalableTag<C>;

template <typename C>
constexpr C kLowest = -std::numeric_limits<C>::infinity();

// A few values less than a vector, as a vector filled up with `filler`.
template <typename C>
HWY_INLINE hn::Vec<Tag<C>> LoadTail(const C* from, int64_t count, C filler) {
  const Tag<C> d;
  HWY_ALIGN C lanes[HWY_MAX_BYTES / sizeof(C)];
  hn::Store(hn::Set(d, filler), d, lanes);
  std::copy_n(from, count, lanes);
  return hn::Load(d, lanes);
}

template <typename C>
HWY_INLINE void StoreTail(hn::Vec<Tag<C>> v, C* to, int64_t count) {
  HWY_ALIGN C lanes[HWY_MAX_BYTES / sizeof(C)];
  hn::Store(v, Tag<C>(), lanes);
  std::copy_n(lanes, count, to);
}

// Folds f over the vectors of one or two rows, with four accumulators to hide latency. The tail is filled up with
// `filler`.
template <typename C, typename Step, typename Combine>
HWY_INLINE hn::Vec<Tag<C>> Fold(const C* a, const C* b, int64_t n, C start, C filler, Step step, Combine combine) {
  const Tag<C> d;
  const int64_t lanes = hn::Lanes(d);
  auto s0 = hn::Set(d, start), s1 = s0, s2 = s0, s3 = s0;
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    s0 = combine(s0, step(hn::LoadU(d, a + i), hn::LoadU(d, b + i), i));
    s1 = combine(s1, step(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), i + lanes));
    s2 = combine(s2, step(hn::LoadU(d, a + i + 2 * lanes), hn::LoadU(d, b + i + 2 * lanes), i + 2 * lanes));
    s3 = combine(s3, step(hn::LoadU(d, a + i + 3 * lanes), hn::LoadU(d, b + i + 3 * lanes), i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) s0 = combine(s0, step(hn::LoadU(d, a + i), hn::LoadU(d, b + i), i));
  if (i < n) s1 = combine(s1, step(LoadTail(a + i, n - i, filler), LoadTail(b + i, n - i, filler), i));
  return combine(combine(s0, s1), combine(s2, s3));
}

// out = f(a, b), around the caches when asked to and possible.
template <typename C, typename F>
HWY_INLINE void Map(C* out, const C* a, const C* b, int64_t n, bool stream, F f) {
  const Tag<C> d;
  const int64_t lanes = hn::Lanes(d);
  int64_t i = 0;
  if (stream && reinterpret_cast<uintptr_t>(out) % (lanes * sizeof(C)) == 0) {
    for (; i + lanes <= n; i += lanes) hn::Stream(f(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  } else {
    for (; i + lanes <= n; i += lanes) hn::StoreU(f(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  }
  if (i < n) StoreTail(f(LoadTail(a + i, n - i, C{0}), LoadTail(b + i, n - i, C{0})), out + i, n - i);
}

template <typename C>
HWY_INLINE C Sum(hn::Vec<Tag<C>> v) {
  return hn::GetLane(hn::SumOfLanes(Tag<C>(), v));
}

template <typename C>
HWY_INLINE C RowMaximum(const C* x, int64_t n) {
  const auto largest = Fold(
      x, x, n, kLowest<C>, kLowest<C>, [](auto v, auto, int64_t) HWY_ATTR { return v; },
      [](auto s, auto t) HWY_ATTR { return hn::Max(s, t); });
  return hn::GetLane(hn::MaxOfLanes(Tag<C>(), largest));
}

constexpr auto kAdd = [](auto s, auto t) HWY_ATTR { return hn::Add(s, t); };

template <typename C>
void Row(C* out, const C* x, const C*, int64_t n, bool) {
  const Tag<C> d;
  const int64_t lanes = hn::Lanes(d);
  const auto largest = hn::Set(d, RowMaximum(x, n));
  const C sum = Sum<C>(Fold(
      x, x, n, C{0}, kLowest<C>,
      [&](auto v, auto, int64_t i) HWY_ATTR {
        const auto e = hm::Exp(d, hn::Sub(v, largest));
        if (i + lanes <= n) {
          hn::StoreU(e, d, out + i);
          return e;
        }
        StoreTail(e, out + i, n - i);
        // The filler is the exponential of minus infinity, unless the maximum is that too.
        return LoadTail(out + i, n - i, C{0});
      },
      kAdd));
  const auto scale = hn::Set(d, C{1} / sum);
  Map(out, out, out, n, false, [&](auto e, auto) HWY_ATTR { return hn::Mul(e, scale); });
}

template <typename C>
void RowLog(C* out, const C* x, const C*, int64_t n, bool stream) {
  const Tag<C> d;
  const auto largest = hn::Set(d, RowMaximum(x, n));
  const C sum = Sum<C>(Fold(
      x, x, n, C{0}, kLowest<C>, [&](auto v, auto, int64_t) HWY_ATTR { return hm::Exp(d, hn::Sub(v, largest)); },
      kAdd));
  const auto log = hn::Set(d, std::log(sum));
  Map(out, x, x, n, stream, [&](auto v, auto) HWY_ATTR { return hn::Sub(hn::Sub(v, largest), log); });
}

template <typename C>
void RowBackward(C* gx, const C* gy, const C* y, int64_t n, bool stream) {
  const Tag<C> d;
  const auto sum =
      hn::Set(d, Sum<C>(Fold(
                     gy, y, n, C{0}, C{0}, [](auto g, auto v, int64_t) HWY_ATTR { return hn::Mul(g, v); }, kAdd)));
  Map(gx, gy, y, n, stream, [&](auto g, auto v) HWY_ATTR { return hn::Mul(hn::Sub(g, sum), v); });
}

template <typename C>
void RowBackwardLog(C* gx, const C* gy, const C* y, int64_t n, bool stream) {
  const Tag<C> d;
  const auto sum = hn::Set(d, Sum<C>(Fold(
                                  gy, gy, n, C{0}, C{0}, [](auto g, auto, int64_t) HWY_ATTR { return g; }, kAdd)));
  Map(gx, gy, y, n, stream, [&](auto g, auto v) HWY_ATTR { return hn::Sub(g, hn::Mul(hm::Exp(d, v), sum)); });
}

// One vector of columns at a time would read the rows in pieces of a cache line; several at once keep the prefetcher
// going.
constexpr int64_t kColumnBlock = 512;

// to[j] = f(to[j], a[j], b[j])
template <typename C, typename F>
HWY_INLINE void Update(C* to, const C* a, const C* b, int64_t count, F f) {
  const Tag<C> d;
  const int64_t lanes = hn::Lanes(d);
  int64_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    hn::StoreU(f(hn::LoadU(d, to + j), hn::LoadU(d, a + j), hn::LoadU(d, b + j)), d, to + j);
  }
  if (j < count) {
    const int64_t rest = count - j;
    StoreTail(f(LoadTail(to + j, rest, C{0}), LoadTail(a + j, rest, C{0}), LoadTail(b + j, rest, C{0})), to + j, rest);
  }
}

template <typename C, Softmax kKind>
void ColumnBlock(C* out, const C* a, const C* b, int64_t outStride, int64_t aStride, int64_t bStride, int64_t n,
                 int64_t count) {
  const Tag<C> d;
  HWY_ALIGN C largest[kColumnBlock];
  HWY_ALIGN C sum[kColumnBlock];
  std::fill_n(sum, count, C{0});
  if constexpr (kKind == Softmax::Forward || kKind == Softmax::ForwardLog) {
    std::fill_n(largest, count, kLowest<C>);
    for (int64_t i = 0; i < n; ++i) {
      Update(largest, a + i * aStride, a + i * aStride, count,
             [](auto m, auto v, auto) HWY_ATTR { return hn::Max(m, v); });
    }
    for (int64_t i = 0; i < n; ++i) {
      const C* row = a + i * aStride;
      if constexpr (kKind == Softmax::Forward) {
        C* to = out + i * outStride;
        Update(to, row, largest, count, [&](auto, auto v, auto m) HWY_ATTR { return hm::Exp(d, hn::Sub(v, m)); });
        Update(sum, to, to, count, [](auto s, auto e, auto) HWY_ATTR { return hn::Add(s, e); });
      } else {
        Update(sum, row, largest, count,
               [&](auto s, auto v, auto m) HWY_ATTR { return hn::Add(s, hm::Exp(d, hn::Sub(v, m))); });
      }
    }
    for (int64_t j = 0; j < count; ++j) sum[j] = kKind == Softmax::Forward ? C{1} / sum[j] : std::log(sum[j]);
    for (int64_t i = 0; i < n; ++i) {
      C* to = out + i * outStride;
      if constexpr (kKind == Softmax::Forward) {
        Update(to, sum, sum, count, [](auto e, auto s, auto) HWY_ATTR { return hn::Mul(e, s); });
      } else {
        Map(to, a + i * aStride, largest, count, false, [](auto v, auto m) HWY_ATTR { return hn::Sub(v, m); });
        Update(to, sum, sum, count, [](auto v, auto s, auto) HWY_ATTR { return hn::Sub(v, s); });
      }
    }
  } else {
    for (int64_t i = 0; i < n; ++i) {
      Update(sum, a + i * aStride, b + i * bStride, count, [](auto s, auto g, auto y) HWY_ATTR {
        if constexpr (kKind == Softmax::Backward) {
          return hn::MulAdd(g, y, s);
        } else {
          return hn::Add(s, g);
        }
      });
    }
    for (int64_t i = 0; i < n; ++i) {
      C* to = out + i * outStride;
      const C *g = a + i * aStride, *y = b + i * bStride;
      if constexpr (kKind == Softmax::Backward) {
        Map(to, g, sum, count, false, [](auto v, auto s) HWY_ATTR { return hn::Sub(v, s); });
        Update(to, y, y, count, [](auto v, auto w, auto) HWY_ATTR { return hn::Mul(v, w); });
      } else {
        Map(to, y, sum, count, false, [&](auto v, auto s) HWY_ATTR { return hn::Mul(hm::Exp(d, v), s); });
        Update(to, g, g, count, [](auto v, auto w, auto) HWY_ATTR { return hn::Sub(w, v); });
      }
    }
  }
}

template <typename C, Softmax kKind>
void Columns(C* out, const C* a, const C* b, int64_t outStride, int64_t aStride, int64_t bStride, int64_t n,
             int64_t count) {
  for (int64_t j = 0; j < count; j += kColumnBlock) {
    ColumnBlock<C, kKind>(out + j, a + j, b + j, outStride, aStride, bStride, n, std::min(kColumnBlock, count - j));
  }
}

template <typename C>
const SoftmaxFunctions<C>* Functions() {
  static constexpr SoftmaxFunctions<C> kTable[] = {{Row<C>, Columns<C, Softmax::Forward>},
                                                   {RowLog<C>, Columns<C, Softmax::ForwardLog>},
                                                   {RowBackward<C>, Columns<C, Softmax::Backward>},
                                                   {RowBackwardLog<C>, Columns<C, Softmax::BackwardLog>}};
  return kTable;
}

const SoftmaxFunctions<float>* softmaxFloat32() { return Functions<float>(); }
const SoftmaxFunctions<double>* softmaxFloat64() { return Functions<double>(); }

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(softmaxFloat32);
HWY_EXPORT(softmaxFloat64);

template <>
const SoftmaxFunctions<float>& softmaxFunctions(Softmax kind) {
  static const SoftmaxFunctions<float>* const table = HWY_DYNAMIC_DISPATCH(softmaxFloat32)();
  return table[static_cast<int>(kind)];
}

template <>
const SoftmaxFunctions<double>& softmaxFunctions(Softmax kind) {
  static const SoftmaxFunctions<double>* const table = HWY_DYNAMIC_DISPATCH(softmaxFloat64)();
  return table[static_cast<int>(kind)];
}

}  // namespace cresset::cpu
#endif
