// argmax and argmin: out (int64, kept dimensions), x (kept dimensions, then one reduced dimension). The first of equal
// values wins, and NaN wins over everything.
#include <array>

#include "cpu/convention.h"
#include "cpu/reduce-block.h"
#include "cpu/reduce-engine.h"
#include "registry.h"

namespace cresset::cpu {
namespace {

// T: the compute type, kSign: 1 for the largest, -1 for the smallest.
template <typename T, int kSign>
class ExtremumPolicy {
  struct Best {
    T value;
    int64_t index;  // -1: nothing yet
  };

 public:
  static constexpr int64_t kTotal = sizeof(Best);
  static constexpr int64_t kLane = sizeof(int64_t);
  static constexpr bool kRows = false;

  explicit ExtremumPolicy(ComputeType compute)
      : functions_(reduceFunctions(static_cast<int>(kSign > 0 ? ReduceOp::amax : ReduceOp::amin), compute)) {}

  int streams() const { return 1; }

  void start(char* totals, char*, int64_t count) const {
    for (int64_t i = 0; i < count; ++i) best(totals)[i] = {T{}, -1};
  }

  // The extremum of the values first, by vectors; where it lies only when it beats what came before.
  void all(char* total, const char* x, int64_t count, int64_t index) const {
    const T* const values = reinterpret_cast<const T*>(x);
    Total extreme;
    functions_.start(&extreme, nullptr, 1);
    functions_.all(extreme, values, count);
    T wanted;
    functions_.finish(&wanted, &extreme, 1);
    if (!beats(wanted, *best(total))) return;
    int64_t at = 0;
    if (wanted == wanted) {
      while (values[at] != wanted) ++at;
    } else {
      while (values[at] == values[at]) ++at;
    }
    *best(total) = {wanted, index + at};
  }

  void rows(char* totals, const char* x, int64_t rows, int64_t cols, int64_t index) const {
    for (int64_t r = 0; r < rows; ++r)
      all(totals + r * kTotal, x + r * cols * static_cast<int64_t>(sizeof(T)), cols, index);
  }

  void columns(char* totals, char*, const char* x, int64_t rows, int64_t cols, int64_t index) const {
    const T* values = reinterpret_cast<const T*>(x);
    for (int64_t r = 0; r < rows; ++r, values += cols) {
      for (int64_t c = 0; c < cols; ++c) {
        if (beats(values[c], best(totals)[c])) best(totals)[c] = {values[c], index + r};
      }
    }
  }

  void flush(char*, char*, int64_t) const {}

  // Segments come in order, so that an equal value never replaces an earlier one.
  void merge(char* into, const char* from, int64_t count) const {
    for (int64_t i = 0; i < count; ++i) {
      const Best& other = reinterpret_cast<const Best*>(from)[i];
      if (other.index >= 0 && beats(other.value, best(into)[i])) best(into)[i] = other;
    }
  }

  template <class Write>
  void finish(int, char* totals, char* spare, int64_t count, Write&& write) const {
    int64_t* const indices = reinterpret_cast<int64_t*>(spare);
    for (int64_t i = 0; i < count; ++i) indices[i] = best(totals)[i].index;
    write(0, spare, DType::Int64);
  }

 private:
  static Best* best(char* totals) { return reinterpret_cast<Best*>(totals); }

  static bool beats(T value, const Best& than) {
    if (than.index < 0) return true;
    if (than.value != than.value) return false;
    return value != value || (kSign > 0 ? value > than.value : value < than.value);
  }

  const ReduceFns& functions_;
};

ComputeType computeOf(DType dtype) {
  constexpr ComputeType kComputes[] = {
#define DTYPE(name, type, bytes, compute) ComputeType::compute,
#include "ops/dtypes.inc"
#undef DTYPE
  };
  return kComputes[static_cast<int>(dtype)];
}

template <int kSign>
void extremum(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1];
  demandGiven({&out, &x});
  demandType(DType::Int64, {&out});
  demandDims(x, 1, kMaxDims);
  demandDims(out, x.ndim - 1, x.ndim - 1);
  demandLeading(out, x, out.ndim);
  const ComputeType compute = computeOf(x.dtype);
  if (x.numel() == 0) return;
  const std::array<const Operand*, 1> results = {&out};
  const Program program = reductionOf(compute, x, results);
  const auto run = [&]<typename T>() {
    using Policy = ExtremumPolicy<T, kSign>;
    const Policy policy(compute);
    Reduction<Policy>(program, policy).run();
  };
  switch (compute) {
    case ComputeType::Float32:
      return run.template operator()<float>();
    case ComputeType::Float64:
      return run.template operator()<double>();
    case ComputeType::Int32:
      return run.template operator()<int32_t>();
    case ComputeType::Int64:
      return run.template operator()<int64_t>();
  }
}

}  // namespace

void argmax(const KernelArgs& args) { extremum<1>(args); }
void argmin(const KernelArgs& args) { extremum<-1>(args); }

}  // namespace cresset::cpu
