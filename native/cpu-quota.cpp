#include "cpu-quota.h"

#include <cmath>
#include <fstream>

#include "control-groups.h"

namespace cresset {
namespace {

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
  for (const std::string& folder : controlGroups("cpu", root)) {
    const double quota = quotaOf(folder);
    if (quota > 0 && (least == 0 || quota < least)) least = quota;
  }
  return static_cast<int>(std::ceil(least));
}

}  // namespace cresset
