// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/transfer_scheduler.hpp: the loop of a transfer: who is asked for what, when, and what follows from the
              // answers.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ingot/acquire/background.hpp>
#include <ingot/acquire/backoff.hpp>
#include <ingot/acquire/file_transfer.hpp>
#include <ingot/acquire/part_exchange.hpp>
#include <ingot/acquire/transfer.hpp>

namespace ingot::acquire::detail {

/// One call of transfer(). Receivers only note what came; every decision is taken in step(), on one thread. Background tasks see
/// nothing of it but descriptors, hashers and the list of flushes that have ended.
class TransferScheduler {
 public:
  TransferScheduler(HttpClient& client, std::span<TransferItem> items, const TransferSettings& settings);
  ~TransferScheduler();
  [[nodiscard]] Result<TransferReport> run();

 private:
  static constexpr unsigned most_failures = 6, most_wrong_answers = 2, most_changes = 2, most_asked_waits = 20, most_renewals = 2;
  static constexpr std::size_t most_open_files = 48;
  static constexpr std::uint64_t most_unhashed = std::uint64_t{2} << 30, most_undurable = std::uint64_t{4} << 30;

  // transfer_definitions.hpp: the loop.
  [[nodiscard]] Status step();
  [[nodiscard]] Status check_patience(Clock::time_point now);
  void watch(Clock::time_point now);
  void report(Clock::time_point now);

  // transfer_start_definitions.hpp: what is asked for next.
  [[nodiscard]] Status prepare();
  void dispatch(Clock::time_point now);
  bool dispatch_file(FileTransfer& file, Clock::time_point now);
  bool open_file(FileTransfer& file, Clock::time_point now);
  [[nodiscard]] Status open_entry(FileTransfer& file, StagingEntry::Sharing sharing);
  bool locate(FileTransfer& file, Clock::time_point now);
  void start(std::unique_ptr<PartExchange> exchange);
  void split_slowest(Clock::time_point now);

  // transfer_answers_definitions.hpp: what follows from an exchange that has ended.
  void handle_ended(Clock::time_point now);
  void handle(PartExchange& exchange, Clock::time_point now);
  void handle_redirect(std::unique_ptr<PartExchange> exchange, Clock::time_point now);
  void handle_no_range(FileTransfer& file);
  void handle_content(PartExchange& exchange, Clock::time_point now);
  void handle_status(PartExchange& exchange, Clock::time_point now);
  void handle_wrong(PartExchange& exchange, Clock::time_point now);
  void try_again(PartExchange& exchange, Error error, Clock::time_point now, bool new_connection);
  void renew(PartExchange& exchange, Clock::time_point now);
  void restart(FileTransfer& file);
  void drop_exchanges(FileTransfer& file);
  void fail(FileTransfer& file, Error error);
  [[nodiscard]] HttpResponse response_of(PartExchange& exchange) const;

  // transfer_finish_definitions.hpp: from all bytes to the final name.
  void follow(FileTransfer& file, Clock::time_point now);
  void flush_in_background(FileTransfer& file, Clock::time_point now);
  void handle_flushed();
  void verify(FileTransfer& file);
  void publish(FileTransfer& file, Digest sha256);
  void mistrust(FileTransfer& file, const std::string& found);

  [[nodiscard]] Load& load_of(const Origin& origin, Clock::time_point now);
  void note(const std::string& text) const {
    if (context_->note) context_->note(text);
  }

  struct Flushed {
    FileTransfer* file;
    std::uint64_t generation;
    std::vector<ByteRange> ranges;
    Status status;
  };

  AnyTransport transport_;
  HttpContext* context_;
  const TransferSettings* settings_;
  std::vector<FileTransfer> files_;
  std::list<Load> loads_;  // addresses stay
  std::vector<std::unique_ptr<PartExchange>> exchanges_;
  Backoff backoff_;
  TransferReport report_;
  std::optional<Error> fatal_;
  bool own_names_ = false;  // locks do not work here
  std::uint64_t fetched_then_ = 0;
  Clock::time_point moved_ = {}, watched_ = {}, reported_ = {}, beat_ = {};
  std::atomic<bool> stop_ = false;
  std::mutex flushed_mutex_;
  std::vector<Flushed> flushed_;
  Background hashing_, flushing_;  // last: their tasks end first
};

}  // namespace ingot::acquire::detail
