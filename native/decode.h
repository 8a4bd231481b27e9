// From the shared scratch to checked descriptors. Nothing that a caller wrote there is believed: whatever names memory
// is held against the storage it names here, and every kernel holds its operands against each other
// (cpu/convention.h), so that a wrong descriptor is an error and never a wild access.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "memory/storages.h"
#include "program.h"

namespace cresset {

// The block of memory that JavaScript and the backend share: integers in its first half, doubles in its second.
struct Scratch {
  static constexpr size_t kBytes = 65536;
  static constexpr int64_t kInts = kBytes / 2 / sizeof(int32_t);
  static constexpr int64_t kDoubles = kBytes / 2 / sizeof(double);

  char* bytes = nullptr;
  int32_t* ints() const { return reinterpret_cast<int32_t*>(bytes); }
  double* doubles() const { return reinterpret_cast<double*>(bytes + kBytes / 2); }
  int64_t* longs() const { return reinterpret_cast<int64_t*>(bytes + kBytes / 2); }
};

// Reads the program in the scratch into `program` (which may hold an older one). Throws BadRequest.
void decodeProgram(const Scratch& scratch, const Storages& storages, Program& program);

// The operands of a structured call.
using CallOperands = std::array<Operand, 64>;

// Reads the structured call in the scratch into `operands` (which may hold those of an older one) and runs its kernel.
// Throws BadRequest, and whatever the kernel throws.
void decodeAndCall(const Scratch& scratch, const Storages& storages, CallOperands& operands);

// The address of `count` bytes at `offset` of a storage. Throws BadRequest when they are not all inside.
char* addressOf(const Storages& storages, int64_t slot, double offset, double count);

// A double that holds a whole number within ±2^53. Throws BadRequest otherwise.
int64_t whole(double value);

// The wire code of a dtype. Throws BadRequest.
DType dtypeOf(int32_t code);

}  // namespace cresset
