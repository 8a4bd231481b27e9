// The storage types of the ten dtypes, and the one way to go from a dtype value to a C++ type. Arithmetic on half types
// is not defined on purpose: they are loaded to float, computed, and stored again.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include "operand.h"

namespace cresset {

// IEEE 754 binary16; rounds to nearest even, keeps NaN, makes subnormals.
struct float16_t {
  uint16_t bits = 0;

  float16_t() = default;
  explicit float16_t(float value) {
    uint32_t u = std::bit_cast<uint32_t>(value);
    const uint32_t sign = (u >> 16) & 0x8000u;
    u &= 0x7fffffffu;
    uint32_t half;
    if (u >= 0x47800000u) {
      half = u > 0x7f800000u ? 0x7e00u : 0x7c00u;
    } else if (u < 0x38800000u) {
      // Adding 0.5 aligns the binary point of a half subnormal with the last bit of the float: the FPU rounds for us.
      half = std::bit_cast<uint32_t>(std::bit_cast<float>(u) + 0.5f) - 0x3f000000u;
    } else {
      half = (u + 0xc8000fffu + ((u >> 13) & 1u)) >> 13;
    }
    bits = static_cast<uint16_t>(sign | half);
  }
  explicit operator float() const {
    const uint32_t sign = (bits & 0x8000u) << 16;
    const uint32_t magnitude = bits & 0x7fffu;
    if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13));
    if (magnitude >= 0x400u) return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000u));
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(static_cast<float>(magnitude) * 0x1p-24f));
  }
};

// The upper half of a float; rounds to nearest even, keeps NaN.
struct bfloat16_t {
  uint16_t bits = 0;

  bfloat16_t() = default;
  explicit bfloat16_t(float value) {
    const uint32_t u = std::bit_cast<uint32_t>(value);
    bits = (u & 0x7fffffffu) > 0x7f800000u ? uint16_t{0x7fc0}
                                           : static_cast<uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
  }
  explicit operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

// A truth value in memory. Memory that others wrote, as files are, may hold any byte: all but 0 are true. A C++ bool
// holds 0 or 1, and whatever else is read as one counts as often as its value.
struct bool_t {
  uint8_t byte = 0;

  bool_t() = default;
  constexpr bool_t(bool value) : byte(value) {}
  constexpr operator bool() const { return byte != 0; }
};

template <DType kType>
struct StorageOf;
#define DTYPE(name, type, bytes, compute) \
  template <>                             \
  struct StorageOf<DType::name> {         \
    using Type = type;                    \
    static_assert(sizeof(type) == bytes); \
  };
#include "ops/dtypes.inc"
#undef DTYPE

constexpr bool isHalf(DType dtype) { return dtype == DType::Float16 || dtype == DType::BFloat16; }
constexpr bool isFloat(DType dtype) { return dtype >= DType::Float16; }

constexpr int kDTypes = 0
#define DTYPE(name, type, bytes, compute) +1
#include "ops/dtypes.inc"
#undef DTYPE
    ;

// Bytes of one element.
constexpr int elementSize(DType dtype) {
  constexpr int kSizes[] = {
#define DTYPE(name, type, bytes, compute) bytes,
#include "ops/dtypes.inc"
#undef DTYPE
  };
  return kSizes[static_cast<int>(dtype)];
}

// Calls `body.template operator()<T>()` with the storage type of `dtype`: dispatch(x.dtype, [&]<typename T>() { … }).
template <typename Body>
decltype(auto) dispatch(DType dtype, Body&& body) {
  switch (dtype) {
#define DTYPE(name, type, bytes, compute) \
  case DType::name:                       \
    return body.template operator()<type>();
#include "ops/dtypes.inc"
#undef DTYPE
  }
  throw std::logic_error("unknown dtype");
}

// The type in which a storage type is computed one element at a time: float for the halves, bool for truth values,
// itself otherwise.
template <typename T>
using ArithmeticOf = std::conditional_t<std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>, float,
                                        std::conditional_t<std::is_same_v<T, bool_t>, bool, T>>;

// Whether a storage type holds integers or truth values.
template <typename T>
constexpr bool kWhole = std::is_integral_v<ArithmeticOf<T>>;

}  // namespace cresset
