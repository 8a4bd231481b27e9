#include "tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace cresset::test {
namespace {

int64_t position(const Tensor& tensor, const std::vector<int64_t>& index) {
  int64_t at = tensor.offset;
  for (size_t d = 0; d < index.size(); ++d) at += index[d] * tensor.strides[d];
  return at;
}

}  // namespace

double Tensor::at(const std::vector<int64_t>& index) const {
  return dispatch(dtype, [&]<typename T>() {
    T value;
    std::memcpy(&value, bytes.data() + position(*this, index) * sizeof(T), sizeof(T));
    return static_cast<double>(static_cast<ArithmeticOf<T>>(value));
  });
}

void Tensor::set(const std::vector<int64_t>& index, double value) {
  dispatch(dtype, [&]<typename T>() {
    T element;
    if constexpr (std::is_same_v<T, bool_t>) {
      // Any byte but 0 is true.
      element.byte = value == 0 ? 0 : value >= 1 && value <= UINT8_MAX ? static_cast<uint8_t>(value) : 1;
    } else if constexpr (std::is_integral_v<T>) {
      element = static_cast<T>(static_cast<int64_t>(value));
    } else {
      element = T(static_cast<ArithmeticOf<T>>(value));
    }
    std::memcpy(bytes.data() + position(*this, index) * sizeof(T), &element, sizeof(T));
  });
}

Tensor zeros(DType dtype, std::vector<int64_t> sizes) {
  Tensor tensor{dtype, std::move(sizes), {}, 0, {}};
  tensor.strides.resize(tensor.sizes.size());
  int64_t count = 1;
  for (int d = static_cast<int>(tensor.sizes.size()) - 1; d >= 0; --d) {
    tensor.strides[d] = count;
    count *= tensor.sizes[d];
  }
  tensor.bytes.assign(std::max<int64_t>(count, 1) * elementSize(dtype), 0);
  return tensor;
}

Tensor vectorOf(DType dtype, const std::vector<double>& values) {
  Tensor tensor = zeros(dtype, {static_cast<int64_t>(values.size())});
  for (size_t i = 0; i < values.size(); ++i) tensor.set({static_cast<int64_t>(i)}, values[i]);
  return tensor;
}

Tensor randomTensor(std::mt19937& random, DType dtype, const std::vector<int64_t>& sizes, bool expand) {
  Tensor tensor{dtype, sizes, std::vector<int64_t>(sizes.size()), 0, {}};
  std::vector<size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), 0);
  if (random() % 3 == 0) std::shuffle(order.begin(), order.end(), random);
  int64_t extent = 1 + static_cast<int64_t>(random() % 8 == 0);
  for (auto d = order.rbegin(); d != order.rend(); ++d) {
    if (expand && random() % 4 == 0) continue;
    tensor.strides[*d] = extent;
    extent *= std::max<int64_t>(sizes[*d], 1) + static_cast<int64_t>(random() % 8 == 0);
    if (random() % 6 == 0) {
      tensor.offset += (sizes[*d] - 1) * tensor.strides[*d];
      tensor.strides[*d] = -tensor.strides[*d];
    }
  }
  tensor.offset = std::max<int64_t>(tensor.offset, 0);
  tensor.bytes.assign((extent + tensor.offset) * elementSize(dtype), 0);
  const int low = dtype == DType::UInt8 || dtype == DType::Bool ? 0 : -3;
  forEachIndex(sizes,
               [&](const std::vector<int64_t>& index) { tensor.set(index, low + static_cast<int>(random() % 6)); });
  return tensor;
}

Operand operandOf(Tensor& tensor) {
  Operand operand;
  operand.data = tensor.data();
  operand.dtype = tensor.dtype;
  operand.ndim = static_cast<int32_t>(tensor.sizes.size());
  std::copy(tensor.sizes.begin(), tensor.sizes.end(), operand.sizes.begin());
  std::copy(tensor.strides.begin(), tensor.strides.end(), operand.strides.begin());
  return operand;
}

void call(KernelFn kernel, std::vector<Operand> operands, std::vector<int64_t> ints, std::vector<double> floats) {
  kernel({operands, ints, floats});
}

Program programOver(ComputeType compute, const std::vector<int64_t>& sizes, std::vector<Tensor*> inputs,
                    std::vector<Tensor*> outputs) {
  Program program{};
  program.compute = compute;
  program.reduce = -1;
  program.inputs = static_cast<int32_t>(inputs.size());
  program.outputs = static_cast<int32_t>(outputs.size());
  program.ndim = static_cast<int32_t>(sizes.size());
  std::copy(sizes.begin(), sizes.end(), program.sizes.begin());
  inputs.insert(inputs.end(), outputs.begin(), outputs.end());
  for (size_t k = 0; k < inputs.size(); ++k) {
    ProgramOperand& operand = program.operand[k];
    operand.data = inputs[k]->data();
    operand.dtype = inputs[k]->dtype;
    for (size_t d = 0; d < sizes.size(); ++d) operand.strides[d] = inputs[k]->strides[d] * elementSize(operand.dtype);
  }
  return program;
}

int16_t addStep(Program& program, PointwiseOp op, int a, int b, int c) {
  program.step[program.steps++] = {static_cast<int16_t>(op), static_cast<int16_t>(a), static_cast<int16_t>(b),
                                   static_cast<int16_t>(c)};
  return static_cast<int16_t>(program.inputs + program.scalars + program.steps - 1);
}

double stored(DType dtype, double value) {
  Tensor one = zeros(dtype, {});
  one.set({}, value);
  return one.at({});
}

}  // namespace cresset::test
