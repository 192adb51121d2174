// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/stall_timer.hpp: whether an exchange still gets anywhere.

#include <chrono>
#include <cstdint>

#include <ingot/acquire/transport.hpp>

namespace ingot::acquire {

/// Stalled: fewer than `least` bytes within a `window`, the first of which begins with the exchange (connecting and the head included).
class StallTimer {
 public:
  StallTimer(Clock::time_point now, Clock::duration window, std::uint64_t least) noexcept : begin_{now}, window_{window}, least_{least} {}

  /// Something came: `bytes` of the body, or a head, which counts as enough.
  void moved(Clock::time_point now, std::uint64_t bytes) noexcept {
    bytes_ += bytes;
    if (bytes_ < least_) return;
    begin_ = now;
    bytes_ = 0;
  }
  void restart(Clock::time_point now) noexcept { moved(now, least_); }
  [[nodiscard]] bool stalled(Clock::time_point now) const noexcept { return now - begin_ >= window_; }

 private:
  Clock::time_point begin_;
  Clock::duration window_;
  std::uint64_t least_, bytes_ = 0;
};

}  // namespace ingot::acquire
