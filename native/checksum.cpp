// CRC-32 by multiplication without carries: blocks of 64 bytes are folded onto the next, 10 times as fast as a table.
// See V. Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009);
// the constants are those of its reflected polynomial 0xEDB88320.
#include "checksum.h"

#include <hwy/highway.h>

#include <array>

namespace cresset {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::array<uint32_t, 256> kTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0xEDB88320 : value >> 1;
    table[byte] = value;
  }
  return table;
}();

uint32_t byBytes(const uint8_t* bytes, size_t count, uint32_t state) {
  for (size_t i = 0; i < count; ++i) state = state >> 8 ^ kTable[(state ^ bytes[i]) & 0xFF];
  return state;
}

constexpr hn::Full128<uint64_t> kWords;
using Words = hn::Vec<decltype(kWords)>;

Words wordsOf(uint64_t lower, uint64_t upper) {
  const uint64_t both[] = {lower, upper};
  return hn::LoadU(kWords, both);
}

// 16 bytes of a message and the 16 bytes that stand the distance of the constants behind them, as 16 bytes that leave
// the same remainder.
Words fold(Words bytes, Words constants, Words behind) {
  return hn::Xor3(hn::CLMulLower(bytes, constants), hn::CLMulUpper(bytes, constants), behind);
}

// For 64 bytes or more.
uint32_t byFolding(const uint8_t* bytes, size_t count, uint32_t state) {
  constexpr size_t kBlock = 64;
  const Words over64 = wordsOf(0x0154442bd4, 0x01c6e41596);
  const Words over16 = wordsOf(0x01751997d0, 0x00ccaa009e);
  const hn::Full128<uint8_t> bytewise;
  const auto load = [&](size_t at) { return hn::BitCast(kWords, hn::LoadU(bytewise, bytes + at)); };
  Words a = hn::Xor(load(0), wordsOf(state, 0)), b = load(16), c = load(32), d = load(48);
  size_t at = kBlock;
  for (; at + kBlock <= count; at += kBlock) {
    a = fold(a, over64, load(at));
    b = fold(b, over64, load(at + 16));
    c = fold(c, over64, load(at + 32));
    d = fold(d, over64, load(at + 48));
  }
  Words all = fold(fold(fold(a, over16, b), over16, c), over16, d);
  for (; at + 16 <= count; at += 16) all = fold(all, over16, load(at));
  uint8_t rest[16];
  hn::StoreU(hn::BitCast(bytewise, all), bytewise, rest);
  return byBytes(bytes + at, count - at, byBytes(rest, sizeof rest, 0));
}

}  // namespace

uint32_t crc32(const void* bytes, size_t count, uint32_t before) {
  const auto* const data = static_cast<const uint8_t*>(bytes);
  return ~(count < 64 ? byBytes(data, count, ~before) : byFolding(data, count, ~before));
}

}  // namespace cresset
