// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/concurrency.hpp: how many exchanges an origin is asked to bear at once.

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <ingot/acquire/transport.hpp>

namespace ingot::acquire {

/// Begins with 4, adds one every 2 s in which more connections brought more (5 %), and halves when the origin says it is too much (429,
/// 503) or the throughput collapses: some servers slow all streams of a client that opens too many.
class Concurrency {
 public:
  static constexpr unsigned initial = 4, usual_most = 16;
  static constexpr std::chrono::seconds interval{2};

  Concurrency(unsigned most, Clock::time_point now) : most_{most}, limit_{std::min(initial, most)}, since_{now}, halved_{now - interval} {}

  [[nodiscard]] unsigned limit() const noexcept { return limit_; }

  /// `bytes` in all from this origin so far, `active` exchanges at present; to be called a few times a second.
  void observe(Clock::time_point now, std::uint64_t bytes, unsigned active) noexcept {
    if (now - since_ < interval) return;
    const double rate = static_cast<double>(bytes - bytes_) / std::chrono::duration<double>{now - since_}.count();
    since_ = now;
    bytes_ = bytes;
    if (active < limit_) {  // not all of it in use: says nothing
      last_rate_ = rate;
      return;
    }
    if (rate < best_rate_ / 4 && last_rate_ < best_rate_ / 4 && limit_ > initial) {
      halve(now);
      best_rate_ = rate;
    } else if (rate > last_rate_ * 1.05) {
      limit_ = std::min(limit_ + 1, most_);
    }
    best_rate_ = std::max(best_rate_, rate);
    last_rate_ = rate;
  }

  /// 429 or 503. Several at once are one.
  void halve(Clock::time_point now) noexcept {
    if (now - halved_ < interval) return;
    halved_ = now;
    limit_ = std::max(1U, limit_ / 2);
  }

 private:
  unsigned most_, limit_;
  Clock::time_point since_, halved_;
  std::uint64_t bytes_ = 0;
  double last_rate_ = 0, best_rate_ = 0;
};

}  // namespace ingot::acquire
