// The tables of pooling windows; see pool.h.
#include <algorithm>

#include "convention.h"
#include "pool.h"

namespace cresset::cpu {

namespace {

Pooling sizesOf(const Operand& x, const Operand& out) {
  Pooling p;
  p.planes = x.sizes[0];
  const int s = x.ndim - 1;
  for (int d = 0; d < s; ++d) {
    p.in[3 - s + d] = x.sizes[1 + d];
    p.out[3 - s + d] = out.sizes[1 + d];
  }
  for (int d = 0; d < 3 - s; ++d) p.windows[d].assign(1, Window{0, 1, 1, 1});
  return p;
}

}  // namespace

void checkPooling(const Operand& x, const Operand& out, std::initializer_list<const Operand*> likeOut) {
  demandGiven({&x, &out});
  demandDims(x, 2, 4);
  demandContiguous({&x, &out});
  demandContiguous(likeOut);
  demandType(x.dtype, {&out});
  demand(x.ndim == out.ndim && x.sizes[0] == out.sizes[0], "sizes differ");
  for (const Operand* operand : likeOut) {
    if (*operand) demandSameSizes(*operand, out);
  }
  for (int d = 1; d < x.ndim; ++d) {
    demand(static_cast<double>(x.sizes[d]) * static_cast<double>(out.sizes[d]) < kMostReach, "sizes are too large");
  }
}

void checkSliding(const Operand& x, const Operand& out, std::span<const int64_t> ints, bool dilated, size_t more) {
  const auto s = static_cast<size_t>(x.ndim - 1);
  const size_t lists = dilated ? 4 : 3;
  demand(ints.size() == 1 + lists * s + more && ints[0] == static_cast<int64_t>(s), "integers for each dimension");
  for (size_t d = 0; d < s; ++d) {
    const int64_t kernel = ints[1 + d], stride = ints[1 + s + d], padding = ints[1 + 2 * s + d];
    const int64_t step = dilated ? ints[1 + 3 * s + d] : 1;
    demand(kernel >= 1 && stride >= 1 && padding >= 0 && step >= 1, "kernel, strides, padding or dilation");
    const auto reach = static_cast<double>(kernel) * static_cast<double>(step) +
                       static_cast<double>(out.sizes[1 + d]) * static_cast<double>(stride);
    demand(reach < kMostReach, "kernel, strides, padding or dilation");
  }
}

int64_t Pooling::windowSize() const {
  int64_t size = 1;
  for (const auto& along : windows) {
    int64_t longest = 1;
    for (const Window& w : along) longest = std::max(longest, (w.end - w.begin + w.step - 1) / w.step);
    size *= longest;
  }
  return size;
}

Pooling slidingPooling(const Operand& x, const Operand& out, std::span<const int64_t> ints, bool dilated,
                       bool countPadding) {
  Pooling p = sizesOf(x, out);
  const auto s = static_cast<int>(ints[0]);
  for (int d = 0; d < s; ++d) {
    const int at = 3 - s + d;
    const int64_t kernel = ints[1 + d], stride = ints[1 + s + d], padding = ints[1 + 2 * s + d];
    const int64_t step = dilated ? ints[1 + 3 * s + d] : 1, in = p.in[at];
    if (at == 2) p.slide = {kernel, stride, padding, step};
    for (int64_t i = 0; i < p.out[at]; ++i) {
      const int64_t start = i * stride - padding, stop = start + (kernel - 1) * step + 1;
      // The first position of the window that is not in the padding before the input.
      const int64_t begin = start >= 0 ? start : start + (-start + step - 1) / step * step;
      const int64_t end = std::min(stop, in);
      const int64_t share = countPadding ? std::min(stop, in + padding) - start : end - begin;
      p.windows[at].push_back({std::min(begin, in - 1), begin < end ? end : std::min(begin, in - 1), step, share});
    }
  }
  return p;
}

Pooling adaptivePooling(const Operand& x, const Operand& out) {
  Pooling p = sizesOf(x, out);
  for (int d = 4 - x.ndim; d < 3; ++d) {
    for (int64_t i = 0; i < p.out[d]; ++i) {
      const int64_t begin = i * p.in[d] / p.out[d], end = ((i + 1) * p.in[d] + p.out[d] - 1) / p.out[d];
      p.windows[d].push_back({begin, end, 1, end - begin});
    }
  }
  return p;
}

}  // namespace cresset::cpu
