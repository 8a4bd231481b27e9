// Factorizations of square systems, and their solutions: LU, Cholesky, LDL, triangular systems.
#include <algorithm>
#include <cstdlib>

#include "lapack.h"
#include "matrices.h"

namespace cresset::cpu {

namespace {

int64_t cube(int64_t n) { return n * n * n; }

const char* upperOrLower(bool upper) { return upper ? "U" : "L"; }

// Makes the matrix symmetric by one of its triangles.
template <typename T>
void mirror(T* a, int64_t n, bool upper) {
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < j; ++i) {
      if (upper)
        a[j + i * n] = a[i + j * n];
      else
        a[i + j * n] = a[j + i * n];
    }
  }
}

// Makes zeros of what is not the triangle.
template <typename T>
void keepTriangle(T* a, int64_t n, bool upper) {
  for (int64_t j = 0; j < n; ++j) {
    if (upper)
      std::fill(a + j * n + j + 1, a + (j + 1) * n, T{0});
    else
      std::fill_n(a + j * n, j, T{0});
  }
}

}  // namespace

// operands: lu (by columns, in place), pivots (int32), info (int32).
void luFactor(const KernelArgs& args) {
  const Operand &lu = args.operands[0], &pivots = args.operands[1], &info = args.operands[2];
  demandGiven({&lu, &pivots, &info});
  demandType(DType::Int32, {&pivots, &info});
  dispatchReal(lu.dtype, [&]<typename T>() {
    const auto a = matricesOf<T>(lu);
    const int least = std::min(a.rows, a.cols), leading = a.leading();
    demandPerMatrix(pivots, a.count, least);
    demandPerMatrix(info, a.count, 1);
    const int64_t work = static_cast<int64_t>(a.rows) * a.cols * least;
    overMatrices(a.count, work, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int& code = info.as<int>()[i];
        code = 0;
        if (least > 0) Lapack<T>::getrf(&a.rows, &a.cols, a.at(i), &leading, pivots.as<int>() + i * least, &code);
      }
    });
  });
}

// operands: b (by columns, in place), lu, pivots; ints: transposed. Throws NumericFault for pivots that name no row.
void luSolve(const KernelArgs& args) {
  const Operand &right = args.operands[0], &lu = args.operands[1], &pivots = args.operands[2];
  demandGiven({&right, &lu, &pivots});
  demandType(right.dtype, {&lu});
  demandType(DType::Int32, {&pivots});
  const char* transposed = args.ints[0] != 0 ? "T" : "N";
  dispatchReal(right.dtype, [&]<typename T>() {
    const auto b = matricesOf<T>(right);
    const auto a = matricesOf<T>(lu);
    demandSquare(a);
    demandCount(a, b.count);
    demand(a.rows == b.rows, "sizes differ");
    demandPerMatrix(pivots, a.count, a.rows);
    const int *rows = pivots.as<const int>(), n = a.rows, leading = a.leading();
    for (int64_t k = 0; k < a.count * n; ++k) {
      if (rows[k] < 1 || rows[k] > n)
        throw NumericFault(
            "Pivots given to lu_solve must all be smaller or equal to LU.size(-2). Did you properly pass the result of "
            "lu_factor?");
    }
    overMatrices(b.count, b.cols * static_cast<int64_t>(n) * n, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int code = 0;
        Lapack<T>::getrs(transposed, &n, &b.cols, a.at(i), &leading, rows + i * n, b.at(i), &leading, &code, 1);
      }
    });
  });
}

// operands: a (by columns, in place), info (int32); ints: upper. `each(matrix, rows, leading, upper, code)` for every
// matrix.
template <typename Each>
void overTriangles(const KernelArgs& args, Each&& each) {
  const Operand &matrices = args.operands[0], &info = args.operands[1];
  demandGiven({&matrices, &info});
  demandType(DType::Int32, {&info});
  const bool upper = args.ints[0] != 0;
  dispatchReal(matrices.dtype, [&]<typename T>() {
    const auto a = matricesOf<T>(matrices);
    demandSquare(a);
    demandPerMatrix(info, a.count, 1);
    const int leading = a.leading();
    overMatrices(a.count, cube(a.rows), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int& code = info.as<int>()[i];
        code = 0;
        each(a.at(i), a.rows, leading, upper, code);
      }
    });
  });
}

// As above; the other triangle becomes zeros.
void choleskyFactor(const KernelArgs& args) {
  overTriangles(args, []<typename T>(T* matrix, const int& rows, const int& leading, bool upper, int& code) {
    Lapack<T>::potrf(upperOrLower(upper), &rows, matrix, &leading, &code, 1);
    keepTriangle(matrix, rows, upper);
  });
}

// operands: b (by columns, in place), factor; ints: upper.
void choleskySolve(const KernelArgs& args) {
  const Operand &right = args.operands[0], &factor = args.operands[1];
  demandGiven({&right, &factor});
  demandType(right.dtype, {&factor});
  const char* upper = upperOrLower(args.ints[0] != 0);
  dispatchReal(right.dtype, [&]<typename T>() {
    const auto b = matricesOf<T>(right);
    const auto a = matricesOf<T>(factor);
    demandSquare(a);
    demandCount(a, b.count);
    demand(a.rows == b.rows, "sizes differ");
    const int n = a.rows, leading = a.leading();
    overMatrices(b.count, b.cols * static_cast<int64_t>(n) * n, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int code = 0;
        Lapack<T>::potrs(upper, &n, &b.cols, a.at(i), &leading, b.at(i), &leading, &code, 1);
      }
    });
  });
}

// As above; a factor becomes the inverse of the product.
void choleskyInvert(const KernelArgs& args) {
  overTriangles(args, []<typename T>(T* matrix, const int& rows, const int& leading, bool upper, int& code) {
    Lapack<T>::potri(upperOrLower(upper), &rows, matrix, &leading, &code, 1);
    mirror(matrix, rows, upper);
  });
}

// operands: b (by columns, in place), a; ints: left, upper, transposed, unit (the diagonal is read as ones).
void triangularSolve(const KernelArgs& args) {
  const Operand &right = args.operands[0], &triangles = args.operands[1];
  demandGiven({&right, &triangles});
  demandType(right.dtype, {&triangles});
  const bool left = args.ints[0] != 0;
  const char *side = left ? "L" : "R", *upper = upperOrLower(args.ints[1] != 0);
  const char *transposed = args.ints[2] != 0 ? "T" : "N", *unit = args.ints[3] != 0 ? "U" : "N";
  dispatchReal(right.dtype, [&]<typename T>() {
    const auto b = matricesOf<T>(right);
    const auto a = matricesOf<T>(triangles);
    demandSquare(a);
    demandCount(a, b.count);
    demand(a.rows == (left ? b.rows : b.cols), "sizes differ");
    const int leadingA = a.leading(), leadingB = b.leading();
    const T one = 1;
    overMatrices(b.count, static_cast<int64_t>(a.rows) * b.rows * b.cols, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        Lapack<T>::trsm(side, upper, transposed, unit, &b.rows, &b.cols, &one, a.at(i), &leadingA, b.at(i), &leadingB,
                        1, 1, 1, 1);
    });
  });
}

// operands: a (by columns, in place: the lower triangle), pivots (int32), info (int32).
void ldlFactor(const KernelArgs& args) {
  const Operand &matrices = args.operands[0], &pivots = args.operands[1], &info = args.operands[2];
  demandGiven({&matrices, &pivots, &info});
  demandType(DType::Int32, {&pivots, &info});
  dispatchReal(matrices.dtype, [&]<typename T>() {
    const auto a = matricesOf<T>(matrices);
    demandSquare(a);
    const int n = a.rows, leading = a.leading();
    demandPerMatrix(pivots, a.count, n);
    demandPerMatrix(info, a.count, 1);
    overMatrices(a.count, cube(n), [&](int64_t begin, int64_t end) {
      T asked = 0;
      int code = 0;
      const int query = -1;
      Lapack<T>::sytrf("L", &n, nullptr, &leading, nullptr, &asked, &query, &code, 1);
      const int size = workspaceSize(asked);
      const Temporary<T> work(size);
      for (int64_t i = begin; i < end; ++i) {
        int* found = info.as<int>() + i;
        Lapack<T>::sytrf("L", &n, a.at(i), &leading, pivots.as<int>() + i * n, work.get(), &size, found, 1);
      }
    });
  });
}

// operands: b (by columns, in place), ld, pivots (int32). Throws NumericFault for pivots that ldlFactor does not give.
void ldlSolve(const KernelArgs& args) {
  const Operand &right = args.operands[0], &factor = args.operands[1], &pivots = args.operands[2];
  demandGiven({&right, &factor, &pivots});
  demandType(right.dtype, {&factor});
  demandType(DType::Int32, {&pivots});
  dispatchReal(right.dtype, [&]<typename T>() {
    const auto b = matricesOf<T>(right);
    const auto a = matricesOf<T>(factor);
    demandSquare(a);
    demandCount(a, b.count);
    demand(a.rows == b.rows, "sizes differ");
    const int n = a.rows, leading = a.leading();
    demandPerMatrix(pivots, a.count, n);
    const int* rows = pivots.as<const int>();
    for (int64_t i = 0; i < a.count; ++i) {
      // Two negative numbers, one after the other, are a block of two rows.
      for (int64_t k = 0; k < n; ++k) {
        const int row = rows[i * n + k];
        const bool fits = row != 0 && row >= -n && row <= n && (row > 0 || (++k < n && rows[i * n + k] == row));
        if (!fits) throw NumericFault("linalg.ldl_solve: the pivots are not those of linalg.ldl_factor");
      }
    }
    overMatrices(b.count, b.cols * static_cast<int64_t>(n) * n, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        int code = 0;
        Lapack<T>::sytrs("L", &n, &b.cols, a.at(i), &leading, rows + i * n, b.at(i), &leading, &code, 1);
      }
    });
  });
}

}  // namespace cresset::cpu
