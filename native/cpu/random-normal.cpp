// Normals. PyTorch has two ways: contiguous tensors of sixteen or more are transformed in blocks of sixteen uniforms of
// their own dtype; all others take pairs in float64, the second of which the generator keeps.
#include <cmath>
#include <numbers>

#include "convention.h"
#include "draws.h"

namespace cresset::cpu {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

template <typename T>
constexpr int64_t kWordsOf = sizeof(T) == 8 ? 2 : 1;

// The blocks of one dtype: raw words in, normals out. Elements j and j + 8 of a block share a radius and an angle.
void transform(const uint32_t* raw, float* out, int64_t blocks, double mean, double std) {
  normalFloats(raw, out, blocks, static_cast<float>(mean), static_cast<float>(std));
}

void transform(const uint32_t* raw, double* out, int64_t blocks, double mean, double std) {
  const auto uniform = [&](int64_t i) {
    return unit(static_cast<uint64_t>(temper(raw[2 * i])) << 32 | temper(raw[2 * i + 1]));
  };
  for (int64_t block = 0; block < blocks; ++block) {
    for (int64_t j = block * 16; j < block * 16 + 8; ++j) {
      const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform(j)));
      const double angle = kTurn * uniform(j + 8);
      out[j] = std::fma(radius * std::cos(angle), std, mean);
      out[j + 8] = std::fma(radius * std::sin(angle), std, mean);
    }
  }
}

// float16 rounds the uniforms, the radius and the angle; the rest is float32.
void transform(const uint32_t* raw, float16_t* out, int64_t blocks, double meanValue, double stdValue) {
  const float mean = load(castTo<float16_t>(meanValue)), std = load(castTo<float16_t>(stdValue));
  const auto rounded = [](float value) { return load(float16_t(value)); };
  const auto uniform = [&](int64_t i) { return static_cast<float>(temper(raw[i]) & 0x7ffu) * 0x1p-11f; };
  for (int64_t block = 0; block < blocks; ++block) {
    for (int64_t j = block * 16; j < block * 16 + 8; ++j) {
      const float radius = rounded(std::sqrt(-2.0f * std::log(1.0f - uniform(j))));
      const float angle = rounded(static_cast<float>(kTurn * static_cast<double>(uniform(j + 8))));
      out[j] = float16_t(std::fma(radius * std::cos(angle), std, mean));
      out[j + 8] = float16_t(std::fma(radius * std::sin(angle), std, mean));
    }
  }
}

// bfloat16 rounds after every operation.
void transform(const uint32_t* raw, bfloat16_t* out, int64_t blocks, double meanValue, double stdValue) {
  const float mean = load(castTo<bfloat16_t>(meanValue)), std = load(castTo<bfloat16_t>(stdValue));
  const auto rounded = [](float value) { return load(bfloat16_t(value)); };
  const auto uniform = [&](int64_t i) { return static_cast<float>(temper(raw[i]) & 0xffu) * 0x1p-8f; };
  for (int64_t block = 0; block < blocks; ++block) {
    for (int64_t j = block * 16; j < block * 16 + 8; ++j) {
      const float radius = rounded(std::sqrt(rounded(-2.0f * rounded(std::log(1.0f - uniform(j))))));
      const float angle = rounded(static_cast<float>(kTurn * static_cast<double>(uniform(j + 8))));
      const auto place = [&](float direction) {
        return bfloat16_t(rounded(rounded(radius * rounded(direction)) * std) + mean);
      };
      out[j] = place(std::cos(angle));
      out[j + 8] = place(std::sin(angle));
    }
  }
}

template <typename T>
void fillBlocks(const Operand& state, const Operand& out, double mean, double std) {
  Mt19937 engine(state);
  T* data = out.as<T>();
  const int64_t n = out.numel(), whole = n / 16 * 16, chunk = kChunkWords / kWordsOf<T>;
  const Temporary<uint32_t> raw(std::min(std::max<int64_t>(whole, 16), chunk) * kWordsOf<T>);
  const auto fill = [&](T* to, int64_t count) {
    engine.words(raw.get(), count * kWordsOf<T>);
    parallelFor(count / 16, kGrain / 64, [&](int64_t begin, int64_t end) {
      transform(raw.get() + begin * 16 * kWordsOf<T>, to + begin * 16, end - begin, mean, std);
    });
  };
  for (int64_t start = 0; start < whole; start += chunk) fill(data + start, std::min(chunk, whole - start));
  if (whole == n) return;
  // The uniforms of the incomplete block are drawn and lost; the last sixteen elements are drawn anew.
  engine.words(raw.get(), (n - whole) * kWordsOf<T>);
  fill(data + n - 16, 16);
}

// Standard normals one by one, in memory order.
template <typename T, typename Value>
void fillPairs(const Operand& state, const Operand& out, Value&& value) {
  Mt19937 engine(state);
  const Walk<1> walk = inMemoryOrder<1>({&out});
  const int64_t stride = walk.inner(0);
  walk.runs(0, walk.numel(), [&](const auto& offset, int64_t count, int64_t) {
    for (int64_t i = 0; i < count; ++i) out.as<T>()[offset[0] + i * stride] = castTo<T>(value(engine.normal()));
  });
}

}  // namespace

// operands: state, out (floating); floats: mean, std.
void randomNormal(const KernelArgs& args) {
  const Operand &state = args.operands[0], &out = args.operands[1];
  demandGiven({&out});
  demandFloating(out);
  const double mean = args.floats[0], std = args.floats[1];
  dispatch(out.dtype, [&]<typename T>() {
    if constexpr (!kWhole<T>) {
      if (out.contiguous() && out.numel() >= 16)
        fillBlocks<T>(state, out, mean, std);
      else
        fillPairs<T>(state, out, [&](double x) { return std::fma(x, std, mean); });
    }
  });
}

// operands: state, out (floating); floats: mean, std of the logarithm.
void randomLogNormal(const KernelArgs& args) {
  demandGiven({&args.operands[1]});
  demandFloating(args.operands[1]);
  const double mean = args.floats[0], std = args.floats[1];
  dispatch(args.operands[1].dtype, [&]<typename T>() {
    if constexpr (!kWhole<T>) {
      fillPairs<T>(args.operands[0], args.operands[1], [&](double x) { return std::exp(std::fma(x, std, mean)); });
    }
  });
}

}  // namespace cresset::cpu
