#include "memory/pool.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "memory/system.h"
#include "operand.h"

namespace cresset {
namespace {

constexpr size_t kMegabyte = size_t{1} << 20;
constexpr size_t kSmallest = 64;
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

OutOfMemory refused(size_t bytes) {
  return OutOfMemory("can't allocate memory: you tried to allocate " + std::to_string(bytes) + " bytes.");
}

}  // namespace

Pool::Pool() : limit_(memoryLimit()) {}

Pool::~Pool() { trim(); }

// Never destroyed: storages may live on while the process ends.
Pool& Pool::instance() {
  static Pool& pool = *new Pool;
  return pool;
}

void* Pool::allocate(size_t bytes) {
  if (bytes > limit_) throw refused(bytes);
  const int index = classOf(bytes);
  const size_t size = sizeOf(index);
  std::unique_lock lock(mutex_);
  if (collecting_) settle();
  FreeBlocks& free = free_[index];
  if (!free.empty()) {
    void* const block = free.popNewest();
    statistics_.cached -= size;
    count(size);
    Leaving* const surplus = leaveBeyond(SIZE_MAX);
    lock.unlock();
    giveBack(surplus);
    return block;
  }
  if (statistics_.live + size > limit_) throw refused(bytes);
  free.reserve(blocks_[index] + 1);
  Leaving* const surplus = leaveBeyond(limit_ - statistics_.live - size);
  lock.unlock();
  giveBack(surplus);
  void* block = fromSystem(size);
  if (block == nullptr) {
    trim();
    block = fromSystem(size);
  }
  if (block == nullptr) throw refused(bytes);
  lock.lock();
  try {
    free.reserve(blocks_[index] + 1);
  } catch (...) {
    toSystem(block, size);
    throw;
  }
  ++blocks_[index];
  statistics_.mappedBytes += size;
  count(size);
  statistics_.reservedPeak = std::max(statistics_.reservedPeak, statistics_.live + statistics_.cached);
  return block;
}

void Pool::count(size_t size) {
  lastSize_ = size;
  statistics_.live += size;
  statistics_.peak = std::max(statistics_.peak, statistics_.live);
  ++statistics_.handles;
  statistics_.handlesPeak = std::max(statistics_.handlesPeak, statistics_.handles);
  ++statistics_.allocations;
  statistics_.allocatedBytes += size;
}

void Pool::free(void* block, size_t bytes) noexcept {
  const int index = classOf(bytes);
  const size_t size = sizeOf(index);
  const std::lock_guard lock(mutex_);
  free_[index].push({block, ++frees_});
  statistics_.cached += size;
  statistics_.live -= size;
  --statistics_.handles;
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

Pool::Leaving* Pool::leave(size_t bytes, uint64_t before) noexcept {
  // Classes with free blocks as a heap, the one whose block waits longest on top.
  std::array<int, kClasses> classes;
  size_t waiting = 0;
  for (int index = 0; index < kClasses; ++index)
    if (!free_[index].empty()) classes[waiting++] = index;
  const auto later = [&](int a, int b) { return free_[a].oldest() > free_[b].oldest(); };
  const auto begin = classes.begin();
  std::make_heap(begin, begin + waiting, later);
  Leaving* leaving = nullptr;
  while (waiting > 0 && statistics_.cached > bytes) {
    std::pop_heap(begin, begin + waiting, later);
    const int index = classes[waiting - 1];
    if (free_[index].oldest() > before) break;
    const size_t size = sizeOf(index);
    leaving = new (free_[index].popOldest()) Leaving{leaving, size};
    --blocks_[index];
    statistics_.cached -= size;
    if (free_[index].empty()) {
      --waiting;
    } else {
      std::push_heap(begin, begin + waiting, later);
    }
  }
  return leaving;
}

Pool::Leaving* Pool::leaveBeyond(size_t room) noexcept {
  const size_t most = std::min(room, std::max(std::min(kCacheMin, limit_ / 4), statistics_.live));
  // Down to three quarters, so that the next blocks do not each trim again.
  return statistics_.cached > most ? leave(most / 4 * 3, UINT64_MAX) : nullptr;
}

size_t Pool::giveBack(Leaving* blocks) noexcept {
  size_t bytes = 0;
  while (blocks != nullptr) {
    const Leaving gone = *blocks;
    toSystem(blocks, gone.size);
    bytes += gone.size;
    blocks = gone.next;
  }
  return bytes;
}

void Pool::trim() {
  std::unique_lock lock(mutex_);
  Leaving* const leaving = leave(0, UINT64_MAX);
  lock.unlock();
  if (giveBack(leaving) > 0) trimSystem();
}

void Pool::age(std::chrono::milliseconds period) {
  std::unique_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - lastAge_ < period) return;
  lastAge_ = now;
  Leaving* const leaving = leave(0, std::exchange(agedAt_, frees_));
  lock.unlock();
  if (giveBack(leaving) > 0) trimSystem();
}

void Pool::resetPeak() {
  const std::lock_guard lock(mutex_);
  statistics_.peak = statistics_.live;
  statistics_.reservedPeak = statistics_.live + statistics_.cached;
  statistics_.handlesPeak = statistics_.handles;
}

PoolStatistics Pool::statistics() {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

}  // namespace cresset
