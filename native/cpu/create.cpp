// Tensors from a rule: ranges, evenly spaced values, triangles of matrices.
#include <algorithm>
#include <cstdint>

#include "values.h"
#include "walk.h"

namespace cresset::cpu {

// out[i] = start + i * step, exact for integers; floats are computed in float64 and rounded once.
void arange(const KernelArgs& args) {
  const Operand& out = args.operands[0];
  const int64_t start = args.ints[0], step = args.ints[1];
  const auto stride = static_cast<uint64_t>(step);  // wraps, where a signed sum would be undefined
  const double first = args.floats[0], delta = args.floats[1];
  dispatch(out.dtype, [&]<typename T>() {
    parallelFor(out.numel(), kGrain, [&](int64_t begin, int64_t end) {
      T* data = out.as<T>();
      for (int64_t i = begin; i < end; ++i) {
        if constexpr (std::is_integral_v<T>)
          data[i * strideAt(out, 0)] = static_cast<T>(static_cast<uint64_t>(start) + static_cast<uint64_t>(i) * stride);
        else
          data[i * strideAt(out, 0)] = castTo<T>(first + static_cast<double>(i) * delta);
      }
    });
  });
}

// Evenly spaced values, computed from the nearer end so that both ends are exact, in the dtype's own arithmetic.
void linspace(const KernelArgs& args) {
  const Operand& out = args.operands[0];
  const double start = args.floats[0], end = args.floats[1];
  const int64_t count = out.numel();
  dispatch(out.dtype, [&]<typename T>() {
    using C = std::conditional_t<std::is_integral_v<T>, double, ArithmeticOf<T>>;
    const C low = static_cast<C>(start), high = static_cast<C>(end);
    const C step = count > 1 ? (high - low) / static_cast<C>(count - 1) : C{0};
    T* data = out.as<T>();
    for (int64_t i = 0; i < count; ++i) {
      const C value =
          i < count / 2 || count == 1 ? low + step * static_cast<C>(i) : high - step * static_cast<C>(count - i - 1);
      data[i * strideAt(out, 0)] = castTo<T>(static_cast<double>(value));
    }
  });
}

// Copies matrices (…, m, n) with zeros on one side of a diagonal.
void triangle(const KernelArgs& args) {
  const Operand& out = args.operands[0];
  const Operand& x = args.operands[1];
  const int64_t diagonal = args.ints[0];
  const bool upper = args.ints[1] != 0;
  const int rows = x.ndim - 2;
  const int64_t columns = x.sizes[x.ndim - 1];
  const Walk<2> walk(x.ndim - 1, x.sizes, {out.strides, x.strides});
  const int64_t height = x.sizes[rows];
  dispatchSize(x.dtype, [&]<typename T>() {
    walk.parallel(std::max<int64_t>(1, kGrain / std::max<int64_t>(columns, 1)),
                  [&](const auto& offset, int64_t count, int64_t position) {
                    for (int64_t k = 0; k < count; ++k) {
                      const int64_t row = (position + k) % height;
                      const int64_t edge = std::clamp<int64_t>(row + diagonal + (upper ? 0 : 1), 0, columns);
                      T* to = out.as<T>() + offset[0] + k * walk.inner(0);
                      const T* from = x.as<const T>() + offset[1] + k * walk.inner(1);
                      for (int64_t j = 0; j < columns; ++j) {
                        const bool kept = upper ? j >= edge : j < edge;
                        to[j * out.strides[x.ndim - 1]] = kept ? from[j * x.strides[x.ndim - 1]] : T{0};
                      }
                    }
                  });
  });
}

}  // namespace cresset::cpu
