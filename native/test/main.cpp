// Runs every registered test and prints one line each; the exit status tells whether all passed.
//   native-test [--target AVX3|AVX2|SSE4] [part of a name]
// The target is the best instruction set that kernels may use; without it, the best that the machine has.
#include <hwy/targets.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "check.h"

namespace {

// Better targets have lower bits; hiding those leaves the one that was asked for.
void limitTo(const char* target) {
  for (int64_t bit = 1; bit < HWY_SSE4; bit <<= 1) {
    if (std::strcmp(hwy::TargetName(bit), target) == 0) hwy::DisableTargets(bit - 1);
  }
  if (std::strcmp(hwy::TargetName(HWY_SSE4), target) == 0) hwy::DisableTargets(HWY_SSE4 - 1);
}

}  // namespace

int main(int argc, char** argv) {
  int next = 1;
  if (argc > 2 && std::strcmp(argv[1], "--target") == 0) {
    limitTo(argv[2]);
    next = 3;
  }
  const std::string filter = argc > next ? argv[next] : "";
  int passed = 0, failed = 0;
  for (const auto& test : cresset::test::tests()) {
    if (test.name.find(filter) == std::string::npos) continue;
    try {
      test.body();
      ++passed;
      std::printf("ok      %s\n", test.name.c_str());
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAILED  %s\n        %s\n", test.name.c_str(), error.what());
    }
    std::fflush(stdout);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
