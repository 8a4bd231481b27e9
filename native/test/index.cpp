// Indexing, scanning and sorting in random layouts, each against a plain loop over multi-indices; and indices out of
// range.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "check.h"
#include "tensor.h"

namespace cresset::cpu {
#define KERNEL(name, operands, ints, floats) void name(const KernelArgs&);
#include "ops/kernels.inc"
#undef KERNEL
}  // namespace cresset::cpu

namespace cresset::test {
namespace {

using Sizes = std::vector<int64_t>;

const std::vector<Sizes> kShapes = {{1}, {9}, {700}, {3, 4}, {40, 30}, {2, 1, 5}, {4, 5, 6}, {70, 3}};

Tensor randomIndex(std::mt19937& random, const Sizes& sizes, int64_t low, int64_t high) {
  Tensor index = randomTensor(random, DType::Int64, sizes, false);
  forEachIndex(sizes, [&](const auto& at) {
    index.set(at, static_cast<double>(low + static_cast<int64_t>(random() % (high - low))));
  });
  return index;
}

struct Round {
  std::mt19937& random;
  DType dtype;
  Sizes sizes;
  int dim;
  int64_t n;
  Tensor x;
};

template <typename Body>
void rounds(int seed, Body&& body) {
  std::mt19937 random(seed);
  for (int round = 0; round < 160; ++round) {
    const auto dtype = static_cast<DType>(random() % kDTypes);
    const Sizes& sizes = kShapes[round % kShapes.size()];
    const int dim = static_cast<int>(random() % sizes.size());
    body(Round{random, dtype, sizes, dim, sizes[dim], randomTensor(random, dtype, sizes, true)});
  }
}

const Registered kGather("gather, indexSelect, scatter: random layouts", [] {
  rounds(1, [](Round round) {
    auto& [random, dtype, sizes, dim, n, x] = round;
    Sizes shape = sizes;
    shape[dim] = 1 + static_cast<int64_t>(random() % 6);
    Tensor index = randomIndex(random, shape, 0, n), out = randomTensor(random, dtype, shape, false);
    call(cpu::gather, {operandOf(out), operandOf(x), operandOf(index)}, {dim}, {});
    forEachIndex(shape, [&](Sizes at) {
      const double got = out.at(at);
      at[dim] = static_cast<int64_t>(index.at(at));
      expect(got == x.at(at), "gather ", got);
    });
    Tensor line = randomIndex(random, {shape[dim]}, 0, n);
    call(cpu::indexSelect, {operandOf(out), operandOf(x), operandOf(line)}, {dim}, {});
    forEachIndex(shape, [&](Sizes at) {
      const double got = out.at(at);
      at[dim] = static_cast<int64_t>(line.at({at[dim]}));
      expect(got == x.at(at), "indexSelect ", got);
    });
    Tensor self = randomTensor(random, dtype, sizes, false), source = randomTensor(random, dtype, shape, true),
           want = self;
    call(cpu::scatter, {operandOf(self), operandOf(index), operandOf(source)}, {dim, 0}, {});
    forEachIndex(shape, [&](Sizes at) {
      const double value = source.at(at);
      at[dim] = static_cast<int64_t>(index.at(at));
      want.set(at, value);
    });
    forEachIndex(sizes, [&](const Sizes& at) { expect(self.at(at) == want.at(at), "scatter"); });
    call(cpu::scatter, {operandOf(self), operandOf(index), operandOf(source)}, {dim, 1}, {});
    forEachIndex(shape, [&](Sizes at) {
      const double value = source.at(at);
      at[dim] = static_cast<int64_t>(index.at(at));
      const double sum = want.at(at) + value;
      want.set(at, stored(dtype, dtype == DType::Bool ? sum != 0 : sum));
    });
    forEachIndex(sizes, [&](const Sizes& at) { expect(self.at(at) == want.at(at), "scatter add"); });
  });
});

const Registered kSeveral("indexGet, indexPut: random layouts and negative indices", [] {
  rounds(2, [](Round round) {
    auto& [random, dtype, sizes, dim, n, x] = round;
    const int k = 1 + static_cast<int>(random() % sizes.size());
    const Sizes heads = {1 + static_cast<int64_t>(random() % 3), 1 + static_cast<int64_t>(random() % 4)};
    std::vector<Tensor> indices;
    for (int j = 0; j < k; ++j) indices.push_back(randomIndex(random, heads, -sizes[j], sizes[j]));
    Sizes shape = heads;
    shape.insert(shape.end(), sizes.begin() + k, sizes.end());
    const auto target = [&](const Sizes& at) {
      Sizes full;
      for (int j = 0; j < k; ++j) {
        const auto value = static_cast<int64_t>(indices[j].at({at[0], at[1]}));
        full.push_back(value < 0 ? value + sizes[j] : value);
      }
      full.insert(full.end(), at.begin() + 2, at.end());
      return full;
    };
    Tensor out = randomTensor(random, dtype, shape, false), values = randomTensor(random, dtype, shape, true);
    std::vector<Operand> get{operandOf(out), operandOf(x)};
    for (Tensor& index : indices) get.push_back(operandOf(index));
    call(cpu::indexGet, get, {k}, {});
    forEachIndex(shape, [&](const Sizes& at) { expect(out.at(at) == x.at(target(at)), "indexGet"); });
    Tensor self = randomTensor(random, dtype, sizes, false), want = self;
    std::vector<Operand> put{operandOf(self), operandOf(values)};
    for (Tensor& index : indices) put.push_back(operandOf(index));
    call(cpu::indexPut, put, {k, 0}, {});
    forEachIndex(shape, [&](const Sizes& at) { want.set(target(at), values.at(at)); });
    forEachIndex(sizes, [&](const Sizes& at) { expect(self.at(at) == want.at(at), "indexPut"); });
  });
});

const Registered kSort("sort, topk, cumsum, cummax: random layouts", [] {
  rounds(3, [](Round round) {
    auto& [random, dtype, sizes, dim, n, x] = round;
    Tensor values = randomTensor(random, dtype, sizes, false),
           indices = randomTensor(random, DType::Int64, sizes, false);
    const bool descending = random() % 2 == 0;
    const auto line = [&](Tensor& tensor, Sizes at) {
      std::vector<double> found;
      for (at[dim] = 0; at[dim] < n; ++at[dim]) found.push_back(tensor.at(at));
      return found;
    };
    Sizes starts = sizes;
    starts[dim] = 1;
    call(cpu::sort, {operandOf(values), operandOf(indices), operandOf(x)}, {dim, descending}, {});
    forEachIndex(starts, [&](const Sizes& at) {
      const std::vector<double> given = line(x, at);
      std::vector<double> order(n);
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(), [&](double a, double b) {
        const double p = given[static_cast<size_t>(a)], q = given[static_cast<size_t>(b)];
        return descending ? p > q : p < q;
      });
      expect(line(indices, at) == order, "positions of sort");
    });
    call(cpu::cummax, {operandOf(values), operandOf(indices), operandOf(x)}, {dim}, {});
    forEachIndex(starts, [&](const Sizes& at) {
      std::vector<double> want = line(x, at);
      for (int64_t i = 1; i < n; ++i) want[i] = std::max(want[i], want[i - 1]);
      expect(line(values, at) == want, "cummax");
    });
    Tensor sums = randomTensor(random, DType::Float64, sizes, false), wide = zeros(DType::Float64, sizes);
    forEachIndex(sizes, [&](const Sizes& at) { wide.set(at, x.at(at)); });
    call(cpu::cumsum, {operandOf(sums), operandOf(wide)}, {dim}, {});
    forEachIndex(starts, [&](const Sizes& at) {
      std::vector<double> want = line(wide, at);
      for (int64_t i = 1; i < n; ++i) want[i] += want[i - 1];
      expect(line(sums, at) == want, "cumsum");
    });
  });
});

const Registered kFaults("indices out of range are found before anything is written", [] {
  Tensor x = vectorOf(DType::Float32, {1, 2, 3});
  for (const double wrong : {3.0, -1.0, 0x1p62, -0x1p62}) {
    Tensor index = vectorOf(DType::Int64, {0, wrong}), source = vectorOf(DType::Float32, {8, 9});
    Tensor out = zeros(DType::Float32, {2});
    const auto refused = [&](KernelFn kernel, std::vector<Operand> operands, std::vector<int64_t> ints) {
      expectThrow<IndexFault>([&] { call(kernel, operands, ints, {1}); }, "an index out of range");
      expect(x.at({0}) == 1, "the target was written");
    };
    refused(cpu::gather, {operandOf(out), operandOf(x), operandOf(index)}, {0});
    refused(cpu::indexSelect, {operandOf(out), operandOf(x), operandOf(index)}, {0});
    refused(cpu::scatter, {operandOf(x), operandOf(index), operandOf(source)}, {0, 1});
    refused(cpu::indexAdd, {operandOf(x), operandOf(index), operandOf(source)}, {0});
    if (wrong == -1) continue;  // counts from the end
    refused(cpu::indexGet, {operandOf(out), operandOf(x), operandOf(index)}, {1});
    refused(cpu::indexPut, {operandOf(x), operandOf(source), operandOf(index)}, {1, 0});
  }
});

}  // namespace
}  // namespace cresset::test
