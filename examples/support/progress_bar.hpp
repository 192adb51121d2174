// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/progress_bar.hpp: a bar on a terminal, a line every two seconds elsewhere; always stderr.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <unistd.h>

#include <fmt/format.h>

namespace program {

/// Shows how far a task is. Callable as an ingot::ProgressSink.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet) : quiet_{quiet}, terminal_{::isatty(STDERR_FILENO) == 1} {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  void operator()(std::string_view what, std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    const auto pause = terminal_ ? std::chrono::milliseconds{100} : std::chrono::milliseconds{2000};
    if (total != 0 && static_cast<double>(done) / static_cast<double>(total) < part_) start_ = now;  // the next part of the task
    part_ = total != 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
    if (quiet_ || total == 0 || (now - shown_ < pause && (done != total || !terminal_))) return;
    shown_ = now;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    const std::string left = part_ > 0.02 ? fmt::format("{:.0f} s left", elapsed / part_ - elapsed) : std::string{};
    if (!terminal_) {
      fmt::print(stderr, "{:3.0f} % {} {}\n", 100 * part_, what, left);
      return;
    }
    constexpr std::size_t width = 30;
    const auto filled = static_cast<std::size_t>(part_ * width);
    fmt::print(stderr, "\r\033[K[{}{}] {:3.0f} % {} {}", std::string(filled, '#'), std::string(width - filled, '.'), 100 * part_, left,
               what);
    std::fflush(stderr);
    drawn_ = true;
  }
  /// Takes the bar off the terminal.
  void clear() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
    drawn_ = false;
  }

 private:
  bool quiet_, terminal_, drawn_ = false;
  double part_ = 0;  // of what is being done, that is
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), shown_ = start_;
};

}  // namespace program
