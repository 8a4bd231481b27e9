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

// Elements moved or computed that make another thread worth waking.
constexpr int64_t kGrain = 32 * 1024;

// Parts per thread: a thread that the system interrupts holds up a part of its work, not all of it.
constexpr int64_t kPartsPerThread = 4;

// Calls body(begin, end) on parts of [0, count), in parallel when there are at least two grains of work. Parts are
// handed out as threads become free, so which thread gets which, and how many there are, must not matter. `body` may
// throw.
//
// Either one thread works or all do, also where there are fewer parts than threads: GNU's OpenMP ends the threads that
// are not in a team and makes new ones for the next larger team, which costs more than letting some find no part.
template <typename Body>
void parallelFor(int64_t count, int64_t grain, Body&& body) {
  if (count <= 0) return;
  const int64_t grains = count / std::max<int64_t>(grain, 1);
  const int team = threads();
  if (team <= 1 || grains <= 1 || omp_in_parallel()) {
    body(int64_t{0}, count);
    return;
  }
  const int64_t parts = std::min(grains, team * kPartsPerThread);
  FirstException failure;
#pragma omp parallel for num_threads(team) schedule(dynamic, 1)
  for (int64_t part = 0; part < parts; ++part) {
    failure.guard([&] { body(count * part / parts, count * (part + 1) / parts); });
  }
  failure.rethrow();
}

}  // namespace cresset
