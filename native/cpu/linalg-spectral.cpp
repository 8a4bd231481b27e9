// Singular values and eigenvalues of symmetric matrices, by divide and conquer.
#include <algorithm>
#include <limits>

#include "lapack.h"
#include "matrices.h"

namespace cresset::cpu {

namespace {

// What LAPACK 3.7 and later say of an argument with NaN: the fourth is not a number.
constexpr int kNotFinite = -4;

template <typename T>
void fillNan(const Matrices<T>& a, int64_t i) {
  if (a.data == nullptr) return;
  std::fill_n(a.at(i), a.rows * static_cast<int64_t>(a.cols), std::numeric_limits<T>::quiet_NaN());
}

}  // namespace

// operands: values, u?, vh? (both or none; by columns, all of their vectors or as many as values), a (by columns,
// destroyed), info (int32): −4 for a matrix that is not finite, whose results are NaN.
void svd(const KernelArgs& args) {
  const Operand &singular = args.operands[0], &left = args.operands[1], &right = args.operands[2];
  const Operand &matrices = args.operands[3], &info = args.operands[4];
  demandGiven({&singular, &matrices, &info});
  demandType(matrices.dtype, {&singular, &left, &right});
  demandType(DType::Int32, {&info});
  demand(static_cast<bool>(left) == static_cast<bool>(right), "an operand is absent");
  dispatchReal(matrices.dtype, [&]<typename T>() {
    const auto a = matricesOf<T>(matrices);
    const auto u = matricesOf<T>(left), vh = matricesOf<T>(right);
    const int m = a.rows, n = a.cols, least = std::min(m, n);
    demandPerMatrix(singular, a.count, least);
    demandPerMatrix(info, a.count, 1);
    const bool vectors = static_cast<bool>(left);
    const bool all = vectors && (u.cols != least || vh.rows != least);
    if (vectors) {
      demandCount(u, a.count);
      demandCount(vh, a.count);
      demand(u.rows == m && vh.cols == n && u.cols == (all ? m : least) && vh.rows == (all ? n : least),
             "sizes differ");
    }
    if (least == 0) {
      std::fill_n(info.as<int>(), a.count, 0);
      return;
    }
    const char* job = !vectors ? "N" : all ? "A" : "S";
    const int leadingA = a.leading(), leadingU = u.leading(), leadingV = vh.leading();
    overMatricesByColumn(a.count, 4 * static_cast<int64_t>(m) * n * least, least, [&](int64_t begin, int64_t end) {
      const Temporary<int> whole(8 * static_cast<int64_t>(least));
      const auto run = [&](int64_t i, T* work, const int* size, int* code) {
        Lapack<T>::gesdd(job, &m, &n, a.at(i), &leadingA, singular.as<T>() + i * least, vectors ? u.at(i) : nullptr,
                         &leadingU, vectors ? vh.at(i) : nullptr, &leadingV, work, size, whole.get(), code, 1);
      };
      T asked = 0;
      const int query = -1;
      int code = 0;
      run(begin, &asked, &query, &code);
      const int size = workspaceSize(asked);
      const Temporary<T> work(size);
      for (int64_t i = begin; i < end; ++i) {
        int& found = info.as<int>()[i];
        found = 0;
        if (a.finite(i)) {
          run(i, work.get(), &size, &found);
          continue;
        }
        found = kNotFinite;
        std::fill_n(singular.as<T>() + i * least, least, std::numeric_limits<T>::quiet_NaN());
        fillNan(u, i);
        fillNan(vh, i);
      }
    });
  });
}

// operands: values, a (by columns, in place: becomes the eigenvectors, or is destroyed), info (int32); ints: vectors,
// upper (the triangle that is read).
void eigh(const KernelArgs& args) {
  const Operand &values = args.operands[0], &matrices = args.operands[1], &info = args.operands[2];
  demandGiven({&values, &matrices, &info});
  demandType(matrices.dtype, {&values});
  demandType(DType::Int32, {&info});
  const char *job = args.ints[0] != 0 ? "V" : "N", *upper = args.ints[1] != 0 ? "U" : "L";
  dispatchReal(matrices.dtype, [&]<typename T>() {
    const auto a = matricesOf<T>(matrices);
    demandSquare(a);
    const int n = a.rows, leading = a.leading();
    demandPerMatrix(values, a.count, n);
    demandPerMatrix(info, a.count, 1);
    if (n == 0) {
      std::fill_n(info.as<int>(), a.count, 0);
      return;
    }
    overMatricesByColumn(a.count, 4 * static_cast<int64_t>(n) * n * n, n, [&](int64_t begin, int64_t end) {
      T asked = 0;
      int askedWhole = 0, code = 0;
      const int query = -1;
      Lapack<T>::syevd(job, upper, &n, a.at(begin), &leading, values.as<T>() + begin * n, &asked, &query, &askedWhole,
                       &query, &code, 1, 1);
      const int size = workspaceSize(asked), sizeWhole = std::max(askedWhole, 1);
      const Temporary<T> work(size);
      const Temporary<int> whole(sizeWhole);
      for (int64_t i = begin; i < end; ++i) {
        int& found = info.as<int>()[i];
        found = 0;
        if (n == 1 || a.finite(i)) {
          Lapack<T>::syevd(job, upper, &n, a.at(i), &leading, values.as<T>() + i * n, work.get(), &size, whole.get(),
                           &sizeWhole, &found, 1, 1);
          continue;
        }
        // As many values as an iteration on such a matrix leaves without a result.
        found = n - 1;
        std::fill_n(values.as<T>() + i * n, n, std::numeric_limits<T>::quiet_NaN());
        fillNan(a, i);
      }
    });
  });
}

}  // namespace cresset::cpu
