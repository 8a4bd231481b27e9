// The matmul kernel: batches of matrix products. It decides what to multiply at once (a batch that shares its right
// matrix is one tall product) and whether the threads share the batch or each product.
#include <algorithm>
#include <array>
#include <type_traits>

#include "convention.h"
#include "gemm.h"
#include "parallel.h"

namespace cresset::cpu {

namespace {

enum Role { kOut, kA, kB, kBias, kRoles };

// Products beyond this size use all threads one after the other, even if there are many of them.
constexpr int64_t kLargeProduct = 1 << 28;

struct Batch {
  int ndim = 0;
  int64_t count = 1;
  std::array<int64_t, kMaxDims> sizes{};
  std::array<std::array<int64_t, kMaxDims>, kRoles> strides{};

  std::array<int64_t, kRoles> offsets(int64_t index) const {
    std::array<int64_t, kRoles> offset{};
    for (int d = ndim - 1; d >= 0; --d) {
      const int64_t at = index % sizes[d];
      index /= sizes[d];
      for (int r = 0; r < kRoles; ++r) offset[r] += at * strides[r][d];
    }
    return offset;
  }
};

template <typename T, typename Element>
Matrix<Element> lastTwo(const Operand& x) {
  const int m = x.ndim - 2, n = x.ndim - 1;
  return {x.as<Element>(), x.sizes[m], x.sizes[n], x.strides[m], x.strides[n]};
}

// Takes innermost batch dimensions into the rows while all products share b and the rows follow on evenly.
template <typename T>
void foldRows(Batch& batch, Product<T>& p) {
  for (; batch.ndim > 0; --batch.ndim) {
    const int d = batch.ndim - 1;
    const int64_t rows = p.c.rows;
    if (batch.strides[kB][d] != 0) return;
    // The row stride of a single row says nothing: the batch's takes its place.
    const auto strideOf = [&](Role role, int64_t rowStride) { return rows == 1 ? batch.strides[role][d] : rowStride; };
    const int64_t a = strideOf(kA, p.a.rowStride), c = strideOf(kOut, p.c.rowStride);
    const int64_t addend = strideOf(kBias, p.addend.rowStride);
    if (batch.strides[kA][d] != rows * a || batch.strides[kOut][d] != rows * c) return;
    if (p.beta != 0 && batch.strides[kBias][d] != rows * addend) return;
    p.a.rowStride = a;
    p.c.rowStride = c;
    p.addend.rowStride = addend;
    p.a.rows = p.c.rows = p.addend.rows = rows * batch.sizes[d];
    batch.count /= batch.sizes[d];
  }
}

template <typename T>
void matmulTyped(const KernelArgs& args) {
  const Operand& out = args.operands[kOut];
  Product<T> base{lastTwo<T, const T>(args.operands[kA]), lastTwo<T, const T>(args.operands[kB]), lastTwo<T, T>(out),
                  args.floats[0], args.floats[1]};
  if (base.beta != 0) base.addend = lastTwo<T, const T>(args.operands[kBias]);
  Batch batch;
  for (int d = 0; d < out.ndim - 2; ++d) {
    if (out.sizes[d] == 1) continue;
    for (int r = 0; r < kRoles; ++r) {
      if (args.operands[r]) batch.strides[r][batch.ndim] = args.operands[r].strides[d];
    }
    batch.sizes[batch.ndim++] = out.sizes[d];
    batch.count *= out.sizes[d];
  }
  if (batch.count == 0) return;
  foldRows(batch, base);

  const auto run = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto offset = batch.offsets(i);
      Product<T> p = base;
      p.c.data += offset[kOut];
      p.a.data += offset[kA];
      p.b.data += offset[kB];
      if (p.beta != 0) p.addend.data += offset[kBias];
      gemm(p);
    }
  };
  const int64_t work = std::max<int64_t>(1, base.work());
  if (batch.count >= 2 * threads() && work <= kLargeProduct) {
    parallelFor(batch.count, kSmallProduct / work, run);
  } else {
    run(0, batch.count);
  }
}

void checkMatmul(const KernelArgs& args) {
  const Operand &out = args.operands[kOut], &a = args.operands[kA], &b = args.operands[kB],
                &bias = args.operands[kBias];
  demandGiven({&out, &a, &b});
  demandType(out.dtype, {&a, &b, &bias});
  demandDims(out, 2, kMaxDims);
  const int m = out.ndim - 2, n = out.ndim - 1;
  demandSameSizesBut(a, out, n);
  demandSameSizesBut(b, out, m);
  demand(a.sizes[n] == b.sizes[m], "the inner sizes of the matrices differ");
  if (args.floats[1] == 0) return;
  demandGiven({&bias});
  demandSameSizes(bias, out);
}

}  // namespace

// operands: out, a, b, bias?; floats: alpha, beta. out = alpha · a@b + beta · bias, over the last two dimensions.
void matmul(const KernelArgs& args) {
  checkMatmul(args);
  dispatch(args.operands[kOut].dtype, [&]<typename T>() { matmulTyped<T>(args); });
}

}  // namespace cresset::cpu
