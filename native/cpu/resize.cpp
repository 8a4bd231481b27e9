// Images of bytes in another size, to the bit as Pillow resizes them (its Resample.c): each pass rounds to bytes, rows
// first.
#include "resize.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#include "convention.h"
#include "parallel.h"
#include "temporary.h"

namespace cresset::cpu {

namespace {

// In the order of their numbers on the wire.
enum class Filter : int64_t { Box, Bilinear, Hamming, Bicubic, Lanczos, Count };

double sinc(double x) { return x == 0 ? 1 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi); }

// Input pixels to each side that count when nothing is reduced.
double supportOf(Filter filter) {
  constexpr double kSupports[] = {0.5, 1, 1, 2, 3};
  return kSupports[static_cast<int64_t>(filter)];
}

double weightOf(Filter filter, double signedX) {
  const double x = std::abs(signedX);
  switch (filter) {
    case Filter::Box:
      return signedX > -0.5 && signedX <= 0.5 ? 1 : 0;
    case Filter::Bilinear:
      return x < 1 ? 1 - x : 0;
    case Filter::Hamming:
      return x >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * std::cos(x * std::numbers::pi));
    case Filter::Bicubic: {
      constexpr double a = -0.5;
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
    default:
      return signedX >= -3 && signedX < 3 ? sinc(signedX) * sinc(signedX / 3) : 0;
  }
}

// Where each result's inputs begin, how many they are, and their weights: `most` places for every result.
struct Taps {
  int64_t most;
  std::vector<int32_t> firsts, counts, weights;
};

Taps tapsOf(int64_t input, int64_t output, Filter filter) {
  const double scale = static_cast<double>(input) / static_cast<double>(output), spread = std::max(scale, 1.0);
  const double support = supportOf(filter) * spread;
  const int64_t most = static_cast<int64_t>(std::ceil(support)) * 2 + 1;
  Taps taps{most, std::vector<int32_t>(output), std::vector<int32_t>(output), std::vector<int32_t>(output * most)};
  std::vector<double> exact(most);
  for (int64_t i = 0; i < output; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(centre - support + 0.5));
    const int64_t count = std::min(input, static_cast<int64_t>(centre + support + 0.5)) - first;
    double total = 0;
    for (int64_t k = 0; k < count; ++k) {
      exact[k] = weightOf(filter, (static_cast<double>(k + first) - centre + 0.5) * (1 / spread));
      total += exact[k];
    }
    taps.firsts[i] = static_cast<int32_t>(first);
    taps.counts[i] = static_cast<int32_t>(count);
    for (int64_t k = 0; k < count; ++k) {
      const double weight = (total == 0 ? exact[k] : exact[k] / total) * (1 << kWeightBits);
      taps.weights[i * most + k] = static_cast<int32_t>(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return taps;
}

// Rows [begin, end) of x (height, width · channels), with a result row every `stride` bytes.
void resizeWidth(const Operand& x, const Taps& taps, int64_t begin, int64_t end, int64_t stride, uint8_t* out) {
  const int64_t channels = x.sizes[2], inputs = x.sizes[1] * channels, results = std::ssize(taps.firsts);
  const int64_t lanes = results * channels, padded = lanes + kRowPadding;
  // The filter's reach allows for more than most results need.
  const int64_t used = *std::max_element(taps.counts.begin(), taps.counts.end());
  std::vector<int32_t> firsts(padded), weights(used * padded);
  for (int64_t lane = 0; lane < lanes; ++lane) {
    const int64_t i = lane / channels;
    firsts[lane] = static_cast<int32_t>(taps.firsts[i] * channels + lane % channels);
    for (int64_t k = 0; k < taps.counts[i]; ++k) weights[k * padded + lane] = taps.weights[i * taps.most + k];
  }
  const LanePlan plan{firsts.data(), weights.data(), lanes, padded, used, channels};
  parallelFor(end - begin, std::max<int64_t>(1, kGrain / (lanes * used)), [&](int64_t from, int64_t to) {
    std::vector<int32_t> wide(inputs + used * channels + kRowPadding);
    for (int64_t row = from; row < to; ++row) {
      resizeRow(plan, x.as<const uint8_t>() + (begin + row) * inputs, inputs, wide.data(), out + row * stride);
    }
  });
}

}  // namespace

// operands: out, x, both uint8 (height, width, channels), contiguous, with pixels; ints: filter
void resizeBytes(const KernelArgs& args) {
  const Operand &out = args.operands[0], &x = args.operands[1];
  demandGiven({&out, &x});
  demandType(DType::UInt8, {&out, &x});
  demandContiguous({&out, &x});
  demandDims(out, 3, 3);
  demandDims(x, 3, 3);
  const int64_t channels = x.sizes[2], height = x.sizes[0], rows = out.sizes[0];
  demand(out.sizes[2] == channels, "sizes differ");
  demand(out.numel() > 0 && x.numel() > 0, "an image has no pixels");
  demand(std::max(x.sizes[1], out.sizes[1]) * channels < (1 << 30), "an image is too wide");
  demand(args.ints[0] >= 0 && args.ints[0] < static_cast<int64_t>(Filter::Count), "no such filter");
  const auto filter = static_cast<Filter>(args.ints[0]);
  const int64_t length = out.sizes[1] * channels;

  const bool sameHeight = rows == height, sameWidth = out.sizes[1] == x.sizes[1];
  const Taps down = sameHeight ? Taps{} : tapsOf(height, rows, filter);
  const int64_t begin = sameHeight ? 0 : down.firsts.front();
  const int64_t end = sameHeight ? height : down.firsts.back() + down.counts.back();
  const uint8_t* between = x.as<const uint8_t>() + begin * length;
  int64_t stride = length;
  Temporary<uint8_t> narrowed;
  if (!sameWidth) {
    stride = length + kRowPadding;
    narrowed = Temporary<uint8_t>((end - begin) * stride);
    resizeWidth(x, tapsOf(x.sizes[1], out.sizes[1], filter), begin, end, stride, narrowed.get());
    between = narrowed.get();
  }
  parallelFor(rows, std::max<int64_t>(1, kGrain / (length * std::max<int64_t>(1, down.most))),
              [&](int64_t from, int64_t to) {
                for (int64_t row = from; row < to; ++row) {
                  uint8_t* result = out.as<uint8_t>() + row * length;
                  if (sameHeight) {
                    std::memcpy(result, between + row * stride, length);
                    continue;
                  }
                  sumRows(between + (down.firsts[row] - begin) * stride, stride, down.weights.data() + row * down.most,
                          down.counts[row], length, result);
                }
              });
}

}  // namespace cresset::cpu
