// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/concurrency.hpp>

#include <algorithm>

#include <doctest/doctest.h>

using namespace ingot::acquire;
using std::chrono::seconds;

namespace {
/// `rate(connections)` bytes a second for `steps` intervals of 2 s.
template <class Rate>
void live(Concurrency& concurrency, Clock::time_point& now, std::uint64_t& bytes, int steps, Rate rate) {
  for (int i = 0; i < steps; ++i) {
    now += seconds{2};
    bytes += 2 * static_cast<std::uint64_t>(rate(concurrency.limit()));
    concurrency.observe(now, bytes, concurrency.limit());
  }
}
}  // namespace

TEST_CASE("grows while more connections bring more, up to the most") {
  Clock::time_point now{seconds{100}};
  std::uint64_t bytes = 0;
  Concurrency concurrency{16, now};
  CHECK(concurrency.limit() == 4);
  live(concurrency, now, bytes, 30, [](unsigned n) { return n * 1'000'000.0; });
  CHECK(concurrency.limit() == 16);
  Concurrency full{16, now};
  bytes = 0;
  live(full, now, bytes, 30, [](unsigned n) { return std::min(n, 7U) * 1'000'000.0; });
  CHECK(full.limit() == 8);
  CHECK(Concurrency{2, now}.limit() == 2);
}

TEST_CASE("halves when told, once for answers that come together, never below one") {
  Clock::time_point now{seconds{100}};
  Concurrency concurrency{16, now};
  for (int i = 0; i < 4; ++i) concurrency.halve(now);
  CHECK(concurrency.limit() == 2);
  for (int i = 0; i < 5; ++i) concurrency.halve(now += seconds{3});
  CHECK(concurrency.limit() == 1);
}

TEST_CASE("halves when the throughput collapses") {
  Clock::time_point now{seconds{100}};
  std::uint64_t bytes = 0;
  Concurrency concurrency{16, now};
  live(concurrency, now, bytes, 10, [](unsigned n) { return n * 1'000'000.0; });
  const unsigned before = concurrency.limit();
  live(concurrency, now, bytes, 3, [](unsigned) { return 10'000.0; });
  CHECK(concurrency.limit() < before);
}
