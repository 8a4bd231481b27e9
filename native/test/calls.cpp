// Every structured kernel through the decoder: calls that follow its convention, and the same calls with something
// wrong in their descriptors. Each is refused, finds a fault in the data, or runs within its operands; the sanitizers
// watch, since every operand has a block of its own size.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "check.h"
#include "decode.h"
#include "dtype.h"
#include "memory/storages.h"
#include "registry.h"

namespace cresset::test {
namespace {

using Sizes = std::vector<int64_t>;

struct Random {
  std::mt19937 engine;
  int64_t below(int64_t limit) { return static_cast<int64_t>(engine() % static_cast<uint64_t>(limit)); }
  bool once(int64_t in) { return below(in) == 0; }
  template <typename Range>
  auto of(const Range& range) {
    return *(std::begin(range) + below(static_cast<int64_t>(std::size(range))));
  }
  int64_t size() { return once(16) ? 0 : 1 + below(4); }
  Sizes shape(int64_t least, int64_t most) {
    Sizes sizes(least + below(most - least + 1));
    for (int64_t& n : sizes) n = size();
    return sizes;
  }
  DType dtype() { return static_cast<DType>(below(kDTypes)); }
  DType floating() {
    return of(std::initializer_list{DType::Float16, DType::BFloat16, DType::Float32, DType::Float64});
  }
};

struct Given {
  DType dtype;
  Sizes sizes;
  bool dense = false;  // the convention wants it contiguous
  bool present = true;
};

struct Call {
  std::vector<Given> operands;
  std::vector<double> ints, floats;
};

constexpr DType kIndex = DType::Int64;

Sizes with(Sizes sizes, int64_t dim, int64_t size) {
  if (!sizes.empty()) sizes[dim] = size;
  return sizes;
}

Sizes joined(Sizes first, const Sizes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

int64_t dimOf(Random& random, const Sizes& sizes) { return random.below(std::max<int64_t>(1, std::ssize(sizes))); }

Call convolution(Random& random, int kind) {
  const int64_t s = 1 + random.below(3), groups = 1 + random.below(2);
  Sizes x = {random.size(), groups * random.size()}, w = {groups * random.size(), x[1] / groups}, y = {x[0], w[0]};
  std::vector<double> strides, padding, dilation;
  for (int64_t d = 0; d < s; ++d) {
    const int64_t in = 1 + random.below(5), kernel = 1 + random.below(3), stride = 1 + random.below(2);
    const int64_t pad = random.below(2), step = 1 + random.below(2);
    x.push_back(in);
    w.push_back(kernel);
    y.push_back(std::max<int64_t>(0, (in + 2 * pad - step * (kernel - 1) - 1 + stride) / stride));
    strides.push_back(static_cast<double>(stride));
    padding.push_back(static_cast<double>(pad));
    dilation.push_back(static_cast<double>(step));
  }
  const DType dtype = random.once(3) ? DType::Float32 : static_cast<DType>(1 + random.below(kDTypes - 1));
  const Given gx{dtype, x, true}, gw{dtype, w, true}, gy{dtype, y, true}, bias{dtype, {w[0]}, true, random.once(2)};
  std::vector<double> ints = {static_cast<double>(s)};
  for (const auto* list : {&strides, &padding, &dilation}) ints.insert(ints.end(), list->begin(), list->end());
  ints.push_back(static_cast<double>(groups));
  if (kind == 0) return {{gy, gx, gw, bias}, ints, {}};
  if (kind == 1) return {{gx, gy, gw}, ints, {}};
  return {{gw, bias, gx, gy}, ints, {}};
}

// kind: 0 average, 1 its gradient, 2 maximum.
Call sliding(Random& random, int kind) {
  const int64_t s = 1 + random.below(3);
  Sizes x = {random.size()}, y = x;
  std::vector<std::vector<double>> lists(kind == 2 ? 4 : 3);
  for (int64_t d = 0; d < s; ++d) {
    const int64_t in = 1 + random.below(6), kernel = 1 + random.below(3), stride = 1 + random.below(3);
    const int64_t pad = random.below(2), step = kind == 2 ? 1 + random.below(2) : 1;
    x.push_back(in);
    y.push_back(std::max<int64_t>(0, (in + 2 * pad - step * (kernel - 1) - 1 + stride) / stride));
    const int64_t numbers[] = {kernel, stride, pad, step};
    for (size_t k = 0; k < lists.size(); ++k) lists[k].push_back(static_cast<double>(numbers[k]));
  }
  std::vector<double> ints = {static_cast<double>(s)};
  for (const auto& list : lists) ints.insert(ints.end(), list.begin(), list.end());
  const DType dtype = kind == 1 ? random.floating() : random.dtype();
  if (kind == 2) return {{{dtype, y, true}, {kIndex, y, true, random.once(2)}, {dtype, x, true}}, ints, {}};
  ints.push_back(static_cast<double>(random.below(2)));
  ints.push_back(static_cast<double>(random.below(3)));
  if (kind == 1) std::swap(x, y);
  return {{{dtype, y, true}, {dtype, x, true}}, ints, {}};
}

Call adaptive(Random& random, int kind) {
  Sizes x = {random.size()}, y = x;
  for (int64_t d = random.below(3); d >= 0; --d) {
    x.push_back(1 + random.below(6));
    y.push_back(random.size());
  }
  const DType dtype = kind == 1 ? random.floating() : random.dtype();
  if (kind == 2) return {{{dtype, y, true}, {kIndex, y, true}, {dtype, x, true}}, {}, {}};
  if (kind == 1) std::swap(x, y);
  return {{{dtype, y, true}, {dtype, x, true}}, {}, {}};
}

Call maxPoolBackward(Random& random) {
  const Sizes planes = {random.size()};
  const Sizes y = joined(planes, random.shape(1, 3)), x = joined(planes, random.shape(1, 3));
  const DType dtype = random.dtype();
  return {{{dtype, x, true}, {dtype, y, true}, {kIndex, y, true}}, {}, {}};
}

Call matmul(Random& random) {
  const Sizes batch = random.shape(0, 2);
  const int64_t m = random.size(), n = random.size(), k = random.once(8) ? 100 : random.size();
  const DType dtype = random.dtype();
  const Sizes out = joined(batch, {m, n});
  const bool biased = random.once(2);
  return {{{dtype, out}, {dtype, joined(batch, {m, k})}, {dtype, joined(batch, {k, n})}, {dtype, out, false, biased}},
          {},
          {1, biased ? 1.0 : 0.0}};
}

// `count` operands of one floating dtype; ints: dim, a flag.
Call softmax(Random& random, int count) {
  const Sizes x = random.shape(0, 3);
  return {std::vector<Given>(count, Given{random.floating(), x}),
          {static_cast<double>(dimOf(random, x)), static_cast<double>(random.below(2))},
          {}};
}

Call extremum(Random& random) {
  const Sizes x = random.shape(1, 3);
  return {{{kIndex, Sizes(x.begin(), x.end() - 1)}, {random.dtype(), x}}, {}, {}};
}

Call moments(Random& random) {
  const Sizes x = random.shape(0, 3);
  const int64_t k = random.below(std::ssize(x) + 1);
  const Sizes kept(x.begin(), x.end() - k);
  const DType dtype = random.floating();
  return {{{dtype, kept, false, !random.once(4)}, {dtype, kept, false, !random.once(4)}, {random.dtype(), x}},
          {static_cast<double>(k)},
          {static_cast<double>(random.below(2))}};
}

Call scan(Random& random, DType dtype, bool indices) {
  const Sizes x = random.shape(0, 3);
  Call call{{{dtype, x}, {dtype, x}}, {static_cast<double>(dimOf(random, x))}, {}};
  if (indices) call.operands.insert(call.operands.begin() + 1, {kIndex, x});
  return call;
}

Call sort(Random& random) {
  Call call = scan(random, random.dtype(), true);
  call.ints.push_back(static_cast<double>(random.below(2)));
  return call;
}

Call topk(Random& random) {
  const Sizes x = random.shape(0, 3);
  const DType dtype = random.dtype();
  const Sizes values = x.empty() ? x : with(x, std::ssize(x) - 1, random.below(x.back() + 1));
  return {{{dtype, values}, {kIndex, values}, {dtype, x}}, {static_cast<double>(random.below(2)), 1}, {}};
}

Call searchsorted(Random& random) {
  const Sizes values = random.shape(1, 3);
  const DType dtype = random.dtype();
  return {{{kIndex, values}, {dtype, with(values, std::ssize(values) - 1, random.size())}, {dtype, values}},
          {static_cast<double>(random.below(2))},
          {}};
}

Call uniqueConsecutive(Random& random) {
  const Sizes n = {random.size()};
  const DType dtype = random.dtype();
  return {{{dtype, n, true}, {kIndex, n, true}, {kIndex, n, true}, {kIndex, {1}, true}, {dtype, n, true}}, {}, {}};
}

Call gather(Random& random) {
  const Sizes x = random.shape(0, 3);
  const int64_t dim = dimOf(random, x);
  const Sizes out = with(x, dim, random.size());
  const DType dtype = random.dtype();
  return {{{dtype, out}, {dtype, x}, {kIndex, out}}, {static_cast<double>(dim)}, {}};
}

Call scatter(Random& random) {
  const Sizes self = random.shape(0, 3);
  const int64_t dim = dimOf(random, self);
  const Sizes index = with(self, dim, random.size());
  const DType dtype = random.dtype();
  return {{{dtype, self}, {kIndex, index}, {dtype, index}},
          {static_cast<double>(dim), static_cast<double>(random.below(5))},
          {}};
}

// One index for a line of values along a dimension.
Call selection(Random& random, bool adds) {
  const Sizes whole = random.shape(1, 3);
  const int64_t dim = dimOf(random, whole), count = random.size();
  const Sizes part = with(whole, dim, count);
  const DType dtype = random.dtype();
  const Given index{kIndex, {count}};
  if (adds) {
    const double alpha = static_cast<double>(1 + random.below(2));
    return {{{dtype, whole}, index, {dtype, part}}, {static_cast<double>(dim)}, {alpha}};
  }
  return {{{dtype, part}, {dtype, whole}, index}, {static_cast<double>(dim)}, {}};
}

Call indexing(Random& random, bool writes) {
  const Sizes heads = random.shape(0, 2), rest = random.shape(0, 2);
  const int64_t k = 1 + random.below(2);
  Sizes target(k);
  for (int64_t& n : target) n = random.size();
  const DType dtype = random.dtype();
  const Given whole{dtype, joined(target, rest)}, dense{dtype, joined(heads, rest)};
  Call call{{writes ? whole : dense, writes ? dense : whole}, {static_cast<double>(k)}, {}};
  for (int64_t j = 0; j < k; ++j) call.operands.push_back({kIndex, heads});
  if (writes) call.ints.push_back(static_cast<double>(random.below(2)));
  return call;
}

Call nonzero(Random& random) {
  const Sizes x = random.shape(0, 3);
  return {{{kIndex, {random.size(), std::ssize(x)}}, {random.dtype(), x}}, {}, {}};
}

Call triangle(Random& random) {
  const Sizes x = random.shape(2, 3);
  const DType dtype = random.dtype();
  return {
      {{dtype, x}, {dtype, x}}, {static_cast<double>(random.below(7) - 3), static_cast<double>(random.below(2))}, {}};
}

constexpr int64_t kStateBytes = 5056;

Call generated(DType dtype, Sizes sizes, std::vector<double> ints, std::vector<double> floats) {
  return {{{DType::UInt8, {kStateBytes}, true}, {dtype, std::move(sizes)}}, std::move(ints), std::move(floats)};
}

Call bernoulli(Random& random) {
  Call call = generated(random.dtype(), random.shape(0, 3), {}, {0.5});
  call.operands.push_back({random.floating(), call.operands[1].sizes, false, random.once(2)});
  return call;
}

Call multinomial(Random& random) {
  const Sizes rows = random.shape(0, 1);
  const int64_t categories = random.size();
  const bool replacement = random.once(2);
  const int64_t samples = replacement ? random.size() : random.below(categories + 1);
  Call call = generated(kIndex, joined(rows, {samples}), {replacement ? 1.0 : 0.0}, {});
  call.operands.push_back({random.floating(), joined(rows, {categories})});
  return call;
}

// A call of each kernel that follows its convention.
const std::map<std::string, std::function<Call(Random&)>> kCalls = {
    {"matmul", matmul},
    {"conv", [](Random& r) { return convolution(r, 0); }},
    {"convBackwardInput", [](Random& r) { return convolution(r, 1); }},
    {"convBackwardWeight", [](Random& r) { return convolution(r, 2); }},
    {"maxPool", [](Random& r) { return sliding(r, 2); }},
    {"maxPoolBackward", maxPoolBackward},
    {"avgPool", [](Random& r) { return sliding(r, 0); }},
    {"avgPoolBackward", [](Random& r) { return sliding(r, 1); }},
    {"adaptiveAvgPool", [](Random& r) { return adaptive(r, 0); }},
    {"adaptiveAvgPoolBackward", [](Random& r) { return adaptive(r, 1); }},
    {"adaptiveMaxPool", [](Random& r) { return adaptive(r, 2); }},
    {"softmax", [](Random& r) { return softmax(r, 2); }},
    {"softmaxBackward", [](Random& r) { return softmax(r, 3); }},
    {"argmax", extremum},
    {"argmin", extremum},
    {"moments", moments},
    {"cumsum", [](Random& r) { return scan(r, r.dtype(), false); }},
    {"cumprod", [](Random& r) { return scan(r, r.dtype(), false); }},
    {"logcumsumexp", [](Random& r) { return scan(r, r.floating(), false); }},
    {"cummax", [](Random& r) { return scan(r, r.dtype(), true); }},
    {"cummin", [](Random& r) { return scan(r, r.dtype(), true); }},
    {"sort", sort},
    {"topk", topk},
    {"searchsorted", searchsorted},
    {"uniqueConsecutive", uniqueConsecutive},
    {"gather", gather},
    {"scatter", scatter},
    {"indexSelect", [](Random& r) { return selection(r, false); }},
    {"indexAdd", [](Random& r) { return selection(r, true); }},
    {"indexGet", [](Random& r) { return indexing(r, false); }},
    {"indexPut", [](Random& r) { return indexing(r, true); }},
    {"nonzero", nonzero},
    {"arange",
     [](Random& r) {
       return Call{{{r.dtype(), {r.size()}}}, {0, 2}, {0, 0.5}};
     }},
    {"linspace",
     [](Random& r) {
       return Call{{{r.dtype(), {r.size()}}}, {}, {-1, 1}};
     }},
    {"triangle", triangle},
    {"randomSeed",
     [](Random&) {
       return Call{{{DType::UInt8, {kStateBytes}, true}}, {0, 7}, {}};
     }},
    {"randomUniform",
     [](Random& r) {
       return generated(r.floating(), r.shape(0, 3), {}, {-1, 1});
     }},
    {"randomNormal",
     [](Random& r) {
       return generated(r.floating(), r.shape(0, 3), {}, {0, 1});
     }},
    {"randomInteger",
     [](Random& r) {
       return generated(r.dtype(), r.shape(0, 3), {0, 0, 0, 9}, {});
     }},
    {"randomBits", [](Random& r) { return generated(r.dtype(), r.shape(0, 3), {}, {}); }},
    {"randomBernoulli", bernoulli},
    {"randomExponential", [](Random& r) { return generated(r.floating(), r.shape(0, 3), {}, {1}); }},
    {"randomCauchy",
     [](Random& r) {
       return generated(r.floating(), r.shape(0, 3), {}, {0, 1});
     }},
    {"randomLogNormal",
     [](Random& r) {
       return generated(r.floating(), r.shape(0, 3), {}, {0, 1});
     }},
    {"randomGeometric", [](Random& r) { return generated(r.floating(), r.shape(0, 3), {}, {0.5}); }},
    {"randomPermutation", [](Random& r) { return generated(r.dtype(), {r.size()}, {}, {}); }},
    {"randomMultinomial", multinomial},
};

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
    fill(random, given.dtype, block);
    const int32_t slot = storages_.adopt(block.data(), block.size());
    return {slot, static_cast<int32_t>(given.dtype), offset, std::move(sizes), std::move(strides)};
  }
  const Storages& storages() const { return storages_; }

 private:
  // Small whole numbers; among indices a few that reach outside.
  static void fill(Random& random, DType dtype, std::vector<char>& block) {
    dispatch(dtype, [&]<typename T>() {
      for (size_t at = 0; at < block.size(); at += sizeof(T)) {
        const int64_t number = random.once(64) ? random.below(9) - 2 : random.below(2);
        T value;
        if constexpr (std::is_integral_v<T>)
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
    const auto found = kCalls.find(table[kernel].name);
    expect(found != kCalls.end(), "no call of ", table[kernel].name);
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
      } catch (const OutOfMemory&) {
        expect(spoilt, "a small call found no memory");
      }
    }
    expect(ran >= 30 && refused >= 20, table[kernel].name, ": ", ran, " ran and ", refused, " were refused");
  }
});

}  // namespace
}  // namespace cresset::test
