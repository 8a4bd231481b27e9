// Strided test data, its plain reference access, and programs built from it.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "dtype.h"
#include "program.h"
#include "registry.h"

namespace cresset::test {

struct Tensor {
  DType dtype = DType::Float32;
  std::vector<int64_t> sizes, strides;  // elements
  int64_t offset = 0;                   // elements
  std::vector<char> bytes;

  char* data() { return bytes.data() + offset * elementSize(dtype); }
  // The element at a multi-index, as a double (exact for what the tests store).
  double at(const std::vector<int64_t>& index) const;
  void set(const std::vector<int64_t>& index, double value);
};

// A dense tensor of zeros.
Tensor zeros(DType dtype, std::vector<int64_t> sizes);
// A dense one-dimensional tensor with the given values.
Tensor vectorOf(DType dtype, const std::vector<double>& values);
// Small whole numbers, exact in every dtype, in a random layout: permuted, flipped, with gaps, expanded where `expand`.
Tensor randomTensor(std::mt19937& random, DType dtype, const std::vector<int64_t>& sizes, bool expand);

// Calls `body` with every multi-index of a shape.
template <typename Body>
void forEachIndex(const std::vector<int64_t>& sizes, Body&& body) {
  std::vector<int64_t> index(sizes.size(), 0);
  for (const int64_t size : sizes) {
    if (size == 0) return;
  }
  while (true) {
    body(index);
    int d = static_cast<int>(sizes.size()) - 1;
    while (d >= 0 && ++index[d] == sizes[d]) index[d--] = 0;
    if (d < 0) return;
  }
}

// The tensor as a kernel sees it.
Operand operandOf(Tensor& tensor);
// Runs a structured kernel.
void call(KernelFn kernel, std::vector<Operand> operands, std::vector<int64_t> ints, std::vector<double> floats);

// A program over inputs and outputs of one shape; results must be set by the caller.
Program programOver(ComputeType compute, const std::vector<int64_t>& sizes, std::vector<Tensor*> inputs,
                    std::vector<Tensor*> outputs);
// Appends a step and returns its register.
int16_t addStep(Program& program, PointwiseOp op, int a, int b = -1, int c = -1);
// The register of the k-th scalar.
inline int16_t scalarRegister(const Program& program, int k) { return static_cast<int16_t>(program.inputs + k); }

// The number that remains when `value` is stored as `dtype`.
double stored(DType dtype, double value);

}  // namespace cresset::test
