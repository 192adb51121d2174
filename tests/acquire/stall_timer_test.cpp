// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/stall_timer.hpp>

#include <doctest/doctest.h>

using namespace ingot::acquire;
using std::chrono::seconds;

TEST_CASE("stalled: too few bytes within the window") {
  const Clock::time_point begin{seconds{100}};
  StallTimer timer{begin, seconds{30}, 1000};
  CHECK(!timer.stalled(begin + seconds{29}));
  CHECK(timer.stalled(begin + seconds{30}));
  timer.moved(begin + seconds{20}, 999);
  CHECK(timer.stalled(begin + seconds{30}));
  timer.moved(begin + seconds{25}, 1);
  CHECK(!timer.stalled(begin + seconds{54}));
  CHECK(timer.stalled(begin + seconds{55}));
  timer.restart(begin + seconds{60});
  CHECK(!timer.stalled(begin + seconds{89}));
}
