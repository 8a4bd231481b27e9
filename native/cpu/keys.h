// Sorting keys: every dtype maps to unsigned integers whose order is PyTorch's (NaN above everything, both zeros
// equal), so that one integer sort serves all dtypes. Key and position travel in one item; equal keys compare by
// position, which makes every sort stable.
#pragma once

#include <bit>
#include <compare>
#include <cstdint>
#include <type_traits>

#include "values.h"

namespace cresset::cpu {

template <int kBytes>
using UnsignedOf =
    std::conditional_t<kBytes == 1, uint8_t,
                       std::conditional_t<kBytes == 2, uint16_t, std::conditional_t<kBytes == 4, uint32_t, uint64_t>>>;

// The ordered key of a value; reversed for descending order.
template <typename T>
UnsignedOf<sizeof(T)> keyOf(T value, bool descending) {
  using U = UnsignedOf<sizeof(T)>;
  constexpr U kSign = static_cast<U>(U{1} << (8 * sizeof(U) - 1));
  U key;
  if constexpr (std::is_same_v<T, bool_t>) {
    key = static_cast<bool>(value);
  } else if constexpr (std::is_unsigned_v<T>) {
    key = value;
  } else if constexpr (std::is_integral_v<T>) {
    key = static_cast<U>(static_cast<U>(value) ^ kSign);
  } else {
    const U bits = std::bit_cast<U>(value);
    if (isNan(value))
      key = static_cast<U>(~U{0});
    else if (static_cast<U>(bits << 1) == 0)
      key = kSign;
    else
      key = static_cast<U>(bits & kSign ? ~bits : bits | kSign);
  }
  return descending ? static_cast<U>(~key) : key;
}

// A key of up to 32 bits above a position of 32 bits: compared and moved as one word.
struct ShortItem {
  static constexpr int kKeyBits = 32;
  uint64_t word;

  ShortItem() = default;
  ShortItem(uint32_t key, int64_t position)
      : word(static_cast<uint64_t>(key) << 32 | static_cast<uint32_t>(position)) {}
  uint64_t key() const { return word >> 32; }
  int64_t position() const { return static_cast<uint32_t>(word); }
  auto operator<=>(const ShortItem&) const = default;
};

struct LongItem {
  static constexpr int kKeyBits = 64;
  uint64_t bits;
  int64_t at;

  LongItem() = default;
  LongItem(uint64_t key, int64_t position) : bits(key), at(position) {}
  uint64_t key() const { return bits; }
  int64_t position() const { return at; }
  auto operator<=>(const LongItem&) const = default;
};

// Calls `body.template operator()<Item>()` with the smallest item for keys of T and `length` positions.
template <typename T, typename Body>
void dispatchItem(int64_t length, Body&& body) {
  if constexpr (sizeof(T) <= 4) {
    if (length <= int64_t{1} << 32) return body.template operator()<ShortItem>();
  }
  body.template operator()<LongItem>();
}

}  // namespace cresset::cpu
