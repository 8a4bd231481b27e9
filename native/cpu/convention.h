// What a kernel demands of its operands, checked before it touches memory. The decoder has held every operand against
// the storage it names; these are the rules between operands, without which a loop over one of them would leave
// another. Each costs nanoseconds.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "dtype.h"

namespace cresset::cpu {

// Throws BadRequest unless the rule holds.
inline void demand(bool holds, const char* rule) {
  if (!holds) [[unlikely]]
    throw BadRequest(rule);
}

// Products of sizes and steps below this bound can be added without overflow.
constexpr double kMostReach = 0x1p60;

using OperandList = std::initializer_list<const Operand*>;

inline void demandGiven(OperandList operands) {
  for (const Operand* operand : operands) demand(static_cast<bool>(*operand), "an operand is absent");
}

inline void demandContiguous(OperandList operands) {
  for (const Operand* operand : operands) demand(!*operand || operand->contiguous(), "an operand is not contiguous");
}

// Operands that may be absent are passed over.
inline void demandType(DType dtype, OperandList operands) {
  for (const Operand* operand : operands) {
    demand(!*operand || operand->dtype == dtype, "an operand has the wrong dtype");
  }
}

inline void demandFloating(const Operand& x) { demand(isFloat(x.dtype), "a floating dtype was expected"); }

inline void demandDims(const Operand& x, int least, int most) {
  demand(x.ndim >= least && x.ndim <= most, "an operand has the wrong number of dimensions");
}

// A dimension of x by its number; a 0-d operand has one.
inline void demandDim(const Operand& x, int64_t dim) {
  demand(dim >= 0 && dim < std::max(x.ndim, 1), "no such dimension");
}

// a has the sizes of b in the dimensions [0, count).
inline void demandLeading(const Operand& a, const Operand& b, int count) {
  bool same = a.ndim >= count && b.ndim >= count;
  for (int d = 0; same && d < count; ++d) same = a.sizes[d] == b.sizes[d];
  demand(same, "sizes differ");
}

inline void demandSameSizes(const Operand& a, const Operand& b) {
  demand(a.ndim == b.ndim, "numbers of dimensions differ");
  demandLeading(a, b, a.ndim);
}

// The same sizes in every dimension but one.
inline void demandSameSizesBut(const Operand& a, const Operand& b, int64_t dim) {
  bool same = a.ndim == b.ndim;
  for (int d = 0; same && d < a.ndim; ++d) same = d == dim || a.sizes[d] == b.sizes[d];
  demand(same, "sizes differ");
}

// No size of a exceeds that of b; dimension `dim` (-1: none) does not count.
inline void demandWithin(const Operand& a, const Operand& b, int64_t dim) {
  bool inside = a.ndim == b.ndim;
  for (int d = 0; inside && d < a.ndim; ++d) inside = d == dim || a.sizes[d] <= b.sizes[d];
  demand(inside, "sizes reach beyond another operand");
}

// The addresses between which an operand's elements lie; none for an empty one.
inline std::pair<const char*, const char*> memoryOf(const Operand& x) {
  const char* low = x.as<const char>();
  const char* high = low;
  if (x.numel() == 0) return {low, low};
  const int64_t size = elementSize(x.dtype);
  for (int d = 0; d < x.ndim; ++d) {
    const int64_t reach = (x.sizes[d] - 1) * x.strides[d] * size;
    (reach < 0 ? low : high) += reach;
  }
  return {low, high + size};
}

// Index values: int64, and out of the way of what is written, since they are checked before they are used.
inline void demandIndices(const Operand& index, const Operand& written) {
  demandType(DType::Int64, {&index});
  const auto [low, high] = memoryOf(index);
  const auto [first, last] = memoryOf(written);
  demand(high <= first || last <= low, "indices lie in memory that is written");
}

}  // namespace cresset::cpu
