// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/transfer_start_definitions.hpp: what a transfer asks for next; ingot::acquire compiles it, once.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include <ingot/acquire/retry.hpp>
#include <ingot/acquire/transfer_scheduler.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/mapped_file.hpp>

namespace ingot::acquire::detail {

Status TransferScheduler::prepare() {
  constexpr std::uint64_t largest = std::uint64_t{1} << 62;
  const auto& root = settings_->staging_root;
  std::error_code error;
  if (root.has_parent_path()) std::filesystem::create_directories(root.parent_path(), error);
  if (error) return system_error("cannot create the directory", root.parent_path(), error.value());
  const auto make = [&] { return ::mkdir(root.c_str(), 0700) == 0 || errno == EEXIST; };
  struct stat info {};
  int found = -1;
  for (int tries = 0; found != 0 && tries < 5; ++tries) {  // another process may remove it meanwhile
    if (!make()) return system_error("cannot create the directory", root, errno);
    found = ::lstat(root.c_str(), &info);
  }
  if (found != 0 || !S_ISDIR(info.st_mode)) return Error{ErrorCode::disk, "not a directory", root.string(), "remove it"};
  own_names_ = true;
  for (int tries = 0; own_names_ && tries < 5; ++tries) own_names_ = !make() || !locks_work(root);  // here, too
  if (own_names_) note("file locks do not work here: several processes may fetch the same file");

  std::uint64_t need = 0;
  for (const FileTransfer& file : files_) {
    const std::uint64_t size = file.size.value_or(0);
    const auto sum = checked_add(need, size - std::min(size, kept_space(root, file.item->staging)));
    if (!sum || *sum > largest)
      return Error{ErrorCode::damaged, "no file is that long: " + std::to_string(size) + " bytes", file.item->path, {}};
    need = *sum;
  }
  INGOT_TRY(const std::uint64_t have, free_space(root));
  if (need > have)
    return Error{ErrorCode::disk, "not enough free space", root.string(),
                 "need " + std::to_string(need) + " bytes, have " + std::to_string(have)};
  return {};
}

Load& TransferScheduler::load_of(const Origin& origin, Clock::time_point now) {
  for (Load& load : loads_)
    if (load.origin == origin) return load;
  const unsigned most = settings_->max_workers == 0 ? Concurrency::usual_most : settings_->max_workers;
  return loads_.emplace_back(Load{origin, Concurrency{most, now}});
}

void TransferScheduler::dispatch(Clock::time_point now) {
  const auto open = static_cast<std::size_t>(std::ranges::count_if(
      files_, [](const FileTransfer& file) { return file.stage == Stage::fetching || file.stage == Stage::verifying; }));
  const auto full = [&] {
    return !loads_.empty() && std::ranges::all_of(loads_, [](const Load& load) { return load.active >= load.concurrency.limit(); });
  };
  std::size_t room = most_open_files > open ? most_open_files - open : 0;
  bool idle = true;
  for (FileTransfer& file : files_) {
    if (fatal_) return;
    if (file.stage == Stage::planned) {
      if (room == 0 || now < file.look_again) continue;
      // Not before it can be asked for anything: an open file is locked for others.
      if (full()) continue;
      if (!open_file(file, now)) continue;
      --room;
    }
    if (file.stage != Stage::fetching) continue;
    while (dispatch_file(file, now)) {
    }
    idle = idle && file.waiting.empty();
  }
  if (idle) split_slowest(now);
}

/// Starts the file's next part, if there is one and it may be started.
bool TransferScheduler::dispatch_file(FileTransfer& file, Clock::time_point now) {
  if (file.stage != Stage::fetching || file.waiting.empty()) return false;
  // The first answer shows where the redirects lead, and whether there are ranges.
  if (file.active > 0 && (file.single_stream() || !file.located)) return false;
  if (file.hasher && file.covered() > file.hasher->progress() + most_unhashed && file.active > 0) return false;
  if (file.undurable.covered() > most_undurable && file.active > 0) return false;
  if (file.load != nullptr && file.load->active >= file.load->concurrency.limit()) return false;
  const auto ready = std::ranges::find_if(file.waiting, [&](const Part& part) { return part.not_before <= now; });
  if (ready == file.waiting.end() || !locate(file, now)) return false;
  if (context_->limits.free_at(file.end->url().origin, now) > now || file.load->active >= file.load->concurrency.limit()) return false;

  const std::uint64_t least = settings_->max_rate != 0 && settings_->max_rate < (1U << 20) ? 1 : 30 << 10;
  const StallTimer timer{now, stall_window, least};
  auto exchange = std::make_unique<PartExchange>(file, *ready, timer, now);
  file.waiting.erase(ready);
  ++file.active;
  ++file.load->active;
  start(std::move(exchange));
  return true;
}

void TransferScheduler::start(std::unique_ptr<PartExchange> exchange) {
  ++report_.requests;
  Request request{.url = exchange->walk.url().text(),
                  .headers = exchange->walk.headers(context_->credentials),
                  .range = exchange->requested,
                  .own_connection = true,
                  .new_connection = exchange->part.new_connection};
  exchange->reset();
  exchange->id = transport_.start(std::move(request), *exchange);
  exchanges_.push_back(std::move(exchange));
}

/// Asks the item where its bytes are, unless that is known. False: failed, or not yet.
bool TransferScheduler::locate(FileTransfer& file, Clock::time_point now) {
  if (file.end) return true;
  auto source = file.item->locate();
  if (!source) {
    fail(file, std::move(source).error());
    return false;
  }
  auto url = Url::parse(source->url);
  if (!url) {
    fail(file, std::move(url).error());
    return false;
  }
  moved_ = std::max(moved_, transport_.now());  // it may have asked, and waited
  if (file.load == nullptr) file.load = &load_of(url->origin, now);
  file.end.emplace(*std::move(url), source->headers);
  file.source = *std::move(source);
  return true;
}

Status TransferScheduler::open_entry(FileTransfer& file, StagingEntry::Sharing sharing) {
  const JournalIdentity identity{file.item->size, file.item->digests, file.item->staging.commit};
  INGOT_TRY(file.entry, StagingEntry::open(settings_->staging_root, file.item->staging, identity, sharing));
  if (file.item->present) {
    INGOT_TRY(const bool present, file.item->present());
    if (present) {
      file.entry->remove();
      file.entry.reset();
      file.stage = Stage::published;
      return {};
    }
  }
  if (!file.size) file.size = file.entry->size();
  if (file.size) INGOT_CHECK(file.entry->begin(*file.size));
  return {};
}

/// From planned to fetching. False: it is somebody else's, published, or failed.
bool TransferScheduler::open_file(FileTransfer& file, Clock::time_point now) {
  constexpr std::chrono::seconds stuck{30};
  constexpr std::chrono::milliseconds pause{200};
  const bool abandoned = file.holder_heartbeat != 0 && now - file.holder_seen > stuck;
  auto opened = open_entry(file, own_names_ || abandoned ? StagingEntry::Sharing::own : StagingEntry::Sharing::locked);
  if (!opened && opened.error().code == ErrorCode::busy) {
    const auto holder = EntryLock::holder(settings_->staging_root / (file.item->staging.name() + ".lock"));
    if (file.holder_heartbeat == 0) note(file.item->path + ": waiting for " + holder.who);
    if (holder.heartbeat != file.holder_heartbeat) {
      file.holder_heartbeat = holder.heartbeat;
      file.holder_seen = now;
    }
    file.look_again = now + pause;
    return false;
  }
  if (!opened && opened.error().code == ErrorCode::unsupported) {
    own_names_ = true;
    return false;
  }
  if (!opened) fail(file, std::move(opened).error());
  if (file.ended()) return false;
  file.stage = Stage::fetching;
  file.high_water = file.high_water_then = file.covered();
  report_.bytes_kept += file.covered();
  for (const ByteRange& range : file.entry->extents().ranges()) file.undurable.add(range);  // as far as this run knows
  file.flush_begun = file.recorded = now;
  file.plan(settings_->part_size);
  follow(file, now);
  return file.stage == Stage::fetching;
}

/// Nothing is left to start: half of what the slowest has before it goes to a connection that is free.
void TransferScheduler::split_slowest(Clock::time_point now) {
  constexpr std::uint64_t worth = std::uint64_t{8} << 20;
  constexpr double long_enough = 4;  // seconds
  PartExchange* slowest = nullptr;
  double longest = long_enough;
  for (const auto& exchange : exchanges_) {
    const double age = std::chrono::duration<double>{now - exchange->begun}.count();
    if (exchange->verdict != Verdict::content || exchange->ended || exchange->file->single_stream() || age < 1) continue;
    if (exchange->file->load->active >= exchange->file->load->concurrency.limit()) continue;
    const std::uint64_t left = exchange->limit - exchange->position;
    const double seconds = static_cast<double>(left) * age / static_cast<double>(std::max<std::uint64_t>(exchange->received(), 1));
    if (left < worth || seconds < longest) continue;
    longest = seconds;
    slowest = exchange.get();
  }
  if (slowest == nullptr) return;
  const std::uint64_t middle = slowest->position + (slowest->limit - slowest->position) / 2;
  slowest->file->queue({.range = {middle, slowest->limit}, .new_connection = true});
  slowest->limit = middle;
  slowest->taken_over = true;
}

}  // namespace ingot::acquire::detail
