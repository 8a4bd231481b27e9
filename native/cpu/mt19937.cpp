#include "mt19937.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "convention.h"

namespace cresset::cpu {
namespace {

GeneratorState& stateIn(const Operand& operand) {
  demandGiven({&operand});
  demandType(DType::UInt8, {&operand});
  demandContiguous({&operand});
  demand(operand.numel() == sizeof(GeneratorState), "a state has 5056 bytes");
  auto* const state = operand.as<GeneratorState>();
  demand(reinterpret_cast<uintptr_t>(state) % alignof(GeneratorState) == 0, "a state is not aligned");
  return *state;
}

}  // namespace

Mt19937::Mt19937(const Operand& state) : state_(stateIn(state)) {}

void Mt19937::seed(uint64_t seed) {
  state_ = GeneratorState{};
  state_.seed = seed;
  state_.left = 1;
  state_.seeded = 1;
  uint32_t word = static_cast<uint32_t>(seed);
  for (int64_t i = 0; i < kStateWords; ++i) {
    if (i > 0) word = 1812433253u * (word ^ (word >> 30)) + static_cast<uint32_t>(i);
    state_.words[i] = word;
  }
}

Mt19937::Block Mt19937::load() const {
  Block block;
  for (int64_t i = 0; i < kStateWords; ++i) block[i] = static_cast<uint32_t>(state_.words[i]);
  return block;
}

void Mt19937::store(const Block& block) {
  for (int64_t i = 0; i < kStateWords; ++i) state_.words[i] = block[i];
}

void Mt19937::words(uint32_t* out, int64_t count) {
  if (count <= 0) return;
  // A state that was set from foreign bytes may hold any position: it is never used as an index unchecked.
  const bool used = state_.left <= 1 || state_.next >= static_cast<uint64_t>(kStateWords);
  int64_t next = used ? kStateWords : static_cast<int64_t>(state_.next);
  const int64_t first = std::min(count, kStateWords - next);
  for (int64_t i = 0; i < first; ++i) *out++ = static_cast<uint32_t>(state_.words[next + i]);
  next += first;
  count -= first;
  if (count > 0) {
    // The stream is one linear recurrence, so whole blocks are computed where they are wanted.
    std::array<uint32_t, 2 * kStateWords> pair;
    const Block old = load();
    std::copy(old.begin(), old.end(), pair.begin());
    uint32_t* fresh = pair.data() + kStateWords;
    extendWords(fresh, kStateWords);
    if (count > kStateWords) {
      const int64_t whole = (count - 1) / kStateWords * kStateWords;
      std::copy_n(fresh, kStateWords, out);
      extendWords(out + kStateWords, whole - kStateWords);
      out += whole;
      count -= whole;
      std::copy_n(out - kStateWords, kStateWords, pair.begin());
      extendWords(fresh, kStateWords);
    }
    std::copy_n(fresh, count, out);
    Block block;
    std::copy_n(fresh, kStateWords, block.begin());
    store(block);
    next = count;
  }
  state_.next = static_cast<uint64_t>(next);
  state_.left = static_cast<int32_t>(kStateWords + 1 - next);
}

double Mt19937::normal() {
  if (state_.normalValid) {
    const double kept = state_.normalY;
    state_.normalValid = 0;
    state_.normalY = 0;
    return kept;
  }
  const double u1 = uniform(), u2 = uniform();
  const double radius = std::sqrt(-2.0 * std::log(1.0 - u2));
  const double angle = 2.0 * std::numbers::pi * u1;
  state_.normalY = radius * std::sin(angle);
  state_.normalValid = 1;
  return radius * std::cos(angle);
}

}  // namespace cresset::cpu
