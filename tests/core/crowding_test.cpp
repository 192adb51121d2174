// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/crowding.hpp>

#include <chrono>

#include <doctest/doctest.h>

using ingot::Crowding;
using namespace std::chrono_literals;

namespace {

/// Regions of 5 ms, each with so many preemptions on so many lanes.
void observe(Crowding& c, std::chrono::milliseconds time, std::uint64_t times, std::uint32_t lanes) {
  for (; time > 0ms; time -= 5ms) c.observe(5ms, times, lanes);
}

}  // namespace

TEST_CASE("an undisturbed team keeps its lanes") {
  Crowding c;
  CHECK(c.lanes(4) == 4);
  observe(c, 1000ms, 0, 0);
  CHECK(c.lanes(4) == 4);
  observe(c, 15ms, 1, 1);  // a kernel thread, now and then
  observe(c, 1000ms, 0, 0);
  CHECK(c.lanes(4) == 4);
}

TEST_CASE("preempted lanes are left out, one stays") {
  Crowding c;
  observe(c, 50ms, 1, 1);
  CHECK(c.lanes(4) == 3);
  CHECK(c.lanes(1) == 1);

  Crowding all;
  observe(all, 50ms, 2, 2);
  CHECK(all.lanes(2) == 1);
}

TEST_CASE("all lanes are tried again, less and less often while the others stay") {
  Crowding c;
  for (const auto pause : {200ms, 400ms, 800ms, 1600ms, 1600ms}) {
    observe(c, 50ms, 1, 1);
    CHECK(c.lanes(2) == 1);
    observe(c, pause - 5ms, 0, 0);
    CHECK(c.lanes(2) == 1);
    observe(c, 5ms, 0, 0);
    CHECK(c.lanes(2) == 2);
  }
  observe(c, 50ms, 0, 0);  // they are gone
  observe(c, 50ms, 1, 1);  // and back
  observe(c, 200ms, 0, 0);
  CHECK(c.lanes(2) == 2);
}

TEST_CASE("the kernel counts preemptions upwards") {
  const std::uint64_t before = ingot::preemptions();
  CHECK(ingot::preemptions() >= before);
}
