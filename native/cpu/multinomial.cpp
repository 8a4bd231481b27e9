// Drawing categories by weight. With replacement: running sums, searched per sample. Without: each weight is divided by
// an exponential of its own and the largest quotients are taken, which needs one draw per category and no second pass.
#include <algorithm>
#include <cmath>

#include "convention.h"
#include "draws.h"

namespace cresset::cpu {
namespace {

// One distribution: `categories` weights, `samples` results.
struct Row {
  int64_t categories, samples;
  int64_t weightStride, outStride;
};

template <typename T>
void checkWeights(const T* weights, const Row& row) {
  double total = 0;
  for (int64_t i = 0; i < row.categories; ++i) {
    const double weight = static_cast<double>(load(weights[i * row.weightStride]));
    if (!(weight >= 0 && std::isfinite(weight))) {
      throw NumericFault("probability tensor contains either `inf`, `nan` or element < 0");
    }
    total += weight;
  }
  if (total <= 0) throw NumericFault("invalid multinomial distribution (sum of probabilities <= 0)");
}

template <typename T>
void withReplacement(Mt19937& engine, const T* weights, int64_t* out, const Row& row, ArithmeticOf<T>* sums) {
  using C = ArithmeticOf<T>;
  C total = 0;
  for (int64_t i = 0; i < row.categories; ++i) {
    total += load(weights[i * row.weightStride]);
    sums[i] = total;
  }
  for (int64_t i = 0; i < row.categories; ++i) sums[i] /= total;
  sums[row.categories - 1] = 1;
  for (int64_t i = 0; i < row.samples; ++i) {
    const double u = engine.uniform();
    const auto found = std::lower_bound(sums, sums + row.categories, u,
                                        [](C sum, double value) { return static_cast<double>(sum) < value; });
    out[i * row.outStride] = found - sums;
  }
}

struct Quotient {
  double value;
  int64_t category;
};

template <typename T>
void withoutReplacement(Mt19937& engine, const T* weights, int64_t* out, const Row& row, Quotient* quotients) {
  using C = ArithmeticOf<T>;
  for (int64_t i = 0; i < row.categories; ++i) {
    const C wait = load(castTo<T>(-std::log(1.0 - engine.uniform())));
    const C weight = load(weights[i * row.weightStride]);
    // No wait at all: 0/0 must not win, and anything else must.
    const C quotient = weight == 0 ? C(0) : load(T(weight / wait));
    quotients[i] = {static_cast<double>(quotient), i};
  }
  std::partial_sort(quotients, quotients + row.samples, quotients + row.categories,
                    [](const Quotient& a, const Quotient& b) {
                      return a.value != b.value ? a.value > b.value : a.category < b.category;
                    });
  for (int64_t i = 0; i < row.samples; ++i) out[i * row.outStride] = quotients[i].category;
}

}  // namespace

// operands: state, out (…, samples; int64), weights (…, categories; floating); ints: replacement. All weights are
// checked before anything is drawn.
void randomMultinomial(const KernelArgs& args) {
  const Operand &out = args.operands[1], &weights = args.operands[2];
  demandGiven({&out, &weights});
  demandType(DType::Int64, {&out});
  demandFloating(weights);
  const int last = std::max(weights.ndim - 1, 0);
  demandSameSizesBut(out, weights, last);
  const Row row{sizeAt(weights, last), sizeAt(out, last), strideAt(weights, last), strideAt(out, last)};
  const Walk<2> rows(last, weights.sizes, {out.strides, weights.strides});
  if (row.categories == 0) return;
  demand(args.ints[0] != 0 || row.samples <= row.categories, "more samples than categories");
  Mt19937 engine(args.operands[0]);
  dispatch(weights.dtype, [&]<typename T>() {
    if constexpr (!kWhole<T>) {
      const auto each = [&](auto&& run) {
        rows.runs(0, rows.numel(), [&](const auto& offset, int64_t count, int64_t) {
          for (int64_t i = 0; i < count; ++i) {
            run(out.as<int64_t>() + offset[0] + i * rows.inner(0),
                weights.as<const T>() + offset[1] + i * rows.inner(1));
          }
        });
      };
      each([&](int64_t*, const T* from) { checkWeights(from, row); });
      if (args.ints[0]) {
        const Temporary<ArithmeticOf<T>> sums(row.categories);
        each([&](int64_t* to, const T* from) { withReplacement(engine, from, to, row, sums.get()); });
      } else {
        const Temporary<Quotient> quotients(row.categories);
        each([&](int64_t* to, const T* from) { withoutReplacement(engine, from, to, row, quotients.get()); });
      }
    }
  });
}

}  // namespace cresset::cpu
