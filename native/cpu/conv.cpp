// The convolution kernels: geometry, empty operands, and the way of each element type (half types as float32).
#include "conv.h"

#include <algorithm>
#include <type_traits>

#include "convention.h"
#include "halves.h"
#include "parallel.h"
#include "temporary.h"

namespace cresset::cpu {

Convolution::Convolution(const Operand& x, const Operand& w, const Operand& y, std::span<const int64_t> ints)
    : batch(x.sizes[0]), inChannels(x.sizes[1]), outChannels(w.sizes[0]) {
  const auto s = static_cast<int>(ints[0]);
  for (int d = 0; d < s; ++d) {
    const int at = 3 - s + d;
    in[at] = x.sizes[2 + d];
    out[at] = y.sizes[2 + d];
    kernel[at] = w.sizes[2 + d];
    stride[at] = ints[1 + d];
    padding[at] = ints[1 + s + d];
    dilation[at] = ints[1 + 2 * s + d];
  }
  groups = ints[1 + 3 * s];
}

namespace {

// An operand as the type that its kernel computes in: float32 for half types, itself otherwise.
template <typename T>
class Source {
 public:
  using Compute = ArithmeticOf<T>;

  explicit Source(const Operand& operand) {
    if constexpr (kIsHalf<T>) {
      if (!operand) return;
      const int64_t n = operand.numel();
      copy_ = Temporary<float>(n);
      parallelFor(n, kGrain, [&](int64_t begin, int64_t end) {
        halvesToFloats(operand.as<const T>() + begin, copy_.get() + begin, end - begin);
      });
      data_ = copy_.get();
    } else {
      data_ = operand.as<const T>();
    }
  }
  const Compute* get() const { return data_; }

 private:
  Temporary<float> copy_;
  const Compute* data_ = nullptr;
};

// The same for a result; `store` rounds it into the operand.
template <typename T>
class Target {
 public:
  using Compute = ArithmeticOf<T>;

  explicit Target(const Operand& operand) : operand_(operand) {
    if constexpr (kIsHalf<T>) {
      if (!operand) return;
      copy_ = Temporary<float>(operand.numel());
      data_ = copy_.get();
    } else {
      data_ = operand.as<T>();
    }
  }
  Compute* get() const { return data_; }
  void store() const {
    if constexpr (kIsHalf<T>) {
      if (!operand_) return;
      parallelFor(operand_.numel(), kGrain, [&](int64_t begin, int64_t end) {
        floatsToHalves(copy_.get() + begin, operand_.as<T>() + begin, end - begin);
      });
    }
  }

 private:
  const Operand& operand_;
  Temporary<float> copy_;
  Compute* data_ = nullptr;
};

template <typename T>
void zero(const Operand& x) {
  if (x) std::fill_n(x.as<T>(), x.numel(), T{});
}

// Calls body with the element type. Truth values have no convolution.
template <typename Body>
void dispatchNumber(DType dtype, Body&& body) {
  dispatch(dtype, [&]<typename T>() {
    if constexpr (!std::is_same_v<T, bool_t>) body.template operator()<T>();
  });
}

// The numbers of the ints, which every dimension's geometry is read from.
void checkGeometry(std::span<const int64_t> ints) {
  demand(!ints.empty() && ints[0] >= 1 && ints[0] <= 3, "one to three spatial dimensions");
  const auto s = static_cast<size_t>(ints[0]);
  demand(ints.size() == 3 * s + 2, "3 s + 2 integers");
  for (size_t d = 0; d < s; ++d) {
    demand(ints[1 + d] >= 1 && ints[1 + s + d] >= 0 && ints[1 + 2 * s + d] >= 1, "strides, padding or dilation");
  }
  demand(ints[1 + 3 * s] >= 1, "at least one group");
}

// x (N, Cin, …), w (Cout, Cin / groups, …), y (N, Cout, …), bias? (Cout).
void checkConvolution(const Operand& x, const Operand& w, const Operand& y, const Operand& bias,
                      std::span<const int64_t> ints) {
  checkGeometry(ints);
  demandGiven({&x, &w, &y});
  demandType(x.dtype, {&w, &y, &bias});
  demand(x.dtype != DType::Bool, "truth values have no convolution");
  demandContiguous({&x, &w, &y, &bias});
  const auto s = static_cast<int>(ints[0]);
  for (const Operand* operand : {&x, &w, &y}) demandDims(*operand, 2 + s, 2 + s);
  const int64_t groups = ints[1 + 3 * s];
  demand(x.sizes[0] == y.sizes[0] && w.sizes[0] == y.sizes[1], "sizes differ");
  demand(x.sizes[1] % groups == 0 && w.sizes[1] == x.sizes[1] / groups && w.sizes[0] % groups == 0, "groups");
  if (bias) demand(bias.ndim == 1 && bias.sizes[0] == y.sizes[1], "the size of the bias");
  for (int d = 0; d < s; ++d) {
    const auto reach = static_cast<double>(w.sizes[2 + d]) * static_cast<double>(ints[1 + 2 * s + d]) +
                       static_cast<double>(y.sizes[2 + d]) * static_cast<double>(ints[1 + d]);
    demand(reach < kMostReach, "strides, padding or dilation");
  }
}

template <typename Compute>
constexpr bool kHasOnednn = std::is_same_v<Compute, float>;

}  // namespace

// operands: out (N, Cout, …), x (N, Cin, …), w (Cout, Cin / groups, …), bias? (Cout), contiguous;
// ints: s, stride×s, padding×s, dilation×s, groups.
void conv(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1], &w = args.operands[2], &bias = args.operands[3];
  checkConvolution(x, w, out, bias, args.ints);
  const Convolution c(x, w, out, args.ints);
  dispatchNumber(out.dtype, [&]<typename T>() {
    if (c.empty()) {
      for (int64_t i = 0; i < c.outputElements(); ++i) {
        out.as<T>()[i] = bias ? bias.as<const T>()[i / c.outPlane() % c.outChannels] : T{};
      }
      return;
    }
    const Source<T> input(x), weight(w), offset(bias);
    const Target<T> result(out);
    if constexpr (kHasOnednn<ArithmeticOf<T>>) {
      if (onednnTakes(c)) {
        onednnForward(c, result.get(), input.get(), weight.get(), offset.get());
        return result.store();
      }
    }
    columnsForward(c, result.get(), input.get(), weight.get(), offset.get());
    result.store();
  });
}

// operands: gx, gy, w, contiguous; ints as conv.
void convBackwardInput(const KernelArgs& args) {
  const Operand &gx = args.operands[0], &gy = args.operands[1], &w = args.operands[2];
  checkConvolution(gx, w, gy, {}, args.ints);
  const Convolution c(gx, w, gy, args.ints);
  dispatchNumber(gx.dtype, [&]<typename T>() {
    if (c.empty()) return zero<T>(gx);
    const Source<T> gradient(gy), weight(w);
    const Target<T> result(gx);
    if constexpr (kHasOnednn<ArithmeticOf<T>>) {
      if (onednnTakes(c) && !columnsAreFaster(c)) {
        onednnBackwardInput(c, result.get(), gradient.get(), weight.get());
        return result.store();
      }
    }
    columnsBackwardInput(c, result.get(), gradient.get(), weight.get());
    result.store();
  });
}

// operands: gw, gbias?, x, gy, contiguous; ints as conv.
void convBackwardWeight(const KernelArgs& args) {
  const Operand &gw = args.operands[0], &gbias = args.operands[1], &x = args.operands[2], &gy = args.operands[3];
  checkConvolution(x, gw, gy, gbias, args.ints);
  const Convolution c(x, gw, gy, args.ints);
  dispatchNumber(gw.dtype, [&]<typename T>() {
    const Source<T> input(x), gradient(gy);
    const Target<T> result(gw), offset(gbias);
    if (c.empty()) {
      zero<T>(gw);
      biasGradient(c, offset.get(), gradient.get());
      return offset.store();
    }
    if constexpr (kHasOnednn<ArithmeticOf<T>>) {
      if (onednnTakes(c)) {
        onednnBackwardWeight(c, result.get(), offset.get(), input.get(), gradient.get());
        result.store();
        return offset.store();
      }
    }
    columnsBackwardWeight(c, result.get(), offset.get(), input.get(), gradient.get());
    result.store();
    offset.store();
  });
}

}  // namespace cresset::cpu
