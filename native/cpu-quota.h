// How many processors the control groups of this process (a container's limits) let it use.
#pragma once

#include <string>

namespace cresset {

// The least quota of its group and of the groups around it, in whole processors and rounded up; 0 where there is none.
// `root` stands before the paths of the system's files.
int cpuQuota(const std::string& root = "");

}  // namespace cresset
