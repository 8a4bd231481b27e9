// Sorting along one dimension. Short rows use a comparison sort of packed items, long ones a radix sort whose passes
// all threads share.
#include <hwy/contrib/sort/vqsort.h>

#include <algorithm>
#include <array>

#include "convention.h"
#include "keys.h"
#include "temporary.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {
namespace {

// From this length on a radix sort's passes are faster (measured): sooner for long items, which std::sort sorts, than
// for short ones, which Highway's vector sort does.
template <typename Item>
constexpr int64_t kRadixLength = sizeof(Item) == sizeof(uint64_t) ? 1 << 16 : 1024;
// Up to this length a vector sort costs more to start than std::sort, which inserts, takes.
constexpr int64_t kInsertion = 24;
constexpr int kDigits = 256;
using Histogram = std::array<int64_t, kDigits>;

// Sorts items that lie in the order of their positions by their keys, least significant digit first; each pass is
// stable. Returns the buffer that holds the result: `items` or `scratch`. `parts` ranges are counted and moved at the
// same time.
template <typename Item>
Item* radixSort(Item* items, Item* scratch, int64_t n, int keyBytes, Histogram* histograms, int64_t parts) {
  const auto each = [&](auto&& run) {
    parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; ++part) run(histograms[part], n * part / parts, n * (part + 1) / parts);
    });
  };
  for (int byte = 0; byte < keyBytes; ++byte) {
    const auto digit = [shift = 8 * byte](const Item& item) { return (item.key() >> shift) & (kDigits - 1); };
    each([&](Histogram& histogram, int64_t begin, int64_t end) {
      histogram.fill(0);
      for (int64_t i = begin; i < end; ++i) ++histogram[digit(items[i])];
    });
    int64_t start = 0, largest = 0;
    for (int d = 0; d < kDigits; ++d) {
      const int64_t before = start;
      for (int64_t part = 0; part < parts; ++part) {
        const int64_t count = histograms[part][d];
        histograms[part][d] = start;
        start += count;
      }
      largest = std::max(largest, start - before);
    }
    if (largest == n) continue;
    each([&](Histogram& histogram, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) scratch[histogram[digit(items[i])]++] = items[i];
    });
    std::swap(items, scratch);
  }
  return items;
}

void compareSort(ShortItem* items, int64_t n, const hwy::Sorter& sorter) {
  static_assert(sizeof(ShortItem) == sizeof(uint64_t));
  if (n <= kInsertion)
    std::sort(items, items + n);
  else
    sorter(&items->word, static_cast<size_t>(n), hwy::SortAscending());
}

void compareSort(LongItem* items, int64_t n, const hwy::Sorter&) { std::sort(items, items + n); }

}  // namespace

// operands: values, indices (int64), x; ints: dim, descending. Stable; NaN last (first when descending).
void sort(const KernelArgs& args) {
  const Operand &values = args.operands[0], &indices = args.operands[1], &x = args.operands[2];
  demandGiven({&values, &indices, &x});
  demandType(x.dtype, {&values});
  demandType(DType::Int64, {&indices});
  demandSameSizes(values, x);
  demandSameSizes(indices, x);
  demandDim(x, args.ints[0]);
  const int dim = static_cast<int>(args.ints[0]);
  const bool descending = args.ints[1] != 0;
  const int64_t n = sizeAt(x, dim);
  const auto rest = [&](const Operand& operand) { return x.ndim ? without(operand.strides, x.ndim, dim) : Extents{}; };
  const Walk<3> rows(std::max(x.ndim - 1, 0), x.ndim ? without(x.sizes, x.ndim, dim) : Extents{},
                     {rest(values), rest(indices), rest(x)});
  if (n == 0 || rows.numel() == 0) return;
  const int64_t vs = strideAt(values, dim), is = strideAt(indices, dim), xs = strideAt(x, dim);
  // Many rows: a thread sorts whole rows. Few: threads share each row's passes.
  const int64_t team = n * rows.numel() < kGrain ? 1 : threads();
  const bool share = rows.numel() < team && n >= kGrain;
  const int64_t workers = share ? 1 : std::min(rows.numel(), team), parts = share ? team : 1;
  dispatch(x.dtype, [&]<typename T>() {
    dispatchItem<T>(n, [&]<typename Item>() {
      const bool radix = n >= kRadixLength<Item>;
      const Temporary<Item> buffers(workers * n * (radix ? 2 : 1));
      const Temporary<Histogram> histograms(radix ? workers * parts : 0);
      const auto sortRow = [&](int64_t worker, const hwy::Sorter& sorter, const auto& offset) {
        Item* items = buffers.get() + worker * n * (radix ? 2 : 1);
        const T* from = x.as<const T>() + offset[2];
        parallelFor(n, share ? kGrain : n, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) items[i] = Item(keyOf(from[i * xs], descending), i);
        });
        if (radix)
          items = radixSort(items, items + n, n, sizeof(T), histograms.get() + worker * parts, parts);
        else
          compareSort(items, n, sorter);
        T* to = values.as<T>() + offset[0];
        int64_t* at = indices.as<int64_t>() + offset[1];
        parallelFor(n, share ? kGrain : n, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            at[i * is] = items[i].position();
            to[i * vs] = from[items[i].position() * xs];
          }
        });
      };
      parallelFor(workers, 1, [&](int64_t begin, int64_t end) {
        for (int64_t worker = begin; worker < end; ++worker) {
          const hwy::Sorter sorter;
          rows.runs(rows.numel() * worker / workers, rows.numel() * (worker + 1) / workers,
                    [&](auto offset, int64_t count, int64_t) {
                      for (int64_t row = 0; row < count; ++row) {
                        sortRow(worker, sorter, offset);
                        for (int k = 0; k < 3; ++k) offset[k] += rows.inner(k);
                      }
                    });
        }
      });
    });
  });
}

}  // namespace cresset::cpu
