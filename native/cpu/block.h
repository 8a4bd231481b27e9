// How a program is cut into blocks, and how one block is computed. The plan knows strides and types and is shared by
// all threads; a state is one thread's position and registers. What happens to the results is the caller's part:
// program.cpp stores them, reduce.cpp reduces them.
#pragma once

#include <array>
#include <cstdint>

#include "cpu/pointwise.h"
#include "program.h"

namespace cresset::cpu {

// The iteration space with dimensions of size 1 dropped and adjacent ones merged where every operand allows it.
struct Space {
  int ndim = 0;
  std::array<int64_t, kMaxDims> sizes;
  std::array<std::array<int64_t, kMaxDims>, kMaxOperands> strides;  // bytes, by operand

  explicit Space(const Program& program);
  int64_t count() const;
};

// The part of the space that one block covers: `rows` × `cols` elements along two dimensions (-1: none), the rest is
// the grid.
struct Cut {
  int rowDim = -1, colDim = -1;
  int64_t rows = 1, cols = 1;
};

// A block of results: dense, rows × cols elements of the compute type; or one vector of equal elements when stride is
// 0.
struct Register {
  const char* data;
  int32_t stride;
};

constexpr int kMaxRegisters = kMaxOperands + kMaxScalars + kMaxSteps;
constexpr int kMaxGrid = kMaxDims + 2;

// One thread's place in the grid and its registers.
struct BlockState {
  std::array<char*, kMaxOperands> position;
  std::array<int64_t, kMaxGrid> coordinate;
  std::array<Register, kMaxRegisters> registers;
  alignas(kSplatBytes) char splats[kMaxOperands][kSplatBytes];
  char* buffers = nullptr;
  int64_t rows = 0, cols = 0;  // of the current block
  int32_t fault = 0;           // an integer was divided by zero
};

class BlockPlan {
 public:
  // `order` lists the dimensions of the space as the grid walks them, slowest first. With `store`, results are written
  // to the outputs; otherwise they stay in registers.
  BlockPlan(const Program& program, const Space& space, const Cut& cut, bool store,
            const std::array<int, kMaxDims>& order);

  // Blocks in the whole grid.
  int64_t blocks() const { return blocks_; }
  // Elements of a full block.
  int64_t blockSize() const { return cut_.rows * cut_.cols; }

  // Bytes of work space that a state needs.
  int64_t workBytes() const { return buffers_ * bufferBytes_; }
  // Prepares a state for this plan; `work` has workBytes() bytes and belongs to one thread.
  void open(BlockState& state, char* work) const;
  // Moves to a block by its number, which counts the grid with the last dimension fastest.
  void seek(BlockState& state, int64_t block) const;
  // Moves to the next block.
  void advance(BlockState& state) const;
  // Computes the current block, and stores it if the plan does.
  void compute(BlockState& state) const;
  // Ends a thread's part of the blocks: what it stored is seen by others from here on.
  void close() const;
  // The dense elements that an output has in the current block.
  const char* result(BlockState& state, int output) const;

 private:
  enum class Access : uint8_t {
    Constant,  // one element for the whole program
    Splat,     // one element per block
    InPlace,   // dense elements of the compute type: used where they are
    Convert,   // dense elements of another type
    Strided    // gathered into, or scattered from, a dense block
  };

  Access accessOf(int operand) const;
  void planGrid(const std::array<int, kMaxDims>& order);
  void planRegisters(bool store);
  bool mayWriteDirectly(int output, const int16_t* lastUse) const;
  bool mayStream(int output) const;
  void loadInput(BlockState& state, int input) const;
  void expand(BlockState& state, const Register& source, char* target) const;
  void storeOutput(BlockState& state, int output) const;
  void setExtent(BlockState& state) const;
  char* buffer(const BlockState& state, int index) const { return state.buffers + index * bufferBytes_; }
  int64_t stride(int operand, int dim) const { return dim < 0 ? 0 : space_.strides[operand][dim]; }

  const Program& program_;
  const Space& space_;
  Cut cut_;
  int elementBytes_;

  int gridDims_ = 0;
  int rowGrid_ = -1, colGrid_ = -1;  // the grid dimensions that count blocks of rows and columns
  int64_t blocks_ = 1;
  std::array<int64_t, kMaxGrid> gridCount_;
  std::array<std::array<int64_t, kMaxOperands>, kMaxGrid> gridStep_;  // bytes

  std::array<Access, kMaxOperands> access_;
  std::array<ConvertFn, kMaxOperands> convert_;
  std::array<int16_t, kMaxOperands> inputBuffer_;
  std::array<int16_t, kMaxSteps> stepBuffer_;  // -1 - output: written straight to that output
  std::array<StepFn, kMaxSteps> stepFn_;
  std::array<bool, kMaxOperands> direct_;  // per output: a step has already written it
  std::array<bool, kMaxOperands> stream_;  // per output: it goes past the caches
  bool streaming_ = false;                 // some output does
  bool storing_ = false;
  int buffers_ = 0;
  int staging_ = -1;  // first of two buffers for values on their way to or from memory
  int64_t bufferBytes_ = 0;

  alignas(kSplatBytes) char constants_[kMaxOperands + kMaxScalars][kSplatBytes];
};

// Fills a vector with one element, converted to the compute type.
void fillSplat(char* target, const void* source, ConvertFn load, int elementBytes);

// One thread's work space, kept between programs.
char* workSpace(int64_t bytes);

}  // namespace cresset::cpu
