// SPDX-License-Identifier: Apache-2.0
#include <ingot/version.hpp>

#include <cstdio>
#include <string>

#include <doctest/doctest.h>

TEST_CASE("the version is three numbers") {
  int major = -1, minor = -1, patch = -1, end = 0;
  REQUIRE(std::sscanf(ingot::version, "%d.%d.%d%n", &major, &minor, &patch, &end) == 3);
  CHECK(std::string{ingot::version}.size() == static_cast<std::size_t>(end));
  CHECK((major >= 0 && minor >= 0 && patch >= 0));
}
