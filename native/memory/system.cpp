#include "memory/system.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fstream>

#include "control-groups.h"

namespace cresset {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;

// Large blocks begin at different distances from their huge page: streams through operands that all begin on one meet
// in the same memory banks and cache sets, which costs a 16 M add 3 to 7 %.
constexpr size_t kStaggerStep = 21 * kAlignment;
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

}  // namespace

void* fromSystem(size_t bytes) { return bytes >= kHugePage ? mapLarge(bytes) : std::aligned_alloc(kAlignment, bytes); }

void toSystem(void* block, size_t bytes) noexcept {
  if (bytes >= kHugePage) {
    munmap(reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(block) & ~(kHugePage - 1)), bytes + kStaggerRoom);
  } else {
    std::free(block);
  }
}

void* mapFile(int file, size_t bytes) {
  // Without reserve: a private copy of a page is made only when the page is written.
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

void unmapFile(void* memory, size_t bytes) noexcept { munmap(memory, bytes); }

void beginWritingFile([[maybe_unused]] int file, [[maybe_unused]] int64_t offset,
                      [[maybe_unused]] int64_t bytes) noexcept {
#ifdef SYNC_FILE_RANGE_WRITE
  sync_file_range(file, offset, bytes, SYNC_FILE_RANGE_WRITE);
#endif
}

void trimSystem() noexcept {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

size_t memoryLimit(const std::string& root) {
  size_t limit = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  for (const std::string& folder : controlGroups("memory", root)) {
    // Version 2, where "max" is no number, and version 1.
    for (const char* name : {"/memory.max", "/memory.limit_in_bytes"}) {
      std::ifstream file(folder + name);
      size_t bytes = 0;
      if (file >> bytes && bytes != 0) limit = std::min(limit, bytes);
    }
  }
  return limit;
}

}  // namespace cresset
