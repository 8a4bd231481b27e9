// PyTorch's CPU generator: mt19937 over a state whose bytes are those of torch.get_rng_state(), so that saving,
// restoring and copying a generator copies bytes and nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "../operand.h"

namespace cresset::cpu {

constexpr int64_t kStateWords = 624;

struct GeneratorState {
  uint64_t seed;
  int32_t left;  // draws until the words are regenerated, plus one
  int32_t seeded;
  uint64_t next;  // position of the next word
  uint64_t words[kStateWords];
  double normalX, normalY, normalRho;  // normalY: the second value of the last pair of normals
  int32_t normalValid;                 // whether normalY waits to be returned
  int32_t padding;
  float floatNormal;
  uint8_t floatValid;
  uint8_t tail[3];
};
static_assert(sizeof(GeneratorState) == 5056 && offsetof(GeneratorState, words) == 24 &&
              offsetof(GeneratorState, normalValid) == 5040);

inline uint32_t temper(uint32_t word) {
  word ^= word >> 11;
  word ^= (word << 7) & 0x9d2c5680u;
  word ^= (word << 15) & 0xefc60000u;
  return word ^ (word >> 18);
}

class Mt19937 {
 public:
  // Throws BadRequest when the operand is not the bytes of a state.
  explicit Mt19937(const Operand& state);

  // Knuth's initialisation with the low half of the seed; forgets a cached normal.
  void seed(uint64_t seed);

  // The next `count` words of the stream, before tempering: threads may temper them later.
  void words(uint32_t* out, int64_t count);

  uint32_t draw32() {
    uint32_t word;
    words(&word, 1);
    return temper(word);
  }
  uint64_t draw64() {
    const uint64_t high = draw32();
    return high << 32 | draw32();
  }
  // A float64 in [0, 1) of 53 bits.
  double uniform() { return static_cast<double>(draw64() & ((uint64_t{1} << 53) - 1)) * 0x1p-53; }
  // A standard normal by pairs; the second of a pair is kept for the next call, whatever asks for it.
  double normal();

 private:
  using Block = std::array<uint32_t, kStateWords>;

  Block load() const;
  void store(const Block& block);

  GeneratorState& state_;
};

// The words that follow a whole block of them in the raw stream: out[-624 … -1] is read, out[0 … count - 1] written.
void extendWords(uint32_t* out, int64_t count);
// Raw words to float32 in [from, from + width).
void uniformFloats(const uint32_t* raw, float* out, int64_t count, float from, float width);
// Raw words, in blocks of sixteen, to normals.
void normalFloats(const uint32_t* raw, float* out, int64_t blocks, float mean, float std);

}  // namespace cresset::cpu
