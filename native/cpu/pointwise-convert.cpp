// Conversions between storage types and compute types, a dense block at a time. Plain loops: the compiler vectorises
// them for each instruction set; only float16 needs Highway.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pointwise-convert.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>
#include <limits>

#include "cpu/pointwise.h"

#ifndef CRESSET_CONVERT_TABLES
#define CRESSET_CONVERT_TABLES
namespace cresset::cpu {
struct ConvertTables {
  ConvertFn load[kDTypes][4];
  ConvertFn store[4][kDTypes];
};
}  // namespace cresset::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// What the processor's conversion does, spelled so that C++ defines it: out of range gives the lowest value.
template <class I, class F>
HWY_INLINE I ToInteger(F value) {
  constexpr F kLimit = static_cast<F>(uint64_t{1} << (sizeof(I) * 8 - 1));
  return value >= -kLimit && value < kLimit ? static_cast<I>(value) : std::numeric_limits<I>::min();
}

template <class To, class From>
HWY_INLINE To Cast(From value) {
  if constexpr (std::is_same_v<To, bool_t>) {
    if constexpr (std::is_same_v<From, float16_t> || std::is_same_v<From, bfloat16_t>) {
      return static_cast<float>(value) != 0;
    } else {
      return value != 0;
    }
  } else if constexpr (std::is_same_v<From, float16_t> || std::is_same_v<From, bfloat16_t>) {
    return Cast<To>(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, float16_t> || std::is_same_v<To, bfloat16_t>) {
    return To(static_cast<float>(value));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // Narrow integers wrap from the processor's 32-bit conversion, as C compilers do.
    if constexpr (sizeof(To) < 4) {
      return static_cast<To>(ToInteger<int32_t>(value));
    } else {
      return ToInteger<To>(value);
    }
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To>
void Convert(const void* source, void* target, int64_t count) {
  if constexpr (std::is_same_v<From, To>) {
    std::memcpy(target, source, count * sizeof(From));
  } else {
    const auto* const in = static_cast<const From*>(source);
    auto* const out = static_cast<To*>(target);
    int64_t i = 0;
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
    // These processors have instructions for float16.
    if constexpr (std::is_same_v<From, float16_t> && std::is_same_v<To, float>) {
      const hn::ScalableTag<float> df;
      const hn::Rebind<hwy::float16_t, decltype(df)> dh;
      const int64_t lanes = hn::Lanes(df);
      for (; i + lanes <= count; i += lanes) {
        hn::StoreU(hn::PromoteTo(df, hn::LoadU(dh, reinterpret_cast<const hwy::float16_t*>(in + i))), df, out + i);
      }
    } else if constexpr (std::is_same_v<From, float> && std::is_same_v<To, float16_t>) {
      const hn::ScalableTag<float> df;
      const hn::Rebind<hwy::float16_t, decltype(df)> dh;
      const int64_t lanes = hn::Lanes(df);
      for (; i + lanes <= count; i += lanes) {
        hn::StoreU(hn::DemoteTo(dh, hn::LoadU(df, in + i)), dh, reinterpret_cast<hwy::float16_t*>(out + i));
      }
    }
#endif
    for (; i < count; ++i) out[i] = Cast<To>(in[i]);
  }
}

const ConvertTables* convertTables() {
  static constexpr ConvertTables kTables = {{
#define DTYPE(name, type, bytes, compute) \
  {Convert<type, float>, Convert<type, double>, Convert<type, int32_t>, Convert<type, int64_t>},
#include "ops/dtypes.inc"
#undef DTYPE
                                            },
                                            {
#define DTYPE(name, type, bytes, compute) Convert<float, type>,
                                                {
#include "ops/dtypes.inc"
                                                },
#undef DTYPE
#define DTYPE(name, type, bytes, compute) Convert<double, type>,
                                                {
#include "ops/dtypes.inc"
                                                },
#undef DTYPE
#define DTYPE(name, type, bytes, compute) Convert<int32_t, type>,
                                                {
#include "ops/dtypes.inc"
                                                },
#undef DTYPE
#define DTYPE(name, type, bytes, compute) Convert<int64_t, type>,
                                                {
#include "ops/dtypes.inc"
                                                },
#undef DTYPE
                                            }};
  return &kTables;
}

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(convertTables);

namespace {

const ConvertTables& tables() {
  static const ConvertTables& chosen = *HWY_DYNAMIC_DISPATCH(convertTables)();
  return chosen;
}

}  // namespace

ConvertFn loadFunction(DType from, ComputeType to) {
  return tables().load[static_cast<int>(from)][static_cast<int>(to)];
}

ConvertFn storeFunction(ComputeType from, DType to) {
  return tables().store[static_cast<int>(from)][static_cast<int>(to)];
}

StepFn stepFunction(int op, ComputeType compute) {
  static const StepFn* const steps[] = {float32Steps(), float64Steps(), int32Steps(), int64Steps()};
  return steps[static_cast<int>(compute)][op];
}

}  // namespace cresset::cpu
#endif
