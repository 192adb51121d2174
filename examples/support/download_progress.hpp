// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/download_progress.hpp: the progress of a download, with its rate.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "support/progress_bar.hpp"

namespace program {

/// A ProgressBar that says how many bytes a second arrive, over the last few seconds. Callable as an ingot::ProgressSink.
class DownloadProgress {
 public:
  explicit DownloadProgress(bool quiet) : quiet_{quiet} { bar_.emplace(quiet); }

  void operator()(std::string_view what, std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - since_).count();
    if (done < from_ || what != what_) {  // another phase, with a time of its own
      bar_.emplace(quiet_);
      what_ = what;
      from_ = done;
      since_ = now;
      rate_ = 0;
    } else if (seconds > 1) {
      const double current = static_cast<double>(done - from_) / seconds;
      rate_ = rate_ == 0 ? current : 0.7 * rate_ + 0.3 * current;
      from_ = done;
      since_ = now;
    }
    constexpr double megabyte = 1e6;
    (*bar_)(fmt::format("{} {:.1f} of {:.1f} MB{}", what, static_cast<double>(done) / megabyte, static_cast<double>(total) / megabyte,
                        rate_ > 0 ? fmt::format(", {:.1f} MB/s", rate_ / megabyte) : std::string{}),
            done, total);
  }
  void clear() { bar_->clear(); }

 private:
  bool quiet_;
  std::optional<ProgressBar> bar_;
  std::string what_;
  std::uint64_t from_ = 0;
  double rate_ = 0;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace program
