// The one way to use several cores: OpenMP's pool, which oneDNN and OpenBLAS share. A second pool would fight with it.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string_view>

namespace cresset {

// The number of threads that kernels use (OMP_NUM_THREADS at start), and its change (at least 1).
inline int threads() { return omp_get_max_threads(); }
void setThreads(int count);

// The instruction set that the kernels run on: "AVX3", "AVX2", "SSE4".
std::string_view targetName();

// Carries the first exception of a parallel region out of it.
class FirstException {
 public:
  template <typename Body>
  void guard(Body&& body) noexcept {
    try {
      body();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!first_) first_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr first_;
};

// Calls body(begin, end) on parts of [0, count), in parallel when there are at least two grains of work; each thread
// gets one contiguous part. `body` may throw.
template <typename Body>
void parallelFor(int64_t count, int64_t grain, Body&& body) {
  if (count <= 0) return;
  const int64_t parts = std::min<int64_t>(threads(), count / std::max<int64_t>(grain, 1));
  if (parts <= 1 || omp_in_parallel()) {
    body(int64_t{0}, count);
    return;
  }
  FirstException failure;
#pragma omp parallel num_threads(static_cast <int>(parts))
  {
    // OpenMP may give fewer threads than asked for.
    const int64_t team = omp_get_num_threads();
    const int64_t index = omp_get_thread_num();
    const int64_t begin = count * index / team;
    const int64_t end = count * (index + 1) / team;
    if (begin < end) failure.guard([&] { body(begin, end); });
  }
  failure.rethrow();
}

}  // namespace cresset
