// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/processors.hpp>

#include <thread>

#include <doctest/doctest.h>

using namespace ingot;

namespace {

bool same(const cpu_set_t& a, const cpu_set_t& b) { return CPU_EQUAL(&a, &b) != 0; }

cpu_set_t affinity() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  REQUIRE(sched_getaffinity(0, sizeof mask, &mask) == 0);
  return mask;
}

}  // namespace

TEST_CASE("usable processors are at least one, and follow the affinity mask") {
  const std::uint32_t all = usable_processors();
  CHECK(all >= 1);
  const cpu_set_t old = affinity();
  cpu_set_t one;
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

TEST_CASE("a thread leaves its processor and keeps its affinity") {
  const cpu_set_t all = affinity();
  std::thread{[&] {
    const std::int16_t before = current_processor();
    REQUIRE(before >= 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(before, &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
    leave_processor(before);  // there is no other
    CHECK(current_processor() == before);
    CHECK(same(affinity(), one));

    REQUIRE(sched_setaffinity(0, sizeof all, &all) == 0);
    bool left = CPU_COUNT(&all) == 1;
    for (int i = 0; i < 10 && !left; ++i) {  // the kernel may take it back at once
      const std::int16_t here = current_processor();
      leave_processor(here);
      left = current_processor() != here;
    }
    CHECK(left);
    CHECK(same(affinity(), all));
    leave_processor(-1);
    CHECK(same(affinity(), all));
  }}.join();
}
