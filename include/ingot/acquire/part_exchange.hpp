// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/part_exchange.hpp: one request for a part of a file: its answer is judged before a byte is written.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <ingot/acquire/content_range.hpp>
#include <ingot/acquire/file_transfer.hpp>
#include <ingot/acquire/redirect_walk.hpp>
#include <ingot/acquire/stall_timer.hpp>
#include <ingot/acquire/transport.hpp>
#include <ingot/core/result.hpp>

namespace ingot::acquire::detail {

/// What an answer turned out to be.
enum class Verdict : std::uint8_t {
  none,     ///< no head yet
  content,  ///< the bytes asked for
  redirect,
  status,         ///< an error status
  unsatisfiable,  ///< 416
  no_range,       ///< all bytes though some were asked for, and not from the first
  wrong,          ///< compressed, other bytes, no Content-Range…
  wrong_size,     ///< of the whole, or longer than that
  changed,        ///< of another version of the file
  inspected,      ///< the item's own check failed
  disk,           ///< could not be written
};

class PartExchange : public Receiver {
 public:
  static constexpr std::size_t most_error_body = 4096, most_dropped = std::size_t{256} << 10;
  static constexpr std::uint64_t most_unknown = std::uint64_t{16} << 30;  ///< of a body whose size nobody says

  PartExchange(FileTransfer& of, Part what, StallTimer timer, Clock::time_point now)
      : file{&of},
        generation{of.generation},
        part{what},
        walk{*of.end},
        stall{timer},
        begun{now},
        position{what.range.begin},
        limit{what.range.end} {
    if (!of.single_stream() && (what.range.begin != 0 || what.range.end != *of.size)) requested = what.range;
  }

  bool head(const ResponseHead& answer) override;
  bool body(std::span<const std::byte> bytes) override;
  void done(Failure why, const std::string& said) override {
    failure = why;
    reason = said;
    ended = true;
  }

  /// For the next hop, or the next try, of the same part.
  void reset() {
    response = {};
    text.clear();
    reason.clear();
    dropped = 0;
    verdict = Verdict::none;
    failure = Failure::none;
    ended = false;
  }
  /// It gave content: the file's other parts are asked for where it ended.
  void remember_location() {
    if (file->located || generation != file->generation) return;
    file->located = true;
    file->end = walk;
  }
  /// Bytes of content that came.
  [[nodiscard]] std::uint64_t received() const noexcept { return position - part.range.begin; }
  /// What of the part is still to be fetched.
  [[nodiscard]] ByteRange remainder() const noexcept { return {position, taken_over ? limit : std::max(limit, part.range.end)}; }

  FileTransfer* file;
  std::uint64_t generation;  ///< of the file: after a restart nobody wants the answer
  Part part;
  std::optional<ByteRange> requested;  ///< none: the whole file
  RedirectWalk walk;
  StallTimer stall;
  Clock::time_point begun;
  std::uint64_t position, limit;  ///< of the next byte to write, and where to stop
  ExchangeId id = {};
  Verdict verdict = Verdict::none;
  ResponseHead response;
  std::string text;  ///< the begin of a body that is no content, or what is wrong
  std::size_t dropped = 0;
  Failure failure = Failure::none;
  std::string reason;
  std::optional<Error> error;  ///< with inspected, disk, and wrong_size of a body that was too long
  bool taken_over = false;     ///< another exchange fetches from `limit` on
  std::uint64_t moved = 0;     ///< bytes of content since the scheduler last looked
  bool ended = false;

 private:
  [[nodiscard]] bool wrong(std::string what) {
    verdict = Verdict::wrong;
    text = std::move(what);
    return false;
  }
  [[nodiscard]] bool failed(Status status) {
    verdict = Verdict::disk;
    error = std::move(status).error();
    return false;
  }
  [[nodiscard]] bool judge(const ResponseHead& answer);
  [[nodiscard]] bool same_version(const ResponseHead& answer);
};

}  // namespace ingot::acquire::detail
