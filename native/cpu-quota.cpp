#include "cpu-quota.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <vector>

namespace cresset {
namespace {

// The hierarchies that may hold a quota, and the path of this process in each. Lines of /proc/self/cgroup read
// `number:controllers:path`; version 2 of control groups has one line, without controllers.
struct Group {
  std::vector<std::string> mounts;
  std::string path;
};

std::vector<Group> groupsOf(const std::string& root) {
  // Where nothing is listed, the group that is mounted counts.
  std::vector<Group> groups;
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    std::istringstream parts(line);
    std::string number, controllers, path;
    if (!std::getline(parts, number, ':') || !std::getline(parts, controllers, ':') || !std::getline(parts, path)) {
      continue;
    }
    if (controllers.empty()) {
      groups.push_back({{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}, path});
      continue;
    }
    std::istringstream names(controllers);
    for (std::string name; std::getline(names, name, ',');) {
      if (name == "cpu") groups.push_back({{"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/" + controllers}, path});
    }
  }
  if (groups.empty()) groups.push_back({{"/sys/fs/cgroup", "/sys/fs/cgroup/cpu"}, "/"});
  return groups;
}

// Processors that one group allows; 0: any number.
double quotaOf(const std::string& folder) {
  double quota = 0, period = 0;
  // Version 2: `max 100000` or `200000 100000`. Version 1: a file for each number, -1 for no limit.
  if (std::ifstream(folder + "/cpu.max") >> quota >> period && period > 0) return quota / period;
  std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
  std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  return quota > 0 && period > 0 ? quota / period : 0;
}

}  // namespace

int cpuQuota(const std::string& root) {
  double least = 0;
  const auto take = [&](const std::string& folder) {
    const double quota = quotaOf(folder);
    if (quota > 0 && (least == 0 || quota < least)) least = quota;
  };
  for (const Group& group : groupsOf(root)) {
    for (const std::string& mount : group.mounts) {
      // A group obeys the limits of all groups around it. In a container, paths may name groups outside of what it
      // sees.
      for (std::string path = group.path; path.size() > 1; path.resize(path.rfind('/'))) take(root + mount + path);
      take(root + mount);
    }
  }
  return static_cast<int>(std::ceil(least));
}

}  // namespace cresset
