// Writing elements by index along one dimension: scatter and indexAdd. Threads split a dimension other than the indexed
// one, so every target element belongs to one thread and receives its contributions in row-major order: results do not
// depend on the number of threads.
#include "bounds.h"
#include "convention.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {
namespace {

struct Assign {
  template <typename C>
  C operator()(C, C value) const {
    return value;
  }
};
struct Add {
  template <typename C>
  C operator()(C old, C value) const {
    return sumOf(old, value);
  }
};
struct Multiply {
  template <typename C>
  C operator()(C old, C value) const {
    return productOf(old, value);
  }
};
struct Maximum {
  template <typename C>
  C operator()(C old, C value) const {
    return isNan(old) || old >= value ? old : value;
  }
};
struct Minimum {
  template <typename C>
  C operator()(C old, C value) const {
    return isNan(old) || old <= value ? old : value;
  }
};

// self[…, index[…, i, …], …] = combine(self[…], src[…, i, …]) over the space given by `sizes`.
template <typename T, typename Combine>
void put(const Operand& self, const Operand& index, const Operand& src, int ndim, const Extents& sizes,
         const Extents& indexStrides, int64_t dim, Combine combine) {
  Extents selfStrides = self.strides;
  const int64_t along = strideAt(self, dim);
  if (self.ndim) selfStrides[dim] = 0;
  // The dimension that threads split: the largest other one.
  int split = -1;
  int64_t total = 1;
  for (int d = 0; d < ndim; ++d) {
    total *= sizes[d];
    if (d != dim && (split < 0 || sizes[d] > sizes[split])) split = d;
  }
  if (total == 0) return;
  const auto part = [&](int64_t begin, int64_t end) {
    Extents box = sizes;
    int64_t selfStart = 0, indexStart = 0, srcStart = 0;
    if (split >= 0) {
      box[split] = end - begin;
      selfStart = begin * selfStrides[split];
      indexStart = begin * indexStrides[split];
      srcStart = begin * src.strides[split];
    }
    const Walk<3> walk(ndim, box, {selfStrides, indexStrides, src.strides});
    const int64_t ts = walk.inner(0), is = walk.inner(1), ss = walk.inner(2);
    walk.runs(0, walk.numel(), [&](const auto& offset, int64_t count, int64_t) {
      T* to = self.as<T>() + selfStart + offset[0];
      const int64_t* at = index.as<const int64_t>() + indexStart + offset[1];
      const T* from = src.as<const T>() + srcStart + offset[2];
      const auto one = [&](T& target, T value) { target = T(combine(load(target), load(value))); };
      if (is == 0 && ts == 1 && ss == 1) {
        T* row = to + *at * along;
        for (int64_t i = 0; i < count; ++i) one(row[i], from[i]);
        return;
      }
      for (int64_t i = 0; i < count; ++i) one(to[i * ts + at[i * is] * along], from[i * ss]);
    });
  };
  if (split < 0)
    part(0, 1);
  else
    parallelFor(sizes[split], std::max<int64_t>(1, kGrain * sizes[split] / total), part);
}

}  // namespace

// operands: self (in place), index (int64), src (index's shape or larger; may be expanded);
// ints: dim, mode: 0 assign, 1 add, 2 multiply, 3 amax, 4 amin. Among equal targets the last in row-major order is
// assigned.
void scatter(const KernelArgs& args) {
  const Operand &self = args.operands[0], &index = args.operands[1], &src = args.operands[2];
  const int64_t dim = args.ints[0];
  demandGiven({&self, &index, &src});
  demandType(self.dtype, {&src});
  demandDim(index, dim);
  demandWithin(index, src, -1);
  if (self.ndim) demandWithin(index, self, dim);
  demandDims(index, 0, std::max(self.ndim, 1));
  demandIndices(index, self);
  checkIndex(index, 0, sizeAt(self, dim), dim);
  const auto apply = [&]<typename T>(auto combine) {
    put<T>(self, index, src, index.ndim, index.sizes, index.strides, dim, combine);
  };
  switch (args.ints[1]) {
    case 1:
      return dispatch(self.dtype, [&]<typename T>() { apply.template operator()<T>(Add{}); });
    case 2:
      return dispatch(self.dtype, [&]<typename T>() { apply.template operator()<T>(Multiply{}); });
    case 3:
      return dispatch(self.dtype, [&]<typename T>() { apply.template operator()<T>(Maximum{}); });
    case 4:
      return dispatch(self.dtype, [&]<typename T>() { apply.template operator()<T>(Minimum{}); });
    default:
      return dispatchSize(self.dtype, [&]<typename T>() { apply.template operator()<T>(Assign{}); });
  }
}

// operands: self (in place), index (1-d int64), src; ints: dim; floats: alpha. self[index[i]] += alpha · src[i] along
// dim.
void indexAdd(const KernelArgs& args) {
  const Operand &self = args.operands[0], &index = args.operands[1], &src = args.operands[2];
  const int64_t dim = args.ints[0];
  demandGiven({&self, &index, &src});
  demandType(self.dtype, {&src});
  demandDim(src, dim);
  demandDims(index, 0, 1);
  demand(sizeAt(src, dim) == sizeAt(index, 0), "one source per index");
  if (self.ndim) demandSameSizesBut(src, self, dim);
  demandDims(src, 0, std::max(self.ndim, 1));
  demandIndices(index, self);
  checkSelection(index, sizeAt(self, dim));
  Extents strides{};
  strides[dim] = strideAt(index, 0);
  dispatch(self.dtype, [&]<typename T>() {
    using C = ArithmeticOf<T>;
    if (args.floats[0] == 1) {
      put<T>(self, index, src, src.ndim, src.sizes, strides, dim, Add{});
      return;
    }
    const C alpha = castTo<C>(args.floats[0]);
    const auto scaled = [alpha](C old, C value) { return sumOf(old, productOf(alpha, value)); };
    put<T>(self, index, src, src.ndim, src.sizes, strides, dim, scaled);
  });
}

}  // namespace cresset::cpu
