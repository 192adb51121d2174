// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/team.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <thread>
#include <vector>

#include <sched.h>

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

TEST_CASE("more lanes than processors do not spin") {
  cpu_set_t all, one;
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  CPU_ZERO(&one);
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);

  const auto seconds = [](std::clock_t from) { return static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC; };
  constexpr int barriers = 1000;
  std::clock_t start = std::clock();
  for (int i = 0; i < 100 * 2000; ++i) cpu_relax();
  const double spins = seconds(start) / 100;  // those of one barrier
  double used = 0;
  {
    Team team{3};
    start = std::clock();
    team.run([](Lane& lane) {
      for (int i = 0; i < barriers; ++i) lane.barrier();
    });
    used = seconds(start);
  }
  CHECK(sched_setaffinity(0, sizeof all, &all) == 0);
  CHECK(used / barriers < std::max(spins / 2, 30e-6));  // 10 us, and 80 us with spins where a pause takes 40 ns
}
