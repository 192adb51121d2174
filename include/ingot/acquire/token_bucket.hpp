// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/token_bucket.hpp: a limit on bytes per second that any number of connections share.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <ingot/acquire/transport.hpp>

namespace ingot::acquire {

/// What all bodies of a transport may still take: `rate` more a second, at most a quarter of a second's worth at once.
class TokenBucket {
 public:
  explicit TokenBucket(std::uint64_t rate, Clock::time_point now) : rate_{static_cast<double>(rate)}, filled_{now} {}

  [[nodiscard]] bool limited() const noexcept { return rate_ > 0; }
  void take(std::size_t bytes) noexcept { tokens_ -= static_cast<double>(bytes); }
  [[nodiscard]] bool empty(Clock::time_point now) noexcept {
    tokens_ = std::min(tokens_ + rate_ * std::chrono::duration<double>{now - filled_}.count(), rate_ / 4);
    filled_ = now;
    return limited() && tokens_ <= 0;
  }
  /// Until it is not.
  [[nodiscard]] Clock::duration wait() const noexcept {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{std::max(0.0, -tokens_ / rate_)}) +
           std::chrono::milliseconds{1};
  }

 private:
  double rate_, tokens_ = 0;
  Clock::time_point filled_;
};

}  // namespace ingot::acquire
