// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/support/skip.hpp: a test without its model is skipped, aloud, and not passed.

#include <filesystem>
#include <iostream>

namespace ingot::test {

/// Number of skips so far; main() then exits with 77, which ctest reports as skipped.
inline int skips = 0;

/// True where `path` is missing: say so and return from the test case.
inline bool skip_without(const std::filesystem::path& path) {
  if (std::error_code code; std::filesystem::exists(path, code)) return false;
  ++skips;
  std::cout << "skipped: " << path.string() << " is not there; tools/start puts it there\n";
  return true;
}

}  // namespace ingot::test
