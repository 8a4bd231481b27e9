// Batches of matrices as LAPACK wants them: one after another, each stored by columns. Such a batch of m × n matrices
// is an operand (…, n, m) without gaps. What belongs to each matrix (pivots, singular values, error codes) lies
// likewise.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "convention.h"
#include "parallel.h"
#include "temporary.h"

namespace cresset::cpu {

template <typename T>
struct Matrices {
  T* data = nullptr;
  int rows = 0, cols = 0;
  int64_t count = 0;

  T* at(int64_t i) const { return data + i * rows * static_cast<int64_t>(cols); }
  // LAPACK takes no leading dimension of 0.
  int leading() const { return std::max(rows, 1); }
  bool finite(int64_t i) const {
    const T* matrix = at(i);
    const int64_t elements = rows * static_cast<int64_t>(cols);
    // 0 times a finite number is 0: one sum tells of all.
    T sum = 0;
    for (int64_t k = 0; k < elements; ++k) sum += matrix[k] * T{0};
    return sum == 0;
  }
};

inline int lapackSize(int64_t size) {
  demand(size <= std::numeric_limits<int>::max(), "a matrix is larger than LAPACK's integers");
  return static_cast<int>(size);
}

// The matrices of an operand, which may be absent.
template <typename T>
Matrices<T> matricesOf(const Operand& x) {
  if (!x) return {};
  demandDims(x, 2, kMaxDims);
  demandContiguous({&x});
  int64_t count = 1;
  for (int d = 0; d < x.ndim - 2; ++d) count *= x.sizes[d];
  return {x.as<T>(), lapackSize(x.sizes[x.ndim - 1]), lapackSize(x.sizes[x.ndim - 2]), count};
}

// What belongs to each of `count` matrices: `size` numbers.
inline void demandPerMatrix(const Operand& x, int64_t count, int64_t size) {
  demandContiguous({&x});
  demand(x.numel() == count * size, "an operand does not fit the matrices");
}

template <typename T>
void demandSquare(const Matrices<T>& a) {
  demand(a.rows == a.cols, "a matrix is not square");
}

template <typename T>
void demandCount(const Matrices<T>& a, int64_t count) {
  demand(a.count == count, "numbers of matrices differ");
}

// Calls `body.template operator()<T>()` for float32 and float64.
template <typename Body>
void dispatchReal(DType dtype, Body&& body) {
  demand(dtype == DType::Float32 || dtype == DType::Float64, "a dtype that LAPACK has was expected");
  if (dtype == DType::Float32)
    body.template operator()<float>();
  else
    body.template operator()<double>();
}

// Calls body(begin, end) on parts of the batch. Many matrices are shared out among threads, one thread each; of a few,
// each is one call, which uses all threads itself. `work`: multiply-adds per matrix.
template <typename Body>
void overMatrices(int64_t count, int64_t work, Body&& body) {
  if (count < threads())
    body(int64_t{0}, count);
  else
    parallelFor(count, std::max<int64_t>(1, kGrain / std::max<int64_t>(work, 1)), body);
}

// Lets libraries compute on the calling thread alone, to the end of a scope.
class OneThread {
 public:
  OneThread() { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_ = omp_get_max_threads();
};

// Matrices of up to this many rows or columns, the lesser of both, are factored on one thread where a routine goes
// column by column: it calls for products with vectors thousands of times, and to wake a thread for each costs more
// than it computes (with other processes at work: svd 512² 213 ms against 459, eigh 512² 51 against 147, qr 1024² 234
// against 523).
constexpr int kLeastForThreads = 1024;

// overMatrices for routines that go column by column; `least`: the lesser of rows and columns.
template <typename Body>
void overMatricesByColumn(int64_t count, int64_t work, int least, Body&& body) {
  if (count < threads() && least <= kLeastForThreads) {
    const OneThread alone;
    body(int64_t{0}, count);
  } else {
    overMatrices(count, work, body);
  }
}

// The length of the workspace that a routine asked for. Lengths beyond 2^24 come rounded in float32.
template <typename T>
int workspaceSize(T asked) {
  const double size = std::ceil(static_cast<double>(asked) * (1 + 4 * std::numeric_limits<T>::epsilon()));
  demand(size <= std::numeric_limits<int>::max(), "a matrix is larger than LAPACK's integers");
  return std::max(1, static_cast<int>(size));
}

}  // namespace cresset::cpu
