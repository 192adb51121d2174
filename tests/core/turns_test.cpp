// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/turns.hpp>

#include <thread>

#include <sys/resource.h>

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

TEST_CASE("short turns are asked for without another policy or priority, and stay with the thread that asked") {
  const int policy = sched_getscheduler(0), nice = getpriority(PRIO_PROCESS, 0);
  bool first = false, again = false;
  std::thread{[&] {
    first = ask_for_short_turns(), again = ask_for_short_turns();
    CHECK(sched_getscheduler(0) == policy);
    CHECK(getpriority(PRIO_PROCESS, 0) == nice);
    CHECK(has_short_turns() == first);
  }}.join();
  CHECK(first == again);
}

TEST_CASE("threads of another policy keep their turns") {
  bool set = false, asked = true;
  std::thread{[&] {
    const sched_param none{};
    set = sched_setscheduler(0, SCHED_IDLE, &none) == 0;
    asked = ask_for_short_turns();
    CHECK((!set || sched_getscheduler(0) == SCHED_IDLE));
  }}.join();
  CHECK((!set || !asked));
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
