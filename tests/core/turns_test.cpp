// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/turns.hpp>

#include <thread>

#include <sched.h>
#include <sys/resource.h>

#include <doctest/doctest.h>

using namespace ingot;

TEST_CASE("short turns are asked for without another policy or priority, and stay with the thread that asked") {
  const int policy = sched_getscheduler(0), nice = getpriority(PRIO_PROCESS, 0);
  bool first = false, again = false;
  std::thread{[&] {
    first = ask_for_short_turns(), again = ask_for_short_turns();
    CHECK(sched_getscheduler(0) == policy);
    CHECK(getpriority(PRIO_PROCESS, 0) == nice);
    CHECK(take_short_turns() == first);
  }}.join();
  CHECK(first == again);
}

TEST_CASE("threads of another policy keep their turns") {
  bool set = false, asked = true;
  std::thread{[&] {
    const sched_param none{};
    set = sched_setscheduler(0, SCHED_IDLE, &none) == 0;
    asked = ask_for_short_turns();
    CHECK(sched_getscheduler(0) == SCHED_IDLE);
  }}.join();
  CHECK(set);
  CHECK_FALSE(asked);
}
