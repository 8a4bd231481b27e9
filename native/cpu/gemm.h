// Products of strided matrices, for the matmul kernel and for the kernels that are built on one (convolution).
#pragma once

#include <cstdint>

namespace cresset::cpu {

// Element (i, j) lies at data[i · rowStride + j · colStride].
template <typename T>
struct Matrix {
  T* data = nullptr;
  int64_t rows = 0, cols = 0, rowStride = 0, colStride = 0;

  Matrix transposed() const { return {data, cols, rows, colStride, rowStride}; }
  // A BLAS takes rows of unit stride with a leading dimension that covers them.
  bool rowMajor() const { return (colStride == 1 || cols == 1) && (rows == 1 || rowStride >= cols); }
  int64_t leading() const { return rows == 1 || rowStride < cols ? cols : rowStride; }
};

// The same matrix, to be read only.
template <typename T>
Matrix<const T> constant(const Matrix<T>& m) {
  return {m.data, m.rows, m.cols, m.rowStride, m.colStride};
}

template <typename T>
Matrix<T> rowMajorMatrix(T* data, int64_t rows, int64_t cols) {
  return {data, rows, cols, cols, 1};
}

// c = alpha · a@b + beta · addend. The addend may be c itself; beta 0 never reads it.
template <typename T>
struct Product {
  Matrix<const T> a, b;
  Matrix<T> c;
  double alpha = 1, beta = 0;
  Matrix<const T> addend{};

  int64_t work() const { return c.rows * c.cols * a.cols; }
  bool addsToItself() const {
    return addend.data == c.data && addend.rowStride == c.rowStride && addend.colStride == c.colStride;
  }
  Product transposed() const {
    return {b.transposed(), a.transposed(), c.transposed(), alpha, beta, addend.transposed()};
  }
};

// Multiply-adds below which a product runs on the calling thread.
constexpr int64_t kSmallProduct = 1 << 18;

// Any strides, any element type of dtypes.inc. Uses the thread pool unless the caller already runs inside it.
template <typename T>
void gemm(const Product<T>& product);

// Writes beta · addend to c, unless the addend is c and beta 1.
template <typename T>
void startFromAddend(const Product<T>& product);

}  // namespace cresset::cpu
