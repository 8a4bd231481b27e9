// The arithmetic of reduce-block.h, once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/reduce-block.cpp"
#include "cpu/reduce-block.h"

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
constexpr bool kReal = std::is_floating_point_v<T>;

namespace op {

// Combines the lanes of one vector; halves of it first, as a tree.
template <class Op, class D, class V>
HWY_INLINE hn::TFromD<D> Across(D d, V v) {
  using T = hn::TFromD<D>;
  HWY_ALIGN T lanes[HWY_MAX_BYTES / sizeof(T)];
  hn::Store(v, d, lanes);
  for (size_t half = hn::Lanes(d) / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; ++i) lanes[i] = Op::scalars(lanes[i], lanes[i + half]);
  }
  return lanes[0];
}

struct sum {
  template <class T>
  static constexpr T kStart = 0;
  template <class D, class V>
  static HWY_INLINE hn::TFromD<D> across(D d, V v) {
    return hn::GetLane(hn::SumOfLanes(d, v));
  }
  template <class V>
  static HWY_INLINE V vectors(V a, V b) {
    return hn::Add(a, b);
  }
  template <class T>
  static HWY_INLINE T scalars(T a, T b) {
    if constexpr (kReal<T>) {
      return a + b;
    } else {
      return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) + static_cast<std::make_unsigned_t<T>>(b));
    }
  }
};

struct prod {
  template <class T>
  static constexpr T kStart = 1;
  template <class D, class V>
  static HWY_INLINE hn::TFromD<D> across(D d, V v) {
    return Across<prod>(d, v);
  }
  template <class V>
  static HWY_INLINE V vectors(V a, V b) {
    return hn::Mul(a, b);
  }
  template <class T>
  static HWY_INLINE T scalars(T a, T b) {
    if constexpr (kReal<T>) {
      return a * b;
    } else {
      return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) * static_cast<std::make_unsigned_t<T>>(b));
    }
  }
};

// NaN wins, as it would not in the processor's own maximum.
template <class V>
HWY_INLINE V KeepNaN(V a, V b, V chosen) {
  if constexpr (kReal<hn::TFromV<V>>) {
    return hn::IfThenElse(hn::Or(hn::IsNaN(a), hn::IsNaN(b)), hn::Add(a, b), chosen);
  } else {
    return chosen;
  }
}

template <class T>
HWY_INLINE bool IsNumber(T a) {
  return a == a;
}

// `chosen` unless a lane is NaN, which only the tree carries through.
template <class Op, class D, class V>
HWY_INLINE hn::TFromD<D> AcrossNumbers(D d, V v, V chosen) {
  if constexpr (kReal<hn::TFromD<D>>) {
    if (!hn::AllFalse(d, hn::IsNaN(v))) return Across<Op>(d, v);
  }
  return hn::GetLane(chosen);
}

struct amax {
  template <class T>
  static constexpr T kStart = kReal<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  template <class D, class V>
  static HWY_INLINE hn::TFromD<D> across(D d, V v) {
    return AcrossNumbers<amax>(d, v, hn::MaxOfLanes(d, v));
  }
  template <class V>
  static HWY_INLINE V vectors(V a, V b) {
    return KeepNaN(a, b, hn::Max(a, b));
  }
  template <class T>
  static HWY_INLINE T scalars(T a, T b) {
    return a > b || !IsNumber(a) ? a : b;
  }
};

struct amin {
  template <class T>
  static constexpr T kStart = kReal<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  template <class D, class V>
  static HWY_INLINE hn::TFromD<D> across(D d, V v) {
    return AcrossNumbers<amin>(d, v, hn::MinOfLanes(d, v));
  }
  template <class V>
  static HWY_INLINE V vectors(V a, V b) {
    return KeepNaN(a, b, hn::Min(a, b));
  }
  template <class T>
  static HWY_INLINE T scalars(T a, T b) {
    return a < b || !IsNumber(a) ? a : b;
  }
};

}  // namespace op

template <class T>
using TotalOf = std::conditional_t<kReal<T>, double, int64_t>;

template <class T>
HWY_INLINE TotalOf<T>& Value(Total& total) {
  if constexpr (kReal<T>) {
    return total.f;
  } else {
    return total.i;
  }
}
template <class T>
HWY_INLINE TotalOf<T> Value(const Total& total) {
  if constexpr (kReal<T>) {
    return total.f;
  } else {
    return total.i;
  }
}

// Eight independent chains hide the latency of the operation, and keep each rounding chain short.
template <class Op, class T>
void All(Total& total, const void* source, int64_t count) {
  const T* x = static_cast<const T*>(source);
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t lanes = hn::Lanes(d);
  TotalOf<T>& result = Value<T>(total);
  int64_t i = 0;
  if (count >= 8 * lanes) {
    V v0 = hn::LoadU(d, x), v1 = hn::LoadU(d, x + lanes), v2 = hn::LoadU(d, x + 2 * lanes);
    V v3 = hn::LoadU(d, x + 3 * lanes), v4 = hn::LoadU(d, x + 4 * lanes), v5 = hn::LoadU(d, x + 5 * lanes);
    V v6 = hn::LoadU(d, x + 6 * lanes), v7 = hn::LoadU(d, x + 7 * lanes);
    for (i = 8 * lanes; i + 8 * lanes <= count; i += 8 * lanes) {
      v0 = Op::vectors(v0, hn::LoadU(d, x + i));
      v1 = Op::vectors(v1, hn::LoadU(d, x + i + lanes));
      v2 = Op::vectors(v2, hn::LoadU(d, x + i + 2 * lanes));
      v3 = Op::vectors(v3, hn::LoadU(d, x + i + 3 * lanes));
      v4 = Op::vectors(v4, hn::LoadU(d, x + i + 4 * lanes));
      v5 = Op::vectors(v5, hn::LoadU(d, x + i + 5 * lanes));
      v6 = Op::vectors(v6, hn::LoadU(d, x + i + 6 * lanes));
      v7 = Op::vectors(v7, hn::LoadU(d, x + i + 7 * lanes));
    }
    v0 = Op::vectors(Op::vectors(v0, v1), Op::vectors(v2, v3));
    v4 = Op::vectors(Op::vectors(v4, v5), Op::vectors(v6, v7));
    result = Op::scalars(result, static_cast<TotalOf<T>>(Op::across(d, Op::vectors(v0, v4))));
  }
  for (; i < count; ++i) result = Op::scalars(result, static_cast<TotalOf<T>>(x[i]));
}

template <class Op, class T>
void Rows(Total* totals, const void* source, int64_t rows, int64_t cols) {
  const T* x = static_cast<const T*>(source);
  const hn::ScalableTag<T> d;
  const int64_t lanes = hn::Lanes(d);
  if (cols >= 8 * lanes) {
    for (int64_t r = 0; r < rows; ++r) All<Op, T>(totals[r], x + r * cols, cols);
    return;
  }
  for (int64_t r = 0; r < rows; ++r, x += cols) {
    T part = Op::template kStart<T>;
    int64_t c = 0;
    if (cols >= lanes) {
      auto sum = hn::LoadU(d, x);
      for (c = lanes; c + lanes <= cols; c += lanes) sum = Op::vectors(sum, hn::LoadU(d, x + c));
      part = Op::across(d, sum);
    }
    for (; c < cols; ++c) part = Op::scalars(part, x[c]);
    Value<T>(totals[r]) = Op::scalars(Value<T>(totals[r]), static_cast<TotalOf<T>>(part));
  }
}

template <class Op, class T>
void AddRows(T* lanes, const T* x, int64_t rows, int64_t cols) {
  const hn::ScalableTag<T> d;
  const int64_t step = hn::Lanes(d);
  for (int64_t r = 0; r < rows; ++r, x += cols) {
    int64_t c = 0;
    for (; c + step <= cols; c += step) {
      hn::StoreU(Op::vectors(hn::LoadU(d, lanes + c), hn::LoadU(d, x + c)), d, lanes + c);
    }
    for (; c < cols; ++c) lanes[c] = Op::scalars(lanes[c], x[c]);
  }
}

// Narrow columns are taken several rows at a time: a row of the wider block is `fold` rows side by side.
template <class Op, class T>
void Columns(void* target, const void* source, int64_t rows, int64_t cols) {
  constexpr int64_t kWide = 128;
  T* const lanes = static_cast<T*>(target);
  const T* const x = static_cast<const T*>(source);
  const int64_t fold = kWide / cols;
  if (fold < 2 || rows < 4 * fold) return AddRows<Op>(lanes, x, rows, cols);
  HWY_ALIGN T wide[kWide];
  std::fill_n(wide, kWide, Op::template kStart<T>);
  const int64_t whole = rows / fold;
  AddRows<Op>(wide, x, whole, fold * cols);
  AddRows<Op>(lanes, wide, fold, cols);
  AddRows<Op>(lanes, x + whole * fold * cols, rows - whole * fold, cols);
}

template <class Op, class T>
void Flush(Total* totals, void* target, int64_t cols) {
  T* const lanes = static_cast<T*>(target);
  for (int64_t c = 0; c < cols; ++c) {
    Value<T>(totals[c]) = Op::scalars(Value<T>(totals[c]), static_cast<TotalOf<T>>(lanes[c]));
    lanes[c] = Op::template kStart<T>;
  }
}

template <class Op, class T>
void Merge(Total* into, const Total* from, int64_t count) {
  for (int64_t c = 0; c < count; ++c) Value<T>(into[c]) = Op::scalars(Value<T>(into[c]), Value<T>(from[c]));
}

template <class Op, class T>
void Start(Total* totals, void* lanes, int64_t count) {
  for (int64_t c = 0; c < count; ++c) Value<T>(totals[c]) = static_cast<TotalOf<T>>(Op::template kStart<T>);
  if (lanes != nullptr) std::fill_n(static_cast<T*>(lanes), count, Op::template kStart<T>);
}

template <class T>
void Finish(void* out, const Total* totals, int64_t count) {
  for (int64_t c = 0; c < count; ++c) static_cast<T*>(out)[c] = static_cast<T>(Value<T>(totals[c]));
}

template <class Op, class T>
constexpr ReduceFns Functions() {
  return {All<Op, T>, Rows<Op, T>, Columns<Op, T>, Flush<Op, T>, Merge<Op, T>, Start<Op, T>, Finish<T>};
}

const ReduceFns* reduceTable() {
  static constexpr ReduceFns kTable[] = {
#define REDUCE(name)                                                                           \
  Functions<op::name, float>(), Functions<op::name, double>(), Functions<op::name, int32_t>(), \
      Functions<op::name, int64_t>(),
#include "ops/reduce.inc"
#undef REDUCE
  };
  return kTable;
}

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(reduceTable);

const ReduceFns& reduceFunctions(int reduce, ComputeType compute) {
  static const ReduceFns* const table = HWY_DYNAMIC_DISPATCH(reduceTable)();
  return table[reduce * 4 + static_cast<int>(compute)];
}

}  // namespace cresset::cpu
#endif
