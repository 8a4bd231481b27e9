// The window that nearly every network uses, 2×2 with stride 2, on vectors.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pool-vector.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include "cpu/pool.h"

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void MaxOfSquares(const float* top, const float* bottom, int64_t count, int64_t first, int64_t width, float* out,
                  int64_t* indices) {
  const hn::ScalableTag<float> d;
  const hn::RebindToSigned<decltype(d)> di;
  const hn::Half<decltype(di)> half;
  const hn::Rebind<int64_t, decltype(half)> wide;
  const int64_t lanes = hn::Lanes(d);
  // Positions relative to the first value fit 32 bits; the base is added in 64.
  const auto base = hn::Set(wide, first);
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::Vec<decltype(d)> a, b, c, e;
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
    const auto one = hn::Set(di, 1);
    const auto below = hn::Add(at, hn::Set(di, static_cast<int32_t>(width)));
    at = hn::IfThenElse(hn::RebindMask(di, takesB), hn::Add(at, one), at);
    at = hn::IfThenElse(hn::RebindMask(di, takesC), below, at);
    at = hn::IfThenElse(hn::RebindMask(di, takesE), hn::Add(below, one), at);
    hn::StoreU(hn::Add(base, hn::PromoteTo(wide, hn::LowerHalf(half, at))), wide, indices + i);
    hn::StoreU(hn::Add(base, hn::PromoteTo(wide, hn::UpperHalf(half, at))), wide, indices + i + lanes / 2);
  }
  for (; i < count; ++i) {
    const float values[4] = {top[2 * i], top[2 * i + 1], bottom[2 * i], bottom[2 * i + 1]};
    int best = 0;
    for (int k = 1; k < 4; ++k) {
      if (values[k] > values[best] || std::isnan(values[k])) best = k;
    }
    out[i] = values[best];
    if (indices != nullptr) indices[i] = first + 2 * i + best % 2 + (best / 2) * width;
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
