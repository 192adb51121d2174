// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/core/progress.hpp: how long-running library calls report, and how they are stopped.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include <ingot/core/result.hpp>

namespace ingot {

/// Set from any thread or signal handler; long-running calls look at it between small pieces of work.
class Cancellation {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  /// Makes it usable again, once what it stopped has ended.
  void reset() noexcept { requested_.store(false, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }
  /// An Error with code `cancelled` once requested.
  [[nodiscard]] Status check() const {
    if (!requested()) return {};
    return Error{ErrorCode::cancelled, "cancelled", {}, {}};
  }

 private:
  std::atomic<bool> requested_ = false;
};

/// Receives (what is being worked on, units done, units in all; 0 when unknown). Empty: nobody listens.
using ProgressSink = std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)>;

/// Receives one line a remark: a fallback taken, a key not known. Empty: nobody listens.
using NoteSink = std::function<void(std::string_view note)>;

}  // namespace ingot
