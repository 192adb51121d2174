// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/crowding.hpp: how many lanes are worth their barriers while other processes want the same cores.

#include <algorithm>
#include <chrono>
#include <cstdint>

#if defined(__linux__)
#include <sys/resource.h>
#endif

namespace ingot {

/// How often the kernel has taken the core away from the calling thread so far; 0 where it does not say.
[[nodiscard]] inline std::uint64_t preemptions() noexcept {
#if defined(__linux__)
  ::rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<std::uint64_t>(usage.ru_nivcsw);
#else
  return 0;
#endif
}

/// Lanes that share cores with other processes are rarely on them at the same time, so that most of a time slice passes at the next
/// barrier: two lanes beside two busy processes decoded at a quarter of their speed, one lane alone at half of it. Hence lanes that
/// are preempted are left out, and from time to time it is tried whether the others are gone.
class Crowding {
 public:
  using Duration = std::chrono::nanoseconds;

  /// Lanes for the next region of a team of `size`.
  [[nodiscard]] std::uint32_t lanes(std::uint32_t size) const noexcept {
    return rest_ > Duration{0} ? std::max(1u, size - std::min(size, left_out_)) : size;
  }

  /// What a region took: its time, the times its lanes were preempted, and how many lanes that happened to.
  void observe(Duration elapsed, std::uint64_t times, std::uint32_t preempted_lanes) noexcept {
    if (rest_ > Duration{0}) {
      rest_ -= std::min(rest_, elapsed);
      return;
    }
    elapsed_ += elapsed;
    times_ += times;
    lanes_ = std::max(lanes_, preempted_lanes);
    if (elapsed_ < window) return;
    if (times_ * usual_gap > elapsed_) {
      left_out_ = lanes_;
      rest_ = pause_;
      pause_ = std::min(2 * pause_, longest_pause);
    } else {
      pause_ = first_pause;
    }
    elapsed_ = Duration{0}, times_ = 0, lanes_ = 0;
  }

 private:
  /// Long enough for a short burst of something else, a few preemptions in as many milliseconds, not to count.
  static constexpr Duration window = std::chrono::milliseconds{50};
  /// Kernel threads preempt an undisturbed lane less than once in 100 ms, a busy process every 3 to 6 ms.
  static constexpr Duration usual_gap = std::chrono::milliseconds{10};
  static constexpr Duration first_pause = std::chrono::milliseconds{200}, longest_pause = std::chrono::milliseconds{1600};

  Duration elapsed_{0}, rest_{0}, pause_ = first_pause;
  std::uint64_t times_ = 0;
  std::uint32_t lanes_ = 0, left_out_ = 0;
};

}  // namespace ingot
