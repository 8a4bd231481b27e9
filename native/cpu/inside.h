// Where a window that slides over a padded input sees the input itself.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cresset::cpu {

// Positions o in [0, out) whose input position o · stride + offset lies in [0, in).
struct Inside {
  int64_t begin, end;
  Inside(int64_t offset, int64_t stride, int64_t in, int64_t out)
      : begin(offset >= 0 ? 0 : std::min(out, (-offset + stride - 1) / stride)),
        end(in <= offset ? begin : std::clamp((in - offset - 1) / stride + 1, begin, out)) {}
};

}  // namespace cresset::cpu
