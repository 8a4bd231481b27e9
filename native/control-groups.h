// The control groups of this process: a container's limits, those of a service, of a user's session.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cresset {

// The folders of the groups whose limits of one controller ("cpu", "memory") this process obeys: its own group and
// those around it, in either version of control groups. Some may not exist. `root` stands before the paths of the
// system's files.
std::vector<std::string> controlGroups(std::string_view controller, const std::string& root = "");

}  // namespace cresset
