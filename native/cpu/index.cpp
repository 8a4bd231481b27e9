// Reading elements by index: gather, indexSelect and nonzero. Elements are moved by their size; no arithmetic.
#include <array>
#include <atomic>
#include <vector>

#include "bounds.h"
#include "convention.h"
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
  demandGiven({&out, &x, &index});
  demandType(x.dtype, {&out});
  demandSameSizes(index, out);
  demandDim(out, dim);
  if (x.ndim) demandWithin(out, x, dim);
  demandIndices(index, out);
  if (!take(out, x, index, index.strides, dim)) checkIndex(index, 0, sizeAt(x, dim), dim);
}

// operands: out, x, index (1-d int64); ints: dim.
void indexSelect(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1], &index = args.operands[2];
  const int64_t dim = args.ints[0];
  demandGiven({&out, &x, &index});
  demandType(x.dtype, {&out});
  demandDim(out, dim);
  demandDims(index, 0, 1);
  demand(sizeAt(out, dim) == sizeAt(index, 0), "one result per index");
  if (x.ndim) demandSameSizesBut(out, x, dim);
  demandDims(out, 0, std::max(x.ndim, 1));
  demandIndices(index, out);
  Extents strides{};
  strides[dim] = strideAt(index, 0);
  if (!take(out, x, index, strides, dim)) checkSelection(index, sizeAt(x, dim));
}

namespace {

// Positions of one block of nonzero, found without a branch per element.
constexpr int64_t kHits = 1024;

// Calls f(position) in order for the nonzero elements among the positions [begin, end) of x.
template <typename T, typename F>
void eachHit(const T* x, const Walk<1>& walk, int64_t begin, int64_t end, F&& f) {
  std::array<int64_t, kHits> hits;
  const int64_t stride = walk.inner(0);
  walk.runs(begin, end, [&](const auto& offset, int64_t n, int64_t position) {
    const T* run = x + offset[0];
    for (int64_t start = 0; start < n; start += kHits) {
      const int64_t stop = std::min(start + kHits, n);
      int64_t found = 0;
      for (int64_t i = start; i < stop; ++i) {
        hits[found] = position + i;
        found += load(run[i * stride]) != 0;
      }
      for (int64_t k = 0; k < found; ++k) f(hits[k]);
    }
  });
}

template <typename T>
int64_t countHits(const T* x, const Walk<1>& walk, int64_t begin, int64_t end) {
  int64_t count = 0;
  const int64_t stride = walk.inner(0);
  walk.runs(begin, end, [&](const auto& offset, int64_t n, int64_t) {
    const T* run = x + offset[0];
    if (stride == 1) {
      for (int64_t i = 0; i < n; ++i) count += load(run[i]) != 0;
    } else {
      for (int64_t i = 0; i < n; ++i) count += load(run[i * stride]) != 0;
    }
  });
  return count;
}

}  // namespace

// operands: out (count, ndim; int64), x. The library has counted before; rows beyond the given count are not written.
void nonzero(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1];
  demandGiven({&out, &x});
  demandType(DType::Int64, {&out});
  demandDims(out, 2, 2);
  demand(out.sizes[1] == x.ndim, "one column per dimension");
  const Walk<1> walk(x.ndim, x.sizes, {x.strides});
  const int64_t numel = walk.numel(), blocks = (numel + kGrain - 1) / kGrain;
  const int last = x.ndim - 1;
  std::vector<int64_t> first(blocks + 1, 0);
  dispatch(x.dtype, [&]<typename T>() {
    const T* data = x.as<const T>();
    const auto blockwise = [&](auto&& run) {
      parallelFor(blocks, 1, [&](int64_t begin, int64_t end) {
        for (int64_t block = begin; block < end; ++block) {
          run(block, block * kGrain, std::min((block + 1) * kGrain, numel));
        }
      });
    };
    blockwise([&](int64_t block, int64_t begin, int64_t end) { first[block + 1] = countHits(data, walk, begin, end); });
    for (int64_t block = 0; block < blocks; ++block) first[block + 1] += first[block];
    blockwise([&](int64_t block, int64_t begin, int64_t end) {
      int64_t row = first[block];
      // Multi-indices change slowly: the leading ones are divided out once per row of x.
      int64_t rowStart = 0, rowEnd = 0;
      Extents leading{};
      eachHit(data, walk, begin, end, [&](int64_t position) {
        if (row >= out.sizes[0] || last < 0) return;
        if (position >= rowEnd) {
          int64_t rest = position / x.sizes[last];
          rowStart = rest * x.sizes[last];
          rowEnd = rowStart + x.sizes[last];
          for (int d = last - 1; d >= 0; --d) {
            leading[d] = rest % x.sizes[d];
            rest /= x.sizes[d];
          }
        }
        int64_t* to = out.as<int64_t>() + row++ * out.strides[0];
        for (int d = 0; d < last; ++d) to[d * out.strides[1]] = leading[d];
        to[last * out.strides[1]] = position - rowStart;
      });
    });
  });
}

}  // namespace cresset::cpu
