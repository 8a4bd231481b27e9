// oneDNN for the kernels that use it: one engine and stream, and pipelines of primitives that are built once per shape.
// A cached pipeline keeps its memory objects, so that running it costs a few pointer writes and its primitives' calls.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <list>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cresset::cpu {

dnnl::engine& dnnlEngine();
dnnl::stream& dnnlStream();

// Attributes with the scratchpad given by the caller.
dnnl::primitive_attr dnnlAttributes();

// Runs everything in its scope on one thread when the work (multiply-adds) is too little to wake others for. Pipelines
// are built for the number of threads that they run on, so the scope goes around building, too.
class ThreadScope {
 public:
  // About 10 µs of one core's work, the price of waking a thread that sleeps.
  static constexpr int64_t kWorthThreads = 1 << 20;

  explicit ThreadScope(int64_t work, int64_t worthThreads = kWorthThreads);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int threads_;
};

// Numbers that identify a pipeline: shapes, strides, options, the number of threads.
class PipelineKey {
 public:
  PipelineKey();
  void add(int64_t value) { values_.at(size_++) = value; }
  template <typename Range>
  void addAll(const Range& range) {
    for (const auto value : range) add(static_cast<int64_t>(value));
  }
  bool operator==(const PipelineKey& other) const;
  size_t hash() const;

 private:
  std::array<int64_t, 48> values_{};
  size_t size_ = 0;
};

// Primitives run one after the other. Their operands are either given at each run or live in shared temporary memory.
class Pipeline {
 public:
  using Arguments = std::vector<std::pair<int, size_t>>;  // DNNL_ARG_…, operand

  // An operand whose pointer is given at each run, in the order of these calls.
  size_t external(const dnnl::memory::desc& desc);
  // An operand that only lives during a run.
  size_t temporary(const dnnl::memory::desc& desc);
  void step(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad, const Arguments& arguments);
  // The operand in the layout `wanted`: itself, or a temporary that a reorder fills.
  size_t reordered(size_t operand, const dnnl::memory::desc& wanted);
  // Copies `from` to `to` with a change of layout.
  void reorder(size_t from, size_t to);
  const dnnl::memory::desc& desc(size_t operand) const { return descs_[operand]; }

  void run(std::initializer_list<const void*> pointers);

 private:
  struct Step {
    dnnl::primitive primitive;
    std::vector<dnnl_exec_arg_t> arguments;
  };
  size_t add(const dnnl::memory::desc& desc);

  std::vector<dnnl::memory::desc> descs_;
  std::vector<dnnl::memory> memories_;
  std::vector<size_t> externals_;
  std::vector<std::pair<size_t, size_t>> temporaries_;  // operand, byte offset in the temporary memory
  size_t temporaryBytes_ = 0;
  std::vector<Step> steps_;
};

// The pipelines of one kernel; the least recently used one leaves when the cache is full.
class PipelineCache {
 public:
  Pipeline& get(const PipelineKey& key, const std::function<void(Pipeline&)>& build);

 private:
  static constexpr size_t kCapacity = 256;
  struct Entry {
    PipelineKey key;
    std::unique_ptr<Pipeline> pipeline;
  };
  struct Hash {
    size_t operator()(const PipelineKey& key) const { return key.hash(); }
  };
  std::list<Entry> entries_;
  std::unordered_map<PipelineKey, std::list<Entry>::iterator, Hash> places_;
};

}  // namespace cresset::cpu
