// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/processors.hpp>

#include <doctest/doctest.h>

using namespace ingot;

TEST_CASE("usable processors are at least one, and follow the affinity mask") {
  const std::uint32_t all = usable_processors();
  CHECK(all >= 1);
  cpu_set_t old, one;
  REQUIRE(sched_getaffinity(0, sizeof old, &old) == 0);
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &old)) {
      CPU_SET(i, &one);
      break;
    }
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(usable_processors() == 1);
  REQUIRE(sched_setaffinity(0, sizeof old, &old) == 0);
}
