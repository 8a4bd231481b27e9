// What the kernels that treat elements one by one (index, scan, sort, random) need to know about element values.
// Arithmetic follows the library's rule: half types compute in float32, integers in their own width with wrap-around,
// bool as a logical value.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "../dtype.h"

namespace cresset::cpu {

template <typename T>
ArithmeticOf<T> load(T value) {
  return static_cast<ArithmeticOf<T>>(value);
}

template <typename T>
bool isNan(T value) {
  if constexpr (kWhole<T>)
    return false;
  else
    return std::isnan(load(value));
}

// Unsigned arithmetic keeps integer overflow defined; bool adds as "or" and multiplies as "and".
template <typename C>
C sumOf(C a, C b) {
  if constexpr (std::is_same_v<C, bool>)
    return a || b;
  else if constexpr (std::is_integral_v<C>)
    return static_cast<C>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  else
    return a + b;
}

template <typename C>
C productOf(C a, C b) {
  if constexpr (std::is_same_v<C, bool>)
    return a && b;
  else if constexpr (std::is_integral_v<C>)
    return static_cast<C>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  else
    return a * b;
}

// A float64 as a value of T: rounded, or cut toward zero and wrapped for integers. Values beyond 64 bits become 0.
template <typename T>
T castTo(double value) {
  if constexpr (std::is_same_v<ArithmeticOf<T>, bool>)
    return value != 0;
  else if constexpr (kWhole<T>)
    return value >= -0x1p63 && value < 0x1p63 ? static_cast<T>(static_cast<int64_t>(value)) : T{0};
  else
    return static_cast<T>(static_cast<ArithmeticOf<T>>(value));
}

// Calls `body.template operator()<T>()` with an unsigned integer of the element's size: enough to move elements.
template <typename Body>
void dispatchSize(DType dtype, Body&& body) {
  switch (elementSize(dtype)) {
    case 1:
      return body.template operator()<uint8_t>();
    case 2:
      return body.template operator()<uint16_t>();
    case 4:
      return body.template operator()<uint32_t>();
    default:
      return body.template operator()<uint64_t>();
  }
}

}  // namespace cresset::cpu
