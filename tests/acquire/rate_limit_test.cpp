// SPDX-License-Identifier: Apache-2.0
#include <ingot/acquire/rate_limit.hpp>

#include <chrono>

#include <doctest/doctest.h>

using namespace ingot::acquire;
using std::chrono::seconds;

TEST_CASE("Retry-After comes in seconds and as three forms of a date") {
  const auto now = std::chrono::system_clock::from_time_t(784111770);  // Sun, 06 Nov 1994 08:49:30 GMT
  CHECK(parse_retry_after("2", now) == seconds{2});
  CHECK(parse_retry_after(" 86400 ", now) == seconds{86400});
  for (const char* const date : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    CHECK(parse_retry_after(date, now) == seconds{7});
  CHECK(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now) == seconds{0});
  CHECK(parse_retry_after("99999999999999999999999", now).value() > seconds{100'000'000});
  for (const char* const garbage : {"", "soon", "-1", "1.5", "2 s", "0x10"}) CHECK(!parse_retry_after(garbage, now));
}

TEST_CASE("RateLimit asks for a wait when nothing remains") {
  CHECK(parse_rate_limit("\"resolvers\";r=0;t=12") == seconds{12});
  CHECK(!parse_rate_limit("\"api\";r=3;t=12"));
  CHECK(parse_rate_limit("\"api\";r=3;t=12, \"pages\"; r=0 ; t=5") == seconds{5});
  for (const char* const garbage : {"", "r=0", ";;;,,", "\"a\";r=x;t=3", "\"a\";t=9"}) CHECK(!parse_rate_limit(garbage));
}

TEST_CASE("the longer of both is waited for") {
  const auto now = std::chrono::system_clock::now();
  CHECK(asked_wait({429, {{"Retry-After", "2"}, {"RateLimit", "\"a\";r=0;t=4"}}}, now) == seconds{5});
  CHECK(asked_wait({429, {{"Retry-After", "20"}, {"RateLimit", "\"a\";r=0;t=4"}}}, now) == seconds{20});
  CHECK(!asked_wait({503, {}}, now));
}

TEST_CASE("one clock an origin") {
  RateLimits limits;
  const Origin a{"https", "a", 443}, b{"https", "b", 443};
  const Clock::time_point now{seconds{1000}};
  CHECK(limits.free_at(a, now) == now);
  limits.hold(a, now + seconds{5});
  limits.hold(a, now + seconds{2});
  CHECK(limits.free_at(a, now) == now + seconds{5});
  CHECK(limits.free_at(a, now + seconds{9}) == now + seconds{9});
  CHECK(limits.free_at(b, now) == now);
}
