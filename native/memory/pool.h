// The caching allocator of the backend. Tensors come and go by the million: asking the operating system each time costs
// page faults worth several passes over the data, so freed blocks are kept by size class and handed out again.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "memory/free-blocks.h"

namespace cresset {

struct PoolStatistics {
  size_t live = 0;            // bytes in blocks handed out, to tensors and to kernels while they run
  size_t peak = 0;            // the largest `live` since the start or since `resetPeak`
  size_t cached = 0;          // bytes kept for reuse
  size_t reservedPeak = 0;    // the largest `live + cached`, likewise
  size_t handles = 0;         // blocks handed out
  size_t handlesPeak = 0;     // the largest `handles`, likewise
  size_t allocations = 0;     // blocks asked for since the start
  size_t allocatedBytes = 0;  // bytes in them
  size_t mappedBytes = 0;     // bytes taken from the system since the start
};

class Pool {
 public:
  Pool();
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A block of at least `bytes`, aligned to 64 bytes, contents undefined. Throws OutOfMemory.
  void* allocate(size_t bytes);
  // Takes back a block that was allocated with the same `bytes`. Never asks the system for anything: it runs inside
  // garbage collection.
  void free(void* block, size_t bytes) noexcept;

  // True when so much was allocated since the last collection that the caller should collect garbage now; asking again
  // before the next allocation answers false. Growth counts, not size: a large model that just lies there causes no
  // collections, a loop that makes garbage is collected regularly, and blocks given back explicitly never count.
  bool pressure();

  // Gives every cached block back to the operating system.
  void trim();
  // Gives back the blocks that nobody used since the call before, unless that was less than `period` ago.
  void age(std::chrono::milliseconds period);
  // Counts peaks from now on.
  void resetPeak();
  PoolStatistics statistics();

  // The pool of the process.
  static Pool& instance();

  static constexpr int kClasses = 4 * 48;

 private:
  // Blocks on their way back to the system: a list through their own memory, which nobody needs any more.
  struct Leaving {
    Leaving* next;
    size_t size;
  };

  // Takes blocks out of the cache, the longest unused first, until at most `bytes` are cached or all that are left were
  // freed after the count `before`.
  Leaving* leave(size_t bytes, uint64_t before) noexcept;
  // Takes out what is more than the cache may hold, or than there is room for.
  Leaving* leaveBeyond(size_t room) noexcept;
  // Unmapping takes milliseconds, so nobody holds the mutex meanwhile. Answers how many bytes went.
  static size_t giveBack(Leaving* blocks) noexcept;
  // Counts a block that is handed out.
  void count(size_t size);
  void settle();

  std::mutex mutex_;
  std::array<FreeBlocks, kClasses> free_;
  std::array<size_t, kClasses> blocks_{};  // of each class, live and cached
  PoolStatistics statistics_;
  uint64_t frees_ = 0;
  uint64_t agedAt_ = 0;  // `frees_` at the last call of `age`
  std::chrono::steady_clock::time_point lastAge_;
  size_t limit_;          // bytes that this process may hold
  size_t lastSize_ = 0;   // of the block handed out last
  size_t baseBytes_ = 0;  // live bytes after the last collection
  size_t baseHandles_ = 0;
  bool collecting_ = false;  // pressure was signalled; the next allocation sees what the collection left
};

}  // namespace cresset
