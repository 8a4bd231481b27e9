#include "cpu/parallel.h"

#include <hwy/targets.h>

#include <bit>

namespace cresset {

void setThreads(int count) { omp_set_num_threads(std::max(count, 1)); }

std::string_view targetName() {
  // The best supported target is the lowest bit.
  const int64_t supported = hwy::SupportedTargets() & ~int64_t{HWY_DISABLED_TARGETS};
  return hwy::TargetName(supported & -supported);
}

}  // namespace cresset
