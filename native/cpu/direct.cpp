#include "cpu/direct.h"

#include <array>
#include <cstring>

#include "cpu/block.h"
#include "cpu/pointwise.h"
#include "registry.h"

namespace cresset::cpu {
namespace {

// What lies between the steps has to fit here, on the stack and in the first-level cache.
constexpr int64_t kBytesBetweenSteps = 8 * 1024;
constexpr int64_t kMaxElements = kBlock;

// Every operand is dense and of the compute type, or, if it is an input, one element for all.
bool isDirect(const Program& program) {
  if (program.ndim != 1 || program.sizes[0] > kMaxElements) return false;
  const bool single = program.sizes[0] == 1;
  const int64_t size = computeSize(program.compute);
  const int operands = program.inputs + program.outputs;
  for (int k = 0; k < operands; ++k) {
    const ProgramOperand& operand = program.operand[k];
    if (!isNative(operand.dtype, program.compute)) return false;
    const int64_t stride = operand.strides[0];
    if (!single && stride != size && (k >= program.inputs || stride != 0)) return false;
  }
  const int constants = program.inputs + program.scalars;
  for (int o = 0; o < program.outputs; ++o) {
    if (program.result[o] < constants) return false;
  }
  return true;
}

}  // namespace

bool runDirectly(const Program& program) {
  if (!isDirect(program)) return false;
  const int64_t count = program.sizes[0];
  const int64_t bytes = count * computeSize(program.compute);
  const int64_t spacing = (bytes + kSplatBytes - 1) / kSplatBytes * kSplatBytes;
  const int last = program.steps - 1;
  // Every other step writes between the steps, so that an output may lie in the memory of an input that is read later.
  const bool lastWritesOutput = program.outputs == 1 && program.result[0] == program.inputs + program.scalars + last;
  if ((program.steps - (lastWritesOutput ? 1 : 0)) * spacing > kBytesBetweenSteps) return false;

  alignas(kSplatBytes) char between[kBytesBetweenSteps];
  alignas(kSplatBytes) char splats[kMaxOperands + kMaxScalars][kSplatBytes];
  std::array<Register, kMaxRegisters> registers;
  int known = 0;
  for (; known < program.inputs; ++known) {
    const ProgramOperand& input = program.operand[known];
    if (input.strides[0] != 0 || count == 1) {
      registers[known] = {input.data, 1};
      continue;
    }
    fillSplat(splats[known], input.data, loadFunction(input.dtype, program.compute), computeSize(program.compute));
    registers[known] = {splats[known], 0};
  }
  const bool floating = program.compute == ComputeType::Float32 || program.compute == ComputeType::Float64;
  for (int s = 0; s < program.scalars; ++s, ++known) {
    const ConvertFn load = loadFunction(floating ? DType::Float64 : DType::Int64, program.compute);
    fillSplat(splats[known], &program.scalar[s], load, computeSize(program.compute));
    registers[known] = {splats[known], 0};
  }

  int32_t fault = 0;
  StepArgs args;
  args.count = static_cast<int32_t>(count);
  args.stream = false;
  args.fault = &fault;
  for (int k = 0; k < program.steps; ++k, ++known) {
    const Step& step = program.step[k];
    const int16_t sources[3] = {step.a, step.b, step.c};
    for (int s = 0; s < 3 && sources[s] >= 0; ++s) {
      args.in[s] = registers[sources[s]].data;
      args.stride[s] = registers[sources[s]].stride;
    }
    char* const target = k == last && lastWritesOutput ? program.operand[program.inputs].data : between + k * spacing;
    args.out = target;
    stepFunction(step.op, program.compute)(args);
    registers[known] = {target, 1};
  }
  for (int o = 0; !lastWritesOutput && o < program.outputs; ++o) {
    std::memcpy(program.operand[program.inputs + o].data, registers[program.result[o]].data, bytes);
  }
  if (fault != 0) throw NumericFault("ZeroDivisionError");
  return true;
}

}  // namespace cresset::cpu
