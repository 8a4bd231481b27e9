// The walk that all reductions share: programs, arg-extrema, moments. The grid goes kept dimensions first, so that all
// blocks of one result follow each other; a result with many blocks is cut into segments that several threads reduce,
// and whose totals are merged in order. Segments depend on shapes only: the same result comes out for every number of
// threads.
//
// What is accumulated is the policy's part:
//   kTotal, kLane          bytes per result: what it accumulates into, and work space beside it
//   kRows                  whether columns of several rows at a time are worth gathering them
//   streams()              how many registers are reduced, register results `0 … streams - 1` of the program
//   start(totals, lanes, count)
//   all(total, x, count, index)                        reduces dense values to one result
//   rows(totals, x, rows, cols, index)                 reduces each row to a result of its own
//   columns(totals, lanes, x, rows, cols, index)       reduces each column to a result of its own
//   flush(totals, lanes, cols)                         brings what columns left in the lanes into the totals
//   merge(into, from, count)
//   finish(stream, totals, spare, count, write)        calls write(output, values, dtype of the values); may use up the
//   totals
// where `index` is the position of the first value along the reduced dimension (meaningful when there is just one).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "cpu/block.h"
#include "cpu/parallel.h"
#include "cpu/strided.h"

namespace cresset::cpu {

template <class Policy>
class Reduction {
 public:
  // The outputs have stride 0 along the reduced dimensions, and are all reduced alike.
  Reduction(const Program& program, const Policy& policy)
      : program_(program),
        policy_(policy),
        space_(program),
        cut_(chooseCut()),
        grid_(chooseGrid()),
        plan_(program, space_, cut_, false, grid_.dims) {}

  // The space must not be empty. Throws NumericFault when an integer was divided by zero.
  void run() {
    const int64_t work = space_.count() * std::max(program_.steps, 1);
    // Enough segments to keep threads busy, but few enough that their totals are small change. The steps do not count:
    // a value is rounded the same whether it was computed on the way or before.
    const int64_t wanted = std::min(kMaxSegments / std::min(grid_.cells, kMaxSegments), space_.count() / (2 * kGrain));
    const int64_t segments = std::clamp<int64_t>(wanted, 1, grid_.blocksPerCell);
    const int64_t tasks = grid_.cells * segments;
    if (segments > 1) partial_.resize(tasks * taskBytes());
    const int64_t grain = std::max<int64_t>(1, kGrain * tasks / std::max<int64_t>(work, 1));
    parallelFor(tasks, grain, [&](int64_t begin, int64_t end) { runTasks(begin, end, segments); });
    if (segments > 1) mergeSegments(segments);
    if (fault_) throw NumericFault("ZeroDivisionError");
  }

 private:
  // The blocks of the space, in the order in which they are walked.
  struct Grid {
    std::array<int, kMaxDims> dims{};
    int64_t cells = 1;          // kept part of the grid
    int64_t blocksPerCell = 1;  // reduced part of the grid
    int indexDim = -1;          // the grid dimension of a reduced dimension, and its elements per block
    int64_t indexPart = 1;
    bool keepsCols = false, keepsRows = false;
    int64_t width = 1;  // results per stream and cell
  };

  static constexpr int64_t kMaxSegments = 64;
  // Blocks whose columns are added in the compute type before they go into the totals.
  static constexpr int kRowsPerFlush = 16;

  bool reduced(int dim) const { return space_.strides[program_.inputs][dim] == 0; }

  // The stride that matters for where blocks lie in memory: that of the first input that has one.
  int64_t inputStride(int dim) const {
    for (int i = 0; i < program_.inputs; ++i) {
      if (space_.strides[i][dim] != 0) return std::abs(space_.strides[i][dim]);
    }
    return INT64_MAX;
  }

  int nearest(int except, bool onlyReduced) const {
    int best = -1;
    for (int d = 0; d < space_.ndim; ++d) {
      if (d == except || (onlyReduced && !reduced(d))) continue;
      if (best < 0 || inputStride(d) <= inputStride(best)) best = d;
    }
    return best;
  }

  Cut chooseCut() const {
    constexpr int64_t kWide = 128;
    Cut cut;
    if (space_.ndim == 0) return cut;
    cut.colDim = nearest(-1, false);
    const bool keeps = !reduced(cut.colDim);
    cut.cols = std::min<int64_t>(space_.sizes[cut.colDim], keeps && Policy::kRows ? 2 * kWide : kBlock);
    // A wide kept dimension is added up block by block; everything else gains from several rows per block.
    const int64_t rows = kBlock / cut.cols;
    if (rows < 2 || (keeps && !Policy::kRows && cut.cols >= kWide)) return cut;
    cut.rowDim = nearest(cut.colDim, true);
    if (cut.rowDim < 0 && !keeps) cut.rowDim = nearest(cut.colDim, false);
    if (cut.rowDim >= 0) cut.rows = std::min(space_.sizes[cut.rowDim], rows);
    return cut;
  }

  int64_t partOf(int dim) const { return dim == cut_.rowDim ? cut_.rows : dim == cut_.colDim ? cut_.cols : 1; }

  // Kept dimensions first; of the reduced ones the nearest in memory last.
  Grid chooseGrid() const {
    Grid grid;
    auto& dims = grid.dims;
    for (int d = 0; d < space_.ndim; ++d) dims[d] = d;
    std::sort(dims.begin(), dims.begin() + space_.ndim, [&](int a, int b) {
      if (reduced(a) != reduced(b)) return reduced(b);
      return inputStride(a) != inputStride(b) ? inputStride(a) > inputStride(b) : a < b;
    });
    for (int g = 0; g < space_.ndim; ++g) {
      const int d = dims[g];
      const int64_t part = partOf(d);
      (reduced(d) ? grid.blocksPerCell : grid.cells) *= (space_.sizes[d] + part - 1) / part;
      if (!reduced(d)) continue;
      grid.indexDim = g;
      grid.indexPart = part;
    }
    grid.keepsCols = cut_.colDim >= 0 && !reduced(cut_.colDim);
    grid.keepsRows = cut_.rowDim >= 0 && !reduced(cut_.rowDim);
    grid.width = grid.keepsCols ? cut_.cols : grid.keepsRows ? cut_.rows : 1;
    return grid;
  }

  int64_t totalsPerTask() const { return grid_.width * policy_.streams(); }
  int64_t taskBytes() const { return totalsPerTask() * Policy::kTotal; }

  void runTasks(int64_t begin, int64_t end, int64_t segments) {
    char* const work = workSpace(plan_.workBytes() + taskBytes() + totalsPerTask() * Policy::kLane);
    char* const totals = work + plan_.workBytes();
    char* const lanes = totals + taskBytes();
    BlockState state;
    plan_.open(state, work);
    for (int64_t task = begin; task < end; ++task) {
      const int64_t cell = task / segments;
      const int64_t segment = task % segments;
      const int64_t first = grid_.blocksPerCell * segment / segments;
      const int64_t last = grid_.blocksPerCell * (segment + 1) / segments;
      for (int s = 0; s < policy_.streams(); ++s) {
        policy_.start(totals + s * grid_.width * Policy::kTotal, lanes + s * grid_.width * Policy::kLane, grid_.width);
      }
      plan_.seek(state, cell * grid_.blocksPerCell + first);
      for (int64_t block = first; block < last; ++block) {
        if (block != first) plan_.advance(state);
        plan_.compute(state);
        const bool flush = (block - first) % kRowsPerFlush == kRowsPerFlush - 1 || block + 1 == last || state.rows > 1;
        for (int s = 0; s < policy_.streams(); ++s) addBlock(state, s, totals, lanes, flush);
      }
      if (segments == 1) {
        store(state, totals, lanes);
      } else {
        std::copy_n(totals, taskBytes(), partial_.data() + task * taskBytes());
      }
    }
    if (state.fault != 0) fault_ = true;
  }

  void addBlock(BlockState& state, int stream, char* allTotals, char* allLanes, bool flush) {
    const char* const values = plan_.result(state, stream);
    char* const totals = allTotals + stream * grid_.width * Policy::kTotal;
    const int64_t index = grid_.indexDim < 0 ? 0 : state.coordinate[grid_.indexDim] * grid_.indexPart;
    if (grid_.keepsCols) {
      char* const lanes = allLanes + stream * grid_.width * Policy::kLane;
      policy_.columns(totals, lanes, values, state.rows, state.cols, index);
      if (flush) policy_.flush(totals, lanes, state.cols);
    } else if (grid_.keepsRows) {
      policy_.rows(totals, values, state.rows, state.cols, index);
    } else {
      policy_.all(totals, values, state.rows * state.cols, index);
    }
  }

  // Writes a cell's totals, and uses them up; `spare` has kLane bytes for each.
  void store(BlockState& state, char* totals, char* spare) {
    const int64_t count = grid_.keepsCols ? state.cols : grid_.keepsRows ? state.rows : 1;
    const int dim = grid_.keepsCols ? cut_.colDim : grid_.keepsRows ? cut_.rowDim : -1;
    for (int s = 0; s < policy_.streams(); ++s) {
      policy_.finish(s, totals + s * grid_.width * Policy::kTotal, spare, count,
                     [&](int output, const char* values, DType from) {
                       const int operand = program_.inputs + output;
                       const DType to = program_.operand[operand].dtype;
                       const int64_t stride = dim < 0 ? 0 : space_.strides[operand][dim];
                       const int64_t step = elementSize(from);
                       char* target = state.position[operand];
                       if (from == to) return scatter(target, values, {1, count, 0, stride}, elementSize(to));
                       const ConvertFn convert = storeFunction(program_.compute, to);
                       for (int64_t i = 0; i < count; ++i, values += step, target += stride) convert(values, target, 1);
                     });
    }
  }

  void mergeSegments(int64_t segments) {
    char* const work = workSpace(plan_.workBytes() + totalsPerTask() * Policy::kLane);
    BlockState state;
    plan_.open(state, work);
    for (int64_t cell = 0; cell < grid_.cells; ++cell) {
      char* const totals = partial_.data() + cell * segments * taskBytes();
      for (int64_t s = 1; s < segments; ++s) policy_.merge(totals, totals + s * taskBytes(), totalsPerTask());
      plan_.seek(state, cell * grid_.blocksPerCell);
      store(state, totals, work + plan_.workBytes());
    }
  }

  const Program& program_;
  const Policy& policy_;
  Space space_;
  Cut cut_;
  Grid grid_;
  BlockPlan plan_;
  std::vector<char> partial_;
  std::atomic<bool> fault_ = false;
};

// The program of a structured reduction: `x` has the kept dimensions first, then the reduced ones; results have the
// kept ones only, and may be absent. Outputs follow in the order given.
inline Program reductionOf(ComputeType compute, const Operand& x, std::span<const Operand* const> results) {
  Program program;
  program.compute = compute;
  program.reduce = -1;
  program.inputs = 1;
  program.outputs = 0;
  program.scalars = 0;
  program.steps = 0;
  program.ndim = x.ndim;
  program.sizes = x.sizes;
  const auto describe = [](const Operand& from) {
    ProgramOperand operand{static_cast<char*>(from.data), from.dtype, {}};
    for (int d = 0; d < from.ndim; ++d) operand.strides[d] = from.strides[d] * elementSize(from.dtype);
    return operand;
  };
  program.operand[0] = describe(x);
  for (const Operand* result : results) {
    if (!*result) continue;
    program.operand[1 + program.outputs] = describe(*result);
    program.result[program.outputs++] = 0;
  }
  return program;
}

}  // namespace cresset::cpu
