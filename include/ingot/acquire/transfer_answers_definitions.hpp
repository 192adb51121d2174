// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/transfer_answers_definitions.hpp: what a transfer does about each answer; ingot::acquire compiles it, once.

#include <algorithm>
#include <chrono>
#include <utility>

#include <ingot/acquire/rate_limit.hpp>
#include <ingot/acquire/retry.hpp>
#include <ingot/acquire/transfer_scheduler.hpp>

namespace ingot::acquire::detail {

void TransferScheduler::handle_ended(Clock::time_point now) {
  std::vector<std::unique_ptr<PartExchange>> ended;
  std::erase_if(exchanges_, [&](std::unique_ptr<PartExchange>& exchange) {
    if (!exchange->ended) return false;
    ended.push_back(std::move(exchange));
    return true;
  });
  for (auto& exchange : ended) {
    report_.bytes_fetched += exchange->moved;
    exchange->file->load->bytes += std::exchange(exchange->moved, 0);
    const bool wanted = exchange->file->stage == Stage::fetching && exchange->generation == exchange->file->generation;
    const bool whole = exchange->failure == Failure::none || exchange->failure == Failure::refused_by_receiver;
    if (wanted && exchange->verdict == Verdict::redirect && whole) {
      handle_redirect(std::move(exchange), now);
      continue;
    }
    --exchange->file->active;
    --exchange->file->load->active;
    if (wanted) handle(*exchange, now);
  }
}

void TransferScheduler::handle_redirect(std::unique_ptr<PartExchange> exchange, Clock::time_point now) {
  FileTransfer& file = *exchange->file;
  Status status;
  if (file.item->inspect) status = file.item->inspect(exchange->response, exchange->walk.url());
  if (status) {
    auto next = exchange->walk.next(exchange->response);
    status = next ? exchange->walk.follow(*std::move(next)) : Status{std::move(next).error()};
  }
  if (status && context_->limits.free_at(exchange->walk.url().origin, now) <= now) return start(std::move(exchange));
  --file.active;
  --file.load->active;
  if (!status) return fail(file, std::move(status).error());
  file.end = exchange->walk;  // goes on from here once the origin it has come to wants requests again
  file.queue(exchange->part);
}

void TransferScheduler::handle(PartExchange& exchange, Clock::time_point now) {
  FileTransfer& file = *exchange.file;
  const Url& url = exchange.walk.url();
  switch (exchange.verdict) {
    case Verdict::content:
      return handle_content(exchange, now);
    case Verdict::status:
      return handle_status(exchange, now);
    case Verdict::inspected:
    case Verdict::disk:
      return fail(file, std::move(*exchange.error));
    case Verdict::no_range:
      return handle_no_range(file);
    case Verdict::unsatisfiable: {
      const auto range = parse_content_range(exchange.response.headers.get("Content-Range"));
      exchange.text = "no such range (416, " + std::string{exchange.response.headers.get("Content-Range").substr(0, 60)} + ")";
      if (!range || !range->total || range->total == file.size) return handle_wrong(exchange, now);
      exchange.verdict = Verdict::changed;
      [[fallthrough]];
    }
    case Verdict::changed:
      if (++file.changes > most_changes)
        return fail(file, Error{ErrorCode::damaged, "the file keeps changing: " + exchange.text, url.redacted(), "try again later"});
      note(file.item->path + ": " + exchange.text + ": begun anew");
      file.no_ranges = file.changes == most_changes;  // one response is one version
      file.version_known = false;
      file.unlocate();
      return restart(file);
    case Verdict::wrong:
    case Verdict::wrong_size:
      return handle_wrong(exchange, now);
    case Verdict::redirect:
    case Verdict::none:
      break;
  }
  Error error = failure_error(exchange.failure, exchange.reason, url);
  if (!may_retry(exchange.failure)) return fail(file, std::move(error));
  try_again(exchange, std::move(error), now, true);
}

/// One response may already bring all of it; else one is asked for.
void TransferScheduler::handle_no_range(FileTransfer& file) {
  file.no_ranges = true;
  const auto whole = std::ranges::find_if(exchanges_, [&](const std::unique_ptr<PartExchange>& exchange) {
    return exchange->file == &file && exchange->verdict == Verdict::content && exchange->response.status == 200;
  });
  note(file.item->path + ": the server ignores ranges: fetched as a whole");
  if (whole == exchanges_.end()) return restart(file);
  std::unique_ptr<PartExchange> kept = std::move(*whole);
  exchanges_.erase(whole);
  drop_exchanges(file);
  file.waiting.clear();
  exchanges_.push_back(std::move(kept));
}

void TransferScheduler::handle_content(PartExchange& exchange, Clock::time_point now) {
  FileTransfer& file = *exchange.file;
  exchange.remember_location();
  if (!file.size && exchange.failure == Failure::none) {
    file.size = exchange.position;
    if (auto status = file.entry->settle(*file.size); !status) return fail(file, std::move(status).error());
  }
  if (file.size && exchange.position >= *file.size && file.covered() >= *file.size) return;
  const ByteRange left = exchange.remainder();
  if (left.begin >= left.end) return;
  const bool short_answer = exchange.failure == Failure::none && exchange.received() > 0 && exchange.position == exchange.limit;
  if (short_answer) {
    file.queue({.range = left});
    return;
  }
  const std::string reason = exchange.failure == Failure::none ? "the body ended early" : exchange.reason;
  try_again(exchange, failure_error(Failure::interrupted, reason, exchange.walk.url()), now, false);
}

void TransferScheduler::handle_status(PartExchange& exchange, Clock::time_point now) {
  FileTransfer& file = *exchange.file;
  const int status = exchange.response.status;
  const Url& url = exchange.walk.url();
  if (status == 407) return fail(file, failure_error(Failure::proxy, "the proxy answered 407: it wants a name and password", url));
  const bool signature = exchange.walk.hops() > 0 || file.source->expires;
  if (signature && (status == 400 || status == 401 || status == 403 || status == 410)) return renew(exchange, now);
  if (!may_retry(status)) {
    const HttpResponse response = response_of(exchange);
    return fail(file, file.item->explain ? file.item->explain(response) : response_error("cannot download", response).in(file.item->path));
  }
  Error error = response_error("the server keeps failing", response_of(exchange)).in(file.item->path);
  if (status == 429 || status == 503) {
    const bool alone = file.load->active == 0;
    file.load->concurrency.halve(now);
    if (const auto wait = asked_wait(exchange.response, std::chrono::system_clock::now())) {
      if (*wait > RateLimits::longest_wait) return fail(file, long_wait_error(*wait, url));
      context_->limits.hold(url.origin, now + *wait);
      if (++file.asked_waits <= most_asked_waits) {
        exchange.part.range = exchange.remainder();
        return file.queue(exchange.part);
      }
    } else if (!alone) {  // too many at once is nobody's fault
      exchange.part.range = exchange.remainder();
      exchange.part.not_before = now + backoff_(2);
      return file.queue(exchange.part);
    }
  }
  try_again(exchange, std::move(error), now, false);
}

/// An answer that cannot be used: once more, then without ranges, then never.
void TransferScheduler::handle_wrong(PartExchange& exchange, Clock::time_point now) {
  FileTransfer& file = *exchange.file;
  const bool again = ++file.wrong_answers <= most_wrong_answers;
  if (!again && !file.single_stream() && exchange.verdict != Verdict::wrong_size) {
    note(file.item->path + ": " + exchange.text + ": fetched as a whole");
    file.no_ranges = true;
    file.wrong_answers = 0;
    return restart(file);
  }
  if (again) {
    file.unlocate();
    if (file.single_stream() || exchange.verdict == Verdict::wrong_size) return restart(file);
    exchange.part.range = exchange.remainder();
    exchange.part.new_connection = true;
    exchange.part.not_before = now + backoff_(file.wrong_answers);
    return file.queue(exchange.part);
  }
  if (exchange.error) return fail(file, std::move(*exchange.error));
  const HttpResponse response = response_of(exchange);
  if (exchange.verdict == Verdict::wrong_size && file.item->explain) return fail(file, file.item->explain(response));
  const std::string what = exchange.verdict == Verdict::wrong_size
                               ? "expected " + std::to_string(file.size.value_or(0)) + " bytes, the server has " +
                                     std::string{exchange.response.headers.get("Content-Length")}
                               : "an answer that cannot be used: " + exchange.text;
  fail(file, Error{ErrorCode::damaged, what, response.url.redacted(), {}}.in(file.item->path));
}

/// The signature in the address has expired, or is refused for another reason: one more is asked for, and no third.
void TransferScheduler::renew(PartExchange& exchange, Clock::time_point now) {
  FileTransfer& file = *exchange.file;
  Part part = exchange.part;
  if (exchange.received() > 0) part.renewals = 0;
  if (++part.renewals > most_renewals) {
    Error error = response_error("the storage refuses", response_of(exchange)).in(file.item->path);
    error.code = ErrorCode::network;
    return fail(file, std::move(error));
  }
  part.range = exchange.remainder();
  if (part.renewals > 1) part.not_before = now + backoff_(1);
  file.unlocate();
  file.queue(part);
}

/// What is left of a part goes back to the queue, unless its file has failed too often since it last got anywhere.
void TransferScheduler::try_again(PartExchange& exchange, Error error, Clock::time_point now, bool new_connection) {
  FileTransfer& file = *exchange.file;
  file.high_water = std::max(file.high_water, file.covered());
  Part part = exchange.part;
  if (file.forgiven()) {
    part.failures = 0;
    for (Part& other : file.waiting) other.failures = 0;
  }
  if (++part.failures > most_failures) return fail(file, std::move(error));
  if (exchange.received() > 0) part.renewals = 0;
  part.new_connection = new_connection;
  part.not_before = part.failures == 1 ? now : now + backoff_(part.failures - 1);
  if (file.single_stream()) {  // only whole responses are of use
    const unsigned failures = part.failures;
    restart(file);
    if (file.stage != Stage::fetching) return;
    file.waiting.front().failures = failures;
    file.waiting.front().not_before = part.not_before;
    return;
  }
  part.range = exchange.remainder();
  if (part.range.size() > 0) file.queue(part);
}

void TransferScheduler::drop_exchanges(FileTransfer& file) {
  std::erase_if(exchanges_, [&](const std::unique_ptr<PartExchange>& exchange) {
    if (exchange->file != &file) return false;
    if (!exchange->ended) transport_.cancel(exchange->id);
    --file.active;
    --file.load->active;
    return true;
  });
}

/// Forgets all bytes, and fetches them anew.
void TransferScheduler::restart(FileTransfer& file) {
  drop_exchanges(file);
  ++file.generation;
  if (file.hasher) file.hasher->stop();
  file.hasher.reset();
  file.hasher_told = 0;
  file.undurable.clear();
  file.flushing = file.flushed = false;
  file.stage = Stage::fetching;
  if (!file.item->size) file.size.reset();
  if (auto status = file.entry->restart(file.size.has_value()); !status) return fail(file, std::move(status).error());
  file.plan(settings_->part_size);
}

void TransferScheduler::fail(FileTransfer& file, Error error) {
  drop_exchanges(file);
  if (file.hasher) file.hasher->stop();
  if (file.entry) static_cast<void>(file.entry->record_written());
  file.entry.reset();
  file.waiting.clear();
  file.stage = Stage::failed;
  const bool goes_on = error.code == ErrorCode::network || error.code == ErrorCode::damaged;
  if (!goes_on && !fatal_) fatal_ = error;
  file.error = std::move(error);
}

HttpResponse TransferScheduler::response_of(PartExchange& exchange) const {
  return {exchange.response.status, exchange.response.headers, exchange.text, exchange.walk.url(), {}};
}

}  // namespace ingot::acquire::detail
