// Every structured kernel through the decoder: calls that follow its convention, and the same calls with something
// wrong in their descriptors. Each is refused, finds a fault in the data, or runs within its operands; the sanitizers
// watch, since every operand has a block of its own size.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "call-makers.h"
#include "check.h"
#include "decode.h"
#include "memory/storages.h"
#include "registry.h"

namespace cresset::test {
namespace {

// An operand as its descriptor says, over memory that is exactly as large as that.
struct Described {
  int32_t slot, dtype;
  double offset;  // bytes
  std::vector<double> sizes, strides;
};

class Memory {
 public:
  Described place(Random& random, const Given& given) {
    if (!given.present) return {-1, 0, 0, {}, {}};
    std::vector<size_t> order(given.sizes.size());
    for (size_t d = 0; d < order.size(); ++d) order[d] = d;
    if (!given.dense && random.once(3)) std::shuffle(order.begin(), order.end(), random.engine);
    std::vector<double> sizes(given.sizes.begin(), given.sizes.end()), strides(sizes.size());
    int64_t extent = 1;
    double offset = 0;
    for (auto d = order.rbegin(); d != order.rend(); ++d) {
      const int64_t size = given.sizes[*d];
      strides[*d] = static_cast<double>(extent);
      if (!given.dense && size > 0 && random.once(6)) {
        offset += static_cast<double>((size - 1) * extent * elementSize(given.dtype));
        strides[*d] = -strides[*d];
      }
      extent *= size;
    }
    if (extent == 0) offset = 0;
    blocks_.emplace_back(extent * elementSize(given.dtype));
    auto& block = blocks_.back();
    fill(random, given, block);
    const int32_t slot = storages_.adopt(block.data(), block.size());
    return {slot, static_cast<int32_t>(given.dtype), offset, std::move(sizes), std::move(strides)};
  }
  const Storages& storages() const { return storages_; }

 private:
  // Small whole numbers; among indices a few that reach outside.
  static void fill(Random& random, const Given& given, std::vector<char>& block) {
    dispatch(given.dtype, [&]<typename T>() {
      for (size_t at = 0; at < block.size(); at += sizeof(T)) {
        const int64_t drawn = random.once(64) ? random.below(9) - 2 : random.below(2);
        const int64_t small = given.fromZero ? std::abs(drawn) : drawn;
        const int64_t number = given.nonzero && small == 0 ? 1 : small;
        T value;
        if constexpr (std::is_same_v<T, bool_t>)
          value.byte = static_cast<uint8_t>(number * 0x55);  // any byte but 0 is true
        else if constexpr (std::is_integral_v<T>)
          value = static_cast<T>(number);
        else
          value = T(static_cast<ArithmeticOf<T>>(number));
        std::memcpy(block.data() + at, &value, sizeof value);
      }
    });
  }

  std::vector<std::vector<char>> blocks_;
  Storages storages_;
};

constexpr double kNumbers[] = {-1, 0, 1, 2, 3, 5, 17, 1e6, 0x1p31, 0x1p40, 0x1p53, 0x1p60, 0.5};

void spoil(Random& random, std::vector<Described>& operands, std::vector<double>& ints, std::vector<double>& floats) {
  Described& operand = operands[random.below(std::ssize(operands))];
  const Described other = operands[random.below(std::ssize(operands))];
  const auto change = [&](std::vector<double>& numbers) {
    if (!numbers.empty()) numbers[random.below(std::ssize(numbers))] = random.of(kNumbers);
  };
  switch (random.below(10)) {
    case 0:
      return change(operand.sizes);
    case 1:
      return change(operand.strides);
    case 2:
      operand.offset = random.of(kNumbers);
      return;
    case 3:
      operand.dtype = static_cast<int32_t>(random.below(kDTypes + 1));
      return;
    case 4:
      operand.slot = other.slot;
      return;
    case 5:
      operand = other;
      return;
    case 6:
      if (operand.sizes.empty() || random.once(2)) {
        operand.sizes.push_back(1);
        operand.strides.push_back(0);
      } else {
        operand.sizes.pop_back();
        operand.strides.pop_back();
      }
      return;
    case 7:
      if (!operand.sizes.empty()) operand.sizes[random.below(std::ssize(operand.sizes))] += random.once(2) ? 1 : -1;
      return;
    case 8:
      if (!ints.empty() && random.once(3)) {
        ints.pop_back();
        return;
      }
      return change(ints);
    default:
      if (!floats.empty())
        floats[random.below(std::ssize(floats))] = random.of(std::initializer_list<double>{NAN, INFINITY, -2.0, 1e300});
  }
}

// Whether a kernel that is right could take for ever over so many elements.
bool tooLong(const std::vector<Described>& operands) {
  return std::ranges::any_of(operands, [](const Described& operand) {
    double count = 1;
    bool repeats = false;
    for (size_t d = 0; d < operand.sizes.size(); ++d) {
      count *= operand.sizes[d];
      repeats = repeats || operand.strides[d] == 0;
    }
    return repeats && count > 1e5;
  });
}

void encode(const Scratch& scratch, size_t kernel, const std::vector<Described>& operands,
            const std::vector<double>& ints, const std::vector<double>& floats) {
  int32_t* words = scratch.ints();
  double* numbers = scratch.doubles();
  for (const size_t word : {kernel, operands.size(), ints.size(), floats.size()}) *words++ = static_cast<int32_t>(word);
  for (const Described& operand : operands) {
    *words++ = operand.slot;
    *words++ = operand.dtype;
    *words++ = static_cast<int32_t>(operand.sizes.size());
    if (operand.slot == -1) continue;
    *numbers++ = operand.offset;
    for (const auto* list : {&operand.sizes, &operand.strides})
      numbers = std::copy(list->begin(), list->end(), numbers);
  }
  for (const auto* list : {&ints, &floats}) numbers = std::copy(list->begin(), list->end(), numbers);
}

const Registered kKernels("kernels: wrong descriptors are refused, right ones run within their operands", [] {
  Random random{std::mt19937(11)};
  alignas(64) static char memory[Scratch::kBytes];
  const Scratch scratch{memory};
  CallOperands decoded;
  const auto table = kernelTable();
  for (size_t kernel = 0; kernel < table.size(); ++kernel) {
    const auto found = callMakers().find(table[kernel].name);
    expect(found != callMakers().end(), "no call of ", table[kernel].name);
    int ran = 0, refused = 0;
    for (int round = 0; round < 240; ++round) {
      const Call call = found->second(random);
      const bool spoilt = round % 4 != 0;
      Memory blocks;
      std::vector<Described> operands;
      for (const Given& given : call.operands) operands.push_back(blocks.place(random, given));
      auto ints = call.ints, floats = call.floats;
      for (int64_t k = spoilt ? 1 + random.below(2) : 0; k > 0; --k) spoil(random, operands, ints, floats);
      if (tooLong(operands)) continue;
      encode(scratch, kernel, operands, ints, floats);
      try {
        decodeAndCall(scratch, blocks.storages(), decoded);
        ++ran;
      } catch (const BadRequest& error) {
        expect(spoilt, "a call that follows the convention was refused: ", error.what());
        ++refused;
      } catch (const IndexFault&) {
      } catch (const NumericFault&) {
      } catch (const FormatFault&) {
        ++ran;
      } catch (const OutOfMemory&) {
        expect(spoilt, "a small call found no memory");
      }
    }
    expect(ran >= 30 && refused >= 20, table[kernel].name, ": ", ran, " ran and ", refused, " were refused");
  }
});

}  // namespace
}  // namespace cresset::test
