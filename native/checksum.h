// The CRC-32 of zip archives.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cresset {

// The checksum of bytes that follow others, whose checksum is `before`; 0 where there are none.
uint32_t crc32(const void* bytes, size_t count, uint32_t before);

}  // namespace cresset
