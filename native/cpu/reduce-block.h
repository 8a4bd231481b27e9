// Reductions of one block, as functions chosen by operation and compute type. Totals are kept in double for the float
// compute types and in int64 for the integer ones, so that only the sums within a block are rounded to float32.
#pragma once

#include <cstdint>

#include "program.h"

namespace cresset::cpu {

union Total {
  double f;
  int64_t i;
};

struct ReduceFns {
  // total = total ∘ x[0] ∘ … ∘ x[count - 1]
  void (*all)(Total& total, const void* x, int64_t count);
  // totals[r] = totals[r] ∘ x[r][0] ∘ … ∘ x[r][cols - 1]
  void (*rows)(Total* totals, const void* x, int64_t rows, int64_t cols);
  // lanes[c] = lanes[c] ∘ x[0][c] ∘ … ∘ x[rows - 1][c], in the compute type
  void (*columns)(void* lanes, const void* x, int64_t rows, int64_t cols);
  // totals[c] = totals[c] ∘ lanes[c], and lanes[c] starts anew
  void (*flush)(Total* totals, void* lanes, int64_t cols);
  // into[c] = into[c] ∘ from[c]
  void (*merge)(Total* into, const Total* from, int64_t count);
  // Starts totals and lanes (which may be null) with the neutral element.
  void (*start)(Total* totals, void* lanes, int64_t count);
  // The totals as elements of the compute type.
  void (*finish)(void* out, const Total* totals, int64_t count);
};

// `reduce` is the index in reduce.inc.
const ReduceFns& reduceFunctions(int reduce, ComputeType compute);

}  // namespace cresset::cpu
