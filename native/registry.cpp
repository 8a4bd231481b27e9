#include "registry.h"

namespace cresset {

namespace cpu {
#define KERNEL(name, operands, ints, floats) void name(const KernelArgs&);
#include "ops/kernels.inc"
#undef KERNEL
}  // namespace cpu

std::span<const KernelEntry> kernelTable() {
  static const KernelEntry kTable[] = {
#define KERNEL(name, operands, ints, floats) {#name, operands, ints, floats, cpu::name},
#include "ops/kernels.inc"
#undef KERNEL
  };
  return kTable;
}

std::span<const PointwiseEntry> pointwiseTable() {
  static constexpr PointwiseEntry kTable[] = {
#define POINTWISE(name, operands, computes) {#name, operands, ComputeClass::computes},
#include "ops/pointwise.inc"
#undef POINTWISE
  };
  return kTable;
}

std::span<const char* const> reduceTable() {
  static constexpr const char* kTable[] = {
#define REDUCE(name) #name,
#include "ops/reduce.inc"
#undef REDUCE
  };
  return kTable;
}

std::span<const char* const> dtypeTable() {
  static constexpr const char* kTable[] = {
#define DTYPE(name, type, bytes, compute) #name,
#include "ops/dtypes.inc"
#undef DTYPE
  };
  return kTable;
}

}  // namespace cresset
