// Memory as the operating system gives it: the blocks that the pool keeps and hands out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace cresset {

// At least `bytes`, aligned to 64, on huge pages where they are large. Null when the system has none.
void* fromSystem(size_t bytes);
// Gives back what `fromSystem` gave for the same `bytes`.
void toSystem(void* block, size_t bytes) noexcept;

// The contents of an open file, copied page by page where they are written, so that the file stays as it is. Null when
// the system refuses.
void* mapFile(int file, size_t bytes);
void unmapFile(void* memory, size_t bytes) noexcept;

// Asks the system to bring a range of an open file to the disk, and does not wait for it: what is written next is
// copied meanwhile, and a sync at the end finds less to do. Does nothing where the file or the system cannot.
void beginWritingFile(int file, int64_t offset, int64_t bytes) noexcept;

// Gives back what the C library still holds of freed blocks.
void trimSystem() noexcept;

// The memory of the machine, of this process's control group or of a group around it, whichever is least: beyond it the
// kernel would kill the process. `root` stands before the paths of the system's files.
size_t memoryLimit(const std::string& root = "");

}  // namespace cresset
