// Planning: how a program is laid over its space, and which buffer holds which value when.
#include <algorithm>

#include "cpu/block.h"
#include "cpu/stream.h"

namespace cresset::cpu {
namespace {

constexpr int16_t kNever = -1;
constexpr int16_t kAlways = kMaxSteps;

// Hands out buffer numbers and takes them back; the last one freed is reused first, while it is in the cache.
class BufferNumbers {
 public:
  int16_t take() { return freed_ == 0 ? static_cast<int16_t>(count_++) : free_[--freed_]; }
  void give(int16_t number) { free_[freed_++] = number; }
  int count() const { return count_; }

 private:
  int count_ = 0;
  int freed_ = 0;
  std::array<int16_t, kMaxRegisters> free_;
};

}  // namespace

Space::Space(const Program& program) {
  const int operands = program.inputs + program.outputs;
  for (int d = 0; d < program.ndim; ++d) {
    const int64_t size = program.sizes[d];
    if (size == 1) continue;
    bool merge = ndim > 0;
    for (int k = 0; merge && k < operands; ++k) {
      merge = strides[k][ndim - 1] == program.operand[k].strides[d] * size;
    }
    if (!merge) sizes[ndim++] = 1;
    sizes[ndim - 1] *= size;
    for (int k = 0; k < operands; ++k) strides[k][ndim - 1] = program.operand[k].strides[d];
  }
}

int64_t Space::count() const {
  int64_t n = 1;
  for (int d = 0; d < ndim; ++d) n *= sizes[d];
  return n;
}

BlockPlan::BlockPlan(const Program& program, const Space& space, const Cut& cut, bool store,
                     const std::array<int, kMaxDims>& order)
    : program_(program), space_(space), cut_(cut), elementBytes_(computeSize(program.compute)) {
  planGrid(order);
  const int operands = program.inputs + (store ? program.outputs : 0);
  for (int k = 0; k < operands; ++k) {
    access_[k] = accessOf(k);
    const DType dtype = program.operand[k].dtype;
    const bool input = k < program.inputs;
    convert_[k] = input ? loadFunction(dtype, program.compute) : storeFunction(program.compute, dtype);
  }
  storing_ = store;
  planRegisters(store);
}

void BlockPlan::planGrid(const std::array<int, kMaxDims>& order) {
  const int operands = program_.inputs + program_.outputs;
  for (int g = 0; g < space_.ndim; ++g) {
    const int dim = order[g];
    int64_t part = 1;
    if (dim == cut_.rowDim) {
      part = cut_.rows;
      rowGrid_ = g;
    } else if (dim == cut_.colDim) {
      part = cut_.cols;
      colGrid_ = g;
    }
    gridCount_[g] = (space_.sizes[dim] + part - 1) / part;
    for (int k = 0; k < operands; ++k) gridStep_[g][k] = space_.strides[k][dim] * part;
    blocks_ *= gridCount_[g];
  }
  gridDims_ = space_.ndim;
}

BlockPlan::Access BlockPlan::accessOf(int operand) const {
  const DType dtype = program_.operand[operand].dtype;
  const int64_t size = elementSize(dtype);
  const bool input = operand < program_.inputs;
  const int64_t rowStride = cut_.rows == 1 ? 0 : stride(operand, cut_.rowDim);
  const int64_t colStride = cut_.cols == 1 ? 0 : stride(operand, cut_.colDim);
  if (input) {
    const auto& strides = space_.strides[operand];
    if (std::all_of(strides.begin(), strides.begin() + space_.ndim, [](int64_t s) { return s == 0; }))
      return Access::Constant;
    if (rowStride == 0 && colStride == 0) return Access::Splat;
  }
  const bool single = cut_.rows == 1 && cut_.cols == 1;
  const bool wholeRows = cut_.rows == 1 || (rowStride == cut_.cols * size && cut_.cols == space_.sizes[cut_.colDim]);
  if (!single && !(colStride == size && wholeRows)) return Access::Strided;
  return isNative(dtype, program_.compute) ? Access::InPlace : Access::Convert;
}

// A step may write straight into an output unless a later reader still needs an input that lies in the same memory.
bool BlockPlan::mayWriteDirectly(int output, const int16_t* lastUse) const {
  const int operand = program_.inputs + output;
  const int step = program_.result[output] - program_.inputs - program_.scalars;
  if (step < 0 || access_[operand] != Access::InPlace) return false;
  for (int i = 0; i < program_.inputs; ++i) {
    if (program_.operand[i].data == program_.operand[operand].data && lastUse[i] > step) return false;
  }
  return true;
}

// Results larger than the caches are read from memory whenever that is: storing past the caches saves reading every
// line before it is written, a third of the traffic of an addition. Not where an input lies in the same memory, whose
// lines are in the cache already.
bool BlockPlan::mayStream(int output) const {
  const int operand = program_.inputs + output;
  if (access_[operand] != Access::InPlace || space_.count() * elementBytes_ < kStreamBytes) return false;
  const char* const target = program_.operand[operand].data;
  for (int i = 0; i < program_.inputs; ++i) {
    if (program_.operand[i].data == target) return false;
  }
  return true;
}

void BlockPlan::planRegisters(bool store) {
  const int inputs = program_.inputs;
  const int before = inputs + program_.scalars;
  std::array<int16_t, kMaxRegisters> lastUse;
  std::fill_n(lastUse.begin(), before + program_.steps, kNever);
  for (int k = 0; k < program_.steps; ++k) {
    const Step& step = program_.step[k];
    for (const int16_t source : {step.a, step.b, step.c}) {
      if (source >= 0) lastUse[source] = static_cast<int16_t>(k);
    }
    stepFn_[k] = stepFunction(step.op, program_.compute);
    stepBuffer_[k] = 0;
  }
  // Results that are one value for a whole block have to be written out before they are converted or reduced.
  bool staging = false;
  for (int o = 0; o < program_.outputs; ++o) {
    lastUse[program_.result[o]] = kAlways;
    staging = staging || program_.result[o] < before;
  }

  for (int o = 0; store && o < program_.outputs; ++o) staging = staging || access_[inputs + o] != Access::InPlace;

  BufferNumbers numbers;
  std::array<int16_t, kMaxRegisters> held;
  for (int i = 0; i < inputs; ++i) {
    const bool native = isNative(program_.operand[i].dtype, program_.compute);
    if (lastUse[i] == kNever) access_[i] = Access::Constant;
    // An output that stores an input as it is must not find it overwritten by another output.
    if (access_[i] == Access::InPlace && lastUse[i] == kAlways && program_.outputs > 1) access_[i] = Access::Convert;
    const bool buffered = access_[i] == Access::Convert || access_[i] == Access::Strided;
    inputBuffer_[i] = held[i] = buffered ? numbers.take() : int16_t{-1};
    staging = staging || (access_[i] == Access::Strided && !native);
    if (access_[i] == Access::Constant) {
      fillSplat(constants_[i], program_.operand[i].data, convert_[i], elementBytes_);
    }
  }
  for (int s = 0; s < program_.scalars; ++s) {
    const Scalar& scalar = program_.scalar[s];
    const bool floating = program_.compute == ComputeType::Float32 || program_.compute == ComputeType::Float64;
    const ConvertFn load = loadFunction(floating ? DType::Float64 : DType::Int64, program_.compute);
    fillSplat(constants_[inputs + s], &scalar, load, elementBytes_);
    held[inputs + s] = -1;
  }

  std::fill_n(direct_.begin(), program_.outputs, false);
  std::fill_n(stream_.begin(), program_.outputs, false);
  if (store) {
    for (int o = 0; o < program_.outputs; ++o) {
      int16_t& target = stepBuffer_[std::max(program_.result[o] - before, 0)];
      if (!mayWriteDirectly(o, lastUse.data()) || target < 0) continue;
      target = static_cast<int16_t>(-1 - o);
      direct_[o] = true;
      stream_[o] = mayStream(o);
      streaming_ = streaming_ || stream_[o];
    }
  }
  for (int k = 0; k < program_.steps; ++k) {
    const Step& step = program_.step[k];
    for (const int16_t source : {step.a, step.b, step.c}) {
      if (source < 0 || lastUse[source] != k || held[source] < 0) continue;
      numbers.give(held[source]);
      held[source] = -1;  // a source may appear twice
    }
    if (stepBuffer_[k] >= 0) stepBuffer_[k] = numbers.take();
    held[before + k] = std::max<int16_t>(stepBuffer_[k], -1);
    if (lastUse[before + k] == kNever && held[before + k] >= 0) {
      numbers.give(held[before + k]);
      held[before + k] = -1;
    }
  }
  buffers_ = numbers.count();
  if (staging) {
    staging_ = buffers_;
    buffers_ += 2;
  }
  // The odd lines keep buffers from landing on the same 4 KB offset, where loads would wait for unrelated stores.
  bufferBytes_ = (blockSize() * (staging ? 8 : elementBytes_) + 63) / 64 * 64 + 5 * 64;
}

}  // namespace cresset::cpu
