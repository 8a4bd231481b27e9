// Blocks of the pool that the tables of several threads hold: tensors go from a loader's worker to the loop, and back,
// without a copy. The last holder gives a block back.
#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "memory/pool.h"

namespace cresset {

class SharedBlocks {
 public:
  // A block becomes a shared one with a single holder.
  void add(char* block, size_t bytes) {
    const std::lock_guard lock(mutex_);
    blocks_.emplace(block, Block{bytes, 1});
  }

  void hold(char* block) {
    const std::lock_guard lock(mutex_);
    ++blocks_.at(block).holders;
  }

  // The size of a block; 0 when nobody shared one at this address.
  size_t bytesOf(char* block) {
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find(block);
    return found == blocks_.end() ? 0 : found->second.bytes;
  }

  // Ends the sharing of a block whose only holder asks. False, and nothing done, when there are others.
  bool keep(char* block) {
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find(block);
    if (found->second.holders > 1) return false;
    blocks_.erase(found);
    return true;
  }

  void drop(char* block) noexcept {
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find(block);
    if (found == blocks_.end() || --found->second.holders > 0) return;
    Pool::instance().free(block, found->second.bytes);
    blocks_.erase(found);
  }

  // Those of the process. Never destroyed: holders may be finalized while the process ends.
  static SharedBlocks& instance() {
    static SharedBlocks& all = *new SharedBlocks;
    return all;
  }

 private:
  struct Block {
    size_t bytes;
    int holders;
  };

  std::mutex mutex_;
  std::unordered_map<char*, Block> blocks_;
};

}  // namespace cresset
