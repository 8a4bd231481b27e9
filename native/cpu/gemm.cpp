// Strided matrix products of every element type. Operands that no BLAS takes are brought into order first; float types
// go to the libraries, half types through float32, integers to a blocked loop.
#include "gemm.h"

#include <algorithm>
#include <type_traits>

#include "gemm-library.h"
#include "halves.h"
#include "parallel.h"
#include "temporary.h"

namespace cresset::cpu {

namespace {

// Multiply-adds per thread of the integer loop.
constexpr int64_t kLoopGrain = 65536;
// Columns and depth of the integer loop's blocks: such a block of b stays in the second-level cache.
constexpr int64_t kBlockCols = 512;
constexpr int64_t kBlockDepth = 128;

// to(i, j) = f(from(i, j), to(i, j))
template <typename S, typename T, typename F>
void transform(const Matrix<S>& from, const Matrix<T>& to, F&& f) {
  const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, to.cols));
  parallelFor(to.rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      S* source = from.data + i * from.rowStride;
      T* target = to.data + i * to.rowStride;
      if (from.colStride == 1 && to.colStride == 1) {
        for (int64_t j = 0; j < to.cols; ++j) target[j] = f(source[j], target[j]);
      } else {
        for (int64_t j = 0; j < to.cols; ++j) {
          T& value = target[j * to.colStride];
          value = f(source[j * from.colStride], value);
        }
      }
    }
  });
}

// to = from, converted between a half type and float32 where the types differ.
template <typename S, typename T>
void copy(const Matrix<const S>& from, const Matrix<T>& to) {
  if constexpr (!std::is_same_v<S, T>) {
    static_assert(kIsHalf<S> || kIsHalf<T>);
    if (from.colStride == 1 && to.colStride == 1) {
      const int64_t grain = std::max<int64_t>(1, kGrain / std::max<int64_t>(1, to.cols));
      return parallelFor(to.rows, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const S* source = from.data + i * from.rowStride;
          T* target = to.data + i * to.rowStride;
          if constexpr (kIsHalf<S>) {
            halvesToFloats(source, target, to.cols);
          } else {
            floatsToHalves(source, target, to.cols);
          }
        }
      });
    }
  }
  transform(from, to, [](S value, T) { return static_cast<T>(static_cast<ArithmeticOf<S>>(value)); });
}

// A product in the types and layouts that libraryGemm takes, made of temporaries where the given one is not.
template <typename T>
void gemmOrdered(const Product<T>& p) {
  if (!p.c.rowMajor()) {
    if (p.c.transposed().rowMajor()) return gemmOrdered(p.transposed());
    const Temporary<T> result(p.c.rows * p.c.cols);
    Product<T> ordered = p;
    ordered.c = rowMajorMatrix(result.get(), p.c.rows, p.c.cols);
    gemmOrdered(ordered);
    return copy(constant(ordered.c), p.c);
  }
  Product<T> ready = p;
  Temporary<T> copies[2];
  int next = 0;
  for (Matrix<const T>* m : {&ready.a, &ready.b}) {
    if (m->rowMajor() || m->transposed().rowMajor()) continue;
    Temporary<T>& storage = copies[next++];
    storage = Temporary<T>(m->rows * m->cols);
    const auto ordered = rowMajorMatrix(storage.get(), m->rows, m->cols);
    copy(*m, ordered);
    *m = constant(ordered);
  }
  if (ready.beta != 0 && !ready.addsToItself() && !fusesAddend(ready)) {
    startFromAddend(ready);
    ready.addend = constant(ready.c);
    ready.beta = 1;
  }
  libraryGemm(ready);
}

// A float32 copy of a matrix, its rows or its columns dense as the original's are.
template <typename T>
Matrix<const float> floatsOf(const Matrix<const T>& m, float* memory) {
  if (!m.rowMajor() && m.transposed().rowMajor()) return floatsOf(m.transposed(), memory).transposed();
  const auto floats = rowMajorMatrix(memory, m.rows, m.cols);
  copy(m, floats);
  return constant(floats);
}

// Half types: the operands as float32, the sum rounded once.
template <typename T>
void gemmHalf(const Product<T>& p) {
  if constexpr (std::is_same_v<T, bfloat16_t>) {
    if (hasFastBFloat16(p)) return gemmOrdered(p);
  }
  const int64_t m = p.c.rows, n = p.c.cols, k = p.a.cols;
  const Temporary<float> storage(m * k + k * n + m * n);
  const auto c = rowMajorMatrix(storage.get(), m, n);
  const auto a = floatsOf(p.a, storage.get() + m * n);
  const auto b = floatsOf(p.b, storage.get() + m * n + m * k);
  if (p.beta != 0) copy(p.addend, c);
  gemmOrdered(Product<float>{a, b, c, p.alpha, p.beta, constant(c)});
  copy(constant(c), p.c);
}

// Integers have no library. Rows of c are shared out; each is the sum of scaled rows of b, block by block.
template <typename T>
void gemmLoop(const Product<T>& p) {
  using U = std::conditional_t<std::is_same_v<T, bool_t>, bool, uint64_t>;
  const auto times = [](T x, T y) {
    if constexpr (std::is_same_v<T, bool_t>)
      return x && y;
    else
      return static_cast<T>(static_cast<U>(x) * static_cast<U>(y));
  };
  const auto plus = [](T x, T y) {
    if constexpr (std::is_same_v<T, bool_t>)
      return x || y;
    else
      return static_cast<T>(static_cast<U>(x) + static_cast<U>(y));
  };
  const int64_t m = p.c.rows, n = p.c.cols, k = p.a.cols;
  const T alpha = static_cast<T>(p.alpha);
  startFromAddend(p);
  if (p.beta == 0) transform(constant(p.c), p.c, [](T, T) { return T{}; });
  const int64_t grain = std::max<int64_t>(1, kLoopGrain / std::max<int64_t>(1, n * k));
  parallelFor(m, grain, [&](int64_t begin, int64_t end) {
    for (int64_t j0 = 0; j0 < n; j0 += kBlockCols) {
      const int64_t j1 = std::min(n, j0 + kBlockCols);
      for (int64_t k0 = 0; k0 < k; k0 += kBlockDepth) {
        const int64_t k1 = std::min(k, k0 + kBlockDepth);
        for (int64_t i = begin; i < end; ++i) {
          T* out = p.c.data + i * p.c.rowStride;
          for (int64_t l = k0; l < k1; ++l) {
            const T factor = times(alpha, p.a.data[i * p.a.rowStride + l * p.a.colStride]);
            const T* row = p.b.data + l * p.b.rowStride;
            if (p.b.colStride == 1 && p.c.colStride == 1) {
              for (int64_t j = j0; j < j1; ++j) out[j] = plus(out[j], times(factor, row[j]));
            } else {
              for (int64_t j = j0; j < j1; ++j) {
                T& sum = out[j * p.c.colStride];
                sum = plus(sum, times(factor, row[j * p.b.colStride]));
              }
            }
          }
        }
      }
    }
  });
}

}  // namespace

template <typename T>
void startFromAddend(const Product<T>& p) {
  if (p.beta == 0 || (p.beta == 1 && p.addsToItself())) return;
  using A = ArithmeticOf<T>;
  const A beta = static_cast<A>(p.beta);
  transform(p.addend, p.c, [beta](T value, T) {
    if constexpr (std::is_same_v<T, bool_t>)
      return beta && value;
    else if constexpr (kWhole<T>) {
      return static_cast<T>(static_cast<uint64_t>(beta) * static_cast<uint64_t>(value));
    } else
      return static_cast<T>(beta * static_cast<A>(value));
  });
}

template <typename T>
void gemm(const Product<T>& p) {
  if (p.c.rows == 0 || p.c.cols == 0) return;
  if (p.a.cols == 0) {
    if (p.beta == 0) transform(constant(p.c), p.c, [](T, T) { return T{}; });
    return startFromAddend(p);
  }
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>)
    gemmOrdered(p);
  else if constexpr (kWhole<T>)
    gemmLoop(p);
  else
    gemmHalf(p);
}

#define DTYPE(name, type, bytes, compute)         \
  template void gemm<type>(const Product<type>&); \
  template void startFromAddend<type>(const Product<type>&);
#include "ops/dtypes.inc"
#undef DTYPE

}  // namespace cresset::cpu
