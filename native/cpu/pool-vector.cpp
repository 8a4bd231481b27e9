// The window that nearly every network uses, 2×2 with stride 2, on vectors.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pool-vector.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/pool.h"

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Windows from `begin` on, as many as whole vectors of D cover; gives the first that is left.
template <class D>
int64_t MaxOfVectors(D d, const float* top, const float* bottom, int64_t begin, int64_t count, int64_t first,
                     int64_t width, float* out, int64_t* indices) {
  const hn::RebindToSigned<D> di;
  const hn::Half<decltype(di)> half;
  const hn::Rebind<int64_t, decltype(half)> wide;
  const int64_t lanes = hn::Lanes(d);
  // Positions relative to the first value fit 32 bits; the base is added in 64.
  const auto base = hn::Set(wide, first);
  const auto one = hn::Set(di, 1);
  int64_t i = begin;
  for (; i + lanes <= count; i += lanes) {
    hn::Vec<D> a, b, c, e;
    hn::LoadInterleaved2(d, top + 2 * i, a, b);
    hn::LoadInterleaved2(d, bottom + 2 * i, c, e);
    // PyTorch's order: a later value wins when it is larger, or NaN.
    const auto takesB = hn::Or(hn::Gt(b, a), hn::IsNaN(b));
    const auto upper = hn::IfThenElse(takesB, b, a);
    const auto takesC = hn::Or(hn::Gt(c, upper), hn::IsNaN(c));
    const auto third = hn::IfThenElse(takesC, c, upper);
    const auto takesE = hn::Or(hn::Gt(e, third), hn::IsNaN(e));
    hn::StoreU(hn::IfThenElse(takesE, e, third), d, out + i);
    if (indices == nullptr) continue;
    const auto step = hn::Iota(di, static_cast<int32_t>(i));
    auto at = hn::Add(step, step);
    const auto below = hn::Add(at, hn::Set(di, static_cast<int32_t>(width)));
    at = hn::IfThenElse(hn::RebindMask(di, takesB), hn::Add(at, one), at);
    at = hn::IfThenElse(hn::RebindMask(di, takesC), below, at);
    at = hn::IfThenElse(hn::RebindMask(di, takesE), hn::Add(below, one), at);
    hn::StoreU(hn::Add(base, hn::PromoteTo(wide, hn::LowerHalf(half, at))), wide, indices + i);
    hn::StoreU(hn::Add(base, hn::PromoteTo(wide, hn::UpperHalf(half, at))), wide, indices + i + lanes / 2);
  }
  return i;
}

void MaxOfSquares(const float* top, const float* bottom, int64_t count, int64_t first, int64_t width, float* out,
                  int64_t* indices) {
  // Rows of small images are shorter than the longest vectors.
  int64_t i = MaxOfVectors(hn::ScalableTag<float>(), top, bottom, 0, count, first, width, out, indices);
  i = MaxOfVectors(hn::CappedTag<float, 4>(), top, bottom, i, count, first, width, out, indices);
  for (; i < count; ++i) {
    const float values[4] = {top[2 * i], top[2 * i + 1], bottom[2 * i], bottom[2 * i + 1]};
    const int64_t positions[4] = {0, 1, width, width + 1};
    float best = values[0];
    int64_t at = 0;
    for (int k = 1; k < 4; ++k) {
      const bool taken = static_cast<int>(values[k] > best) | static_cast<int>(values[k] != values[k]);
      best = taken ? values[k] : best;
      at = taken ? positions[k] : at;
    }
    out[i] = best;
    if (indices != nullptr) indices[i] = first + 2 * i + at;
  }
}

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(MaxOfSquares);

void maxOfSquares(const float* top, const float* bottom, int64_t count, int64_t first, int64_t width, float* out,
                  int64_t* indices) {
  HWY_DYNAMIC_DISPATCH(MaxOfSquares)(top, bottom, count, first, width, out, indices);
}

}  // namespace cresset::cpu
#endif
