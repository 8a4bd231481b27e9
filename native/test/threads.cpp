// The team of threads, and the processors and memory that a container allows.
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "check.h"
#include "cpu-quota.h"
#include "cpu/parallel.h"
#include "memory/system.h"

namespace cresset::test {
namespace {

const Registered kTeam("parallelFor: work of any size runs on the same threads", [] {
  const int before = threads();
  setThreads(4);
  std::set<int64_t> seen;
  std::mutex mutex;
  for (int round = 0; round < 200; ++round) {
    // Now two parts, now one for each thread and more.
    const int64_t parts = round % 2 == 0 ? 2 : 64;
    parallelFor(parts, 1, [&](int64_t, int64_t) {
      const std::lock_guard lock(mutex);
      seen.insert(syscall(SYS_gettid));
    });
  }
  setThreads(before);
  expect(seen.size() <= 4, seen.size(), " threads worked in a team of 4");
});

// A folder with the files of a system; removed at the end.
class System {
 public:
  System() {
    std::string name = (std::filesystem::temp_directory_path() / "cresset-XXXXXX").string();
    expect(mkdtemp(name.data()) != nullptr, "no folder could be made");
    root = name;
  }
  ~System() { std::filesystem::remove_all(root); }
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path) << text << "\n";
  }

  std::string root;
};

const Registered kQuota("cpuQuota: the least of all groups around this one", [] {
  {
    const System system;
    expect(cpuQuota(system.root) == 0, "no groups");
    system.write("/proc/self/cgroup", "0::/user.slice/session");
    system.write("/sys/fs/cgroup/user.slice/session/cpu.max", "max 100000");
    expect(cpuQuota(system.root) == 0, "no limit");
    system.write("/sys/fs/cgroup/user.slice/session/cpu.max", "450000 100000");
    expect(cpuQuota(system.root) == 5, "rounded up");
    system.write("/sys/fs/cgroup/user.slice/cpu.max", "200000 100000");
    expect(cpuQuota(system.root) == 2, "a group around it");
  }
  {
    // A container that does not see the path by which the machine knows it.
    const System system;
    system.write("/proc/self/cgroup", "0::/docker/0123");
    system.write("/sys/fs/cgroup/cpu.max", "50000 100000");
    expect(cpuQuota(system.root) == 1, "the group that is mounted");
  }
  {
    const System system;
    system.write("/proc/self/cgroup", "5:memory:/a\n4:cpu,cpuacct:/a/b");
    system.write("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1");
    system.write("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000");
    expect(cpuQuota(system.root) == 0, "version 1 without a limit");
    system.write("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "300000");
    system.write("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000");
    expect(cpuQuota(system.root) == 3, "version 1");
  }
});

const Registered kMemoryLimit("memoryLimit: the least of all groups around this one, and of the machine", [] {
  const System version2;
  const size_t machine = memoryLimit(version2.root);
  expect(machine > 0, "without groups the machine's");
  version2.write("/proc/self/cgroup", "0::/jobs/one");
  version2.write("/sys/fs/cgroup/jobs/one/memory.max", "max");
  expect(memoryLimit(version2.root) == machine, "no limit");
  version2.write("/sys/fs/cgroup/jobs/memory.max", "1048576");
  expect(memoryLimit(version2.root) == 1048576, "a group around it");
  version2.write("/sys/fs/cgroup/memory.max", "4096");
  expect(memoryLimit(version2.root) == 4096, "the group that is mounted");
  const System version1;
  version1.write("/proc/self/cgroup", "5:memory:/a/b\n4:cpu:/c");
  version1.write("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712");
  expect(memoryLimit(version1.root) == machine, "version 1 without a limit");
  version1.write("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "65536");
  expect(memoryLimit(version1.root) == 65536, "version 1");
});

}  // namespace
}  // namespace cresset::test
