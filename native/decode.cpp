#include "decode.h"

#include <array>
#include <cmath>
#include <string>

#include "dtype.h"
#include "registry.h"

namespace cresset {
namespace {

constexpr double kMaxWhole = 9007199254740992.0;  // 2^53
constexpr int kMaxCallInts = 64;

[[noreturn]] void bad(const std::string& what) { throw BadRequest("bad descriptor: " + what); }

// Walks the doubles of the scratch and stops at its end.
class Doubles {
 public:
  explicit Doubles(const Scratch& scratch) : next_(scratch.doubles()), end_(scratch.doubles() + Scratch::kDoubles) {}
  const double* take(int64_t count) {
    if (count < 0 || count > end_ - next_) bad("too long");
    const double* const taken = next_;
    next_ += count;
    return taken;
  }

 private:
  const double* next_;
  const double* end_;
};

// Checks that every element that sizes and strides (in elements) can reach lies within the storage, and returns the
// address of the first. Doubles suffice: sums below 2^53 are exact, and rounding is monotonic above. Of a `result` of a
// reduction the reduced dimensions do not count: even over nothing it has elements.
char* checkedAddress(const Storages& storages, int32_t slot, DType dtype, double offset, int ndim, const double* sizes,
                     const double* strides, bool result = false) {
  const Storage* const storage = storages.find(slot);
  if (storage == nullptr) bad("slot " + std::to_string(slot) + " names no storage");
  const double size = elementSize(dtype);
  double low = 0, high = 0;
  bool empty = false;
  for (int d = 0; d < ndim; ++d) {
    if (result && strides[d] == 0) continue;
    if (sizes[d] == 0) empty = true;
    const double reach = (sizes[d] - 1) * strides[d];
    (reach < 0 ? low : high) += reach;
  }
  // Without elements an operand is nowhere: a part of an empty tensor may begin behind its storage.
  if (empty) return storage->data;
  const auto bytes = static_cast<double>(storage->bytes);
  // Written so that a NaN fails.
  if (!(offset + low * size >= 0 && offset + (high + 1) * size <= bytes)) bad("an operand reaches outside its storage");
  char* const address = storage->data + whole(offset);
  if ((reinterpret_cast<uintptr_t>(address) & (elementSize(dtype) - 1)) != 0) bad("an operand is not aligned");
  return address;
}

void checkSizes(int ndim, const double* sizes) {
  double total = 1;
  for (int d = 0; d < ndim; ++d) {
    if (!(sizes[d] >= 0 && sizes[d] <= kMaxWhole)) bad("a size is negative or no number");
    total *= std::max(sizes[d], 1.0);
  }
  if (total > kMaxWhole) bad("too many elements");
}

int within(int32_t value, int limit, const char* what) {
  if (value < 0 || value > limit) bad(std::string(what) + " out of range");
  return value;
}

bool computable(ComputeClass allowed, ComputeType compute) {
  const bool floating = compute == ComputeType::Float32 || compute == ComputeType::Float64;
  return allowed == ComputeClass::Any || (allowed == ComputeClass::Float) == floating;
}

Step decodeStep(const int32_t* words, ComputeType compute, int registers) {
  const auto table = pointwiseTable();
  if (words[0] < 0 || words[0] >= static_cast<int32_t>(table.size())) bad("no such step");
  const PointwiseEntry& entry = table[words[0]];
  if (!computable(entry.computes, compute)) bad(std::string(entry.name) + " has no such compute type");
  for (int k = 0; k < entry.operands; ++k) {
    if (words[1 + k] < 0 || words[1 + k] >= registers) bad("a step reads a register that is not written yet");
  }
  const auto operand = [&](int k) { return static_cast<int16_t>(k < entry.operands ? words[1 + k] : -1); };
  return {static_cast<int16_t>(words[0]), operand(0), operand(1), operand(2)};
}

// Operands have zeros beyond their dimensions. Only those that an older call has left are cleared: clearing all of an
// operand takes longer than reading it.
void setDims(Operand& operand, int ndim) {
  for (int d = ndim; d < operand.ndim; ++d) operand.sizes[d] = operand.strides[d] = 0;
  operand.ndim = ndim;
}

}  // namespace

int64_t whole(double value) {
  if (!(std::abs(value) <= kMaxWhole) || value != std::trunc(value)) bad("a whole number was expected");
  return static_cast<int64_t>(value);
}

DType dtypeOf(int32_t code) {
  if (code < 0 || code >= kDTypes) bad("no such dtype");
  return static_cast<DType>(code);
}

char* addressOf(const Storages& storages, int64_t slot, double offset, double count) {
  const Storage* const storage = storages.find(slot);
  if (storage == nullptr) bad("slot " + std::to_string(slot) + " names no storage");
  if (!(offset >= 0 && count >= 0 && offset + count <= static_cast<double>(storage->bytes))) bad("outside the storage");
  return storage->data + whole(offset);
}

void decodeProgram(const Scratch& scratch, const Storages& storages, Program& program) {
  const int32_t* words = scratch.ints();
  if (words[0] < 0 || words[0] > static_cast<int32_t>(ComputeType::Int64)) bad("no such compute type");
  program.compute = static_cast<ComputeType>(words[0]);
  program.inputs = within(words[1], kMaxOperands, "inputs");
  program.outputs = within(words[2], kMaxOperands - program.inputs, "outputs");
  program.scalars = within(words[3], kMaxScalars, "scalars");
  program.steps = within(words[4], kMaxSteps, "steps");
  program.ndim = within(words[5], kMaxDims, "dimensions");
  program.reduce = within(words[6] + 1, static_cast<int>(reduceTable().size()), "reduction") - 1;
  words += 8;

  Doubles doubles(scratch);
  const double* const sizes = doubles.take(program.ndim);
  checkSizes(program.ndim, sizes);
  for (int d = 0; d < program.ndim; ++d) program.sizes[d] = whole(sizes[d]);

  const int operands = program.inputs + program.outputs;
  for (int k = 0; k < operands; ++k, words += 2) {
    ProgramOperand& operand = program.operand[k];
    const double offset = *doubles.take(1);
    const double* const strides = doubles.take(program.ndim);
    operand.dtype = dtypeOf(words[1]);
    const bool result = k >= program.inputs && program.reduce >= 0;
    operand.data = checkedAddress(storages, words[0], operand.dtype, offset, program.ndim, sizes, strides, result);
    for (int d = 0; d < program.ndim; ++d) operand.strides[d] = whole(strides[d]) * elementSize(operand.dtype);
  }
  const int before = program.inputs + program.scalars;
  for (int k = 0; k < program.outputs; ++k) {
    program.result[k] = static_cast<int16_t>(within(*words++, before + program.steps - 1, "result register"));
  }
  for (int k = 0; k < program.steps; ++k, words += 4) program.step[k] = decodeStep(words, program.compute, before + k);
  static_assert(sizeof(Scalar) == sizeof(double));
  const double* const scalars = doubles.take(program.scalars);
  const int64_t* const longs = scratch.longs() + (scalars - scratch.doubles());
  for (int k = 0; k < program.scalars; ++k) {
    if (program.compute == ComputeType::Int64) {
      program.scalar[k].i = longs[k];
    } else if (program.compute == ComputeType::Int32) {
      program.scalar[k].i = static_cast<int32_t>(whole(scalars[k]));
    } else {
      program.scalar[k].f = scalars[k];
    }
  }
}

void decodeAndCall(const Scratch& scratch, const Storages& storages, CallOperands& decoded) {
  const int32_t* words = scratch.ints();
  const auto table = kernelTable();
  if (words[0] < 0 || words[0] >= static_cast<int32_t>(table.size())) bad("no such kernel");
  const KernelEntry& kernel = table[words[0]];
  const int operands = within(words[1], static_cast<int>(decoded.size()), "operands");
  const int ints = within(words[2], kMaxCallInts, "integers");
  const int floats = within(words[3], kMaxCallInts, "floats");
  const auto wrong = [](int declared, int given) { return declared >= 0 && declared != given; };
  if (wrong(kernel.operands, operands) || wrong(kernel.ints, ints) || wrong(kernel.floats, floats)) {
    bad(std::string(kernel.name) + " takes other arguments");
  }

  Doubles doubles(scratch);
  words += 4;
  for (int k = 0; k < operands; ++k, words += 3) {
    Operand& operand = decoded[k];
    if (words[0] == -1) {
      operand.data = nullptr;
      setDims(operand, 0);
      continue;
    }
    operand.dtype = dtypeOf(words[1]);
    setDims(operand, within(words[2], kMaxDims, "dimensions"));
    const double offset = *doubles.take(1);
    const double* const sizes = doubles.take(operand.ndim);
    const double* const strides = doubles.take(operand.ndim);
    checkSizes(operand.ndim, sizes);
    operand.data = checkedAddress(storages, words[0], operand.dtype, offset, operand.ndim, sizes, strides);
    for (int d = 0; d < operand.ndim; ++d) {
      operand.sizes[d] = whole(sizes[d]);
      operand.strides[d] = whole(strides[d]);
    }
  }
  std::array<int64_t, kMaxCallInts> integers;
  const double* const given = doubles.take(ints);
  for (int k = 0; k < ints; ++k) integers[k] = whole(given[k]);
  const double* const reals = doubles.take(floats);
  try {
    kernel.run({{decoded.data(), static_cast<size_t>(operands)},
                {integers.data(), static_cast<size_t>(ints)},
                {reals, static_cast<size_t>(floats)}});
  } catch (const BadRequest& error) {
    throw BadRequest(std::string(kernel.name) + ": " + error.what());
  }
}

}  // namespace cresset
