// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/transfer_definitions.hpp: transfer.hpp and the loop of its scheduler; ingot::acquire compiles it, once.

#include <algorithm>
#include <chrono>
#include <thread>

#include <ingot/acquire/retry.hpp>
#include <ingot/acquire/transfer_scheduler.hpp>

namespace ingot::acquire {

namespace detail {

TransferScheduler::TransferScheduler(HttpClient& client, std::span<TransferItem> items, const TransferSettings& settings)
    : transport_{client.transport()},
      context_{&client.context()},
      settings_{&settings},
      files_(items.size()),
      hashing_{std::clamp(std::thread::hardware_concurrency(), 1U, 4U)},
      flushing_{2} {
  for (std::size_t i = 0; i < items.size(); ++i) {
    files_[i].item = &items[i];
    files_[i].size = items[i].size;
  }
  // Configurations, then what one request fetches, then the longest, which else would be waited for alone in the end.
  constexpr std::uint64_t small = std::uint64_t{1} << 20;
  std::ranges::stable_sort(files_, [](const FileTransfer& a, const FileTransfer& b) {
    const auto rank = [](const FileTransfer& file) { return file.item->first ? 0 : file.size.value_or(0) <= small ? 1 : 2; };
    return rank(a) != rank(b) ? rank(a) < rank(b) : rank(a) == 2 && *a.size > *b.size;
  });
}

TransferScheduler::~TransferScheduler() {
  stop_.store(true);
  for (const auto& exchange : exchanges_) transport_.cancel(exchange->id);
  for (FileTransfer& file : files_) {
    if (file.hasher) file.hasher->stop();
    if (file.entry && !file.ended()) static_cast<void>(file.entry->record_written());  // what is in the page cache outlives us
  }
}

Result<TransferReport> TransferScheduler::run() {
  if (files_.empty()) return report_;
  INGOT_CHECK(prepare());
  moved_ = watched_ = reported_ = beat_ = transport_.now();
  while (!std::ranges::all_of(files_, &FileTransfer::ended)) INGOT_CHECK(step());
  report(transport_.now());
  for (FileTransfer& file : files_)
    if (file.error) return std::move(*file.error);
  std::error_code ignored;
  std::filesystem::remove(settings_->staging_root, ignored);  // where nothing is left in it
  return report_;
}

Status TransferScheduler::step() {
  if (context_->cancellation != nullptr) INGOT_CHECK(context_->cancellation->check());
  auto now = transport_.now();
  handle_ended(now);
  handle_flushed();
  watch(now);
  dispatch(now);
  for (FileTransfer& file : files_)
    if (file.stage == Stage::verifying) verify(file);
  if (fatal_) return std::move(*fatal_);
  report(now);
  INGOT_CHECK(check_patience(now));
  // Looking at all files for every few bytes would take longer than moving them.
  constexpr Clock::duration longest = std::chrono::milliseconds{50}, shortest = std::chrono::milliseconds{4};
  const auto ended = [&] { return std::ranges::any_of(exchanges_, [](const auto& exchange) { return exchange->ended; }); };
  for (auto wait = longest; wait > Clock::duration::zero() && !ended(); wait = shortest - (transport_.now() - now)) transport_.run(wait);
  return {};
}

/// Nothing came for long while something should have: neither a wait that a server asked for nor our own work on what is here counts.
Status TransferScheduler::check_patience(Clock::time_point now) {
  constexpr std::uint64_t enough = std::uint64_t{64} << 10;
  const std::uint64_t least = settings_->max_rate == 0 ? enough : std::clamp<std::uint64_t>(settings_->max_rate * 30, 1, enough);
  if (report_.bytes_fetched - fetched_then_ >= least) {
    fetched_then_ = report_.bytes_fetched;
    moved_ = now;
  }
  const bool waiting = std::ranges::any_of(
      files_, [&](const FileTransfer& file) { return file.stage == Stage::fetching && (file.active > 0 || !file.waiting.empty()); });
  const bool asked = std::ranges::any_of(files_, [&](const FileTransfer& file) {
    return file.end && !file.ended() && context_->limits.free_at(file.end->url().origin, now) > now;
  });
  if (!waiting || asked) moved_ = now;
  if (now - moved_ < patience) return {};
  for (FileTransfer& file : files_)
    if (file.error) return std::move(*file.error);
  return Error{ErrorCode::network, "nothing has arrived for 85 s", loads_.empty() ? std::string{} : loads_.front().origin.text(),
               "try again: what has arrived is kept"};
}

/// Counts what came, and takes from exchanges that have stalled what they still had to fetch.
void TransferScheduler::watch(Clock::time_point now) {
  std::vector<std::unique_ptr<PartExchange>> stalled;
  for (auto& exchange : exchanges_) {
    FileTransfer& file = *exchange->file;
    if (exchange->verdict == Verdict::content) exchange->remember_location();
    exchange->stall.moved(now, exchange->moved);
    report_.bytes_fetched += exchange->moved;
    file.load->bytes += std::exchange(exchange->moved, 0);
    if (!exchange->ended && exchange->stall.stalled(now)) stalled.push_back(std::move(exchange));
  }
  std::erase(exchanges_, nullptr);
  for (auto& exchange : stalled) {
    FileTransfer& file = *exchange->file;
    transport_.cancel(exchange->id);
    --file.active;
    --file.load->active;
    if (file.stage != Stage::fetching || exchange->generation != file.generation) continue;
    note(file.item->path + ": a connection has stalled: another one takes over");
    try_again(*exchange, Error{ErrorCode::network, "the connection has stalled", exchange->walk.url().redacted(), "check the network"}, now,
              true);
  }
  for (Load& load : loads_) load.concurrency.observe(now, load.bytes, load.active);
  for (FileTransfer& file : files_)
    if (file.stage == Stage::fetching || file.stage == Stage::verifying) follow(file, now);
  constexpr std::chrono::seconds beat{5};
  if (now - beat_ < beat) return;
  beat_ = now;
  for (FileTransfer& file : files_)
    if (file.entry) file.entry->heartbeat();
}

void TransferScheduler::report(Clock::time_point now) {
  constexpr std::chrono::milliseconds interval{100};
  const bool last = std::ranges::all_of(files_, &FileTransfer::ended);
  if (!settings_->progress || (now - reported_ < interval && !last)) return;
  reported_ = now;
  std::uint64_t there = 0, hashed = 0, total = 0;
  bool fetching = false;
  for (const FileTransfer& file : files_) {
    const std::uint64_t size = file.size.value_or(0);
    total += size;
    there += file.stage == Stage::published ? size : std::min(size, file.high_water);
    hashed += file.stage == Stage::published ? size : file.hasher ? file.hasher->progress() : 0;
    fetching = fetching || file.stage == Stage::planned || file.stage == Stage::fetching;
  }
  settings_->progress(fetching || last ? "downloading" : "verifying", fetching || last ? there : hashed, total);
}

}  // namespace detail

Result<TransferReport> transfer(HttpClient& client, std::span<TransferItem> items, const TransferSettings& settings) {
  return detail::TransferScheduler{client, items, settings}.run();
}

}  // namespace ingot::acquire
