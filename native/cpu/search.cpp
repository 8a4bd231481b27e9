// Questions to sorted or grouped values: searchsorted and uniqueConsecutive.
#include "convention.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {

// operands: out (…, m; int64), sorted (…, n), values (…, m), all of one number of dimensions, leading sizes equal (or
// expanded by stride 0); ints: right. The count of sorted values below (right: not above) each value. NaN lies above
// everything.
void searchsorted(const KernelArgs& args) {
  const Operand &out = args.operands[0], &sorted = args.operands[1], &values = args.operands[2];
  const bool right = args.ints[0] != 0;
  demandGiven({&out, &sorted, &values});
  demandType(DType::Int64, {&out});
  demandType(sorted.dtype, {&values});
  demandSameSizes(out, values);
  const int last = std::max(sorted.ndim - 1, 0);
  demandSameSizesBut(sorted, values, last);
  const int64_t n = sizeAt(sorted, last), step = strideAt(sorted, last);
  Extents rowStrides = sorted.strides;
  rowStrides[last] = 0;
  const Walk<3> walk(out.ndim, out.sizes, {out.strides, rowStrides, values.strides});
  const int64_t os = walk.inner(0), rs = walk.inner(1), vs = walk.inner(2);
  dispatch(sorted.dtype, [&]<typename T>() {
    walk.parallel(kGrain / 16, [&](const auto& offset, int64_t count, int64_t) {
      for (int64_t i = 0; i < count; ++i) {
        const T* row = sorted.as<const T>() + offset[1] + i * rs;
        const auto value = load(values.as<const T>()[offset[2] + i * vs]);
        int64_t low = 0, high = n;
        while (low < high) {
          const int64_t middle = low + (high - low) / 2;
          const auto probe = load(row[middle * step]);
          const bool stop = right ? probe > value : probe >= value;
          if (stop)
            high = middle;
          else
            low = middle + 1;
        }
        out.as<int64_t>()[offset[0] + i * os] = low;
      }
    });
  });
}

// operands: values (n), inverse (n; int64), counts (n; int64), count (1; int64), x (n, contiguous), results contiguous
// too. Only the first `count` of values and counts are written.
void uniqueConsecutive(const KernelArgs& args) {
  const Operand &uniques = args.operands[0], &x = args.operands[4];
  for (const Operand& operand : args.operands) demandGiven({&operand});
  demandType(x.dtype, {&uniques});
  demandType(DType::Int64, {&args.operands[1], &args.operands[2], &args.operands[3]});
  demandDims(x, 1, 1);
  for (const Operand& operand : args.operands) demandContiguous({&operand});
  for (int k = 0; k < 3; ++k) demandSameSizes(args.operands[k], x);
  demand(args.operands[3].numel() == 1, "one count");
  int64_t* inverse = args.operands[1].as<int64_t>();
  int64_t* counts = args.operands[2].as<int64_t>();
  const int64_t n = sizeAt(x, 0);
  int64_t groups = 0;
  dispatch(x.dtype, [&]<typename T>() {
    T* values = uniques.as<T>();
    const T* from = x.as<const T>();
    for (int64_t i = 0; i < n; ++i) {
      if (i == 0 || load(from[i]) != load(from[i - 1])) {
        values[groups] = from[i];
        counts[groups++] = 0;
      }
      ++counts[groups - 1];
      inverse[i] = groups - 1;
    }
  });
  *args.operands[3].as<int64_t>() = groups;
}

}  // namespace cresset::cpu
