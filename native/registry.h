// The tables as data: what the seam offers by name and checks by number. The .inc files are the only lists; this file
// and registry.cpp turn them into arrays.
#pragma once

#include <span>

#include "operand.h"
#include "program.h"

namespace cresset {

struct KernelEntry {
  const char* name;
  int operands, ints, floats;  // -1: any number
  KernelFn run;
};

enum class ComputeClass { Float, Int, Any };

struct PointwiseEntry {
  const char* name;
  int operands;
  ComputeClass computes;
};

std::span<const KernelEntry> kernelTable();
std::span<const PointwiseEntry> pointwiseTable();
std::span<const char* const> reduceTable();
std::span<const char* const> dtypeTable();

// Wire codes for native callers.
enum class PointwiseOp : int16_t {
#define POINTWISE(name, operands, computes) name,
#include "ops/pointwise.inc"
#undef POINTWISE
};
enum class ReduceOp : int32_t {
#define REDUCE(name) name,
#include "ops/reduce.inc"
#undef REDUCE
};

}  // namespace cresset
