// Half types as the float32 that kernels compute in, a dense run at a time.
#pragma once

#include <type_traits>

#include "dtype.h"
#include "pointwise.h"

namespace cresset::cpu {

template <typename T>
constexpr bool kIsHalf = std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>;

template <typename T>
constexpr DType kHalfType = std::is_same_v<T, float16_t> ? DType::Float16 : DType::BFloat16;

template <typename T>
void halvesToFloats(const T* from, float* to, int64_t count) {
  static const ConvertFn convert = loadFunction(kHalfType<T>, ComputeType::Float32);
  convert(from, to, count);
}

template <typename T>
void floatsToHalves(const float* from, T* to, int64_t count) {
  static const ConvertFn convert = storeFunction(ComputeType::Float32, kHalfType<T>);
  convert(from, to, count);
}

}  // namespace cresset::cpu
