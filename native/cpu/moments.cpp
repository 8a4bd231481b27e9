// moments: variance?, mean? (kept dimensions), x (kept dimensions, then k reduced ones); ints: k; floats: correction.
// The divisor of the variance is max(0, n - correction). One pass over memory: each block gets its mean and its sum of
// squared deviations while it is in the cache, and blocks are merged in double (Chan's formula), so that a large mean
// costs no digits.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/moments.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "cpu/convention.h"
#include "cpu/reduce-engine.h"

#ifndef CRESSET_MOMENTS
#define CRESSET_MOMENTS
namespace cresset::cpu {

struct Moments {
  double count, mean, squares;  // squares: the sum of squared deviations from the mean

  void merge(double otherCount, double otherMean, double otherSquares) {
    if (otherCount == 0) return;
    const double together = count + otherCount;
    const double delta = otherMean - mean;
    mean += delta * (otherCount / together);
    squares += otherSquares + delta * delta * (count * otherCount / together);
    count = together;
  }
};

struct MomentFns {
  void (*all)(Moments& into, const void* x, int64_t count);
  void (*columns)(Moments* into, const void* x, int64_t rows, int64_t cols);
};

}  // namespace cresset::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Σ (x - shift) and Σ (x - shift)², in four chains each.
template <class T>
void Deviations(const T* x, int64_t count, T shift, double& sum, double& squares) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t lanes = hn::Lanes(d);
  const V center = hn::Set(d, shift);
  V s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  V q0 = s0, q1 = s0, q2 = s0, q3 = s0;
  int64_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    const V d0 = hn::Sub(hn::LoadU(d, x + i), center);
    const V d1 = hn::Sub(hn::LoadU(d, x + i + lanes), center);
    const V d2 = hn::Sub(hn::LoadU(d, x + i + 2 * lanes), center);
    const V d3 = hn::Sub(hn::LoadU(d, x + i + 3 * lanes), center);
    s0 = hn::Add(s0, d0);
    s1 = hn::Add(s1, d1);
    s2 = hn::Add(s2, d2);
    s3 = hn::Add(s3, d3);
    q0 = hn::MulAdd(d0, d0, q0);
    q1 = hn::MulAdd(d1, d1, q1);
    q2 = hn::MulAdd(d2, d2, q2);
    q3 = hn::MulAdd(d3, d3, q3);
  }
  HWY_ALIGN T sums[HWY_MAX_BYTES / sizeof(T)];
  HWY_ALIGN T both[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), d, sums);
  hn::Store(hn::Add(hn::Add(q0, q1), hn::Add(q2, q3)), d, both);
  sum = squares = 0;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    sum += sums[lane];
    squares += both[lane];
  }
  for (; i < count; ++i) {
    const double deviation = static_cast<double>(x[i]) - shift;
    sum += deviation;
    squares += deviation * deviation;
  }
}

template <class T>
void All(Moments& into, const void* source, int64_t count) {
  const T* const x = static_cast<const T*>(source);
  double sum, squares;
  Deviations(x, count, x[0], sum, squares);
  const auto n = static_cast<double>(count);
  const T mean = static_cast<T>(x[0] + sum / n);
  // Around the mean itself; what rounding left of the sum of deviations corrects both.
  Deviations(x, count, mean, sum, squares);
  into.merge(n, mean + sum / n, std::max(squares - sum * sum / n, 0.0));
}

// A strip of columns at a time, whose sums stay in the cache and run along the vectors.
template <class T>
void Columns(Moments* into, const void* source, int64_t rows, int64_t cols) {
  constexpr int64_t kStrip = 64;
  const auto n = static_cast<double>(rows);
  for (int64_t first = 0; first < cols; first += kStrip) {
    const T* const x = static_cast<const T*>(source) + first;
    const int64_t width = std::min(kStrip, cols - first);
    double mean[kStrip] = {};
    double squares[kStrip] = {};
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < width; ++c) mean[c] += x[r * cols + c];
    }
    for (int64_t c = 0; c < width; ++c) mean[c] /= n;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < width; ++c) {
        const double deviation = x[r * cols + c] - mean[c];
        squares[c] += deviation * deviation;
      }
    }
    for (int64_t c = 0; c < width; ++c) into[first + c].merge(n, mean[c], squares[c]);
  }
}

const MomentFns* momentTable() {
  static constexpr MomentFns kTable[] = {{All<float>, Columns<float>}, {All<double>, Columns<double>}};
  return kTable;
}

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(momentTable);

namespace {

class MomentPolicy {
 public:
  static constexpr int64_t kTotal = sizeof(Moments);
  static constexpr int64_t kLane = sizeof(double);
  static constexpr bool kRows = true;

  MomentPolicy(ComputeType compute, double correction, bool variance, bool mean)
      : functions_(HWY_DYNAMIC_DISPATCH(momentTable)()[compute == ComputeType::Float64]),
        single_(compute == ComputeType::Float32),
        correction_(correction),
        variance_(variance),
        mean_(mean) {}

  int streams() const { return 1; }
  void start(char* totals, char*, int64_t count) const { std::fill_n(moments(totals), count, Moments{}); }
  void all(char* total, const char* x, int64_t count, int64_t) const { functions_.all(*moments(total), x, count); }
  void rows(char* totals, const char* x, int64_t rows, int64_t cols, int64_t) const {
    const int64_t rowBytes = cols * elementSize(native());
    for (int64_t r = 0; r < rows; ++r) functions_.all(moments(totals)[r], x + r * rowBytes, cols);
  }
  void columns(char* totals, char*, const char* x, int64_t rows, int64_t cols, int64_t) const {
    functions_.columns(moments(totals), x, rows, cols);
  }
  void flush(char*, char*, int64_t) const {}
  void merge(char* into, const char* from, int64_t count) const {
    const Moments* const others = reinterpret_cast<const Moments*>(from);
    for (int64_t i = 0; i < count; ++i) {
      moments(into)[i].merge(others[i].count, others[i].mean, others[i].squares);
    }
  }
  template <class Write>
  void finish(int, char* totals, char* spare, int64_t count, Write&& write) const {
    const Moments* const results = moments(totals);
    if (variance_) {
      put(spare, count, [&](int64_t i) { return results[i].squares / std::max(0.0, results[i].count - correction_); });
      write(0, spare, native());
    }
    if (mean_) {
      put(spare, count, [&](int64_t i) { return results[i].mean; });
      write(variance_ ? 1 : 0, spare, native());
    }
  }

 private:
  static Moments* moments(char* totals) { return reinterpret_cast<Moments*>(totals); }
  DType native() const { return single_ ? DType::Float32 : DType::Float64; }

  template <class Value>
  void put(char* spare, int64_t count, Value&& value) const {
    for (int64_t i = 0; i < count; ++i) {
      if (single_) {
        reinterpret_cast<float*>(spare)[i] = static_cast<float>(value(i));
      } else {
        reinterpret_cast<double*>(spare)[i] = value(i);
      }
    }
  }

  const MomentFns& functions_;
  bool single_;
  double correction_;
  bool variance_, mean_;
};

// Over nothing there is neither a mean nor a variance.
void storeNaN(const Program& program, int kept) {
  Program fill{};
  fill.compute = program.compute;
  fill.reduce = -1;
  fill.outputs = program.outputs;
  fill.scalars = 1;
  fill.ndim = kept;
  fill.sizes = program.sizes;
  fill.scalar[0].f = std::numeric_limits<double>::quiet_NaN();
  for (int o = 0; o < program.outputs; ++o) fill.operand[o] = program.operand[program.inputs + o];
  runProgram(fill);
}

}  // namespace

void moments(const KernelArgs& args) {
  const Operand& variance = args.operands[0];
  const Operand& mean = args.operands[1];
  const Operand& x = args.operands[2];
  demandGiven({&x});
  const int64_t k = args.ints[0];
  demand(k >= 0 && k <= x.ndim, "a number of reduced dimensions");
  const int kept = x.ndim - static_cast<int>(k);
  for (const Operand* result : {&variance, &mean}) {
    if (!*result) continue;
    demandDims(*result, kept, kept);
    demandLeading(*result, x, kept);
  }
  const ComputeType compute = x.dtype == DType::Float64 ? ComputeType::Float64 : ComputeType::Float32;
  const std::array<const Operand*, 2> results = {&variance, &mean};
  const Program program = reductionOf(compute, x, results);
  if (program.outputs == 0) return;
  if (x.numel() == 0) return storeNaN(program, kept);
  const MomentPolicy policy(compute, args.floats[0], static_cast<bool>(variance), static_cast<bool>(mean));
  Reduction<MomentPolicy>(program, policy).run();
}

}  // namespace cresset::cpu
#endif
