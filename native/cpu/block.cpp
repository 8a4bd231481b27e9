// Running: one thread's way through the grid, block by block.
#include "cpu/block.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "cpu/stream.h"
#include "cpu/strided.h"
#include "registry.h"

namespace cresset::cpu {

void fillSplat(char* target, const void* source, ConvertFn load, int elementBytes) {
  load(source, target, 1);
  for (int done = elementBytes; done < kSplatBytes; done *= 2) std::memcpy(target + done, target, done);
}

void BlockPlan::open(BlockState& state, char* work) const {
  state.buffers = work;
  state.fault = 0;
  const int constants = program_.inputs + program_.scalars;
  for (int k = 0; k < constants; ++k) state.registers[k] = {constants_[k], 0};
}

void BlockPlan::seek(BlockState& state, int64_t block) const {
  const int operands = program_.inputs + program_.outputs;
  for (int k = 0; k < operands; ++k) state.position[k] = program_.operand[k].data;
  for (int g = gridDims_ - 1; g >= 0; --g) {
    const int64_t coordinate = block % gridCount_[g];
    block /= gridCount_[g];
    state.coordinate[g] = coordinate;
    if (coordinate == 0) continue;
    for (int k = 0; k < operands; ++k) state.position[k] += coordinate * gridStep_[g][k];
  }
  setExtent(state);
}

void BlockPlan::advance(BlockState& state) const {
  const int operands = program_.inputs + program_.outputs;
  for (int g = gridDims_ - 1; g >= 0; --g) {
    if (++state.coordinate[g] < gridCount_[g]) {
      for (int k = 0; k < operands; ++k) state.position[k] += gridStep_[g][k];
      break;
    }
    for (int k = 0; k < operands; ++k) state.position[k] -= (gridCount_[g] - 1) * gridStep_[g][k];
    state.coordinate[g] = 0;
  }
  setExtent(state);
}

void BlockPlan::setExtent(BlockState& state) const {
  state.rows =
      rowGrid_ < 0 ? 1 : std::min(cut_.rows, space_.sizes[cut_.rowDim] - state.coordinate[rowGrid_] * cut_.rows);
  state.cols =
      colGrid_ < 0 ? 1 : std::min(cut_.cols, space_.sizes[cut_.colDim] - state.coordinate[colGrid_] * cut_.cols);
}

void BlockPlan::loadInput(BlockState& state, int input) const {
  Register& target = state.registers[input];
  const char* const source = state.position[input];
  const int64_t count = state.rows * state.cols;
  switch (access_[input]) {
    case Access::Constant:
      return;
    case Access::InPlace:
      target = {source, 1};
      return;
    case Access::Splat:
      fillSplat(state.splats[input], source, convert_[input], elementBytes_);
      target = {state.splats[input], 0};
      return;
    case Access::Convert:
      convert_[input](source, buffer(state, inputBuffer_[input]), count);
      break;
    case Access::Strided: {
      const DType dtype = program_.operand[input].dtype;
      const bool native = isNative(dtype, program_.compute);
      char* const raw = buffer(state, native ? inputBuffer_[input] : staging_);
      gather(raw, source, {state.rows, state.cols, stride(input, cut_.rowDim), stride(input, cut_.colDim)},
             elementSize(dtype));
      if (!native) convert_[input](raw, buffer(state, inputBuffer_[input]), count);
      break;
    }
  }
  target = {buffer(state, inputBuffer_[input]), 1};
}

// Writes one value for the whole block out.
void BlockPlan::expand(BlockState& state, const Register& source, char* target) const {
  const StepFn copy = stepFunction(static_cast<int>(PointwiseOp::copy), program_.compute);
  const auto count = static_cast<int32_t>(state.rows * state.cols);
  copy({target, {source.data, nullptr, nullptr}, {0, 0, 0}, count, false, &state.fault});
}

const char* BlockPlan::result(BlockState& state, int output) const {
  const Register& source = state.registers[program_.result[output]];
  if (source.stride != 0) return source.data;
  char* const target = buffer(state, staging_);
  expand(state, source, target);
  return target;
}

void BlockPlan::storeOutput(BlockState& state, int output) const {
  if (direct_[output]) return;
  const int operand = program_.inputs + output;
  char* const target = state.position[operand];
  const int64_t count = state.rows * state.cols;
  if (access_[operand] == Access::InPlace) {
    const Register& source = state.registers[program_.result[output]];
    if (source.stride == 0) {
      expand(state, source, target);
    } else if (target != source.data) {
      std::memcpy(target, source.data, count * elementBytes_);
    }
    return;
  }
  const char* const source = result(state, output);
  if (access_[operand] == Access::Convert) {
    convert_[operand](source, target, count);
    return;
  }
  const DType dtype = program_.operand[operand].dtype;
  const char* raw = source;
  if (!isNative(dtype, program_.compute)) {
    char* const converted = buffer(state, staging_ + 1);
    convert_[operand](source, converted, count);
    raw = converted;
  }
  scatter(target, raw, {state.rows, state.cols, stride(operand, cut_.rowDim), stride(operand, cut_.colDim)},
          elementSize(dtype));
}

void BlockPlan::compute(BlockState& state) const {
  const int inputs = program_.inputs;
  const int before = inputs + program_.scalars;
  for (int i = 0; i < inputs; ++i) loadInput(state, i);
  StepArgs args;
  args.count = static_cast<int32_t>(state.rows * state.cols);
  args.fault = &state.fault;
  for (int k = 0; k < program_.steps; ++k) {
    const Step& step = program_.step[k];
    const int16_t sources[3] = {step.a, step.b, step.c};
    for (int s = 0; s < 3; ++s) {
      if (sources[s] < 0) break;
      args.in[s] = state.registers[sources[s]].data;
      args.stride[s] = state.registers[sources[s]].stride;
    }
    const int16_t target = stepBuffer_[k];
    char* const out = target >= 0 ? buffer(state, target) : state.position[inputs - 1 - target];
    args.out = out;
    args.stream = target < 0 && stream_[-1 - target] && reinterpret_cast<uintptr_t>(out) % kStreamLine == 0;
    stepFn_[k](args);
    state.registers[before + k] = {out, 1};
  }
  for (int o = 0; storing_ && o < program_.outputs; ++o) storeOutput(state, o);
}

void BlockPlan::close() const {
  if (streaming_) hwy::FlushStream();
}

char* workSpace(int64_t bytes) {
  struct Free {
    void operator()(char* block) const { std::free(block); }
  };
  static thread_local std::unique_ptr<char, Free> block;
  static thread_local int64_t held = 0;
  if (bytes > held) {
    const size_t rounded = (static_cast<size_t>(bytes) + 4095) / 4096 * 4096;
    block.reset(static_cast<char*>(std::aligned_alloc(64, rounded)));
    held = block ? static_cast<int64_t>(rounded) : 0;
    if (!block) throw std::bad_alloc();
  }
  return block.get();
}

}  // namespace cresset::cpu
