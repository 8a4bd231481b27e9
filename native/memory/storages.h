// The table of storages: the small integers ("slots") by which descriptors name memory. A slot stays taken until its
// handle is collected, even after the block was given back, so that a late finalizer can never hit somebody else's
// storage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "memory/pool.h"
#include "memory/shared-blocks.h"
#include "memory/system.h"
#include "operand.h"

namespace cresset {

// Whose memory a storage is, and so who gets it back.
enum class Owner : uint8_t { Pool, JavaScript, File, Shared };

struct Storage {
  char* data = nullptr;  // null: the slot is free, or its block was released
  size_t bytes = 0;
  Owner owner = Owner::JavaScript;
  int32_t generation = 0;  // changes whenever the slot comes to name other memory, or none
};

class Storages {
 public:
  Storages() = default;
  Storages(const Storages&) = delete;
  Storages& operator=(const Storages&) = delete;
  ~Storages() {
    for (size_t slot = 0; slot < table_.size(); ++slot) release(static_cast<int32_t>(slot));
  }

  int32_t allocate(size_t bytes) {
    const int32_t slot = take();
    try {
      place(slot, static_cast<char*>(Pool::instance().allocate(bytes)), bytes, Owner::Pool);
    } catch (...) {
      forget(slot);
      throw;
    }
    return slot;
  }

  int32_t adopt(void* data, size_t bytes) {
    const int32_t slot = take();
    // An empty buffer has no address, and a null one would mean a dead slot.
    place(slot, data == nullptr ? &empty_ : static_cast<char*>(data), bytes, Owner::JavaScript);
    return slot;
  }

  // A file's contents as memory: read when it is touched, and never written to the file.
  int32_t map(int file, size_t bytes) {
    const int32_t slot = take();
    void* const data = mapFile(file, bytes);
    if (data == nullptr) {
      forget(slot);
      throw OutOfMemory("a file of " + std::to_string(bytes) + " bytes could not be mapped into memory");
    }
    place(slot, static_cast<char*>(data), bytes, Owner::File);
    return slot;
  }

  // Makes one more holder of a slot's block, for the table of another thread, which takes it by its address. Null for
  // memory of JavaScript and of files, which stays with its thread.
  char* share(int32_t slot) {
    Storage& storage = table_[slot];
    if (storage.owner == Owner::Pool) {
      SharedBlocks::instance().add(storage.data, storage.bytes);
      storage.owner = Owner::Shared;
    }
    if (storage.owner != Owner::Shared) return nullptr;
    SharedBlocks::instance().hold(storage.data);
    return storage.data;
  }

  // Takes the hold that `share` made. Throws BadRequest for an address that nobody shared.
  int32_t takeShared(char* data) {
    const int32_t slot = take();
    const size_t bytes = SharedBlocks::instance().bytesOf(data);
    if (bytes == 0) {
      forget(slot);
      throw BadRequest("no shared memory is at this address");
    }
    place(slot, data, bytes, Owner::Shared);
    return slot;
  }

  // Before a write: memory that other threads hold as well is left to them, and the slot names a copy.
  void unshare(int32_t slot) {
    Storage& storage = table_[slot];
    if (storage.data == nullptr || storage.owner != Owner::Shared) return;
    if (!SharedBlocks::instance().keep(storage.data)) {
      char* const copy = static_cast<char*>(Pool::instance().allocate(storage.bytes));
      std::memcpy(copy, storage.data, storage.bytes);
      SharedBlocks::instance().drop(storage.data);
      storage.data = copy;
    }
    storage.owner = Owner::Pool;
  }

  // Gives the block back; the slot stays taken, and dead.
  void release(int32_t slot) noexcept {
    Storage& storage = table_[slot];
    if (storage.data != nullptr && storage.owner == Owner::Pool) Pool::instance().free(storage.data, storage.bytes);
    if (storage.data != nullptr && storage.owner == Owner::File) unmapFile(storage.data, storage.bytes);
    if (storage.data != nullptr && storage.owner == Owner::Shared) SharedBlocks::instance().drop(storage.data);
    storage.data = nullptr;
    ++storage.generation;
  }

  // Frees a dead slot for the next storage. Runs inside garbage collection, where nothing may be thrown: there is room
  // for every slot among the free ones since the table grew.
  void forget(int32_t slot) noexcept {
    release(slot);
    free_.push_back(slot);
  }

  // Null for a number that names no living storage.
  const Storage* find(int64_t slot) const {
    if (slot < 0 || slot >= static_cast<int64_t>(table_.size())) return nullptr;
    const Storage& storage = table_[slot];
    return storage.data == nullptr ? nullptr : &storage;
  }

  // Equal answers at two moments: the slot named the same memory all the time between.
  int32_t generation(int64_t slot) const {
    return slot < 0 || slot >= static_cast<int64_t>(table_.size()) ? -1 : table_[slot].generation;
  }

  size_t taken() const { return table_.size() - free_.size(); }

 private:
  void place(int32_t slot, char* data, size_t bytes, Owner owner) {
    Storage& storage = table_[slot];
    storage.data = data;
    storage.bytes = bytes;
    storage.owner = owner;
  }

  int32_t take() {
    if (free_.empty()) {
      table_.emplace_back();
      try {
        free_.reserve(table_.capacity());
      } catch (...) {
        table_.pop_back();
        throw;
      }
      return static_cast<int32_t>(table_.size() - 1);
    }
    const int32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  std::vector<Storage> table_;
  std::vector<int32_t> free_;
  char empty_ = 0;
};

}  // namespace cresset
