// The pool, the table of storages, and what the decoder refuses.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "check.h"
#include "decode.h"
#include "memory/pool.h"
#include "memory/storages.h"
#include "registry.h"

namespace cresset::test {
namespace {

const Registered kReuse("pool: blocks are aligned, writable, counted and used again", [] {
  Pool pool;
  for (const size_t bytes :
       {size_t{0}, size_t{1}, size_t{64}, size_t{65}, size_t{1000}, size_t{1} << 20, (size_t{3} << 20) + 5}) {
    void* const block = pool.allocate(bytes);
    expect(reinterpret_cast<uintptr_t>(block) % 64 == 0, "alignment of ", bytes);
    std::memset(block, 1, bytes);
    expect(pool.statistics().handles == 1 && pool.statistics().live >= bytes, "counters of ", bytes);
    pool.free(block, bytes);
    expect(pool.statistics().live == 0 && pool.statistics().cached >= bytes, "counters after ", bytes);
    void* const again = pool.allocate(bytes);
    expect(again == block, "reuse of ", bytes);
    pool.free(again, bytes);
  }
  pool.trim();
  expect(pool.statistics().cached == 0, "trimmed");
});

const Registered kOldest("pool: the block that was used last is used again, the one unused longest leaves first", [] {
  Pool pool;
  constexpr size_t kBytes = size_t{300} << 10;
  void* const first = pool.allocate(kBytes);
  void* const second = pool.allocate(kBytes);
  pool.free(first, kBytes);
  pool.free(second, kBytes);
  expect(pool.allocate(kBytes) == second, "the last one");
  pool.age(std::chrono::milliseconds(0));
  expect(pool.statistics().cached > 0, "used since the call before");
  pool.free(second, kBytes);
  pool.age(std::chrono::milliseconds(0));
  expect(pool.statistics().cached > 0, "the second was used, the first was not");
  expect(pool.allocate(kBytes) == second, "the second stayed");
  expect(pool.statistics().cached == 0, "the first left");
  pool.free(second, kBytes);
  pool.age(std::chrono::hours(1));
  expect(pool.statistics().cached > 0, "asked too early");
  pool.age(std::chrono::milliseconds(0));
  pool.age(std::chrono::milliseconds(0));
  expect(pool.statistics().cached == 0, "idle");
});

const Registered kPeaks("pool: peaks count from the last reset, totals from the start", [] {
  Pool pool;
  constexpr size_t kBytes = size_t{4} << 20;
  pool.free(pool.allocate(kBytes), kBytes);
  expect(pool.statistics().peak == kBytes && pool.statistics().reservedPeak == kBytes, "peaks");
  pool.trim();
  pool.resetPeak();
  expect(pool.statistics().peak == 0 && pool.statistics().reservedPeak == 0, "reset");
  pool.free(pool.allocate(kBytes), kBytes);
  const PoolStatistics all = pool.statistics();
  expect(all.allocatedBytes == 2 * kBytes && all.mappedBytes == 2 * kBytes && all.allocations == 2, "totals");
});

const Registered kRefused("pool: what the machine does not have is refused", [] {
  Pool pool;
  expectThrow<OutOfMemory>([&] { pool.allocate(size_t{1} << 50); }, "2^50 bytes");
  expectThrow<OutOfMemory>([&] { pool.allocate(SIZE_MAX); }, "every byte");
  pool.free(pool.allocate(100), 100);
});

const Registered kPressure("pool: growth asks for a collection, a steady state does not", [] {
  Pool pool;
  constexpr size_t kBytes = size_t{8} << 20;
  std::vector<void*> blocks;
  int signals = 0;
  for (int i = 0; i < 64; ++i) {
    blocks.push_back(pool.allocate(kBytes));
    signals += pool.pressure() ? 1 : 0;
  }
  expect(signals >= 2 && signals <= 8, signals, " signals while growing to 512 MB");
  for (int i = 0; i < 200; ++i) {
    pool.free(blocks.back(), kBytes);
    blocks.back() = pool.allocate(kBytes);
    expect(!pool.pressure(), "a signal without growth");
  }
  for (void* const block : blocks) pool.free(block, kBytes);
});

const Registered kSlots("storages: a released slot is dead, and free only after its handle is gone", [] {
  Storages storages;
  const int32_t first = storages.allocate(100);
  expect(storages.find(first) != nullptr && storages.find(first)->bytes == 100, "living");
  storages.release(first);
  storages.release(first);
  expect(storages.find(first) == nullptr, "released");
  const int32_t second = storages.allocate(10);
  expect(second != first, "taken while its handle lives");
  storages.forget(first);
  expect(storages.allocate(10) == first, "free after its handle is gone");
  char own[16];
  const int32_t adopted = storages.adopt(own, sizeof own);
  expect(storages.find(adopted)->data == own, "adopted");
  expect(storages.find(-1) == nullptr && storages.find(1000) == nullptr, "no such slot");
});

// Random descriptors: the decoder must refuse or run them, and never touch memory outside the storages (the sanitizers
// watch).
const Registered kNonsense("decoder: nonsense is refused", [] {
  std::mt19937 random(4);
  Storages storages;
  for (int i = 0; i < 4; ++i) {
    const int32_t slot = storages.allocate(256);
    std::memset(storages.find(slot)->data, 0, 256);
  }
  alignas(64) static char memory[Scratch::kBytes];
  const Scratch scratch{memory};
  static Program program;
  int accepted = 0;
  for (int round = 0; round < 30'000; ++round) {
    const auto small = [&](int limit) {
      return static_cast<int32_t>(random() % limit) - static_cast<int32_t>(random() % 16 == 0);
    };
    for (int i = 0; i < 64; ++i) scratch.ints()[i] = small(6);
    for (int i = 0; i < 64; ++i) scratch.doubles()[i] = small(5);
    scratch.ints()[0] = small(4);
    scratch.ints()[2] = small(3);
    scratch.ints()[6] = small(5) - 1;
    if (random() % 64 == 0) scratch.doubles()[random() % 32] = random() % 2 == 0 ? 1e300 : NAN;
    if (random() % 64 == 0) scratch.ints()[random() % 16] = static_cast<int32_t>(random());
    try {
      decodeProgram(scratch, storages, program);
      runProgram(program);
      ++accepted;
    } catch (const BadRequest&) {
    } catch (const NumericFault&) {
    }
  }
  expect(accepted > 100, "only ", accepted, " programs were accepted: the test tests nothing");
});

const Registered kMapped("storages: a mapped file is read where it is touched, and writes stay in memory", [] {
  std::FILE* const file = std::tmpfile();
  expect(file != nullptr && std::fputs("contents", file) >= 0 && std::fflush(file) == 0, "a file");
  Storages storages;
  const int32_t slot = storages.map(fileno(file), 8);
  char* const data = storages.find(slot)->data;
  expect(std::memcmp(data, "contents", 8) == 0, "read");
  data[0] = 'C';
  char first = 0;
  expect(pread(fileno(file), &first, 1, 0) == 1 && first == 'c', "the file stays");
  storages.release(slot);
  expect(storages.find(slot) == nullptr, "unmapped");
  storages.forget(slot);
  std::fclose(file);
  expectThrow<OutOfMemory>([&] { storages.map(-1, 8); }, "no file");
});

const Registered kShared(
    "storages: tables share a block until one of them writes, and the last holder gives it back", [] {
      const auto live = [] { return Pool::instance().statistics().live; };
      const size_t before = live();
      {
        Storages ours, theirs;
        const int32_t slot = ours.allocate(1000);
        std::memset(ours.find(slot)->data, 7, 1000);
        char* const address = ours.share(slot);
        expect(address == ours.find(slot)->data, "the address");
        const int32_t taken = theirs.takeShared(address);
        expect(theirs.find(taken)->data == address && theirs.find(taken)->bytes == 1000, "one block");
        theirs.unshare(taken);
        char* const copy = theirs.find(taken)->data;
        expect(copy != address && std::memcmp(copy, address, 1000) == 0, "a copy before the write");
        ours.unshare(slot);
        expect(ours.find(slot)->data == address, "the only holder keeps the block");
        char* const again = ours.share(slot);
        ours.release(slot);
        const int32_t last = theirs.takeShared(again);
        expect(theirs.find(last)->data[999] == 7, "it lives as long as somebody holds it");
        char own[8] = {};
        expect(ours.share(ours.adopt(own, sizeof own)) == nullptr, "memory of JavaScript is not shared");
        expectThrow<BadRequest>([&] { theirs.takeShared(own); }, "an address that nobody shared");
      }
      expect(live() == before, "all given back");
    });

const Registered kBounds("decoder: operands outside their storage", [] {
  Storages storages;
  const int32_t slot = storages.allocate(64);
  std::memset(storages.find(slot)->data, 0, 64);
  alignas(64) static char memory[Scratch::kBytes];
  const Scratch scratch{memory};
  static Program program;
  const auto decode = [&](double size, double offset, double stride) {
    const int32_t words[] = {0, 1, 1, 0, 0, 1, 0 - 1, 0, slot, 8, slot, 8, 0};
    std::memcpy(scratch.ints(), words, sizeof words);
    const double numbers[] = {size, offset, stride, 0, 0};
    std::memcpy(scratch.doubles(), numbers, sizeof numbers);
    decodeProgram(scratch, storages, program);
  };
  decode(16, 0, 1);
  decode(16, 60, -1);
  decode(8, 4, 2);
  decode(0, 64, 1);
  expectThrow<BadRequest>([&] { decode(17, 0, 1); }, "one too many");
  expectThrow<BadRequest>([&] { decode(16, 4, 1); }, "offset");
  expectThrow<BadRequest>([&] { decode(16, 56, -1); }, "before the beginning");
  expectThrow<BadRequest>([&] { decode(9, 0, 2); }, "stride");
  expectThrow<BadRequest>([&] { decode(4, 2, 1); }, "alignment");
  expectThrow<BadRequest>([&] { decode(1e300, 0, 1); }, "size");
  expectThrow<BadRequest>([&] { decode(4, NAN, 1); }, "no number");
  expectThrow<BadRequest>([&] { decode(2, 0, 1e18); }, "huge stride");
});

}  // namespace
}  // namespace cresset::test
