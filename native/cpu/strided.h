// Moves a two-dimensional piece of strided memory to or from a dense block, without looking at what the elements mean.
#pragma once

#include <cstdint>

namespace cresset::cpu {

// A piece of memory: strides in bytes, any sign, 0 repeats.
struct Strided {
  int64_t rows, cols;
  int64_t rowStride, colStride;
};

// target: dense, rows × cols elements of `elementBytes` (1, 2, 4 or 8).
void gather(void* target, const void* source, const Strided& shape, int elementBytes);
// source: dense. Where strides repeat elements the last value stays.
void scatter(void* target, const void* source, const Strided& shape, int elementBytes);

}  // namespace cresset::cpu
