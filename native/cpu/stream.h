// Stores past the caches, for results that are larger than they are.
#pragma once

#include <cstdint>

namespace cresset::cpu {

// A result of this size does not stay in the caches until it is read.
constexpr int64_t kStreamBytes = int64_t{32} << 20;
// A line of the cache; streamed results are written line by line.
constexpr int64_t kStreamLine = 64;

}  // namespace cresset::cpu
