// float32 convolution by oneDNN. Its blocked layouts beat plain ones in spite of the reorders, by 1.2 to 10 times;
// measured exceptions are 1×1 kernels and the gradient of an input with few channels, where padding channels to a block
// of 16 costs more than it gives.
#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>

#include "conv.h"
#include "onednn-version.h"
#include "onednn.h"

namespace cresset::cpu {

namespace {

using dnnl::memory;

// Below this many channels per group a block of 16 is mostly padding, and the gradient of the input better comes from
// columns, unless these are too large for the caches.
constexpr int64_t kFewChannels = 5;
constexpr int64_t kMostColumns = 1 << 20;

// Threads that compute the gradient of a weight meet at a barrier that spins: when other processes hold a core, it
// costs milliseconds, so small gradients stay on one thread.
constexpr int64_t kWorthBarrier = 1 << 23;

// oneDNN's kernels keep geometry in 32-bit integers.
constexpr int64_t kMostNumber = 1 << 30;

enum class Pass { Forward, BackwardInput, BackwardWeight };

memory::desc plain(const memory::dims& dims) {
  memory::dims strides(dims.size(), 1);
  for (size_t d = dims.size() - 1; d > 0; --d) strides[d - 1] = strides[d] * dims[d];
  return {dims, memory::data_type::f32, strides};
}

memory::desc anyLayout(const memory::dims& dims) { return {dims, memory::data_type::f32, memory::format_tag::any}; }

struct Geometry {
  memory::dims x, w, y, bias, stride, dilation, paddingLeft, paddingRight;

  explicit Geometry(const Convolution& c) {
    // The fewest spatial dimensions: oneDNN has its fastest kernels for two.
    const int first = c.in[0] == 1 && c.out[0] == 1 && c.kernel[0] == 1 && c.padding[0] == 0 ? 1 : 0;
    x = {c.batch, c.inChannels};
    y = {c.batch, c.outChannels};
    w = {c.groupOutChannels(), c.groupInChannels()};
    if (c.groups > 1) w.insert(w.begin(), c.groups);
    for (int d = first; d < 3; ++d) {
      x.push_back(c.in[d]);
      y.push_back(c.out[d]);
      w.push_back(c.kernel[d]);
      stride.push_back(c.stride[d]);
      dilation.push_back(c.dilation[d] - 1);
      paddingLeft.push_back(c.padding[d]);
      paddingRight.push_back(c.padding[d]);
    }
    bias = {c.outChannels};
  }
};

bool prefersPlain(const Convolution& c, Pass pass) {
  if (pass == Pass::BackwardWeight) return false;
  if (c.taps() == 1 && c.stride == std::array<int64_t, 3>{1, 1, 1} && c.groups == 1) return true;
  return pass == Pass::BackwardInput && c.groupInChannels() < kFewChannels;
}

dnnl::convolution_forward::primitive_desc describeForward(const Geometry& g, bool isPlain, bool biased) {
  const auto layout = isPlain ? plain : anyLayout;
  constexpr auto kKind = dnnl::prop_kind::forward_training;
  constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
  const auto describe = [&](const auto&... arguments) {
    return onednn::describe<dnnl::convolution_forward>(dnnlEngine(), dnnlAttributes(), kKind, kAlgorithm, arguments...,
                                                       layout(g.y), g.stride, g.dilation, g.paddingLeft,
                                                       g.paddingRight);
  };
  return biased ? describe(layout(g.x), layout(g.w), plain(g.bias)) : describe(layout(g.x), layout(g.w));
}

// The memory that a primitive writes: the operand itself, or a temporary in the primitive's layout.
size_t target(Pipeline& pipeline, size_t operand, const memory::desc& wanted) {
  return pipeline.desc(operand) == wanted ? operand : pipeline.temporary(wanted);
}

void buildForward(Pipeline& pipeline, const Convolution& c, bool biased) {
  const Geometry g(c);
  const auto pd = describeForward(g, prefersPlain(c, Pass::Forward), biased);
  const size_t y = pipeline.external(plain(g.y)), x = pipeline.external(plain(g.x)), w = pipeline.external(plain(g.w));
  const size_t result = target(pipeline, y, pd.dst_desc());
  Pipeline::Arguments arguments{{DNNL_ARG_SRC, pipeline.reordered(x, pd.src_desc())},
                                {DNNL_ARG_WEIGHTS, pipeline.reordered(w, pd.weights_desc())},
                                {DNNL_ARG_DST, result}};
  if (biased) arguments.emplace_back(DNNL_ARG_BIAS, pipeline.external(plain(g.bias)));
  pipeline.step(dnnl::convolution_forward(pd), pd.scratchpad_desc(), arguments);
  if (result != y) pipeline.reorder(result, y);
}

void buildBackwardInput(Pipeline& pipeline, const Convolution& c) {
  const Geometry g(c);
  const bool isPlain = prefersPlain(c, Pass::BackwardInput);
  const auto layout = isPlain ? plain : anyLayout;
  const auto pd = onednn::describeBackward<dnnl::convolution_backward_data>(
      dnnlEngine(), dnnlAttributes(), describeForward(g, isPlain, false), dnnl::algorithm::convolution_direct,
      layout(g.x), layout(g.w), layout(g.y), g.stride, g.dilation, g.paddingLeft, g.paddingRight);
  const size_t gx = pipeline.external(plain(g.x)), gy = pipeline.external(plain(g.y)),
               w = pipeline.external(plain(g.w));
  const size_t result = target(pipeline, gx, pd.diff_src_desc());
  pipeline.step(dnnl::convolution_backward_data(pd), pd.scratchpad_desc(),
                {{DNNL_ARG_DIFF_DST, pipeline.reordered(gy, pd.diff_dst_desc())},
                 {DNNL_ARG_WEIGHTS, pipeline.reordered(w, pd.weights_desc())},
                 {DNNL_ARG_DIFF_SRC, result}});
  if (result != gx) pipeline.reorder(result, gx);
}

void buildBackwardWeight(Pipeline& pipeline, const Convolution& c, bool biased) {
  const Geometry g(c);
  const bool isPlain = prefersPlain(c, Pass::BackwardWeight);
  const auto layout = isPlain ? plain : anyLayout;
  const auto describe = [&](const auto&... arguments) {
    return onednn::describeBackward<dnnl::convolution_backward_weights>(
        dnnlEngine(), dnnlAttributes(), describeForward(g, isPlain, biased), dnnl::algorithm::convolution_direct,
        arguments..., layout(g.y), g.stride, g.dilation, g.paddingLeft, g.paddingRight);
  };
  const auto pd = biased ? describe(layout(g.x), layout(g.w), plain(g.bias)) : describe(layout(g.x), layout(g.w));
  const size_t gw = pipeline.external(plain(g.w)), x = pipeline.external(plain(g.x)),
               gy = pipeline.external(plain(g.y));
  const size_t result = target(pipeline, gw, pd.diff_weights_desc());
  Pipeline::Arguments arguments{{DNNL_ARG_SRC, pipeline.reordered(x, pd.src_desc())},
                                {DNNL_ARG_DIFF_DST, pipeline.reordered(gy, pd.diff_dst_desc())},
                                {DNNL_ARG_DIFF_WEIGHTS, result}};
  if (biased) arguments.emplace_back(DNNL_ARG_DIFF_BIAS, pipeline.external(plain(g.bias)));
  pipeline.step(dnnl::convolution_backward_weights(pd), pd.scratchpad_desc(), arguments);
  if (result != gw) pipeline.reorder(result, gw);
}

Pipeline& pipelineFor(const Convolution& c, Pass pass, bool biased, const std::function<void(Pipeline&)>& build) {
  static thread_local PipelineCache cache;
  PipelineKey key;
  key.addAll(std::array{c.batch, c.inChannels, c.outChannels, c.groups, static_cast<int64_t>(pass),
                        static_cast<int64_t>(biased)});
  for (const auto* dims : {&c.in, &c.out, &c.kernel, &c.stride, &c.padding, &c.dilation}) key.addAll(*dims);
  return cache.get(key, build);
}

}  // namespace

bool columnsAreFaster(const Convolution& c) {
  return c.groupInChannels() < kFewChannels && c.groupInChannels() * c.taps() * c.outPlane() <= kMostColumns;
}

bool onednnTakes(const Convolution& c) {
  for (const auto* numbers : {&c.in, &c.out, &c.kernel, &c.stride, &c.padding, &c.dilation}) {
    if (*std::ranges::max_element(*numbers) > kMostNumber) return false;
  }
  for (int d = 0; d < 3; ++d) {
    const int64_t reach = c.dilation[d] * (c.kernel[d] - 1) + 1;
    if ((c.in[d] + 2 * c.padding[d] - reach) / c.stride[d] + 1 != c.out[d]) return false;
  }
  return true;
}

void onednnForward(const Convolution& c, float* y, const float* x, const float* w, const float* bias) {
  const ThreadScope scope(c.work());
  const bool biased = bias != nullptr;
  Pipeline& pipeline = pipelineFor(c, Pass::Forward, biased, [&](Pipeline& p) { buildForward(p, c, biased); });
  if (biased) {
    pipeline.run({y, x, w, bias});
  } else {
    pipeline.run({y, x, w});
  }
}

void onednnBackwardInput(const Convolution& c, float* gx, const float* gy, const float* w) {
  const ThreadScope scope(c.work());
  pipelineFor(c, Pass::BackwardInput, false, [&](Pipeline& p) { buildBackwardInput(p, c); }).run({gx, gy, w});
}

void onednnBackwardWeight(const Convolution& c, float* gw, float* gbias, const float* x, const float* gy) {
  const ThreadScope scope(c.work(), kWorthBarrier);
  const bool biased = gbias != nullptr;
  Pipeline& pipeline =
      pipelineFor(c, Pass::BackwardWeight, biased, [&](Pipeline& p) { buildBackwardWeight(p, c, biased); });
  if (biased) {
    pipeline.run({gw, x, gy, gbias});
  } else {
    pipeline.run({gw, x, gy});
  }
}

}  // namespace cresset::cpu
