// Orthogonal factorizations: QR by Householder reflections, least squares.
#include <algorithm>

#include "lapack.h"
#include "matrices.h"

namespace cresset::cpu {

namespace {

// A workspace as long as run(work, &length, &info) asks for when the length is -1.
template <typename T, typename Run>
std::pair<Temporary<T>, int> workspaceFor(Run&& run) {
  T asked = 0;
  int code = 0;
  const int query = -1;
  run(&asked, &query, &code);
  const int size = workspaceSize(asked);
  return {Temporary<T>(size), size};
}

}  // namespace

// operands: a (by columns, in place: R above the diagonal, reflections below), tau.
void qrFactor(const KernelArgs& args) {
  const Operand &matrices = args.operands[0], &scales = args.operands[1];
  demandGiven({&matrices, &scales});
  demandType(matrices.dtype, {&scales});
  dispatchReal(matrices.dtype, [&]<typename T>() {
    const auto a = matricesOf<T>(matrices);
    const int least = std::min(a.rows, a.cols), leading = a.leading();
    demandPerMatrix(scales, a.count, least);
    if (least == 0) return;
    overMatricesByColumn(
        a.count, static_cast<int64_t>(a.rows) * a.cols * least, least, [&](int64_t begin, int64_t end) {
          const auto run = [&](int64_t i, T* work, const int* size, int* code) {
            Lapack<T>::geqrf(&a.rows, &a.cols, a.at(i), &leading, scales.as<T>() + i * least, work, size, code);
          };
          const auto [work, size] = workspaceFor<T>([&](auto... rest) { run(begin, rest...); });
          int code = 0;
          for (int64_t i = begin; i < end; ++i) run(i, work.get(), &size, &code);
        });
  });
}

// operands: q (by columns; reflections in its first columns, becomes their product's), tau.
void qrExpand(const KernelArgs& args) {
  const Operand &matrices = args.operands[0], &scales = args.operands[1];
  demandGiven({&matrices, &scales});
  demandType(matrices.dtype, {&scales});
  demandDims(scales, 1, kMaxDims);
  dispatchReal(matrices.dtype, [&]<typename T>() {
    const auto q = matricesOf<T>(matrices);
    const int reflections = lapackSize(scales.sizes[scales.ndim - 1]), leading = q.leading();
    demandPerMatrix(scales, q.count, reflections);
    demand(reflections <= q.cols && q.cols <= q.rows, "more columns than rows");
    if (q.cols == 0) return;
    overMatricesByColumn(q.count, static_cast<int64_t>(q.rows) * q.cols * q.cols, q.cols,
                         [&](int64_t begin, int64_t end) {
                           const auto run = [&](int64_t i, T* work, const int* size, int* code) {
                             Lapack<T>::orgqr(&q.rows, &q.cols, &reflections, q.at(i), &leading,
                                              scales.as<T>() + i * reflections, work, size, code);
                           };
                           const auto [work, size] = workspaceFor<T>([&](auto... rest) { run(begin, rest...); });
                           int code = 0;
                           for (int64_t i = begin; i < end; ++i) run(i, work.get(), &size, &code);
                         });
  });
}

// operands: c (by columns, in place), reflections (by columns), tau; ints: left, transposed.
void qrMultiply(const KernelArgs& args) {
  const Operand &products = args.operands[0], &matrices = args.operands[1], &scales = args.operands[2];
  demandGiven({&products, &matrices, &scales});
  demandType(products.dtype, {&matrices, &scales});
  demandDims(scales, 1, kMaxDims);
  const bool left = args.ints[0] != 0;
  const char *side = left ? "L" : "R", *transposed = args.ints[1] != 0 ? "T" : "N";
  dispatchReal(products.dtype, [&]<typename T>() {
    const auto c = matricesOf<T>(products);
    const auto a = matricesOf<T>(matrices);
    const int reflections = lapackSize(scales.sizes[scales.ndim - 1]);
    demandCount(a, c.count);
    demandPerMatrix(scales, c.count, reflections);
    demand(reflections <= a.cols && reflections <= a.rows && a.rows == (left ? c.rows : c.cols), "sizes differ");
    if (c.rows == 0 || c.cols == 0 || reflections == 0) return;
    const int leadingA = a.leading(), leadingC = c.leading();
    overMatrices(c.count, static_cast<int64_t>(c.rows) * c.cols * reflections, [&](int64_t begin, int64_t end) {
      const auto run = [&](int64_t i, T* work, const int* size, int* code) {
        Lapack<T>::ormqr(side, transposed, &c.rows, &c.cols, &reflections, a.at(i), &leadingA,
                         scales.as<T>() + i * reflections, c.at(i), &leadingC, work, size, code, 1, 1);
      };
      const auto [work, size] = workspaceFor<T>([&](auto... rest) { run(begin, rest...); });
      int code = 0;
      for (int64_t i = begin; i < end; ++i) run(i, work.get(), &size, &code);
    });
  });
}

// operands: b (by columns, in place, with as many rows as the longer side of a), a (by columns, destroyed), rank?
// (int64), singular values?, info (int32); ints: driver (0 gels, 1 gelsy, 2 gelsd, 3 gelss); floats: the smallest ratio
// of singular values that counts.
void leastSquares(const KernelArgs& args) {
  const Operand &right = args.operands[0], &matrices = args.operands[1], &ranks = args.operands[2];
  const Operand &singular = args.operands[3], &info = args.operands[4];
  demandGiven({&right, &matrices, &info});
  demandType(right.dtype, {&matrices, &singular});
  demandType(DType::Int32, {&info});
  demandType(DType::Int64, {&ranks});
  const int64_t driver = args.ints[0];
  dispatchReal(right.dtype, [&]<typename T>() {
    const auto b = matricesOf<T>(right);
    const auto a = matricesOf<T>(matrices);
    const int least = std::min(a.rows, a.cols);
    demandCount(a, b.count);
    demand(b.rows == std::max(a.rows, a.cols), "sizes differ");
    demandPerMatrix(info, a.count, 1);
    demand(driver == 0 || ranks, "an operand is absent");
    demand(driver < 2 || singular, "an operand is absent");
    if (driver != 0) demandPerMatrix(ranks, a.count, 1);
    if (driver >= 2) demandPerMatrix(singular, a.count, least);
    const int leadingA = a.leading(), leadingB = b.leading();
    const T ratio = static_cast<T>(args.floats[0]);
    const int64_t work = static_cast<int64_t>(a.rows) * a.cols * (least + b.cols);
    overMatrices(a.count, work, [&](int64_t begin, int64_t end) {
      int rank = 0, integers = 1;
      Temporary<int> whole(driver == 1 ? std::max(a.cols, 1) : 1);
      const auto run = [&](int64_t i, T* work, const int* size, int* code) {
        T* values = driver >= 2 ? singular.as<T>() + i * least : nullptr;
        const auto &m = a.rows, &n = a.cols, &k = b.cols;
        if (driver == 0)
          Lapack<T>::gels("N", &m, &n, &k, a.at(i), &leadingA, b.at(i), &leadingB, work, size, code, 1);
        else if (driver == 1)
          Lapack<T>::gelsy(&m, &n, &k, a.at(i), &leadingA, b.at(i), &leadingB, whole.get(), &ratio, &rank, work, size,
                           code);
        else if (driver == 2)
          Lapack<T>::gelsd(&m, &n, &k, a.at(i), &leadingA, b.at(i), &leadingB, values, &ratio, &rank, work, size,
                           *size == -1 ? &integers : whole.get(), code);
        else
          Lapack<T>::gelss(&m, &n, &k, a.at(i), &leadingA, b.at(i), &leadingB, values, &ratio, &rank, work, size, code);
      };
      const auto [work, size] = workspaceFor<T>([&](auto... rest) { run(begin, rest...); });
      if (driver == 2) whole = Temporary<int>(std::max(integers, 1));
      for (int64_t i = begin; i < end; ++i) {
        int& code = info.as<int>()[i];
        code = 0;
        if (driver == 1) std::fill_n(whole.get(), a.cols, 0);
        if (driver >= 2 && !(a.finite(i) && b.finite(i))) {
          // The iterations on singular values need not end for these.
          const T none = std::numeric_limits<T>::quiet_NaN();
          std::fill_n(b.at(i), static_cast<int64_t>(b.rows) * b.cols, none);
          std::fill_n(singular.as<T>() + i * least, least, none);
          rank = 0;
          // As many values as an iteration on such a matrix leaves without a result.
          if (!a.finite(i)) code = std::max(least - 1, 0);
        } else {
          run(i, work.get(), &size, &code);
        }
        if (driver != 0) ranks.as<int64_t>()[i] = rank;
      }
    });
  });
}

}  // namespace cresset::cpu
