// The choice among library products, measured on AVX-512 with two threads. Up to 64³ multiply-adds OpenBLAS answers on
// one thread in 0.04 to 5 µs, where oneDNN spends 0.3 to 30. Above, oneDNN's matmul primitive is the fastest for every
// order of the operands (its sgemm loses up to 2× with transposed weights), except for matrix-vector products.
#include "gemm-library.h"

#include <cblas.h>
#include <omp.h>

#include <array>
#include <bit>
#include <limits>
#include <oneapi/dnnl/dnnl.hpp>
#include <type_traits>

#include "gemm-parts.h"
#include "onednn-version.h"
#include "onednn.h"

namespace cresset::cpu {

namespace {

using dnnl::memory;

// A vector times a matrix of this size fits the second-level cache, where OpenBLAS starts faster than oneDNN.
constexpr int64_t kSmallVectorProduct = 1 << 20;

template <typename T>
struct BlasOperand {
  const T* data;
  bool isTransposed;
  int64_t leading;

  explicit BlasOperand(const Matrix<const T>& m)
      : data(m.data), isTransposed(!m.rowMajor()), leading(isTransposed ? m.transposed().leading() : m.leading()) {}
  CBLAS_TRANSPOSE cblas() const { return isTransposed ? CblasTrans : CblasNoTrans; }
  char letter() const { return isTransposed ? 'T' : 'N'; }
  memory::dims strides() const { return isTransposed ? memory::dims{1, leading} : memory::dims{leading, 1}; }
};

// One call of OpenBLAS, whose integers have 32 bits.
template <typename T>
void openblasPart(const Product<T>& p) {
  const BlasOperand<T> a(p.a), b(p.b);
  const auto run = [&](auto function) {
    function(CblasRowMajor, a.cblas(), b.cblas(), static_cast<int>(p.c.rows), static_cast<int>(p.c.cols),
             static_cast<int>(p.a.cols), static_cast<T>(p.alpha), a.data, static_cast<int>(a.leading), b.data,
             static_cast<int>(b.leading), static_cast<T>(p.beta), p.c.data, static_cast<int>(p.c.leading()));
  };
  if constexpr (std::is_same_v<T, float>)
    run(cblas_sgemm);
  else
    run(cblas_dgemm);
}

template <typename T>
void openblas(const Product<T>& p) {
  inParts(p, std::numeric_limits<int>::max(), openblasPart<T>);
}

void onednnSgemm(const Product<float>& p) {
  const BlasOperand<float> a(p.a), b(p.b);
  const auto status =
      dnnl_sgemm(a.letter(), b.letter(), p.c.rows, p.c.cols, p.a.cols, static_cast<float>(p.alpha), a.data, a.leading,
                 b.data, b.leading, static_cast<float>(p.beta), p.c.data, p.c.leading());
  if (status != dnnl_success) throw OutOfMemory("oneDNN's sgemm found no memory");
}

void addNumber(PipelineKey& key, double value) { key.add(std::bit_cast<int64_t>(value)); }

template <typename T>
void onednnMatmul(const Product<T>& p, memory::data_type type) {
  static thread_local PipelineCache cache;
  const BlasOperand<T> a(p.a), b(p.b);
  const int64_t m = p.c.rows, n = p.c.cols, k = p.a.cols;
  const bool biased = p.beta != 0 && !p.addsToItself();
  PipelineKey key;
  key.addAll(std::array{m, n, k, a.leading, b.leading, p.c.leading(), static_cast<int64_t>(a.isTransposed),
                        static_cast<int64_t>(b.isTransposed), static_cast<int64_t>(biased)});
  addNumber(key, p.alpha);
  addNumber(key, p.beta);
  Pipeline& pipeline = cache.get(key, [&](Pipeline& building) {
    auto attributes = dnnlAttributes();
    dnnl::post_ops operations;
    if (p.alpha != 1) onednn::scaleResult(attributes, operations, static_cast<float>(p.alpha));
    if (p.beta != 0 && !biased) operations.append_sum(static_cast<float>(p.beta));
    attributes.set_post_ops(operations);
    const memory::desc da({m, k}, type, a.strides()), db({k, n}, type, b.strides());
    const memory::desc dc({m, n}, type, memory::dims{p.c.leading(), 1});
    const memory::desc dbias = biased ? memory::desc({1, n}, type, memory::dims{n, 1}) : memory::desc();
    const auto describe = [&](const auto&... operands) {
      return onednn::describe<dnnl::matmul>(dnnlEngine(), attributes, operands...);
    };
    const auto pd = biased ? describe(da, db, dbias, dc) : describe(da, db, dc);
    Pipeline::Arguments arguments{{DNNL_ARG_SRC, building.external(da)},
                                  {DNNL_ARG_WEIGHTS, building.external(db)},
                                  {DNNL_ARG_DST, building.external(dc)}};
    if (biased) arguments.emplace_back(DNNL_ARG_BIAS, building.external(dbias));
    building.step(dnnl::matmul(pd), pd.scratchpad_desc(), arguments);
  });
  if (biased)
    pipeline.run({a.data, b.data, p.c.data, p.addend.data});
  else
    pipeline.run({a.data, b.data, p.c.data});
}

bool hasBFloat16Product() {
  const memory::desc square({64, 64}, memory::data_type::bf16, memory::dims{64, 1});
  try {
    onednn::describe<dnnl::matmul>(dnnlEngine(), dnnlAttributes(), square, square, square);
    return true;
  } catch (const dnnl::error&) {
    return false;
  }
}

bool prefersPrimitive(int64_t rows, int64_t cols, int64_t work) {
  return work > kSmallProduct && rows > 1 && cols > 1 && !omp_in_parallel();
}

}  // namespace

bool fusesAddend(const Product<float>& p) {
  return p.alpha == 1 && p.beta == 1 && p.addend.rowStride == 0 && p.addend.colStride == 1 &&
         prefersPrimitive(p.c.rows, p.c.cols, p.work());
}

void libraryGemm(const Product<float>& p) {
  if (prefersPrimitive(p.c.rows, p.c.cols, p.work()))
    onednnMatmul(p, memory::data_type::f32);
  else if (p.work() <= kSmallProduct || (p.work() <= kSmallVectorProduct && !omp_in_parallel()))
    openblas(p);
  else
    onednnSgemm(p);
}

void libraryGemm(const Product<double>& p) { openblas(p); }

void libraryGemm(const Product<bfloat16_t>& p) { onednnMatmul(p, memory::data_type::bf16); }

bool hasFastBFloat16(const Product<bfloat16_t>& p) {
  // oneDNN emulates the instructions on some processors, slowly, and has no such product on others.
  static const bool native = onednn::hasBFloat16Instructions() && hasBFloat16Product();
  return native && prefersPrimitive(p.c.rows, p.c.cols, p.work());
}

}  // namespace cresset::cpu
