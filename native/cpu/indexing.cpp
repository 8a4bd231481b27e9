// Several index tensors at once: what x[i, j] reads and x[i, j] = v writes. The library has moved the indexed
// dimensions to the front. Negative values count from the end, as in PyTorch's indexing.
#include "bounds.h"
#include "convention.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {
namespace {

// Positions whose offsets are computed together: two buffers of this size stay in the first-level cache.
constexpr int64_t kBlock = 512;

// target (d1…dk, rest…), dense (I…, rest…), then k indices of the shape I…; `written` is target or dense.
std::span<const Operand> checkIndexing(const KernelArgs& args, const Operand& target, const Operand& dense,
                                       const Operand& written) {
  const int64_t k = args.ints[0];
  demand(args.operands.size() > 2 && k == static_cast<int64_t>(args.operands.size()) - 2, "k indices");
  const auto indices = args.operands.subspan(2);
  demandGiven({&target, &dense});
  demandType(target.dtype, {&dense});
  const int rest = target.ndim - static_cast<int>(k), heads = dense.ndim - rest;
  demand(rest >= 0 && heads >= 0, "numbers of dimensions differ");
  for (int d = 0; d < rest; ++d) demand(target.sizes[k + d] == dense.sizes[heads + d], "sizes differ");
  for (const Operand& index : indices) {
    demandGiven({&index});
    demandDims(index, heads, heads);
    demandLeading(index, dense, heads);
    demandIndices(index, written);
  }
  return indices;
}

// One indexing: the space I of the index tensors, the space `rest` behind it, and the offsets that indices stand for.
struct Indexing {
  const Operand& target;             // (d1…dk, rest…)
  const Operand& dense;              // (I…, rest…)
  std::span<const Operand> indices;  // k times I…
  int heads;                         // dimensions of I
  Walk<1> positions;                 // I over `dense`
  Walk<2> rest;                      // rest over `dense` and `target`

  Indexing(const Operand& target, const Operand& dense, std::span<const Operand> indices)
      : target(target),
        dense(dense),
        indices(indices),
        heads(dense.ndim - (target.ndim - static_cast<int>(indices.size()))),
        positions(heads, dense.sizes, {dense.strides}),
        rest(dense.ndim - heads, range(dense.sizes, heads, dense.ndim),
             {range(dense.strides, heads, dense.ndim),
              range(target.strides, static_cast<int>(indices.size()), target.ndim)}) {
    for (size_t j = 0; j < indices.size(); ++j) checkIndex(indices[j], -target.sizes[j], target.sizes[j], j);
  }

  // Calls f(position in `dense`, offset in `target`, position of I) for the positions [begin, end) of I.
  template <typename F>
  void each(int64_t begin, int64_t end, F&& f) const {
    std::array<int64_t, kBlock> from, to;
    for (int64_t block = begin; block < end; block += kBlock) {
      const int64_t count = std::min(kBlock, end - block);
      to.fill(0);
      for (size_t j = 0; j < indices.size(); ++j) {
        const Walk<1> walk(indices[j].ndim, indices[j].sizes, {indices[j].strides});
        const int64_t* data = indices[j].template as<const int64_t>();
        const int64_t stride = walk.inner(0), size = target.sizes[j], along = target.strides[j];
        walk.runs(block, block + count, [&](const auto& offset, int64_t n, int64_t position) {
          for (int64_t i = 0; i < n; ++i) {
            const int64_t value = data[offset[0] + i * stride];
            to[position - block + i] += (value < 0 ? value + size : value) * along;
          }
        });
      }
      const int64_t stride = positions.inner(0);
      positions.runs(block, block + count, [&](const auto& offset, int64_t n, int64_t position) {
        for (int64_t i = 0; i < n; ++i) from[position - block + i] = offset[0] + i * stride;
      });
      for (int64_t i = 0; i < count; ++i) f(from[i], to[i], block + i);
    }
  }
};

template <typename T>
void read(const Indexing& indexing) {
  T* dense = indexing.dense.as<T>();
  const T* target = indexing.target.as<const T>();
  const int64_t width = indexing.rest.numel();
  const int64_t ds = indexing.rest.inner(0), ts = indexing.rest.inner(1);
  if (width == 1) {
    parallelFor(indexing.positions.numel(), kGrain, [&](int64_t begin, int64_t end) {
      indexing.each(begin, end, [&](int64_t to, int64_t from, int64_t) { dense[to] = target[from]; });
    });
    return;
  }
  parallelFor(indexing.positions.numel() * width, kGrain, [&](int64_t begin, int64_t end) {
    if (begin >= end) return;
    indexing.each(begin / width, (end - 1) / width + 1, [&](int64_t to, int64_t from, int64_t position) {
      const int64_t low = std::max<int64_t>(begin - position * width, 0),
                    high = std::min(end - position * width, width);
      indexing.rest.runs(low, high, [&](const auto& offset, int64_t count, int64_t) {
        T* out = dense + to + offset[0];
        const T* in = target + from + offset[1];
        if (ds == 1 && ts == 1)
          std::copy_n(in, count, out);
        else
          for (int64_t i = 0; i < count; ++i) out[i * ds] = in[i * ts];
      });
    });
  });
}

// Threads split `rest`, so that equal indices meet in one thread, in order.
template <typename T, typename Combine>
void write(const Indexing& indexing, Combine combine) {
  T* target = indexing.target.as<T>();
  const T* dense = indexing.dense.as<const T>();
  const int64_t width = indexing.rest.numel(), heads = indexing.positions.numel();
  const int64_t ds = indexing.rest.inner(0), ts = indexing.rest.inner(1);
  if (heads == 0) return;
  if (width == 1) {
    indexing.each(0, heads, [&](int64_t from, int64_t to, int64_t) { combine(target[to], dense[from]); });
    return;
  }
  parallelFor(width, std::max<int64_t>(1, kGrain / heads), [&](int64_t low, int64_t high) {
    indexing.each(0, heads, [&](int64_t from, int64_t to, int64_t) {
      indexing.rest.runs(low, high, [&](const auto& offset, int64_t count, int64_t) {
        const T* in = dense + from + offset[0];
        T* out = target + to + offset[1];
        for (int64_t i = 0; i < count; ++i) combine(out[i * ts], in[i * ds]);
      });
    });
  });
}

}  // namespace

// operands: out (I…, rest…), x (d1…dk, rest…), k index tensors of shape I…; ints: k.
void indexGet(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1];
  const Indexing indexing(x, out, checkIndexing(args, x, out, out));
  dispatchSize(indexing.target.dtype, [&]<typename T>() { read<T>(indexing); });
}

// operands: self (d1…dk, rest…) in place, values (I…, rest…), k index tensors; ints: k, accumulate. Without
// accumulation the last of equal indices wins.
void indexPut(const KernelArgs& args) {
  const Operand &self = args.operands[0], &values = args.operands[1];
  const Indexing indexing(self, values, checkIndexing(args, self, values, self));
  if (args.ints[1] == 0) {
    dispatchSize(indexing.target.dtype,
                 [&]<typename T>() { write<T>(indexing, [](T& target, T value) { target = value; }); });
    return;
  }
  dispatch(indexing.target.dtype, [&]<typename T>() {
    write<T>(indexing, [](T& target, T value) { target = T(sumOf(load(target), load(value))); });
  });
}

}  // namespace cresset::cpu
