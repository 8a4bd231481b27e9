// The Node-API seam, and the only file that knows JavaScript. It hands out storages, moves the shared scratch to the
// decoder and turns C++ exceptions into JavaScript errors, which it returns; docs/architecture.md describes the calls.

#include <node_api.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>

#include "checksum.h"
#include "cpu/parallel.h"
#include "decode.h"
#include "dtype.h"
#include "memory/pool.h"
#include "memory/system.h"
#include "registry.h"

namespace cresset {
namespace {

// What one JavaScript environment (the main thread, a worker) owns. It outlives the environment until the last handle
// is finalized, because Node does not promise an order between those events.
struct Environment {
  int64_t number = 0;
  Scratch scratch;
  napi_ref scratchBuffer = nullptr;
  Storages storages;
  Program program{};
  CallOperands operands;
  std::atomic<bool> closed = false;
};

class Environments {
 public:
  Environment* open() {
    const std::lock_guard lock(mutex_);
    Environment* const made = all_.emplace_back(std::make_unique<Environment>()).get();
    made->number = ++opened_;
    return made;
  }
  // Whether an environment has not been torn down, however its thread ended.
  bool isOpen(int64_t number) {
    const std::lock_guard lock(mutex_);
    return std::any_of(all_.begin(), all_.end(),
                       [&](const auto& entry) { return entry->number == number && !entry->closed; });
  }
  void dropIfDone(Environment* environment) {
    if (!environment->closed || environment->storages.taken() != 0) return;
    const std::lock_guard lock(mutex_);
    all_.remove_if([&](const auto& entry) { return entry.get() == environment; });
  }

 private:
  std::mutex mutex_;
  std::list<std::unique_ptr<Environment>> all_;
  int64_t opened_ = 0;
};

// Never destroyed: finalizers may come while the process ends.
Environments& environments() {
  static Environments& all = *new Environments;
  return all;
}

// Node-API calls fail only for arguments of the wrong kind here.
void check(napi_status status) {
  if (status != napi_ok) throw BadRequest("a call of the backend has an argument of the wrong kind");
}

napi_value textOf(napi_env env, std::string_view value) {
  napi_value result = nullptr;
  check(napi_create_string_utf8(env, value.data(), value.size(), &result));
  return result;
}

// One call from JavaScript: its arguments, and the environment it came from.
struct Call {
  static constexpr size_t kMaxArguments = 4;

  napi_env env;
  Environment* self = nullptr;
  size_t count = kMaxArguments;
  napi_value arguments[kMaxArguments];

  Call(napi_env env_, napi_callback_info info) : env(env_) {
    void* data = nullptr;
    check(napi_get_cb_info(env, info, &count, arguments, nullptr, &data));
    self = static_cast<Environment*>(data);
  }

  double number(size_t index) const {
    double value = 0;
    check(napi_get_value_double(env, arguments[index], &value));
    return value;
  }

  std::string text(size_t index) const {
    char buffer[64];
    size_t length = 0;
    check(napi_get_value_string_utf8(env, arguments[index], buffer, sizeof buffer, &length));
    return {buffer, length};
  }

  bool given(size_t index) const {
    napi_valuetype type = napi_undefined;
    check(napi_typeof(env, arguments[index], &type));
    return type != napi_undefined;
  }

  // The memory of an ArrayBuffer, a typed array or a DataView.
  std::pair<void*, size_t> memory(size_t index) const {
    void* data = nullptr;
    size_t length = 0;
    bool is = false;
    const napi_value value = arguments[index];
    check(napi_is_arraybuffer(env, value, &is));
    if (is) {
      check(napi_get_arraybuffer_info(env, value, &data, &length));
      return {data, length};
    }
    check(napi_is_typedarray(env, value, &is));
    if (is) {
      napi_typedarray_type type;
      check(napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr));
      // In the order of napi_typedarray_type; the last is a Float16Array, which older headers have no name for.
      static constexpr size_t kBytes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 2};
      const auto index = static_cast<size_t>(type);
      if (index >= std::size(kBytes)) throw BadRequest("a typed array of an unknown kind");
      return {data, length * kBytes[index]};
    }
    check(napi_get_dataview_info(env, value, &length, &data, nullptr, nullptr));
    return {data, length};
  }

  // Handles carry their slot in place of an address, so that one of another add-on is refused, not followed.
  int32_t handle(size_t index) const {
    void* data = nullptr;
    check(napi_get_value_external(env, arguments[index], &data));
    const auto slot = reinterpret_cast<intptr_t>(data) - 1;
    if (slot < 0 || slot > INT32_MAX) throw BadRequest("not a handle of the backend");
    return static_cast<int32_t>(slot);
  }

  napi_value wrap(double value) const {
    napi_value result = nullptr;
    check(napi_create_double(env, value, &result));
    return result;
  }

  napi_value wrap(std::string_view value) const { return textOf(env, value); }
};

// Runs inside garbage collection: it may not touch JavaScript, and does not.
void finalizeHandle(node_api_basic_env, void* data, void* hint) {
  auto* const self = static_cast<Environment*>(hint);
  self->storages.forget(static_cast<int32_t>(reinterpret_cast<intptr_t>(data) - 1));
  environments().dropIfDone(self);
}

napi_value makeHandle(const Call& call, int32_t slot, bool pressure) {
  napi_value handle = nullptr;
  void* const data = reinterpret_cast<void*>(static_cast<intptr_t>(slot) + 1);
  if (napi_create_external(call.env, data, finalizeHandle, call.self, &handle) != napi_ok) {
    call.self->storages.forget(slot);
    throw BadRequest("no handle could be made");
  }
  int32_t* const out = call.self->scratch.ints();
  out[0] = slot;
  out[1] = pressure ? 1 : 0;
  return handle;
}

napi_value scratch(const Call& call) {
  napi_value buffer = nullptr;
  check(napi_get_reference_value(call.env, call.self->scratchBuffer, &buffer));
  return buffer;
}

napi_value alloc(const Call& call) {
  const double bytes = call.number(0);
  if (!(bytes >= 0)) throw BadRequest("a size is negative or no number");
  if (bytes > 1e15)
    throw OutOfMemory("can't allocate memory: you tried to allocate " + std::to_string(bytes) + " bytes.");
  const int32_t slot = call.self->storages.allocate(static_cast<size_t>(bytes));
  return makeHandle(call, slot, Pool::instance().pressure());
}

napi_value adopt(const Call& call) {
  const auto [data, bytes] = call.memory(0);
  return makeHandle(call, call.self->storages.adopt(data, bytes), false);
}

napi_value mapOpenFile(const Call& call) {
  const int64_t file = whole(call.number(0));
  const double bytes = call.number(1);
  if (file < 0 || file > INT32_MAX || !(bytes > 0 && bytes <= 1e15)) throw BadRequest("no file, or nothing in it");
  return makeHandle(call, call.self->storages.map(static_cast<int>(file), static_cast<size_t>(bytes)), false);
}

napi_value release(const Call& call) {
  const int32_t slot = call.handle(0);
  if (call.self->storages.find(slot) != nullptr) call.self->storages.release(slot);
  return nullptr;
}

// Makes the block of a handle one that another thread may take, and answers its address; 0 for memory of JavaScript and
// of files. Whoever gets the address takes it or drops it.
napi_value share(const Call& call) {
  const int32_t slot = call.handle(0);
  if (call.self->storages.find(slot) == nullptr) throw BadRequest("the memory was released");
  return call.wrap(static_cast<double>(reinterpret_cast<uintptr_t>(call.self->storages.share(slot))));
}

char* addressIn(const Call& call) { return reinterpret_cast<char*>(static_cast<uintptr_t>(call.number(0))); }

napi_value take(const Call& call) { return makeHandle(call, call.self->storages.takeShared(addressIn(call)), false); }

napi_value drop(const Call& call) {
  SharedBlocks::instance().drop(addressIn(call));
  return nullptr;
}

napi_value unshare(const Call& call) {
  const int32_t slot = call.handle(0);
  if (call.self->storages.find(slot) != nullptr) call.self->storages.unshare(slot);
  return nullptr;
}

napi_value run(const Call& call) {
  decodeProgram(call.self->scratch, call.self->storages, call.self->program);
  runProgram(call.self->program);
  return nullptr;
}

napi_value callKernel(const Call& call) {
  decodeAndCall(call.self->scratch, call.self->storages, call.self->operands);
  return nullptr;
}

napi_value read(const Call& call) {
  const Scratch& scratch = call.self->scratch;
  int32_t* const ints = scratch.ints();
  double& value = scratch.doubles()[0];
  const DType dtype = dtypeOf(ints[1]);
  const char* const source = addressOf(call.self->storages, ints[0], value, elementSize(dtype));
  ints[2] = 0;
  dispatch(dtype, [&]<typename T>() {
    T element;
    std::memcpy(&element, source, sizeof element);
    if constexpr (std::is_same_v<T, int64_t>) {
      constexpr int64_t kExact = int64_t{1} << 53;
      if (element > kExact || element < -kExact) {
        ints[2] = 1;
        scratch.longs()[0] = element;
        return;
      }
    }
    value = static_cast<double>(static_cast<ArithmeticOf<T>>(element));
  });
  return nullptr;
}

napi_value readBytes(const Call& call) {
  const double bytes = call.number(2);
  const char* const source = addressOf(call.self->storages, whole(call.number(0)), call.number(1), bytes);
  const auto [target, capacity] = call.memory(3);
  if (bytes > static_cast<double>(capacity)) throw BadRequest("the array is too short");
  if (bytes > 0) std::memcpy(target, source, static_cast<size_t>(bytes));
  return nullptr;
}

napi_value writeBytes(const Call& call) {
  const auto [source, bytes] = call.memory(2);
  char* const target =
      addressOf(call.self->storages, whole(call.number(0)), call.number(1), static_cast<double>(bytes));
  if (bytes > 0) std::memcpy(target, source, bytes);
  return nullptr;
}

// Memory of a storage as an ArrayBuffer, which does not keep it: the caller detaches the buffer before the memory can
// go.
napi_value view(const Call& call) {
  const double bytes = call.number(2);
  char* const source = addressOf(call.self->storages, whole(call.number(0)), call.number(1), bytes);
  napi_value buffer = nullptr;
  check(napi_create_external_arraybuffer(call.env, source, static_cast<size_t>(bytes), nullptr, nullptr, &buffer));
  return buffer;
}

napi_value detach(const Call& call) {
  check(napi_detach_arraybuffer(call.env, call.arguments[0]));
  return nullptr;
}

napi_value checksum(const Call& call) {
  const auto [bytes, count] = call.memory(0);
  return call.wrap(crc32(bytes, count, static_cast<uint32_t>(whole(call.number(1)))));
}

napi_value beginWriting(const Call& call) {
  beginWritingFile(static_cast<int>(whole(call.number(0))), whole(call.number(1)), whole(call.number(2)));
  return nullptr;
}

// The CPU has finished when a call returns.
napi_value sync(const Call&) { return nullptr; }

template <typename Range, typename Name>
napi_value listOf(const Call& call, const Range& range, Name name) {
  napi_value list = nullptr;
  check(napi_create_array_with_length(call.env, range.size(), &list));
  uint32_t index = 0;
  for (const auto& entry : range)
    check(napi_set_element(call.env, list, index++, call.wrap(std::string_view(name(entry)))));
  return list;
}

napi_value memoryStatistics(const Call& call) {
  const PoolStatistics statistics = Pool::instance().statistics();
  napi_value result = nullptr;
  check(napi_create_object(call.env, &result));
  const std::pair<const char*, size_t> fields[] = {
      {"live", statistics.live},
      {"peak", statistics.peak},
      {"cached", statistics.cached},
      {"reservedPeak", statistics.reservedPeak},
      {"handles", statistics.handles},
      {"handlesPeak", statistics.handlesPeak},
      {"allocations", statistics.allocations},
      {"allocatedBytes", statistics.allocatedBytes},
      {"mappedBytes", statistics.mappedBytes},
  };
  for (const auto& [name, value] : fields) {
    check(napi_set_named_property(call.env, result, name, call.wrap(static_cast<double>(value))));
  }
  return result;
}

napi_value info(const Call& call) {
  const std::string what = call.text(0);
  const auto named = [](const auto& entry) { return entry.name; };
  const auto same = [](const char* name) { return name; };
  if (what == "pointwise") return listOf(call, pointwiseTable(), named);
  if (what == "kernels") return listOf(call, kernelTable(), named);
  if (what == "reduce") return listOf(call, reduceTable(), same);
  if (what == "dtypes") return listOf(call, dtypeTable(), same);
  if (what == "memory") return memoryStatistics(call);
  if (what == "emptyCache") {
    Pool::instance().trim();
    return nullptr;
  }
  if (what == "ageCache") {
    Pool::instance().age(std::chrono::milliseconds(whole(call.number(1))));
    return nullptr;
  }
  if (what == "resetPeak") {
    Pool::instance().resetPeak();
    return nullptr;
  }
  if (what == "threads") {
    if (call.given(1)) setThreads(static_cast<int>(whole(call.number(1))));
    return call.wrap(static_cast<double>(threads()));
  }
  if (what == "generation")
    return call.wrap(static_cast<double>(call.self->storages.generation(whole(call.number(1)))));
  if (what == "environment") return call.wrap(static_cast<double>(call.self->number));
  if (what == "isOpen") return call.wrap(environments().isOpen(whole(call.number(1))) ? 1.0 : 0.0);
  if (what == "target") return call.wrap(targetName());
  throw BadRequest("no information called " + what);
}

// Faults are returned, never thrown: while V8 writes the message of an exception that napi_throw left pending, memory
// may be collected, and the first finalizer of a handle that then runs takes the exception for its own and ends the
// process. Null when JavaScript can make no error any more, as in a worker that is being ended.
napi_value fault(napi_env env, std::string_view code, std::string_view message) noexcept {
  const auto text = [&](std::string_view value) {
    napi_value result = nullptr;
    return napi_create_string_utf8(env, value.data(), value.size(), &result) == napi_ok ? result : nullptr;
  };
  napi_value error = nullptr;
  const napi_value name = text(code), words = text(message);
  if (name == nullptr || words == nullptr || napi_create_error(env, name, words, &error) != napi_ok) return nullptr;
  return error;
}

// Every export runs through here: no C++ exception may cross into JavaScript.
template <napi_value (*kBody)(const Call&)>
napi_value guarded(napi_env env, napi_callback_info callback) {
  try {
    return kBody(Call(env, callback));
  } catch (const OutOfMemory& error) {
    return fault(env, "ERR_OUT_OF_MEMORY", error.what());
  } catch (const std::bad_alloc&) {
    return fault(env, "ERR_OUT_OF_MEMORY", "can't allocate memory for the work space of an operation");
  } catch (const IndexFault& error) {
    return fault(env, "ERR_INDEX", error.what());
  } catch (const NumericFault& error) {
    return fault(env, "ERR_NUMERIC", error.what());
  } catch (const FormatFault& error) {
    return fault(env, "ERR_FORMAT", error.what());
  } catch (const std::exception& error) {
    return fault(env, "ERR_NATIVE", error.what());
  } catch (...) {
    return fault(env, "ERR_NATIVE", "an unknown fault of the backend");
  }
}

void closeEnvironment(void* data) {
  auto* const self = static_cast<Environment*>(data);
  self->closed = true;
  environments().dropIfDone(self);
}

napi_value open(napi_env env, napi_value exports) {
  Environment* const self = environments().open();
  napi_value buffer = nullptr;
  void* bytes = nullptr;
  check(napi_create_arraybuffer(env, Scratch::kBytes, &bytes, &buffer));
  self->scratch.bytes = static_cast<char*>(bytes);
  check(napi_create_reference(env, buffer, 1, &self->scratchBuffer));
  check(napi_add_env_cleanup_hook(env, closeEnvironment, self));
  const std::pair<const char*, napi_callback> functions[] = {
      {"scratch", guarded<scratch>},     {"alloc", guarded<alloc>},
      {"adopt", guarded<adopt>},         {"map", guarded<mapOpenFile>},
      {"release", guarded<release>},     {"share", guarded<share>},
      {"take", guarded<take>},           {"drop", guarded<drop>},
      {"unshare", guarded<unshare>},     {"run", guarded<run>},
      {"call", guarded<callKernel>},     {"read", guarded<read>},
      {"readBytes", guarded<readBytes>}, {"writeBytes", guarded<writeBytes>},
      {"view", guarded<view>},           {"detach", guarded<detach>},
      {"crc32", guarded<checksum>},      {"beginWriting", guarded<beginWriting>},
      {"sync", guarded<sync>},           {"info", guarded<info>},
  };
  for (const auto& [name, function] : functions) {
    napi_value value = nullptr;
    check(napi_create_function(env, name, NAPI_AUTO_LENGTH, function, self, &value));
    check(napi_set_named_property(env, exports, name, value));
  }
  return exports;
}

}  // namespace
}  // namespace cresset

NAPI_MODULE_INIT() {
  try {
    return cresset::open(env, exports);
  } catch (const std::exception& error) {
    napi_throw_error(env, "ERR_NATIVE", error.what());
  } catch (...) {
    napi_throw_error(env, "ERR_NATIVE", "an unknown fault of the backend");
  }
  return nullptr;
}
