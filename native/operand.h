// What crosses the seam for a structured kernel: decoded descriptors. Shapes are already broadcast, types promoted and
// results allocated by the library; a kernel moves numbers and never decides a shape.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

namespace cresset {

// The order is the wire encoding (core/wire.ts holds the same list; start-up compares them).
enum class DType : int32_t {
#define DTYPE(name, type, bytes, compute) name,
#include "ops/dtypes.inc"
#undef DTYPE
};

constexpr int kMaxDims = 16;

// A strided view. Strides count elements, may be 0 (expanded) or negative (flipped). `data` already includes the
// offset; it is null for an optional operand that was not given.
struct Operand {
  void* data = nullptr;
  DType dtype = DType::Float32;
  int32_t ndim = 0;
  std::array<int64_t, kMaxDims> sizes{};
  std::array<int64_t, kMaxDims> strides{};

  template <typename T>
  T* as() const {
    return static_cast<T*>(data);
  }
  explicit operator bool() const { return data != nullptr; }
  int64_t numel() const {
    int64_t n = 1;
    for (int d = 0; d < ndim; ++d) n *= sizes[d];
    return n;
  }
  bool contiguous() const {
    int64_t expected = 1;
    for (int d = ndim - 1; d >= 0; --d) {
      if (sizes[d] != 1 && strides[d] != expected) return false;
      expected *= sizes[d];
    }
    return true;
  }
};

struct KernelArgs {
  std::span<const Operand> operands;
  std::span<const int64_t> ints;
  std::span<const double> floats;
};

// Thrown for an index found out of range in the data itself (gather, embedding…), before anything is written.
struct IndexFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Thrown when the device has no memory left; the library collects garbage, tries again, then reports OutOfMemoryError.
struct OutOfMemory : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Thrown when numbers make the operation impossible (a singular matrix), with PyTorch's words.
struct NumericFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Thrown for the contents of a file that cannot be what they should be.
struct FormatFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Thrown for a request that breaks the wire format or the convention of a kernel (a bug of the library's, never of a
// user's).
struct BadRequest : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using KernelFn = void (*)(const KernelArgs&);

}  // namespace cresset
