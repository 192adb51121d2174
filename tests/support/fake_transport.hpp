// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/support/fake_transport.hpp: a Transport without a network, whose clock is as fast as the test.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <ingot/acquire/transport.hpp>

namespace ingot::test {

/// What a scripted server does with one request.
struct Answer {
  int status = 200;
  acquire::Headers headers = {};
  std::string body = {};
  acquire::Failure failure = acquire::Failure::none;                ///< after the body
  acquire::Clock::duration delay = std::chrono::milliseconds{1};    ///< before the head
  acquire::Clock::duration pause = std::chrono::microseconds{100};  ///< before each piece of the body
  std::size_t piece = std::size_t{16} << 10;
  bool silent = false;                                             ///< nothing ever comes
  std::size_t stall_at = std::numeric_limits<std::size_t>::max();  ///< body bytes after which nothing more comes
};

class FakeTransport {
 public:
  using Server = std::function<Answer(const acquire::Request&)>;
  explicit FakeTransport(Server server) : server_{std::move(server)} {}

  acquire::ExchangeId start(acquire::Request request, acquire::Receiver& receiver) {
    requests.push_back(request);
    const auto id = ++last_;
    Exchange exchange{server_(request), &receiver, {}, 0, false};
    exchange.next = now_ + exchange.answer.delay;
    exchanges_.emplace(id, std::move(exchange));
    most_at_once = std::max(most_at_once, exchanges_.size());
    return id;
  }
  void cancel(acquire::ExchangeId id) { exchanges_.erase(id); }

  void run(acquire::Clock::duration duration) {
    auto due = exchanges_.end();
    for (auto at = exchanges_.begin(); at != exchanges_.end(); ++at) {
      const Answer& answer = at->second.answer;
      if (answer.silent || (at->second.headed && at->second.sent >= answer.stall_at)) continue;
      if (due == exchanges_.end() || at->second.next < due->second.next) due = at;
    }
    if (due == exchanges_.end() || due->second.next > now_ + duration) {
      now_ += duration;
      std::this_thread::sleep_for(std::chrono::microseconds{20});  // what hashes meanwhile does it in the world's time
      return;
    }
    now_ = std::max(now_, due->second.next);
    step(due);
  }
  void wake() {}
  [[nodiscard]] acquire::Clock::time_point now() const { return now_; }
  /// Exchanges under way.
  [[nodiscard]] std::size_t open() const { return exchanges_.size(); }

  std::vector<acquire::Request> requests;
  std::size_t most_at_once = 0;

 private:
  struct Exchange {
    Answer answer;
    acquire::Receiver* receiver;
    acquire::Clock::time_point next;
    std::size_t sent;
    bool headed;
  };
  void step(std::map<acquire::ExchangeId, Exchange>::iterator at) {
    Exchange& exchange = at->second;
    const auto end = [&](acquire::Failure failure) {
      acquire::Receiver* const receiver = exchange.receiver;
      exchanges_.erase(at);
      receiver->done(failure, failure == acquire::Failure::none ? "" : "as the script says");
    };
    exchange.next = now_ + exchange.answer.pause;
    if (!exchange.headed) {
      exchange.headed = true;
      if (exchange.answer.status == 0) return end(exchange.answer.failure);
      if (!exchange.receiver->head({exchange.answer.status, exchange.answer.headers})) end(acquire::Failure::refused_by_receiver);
      return;
    }
    const std::string& body = exchange.answer.body;
    if (exchange.sent == body.size()) return end(exchange.answer.failure);
    const auto size = std::min({exchange.answer.piece, body.size() - exchange.sent, exchange.answer.stall_at - exchange.sent});
    const auto bytes = std::as_bytes(std::span{body.data() + exchange.sent, size});
    exchange.sent += size;
    if (!exchange.receiver->body(bytes)) end(acquire::Failure::refused_by_receiver);
  }

  Server server_;
  std::map<acquire::ExchangeId, Exchange> exchanges_;
  acquire::ExchangeId last_ = 0;
  acquire::Clock::time_point now_{std::chrono::hours{1}};
};

/// `content` as a server that knows ranges gives it.
inline Answer serve(const std::string& content, const acquire::Request& request) {
  Answer answer;
  if (request.range) {
    const auto end = std::min<std::uint64_t>(request.range->end, content.size());
    if (request.range->begin >= content.size()) {
      answer.status = 416;
      answer.headers.add("Content-Range", "bytes */" + std::to_string(content.size()));
      return answer;
    }
    answer.status = 206;
    answer.body = content.substr(request.range->begin, end - request.range->begin);
    answer.headers.add("Content-Range", "bytes " + std::to_string(request.range->begin) + "-" + std::to_string(end - 1) + "/" +
                                            std::to_string(content.size()));
  } else {
    answer.body = content;
  }
  answer.headers.add("Content-Length", std::to_string(answer.body.size()));
  return answer;
}

}  // namespace ingot::test
