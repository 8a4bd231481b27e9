// The kernels over oneDNN and OpenBLAS, against plain loops: products in every layout and dtype, convolutions by both
// of their ways, softmax with its corners, pooling at the border.
#include <cmath>
#include <limits>
#include <random>

#include "check.h"
#include "cpu/conv.h"
#include "cpu/gemm-parts.h"
#include "tensor.h"

namespace cresset::cpu {
void matmul(const KernelArgs&);
void maxPool(const KernelArgs&);
void maxPoolBackward(const KernelArgs&);
void avgPool(const KernelArgs&);
void softmax(const KernelArgs&);
void softmaxBackward(const KernelArgs&);
}  // namespace cresset::cpu

namespace cresset::test {
namespace {

using cpu::inParts;
using cpu::Matrix;
using cpu::Product;
using Index = std::vector<int64_t>;

// Test values are small whole numbers: sums of few products are exact, except that half types round once.
bool near(DType dtype, double got, double want) {
  const double tolerance = dtype == DType::BFloat16 ? 8e-3 : dtype == DType::Float16 ? 1e-3 : 0;
  return std::abs(got - want) <= tolerance * std::abs(want);
}

const Registered kParts("gemm: parts within the sizes of a BLAS make the whole product", [] {
  std::mt19937 random(13);
  constexpr int64_t kLimit = 5;
  for (int round = 0; round < 300; ++round) {
    const auto extent = [&] { return 1 + static_cast<int64_t>(random() % 17); };
    const int64_t m = extent(), n = extent(), k = extent();
    std::vector<std::vector<double>> memory;
    const auto matrix = [&](int64_t rows, int64_t cols, bool transposed) {
      const int64_t outer = transposed ? cols : rows, inner = transposed ? rows : cols;
      const int64_t leading = inner + static_cast<int64_t>(random() % 3);
      auto& data = memory.emplace_back(outer * leading);
      for (double& value : data) value = static_cast<double>(random() % 7) - 3;
      Matrix<double> result{data.data(), outer, inner, leading, 1};
      return transposed ? result.transposed() : result;
    };
    const auto constant = [](const Matrix<double>& x) {
      return Matrix<const double>{x.data, x.rows, x.cols, x.rowStride, x.colStride};
    };
    const Matrix<double> a = matrix(m, k, random() % 2), b = matrix(k, n, random() % 2), c = matrix(m, n, false);
    Product<double> product{constant(a), constant(b), c, 2, round % 2 ? 3.0 : 0.0};
    if (product.beta != 0) product.addend = constant(c);
    const std::vector<double> before = memory[2];
    inParts(product, kLimit, [&](const Product<double>& part) {
      const auto fits = [](const auto& x) {
        const auto& rows = x.rowMajor() ? x : x.transposed();
        return rows.rowMajor() && x.rows <= kLimit && x.cols <= kLimit && rows.leading() <= kLimit;
      };
      expect(fits(part.a) && fits(part.b) && fits(part.c), "a part is too large in round ", round);
      for (int64_t i = 0; i < part.c.rows; ++i) {
        for (int64_t j = 0; j < part.c.cols; ++j) {
          double sum = 0;
          for (int64_t l = 0; l < part.a.cols; ++l) {
            sum += part.a.data[i * part.a.rowStride + l * part.a.colStride] *
                   part.b.data[l * part.b.rowStride + j * part.b.colStride];
          }
          double& out = part.c.data[i * part.c.rowStride + j * part.c.colStride];
          out = part.alpha * sum + (part.beta == 0 ? 0 : part.beta * out);
        }
      }
    });
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double want = product.beta == 0 ? 0 : product.beta * before[i * c.rowStride + j];
        for (int64_t l = 0; l < k; ++l) {
          want += 2 * a.data[i * a.rowStride + l * a.colStride] * b.data[l * b.rowStride + j * b.colStride];
        }
        expect(c.data[i * c.rowStride + j] == want, "round ", round, ": ", c.data[i * c.rowStride + j], " for ", want);
      }
    }
  }
});

const Registered kMatmul("matmul: random layouts, dtypes, batches, bias", [] {
  std::mt19937 random(11);
  const int64_t extents[] = {0, 1, 2, 3, 7, 16, 40};
  for (int round = 0; round < 400; ++round) {
    DType dtype = static_cast<DType>(1 + random() % (kDTypes - 1));
    if (round % 3 == 0) dtype = DType::Float32;
    Index batch(random() % 3);
    for (int64_t& n : batch) n = 1 + static_cast<int64_t>(random() % 5);
    // Some products are large enough for the paths with threads.
    const int64_t m = round % 40 == 0 ? 150 : extents[random() % 7], n = round % 40 == 0 ? 90 : extents[random() % 7];
    const int64_t k = round % 40 == 0 ? 70 : extents[random() % 7];
    const auto with = [&](int64_t rows, int64_t cols) {
      Index sizes = batch;
      sizes.insert(sizes.end(), {rows, cols});
      return sizes;
    };
    Tensor a = randomTensor(random, dtype, with(m, k), true), b = randomTensor(random, dtype, with(k, n), true);
    Tensor bias = randomTensor(random, dtype, with(m, n), true), out = randomTensor(random, dtype, with(m, n), false);
    const double alpha = dtype == DType::UInt8 ? 1 : 1 - static_cast<double>(random() % 4), beta = random() % 3;
    call(cpu::matmul, {operandOf(out), operandOf(a), operandOf(b), beta == 0 ? Operand{} : operandOf(bias)}, {},
         {alpha, beta});
    forEachIndex(out.sizes, [&](const Index& index) {
      Index left = index, right = index;
      double sum = 0;
      for (int64_t i = 0; i < k; ++i) {
        left.back() = right[right.size() - 2] = i;
        sum += a.at(left) * b.at(right);
      }
      const double want = alpha * sum + beta * bias.at(index);
      expect(near(dtype, out.at(index), isFloat(dtype) ? want : stored(dtype, want)), "round ", round, " dtype ",
             static_cast<int>(dtype), ": ", out.at(index), " for ", want);
    });
  }
});

const Registered kInPlace("matmul: the bias is the result", [] {
  std::mt19937 random(12);
  for (const DType dtype : {DType::Float32, DType::Float64, DType::BFloat16, DType::Int32}) {
    for (const int64_t n : {3, 70}) {
      Tensor a = randomTensor(random, dtype, {n, n}, false), b = randomTensor(random, dtype, {n, n}, false);
      Tensor out = randomTensor(random, dtype, {n, n}, false);
      const Tensor before = out;
      call(cpu::matmul, {operandOf(out), operandOf(a), operandOf(b), operandOf(out)}, {}, {1, 2});
      forEachIndex(out.sizes, [&](const Index& index) {
        double want = 2 * before.at(index);
        for (int64_t i = 0; i < n; ++i) want += a.at({index[0], i}) * b.at({i, index[1]});
        expect(near(dtype, out.at(index), want), out.at(index), " for ", want);
      });
    }
  }
});

// Random convolutions computed by oneDNN and by columns, whole numbers, so that both are exact.
const Registered kConvolution("convolution: oneDNN and columns agree", [] {
  std::mt19937 random(13);
  for (int round = 0; round < 80; ++round) {
    const auto pick = [&](int64_t low, int64_t high) {
      return low + static_cast<int64_t>(random() % (high - low + 1));
    };
    const int64_t s = pick(1, 3), groups = pick(1, 3), in = groups * pick(1, 4), out = groups * pick(1, 6);
    Index x = {pick(1, 3), in}, w = {out, in / groups}, y = {x[0], out};
    Index stride, padding, dilation;
    for (int64_t d = 0; d < s; ++d) {
      const int64_t kernel = pick(1, 3);
      stride.push_back(pick(1, 3));
      padding.push_back(pick(0, 2));
      dilation.push_back(pick(1, 2));
      const int64_t reach = dilation[d] * (kernel - 1) + 1, size = reach + pick(0, 6);
      w.push_back(kernel);
      x.push_back(size);
      y.push_back((size + 2 * padding[d] - reach) / stride[d] + 1);
    }
    Index ints = {s};
    for (const Index& list : {stride, padding, dilation}) ints.insert(ints.end(), list.begin(), list.end());
    ints.push_back(groups);
    const auto whole = [&](const Index& sizes) {
      Tensor tensor = zeros(DType::Float32, sizes);
      forEachIndex(sizes, [&](const Index& index) { tensor.set(index, static_cast<double>(random() % 7) - 3); });
      return tensor;
    };
    Tensor tx = whole(x), tw = whole(w), ty = whole(y), bias = whole({out});
    const cpu::Convolution c(operandOf(tx), operandOf(tw), operandOf(ty), ints);
    expect(cpu::onednnTakes(c), "geometry of round ", round);
    const auto data = [](Tensor& tensor) { return reinterpret_cast<float*>(tensor.data()); };
    Tensor one = zeros(DType::Float32, y), two = one, gxOne = zeros(DType::Float32, x), gxTwo = gxOne;
    Tensor gwOne = zeros(DType::Float32, w), gwTwo = gwOne, gbOne = zeros(DType::Float32, {out}), gbTwo = gbOne;
    cpu::onednnForward(c, data(one), data(tx), data(tw), data(bias));
    cpu::columnsForward(c, data(two), data(tx), data(tw), data(bias));
    cpu::onednnBackwardInput(c, data(gxOne), data(ty), data(tw));
    cpu::columnsBackwardInput(c, data(gxTwo), data(ty), data(tw));
    cpu::onednnBackwardWeight(c, data(gwOne), data(gbOne), data(tx), data(ty));
    cpu::columnsBackwardWeight(c, data(gwTwo), data(gbTwo), data(tx), data(ty));
    expect(one.bytes == two.bytes, "forward of round ", round);
    expect(gxOne.bytes == gxTwo.bytes, "gradient of the input in round ", round);
    expect(gwOne.bytes == gwTwo.bytes, "gradient of the weight in round ", round);
    expect(gbOne.bytes == gbTwo.bytes, "gradient of the bias in round ", round);
  }
});

const Registered kSoftmax("softmax: random layouts, forward and backward", [] {
  std::mt19937 random(14);
  for (int round = 0; round < 200; ++round) {
    const DType dtype = static_cast<DType>(static_cast<int>(DType::Float16) + random() % 4);
    Index sizes(1 + random() % 3);
    for (int64_t& n : sizes) n = 1 + static_cast<int64_t>(random() % 40);
    const auto dim = static_cast<int64_t>(random() % sizes.size());
    const bool log = round % 2 == 0;
    Tensor x = randomTensor(random, dtype, sizes, true), y = randomTensor(random, dtype, sizes, false);
    Tensor g = randomTensor(random, dtype, sizes, true), gx = randomTensor(random, dtype, sizes, false);
    if (round % 10 == 0) x.set(Index(sizes.size(), 0), -std::numeric_limits<double>::infinity());
    call(cpu::softmax, {operandOf(y), operandOf(x)}, {dim, log}, {});
    call(cpu::softmaxBackward, {operandOf(gx), operandOf(g), operandOf(y)}, {dim, log}, {});
    const double tolerance = dtype == DType::Float64 ? 1e-13 : dtype == DType::Float32 ? 1e-5 : 0.03;
    forEachIndex(sizes, [&](const Index& index) {
      double sum = 0, largest = -std::numeric_limits<double>::infinity(), inner = 0;
      Index along = index;
      const auto each = [&](auto body) {
        for (int64_t i = 0; i < sizes[dim]; ++i) {
          along[dim] = i;
          body();
        }
      };
      each([&] { largest = std::max(largest, x.at(along)); });
      each([&] { sum += std::exp(x.at(along) - largest); });
      each([&] { inner += log ? g.at(along) : g.at(along) * y.at(along); });
      const double shifted = x.at(index) - largest, got = y.at(index);
      const double want = log ? shifted - std::log(sum) : std::exp(shifted) / sum;
      const auto agree = [&](double p, double q) {
        return std::abs(p - q) <= tolerance * (1 + std::abs(q)) || p == q || (std::isnan(p) && std::isnan(q));
      };
      expect(agree(got, want), "round ", round, ": ", got, " for ", want);
      const double gradient = log ? g.at(index) - std::exp(got) * inner : (g.at(index) - inner) * got;
      expect(std::abs(gx.at(index) - gradient) <= tolerance * (1 + std::abs(gradient) + std::abs(inner)) ||
                 std::isnan(gradient),
             "round ", round, " gradient ", gx.at(index), " for ", gradient);
    });
  }
});

const Registered kPooling("pooling: borders, NaN, indices out of range", [] {
  Tensor x = vectorOf(DType::Float32, {1, 5, NAN, 2, 9, 3, 4});
  x.sizes = {1, 7};
  x.strides = {7, 1};
  Tensor out = zeros(DType::Float32, {1, 4}), indices = zeros(DType::Int64, {1, 4});
  call(cpu::maxPool, {operandOf(out), operandOf(indices), operandOf(x)}, {1, 2, 2, 0, 1}, {});
  const double values[] = {5, NAN, 9, 4}, positions[] = {1, 2, 4, 6};
  for (int64_t i = 0; i < 4; ++i) {
    expect(out.at({0, i}) == values[i] || (std::isnan(values[i]) && std::isnan(out.at({0, i}))), "maximum ", i);
    expect(indices.at({0, i}) == positions[i], "position ", i);
  }
  Tensor gx = zeros(DType::Float32, {1, 7}), ones = vectorOf(DType::Float32, {1, 1, 1, 1});
  ones.sizes = {1, 4};
  ones.strides = {4, 1};
  call(cpu::maxPoolBackward, {operandOf(gx), operandOf(ones), operandOf(indices)}, {}, {});
  for (int64_t i = 0; i < 7; ++i) expect(gx.at({0, i}) == (i == 1 || i == 2 || i == 4 || i == 6), "gradient ", i);
  indices.set({0, 3}, 7);
  expectThrow<IndexFault>(
      [&] {
        call(cpu::maxPoolBackward, {operandOf(gx), operandOf(ones), operandOf(indices)}, {}, {});
      },
      "an index outside of the plane");
  Tensor line = vectorOf(DType::Float32, {2, 4, 6});
  line.sizes = {1, 3};
  line.strides = {3, 1};
  Tensor mean = zeros(DType::Float32, {1, 2});
  // Padding counts, a window that sticks out at the end does not.
  call(cpu::avgPool, {operandOf(mean), operandOf(line)}, {1, 3, 3, 1, 1, 0}, {});
  expect(mean.at({0, 0}) == 2 && mean.at({0, 1}) == 3, "averages ", mean.at({0, 0}), " and ", mean.at({0, 1}));
});

}  // namespace
}  // namespace cresset::test
