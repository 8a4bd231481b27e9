#include "control-groups.h"

#include <fstream>
#include <sstream>

namespace cresset {
namespace {

// A hierarchy's possible mount points, and the path of this process in it.
struct Group {
  std::vector<std::string> mounts;
  std::string path;
};

// Lines of /proc/self/cgroup read `number:controllers:path`; version 2 has one line, without controllers.
std::vector<Group> groupsOf(std::string_view controller, const std::string& root) {
  const std::string system = "/sys/fs/cgroup/";
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
      if (name == controller) groups.push_back({{system + name, system + controllers}, path});
    }
  }
  // Where nothing is listed, the group that is mounted counts.
  if (groups.empty()) groups.push_back({{"/sys/fs/cgroup", system + std::string(controller)}, "/"});
  return groups;
}

}  // namespace

std::vector<std::string> controlGroups(std::string_view controller, const std::string& root) {
  std::vector<std::string> folders;
  for (const Group& group : groupsOf(controller, root)) {
    for (const std::string& mount : group.mounts) {
      // In a container, paths may name groups outside of what it sees: then the group that is mounted is the one.
      for (std::string path = group.path; path.size() > 1; path.resize(path.rfind('/')))
        folders.push_back(root + mount + path);
      folders.push_back(root + mount);
    }
  }
  return folders;
}

}  // namespace cresset
