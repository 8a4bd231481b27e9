// Walks the positions of a strided space in row-major order, keeping one element offset per operand. The kernels of
// index, scan, sort and random share it, so that their bodies only say what happens along one innermost run.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "../operand.h"
#include "parallel.h"

namespace cresset::cpu {

// A 0-d operand counts as one dimension of size 1, as in PyTorch's indexing operations.
inline int64_t sizeAt(const Operand& operand, int64_t dim) { return operand.ndim ? operand.sizes[dim] : 1; }
inline int64_t strideAt(const Operand& operand, int64_t dim) { return operand.ndim ? operand.strides[dim] : 0; }

using Extents = std::array<int64_t, kMaxDims>;

template <int N>
class Walk {
 public:
  using Offsets = std::array<int64_t, N>;

  Walk(int ndim, const Extents& sizes, const std::array<Extents, N>& strides) {
    for (int d = 0; d < ndim; ++d) append(sizes[d], strides, d);
    if (ndim_ == 0) {
      ndim_ = 1;
      sizes_[0] = 1;
      for (int k = 0; k < N; ++k) strides_[k][0] = 0;
    }
    for (int d = 0; d < ndim_; ++d) numel_ *= sizes_[d];
  }

  int64_t numel() const { return numel_; }
  // Stride of operand k along the innermost dimension of a run.
  int64_t inner(int k) const { return strides_[k][ndim_ - 1]; }

  // Whether operand 0 passes through memory without gaps.
  bool dense() const { return ndim_ == 1 && (sizes_[0] == 1 || strides_[0][0] == 1); }

  // Calls f(offsets, count, position) for the innermost runs that cover the positions [begin, end).
  template <typename F>
  void runs(int64_t begin, int64_t end, F&& f) const {
    if (begin >= end) return;
    const int last = ndim_ - 1;
    Extents index;
    std::fill_n(index.begin(), ndim_, 0);
    Offsets offset{};
    if (begin != 0) seek(begin, index, offset);
    for (int64_t position = begin;;) {
      const int64_t count = std::min(sizes_[last] - index[last], end - position);
      f(offset, count, position);
      position += count;
      if (position >= end) return;
      for (int k = 0; k < N; ++k) offset[k] -= index[last] * strides_[k][last];
      index[last] = 0;
      for (int d = last - 1; d >= 0; --d) {
        for (int k = 0; k < N; ++k) offset[k] += strides_[k][d];
        if (++index[d] < sizes_[d]) break;
        for (int k = 0; k < N; ++k) offset[k] -= index[d] * strides_[k][d];
        index[d] = 0;
      }
    }
  }

  // The same over all positions, split among threads. `grain` counts positions.
  template <typename F>
  void parallel(int64_t grain, F&& f) const {
    parallelFor(numel_, grain, [&](int64_t begin, int64_t end) { runs(begin, end, f); });
  }

 private:
  // Drops dimensions of size 1 and merges those that every operand passes through evenly.
  void append(int64_t size, const std::array<Extents, N>& strides, int d) {
    if (size == 1) return;
    bool merge = ndim_ > 0;
    for (int k = 0; k < N && merge; ++k) merge = strides_[k][ndim_ - 1] == strides[k][d] * size;
    const int at = merge ? ndim_ - 1 : ndim_++;
    sizes_[at] = merge ? sizes_[at] * size : size;
    for (int k = 0; k < N; ++k) strides_[k][at] = strides[k][d];
  }

  void seek(int64_t position, Extents& index, Offsets& offset) const {
    for (int d = ndim_ - 1; d >= 0; --d) {
      index[d] = position % sizes_[d];
      position /= sizes_[d];
      for (int k = 0; k < N; ++k) offset[k] += index[d] * strides_[k][d];
    }
  }

  int ndim_ = 0;
  int64_t numel_ = 1;
  // Not cleared beyond the dimensions: that would take longer than a small kernel.
  Extents sizes_;
  std::array<Extents, N> strides_;
};

// The extents of an operand without one dimension.
inline Extents without(const Extents& extents, int ndim, int dim) {
  Extents kept{};
  std::copy_n(extents.begin(), dim, kept.begin());
  std::copy_n(extents.begin() + dim + 1, ndim - dim - 1, kept.begin() + dim);
  return kept;
}

// The extents of dimensions [from, to).
inline Extents range(const Extents& extents, int from, int to) {
  Extents kept{};
  std::copy(extents.begin() + from, extents.begin() + to, kept.begin());
  return kept;
}

}  // namespace cresset::cpu
