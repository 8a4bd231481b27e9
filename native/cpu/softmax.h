// The arithmetic of softmax over dense float32 or float64 values, compiled per instruction set (softmax-vector.cpp) and
// applied to strided operands of every type (softmax.cpp).
#pragma once

#include <cstdint>

namespace cresset::cpu {

// The four kernels: out from x, or gx from gy and y.
enum class Softmax { Forward, ForwardLog, Backward, BackwardLog };

template <typename C>
struct SoftmaxFunctions {
  // n values in a row. b is the second input of the backward kernels. `stream` allows a result that is written only
  // once to go around the caches.
  void (*row)(C* out, const C* a, const C* b, int64_t n, bool stream);
  // `count` columns of n values; successive values of a column lie outStride, aStride and bStride apart.
  void (*columns)(C* out, const C* a, const C* b, int64_t outStride, int64_t aStride, int64_t bStride, int64_t n,
                  int64_t count);
};

template <typename C>
const SoftmaxFunctions<C>& softmaxFunctions(Softmax kind);

}  // namespace cresset::cpu
