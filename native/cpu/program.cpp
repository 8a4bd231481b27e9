// Programs without a reduction: how the space is cut into blocks, and the threads that share the blocks.
#include "program.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "cpu/block.h"
#include "cpu/direct.h"
#include "cpu/parallel.h"
#include "cpu/reduce.h"

namespace cresset {
namespace cpu {
namespace {

// The width of a tile: its rows fill a few cache lines of either side.
constexpr int64_t kTile = 32;
// Elements of a tile when there are few registers: long enough runs on both sides for the processor to fetch ahead.
constexpr int64_t kLargeTile = 4096;
// A row of this length amortises what a block costs.
constexpr int64_t kLongRow = 256;
// Elements per block of a program that needs no buffers.
constexpr int64_t kLongBlock = 16 * 1024;

// The dimension along which an operand's elements follow each other, or -1.
int unitDim(const Program& program, const Space& space, int operand) {
  const int64_t size = elementSize(program.operand[operand].dtype);
  for (int d = space.ndim - 1; d >= 0; --d) {
    if (std::abs(space.strides[operand][d]) == size) return d;
  }
  return -1;
}

// The dimension along which an operand is dense that jumps along `colDim`, or -1.
int awkwardDim(const Program& program, const Space& space, int colDim) {
  const int operands = program.inputs + program.outputs;
  for (int k = 0; k < operands; ++k) {
    const int64_t stride = std::abs(space.strides[k][colDim]);
    if (stride == 0 || stride == elementSize(program.operand[k].dtype)) continue;
    const int unit = unitDim(program, space, k);
    if (unit >= 0 && space.sizes[unit] >= 8) return unit;
  }
  return -1;
}

// Columns run along the dimension that is dense for most operands; where another operand is dense along another
// dimension, blocks are square tiles, so that both sides use whole cache lines.
Cut chooseCut(const Program& program, const Space& space) {
  Cut cut;
  if (space.ndim == 0) return cut;
  const int operands = program.inputs + program.outputs;
  std::array<int, kMaxDims> votes{};
  for (int k = 0; k < operands; ++k) {
    const int unit = unitDim(program, space, k);
    // Results weigh more: a scattered store costs more than a gathered load.
    if (unit >= 0 && space.sizes[unit] >= 8) votes[unit] += k < program.inputs ? 2 : 3;
  }
  cut.colDim = space.ndim - 1;
  for (int d = space.ndim - 1; d >= 0; --d) {
    if (votes[d] > votes[cut.colDim]) cut.colDim = d;
  }
  cut.cols = std::min<int64_t>(space.sizes[cut.colDim], kBlock);
  if (space.ndim == 1) return cut;

  const int awkward = awkwardDim(program, space, cut.colDim);
  if (awkward >= 0) {
    cut.rowDim = awkward;
    const bool few = program.steps <= 1;
    cut.cols = std::min(cut.cols, few ? 2 * kTile : kTile);
    cut.rows = std::min(space.sizes[awkward], (few ? kLargeTile : kBlock) / cut.cols);
    return cut;
  }
  if (cut.cols < kLongRow) {
    for (int d = space.ndim - 1; d >= 0; --d) {
      if (d != cut.colDim && (cut.rowDim < 0 || space.sizes[d] > space.sizes[cut.rowDim])) cut.rowDim = d;
    }
  }
  if (cut.rowDim >= 0) cut.rows = std::min(space.sizes[cut.rowDim], std::max<int64_t>(kBlock / cut.cols, 1));
  return cut;
}

// Without conversions and intermediate results there is no buffer to keep in the cache, and longer blocks cost less.
bool needsNoBuffers(const Program& program, const Space& space) {
  if (space.ndim != 1 || program.steps > 1) return false;
  const int operands = program.inputs + program.outputs;
  for (int k = 0; k < operands; ++k) {
    const ProgramOperand& operand = program.operand[k];
    const int64_t stride = space.strides[k][0];
    if (k < program.inputs && stride == 0) continue;
    if (stride != elementSize(operand.dtype) || !isNative(operand.dtype, program.compute)) return false;
  }
  return true;
}

}  // namespace

void runPointwise(const Program& program) {
  if (runDirectly(program)) return;
  const Space space(program);
  const int64_t count = space.count();
  if (count == 0) return;
  Cut cut = chooseCut(program, space);
  if (needsNoBuffers(program, space)) cut.cols = std::min(space.sizes[0], kLongBlock);
  std::array<int, kMaxDims> order;
  for (int d = 0; d < space.ndim; ++d) order[d] = d;
  const BlockPlan plan(program, space, cut, true, order);

  std::atomic<bool> fault = false;
  const auto blocks = [&](int64_t begin, int64_t end) {
    BlockState state;
    plan.open(state, workSpace(plan.workBytes()));
    plan.seek(state, begin);
    for (int64_t block = begin; block < end; ++block) {
      if (block != begin) plan.advance(state);
      plan.compute(state);
    }
    plan.close();
    if (state.fault != 0) fault = true;
  };
  const int64_t work = plan.blockSize() * std::max(program.steps, 1);
  parallelFor(plan.blocks(), (kGrain + work - 1) / work, blocks);
  if (fault) throw NumericFault("ZeroDivisionError");
}

}  // namespace cpu

void runProgram(const Program& program) {
  if (program.reduce >= 0) {
    cpu::runReduction(program);
  } else {
    cpu::runPointwise(program);
  }
}

}  // namespace cresset
