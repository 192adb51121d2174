// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/backoff.hpp: how long to wait before the n-th retry.

#include <algorithm>
#include <chrono>
#include <random>

#include <ingot/acquire/transport.hpp>

namespace ingot::acquire {

/// Full jitter: uniform in [0, min(30 s, 0.5 s * 2^n)], so that clients a server has turned away together do not come back together.
class Backoff {
 public:
  explicit Backoff(std::uint32_t seed = std::random_device{}()) : random_{seed} {}

  [[nodiscard]] Clock::duration operator()(unsigned retry) {
    constexpr double longest = 30, first = 0.5;
    const double most = std::min(longest, first * static_cast<double>(1U << std::min(retry, 10U)));
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{std::uniform_real_distribution{0.0, most}(random_)});
  }

 private:
  std::minstd_rand random_;
};

}  // namespace ingot::acquire
