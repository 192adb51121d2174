// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/background.hpp>

#include <atomic>
#include <latch>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::acquire;

TEST_CASE("all tasks run, in their order on one thread") {
  std::vector<int> order;
  std::latch done{1};
  Background background{1};
  for (int i = 0; i < 100; ++i) background.run([&, i] { order.push_back(i); });
  background.run([&] { done.count_down(); });
  done.wait();
  REQUIRE(order.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("what has not begun when it ends is dropped, what has is waited for") {
  std::atomic<int> run = 0;
  {
    std::latch begun{1};
    Background background{1};
    background.run([&] {
      begun.count_down();
      std::this_thread::sleep_for(std::chrono::milliseconds{30});
      ++run;
    });
    begun.wait();
    background.run([&] { run += 10; });
  }
  CHECK(run == 1);
}
