// The free blocks of one size: the one freed last is handed out first, since it may still be in the caches; the one
// freed first is given back to the system first. The list lies outside the blocks, so blocks that wait are not touched.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cresset {

class FreeBlocks {
 public:
  struct Entry {
    void* block;
    uint64_t freed;  // the pool's count of frees at that moment: smaller means longer unused
  };

  bool empty() const { return first_ == last_; }
  // When the block that has waited longest was freed. Not empty.
  uint64_t oldest() const { return at(first_).freed; }

  // Makes room for `blocks` in all, so that freeing one never allocates: blocks are freed inside garbage collection.
  void reserve(size_t blocks) {
    if (blocks <= entries_.size()) return;
    std::vector<Entry> grown(std::bit_ceil(blocks));
    for (size_t i = first_; i != last_; ++i) grown[i - first_] = at(i);
    last_ -= first_;
    first_ = 0;
    entries_.swap(grown);
  }

  void push(Entry entry) noexcept { at(last_++) = entry; }
  void* popNewest() noexcept { return at(--last_).block; }
  void* popOldest() noexcept { return at(first_++).block; }

 private:
  Entry& at(size_t index) { return entries_[index & (entries_.size() - 1)]; }
  const Entry& at(size_t index) const { return entries_[index & (entries_.size() - 1)]; }

  std::vector<Entry> entries_;  // a ring of a power of two: entries `first_` to `last_`, modulo its size
  size_t first_ = 0;
  size_t last_ = 0;
};

}  // namespace cresset
