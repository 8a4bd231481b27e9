// The geometry of a convolution, and its two implementations: oneDNN for float32, columns and a matrix product for
// every type.
#pragma once

#include <array>
#include <cstdint>

#include "dtype.h"

namespace cresset::cpu {

// Always three spatial dimensions: missing leading ones have size 1.
struct Convolution {
  int64_t batch, inChannels, outChannels, groups;
  std::array<int64_t, 3> in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1};
  std::array<int64_t, 3> stride{1, 1, 1}, padding{0, 0, 0}, dilation{1, 1, 1};

  // x (N, Cin, …), w (Cout, Cin / groups, …), y (N, Cout, …); ints: s, stride×s, padding×s, dilation×s, groups.
  Convolution(const Operand& x, const Operand& w, const Operand& y, std::span<const int64_t> ints);

  int64_t inPlane() const { return in[0] * in[1] * in[2]; }
  int64_t outPlane() const { return out[0] * out[1] * out[2]; }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t groupInChannels() const { return inChannels / groups; }
  int64_t groupOutChannels() const { return outChannels / groups; }
  int64_t inputElements() const { return batch * inChannels * inPlane(); }
  int64_t outputElements() const { return batch * outChannels * outPlane(); }
  int64_t weightElements() const { return outChannels * groupInChannels() * taps(); }
  // Multiply-adds of one pass.
  int64_t work() const { return outputElements() * groupInChannels() * taps(); }
  bool empty() const { return inputElements() == 0 || outputElements() == 0 || weightElements() == 0; }
};

// Whether oneDNN takes this geometry. It demands that the output covers the whole padded input, which a transposed
// convolution with a large output padding does not.
bool onednnTakes(const Convolution& c);
// Whether the gradient of the input is nevertheless better computed by columns.
bool columnsAreFaster(const Convolution& c);

// Pointers are to contiguous memory; bias and gbias may be null.
void onednnForward(const Convolution& c, float* y, const float* x, const float* w, const float* bias);
void onednnBackwardInput(const Convolution& c, float* gx, const float* gy, const float* w);
void onednnBackwardWeight(const Convolution& c, float* gw, float* gbias, const float* x, const float* gy);

// For float32, float64 and the integers.
template <typename T>
void columnsForward(const Convolution& c, T* y, const T* x, const T* w, const T* bias);
template <typename T>
void columnsBackwardInput(const Convolution& c, T* gx, const T* gy, const T* w);
template <typename T>
void columnsBackwardWeight(const Convolution& c, T* gw, T* gbias, const T* x, const T* gy);
// The sum of gy over batch and space; gbias may be null.
template <typename T>
void biasGradient(const Convolution& c, T* gbias, const T* gy);

}  // namespace cresset::cpu
