#include "memory/pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <fstream>
#include <string>

#include "operand.h"

namespace cresset {
namespace {

constexpr size_t kMegabyte = size_t{1} << 20;
constexpr size_t kSmallest = 64;
constexpr size_t kHugePage = 2 * kMegabyte;
// Growth that calls for a collection: half of what lives, within these bounds. A collection costs about as much as a
// pass over 32 MB, so large blocks may pile up to twice their own size.
constexpr size_t kPressureMin = 64 * kMegabyte;
constexpr size_t kPressureMax = 512 * kMegabyte;
constexpr size_t kPressureBlocks = 2;
constexpr size_t kPressureHandles = 20'000;
// What may be cached beyond the live bytes.
constexpr size_t kCacheMin = 1024 * kMegabyte;

// Four classes per power of two waste at most a quarter of a block.
int classOf(size_t bytes) {
  if (bytes <= kSmallest) return 0;
  const size_t last = bytes - 1;
  const int power = std::bit_width(last) - 1;
  return (power - 6) * 4 + static_cast<int>((last >> (power - 2)) & 3) + 1;
}

size_t sizeOf(int index) {
  if (index == 0) return kSmallest;
  const int power = (index - 1) / 4 + 6;
  const size_t size = (size_t{1} << power) + (static_cast<size_t>((index - 1) % 4 + 1) << (power - 2));
  return (size + kSmallest - 1) & ~(kSmallest - 1);
}

// Large blocks begin at different distances from their huge page: streams through operands that all begin on one meet
// in the same memory banks and cache sets, which costs a 16 M add 3 to 7 %.
constexpr size_t kStaggerStep = 21 * kSmallest;
constexpr size_t kStaggers = 16;
constexpr size_t kStaggerRoom = (kStaggers * kStaggerStep + 4095) & ~size_t{4095};

// Whole huge pages fault in 512 times less often than small ones, so the memory of large blocks starts on one.
void* mapLarge(size_t wanted) {
  static std::atomic<size_t> next = 0;
  const size_t bytes = wanted + kStaggerRoom;
  const size_t reserve = bytes + kHugePage;
  void* const base = mmap(nullptr, reserve, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return nullptr;
  const auto address = reinterpret_cast<uintptr_t>(base);
  const uintptr_t start = (address + kHugePage - 1) & ~(kHugePage - 1);
  char* const block = static_cast<char*>(base) + (start - address);
  if (start != address) munmap(base, start - address);
  const size_t tail = address + reserve - (start + bytes);
  if (tail != 0) munmap(block + bytes, tail);
  madvise(block, bytes, MADV_HUGEPAGE);
  return block + next++ % kStaggers * kStaggerStep;
}

void* fromSystem(size_t bytes) { return bytes >= kHugePage ? mapLarge(bytes) : std::aligned_alloc(kSmallest, bytes); }

void toSystem(void* block, size_t bytes) noexcept {
  if (bytes >= kHugePage) {
    munmap(reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(block) & ~(kHugePage - 1)), bytes + kStaggerRoom);
  } else {
    std::free(block);
  }
}

// The memory of the machine or of the control group, whichever is less: beyond it the kernel would kill the process.
size_t memoryLimit() {
  size_t limit = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    size_t bytes = 0;
    if (file >> bytes && bytes != 0) limit = std::min(limit, bytes);
  }
  return limit;
}

OutOfMemory refused(size_t bytes) {
  return OutOfMemory("can't allocate memory: you tried to allocate " + std::to_string(bytes) + " bytes.");
}

}  // namespace

Pool::Pool() : limit_(memoryLimit()) {}

Pool::~Pool() { trim(); }

Pool& Pool::instance() {
  static Pool pool;
  return pool;
}

void* Pool::allocate(size_t bytes) {
  if (bytes > limit_) throw refused(bytes);
  const int index = classOf(bytes);
  const size_t size = sizeOf(index);
  const std::lock_guard lock(mutex_);
  if (collecting_) settle();
  void* block = free_[index];
  if (block != nullptr) {
    free_[index] = free_[index]->next;
    statistics_.cached -= size;
  } else {
    if (statistics_.live + statistics_.cached + size > limit_) trimTo(0);
    if (statistics_.live + size > limit_) throw refused(bytes);
    block = fromSystem(size);
    if (block == nullptr) {
      trimTo(0);
      block = fromSystem(size);
    }
    if (block == nullptr) throw refused(bytes);
  }
  lastSize_ = size;
  statistics_.live += size;
  statistics_.peak = std::max(statistics_.peak, statistics_.live);
  ++statistics_.handles;
  ++statistics_.allocations;
  return block;
}

void Pool::free(void* block, size_t bytes) noexcept {
  const int index = classOf(bytes);
  const size_t size = sizeOf(index);
  const std::lock_guard lock(mutex_);
  auto* const head = static_cast<FreeBlock*>(block);
  head->next = free_[index];
  free_[index] = head;
  statistics_.cached += size;
  statistics_.live -= size;
  --statistics_.handles;
  // Down to three quarters, so that the next blocks do not each trim again.
  const size_t bound = std::max(std::min(kCacheMin, limit_ / 4), statistics_.live);
  if (statistics_.cached > bound) trimTo(bound / 4 * 3);
}

void Pool::settle() {
  collecting_ = false;
  baseBytes_ = statistics_.live;
  baseHandles_ = statistics_.handles;
}

bool Pool::pressure() {
  const std::lock_guard lock(mutex_);
  // Whatever was freed without being asked for lowers the ground from which growth is measured.
  baseBytes_ = std::min(baseBytes_, statistics_.live);
  baseHandles_ = std::min(baseHandles_, statistics_.handles);
  if (collecting_) return false;
  const size_t most = std::clamp(limit_ / 8, kPressureMin, kPressureMax);
  const size_t threshold = std::clamp(std::max(baseBytes_ / 2, kPressureBlocks * lastSize_), kPressureMin, most);
  collecting_ = statistics_.live - baseBytes_ > threshold || statistics_.handles - baseHandles_ > kPressureHandles;
  return collecting_;
}

void Pool::trim() {
  const std::lock_guard lock(mutex_);
  trimTo(0);
}

void Pool::trimTo(size_t bytes) noexcept {
  for (int index = kClasses - 1; index >= 0; --index) {
    const size_t size = sizeOf(index);
    while (statistics_.cached > bytes && free_[index] != nullptr) {
      FreeBlock* const block = free_[index];
      free_[index] = block->next;
      statistics_.cached -= size;
      toSystem(block, size);
    }
  }
}

PoolStatistics Pool::statistics() {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

}  // namespace cresset
