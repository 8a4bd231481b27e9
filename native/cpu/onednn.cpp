// The running of cached oneDNN pipelines; see onednn.h.
#include "onednn.h"

#include <omp.h>

#include <algorithm>

#include "onednn-version.h"
#include "operand.h"
#include "temporary.h"

namespace cresset::cpu {

namespace {

constexpr size_t kAlignment = 64;

void check(dnnl_status_t status) {
  if (status == dnnl_out_of_memory) throw OutOfMemory("oneDNN found no memory");
  if (status != dnnl_success) throw std::runtime_error("oneDNN failed with status " + std::to_string(status));
}

}  // namespace

// Never destroyed: what was made with it may live on while the process ends.
dnnl::engine& dnnlEngine() {
  static dnnl::engine& engine = *new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& dnnlStream() {
  static thread_local dnnl::stream stream(dnnlEngine());
  return stream;
}

dnnl::primitive_attr dnnlAttributes() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

ThreadScope::ThreadScope(int64_t work, int64_t worthThreads) : threads_(omp_get_max_threads()) {
  if (work < worthThreads) omp_set_num_threads(1);
}

ThreadScope::~ThreadScope() { omp_set_num_threads(threads_); }

PipelineKey::PipelineKey() { add(omp_get_max_threads()); }

bool PipelineKey::operator==(const PipelineKey& other) const {
  return size_ == other.size_ && std::equal(values_.begin(), values_.begin() + size_, other.values_.begin());
}

size_t PipelineKey::hash() const {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size_; ++i) {
    h = (h ^ static_cast<uint64_t>(values_[i])) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
  }
  return h;
}

size_t Pipeline::add(const dnnl::memory::desc& desc) {
  descs_.push_back(desc);
  memories_.emplace_back(desc, dnnlEngine(), static_cast<void*>(DNNL_MEMORY_NONE));
  return descs_.size() - 1;
}

size_t Pipeline::external(const dnnl::memory::desc& desc) {
  externals_.push_back(add(desc));
  return externals_.back();
}

size_t Pipeline::temporary(const dnnl::memory::desc& desc) {
  const size_t operand = add(desc);
  temporaries_.emplace_back(operand, temporaryBytes_);
  temporaryBytes_ += (desc.get_size() + kAlignment - 1) / kAlignment * kAlignment;
  return operand;
}

void Pipeline::step(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad,
                    const Arguments& arguments) {
  Step step{primitive, {}};
  for (const auto& [name, operand] : arguments) step.arguments.push_back({name, memories_[operand].get()});
  if (scratchpad.get_size() > 0) {
    step.arguments.push_back({DNNL_ARG_SCRATCHPAD, memories_[temporary(scratchpad)].get()});
  }
  steps_.push_back(std::move(step));
}

void Pipeline::reorder(size_t from, size_t to) {
  const dnnl::reorder::primitive_desc pd(dnnlEngine(), descs_[from], dnnlEngine(), descs_[to], dnnlAttributes());
  step(dnnl::reorder(pd), pd.scratchpad_desc(), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

size_t Pipeline::reordered(size_t operand, const dnnl::memory::desc& wanted) {
  if (descs_[operand] == wanted) return operand;
  const size_t result = temporary(wanted);
  reorder(operand, result);
  return result;
}

void Pipeline::run(std::initializer_list<const void*> pointers) {
  const Temporary<std::byte> temporary(static_cast<int64_t>(temporaryBytes_));
  for (const auto& [operand, offset] : temporaries_) {
    check(onednn::pointAt(memories_[operand].get(), temporary.get() + offset, dnnlStream().get()));
  }
  size_t next = 0;
  for (const void* pointer : pointers) {
    // oneDNN's handles are not const, but it only writes to the destinations.
    void* const memory = const_cast<void*>(pointer);
    check(onednn::pointAt(memories_[externals_[next++]].get(), memory, dnnlStream().get()));
  }
  for (const Step& step : steps_) {
    check(dnnl_primitive_execute(step.primitive.get(), dnnlStream().get(), static_cast<int>(step.arguments.size()),
                                 step.arguments.data()));
  }
}

Pipeline& PipelineCache::get(const PipelineKey& key, const std::function<void(Pipeline&)>& build) {
  if (const auto found = places_.find(key); found != places_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return *entries_.front().pipeline;
  }
  auto pipeline = std::make_unique<Pipeline>();
  try {
    build(*pipeline);
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) throw OutOfMemory(error.what());
    throw;
  }
  if (entries_.size() == kCapacity) {
    places_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({key, std::move(pipeline)});
  places_[key] = entries_.begin();
  return *entries_.front().pipeline;
}

}  // namespace cresset::cpu
