// A program: pointwise steps run block by block over one strided iteration space, optionally ending in a reduction.
// An eager `exp` is a program of one step. Registers: first the inputs, then the scalars, then one per step.
#pragma once

#include <array>
#include <cstdint>

#include "operand.h"

namespace cresset {

enum class ComputeType : int32_t { Float32, Float64, Int32, Int64 };

// The dtype whose elements a compute type works on.
constexpr DType nativeOf(ComputeType compute) {
  constexpr DType kNative[] = {DType::Float32, DType::Float64, DType::Int32, DType::Int64};
  return kNative[static_cast<int>(compute)];
}

// Elements per block: four live float32 operands fit a 48 KB first-level cache with room to spare.
constexpr int kBlock = 1024;
constexpr int kMaxOperands = 24;
constexpr int kMaxScalars = 24;
constexpr int kMaxSteps = 96;

struct Step {
  int16_t op;       // index into pointwise.inc
  int16_t a, b, c;  // registers; unused ones are -1
};

union Scalar {
  double f;
  int64_t i;
};

struct ProgramOperand {
  char* data;
  DType dtype;
  std::array<int64_t, kMaxDims> strides;  // bytes; 0 where the operand is broadcast, or, in an output, reduced
};

struct Program {
  ComputeType compute;
  int32_t reduce;  // index into reduce.inc, or -1
  int32_t inputs, outputs, scalars, steps, ndim;
  std::array<int64_t, kMaxDims> sizes;               // outermost first, already coalesced by the library
  std::array<ProgramOperand, kMaxOperands> operand;  // inputs, then outputs
  std::array<int16_t, kMaxOperands> result;          // per output: the register it stores
  std::array<Scalar, kMaxScalars> scalar;            // f for the float compute types, i for the integer ones
  std::array<Step, kMaxSteps> step;
};

void runProgram(const Program& program);

}  // namespace cresset
