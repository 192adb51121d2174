// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/file_transfer.hpp: where one file of a transfer stands.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ingot/acquire/concurrency.hpp>
#include <ingot/acquire/extents.hpp>
#include <ingot/acquire/prefix_hasher.hpp>
#include <ingot/acquire/redirect_walk.hpp>
#include <ingot/acquire/staging.hpp>
#include <ingot/acquire/transfer.hpp>

namespace ingot::acquire::detail {

/// Bytes of a file that wait for an exchange.
struct Part {
  ByteRange range;
  unsigned failures = 0;  ///< since the file last got anywhere
  unsigned renewals = 0;  ///< signatures asked for anew since this part last got a byte
  Clock::time_point not_before = {};
  bool new_connection = false;
};

/// What the exchanges of all files of one hub share, wherever its redirects lead.
struct Load {
  Origin origin;
  Concurrency concurrency;
  unsigned active = 0;
  std::uint64_t bytes = 0;
};

/// Known bytes are fetched by parts, and what turns out wrong is fetched again: by parts, then as a whole, from one response.
enum class Round : std::uint8_t { first, again, whole };

enum class Stage : std::uint8_t {
  planned,  ///< not begun, or another process is at it
  fetching,
  verifying,  ///< all bytes are there: hashed and flushed
  published,
  failed,
};

struct FileTransfer {
  static constexpr std::uint64_t smallest_part = std::uint64_t{16} << 20, largest_part = std::uint64_t{64} << 20;

  TransferItem* item = nullptr;
  Stage stage = Stage::planned;
  std::optional<Error> error;
  std::optional<StagingEntry> entry;
  std::optional<std::uint64_t> size;

  // Where it is asked for.
  std::optional<Source> source;
  std::optional<RedirectWalk> end;  ///< where its parts begin: the source, or where its redirects led
  bool located = false;             ///< `end` gave content
  Load* load = nullptr;
  std::vector<Part> waiting;  ///< in the order of their offsets
  unsigned active = 0;

  // What went wrong so far.
  Round round = Round::first;
  bool no_ranges = false;      ///< ignored or not to be trusted: one response for all of it
  bool version_known = false;  ///< of this run: another ETag from now on is another file
  unsigned wrong_answers = 0, changes = 0, asked_waits = 0;
  std::uint64_t generation = 0;       ///< counts restarts: what a task began before one is of no use after it
  std::uint64_t high_water = 0;       ///< most bytes there ever were
  std::uint64_t high_water_then = 0;  ///< when failures were last forgiven

  // What is known about the bytes.
  std::shared_ptr<PrefixHasher> hasher;
  std::uint64_t hasher_told = 0;
  Extents undurable;
  bool flushing = false, flushed = false;
  Clock::time_point flush_begun = {}, recorded = {};

  // Another process holds it.
  Clock::time_point look_again = {}, holder_seen = {};
  std::int64_t holder_heartbeat = 0;

  /// Forgets where it is: signatures expire, and wrong answers may come from one server of many.
  void unlocate() {
    end.reset();
    located = false;
  }
  [[nodiscard]] bool single_stream() const noexcept { return no_ranges || round == Round::whole || !size; }
  [[nodiscard]] bool ended() const noexcept { return stage == Stage::published || stage == Stage::failed; }
  [[nodiscard]] std::uint64_t covered() const noexcept { return entry ? entry->extents().covered() : 0; }
  [[nodiscard]] bool complete() const noexcept { return size && entry && covered() >= *size; }

  /// Queues what is missing.
  void plan(std::uint64_t part_size) {
    waiting.clear();
    if (single_stream()) {
      waiting.push_back({.range = {0, size.value_or(0)}});
      return;
    }
    if (part_size == 0) part_size = std::clamp(*size / 64, smallest_part, largest_part);
    for (const ByteRange& gap : entry->extents().missing(*size))
      for (std::uint64_t at = gap.begin; at < gap.end; at += part_size)
        waiting.push_back({.range = {at, std::min(gap.end, at + part_size)}});
  }
  void queue(Part part) {
    waiting.insert(std::ranges::upper_bound(waiting, part.range.begin, {}, [](const Part& other) { return other.range.begin; }), part);
  }
  /// Whether a failed part is forgiven what it did before: 1 MiB came, or an eighth of what was missing.
  [[nodiscard]] bool forgiven() {
    const std::uint64_t missing = size.value_or(0) > high_water_then ? *size - high_water_then : 0;
    const std::uint64_t enough = std::max<std::uint64_t>(1, std::min<std::uint64_t>(std::uint64_t{1} << 20, missing / 8));
    if (high_water - high_water_then < enough) return false;
    high_water_then = high_water;
    return true;
  }
};

}  // namespace ingot::acquire::detail
