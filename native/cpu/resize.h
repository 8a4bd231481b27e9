// Pillow's resampling of bytes: how each result is a sum of neighbours, and the two passes on vectors.
#pragma once

#include <cstdint>

namespace cresset::cpu {

// Weights are whole numbers of 1 / 2^22. Sums stay within 32 bits, since the filters' negative lobes are small.
constexpr int kWeightBits = 22;

// The weights of one pass, by tap: `weights[tap · stride + lane]`, 0 where a result has fewer taps. Lanes are the
// results along the dimension, each as often as a pixel has channels. `firsts` is where a lane's first input lies in a
// row.
struct LanePlan {
  const int32_t* firsts;
  const int32_t* weights;
  int64_t lanes, stride, taps, channels;
};

// The room, in elements, that a pass wants behind the end of a row that it reads or writes.
constexpr int64_t kRowPadding = 64;

// One row: `input` (`count` bytes) to `out`, which has kRowPadding bytes more than there are lanes. `wide` has room for
// the row's inputs and, behind them, taps · channels + kRowPadding elements.
void resizeRow(const LanePlan& plan, const uint8_t* input, int64_t count, int32_t* wide, uint8_t* out);

// One result row of `length` bytes: the sum of `taps` rows that lie `stride` bytes apart, times their weights.
void sumRows(const uint8_t* first, int64_t stride, const int32_t* weights, int64_t taps, int64_t length, uint8_t* out);

}  // namespace cresset::cpu
