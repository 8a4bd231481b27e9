// Memory that a kernel needs while it runs: a block of the pool, given back at the end of the scope.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "../memory/pool.h"

namespace cresset::cpu {

template <typename T>
class Temporary {
 public:
  Temporary() = default;
  // 64-byte aligned, contents undefined. A count of 0 takes nothing.
  explicit Temporary(int64_t count) : bytes_(static_cast<size_t>(count) * sizeof(T)) {
    if (bytes_ > 0) data_ = static_cast<T*>(Pool::instance().allocate(bytes_));
  }
  Temporary(Temporary&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}
  Temporary& operator=(Temporary&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Temporary() {
    if (data_ != nullptr) Pool::instance().free(data_, bytes_);
  }

  T* get() const { return data_; }
  T& operator[](int64_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace cresset::cpu
