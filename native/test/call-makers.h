// Calls of every structured kernel that follow its convention, with random sizes, dtypes and numbers.
#pragma once

#include <functional>
#include <initializer_list>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "dtype.h"
#include "operand.h"

namespace cresset::test {

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
  bool nonzero = false;   // numbers that count from 1
  bool fromZero = false;  // no number below 0
};

struct Call {
  std::vector<Given> operands;
  std::vector<double> ints, floats;
};

// What makes a call of a kernel, by the kernel's name.
const std::map<std::string, std::function<Call(Random&)>>& callMakers();

}  // namespace cresset::test
