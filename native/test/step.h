// One pointwise step over dense inputs, as the tests of all compute types run it.
#pragma once

#include <algorithm>
#include <vector>

#include "tensor.h"

namespace cresset::test {

// The typed elements of a dense tensor.
template <typename T>
T* elements(Tensor& tensor) {
  return reinterpret_cast<T*>(tensor.bytes.data());
}

// Runs one step over dense inputs of the compute type; `splatted` gives the b and c operands as one element for all.
template <typename T>
std::vector<T> runStep(int op, ComputeType compute, const std::vector<T> (&inputs)[3], bool splatted) {
  const DType dtype = nativeOf(compute);
  const auto count = static_cast<int64_t>(inputs[0].size());
  Tensor tensors[3];
  const int operands = pointwiseTable()[op].operands;
  std::vector<Tensor*> used;
  for (int k = 0; k < operands; ++k) {
    tensors[k] = zeros(dtype, {count});
    std::copy(inputs[k].begin(), inputs[k].end(), elements<T>(tensors[k]));
    if (splatted && k > 0) tensors[k].strides[0] = 0;
    used.push_back(&tensors[k]);
  }
  Tensor out = zeros(dtype, {count});
  Program program = programOver(compute, {count}, used, {&out});
  program.result[0] = addStep(program, static_cast<PointwiseOp>(op), 0, operands > 1 ? 1 : -1, operands > 2 ? 2 : -1);
  runProgram(program);
  return {elements<T>(out), elements<T>(out) + count};
}

}  // namespace cresset::test
