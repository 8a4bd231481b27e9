// Programs that end in a reduction of reduce.inc.
#include "cpu/reduce.h"

#include <bit>

#include "cpu/reduce-block.h"
#include "cpu/reduce-engine.h"
#include "registry.h"

namespace cresset::cpu {
namespace {

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

// Each output reduces a register of its own by one operation of the table.
class TablePolicy {
 public:
  static constexpr int64_t kTotal = sizeof(Total);
  static constexpr int64_t kLane = sizeof(Total);
  static constexpr bool kRows = false;

  explicit TablePolicy(const Program& program)
      : functions_(reduceFunctions(program.reduce, program.compute)),
        streams_(program.outputs),
        compute_(program.compute) {}

  int streams() const { return streams_; }
  void start(char* totals, char* lanes, int64_t count) const { functions_.start(asTotals(totals), lanes, count); }
  void all(char* total, const char* x, int64_t count, int64_t) const { functions_.all(*asTotals(total), x, count); }
  void rows(char* totals, const char* x, int64_t rows, int64_t cols, int64_t) const {
    functions_.rows(asTotals(totals), x, rows, cols);
  }
  void columns(char*, char* lanes, const char* x, int64_t rows, int64_t cols, int64_t) const {
    functions_.columns(lanes, x, rows, cols);
  }
  void flush(char* totals, char* lanes, int64_t cols) const { functions_.flush(asTotals(totals), lanes, cols); }
  void merge(char* into, const char* from, int64_t count) const {
    functions_.merge(asTotals(into), reinterpret_cast<const Total*>(from), count);
  }
  template <class Write>
  void finish(int stream, char* totals, char* spare, int64_t count, Write&& write) const {
    functions_.finish(spare, asTotals(totals), count);
    write(stream, spare, nativeOf(compute_));
  }

 private:
  static Total* asTotals(char* bytes) { return reinterpret_cast<Total*>(bytes); }

  const ReduceFns& functions_;
  int streams_;
  ComputeType compute_;
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
  if (count == 0) return storeNeutral(program);
  const TablePolicy policy(program);
  Reduction<TablePolicy>(program, policy).run();
}

}  // namespace

void runReduction(const Program& program) {
  // Outputs that are reduced alike share a pass. What is not reduced at all comes last: it may overwrite an input.
  const uint32_t every = (1u << program.outputs) - 1;
  uint32_t plain = 0;
  for (uint32_t left = every; left != 0;) {
    const uint32_t mask = reducedDims(program, std::countr_zero(left));
    uint32_t alike = 0;
    for (int o = 0; o < program.outputs; ++o) {
      if ((left >> o & 1) != 0 && reducedDims(program, o) == mask) alike |= 1u << o;
    }
    left &= ~alike;
    if (mask == 0) {
      plain = alike;
    } else if (alike == every) {
      reduceAlike(program);
    } else {
      reduceAlike(withOutputs(program, alike));
    }
  }
  if (plain != 0) runPointwise(withOutputs(program, plain));
}

}  // namespace cresset::cpu
