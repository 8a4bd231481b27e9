// The two passes of resizing bytes, on vectors of 32-bit sums.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/resize-vector.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "cpu/resize.h"

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Sums = hn::ScalableTag<int32_t>;
using Bytes = hn::Rebind<uint8_t, Sums>;

// Rounded and clamped to bytes.
void StoreBytes(hn::Vec<Sums> sums, uint8_t* out) {
  hn::StoreU(hn::DemoteTo(Bytes(), hn::ShiftRight<kWeightBits>(sums)), Bytes(), out);
}

void ResizeRow(const LanePlan& plan, const uint8_t* HWY_RESTRICT input, int64_t count, int32_t* HWY_RESTRICT wide,
               uint8_t* HWY_RESTRICT out) {
  const Sums d;
  const int64_t step = hn::Lanes(d);
  int64_t at = 0;
  for (; at + step <= count; at += step) hn::StoreU(hn::PromoteTo(d, hn::LoadU(Bytes(), input + at)), d, wide + at);
  for (; at < count; ++at) wide[at] = input[at];
  const auto half = hn::Set(d, 1 << (kWeightBits - 1));
  for (int64_t lane = 0; lane < plan.lanes; lane += step) {
    const auto first = hn::LoadU(d, plan.firsts + lane);
    const int32_t* weights = plan.weights + lane;
    auto sums = half;
    for (int64_t tap = 0; tap < plan.taps; ++tap) {
      const auto values = hn::GatherIndex(d, wide + tap * plan.channels, first);
      sums = hn::Add(sums, hn::Mul(values, hn::LoadU(d, weights + tap * plan.stride)));
    }
    StoreBytes(sums, out + lane);
  }
}

void SumRows(const uint8_t* first, int64_t stride, const int32_t* weights, int64_t taps, int64_t length, uint8_t* out) {
  const Sums d;
  const int64_t step = hn::Lanes(d);
  const auto half = hn::Set(d, 1 << (kWeightBits - 1));
  int64_t at = 0;
  for (; at + step <= length; at += step) {
    auto sums = half;
    for (int64_t tap = 0; tap < taps; ++tap) {
      const auto values = hn::PromoteTo(d, hn::LoadU(Bytes(), first + tap * stride + at));
      sums = hn::Add(sums, hn::Mul(values, hn::Set(d, weights[tap])));
    }
    StoreBytes(sums, out + at);
  }
  for (; at < length; ++at) {
    int32_t sum = 1 << (kWeightBits - 1);
    for (int64_t tap = 0; tap < taps; ++tap) sum += first[tap * stride + at] * weights[tap];
    out[at] = static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
  }
}

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(ResizeRow);
HWY_EXPORT(SumRows);

void resizeRow(const LanePlan& plan, const uint8_t* input, int64_t count, int32_t* wide, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(ResizeRow)(plan, input, count, wide, out);
}

void sumRows(const uint8_t* first, int64_t stride, const int32_t* weights, int64_t taps, int64_t length, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(SumRows)(first, stride, weights, taps, length, out);
}

}  // namespace cresset::cpu
#endif
