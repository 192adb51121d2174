// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/team.hpp>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot;

TEST_CASE("slices cover all items once, at multiples of the unit") {
  Barrier barrier;
  for (const std::uint32_t lanes : {1u, 2u, 3u, 5u, 8u})
    for (const std::size_t items : {0u, 1u, 7u, 16u, 100u})
      for (const std::size_t unit : {1u, 4u, 16u}) {
        std::size_t next = 0;
        for (std::uint32_t rank = 0; rank < lanes; ++rank) {
          const Slice slice = Lane{rank, lanes, barrier}.slice(items, unit);
          CHECK(slice.begin == next);
          CHECK((slice.begin % unit == 0 || slice.begin == items));
          next = slice.end;
        }
        CHECK(next == items);
      }
}

TEST_CASE("every lane runs, and what is written before a barrier is read after it") {
  for (const std::uint32_t lanes : {1u, 2u, 3u, 5u}) {
    Team team{lanes};
    REQUIRE(team.size() == lanes);
    std::vector<int> values(lanes);
    std::atomic<int> wrong = 0;
    for (int round = 1; round <= 300; ++round)
      team.run_on(lanes, [&](Lane& lane) {
        values[lane.rank()] = round;
        lane.barrier();
        for (const int value : values) wrong += value != round;
        lane.barrier();
      });
    CHECK(wrong == 0);
    CHECK(team.barriers() == 2);
  }
}

TEST_CASE("a region may run on some of the lanes, another number each time") {
  Team team{5};
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t lanes = static_cast<std::uint32_t>(round * 7) % 5 + 1;
    std::vector<int> visits(5);
    std::atomic<bool> right = true;
    team.run_on(lanes, [&](Lane& lane) {
      if (lane.size() != lanes) right = false;
      ++visits[lane.rank()];
      lane.barrier();
      for (std::uint32_t r = 0; r < 5; ++r)
        if (visits[r] != (r < lanes)) right = false;
    });
    CHECK(right);
  }
}

TEST_CASE("an idle team uses no processor time") {
  Team team{4};
  team.run([](Lane&) {});
  std::this_thread::sleep_for(std::chrono::milliseconds{20});  // the spinning before sleep is over
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds{200});
  CHECK(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC < 0.05);
}
