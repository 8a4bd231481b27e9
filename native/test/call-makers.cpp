#include "call-makers.h"

#include <algorithm>

namespace cresset::test {
namespace {

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

Call poisson(Random& random) {
  Call call = generated(random.floating(), random.shape(0, 3), {}, {});
  call.operands.push_back({call.operands[1].dtype, call.operands[1].sizes});
  call.operands.back().fromZero = true;
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

// A batch of matrices stored by columns, what belongs to each of them, and matrices that fit it from the left.
struct Matrices {
  DType dtype;
  Sizes batch;
  int64_t rows, cols;

  Matrices(Random& random, bool square)
      : dtype(random.once(2) ? DType::Float32 : DType::Float64),
        batch(random.shape(0, 2)),
        rows(random.size()),
        cols(square ? rows : random.size()) {}
  Given own() const { return with(cols, rows); }
  Given with(int64_t across, int64_t down) const { return {dtype, joined(batch, {across, down}), true}; }
  Given each(DType type, Sizes sizes) const { return {type, joined(batch, sizes), true}; }
  Given info() const { return each(DType::Int32, {}); }
  int64_t least() const { return std::min(rows, cols); }
};

Call factorized(Random& random, bool square, bool pivots, bool info, std::vector<double> ints) {
  const Matrices a(random, square);
  Call call{{a.own()}, std::move(ints), {}};
  if (pivots) call.operands.push_back(a.each(DType::Int32, {a.least()}));
  if (info) call.operands.push_back(a.info());
  return call;
}

// Systems of equations: a right side, a square matrix, pivots where they are asked for.
Call equation(Random& random, bool pivots, std::vector<double> ints) {
  const Matrices a(random, true);
  Call call{{a.with(random.size(), a.rows), a.own()}, std::move(ints), {}};
  if (pivots) {
    call.operands.push_back(a.each(DType::Int32, {a.rows}));
    call.operands.back().nonzero = true;
  }
  return call;
}

Call reflections(Random& random, bool multiplies) {
  const Matrices a(random, true);
  const Given tau = a.each(a.dtype, {a.least()});
  if (multiplies) return {{a.with(random.size(), a.rows), a.own(), tau}, {1, 1}, {}};
  return {{a.own(), tau}, {}, {}};
}

Call leastSquares(Random& random) {
  const Matrices a(random, false);
  const int64_t driver = random.below(4);
  return {{a.with(random.size(), std::max(a.rows, a.cols)), a.own(), a.each(kIndex, {}), a.each(a.dtype, {a.least()}),
           a.info()},
          {static_cast<double>(driver)},
          {1e-6}};
}

Call singularValues(Random& random) {
  const Matrices a(random, false);
  Given u = a.with(a.least(), a.rows), vh = a.with(a.cols, a.least());
  u.present = vh.present = random.once(2);
  return {{a.each(a.dtype, {a.least()}), u, vh, a.own(), a.info()}, {}, {}};
}

Call eigenvalues(Random& random) {
  const Matrices a(random, true);
  return {{a.each(a.dtype, {a.rows}), a.own(), a.info()}, {1, 0}, {}};
}

Call resizeBytes(Random& random) {
  const auto side = [&] { return 1 + random.below(40); };
  const int64_t channels = 1 + random.below(4), height = side(), width = side();
  const Sizes x = {height, width, channels};
  const Sizes out = {random.once(4) ? height : side(), random.once(4) ? width : side(), channels};
  return {{{DType::UInt8, out, true}, {DType::UInt8, x, true}}, {static_cast<double>(random.below(5))}, {}};
}

// Of bytes that are no file.
Call jpeg(Random& random, DType dtype, Sizes out) {
  return {{{dtype, std::move(out), true}, {DType::UInt8, {1 + random.below(200)}, true}}, {}, {}};
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
    {"luFactor", [](Random& r) { return factorized(r, false, true, true, {}); }},
    {"luSolve", [](Random& r) { return equation(r, true, {0}); }},
    {"choleskyFactor", [](Random& r) { return factorized(r, true, false, true, {1}); }},
    {"choleskySolve", [](Random& r) { return equation(r, false, {0}); }},
    {"choleskyInvert", [](Random& r) { return factorized(r, true, false, true, {0}); }},
    {"triangularSolve",
     [](Random& r) {
       return equation(r, false, {1, 1, 0, 0});
     }},
    {"ldlFactor", [](Random& r) { return factorized(r, true, true, true, {}); }},
    {"ldlSolve", [](Random& r) { return equation(r, true, {}); }},
    {"qrFactor",
     [](Random& r) {
       const Matrices a(r, false);
       return Call{{a.own(), a.each(a.dtype, {a.least()})}, {}, {}};
     }},
    {"qrExpand", [](Random& r) { return reflections(r, false); }},
    {"qrMultiply", [](Random& r) { return reflections(r, true); }},
    {"leastSquares", leastSquares},
    {"svd", singularValues},
    {"eigh", eigenvalues},
    {"resizeBytes", resizeBytes},
    {"jpegHeader", [](Random& r) { return jpeg(r, DType::Int32, {3}); }},
    {"jpegDecode",
     [](Random& r) {
       return jpeg(r, DType::UInt8, {r.size(), r.size(), r.once(2) ? 1 : 3});
     }},
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
    {"randomPoisson", poisson},
    {"randomPermutation", [](Random& r) { return generated(r.dtype(), {r.size()}, {}, {}); }},
    {"randomMultinomial", multinomial},
};

}  // namespace

const std::map<std::string, std::function<Call(Random&)>>& callMakers() { return kCalls; }

}  // namespace cresset::test
