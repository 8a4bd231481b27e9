// The caching allocator of the backend. Tensors come and go by the million: asking the operating system each time costs
// page faults worth several passes over the data, so freed blocks are kept by size class and handed out again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace cresset {

struct PoolStatistics {
  size_t live = 0;         // bytes in blocks handed out
  size_t peak = 0;         // the largest `live` so far
  size_t cached = 0;       // bytes kept for reuse
  size_t handles = 0;      // blocks handed out
  size_t allocations = 0;  // blocks asked for since the start
};

class Pool {
 public:
  Pool();
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A block of at least `bytes`, aligned to 64 bytes, contents undefined. Throws OutOfMemory.
  void* allocate(size_t bytes);
  // Takes back a block that was allocated with the same `bytes`.
  void free(void* block, size_t bytes) noexcept;

  // True when so much was allocated since the last collection that the caller should collect garbage now; asking again
  // before the next allocation answers false. Growth counts, not size: a large model that just lies there causes no
  // collections, a loop that makes garbage is collected regularly, and blocks given back explicitly never count.
  bool pressure();

  // Gives every cached block back to the operating system.
  void trim();
  PoolStatistics statistics();

  // The pool of the process.
  static Pool& instance();

  static constexpr int kClasses = 4 * 48;

 private:
  struct FreeBlock {
    FreeBlock* next;
  };

  void trimTo(size_t bytes) noexcept;
  void settle();

  std::mutex mutex_;
  std::array<FreeBlock*, kClasses> free_{};
  PoolStatistics statistics_;
  size_t limit_;          // bytes that this process may hold
  size_t lastSize_ = 0;   // of the block handed out last
  size_t baseBytes_ = 0;  // live bytes after the last collection
  size_t baseHandles_ = 0;
  bool collecting_ = false;  // pressure was signalled; the next allocation sees what the collection left
};

}  // namespace cresset
