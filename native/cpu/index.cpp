// Reading elements by index: gather, indexSelect and nonzero. Elements are moved by their size; no arithmetic.
#include <atomic>
#include <vector>

#include "bounds.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {
namespace {

// out[…, i, …] = x[…, index[…, i, …], …] over the space of `out`, which is also that of the index strides. Indices are
// checked run by run, while they are in the cache: a run with a bad one is not read. Returns whether all were in range.
bool take(const Operand& out, const Operand& x, const Operand& index, const Extents& indexStrides, int64_t dim) {
  Extents xStrides = x.strides;
  const int64_t along = strideAt(x, dim), size = sizeAt(x, dim);
  if (x.ndim) xStrides[dim] = 0;
  const Walk<3> walk(out.ndim, out.sizes, {out.strides, xStrides, indexStrides});
  const int64_t os = walk.inner(0), xs = walk.inner(1), is = walk.inner(2);
  std::atomic<bool> good{true};
  dispatchSize(x.dtype, [&]<typename T>() {
    walk.parallel(kGrain, [&](const auto& offset, int64_t count, int64_t) {
      T* to = out.as<T>() + offset[0];
      const T* from = x.as<const T>() + offset[1];
      const int64_t* at = index.as<const int64_t>() + offset[2];
      if (anyOutside(at, is, is == 0 ? 1 : count, 0, size)) {
        good.store(false, std::memory_order_relaxed);
        return;
      }
      if (is == 0 && os == 1 && xs == 1) {
        std::copy_n(from + *at * along, count, to);
        return;
      }
      for (int64_t i = 0; i < count; ++i) to[i * os] = from[i * xs + at[i * is] * along];
    });
  });
  return good;
}

}  // namespace

// operands: out, x, index (int64, the shape of out); ints: dim.
void gather(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1], &index = args.operands[2];
  const int64_t dim = args.ints[0];
  if (!take(out, x, index, index.strides, dim)) checkIndex(index, 0, sizeAt(x, dim), dim);
}

// operands: out, x, index (1-d int64); ints: dim.
void indexSelect(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1], &index = args.operands[2];
  const int64_t dim = args.ints[0];
  Extents strides{};
  strides[dim] = strideAt(index, 0);
  if (!take(out, x, index, strides, dim)) checkSelection(index, sizeAt(x, dim));
}

// operands: out (count, ndim; int64), x. The library has counted before; rows beyond the given count are not written.
void nonzero(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1];
  const Walk<1> walk(x.ndim, x.sizes, {x.strides});
  const int64_t stride = walk.inner(0), numel = walk.numel();
  const int64_t blocks = (numel + kGrain - 1) / kGrain;
  std::vector<int64_t> first(blocks + 1, 0);
  dispatch(x.dtype, [&]<typename T>() {
    const auto blockwise = [&](auto&& run) {
      parallelFor(blocks, 1, [&](int64_t begin, int64_t end) {
        for (int64_t block = begin; block < end; ++block)
          run(block, block * kGrain, std::min((block + 1) * kGrain, numel));
      });
    };
    const auto hit = [&](int64_t offset) { return load(x.as<const T>()[offset]) != 0; };
    blockwise([&](int64_t block, int64_t begin, int64_t end) {
      int64_t count = 0;
      walk.runs(begin, end, [&](const auto& offset, int64_t n, int64_t) {
        for (int64_t i = 0; i < n; ++i) count += hit(offset[0] + i * stride);
      });
      first[block + 1] = count;
    });
    for (int64_t block = 0; block < blocks; ++block) first[block + 1] += first[block];
    blockwise([&](int64_t block, int64_t begin, int64_t end) {
      int64_t row = first[block];
      walk.runs(begin, end, [&](const auto& offset, int64_t n, int64_t position) {
        for (int64_t i = 0; i < n; ++i) {
          if (!hit(offset[0] + i * stride) || row >= out.sizes[0]) continue;
          int64_t* to = out.as<int64_t>() + row++ * out.strides[0];
          int64_t rest = position + i;
          for (int d = x.ndim - 1; d > 0; --d) {
            to[d * out.strides[1]] = rest % x.sizes[d];
            rest /= x.sizes[d];
          }
          if (x.ndim) to[0] = rest;
        }
      });
    });
  });
}

}  // namespace cresset::cpu
