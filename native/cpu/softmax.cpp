// The softmax kernels: how strided operands of every type become dense rows or columns of float32 or float64.
#include "softmax.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <type_traits>

#include "convention.h"
#include "pointwise.h"
#include "stream.h"
#include "temporary.h"
#include "walk.h"

namespace cresset::cpu {

namespace {

// Operands: the result, then one input, or two of the backward kernels. The second repeats the first where there is
// one.
constexpr int kOperands = 3;

// Results of this size leave the caches before anyone reads them, measured for these kernels.
constexpr int64_t kStreamedResult = 2 * kStreamBytes;
// Values of a tile of converted columns: its operands fit the second-level cache.
constexpr int64_t kTile = 32768;

template <typename T>
using Compute = std::conditional_t<std::is_same_v<T, double>, double, float>;

// One slice: n values along the reduced dimension, and the number of such columns that lie side by side.
template <typename T>
class Slices {
 public:
  using C = Compute<T>;

  Slices(Softmax kind, std::array<const Operand*, kOperands> operands, int64_t dim, const Walk<kOperands>& walk)
      : functions_(softmaxFunctions<C>(kind)), dtype_(operands[0]->dtype), n_(sizeAt(*operands[0], dim)) {
    for (int k = 0; k < kOperands; ++k) {
      along_[k] = strideAt(*operands[k], dim);
      inner_[k] = walk.inner(k);
      data_[k] = operands[k]->as<T>();
    }
    const auto ones = [](const auto& strides) {
      return std::ranges::all_of(strides, [](int64_t s) { return s == 1; });
    };
    denseRows_ = ones(along_) || n_ == 1;
    denseColumns_ = ones(inner_);
    stream_ = operands[0]->numel() * static_cast<int64_t>(sizeof(T)) >= kStreamedResult;
  }

  void run(const std::array<int64_t, kOperands>& offset, int64_t count) const {
    std::array<T*, kOperands> at;
    for (int k = 0; k < kOperands; ++k) at[k] = data_[k] + offset[k];
    if constexpr (std::is_same_v<T, C>) {
      if (denseRows_) return rows(at, count);
      if (denseColumns_) {
        return functions_.columns(at[0], at[1], at[2], along_[0], along_[1], along_[2], n_, count);
      }
    }
    tiles(at, count);
  }

 private:
  void rows(const std::array<C*, kOperands>& at, int64_t count) const {
    for (int64_t i = 0; i < count; ++i) {
      functions_.row(at[0] + i * inner_[0], at[1] + i * inner_[1], at[2] + i * inner_[2], n_, stream_);
    }
    if (stream_) hwy::FlushStream();
  }

  // Copies slices to dense memory and back, converting: columns side by side where they lie so, otherwise rows.
  void tiles(const std::array<T*, kOperands>& at, int64_t count) const {
    const int64_t width = denseColumns_ && !denseRows_ ? std::clamp<int64_t>(kTile / n_, 1, count) : 1;
    const Temporary<C> memory(kOperands * n_ * width);
    std::array<C*, kOperands> tile;
    for (int k = 0; k < kOperands; ++k) tile[k] = memory.get() + k * n_ * width;
    for (int64_t j = 0; j < count; j += width) {
      const int64_t w = std::min(width, count - j);
      for (int k = 1; k < kOperands; ++k) {
        forPieces(at[k] + j * inner_[k], along_[k], tile[k], w, [&](T* from, int64_t step, C* to, int64_t many) {
          if (step == 1) return load_(from, to, many);
          for (int64_t i = 0; i < many; ++i) to[i] = static_cast<C>(from[i * step]);
        });
      }
      if (width == 1)
        functions_.row(tile[0], tile[1], tile[2], n_, false);
      else
        functions_.columns(tile[0], tile[1], tile[2], w, w, w, n_, w);
      forPieces(at[0] + j * inner_[0], along_[0], tile[0], w, [&](T* to, int64_t step, C* from, int64_t many) {
        if (step == 1) return store_(from, to, many);
        for (int64_t i = 0; i < many; ++i) to[i * step] = static_cast<T>(from[i]);
      });
    }
  }

  // Calls f(operand, stride, tile, count) for the runs of a tile: one row of n values, or n rows of `width` columns.
  template <typename F>
  void forPieces(T* operand, int64_t along, C* tile, int64_t width, F&& f) const {
    if (width == 1) return f(operand, along, tile, n_);
    for (int64_t i = 0; i < n_; ++i) f(operand + i * along, int64_t{1}, tile + i * width, width);
  }

  static constexpr ComputeType kComputeType = std::is_same_v<C, double> ? ComputeType::Float64 : ComputeType::Float32;

  const SoftmaxFunctions<C>& functions_;
  DType dtype_;
  int64_t n_;
  ConvertFn load_ = loadFunction(dtype_, kComputeType), store_ = storeFunction(kComputeType, dtype_);
  std::array<int64_t, kOperands> along_, inner_;
  std::array<T*, kOperands> data_;
  bool denseRows_, denseColumns_, stream_;
};

void run(Softmax kind, const Operand& out, const Operand& a, const Operand& b, int64_t dim) {
  demandGiven({&out, &a, &b});
  demandFloating(out);
  demandType(out.dtype, {&a, &b});
  demandSameSizes(a, out);
  demandSameSizes(b, out);
  demandDim(out, dim);
  const int64_t n = sizeAt(out, dim);
  if (out.numel() == 0) return;
  const std::array<const Operand*, kOperands> operands{&out, &a, &b};
  const auto rest = [&](const Extents& extents) { return out.ndim ? without(extents, out.ndim, dim) : extents; };
  const Walk<kOperands> walk(std::max(0, out.ndim - 1), rest(out.sizes),
                             {rest(out.strides), rest(a.strides), rest(b.strides)});
  dispatch(out.dtype, [&]<typename T>() {
    if constexpr (!kWhole<T>) {
      const Slices<T> slices(kind, operands, dim, walk);
      walk.parallel(std::max<int64_t>(1, kGrain / (4 * n)),
                    [&](const auto& offset, int64_t count, int64_t) { slices.run(offset, count); });
    }
  });
}

}  // namespace

// operands: out, x; ints: dim, log.
void softmax(const KernelArgs& args) {
  const Operand& x = args.operands[1];
  run(args.ints[1] ? Softmax::ForwardLog : Softmax::Forward, args.operands[0], x, x, args.ints[0]);
}

// operands: gx, gy, y; ints: dim, log.
void softmaxBackward(const KernelArgs& args) {
  run(args.ints[1] ? Softmax::BackwardLog : Softmax::Backward, args.operands[0], args.operands[1], args.operands[2],
      args.ints[0]);
}

}  // namespace cresset::cpu
