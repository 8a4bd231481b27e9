// The windows of pooling, as tables per dimension: sliding and adaptive pooling differ in nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "operand.h"

namespace cresset::cpu {

// The input positions begin, begin + step, … below end that one output position sees along one dimension. `share` is
// its factor in the divisor of an average.
struct Window {
  int64_t begin, end, step, share;
};

// The windows of a sliding pooling along one dimension, before they are cut to the input. No kernel: not a sliding one.
struct Slide {
  int64_t kernel = 0, stride = 1, padding = 0, step = 1;
};

// Always three spatial dimensions: missing leading ones have size 1.
struct Pooling {
  int64_t planes = 0;
  std::array<int64_t, 3> in{1, 1, 1}, out{1, 1, 1};
  std::array<std::vector<Window>, 3> windows;
  Slide slide;  // along the last dimension

  int64_t inPlane() const { return in[0] * in[1] * in[2]; }
  int64_t outPlane() const { return out[0] * out[1] * out[2]; }
  // The most input values that one output value depends on.
  int64_t windowSize() const;
};

// Holds the operands of a pooling against each other: x and out, both (planes, …), and what has the sizes of out.
void checkPooling(const Operand& x, const Operand& out, std::initializer_list<const Operand*> likeOut);
// Holds the ints of a sliding pooling against its operands; `more` follow the geometry.
void checkSliding(const Operand& x, const Operand& out, std::span<const int64_t> ints, bool dilated, size_t more);

// ints: s, kernel×s, stride×s, padding×s, then dilation×s if `dilated`. Shares count padding if `countPadding`.
Pooling slidingPooling(const Operand& x, const Operand& out, std::span<const int64_t> ints, bool dilated,
                       bool countPadding);

// Output i sees the inputs from floor(i · in / out) to ceil((i + 1) · in / out).
Pooling adaptivePooling(const Operand& x, const Operand& out);

// The largest of `count` windows of 2×2 values side by side in two rows, and, unless `indices` is null, its position,
// where `first` is the position of top[0] and `width` the distance of the rows. NaN wins.
void maxOfSquares(const float* top, const float* bottom, int64_t count, int64_t first, int64_t width, float* out,
                  int64_t* indices);

}  // namespace cresset::cpu
