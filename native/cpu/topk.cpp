// The k largest or smallest values of each row, in order. A row is filtered through a small buffer that keeps the best
// so far: most elements of a long row are compared once with its worst member and dropped.
#include <algorithm>

#include "convention.h"
#include "keys.h"
#include "temporary.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {

// operands: values, indices (int64), x, along their last dimension, k = last size of values; ints: largest, sorted
// (results are always in order). NaN counts as the largest value.
void topk(const KernelArgs& args) {
  const Operand &values = args.operands[0], &indices = args.operands[1], &x = args.operands[2];
  demandGiven({&values, &indices, &x});
  demandType(x.dtype, {&values});
  demandType(DType::Int64, {&indices});
  const int dim = std::max(x.ndim - 1, 0);
  demandSameSizesBut(values, x, dim);
  demandSameSizes(indices, values);
  const int64_t n = sizeAt(x, dim), k = sizeAt(values, dim);
  demand(k <= n, "more values than there are");
  const Walk<3> rows(dim, x.sizes, {values.strides, indices.strides, x.strides});
  if (k == 0 || rows.numel() == 0) return;
  const int64_t vs = strideAt(values, dim), is = strideAt(indices, dim), xs = strideAt(x, dim);
  const bool largest = args.ints[0] != 0;
  const int64_t capacity = std::min(n, k + std::max<int64_t>(k, 64));
  const int64_t workers = n * rows.numel() < kGrain ? 1 : std::min<int64_t>(rows.numel(), threads());
  dispatch(x.dtype, [&]<typename T>() {
    dispatchItem<T>(n, [&]<typename Item>() {
      const Temporary<Item> buffers(workers * capacity);
      const auto selectRow = [&](Item* best, const auto& offset) {
        const T* from = x.as<const T>() + offset[2];
        int64_t held = 0;
        bool full = false;
        uint64_t worst = 0;
        for (int64_t i = 0; i < n; ++i) {
          const uint64_t key = keyOf(from[i * xs], largest);
          if (full && key >= worst) continue;
          best[held++] = Item(key, i);
          if (held < capacity || i + 1 == n) continue;
          std::nth_element(best, best + k - 1, best + held);
          held = k;
          worst = best[k - 1].key();
          full = true;
        }
        std::partial_sort(best, best + k, best + held);
        for (int64_t i = 0; i < k; ++i) {
          indices.as<int64_t>()[offset[1] + i * is] = best[i].position();
          values.as<T>()[offset[0] + i * vs] = from[best[i].position() * xs];
        }
      };
      parallelFor(workers, 1, [&](int64_t begin, int64_t end) {
        for (int64_t worker = begin; worker < end; ++worker) {
          rows.runs(rows.numel() * worker / workers, rows.numel() * (worker + 1) / workers,
                    [&](auto offset, int64_t count, int64_t) {
                      for (int64_t row = 0; row < count; ++row) {
                        selectRow(buffers.get() + worker * capacity, offset);
                        for (int j = 0; j < 3; ++j) offset[j] += rows.inner(j);
                      }
                    });
        }
      });
    });
  });
}

}  // namespace cresset::cpu
