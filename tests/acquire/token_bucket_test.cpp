// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/token_bucket.hpp>

#include <doctest/doctest.h>

using namespace ingot::acquire;

TEST_CASE("no more than its rate, whatever the pieces") {
  Clock::time_point now{std::chrono::seconds{5}};
  TokenBucket bucket{1'000'000, now};
  std::size_t taken = 0;
  for (int i = 0; i < 10'000; ++i, now += std::chrono::milliseconds{1})
    if (!bucket.empty(now)) {
      bucket.take(16'384);
      taken += 16'384;
    }
  CHECK(taken <= 10'000'000 + 16'384);
  CHECK(taken > 9'900'000);
}

TEST_CASE("an idle time is not saved up; a wait is long enough; no rate, no limit") {
  Clock::time_point now{std::chrono::seconds{5}};
  TokenBucket bucket{1'000'000, now};
  now += std::chrono::hours{1};
  REQUIRE(!bucket.empty(now));
  bucket.take(350'000);
  CHECK(bucket.empty(now));
  CHECK(!bucket.empty(now + bucket.wait()));
  TokenBucket unlimited{0, now};
  unlimited.take(1'000'000'000);
  CHECK(!unlimited.limited());
  CHECK(!unlimited.empty(now));
}
