// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/backoff.hpp>

#include <algorithm>

#include <doctest/doctest.h>

using namespace ingot::acquire;

TEST_CASE("uniform up to a bound that doubles to 30 s") {
  Backoff backoff{7};
  for (unsigned retry = 0; retry < 40; ++retry) {
    const double most = std::min(30.0, 0.5 * static_cast<double>(1U << std::min(retry, 20U)));
    double least = most, longest = 0;
    for (int i = 0; i < 300; ++i) {
      const double wait = std::chrono::duration<double>{backoff(retry)}.count();
      least = std::min(least, wait);
      longest = std::max(longest, wait);
    }
    CHECK(longest <= most);
    CHECK(longest > 0.9 * most);
    CHECK(least < 0.1 * most);
  }
}
