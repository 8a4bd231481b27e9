#include "cpu/strided.h"

#include <algorithm>
#include <cstring>

namespace cresset::cpu {
namespace {

template <typename T>
T* at(void* base, int64_t bytes) {
  return reinterpret_cast<T*>(static_cast<char*>(base) + bytes);
}
template <typename T>
const T* at(const void* base, int64_t bytes) {
  return reinterpret_cast<const T*>(static_cast<const char*>(base) + bytes);
}

template <typename T>
void gatherAs(void* target, const void* source, const Strided& shape) {
  constexpr int64_t kBytes = sizeof(T);
  const auto [rows, cols, rowStride, colStride] = shape;
  T* const out = static_cast<T*>(target);
  if (colStride == kBytes) {
    for (int64_t r = 0; r < rows; ++r) std::memcpy(out + r * cols, at<T>(source, r * rowStride), cols * kBytes);
  } else if (colStride == 0) {
    for (int64_t r = 0; r < rows; ++r) std::fill_n(out + r * cols, cols, *at<T>(source, r * rowStride));
  } else if (rowStride == kBytes) {
    // Column by column: each cache line of the source is read whole while the block stays in the first-level cache. The
    // processor cannot guess where the next columns lie.
    constexpr int64_t kAhead = 8;
    constexpr int64_t kLine = 64 / kBytes;
    for (int64_t c = 0; c < cols; ++c) {
      const T* const column = at<T>(source, c * colStride);
      if (c + kAhead < cols) {
        const T* const later = at<T>(source, (c + kAhead) * colStride);
        for (int64_t r = 0; r < rows; r += kLine) __builtin_prefetch(later + r);
      }
      for (int64_t r = 0; r < rows; ++r) out[r * cols + c] = column[r];
    }
  } else {
    for (int64_t r = 0; r < rows; ++r) {
      const char* const row = at<char>(source, r * rowStride);
      for (int64_t c = 0; c < cols; ++c) out[r * cols + c] = *at<T>(row, c * colStride);
    }
  }
}

template <typename T>
void scatterAs(void* target, const void* source, const Strided& shape) {
  constexpr int64_t kBytes = sizeof(T);
  const auto [rows, cols, rowStride, colStride] = shape;
  const T* const in = static_cast<const T*>(source);
  if (colStride == kBytes) {
    for (int64_t r = 0; r < rows; ++r) std::memcpy(at<T>(target, r * rowStride), in + r * cols, cols * kBytes);
  } else if (rowStride == kBytes) {
    for (int64_t c = 0; c < cols; ++c) {
      T* const column = at<T>(target, c * colStride);
      for (int64_t r = 0; r < rows; ++r) column[r] = in[r * cols + c];
    }
  } else {
    for (int64_t r = 0; r < rows; ++r) {
      char* const row = at<char>(target, r * rowStride);
      for (int64_t c = 0; c < cols; ++c) *at<T>(row, c * colStride) = in[r * cols + c];
    }
  }
}

}  // namespace

void gather(void* target, const void* source, const Strided& shape, int elementBytes) {
  switch (elementBytes) {
    case 1:
      return gatherAs<uint8_t>(target, source, shape);
    case 2:
      return gatherAs<uint16_t>(target, source, shape);
    case 4:
      return gatherAs<uint32_t>(target, source, shape);
    default:
      return gatherAs<uint64_t>(target, source, shape);
  }
}

void scatter(void* target, const void* source, const Strided& shape, int elementBytes) {
  switch (elementBytes) {
    case 1:
      return scatterAs<uint8_t>(target, source, shape);
    case 2:
      return scatterAs<uint16_t>(target, source, shape);
    case 4:
      return scatterAs<uint32_t>(target, source, shape);
    default:
      return scatterAs<uint64_t>(target, source, shape);
  }
}

}  // namespace cresset::cpu
