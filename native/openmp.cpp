// A small add-on that loads GNU's OpenMP with our settings, before the backend brings it. The library reads its
// environment once, while it is loaded, and here is the only place to write it: in a worker, process.env is a copy that
// native code never sees. Programs started later shall not inherit the settings, so they are taken back.

#include <dlfcn.h>
#include <node_api.h>
#include <sched.h>

#include <cstdlib>
#include <string>

#include "cpu-quota.h"

namespace {

// How often an idle thread of the pool looks for work before it sleeps (some 20 µs). By its own default it looks for
// many milliseconds: where other programs want the processors too, it takes them from the threads it waits for, and a
// training step took 200 ms instead of 5. Alone on a machine both are equal.
constexpr const char* kSpins = "1000";

// A variable that is set while this object lives, unless somebody has set it before.
class Setting {
 public:
  Setting(const char* name, const std::string& value)
      : name_(std::getenv(name) == nullptr && setenv(name, value.c_str(), 0) == 0 ? name : nullptr) {}
  ~Setting() {
    if (name_ != nullptr) unsetenv(name_);
  }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  const char* name_;
};

int processors() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

// Where OpenMP is another library, this one has none to load.
void load() { dlopen("libgomp.so.1", RTLD_NOW | RTLD_GLOBAL); }

void loadWithSpins() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return load();
  const Setting spins("GOMP_SPINCOUNT", kSpins);
  load();
}

void loadWithSettings() {
  // By itself the library starts a thread for each processor, however little of them a container may use.
  const int quota = cresset::cpuQuota();
  if (quota == 0 || quota >= processors()) return loadWithSpins();
  const Setting threads("OMP_NUM_THREADS", std::to_string(quota));
  loadWithSpins();
}

}  // namespace

NAPI_MODULE_INIT() {
  try {
    loadWithSettings();
  } catch (...) {
    // Without our settings everything works as well, only slower.
  }
  (void)env;
  return exports;
}
