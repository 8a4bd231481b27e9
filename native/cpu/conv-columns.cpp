// Convolution as a matrix product: each output position is a column that holds the input values under the kernel. It
// serves every element type and every geometry; float32 only where oneDNN refuses.
#include <algorithm>
#include <type_traits>

#include "conv.h"
#include "gemm.h"
#include "inside.h"
#include "parallel.h"
#include "temporary.h"
#include "values.h"

namespace cresset::cpu {

namespace {

// Multiply-adds that make another thread worth waking.
constexpr int64_t kProductGrain = 1 << 17;

// Elements that follow each other in a row of the column matrix; in the input, they are `step` apart.
struct Run {
  int64_t row;     // of the column matrix
  int64_t plane;   // of the input
  int64_t column;  // the first one, in that row
  int64_t input;   // the first one's position in the plane
  int64_t count, step;
};

// Calls f(Run) for all elements of rows of one group's column matrix that lie within the input; the others are padding.
template <typename F>
void forRuns(const Convolution& c, int64_t rowBegin, int64_t rowEnd, F&& f) {
  for (int64_t row = rowBegin; row < rowEnd; ++row) {
    const int64_t tap = row % c.taps(), plane = row / c.taps();
    const int64_t k[3] = {tap / (c.kernel[1] * c.kernel[2]), tap / c.kernel[2] % c.kernel[1], tap % c.kernel[2]};
    int64_t offset[3];
    for (int d = 0; d < 3; ++d) offset[d] = k[d] * c.dilation[d] - c.padding[d];
    const Inside z(offset[0], c.stride[0], c.in[0], c.out[0]);
    const Inside y(offset[1], c.stride[1], c.in[1], c.out[1]);
    const Inside x(offset[2], c.stride[2], c.in[2], c.out[2]);
    if (x.begin == x.end) continue;
    for (int64_t i = z.begin; i < z.end; ++i) {
      for (int64_t j = y.begin; j < y.end; ++j) {
        const int64_t output = (i * c.out[1] + j) * c.out[2] + x.begin;
        const int64_t input = ((i * c.stride[0] + offset[0]) * c.in[1] + j * c.stride[1] + offset[1]) * c.in[2] +
                              x.begin * c.stride[2] + offset[2];
        f(Run{row, plane, output, input, x.end - x.begin, c.stride[2]});
      }
    }
  }
}

template <typename T>
void toColumns(const Convolution& c, const T* x, T* columns) {
  const int64_t rows = c.groupInChannels() * c.taps(), positions = c.outPlane();
  parallelFor(rows, std::max<int64_t>(1, kGrain / positions), [&](int64_t begin, int64_t end) {
    std::fill(columns + begin * positions, columns + end * positions, T{});
    forRuns(c, begin, end, [&](const Run& run) {
      T* to = columns + run.row * positions + run.column;
      const T* from = x + run.plane * c.inPlane() + run.input;
      for (int64_t i = 0; i < run.count; ++i) to[i] = from[i * run.step];
    });
  });
}

// Adds the columns into x. Rows of one plane go to the same thread.
template <typename T>
void fromColumns(const Convolution& c, const T* columns, T* x) {
  const int64_t positions = c.outPlane(), taps = c.taps();
  parallelFor(c.groupInChannels(), std::max<int64_t>(1, kGrain / (positions * taps)), [&](int64_t begin, int64_t end) {
    std::fill(x + begin * c.inPlane(), x + end * c.inPlane(), T{});
    forRuns(c, begin * taps, end * taps, [&](const Run& run) {
      const T* from = columns + run.row * positions + run.column;
      T* to = x + run.plane * c.inPlane() + run.input;
      for (int64_t i = 0; i < run.count; ++i) to[i * run.step] = sumOf(to[i * run.step], from[i]);
    });
  });
}

// Calls f(image, group, column matrix) for every image and group: in parallel when there are enough of them for all
// threads, otherwise one after the other, each using all threads.
template <typename T, typename F>
void forImages(const Convolution& c, F&& f) {
  const int64_t count = c.batch * c.groups;
  const auto run = [&](int64_t begin, int64_t end) {
    const Temporary<T> columns(c.groupInChannels() * c.taps() * c.outPlane());
    for (int64_t i = begin; i < end; ++i) f(i / c.groups, i % c.groups, columns.get());
  };
  const int64_t work = c.groupInChannels() * c.taps() * c.outPlane() * c.groupOutChannels();
  if (count >= threads()) {
    parallelFor(count, std::max<int64_t>(1, kProductGrain / work), run);
  } else {
    run(0, count);
  }
}

template <typename T>
struct Slices {
  const Convolution& c;
  T* input(T* x, int64_t image, int64_t group) const {
    return x + (image * c.inChannels + group * c.groupInChannels()) * c.inPlane();
  }
  Matrix<T> output(T* y, int64_t image, int64_t group) const {
    return rowMajorMatrix(y + (image * c.outChannels + group * c.groupOutChannels()) * c.outPlane(),
                          c.groupOutChannels(), c.outPlane());
  }
  Matrix<T> weight(T* w, int64_t group) const {
    const int64_t cols = c.groupInChannels() * c.taps();
    return rowMajorMatrix(w + group * c.groupOutChannels() * cols, c.groupOutChannels(), cols);
  }
  Matrix<T> columns(T* data) const { return rowMajorMatrix(data, c.groupInChannels() * c.taps(), c.outPlane()); }
};

}  // namespace

template <typename T>
void columnsForward(const Convolution& c, T* y, const T* x, const T* w, const T* bias) {
  const Slices<const T> constants{c};
  const Slices<T> slices{c};
  forImages<T>(c, [&](int64_t image, int64_t group, T* columns) {
    toColumns(c, constants.input(x, image, group), columns);
    Product<T> product{constants.weight(w, group), constants.columns(columns), slices.output(y, image, group)};
    if (bias != nullptr) {
      product.beta = 1;
      product.addend = {bias + group * c.groupOutChannels(), c.groupOutChannels(), c.outPlane(), 1, 0};
    }
    gemm(product);
  });
}

template <typename T>
void columnsBackwardInput(const Convolution& c, T* gx, const T* gy, const T* w) {
  const Slices<const T> constants{c};
  const Slices<T> slices{c};
  forImages<T>(c, [&](int64_t image, int64_t group, T* columns) {
    gemm(Product<T>{constants.weight(w, group).transposed(), constants.output(gy, image, group),
                    slices.columns(columns)});
    fromColumns(c, columns, slices.input(gx, image, group));
  });
}

template <typename T>
void columnsBackwardWeight(const Convolution& c, T* gw, T* gbias, const T* x, const T* gy) {
  const Slices<const T> constants{c};
  const Slices<T> slices{c};
  const Temporary<T> columns(c.groupInChannels() * c.taps() * c.outPlane());
  for (int64_t group = 0; group < c.groups; ++group) {
    const Matrix<T> result = slices.weight(gw, group);
    for (int64_t image = 0; image < c.batch; ++image) {
      toColumns(c, constants.input(x, image, group), columns.get());
      gemm(Product<T>{constants.output(gy, image, group), constants.columns(columns.get()).transposed(), result, 1,
                      image == 0 ? 0.0 : 1.0, constant(result)});
    }
  }
  biasGradient(c, gbias, gy);
}

template <typename T>
void biasGradient(const Convolution& c, T* gbias, const T* gy) {
  if (gbias == nullptr) return;
  parallelFor(c.outChannels, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, c.batch * c.outPlane())),
              [&](int64_t begin, int64_t end) {
                for (int64_t channel = begin; channel < end; ++channel) {
                  T total{};
                  for (int64_t image = 0; image < c.batch; ++image) {
                    const T* plane = gy + (image * c.outChannels + channel) * c.outPlane();
                    for (int64_t i = 0; i < c.outPlane(); ++i) total = sumOf(total, plane[i]);
                  }
                  gbias[channel] = total;
                }
              });
}

#define COLUMNS(type)                                                                                    \
  template void columnsForward<type>(const Convolution&, type*, const type*, const type*, const type*);  \
  template void columnsBackwardInput<type>(const Convolution&, type*, const type*, const type*);         \
  template void columnsBackwardWeight<type>(const Convolution&, type*, type*, const type*, const type*); \
  template void biasGradient<type>(const Convolution&, type*, const type*);
COLUMNS(float)
COLUMNS(double)
COLUMNS(int64_t)
COLUMNS(int32_t)
COLUMNS(int16_t)
COLUMNS(int8_t)
COLUMNS(uint8_t)
#undef COLUMNS

}  // namespace cresset::cpu
