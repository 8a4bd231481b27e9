// Random kernels, with PyTorch's streams: the same seed gives the same values from the same number of raw draws.
// Operand 0 is always the generator's state (uint8, 5056 bytes: the bytes of torch.get_rng_state()); it is read and
// advanced.
//
// clang-format off
//   kernel             further operands                             ints                        floats
//   randomSeed                                                      high and low half of a seed
//   randomUniform      out (floating)                                                           from, to
//   randomNormal       out (floating)                                                           mean, std
//   randomInteger      out                                          low, range (two halves each;
//                                                                   range 0: all 2^64 values)
//   randomBits         out: random_() without bounds
//   randomBernoulli    out, p? (floating, out's shape)                                          p, where no operand is
//   randomExponential  out                                                                      lambda
//   randomCauchy       out                                                                      median, sigma
//   randomLogNormal    out (floating)                                                           mean, std
//   randomGeometric    out                                                                      p
//   randomPoisson      out, rates (out's shape and dtype, floating)
//   randomPermutation  out (1-d)
//   randomMultinomial  out (…, samples; int64), weights (…, categories)  replacement
// clang-format on
//
// Halves are unsigned 32-bit numbers. A base seed for workers or samplers is one int64 of randomBits. Normals:
// random-normal.cpp, multinomial: multinomial.cpp.
#include <cmath>
#include <numbers>

#include "convention.h"
#include "draws.h"
#include "math/scalar.h"

namespace cresset::cpu {
namespace {

uint64_t halves(const KernelArgs& args, int at) {
  return static_cast<uint64_t>(args.ints[at]) << 32 | static_cast<uint64_t>(args.ints[at + 1] & 0xffffffff);
}

template <typename T>
T fromInteger(int64_t value) {
  if constexpr (std::is_same_v<T, bool_t>)
    return value != 0;
  else
    return static_cast<T>(static_cast<ArithmeticOf<T>>(value));
}

// Distributions that turn one float64 uniform into a float64, whatever the dtype.
template <typename Value>
void fillFromUnit(const KernelArgs& args, Value&& value) {
  demandGiven({&args.operands[1]});
  dispatch(args.operands[1].dtype, [&]<typename T>() {
    fillWith<uint64_t, T>(args.operands[0], args.operands[1],
                          [&](uint64_t draw) { return castTo<T>(value(unit(draw))); });
  });
}

// A number of the Poisson distribution. From a rate of 10 on by Hörmann's transformed rejection (PTRS; Insurance:
// Mathematics and Economics 12, 1993), below by the product of uniform numbers.
double poisson(Mt19937& engine, double rate) {
  if (rate == 0) return 0;
  if (rate < 10) {
    const double bound = std::exp(-rate);
    double count = 0;
    for (double product = engine.uniform(); product > bound; product *= engine.uniform()) ++count;
    return count;
  }
  const double root = std::sqrt(rate), logRate = std::log(rate);
  const double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
  const double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4), vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = engine.uniform() - 0.5, v = engine.uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverseAlpha) - std::log(a / (us * us) + b) <= -rate + k * logRate - math::lgamma(k + 1))
      return k;
  }
}

}  // namespace

void randomSeed(const KernelArgs& args) { Mt19937(args.operands[0]).seed(halves(args, 0)); }

void randomUniform(const KernelArgs& args) {
  const Operand &state = args.operands[0], &out = args.operands[1];
  demandGiven({&out});
  demandFloating(out);
  dispatch(out.dtype, [&]<typename T>() {
    if constexpr (std::is_same_v<T, float>) {
      const float from = static_cast<float>(args.floats[0]), width = static_cast<float>(args.floats[1]) - from;
      const Walk<1> walk = inMemoryOrder<1>({&out});
      if (walk.dense()) {
        Mt19937 engine(state);
        const Temporary<uint32_t> raw(std::min(kChunkWords, walk.numel()));
        for (int64_t start = 0; start < walk.numel(); start += kChunkWords) {
          const int64_t count = std::min(kChunkWords, walk.numel() - start);
          engine.words(raw.get(), count);
          parallelFor(count, kGrain, [&](int64_t begin, int64_t end) {
            uniformFloats(raw.get() + begin, out.as<float>() + start + begin, end - begin, from, width);
          });
        }
        return;
      }
      fillWith<uint32_t, float>(state, out, [&](uint32_t draw) {
        return std::fma(static_cast<float>(draw & 0xffffffu) * 0x1p-24f, width, from);
      });
    } else if constexpr (std::is_same_v<T, double>) {
      const double from = args.floats[0], width = args.floats[1] - from;
      if (from == 0)
        fillWith<uint64_t, double>(state, out, [&](uint64_t draw) { return unit(draw) * width; });
      else
        fillWith<uint64_t, double>(state, out, [&](uint64_t draw) { return std::fma(unit(draw), width, from); });
    } else if constexpr (!kWhole<T>) {
      // The bounds and their difference are rounded to the dtype; the product with 11 or 8 bits is then exact in
      // float32.
      constexpr int kBits = std::is_same_v<T, float16_t> ? 11 : 8;
      const float from = load(castTo<T>(args.floats[0]));
      const float width = load(T(load(castTo<T>(args.floats[1])) - from));
      fillWith<uint32_t, T>(state, out, [&](uint32_t draw) {
        const float x = static_cast<float>(draw & ((1u << kBits) - 1)) / static_cast<float>(1 << kBits);
        return T(x * width + from);
      });
    }
  });
}

void randomInteger(const KernelArgs& args) {
  const Operand &state = args.operands[0], &out = args.operands[1];
  demandGiven({&out});
  const uint64_t low = halves(args, 0), range = halves(args, 2);
  dispatch(out.dtype, [&]<typename T>() {
    constexpr bool kWide = sizeof(T) == 8 || std::is_same_v<T, float> || std::is_same_v<T, bfloat16_t>;
    const auto value = [&](uint64_t draw) {
      return fromInteger<T>(static_cast<int64_t>(range ? draw % range + low : draw));
    };
    if (kWide && (range == 0 || range >> 32)) {
      fillWith<uint64_t, T>(state, out, value);
    } else if (range == 0 || range >> 32) {
      fillWith<uint32_t, T>(state, out, value);
    } else {
      // 32-bit division is several times faster than 64-bit division.
      const uint32_t narrow = static_cast<uint32_t>(range);
      fillWith<uint32_t, T>(state, out,
                            [&](uint32_t draw) { return fromInteger<T>(static_cast<int64_t>(draw % narrow + low)); });
    }
  });
}

void randomBits(const KernelArgs& args) {
  const Operand &state = args.operands[0], &out = args.operands[1];
  demandGiven({&out});
  dispatch(out.dtype, [&]<typename T>() {
    if constexpr (std::is_same_v<T, int64_t>) {
      fillWith<uint64_t, T>(state, out, [](uint64_t draw) { return static_cast<int64_t>(draw & INT64_MAX); });
    } else if constexpr (std::is_same_v<T, double>) {
      fillWith<uint64_t, T>(state, out,
                            [](uint64_t draw) { return static_cast<double>(draw % ((uint64_t{1} << 53) + 1)); });
    } else {
      // As many values as there are integers that the dtype holds exactly.
      constexpr uint32_t kModulus = [] {
        if constexpr (std::is_same_v<T, float>)
          return (1u << 24) + 1;
        else if constexpr (std::is_same_v<T, float16_t>)
          return (1u << 11) + 1;
        else if constexpr (std::is_same_v<T, bfloat16_t>)
          return (1u << 8) + 1;
        else
          return static_cast<uint32_t>(std::numeric_limits<ArithmeticOf<T>>::max()) + 1;
      }();
      fillWith<uint32_t, T>(state, out, [](uint32_t draw) { return fromInteger<T>(draw % kModulus); });
    }
  });
}

void randomBernoulli(const KernelArgs& args) {
  const Operand &state = args.operands[0], &out = args.operands[1], &p = args.operands[2];
  demandGiven({&out});
  if (!p) {
    demand(args.floats[0] >= 0 && args.floats[0] <= 1, "a probability");
    // u < p for u = k / 2^53 is k < p · 2^53: an integer comparison.
    const uint64_t bound = static_cast<uint64_t>(std::ceil(args.floats[0] * 0x1p53));
    dispatch(out.dtype, [&]<typename T>() {
      fillWith<uint64_t, T>(state, out, [&](uint64_t draw) { return fromInteger<T>((draw & kUnitMask) < bound); });
    });
    return;
  }
  demandFloating(p);
  demandSameSizes(p, out);
  const Walk<2> walk = inMemoryOrder<2>({&out, &p});
  const int64_t os = walk.inner(0), ps = walk.inner(1);
  dispatch(out.dtype, [&]<typename T>() {
    const auto fill = [&]<typename Draw, typename P>(auto below) {
      drawRuns<Draw>(state, walk, [&](const Draw* draws, const auto& offset, int64_t count) {
        T* to = out.as<T>() + offset[0];
        const P* chance = p.as<const P>() + offset[1];
        for (int64_t i = 0; i < count; ++i) to[i * os] = fromInteger<T>(below(draws[i], chance[i * ps]));
      });
    };
    if (p.dtype == DType::Float64) {
      fill.template operator()<uint64_t, double>([](uint64_t draw, double chance) { return unit(draw) < chance; });
      return;
    }
    dispatch(p.dtype, [&]<typename P>() {
      fill.template operator()<uint32_t, P>([](uint32_t draw, P chance) {
        return static_cast<float>(draw & 0xffffffu) * 0x1p-24f < static_cast<float>(load(chance));
      });
    });
  });
}

void randomExponential(const KernelArgs& args) {
  const double scale = -1.0 / args.floats[0];
  fillFromUnit(args, [&](double u) { return scale * std::log(1.0 - u); });
}

void randomCauchy(const KernelArgs& args) {
  const double median = args.floats[0], sigma = args.floats[1];
  fillFromUnit(args, [&](double u) { return median + sigma * std::tan(std::numbers::pi * (u - 0.5)); });
}

void randomGeometric(const KernelArgs& args) {
  const double scale = std::log(1.0 - args.floats[0]);
  fillFromUnit(args, [&](double u) { return std::ceil(std::log(u) / scale); });
}

void randomPoisson(const KernelArgs& args) {
  const Operand &out = args.operands[1], &rates = args.operands[2];
  demandGiven({&out, &rates});
  demandFloating(out);
  demandSameSizes(rates, out);
  demand(rates.dtype == out.dtype, "rates of the dtype of the result");
  const Walk<2> walk = inMemoryOrder<2>({&out, &rates});
  const int64_t os = walk.inner(0), rs = walk.inner(1);
  Mt19937 engine(args.operands[0]);
  dispatch(out.dtype, [&]<typename T>() {
    if constexpr (!kWhole<T>) {
      walk.runs(0, walk.numel(), [&](const auto& offset, int64_t count, int64_t) {
        T* to = out.as<T>() + offset[0];
        const T* rate = rates.as<const T>() + offset[1];
        for (int64_t i = 0; i < count; ++i) {
          const double one = static_cast<double>(load(rate[i * rs]));
          // A rate that is no number, or below 0, would never be met.
          demand(one >= 0 && one < 1e18, "rates from 0");
          to[i * os] = castTo<T>(poisson(engine, one));
        }
      });
    }
  });
}

void randomPermutation(const KernelArgs& args) {
  const Operand& out = args.operands[1];
  demandGiven({&out});
  demandDims(out, 0, 1);
  const int64_t n = sizeAt(out, 0), stride = strideAt(out, 0);
  Mt19937 engine(args.operands[0]);
  constexpr int64_t kDraws = 4096;
  const Temporary<uint32_t> raw(std::min(n, kDraws));
  dispatch(out.dtype, [&]<typename T>() {
    T* data = out.as<T>();
    for (int64_t i = 0; i < n; ++i) data[i * stride] = fromInteger<T>(i);
    for (int64_t start = 0; start + 1 < n; start += kDraws) {
      const int64_t count = std::min(kDraws, n - 1 - start);
      engine.words(raw.get(), count);
      for (int64_t i = start; i < start + count; ++i) {
        const int64_t other = i + static_cast<int64_t>(temper(raw[i - start]) % static_cast<uint64_t>(n - i));
        std::swap(data[i * stride], data[other * stride]);
      }
    }
  });
}

}  // namespace cresset::cpu
