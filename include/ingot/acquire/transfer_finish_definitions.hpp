// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/transfer_finish_definitions.hpp: from bytes to a published file; ingot::acquire compiles it, once.

#include <algorithm>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <ingot/acquire/transfer_scheduler.hpp>

namespace ingot::acquire::detail {

/// Has what came hashed, journaled and flushed.
void TransferScheduler::follow(FileTransfer& file, Clock::time_point now) {
  constexpr std::chrono::milliseconds record_interval{250};
  constexpr std::chrono::seconds flush_interval{2};
  constexpr std::uint64_t hash_step = std::uint64_t{1} << 20, flush_step = std::uint64_t{64} << 20;
  file.high_water = std::max(file.high_water, file.covered());
  if (file.size && !file.hasher)
    file.hasher = std::make_shared<PrefixHasher>(file.entry->data(), *file.size, file.item->digests,
                                                 [transport = transport_]() mutable { transport.wake(); });
  const bool complete = file.complete();
  if (file.hasher) {
    const std::uint64_t prefix = file.entry->extents().prefix();
    if (prefix >= file.hasher_told + hash_step || (complete && (prefix > file.hasher_told || prefix == 0))) {
      file.hasher_told = prefix;
      file.hasher->advance(prefix, hashing_);
    }
  }
  if (complete && file.stage == Stage::fetching && file.active == 0) {
    file.stage = Stage::verifying;
    file.waiting.clear();
  }
  if (now - file.recorded >= record_interval || file.stage == Stage::verifying) {
    file.recorded = now;
    if (auto status = file.entry->record_written(); !status) return fail(file, std::move(status).error());
  }
  if (file.flushing || file.flushed || file.undurable.empty()) {
    if (file.stage == Stage::verifying && file.undurable.empty() && !file.flushing) file.flushed = true;
    return;
  }
  if (file.stage == Stage::verifying || file.undurable.covered() >= flush_step || now - file.flush_begun >= flush_interval)
    flush_in_background(file, now);
}

void TransferScheduler::flush_in_background(FileTransfer& file, Clock::time_point now) {
  const int data = ::fcntl(file.entry->data(), F_DUPFD_CLOEXEC, 0);
  file.flushing = true;
  file.flush_begun = now;
  auto ranges = file.undurable.ranges();
  file.undurable.clear();
  flushing_.run(
      [this, data, file = &file, generation = file.generation, path = file.entry->data_path(), ranges = std::move(ranges)]() mutable {
        Status status = flush(data, path, ranges, stop_);
        ::close(data);
        {
          const std::lock_guard lock{flushed_mutex_};
          flushed_.push_back({file, generation, std::move(ranges), std::move(status)});
        }
        transport_.wake();
      });
}

void TransferScheduler::handle_flushed() {
  std::vector<Flushed> flushed;
  {
    const std::lock_guard lock{flushed_mutex_};
    flushed.swap(flushed_);
  }
  for (Flushed& flush : flushed) {
    FileTransfer& file = *flush.file;
    if (flush.generation != file.generation || !file.entry || file.ended()) continue;
    file.flushing = false;
    Status status = std::move(flush.status);
    if (status) status = file.entry->record_durable(flush.ranges);
    if (!status) fail(file, std::move(status).error());
  }
}

void TransferScheduler::verify(FileTransfer& file) {
  if (!file.hasher || !file.hasher->done()) return;
  const auto& digests = file.hasher->digests();
  if (!digests) return fail(file, Error{digests.error()});
  for (const Digest& expected : file.item->digests) {
    const auto found = std::ranges::find(*digests, expected.hash, &Digest::hash);
    if (found == digests->end() || *found != expected) return mistrust(file, found == digests->end() ? "" : found->text());
  }
  if (file.flushed) publish(file, digests->front());
}

void TransferScheduler::publish(FileTransfer& file, Digest sha256) {
  const StagedFile staged{file.entry->data_path(), *file.size, std::move(sha256)};
  Status status = file.item->publish ? file.item->publish(staged) : Status{};
  if (!status) return fail(file, std::move(status).error());
  file.entry->remove();
  file.entry.reset();
  file.hasher.reset();
  file.stage = Stage::published;
}

/// All bytes came and are not the file's.
void TransferScheduler::mistrust(FileTransfer& file, const std::string& found) {
  const std::string expected = file.item->digests.front().text();
  if (file.round != Round::whole) {
    file.round = file.round == Round::first && !file.single_stream() ? Round::again : Round::whole;
    note(file.item->path + ": wrong digest: fetched again" + (file.round == Round::whole ? " as a whole" : ""));
    file.unlocate();
    file.high_water_then = 0;
    return restart(file);
  }
  Status aside = file.entry->quarantine();
  file.entry.reset();
  fail(file, aside ? Error{ErrorCode::damaged, "wrong digest: " + found + " instead of " + expected, file.item->path,
                           "three downloads agree on nothing better: the bytes are put aside"}
                   : std::move(aside).error());
}

}  // namespace ingot::acquire::detail
