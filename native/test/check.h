// A test runner in one header: a test registers itself, fails by throwing, and main.cpp runs them all.
#pragma once

#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace cresset::test {

struct Test {
  std::string name;
  std::function<void()> body;
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

struct Registered {
  Registered(std::string name, std::function<void()> body) { tests().push_back({std::move(name), std::move(body)}); }
};

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream text;
  text.precision(17);
  (text << ... << parts);
  throw Failure(text.str());
}

template <typename... Parts>
void expect(bool condition, const Parts&... parts) {
  if (!condition) fail(parts...);
}

// Runs `body` and expects it to throw an E.
template <typename E, typename Body>
void expectThrow(Body&& body, const std::string& what) {
  try {
    body();
  } catch (const E&) {
    return;
  }
  fail("nothing was thrown: ", what);
}

}  // namespace cresset::test
