// Programs that end in a reduction. The grid is walked kept dimensions first, so that all blocks of one result follow
// each other; a result with many blocks is cut into segments that several threads reduce, and whose totals are merged
// in order. Segments depend on shapes only: the same sum comes out for every number of threads.
#include "cpu/reduce.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <vector>

#include "cpu/block.h"
#include "cpu/parallel.h"
#include "cpu/reduce-block.h"
#include "cpu/strided.h"
#include "registry.h"

namespace cresset::cpu {
namespace {

constexpr int64_t kGrain = 32 * 1024;
// Totals of one task; also the longest block of a program without steps.
constexpr int64_t kMaxTotals = 4096;
constexpr int64_t kMaxSegments = 64;
// Blocks that are added in the compute type before they go into the totals.
constexpr int kRowsPerFlush = 16;

// One bit per dimension along which an output is reduced.
uint32_t reducedDims(const Program& program, int output) {
  uint32_t mask = 0;
  for (int d = 0; d < program.ndim; ++d) {
    const bool reduced = program.sizes[d] != 1 && program.operand[program.inputs + output].strides[d] == 0;
    mask |= static_cast<uint32_t>(reduced) << d;
  }
  return mask;
}

// The program with only the outputs whose bit is set.
Program withOutputs(const Program& program, uint32_t chosen) {
  Program part = program;
  part.outputs = 0;
  for (int o = 0; o < program.outputs; ++o) {
    if ((chosen >> o & 1) == 0) continue;
    part.operand[program.inputs + part.outputs] = program.operand[program.inputs + o];
    part.result[part.outputs++] = program.result[o];
  }
  return part;
}

class Reduction {
 public:
  explicit Reduction(const Program& program)
      : program_(program),
        space_(program),
        cut_(chooseCut()),
        plan_(program, space_, cut_, false, order()),
        functions_(reduceFunctions(program.reduce, program.compute)) {}

  void run() {
    const int64_t work = space_.count() * std::max(program_.steps, 1);
    // Enough segments to keep threads busy, but few enough that their totals are small change.
    const int64_t wanted = std::min(kMaxSegments / std::min(cells_, kMaxSegments), work / (2 * kGrain));
    const int64_t segments = std::clamp<int64_t>(wanted, 1, blocksPerCell_);
    const int64_t tasks = cells_ * segments;
    if (segments > 1) partial_.resize(tasks * totalsPerTask());
    const int64_t grain = std::max<int64_t>(1, kGrain * tasks / std::max<int64_t>(work, 1));
    parallelFor(tasks, grain, [&](int64_t begin, int64_t end) { runTasks(begin, end, segments); });
    if (segments > 1) mergeSegments(segments);
    if (fault_) throw NumericFault("ZeroDivisionError");
  }

 private:
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
    Cut cut;
    cut.colDim = nearest(-1, false);
    const int64_t size = space_.sizes[cut.colDim];
    const int64_t limit = program_.steps == 0 ? kMaxTotals : kBlock;
    cut.cols = std::min<int64_t>(size, limit);
    const int64_t rows = limit / cut.cols;
    // A wide kept dimension is added up block by block; everything else gains from several rows per block.
    if (rows < 2 || (!reduced(cut.colDim) && cut.cols >= 128)) return cut;
    cut.rowDim = nearest(cut.colDim, true);
    if (cut.rowDim < 0 && reduced(cut.colDim)) cut.rowDim = nearest(cut.colDim, false);
    if (cut.rowDim >= 0) cut.rows = std::min(space_.sizes[cut.rowDim], rows);
    return cut;
  }

  // Kept dimensions first; of the reduced ones the nearest in memory last. Counts the cells and their blocks on the
  // way.
  std::array<int, kMaxDims> order() {
    std::array<int, kMaxDims> dims;
    for (int d = 0; d < space_.ndim; ++d) dims[d] = d;
    std::sort(dims.begin(), dims.begin() + space_.ndim, [&](int a, int b) {
      if (reduced(a) != reduced(b)) return reduced(b);
      return inputStride(a) != inputStride(b) ? inputStride(a) > inputStride(b) : a < b;
    });
    for (int d = 0; d < space_.ndim; ++d) {
      const int64_t part = d == cut_.rowDim ? cut_.rows : d == cut_.colDim ? cut_.cols : 1;
      (reduced(d) ? blocksPerCell_ : cells_) *= (space_.sizes[d] + part - 1) / part;
    }
    keepsCols_ = !reduced(cut_.colDim);
    keepsRows_ = cut_.rowDim >= 0 && !reduced(cut_.rowDim);
    width_ = keepsCols_ ? cut_.cols : keepsRows_ ? cut_.rows : 1;
    return dims;
  }

  int64_t totalsPerTask() const { return width_ * program_.outputs; }

  void runTasks(int64_t begin, int64_t end, int64_t segments) {
    const int64_t totalBytes = totalsPerTask() * static_cast<int64_t>(sizeof(Total));
    char* const work = workSpace(plan_.workBytes() + 2 * totalBytes);
    Total* const totals = reinterpret_cast<Total*>(work + plan_.workBytes());
    char* const lanes = reinterpret_cast<char*>(totals) + totalBytes;
    BlockState state;
    plan_.open(state, work);
    for (int64_t task = begin; task < end; ++task) {
      const int64_t cell = task / segments;
      const int64_t segment = task % segments;
      const int64_t first = blocksPerCell_ * segment / segments;
      const int64_t last = blocksPerCell_ * (segment + 1) / segments;
      functions_.start(totals, lanes, totalsPerTask());
      plan_.seek(state, cell * blocksPerCell_ + first);
      for (int64_t block = first; block < last; ++block) {
        if (block != first) plan_.advance(state);
        plan_.compute(state);
        const bool flush = (block - first) % kRowsPerFlush == kRowsPerFlush - 1 || block + 1 == last || state.rows > 1;
        for (int o = 0; o < program_.outputs; ++o) addBlock(state, o, totals + o * width_, lanes, flush);
      }
      if (segments == 1) {
        store(state, totals, lanes);
      } else {
        std::copy_n(totals, totalsPerTask(), partial_.data() + task * totalsPerTask());
      }
    }
    if (state.fault != 0) fault_ = true;
  }

  void addBlock(BlockState& state, int output, Total* totals, char* allLanes, bool flush) {
    const char* const values = plan_.result(state, output);
    if (keepsCols_) {
      char* const lanes = allLanes + output * width_ * computeSize(program_.compute);
      functions_.columns(lanes, values, state.rows, state.cols);
      if (flush) functions_.flush(totals, lanes, state.cols);
    } else if (keepsRows_) {
      const int64_t rowBytes = state.cols * computeSize(program_.compute);
      for (int64_t r = 0; r < state.rows; ++r) functions_.all(totals[r], values + r * rowBytes, state.cols);
    } else {
      functions_.all(*totals, values, state.rows * state.cols);
    }
  }

  // Writes a cell's totals, and uses them up; `spare` holds as many elements.
  void store(BlockState& state, Total* totals, char* spare) {
    const int64_t count = keepsCols_ ? state.cols : keepsRows_ ? state.rows : 1;
    const int dim = keepsCols_ ? cut_.colDim : keepsRows_ ? cut_.rowDim : -1;
    for (int o = 0; o < program_.outputs; ++o) {
      const int operand = program_.inputs + o;
      const DType dtype = program_.operand[operand].dtype;
      const int64_t stride = dim < 0 ? 0 : space_.strides[operand][dim];
      functions_.finish(spare, totals + o * width_, count);
      char* const raw = reinterpret_cast<char*>(totals + o * width_);
      storeFunction(program_.compute, dtype)(spare, raw, count);
      scatter(state.position[operand], raw, {1, count, 0, stride}, elementSize(dtype));
    }
  }

  void mergeSegments(int64_t segments) {
    char* const work = workSpace(plan_.workBytes() + totalsPerTask() * static_cast<int64_t>(sizeof(Total)));
    BlockState state;
    plan_.open(state, work);
    for (int64_t cell = 0; cell < cells_; ++cell) {
      Total* const totals = partial_.data() + cell * segments * totalsPerTask();
      for (int64_t s = 1; s < segments; ++s) functions_.merge(totals, totals + s * totalsPerTask(), totalsPerTask());
      plan_.seek(state, cell * blocksPerCell_);
      store(state, totals, work + plan_.workBytes());
    }
  }

  const Program& program_;
  Space space_;
  Cut cut_;
  int64_t cells_ = 1;          // kept part of the grid
  int64_t blocksPerCell_ = 1;  // reduced part of the grid
  bool keepsCols_ = false, keepsRows_ = false;
  int64_t width_ = 1;  // totals per output and cell
  BlockPlan plan_;
  const ReduceFns& functions_;
  std::vector<Total> partial_;
  std::atomic<bool> fault_ = false;
};

// A reduction over nothing: every result is the neutral element.
void storeNeutral(const Program& program) {
  Program fill{};
  fill.compute = program.compute;
  fill.reduce = -1;
  fill.outputs = program.outputs;
  fill.scalars = 1;
  fill.ndim = program.ndim;
  Total neutral;
  reduceFunctions(program.reduce, program.compute).start(&neutral, nullptr, 1);
  fill.scalar[0].i = neutral.i;
  const uint32_t mask = reducedDims(program, 0);
  for (int d = 0; d < program.ndim; ++d) fill.sizes[d] = (mask >> d & 1) != 0 ? 1 : program.sizes[d];
  for (int o = 0; o < program.outputs; ++o) fill.operand[o] = program.operand[program.inputs + o];
  runPointwise(fill);
}

void reduceAlike(const Program& program) {
  int64_t count = 1;
  for (int d = 0; d < program.ndim; ++d) count *= program.sizes[d];
  if (count == 0) {
    storeNeutral(program);
  } else {
    Reduction(program).run();
  }
}

}  // namespace

void runReduction(const Program& program) {
  // Outputs that are reduced alike share a pass. What is not reduced at all comes last: it may overwrite an input.
  uint32_t left = (1u << program.outputs) - 1;
  uint32_t plain = 0;
  while (left != 0) {
    const uint32_t mask = reducedDims(program, std::countr_zero(left));
    uint32_t alike = 0;
    for (int o = 0; o < program.outputs; ++o) {
      if ((left >> o & 1) != 0 && reducedDims(program, o) == mask) alike |= 1u << o;
    }
    left &= ~alike;
    if (mask == 0) {
      plain = alike;
    } else if (alike == (1u << program.outputs) - 1) {
      reduceAlike(program);
    } else {
      reduceAlike(withOutputs(program, alike));
    }
  }
  if (plain != 0) runPointwise(withOutputs(program, plain));
}

}  // namespace cresset::cpu
