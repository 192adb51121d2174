// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/rate_limit.hpp: when an origin may be asked again: Retry-After, RateLimit, and the clock all workers share.

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/transport.hpp>
#include <ingot/acquire/url.hpp>

namespace ingot::acquire {

/// `Retry-After` in seconds or as an HTTP date (RFC 9110, three forms), relative to `now`; nothing for what is neither. Past dates are 0.
/// At most 10 years.
[[nodiscard]] std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, std::chrono::system_clock::time_point now);

/// `RateLimit: "api";r=0;t=12`: the 12 s when nothing remains (r=0) of any of its policies; nothing when requests remain.
[[nodiscard]] std::optional<std::chrono::seconds> parse_rate_limit(std::string_view value);

/// How long a response of status 429 or 503 asks to wait: the longer of both headers (RateLimit rounded up by a second).
[[nodiscard]] std::optional<std::chrono::seconds> asked_wait(const ResponseHead& head, std::chrono::system_clock::time_point now);

/// Until when each origin wants no request: one worker's 429 holds all of them.
class RateLimits {
 public:
  /// Waits above this fail at once, telling when to come again.
  static constexpr std::chrono::seconds longest_wait{120};

  void hold(const Origin& origin, Clock::time_point until);
  /// `now` where it may be asked at once.
  [[nodiscard]] Clock::time_point free_at(const Origin& origin, Clock::time_point now) const;

 private:
  std::vector<std::pair<Origin, Clock::time_point>> held_;
};

}  // namespace ingot::acquire
