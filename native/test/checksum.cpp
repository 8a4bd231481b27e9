// The CRC-32 of zip archives.
#include "checksum.h"

#include <random>
#include <string_view>
#include <vector>

#include "check.h"

namespace cresset::test {
namespace {

const Registered kKnown("crc32: the check value of the catalogue, and the checksum of nothing", [] {
  constexpr std::string_view kDigits = "123456789";
  expect(crc32(kDigits.data(), kDigits.size(), 0) == 0xCBF43926, "of nine digits");
  expect(crc32(nullptr, 0, 0) == 0, "of nothing");
});

const Registered kFolded("crc32: a message in two parts has the checksum of the whole, wherever it is cut", [] {
  std::mt19937 random(1);
  std::vector<unsigned char> message(400);
  for (auto& byte : message) byte = static_cast<unsigned char>(random());
  uint32_t whole = 0;
  for (const unsigned char byte : message) whole = crc32(&byte, 1, whole);
  for (size_t cut = 0; cut <= message.size(); ++cut) {
    const uint32_t first = crc32(message.data(), cut, 0);
    expect(crc32(message.data() + cut, message.size() - cut, first) == whole, "cut at ", cut);
  }
});

}  // namespace
}  // namespace cresset::test
