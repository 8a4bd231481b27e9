// Programs and reductions over random layouts and dtypes, against a loop over multi-indices.
#include <cmath>
#include <random>
#include <string>

#include "check.h"
#include "cpu/parallel.h"
#include "cpu/stream.h"
#include "tensor.h"

namespace cresset::test {
namespace {

using cpu::kStreamBytes;

constexpr int kRounds = 600;

DType anyDType(std::mt19937& random) { return static_cast<DType>(random() % kDTypes); }

std::vector<int64_t> anyShape(std::mt19937& random) {
  static const int64_t kSizes[] = {1, 2, 3, 5, 8, 17, 33, 70};
  std::vector<int64_t> sizes(random() % 5);
  int64_t count = 1;
  for (int64_t& size : sizes) {
    size = kSizes[random() % 8];
    if (count * size > 20'000) size = 1;
    count *= size;
  }
  if (!sizes.empty() && random() % 12 == 0) sizes[random() % sizes.size()] = 0;
  if (sizes.size() == 1 && random() % 4 == 0) sizes[0] = 70'001;
  return sizes;
}

std::string text(const std::vector<int64_t>& numbers) {
  std::string out = "[";
  for (const int64_t n : numbers) out += std::to_string(n) + " ";
  return out + "]";
}

// The value that a compute type sees.
double seen(ComputeType compute, double value) {
  return compute == ComputeType::Float32 || compute == ComputeType::Float64 ? value : std::trunc(value);
}

// Three steps with a scalar and two results, one of which may be an input or the scalar itself.
void checkSteps(std::mt19937& random, int round, ComputeType compute, const std::vector<int64_t>& sizes, Tensor a,
                Tensor b, Tensor first, Tensor second) {
  Program program = programOver(compute, sizes, {&a, &b}, {&first, &second});
  program.scalars = 1;
  const bool floating = compute == ComputeType::Float32 || compute == ComputeType::Float64;
  if (floating) {
    program.scalar[0].f = 2;
  } else {
    program.scalar[0].i = 2;
  }
  const int16_t product = addStep(program, PointwiseOp::mul, 0, 1);
  const int16_t sum = addStep(program, PointwiseOp::add, product, scalarRegister(program, 0));
  const int16_t larger = addStep(program, PointwiseOp::maximum, sum, 0);
  program.result[0] = larger;
  program.result[1] = random() % 4 == 0 ? int16_t{0} : random() % 4 == 0 ? scalarRegister(program, 0) : product;
  runProgram(program);
  forEachIndex(sizes, [&](const std::vector<int64_t>& index) {
    const double x = seen(compute, a.at(index)), y = seen(compute, b.at(index));
    const double wantFirst = stored(first.dtype, std::max(x * y + 2, x));
    const double wantSecond = stored(second.dtype, program.result[1] == 0 ? x : program.result[1] == 2 ? 2 : x * y);
    expect(first.at(index) == wantFirst && second.at(index) == wantSecond, "round ", round, " shape ", text(sizes),
           " at ", text(index), " compute ", program.compute == ComputeType::Float32, ": ", first.at(index), " for ",
           wantFirst, ", ", second.at(index), " for ", wantSecond);
  });
}

const Registered kMixed("programs: random layouts and dtypes", [] {
  std::mt19937 random(1);
  for (int round = 0; round < kRounds; ++round) {
    const auto sizes = anyShape(random);
    const auto compute = static_cast<ComputeType>(random() % 4);
    Tensor a = randomTensor(random, anyDType(random), sizes, true);
    Tensor b = randomTensor(random, anyDType(random), sizes, true);
    Tensor first = randomTensor(random, anyDType(random), sizes, false);
    Tensor second = randomTensor(random, anyDType(random), sizes, false);
    checkSteps(random, round, compute, sizes, a, b, first, second);
  }
});

const Registered kShort("programs: short operands of the compute type", [] {
  std::mt19937 random(11);
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<int64_t> sizes = {static_cast<int64_t>(1 + random() % (round % 8 == 0 ? 1500 : 40))};
    const auto compute = static_cast<ComputeType>(random() % 4);
    const DType dtype = nativeOf(compute);
    Tensor a = randomTensor(random, dtype, sizes, false);
    Tensor b = randomTensor(random, dtype, sizes, false);
    if (random() % 3 == 0) b.strides[0] = 0;
    Tensor first = zeros(dtype, sizes);
    Tensor second = zeros(dtype, sizes);
    checkSteps(random, round, compute, sizes, a, b, first, second);
  }
});

const Registered kInPlace("programs: results over their own inputs", [] {
  for (const int64_t size : {int64_t{1}, int64_t{100}, int64_t{5000}}) {
    Tensor x = zeros(DType::Float32, {size});
    Tensor y = zeros(DType::Float32, {size});
    for (int64_t i = 0; i < size; ++i) x.set({i}, static_cast<double>(i % 7)), y.set({i}, static_cast<double>(i % 5));
    // x = x + y, y = x - y: both steps see the old x.
    Program program = programOver(ComputeType::Float32, {size}, {&x, &y}, {&x, &y});
    program.result[0] = addStep(program, PointwiseOp::add, 0, 1);
    program.result[1] = addStep(program, PointwiseOp::sub, 0, 1);
    runProgram(program);
    for (int64_t i = 0; i < size; ++i) {
      expect(x.at({i}) == i % 7 + i % 5 && y.at({i}) == i % 7 - i % 5, "element ", i, " of ", size);
    }
    // Exchange: outputs store inputs as they are.
    Program swap = programOver(ComputeType::Float32, {size}, {&x, &y}, {&x, &y});
    swap.result[0] = 1;
    swap.result[1] = 0;
    runProgram(swap);
    for (int64_t i = 0; i < size; ++i)
      expect(y.at({i}) == i % 7 + i % 5 && x.at({i}) == i % 7 - i % 5, "exchanged ", i);
  }
});

const Registered kLong("programs: more steps than registers fit a cache", [] {
  Tensor x = vectorOf(DType::Float64, std::vector<double>(3000, 1.0));
  Tensor out = zeros(DType::Float64, {3000});
  Program program = programOver(ComputeType::Float64, {3000}, {&x}, {&out});
  int16_t last = 0;
  for (int k = 0; k < kMaxSteps; ++k) last = addStep(program, PointwiseOp::add, last, k % 3 == 0 ? last : 0);
  program.result[0] = last;
  runProgram(program);
  double want = 1;
  for (int k = 0; k < kMaxSteps; ++k) want += k % 3 == 0 ? want : 1;
  expect(out.at({0}) == want && out.at({2999}) == want, out.at({0}), " for ", want);
});

const Registered kLarge("programs: results larger than the caches, aligned or not", [] {
  constexpr int64_t kSize = kStreamBytes / 4 + 12'345;
  constexpr int64_t kLine = cpu::kStreamLine / 4;
  Tensor x = zeros(DType::Float32, {kSize + 2 * kLine});
  Tensor out = zeros(DType::Float32, {kSize + 2 * kLine});
  auto* const source = reinterpret_cast<float*>(x.data());
  auto* const target = reinterpret_cast<float*>(out.data());
  for (int64_t i = 0; i < kSize; ++i) source[i] = static_cast<float>(i % 1001);
  const auto beyond = static_cast<int64_t>(reinterpret_cast<uintptr_t>(target) % cpu::kStreamLine / 4);
  for (const int64_t shift : {kLine - beyond, kLine - beyond + 1}) {
    std::fill_n(target, kSize + 2 * kLine, -1.0F);
    Program program = programOver(ComputeType::Float32, {kSize}, {&x}, {&out});
    program.operand[1].data += shift * 4;
    program.result[0] = addStep(program, PointwiseOp::add, 0, 0);
    runProgram(program);
    int64_t wrong = 0;
    for (int64_t i = 0; i < kSize; ++i) wrong += target[i + shift] != 2 * source[i] ? 1 : 0;
    expect(wrong == 0, wrong, " wrong elements with shift ", shift);
    expect(target[shift - 1] == -1 && target[kSize + shift] == -1, "wrote outside, shift ", shift);
  }
});

struct Reference {
  double start;
  double (*combine)(double, double);
};
const Reference kReferences[] = {
    {0, [](double a, double b) { return a + b; }},
    {1, [](double a, double b) { return a * b; }},
    {-INFINITY, [](double a, double b) { return std::max(a, b); }},
    {INFINITY, [](double a, double b) { return std::min(a, b); }},
};

// The output of a reduction: dense over the kept dimensions, stride 0 along the others.
Tensor reducedOutput(DType dtype, const std::vector<int64_t>& sizes, const std::vector<bool>& kept) {
  std::vector<int64_t> own;
  for (size_t d = 0; d < sizes.size(); ++d) own.push_back(kept[d] ? sizes[d] : 1);
  Tensor out = zeros(dtype, own);
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (!kept[d]) out.strides[d] = 0;
  }
  return out;
}

void checkReduction(std::mt19937& random, int round) {
  const auto sizes = anyShape(random);
  const int reduce = static_cast<int>(random() % 4);
  const auto compute = static_cast<ComputeType>(random() % 4);
  const DType native = nativeOf(compute);
  Tensor a = randomTensor(random, anyDType(random), sizes, true);
  int64_t count = 1;
  for (const int64_t size : sizes) count *= size;
  if (reduce == 1) {
    // Products stay exact when all factors are 1 or -1, and wrap alike for integers.
    forEachIndex(sizes, [&](const std::vector<int64_t>& index) {
      a.set(index, a.at(index) > 0 ? 1 : a.dtype == DType::Bool || a.dtype == DType::UInt8 ? 1 : -1);
    });
  }
  if (count == 0 && reduce > 1) return;
  std::vector<std::vector<bool>> kept(2, std::vector<bool>(sizes.size()));
  for (auto& mask : kept) {
    for (size_t d = 0; d < sizes.size(); ++d) mask[d] = random() % 2 == 0;
  }
  if (random() % 2 == 0) kept[1] = kept[0];
  Tensor outs[] = {reducedOutput(native, sizes, kept[0]), reducedOutput(native, sizes, kept[1])};
  Program program = programOver(compute, sizes, {&a}, {&outs[0], &outs[1]});
  program.reduce = reduce;
  program.result[0] = 0;
  program.result[1] = 0;
  const bool negated = random() % 2 == 0;
  if (negated) program.result[1] = addStep(program, PointwiseOp::neg, 0);
  runProgram(program);
  for (int o = 0; o < 2; ++o) {
    Tensor want = reducedOutput(DType::Float64, sizes, kept[o]);
    forEachIndex(want.sizes, [&](const std::vector<int64_t>& index) { want.set(index, kReferences[reduce].start); });
    forEachIndex(sizes, [&](const std::vector<int64_t>& index) {
      const double value = o == 1 && negated ? -seen(compute, a.at(index)) : seen(compute, a.at(index));
      want.set(index, kReferences[reduce].combine(want.at(index), value));
    });
    forEachIndex(want.sizes, [&](const std::vector<int64_t>& index) {
      expect(outs[o].at(index) == want.at(index), "round ", round, " compute ", static_cast<int>(compute), " dtype ",
             static_cast<int>(a.dtype), " negated ", negated, " kept ", kept[o].empty() ? 0 : kept[o][0], " reduction ",
             reduce, " shape ", text(sizes), " output ", o, " strides ", text(a.strides), " at ", text(index), ": ",
             outs[o].at(index), " for ", want.at(index));
    });
  }
}

const Registered kReductions("reductions: random layouts, several outputs", [] {
  std::mt19937 random(2);
  for (int round = 0; round < kRounds; ++round) checkReduction(random, round);
});

const Registered kThreads("reductions: the same result for every number of threads", [] {
  Tensor x = zeros(DType::Float32, {1'000'003});
  std::mt19937 random(3);
  double exact = 0;
  for (int64_t i = 0; i < 1'000'003; ++i) {
    x.set({i}, static_cast<double>(random()) / 4294967296.0);
    exact += x.at({i});
  }
  double first = 0;
  const int before = threads();
  for (const int count : {1, 2, 5}) {
    setThreads(count);
    Tensor out = zeros(DType::Float64, {1});
    out.strides[0] = 0;
    Program program = programOver(ComputeType::Float32, {1'000'003}, {&x}, {&out});
    program.reduce = static_cast<int>(ReduceOp::sum);
    program.result[0] = 0;
    runProgram(program);
    if (count == 1) first = out.at({0});
    expect(out.at({0}) == first, count, " threads: ", out.at({0}), " for ", first);
  }
  setThreads(before);
  expect(std::abs(first - exact) < 1e-6 * exact, first, " for ", exact);
});

const Registered kSameRounding("reductions: the same result with and without steps before", [] {
  std::mt19937 random(4);
  for (const int64_t size : {int64_t{3'000}, int64_t{300'000}, int64_t{3'000'000}}) {
    Tensor x = zeros(DType::Float32, {size});
    for (int64_t i = 0; i < size; ++i) x.set({i}, static_cast<double>(random()) / 4294967296.0);
    double sums[2];
    for (const int steps : {0, 3}) {
      Tensor out = zeros(DType::Float64, {1});
      out.strides[0] = 0;
      Program program = programOver(ComputeType::Float32, {size}, {&x}, {&out});
      program.reduce = static_cast<int>(ReduceOp::sum);
      program.result[0] = 0;
      for (int s = 0; s < steps; ++s) program.result[0] = addStep(program, PointwiseOp::copy, program.result[0]);
      runProgram(program);
      sums[steps == 0 ? 0 : 1] = out.at({0});
    }
    expect(sums[0] == sums[1], size, " elements: ", sums[0], " and ", sums[1]);
  }
});

const Registered kNaN("reductions: NaN wins in amax and amin", [] {
  for (const int64_t size : {int64_t{3}, int64_t{1000}}) {
    for (const int64_t at : {int64_t{0}, size / 2, size - 1}) {
      for (const ReduceOp reduce : {ReduceOp::amax, ReduceOp::amin}) {
        Tensor x = zeros(DType::Float32, {size});
        x.set({at}, NAN);
        Tensor out = zeros(DType::Float32, {1});
        out.strides[0] = 0;
        Program program = programOver(ComputeType::Float32, {size}, {&x}, {&out});
        program.reduce = static_cast<int>(reduce);
        program.result[0] = 0;
        runProgram(program);
        expect(std::isnan(out.at({0})), "size ", size, " NaN at ", at);
      }
    }
  }
});

const Registered kZeroDivision("programs: dividing integers by zero", [] {
  Tensor x = vectorOf(DType::Int32, {5, 6, 7});
  Tensor y = vectorOf(DType::Int32, {1, 0, 2});
  Tensor out = zeros(DType::Int32, {3});
  for (const PointwiseOp op : {PointwiseOp::div, PointwiseOp::floorDivide, PointwiseOp::remainder, PointwiseOp::fmod}) {
    Program program = programOver(ComputeType::Int32, {3}, {&x, &y}, {&out});
    program.result[0] = addStep(program, op, 0, 1);
    expectThrow<NumericFault>([&] { runProgram(program); }, pointwiseTable()[static_cast<int>(op)].name);
  }
});

}  // namespace
}  // namespace cresset::test
