// Index values come from data, so they are checked here, whole and before anything is written.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "walk.h"

namespace cresset::cpu {

inline bool outside(int64_t value, int64_t low, int64_t high) {
  return static_cast<uint64_t>(value - low) >= static_cast<uint64_t>(high - low);
}

// One unsigned comparison per value and no branch: the loop is vectorised.
inline bool anyOutside(const int64_t* values, int64_t stride, int64_t count, int64_t low, int64_t high) {
  bool any = false;
  for (int64_t i = 0; i < count; ++i) any |= outside(values[i * stride], low, high);
  return any;
}

// The first value of an int64 index operand, in row-major order, that lies outside [low, high).
inline std::optional<int64_t> firstOutside(const Operand& index, int64_t low, int64_t high) {
  const Walk<1> walk(index.ndim, index.sizes, {index.strides});
  const int64_t* data = index.as<const int64_t>();
  const int64_t stride = walk.inner(0);
  std::atomic<bool> bad{false};
  walk.parallel(kGrain, [&](const auto& offset, int64_t count, int64_t) {
    if (anyOutside(data + offset[0], stride, count, low, high)) bad.store(true, std::memory_order_relaxed);
  });
  if (!bad) return std::nullopt;
  std::optional<int64_t> found;
  walk.runs(0, walk.numel(), [&](const auto& offset, int64_t count, int64_t) {
    for (int64_t i = 0; i < count && !found; ++i) {
      const int64_t value = data[offset[0] + i * stride];
      if (outside(value, low, high)) found = value;
    }
  });
  return found;
}

inline void checkIndex(const Operand& index, int64_t low, int64_t size, int64_t dim) {
  if (const auto value = firstOutside(index, low, size)) {
    throw IndexFault("index " + std::to_string(*value) + " is out of bounds for dimension " + std::to_string(dim) +
                     " with size " + std::to_string(size));
  }
}

// The words of index_select, index_add and embedding, which do not name the value.
inline void checkSelection(const Operand& index, int64_t size) {
  if (firstOutside(index, 0, size)) throw IndexFault("index out of range in self");
}

}  // namespace cresset::cpu
