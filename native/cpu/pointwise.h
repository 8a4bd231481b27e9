// Pointwise steps and conversions as functions over blocks. The block interpreter (program.cpp, reduce.cpp) composes
// them and knows no arithmetic; the instruction set is chosen once, when a table is first asked for.
#pragma once

#include <cstdint>

#include "dtype.h"
#include "program.h"

namespace cresset::cpu {

// One step over a block. A source is either a block of `count` elements, or, with stride 0, one vector of equal
// elements.
struct StepArgs {
  void* out;
  const void* in[3];
  int32_t stride[3];  // 1 or 0
  int32_t count;
  bool stream;     // store past the caches; `out` is then aligned to a line of them
  int32_t* fault;  // set to 1 when an integer was divided by zero
};
using StepFn = void (*)(const StepArgs&);

// Elements of a splatted source: the longest vector there is.
constexpr int kSplatBytes = 64;

// The body of a step; null when the step does not exist for that compute type.
StepFn stepFunction(int op, ComputeType compute);

// Converts `count` dense elements between a storage type and a compute type. Stores wrap integers, give 1 for anything
// other than 0 in bool, and round halves to nearest even; floats out of an integer's range give its lowest value.
using ConvertFn = void (*)(const void* source, void* target, int64_t count);
ConvertFn loadFunction(DType from, ComputeType to);
ConvertFn storeFunction(ComputeType from, DType to);

constexpr int computeSize(ComputeType compute) {
  return compute == ComputeType::Float32 || compute == ComputeType::Int32 ? 4 : 8;
}

// True when elements of that dtype are what the compute type works on, so that they need no conversion.
constexpr bool isNative(DType dtype, ComputeType compute) {
  constexpr DType kNative[] = {DType::Float32, DType::Float64, DType::Int32, DType::Int64};
  return kNative[static_cast<int>(compute)] == dtype;
}

// The tables, one per compute type, each compiled in a file of its own (for parallel builds).
const StepFn* float32Steps();
const StepFn* float64Steps();
const StepFn* int32Steps();
const StepFn* int64Steps();

}  // namespace cresset::cpu
