// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/http_client_definitions.hpp: http_client.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <ingot/acquire/backoff.hpp>
#include <ingot/acquire/http_client.hpp>
#include <ingot/acquire/redirect_walk.hpp>
#include <ingot/acquire/retry.hpp>
#include <ingot/acquire/stall_timer.hpp>

namespace ingot::acquire {

namespace detail {

/// Collects a bounded body. The exchange is cancelled with it.
class Collector : public Receiver {
 public:
  Collector(AnyTransport transport, std::size_t most) : transport_{transport}, most_{most}, stall_{transport.now(), stall_window, 1024} {}
  ~Collector() override {
    if (id_ && !ended_) transport_.cancel(*id_);
  }
  void start(Request request) { id_ = transport_.start(std::move(request), *this); }

  bool head(const ResponseHead& head) override {
    head_ = head;
    stall_.restart(transport_.now());
    return true;
  }
  bool body(std::span<const std::byte> bytes) override {
    stall_.moved(transport_.now(), bytes.size());
    if (bytes.size() > most_ - body_.size()) return !(too_long_ = true);
    body_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  }
  void done(Failure failure, const std::string& reason) override {
    ended_ = true;
    failure_ = failure;
    reason_ = reason;
  }

  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] bool answered() const noexcept { return head_.status != 0; }
  [[nodiscard]] bool stalled() { return stall_.stalled(transport_.now()); }
  [[nodiscard]] bool too_long() const noexcept { return too_long_; }
  [[nodiscard]] Failure failure() const noexcept { return failure_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  [[nodiscard]] ResponseHead& response_head() noexcept { return head_; }
  [[nodiscard]] std::string& text() noexcept { return body_; }

 private:
  AnyTransport transport_;
  std::size_t most_;
  StallTimer stall_;
  std::optional<ExchangeId> id_;
  ResponseHead head_;
  std::string body_, reason_;
  Failure failure_ = Failure::none;
  bool ended_ = false, too_long_ = false;
};

/// Lets time pass, and other exchanges move. Errors: cancelled.
[[nodiscard]] inline Status wait_until(AnyTransport transport, const HttpContext& context, Clock::time_point end) {
  for (auto now = transport.now(); now < end; now = transport.now()) {
    if (context.cancellation != nullptr) INGOT_CHECK(context.cancellation->check());
    transport.run(std::min<Clock::duration>(end - now, std::chrono::milliseconds{100}));
  }
  return {};
}

/// One exchange, or why there is no response and whether another try may help.
struct Attempt {
  std::optional<HttpResponse> response;
  Error error;
  bool again = false;
};

[[nodiscard]] inline Attempt attempt_hop(AnyTransport transport, const HttpContext& context, const HttpRequest& wanted, Method method,
                                         const RedirectWalk& walk, bool new_connection, Clock::time_point give_up) {
  Collector collector{transport, wanted.max_body};
  Request request{
      .method = method, .url = walk.url().text(), .headers = walk.headers(context.credentials), .new_connection = new_connection};
  if (method == Method::post) request.body = wanted.body;
  collector.start(std::move(request));
  while (!collector.ended()) {
    if (context.cancellation != nullptr)
      if (auto status = context.cancellation->check(); !status) return {{}, std::move(status).error(), false};
    if (collector.stalled() || (!collector.answered() && transport.now() >= give_up))
      return {{}, Error{ErrorCode::network, "no answer for long", walk.url().redacted(), "check the network"}, true};
    transport.run(std::chrono::milliseconds{100});
  }
  if (collector.too_long())
    return {{},
            Error{ErrorCode::damaged, "a response longer than " + std::to_string(wanted.max_body) + " bytes", walk.url().redacted(), {}},
            false};
  if (collector.failure() != Failure::none)
    return {{}, failure_error(collector.failure(), collector.reason(), walk.url()), may_retry(collector.failure())};
  ResponseHead& head = collector.response_head();
  if (head.status == 407)
    return {{}, failure_error(Failure::proxy, "the proxy answered 407: it wants a name and password", walk.url()), false};
  return {HttpResponse{head.status, std::move(head.headers), std::move(collector.text()), walk.url(), {}}, {}, false};
}

}  // namespace detail

Error response_error(std::string what, const HttpResponse& response) {
  const int status = response.status;
  const ErrorCode code = status == 401 || status == 403   ? ErrorCode::forbidden
                         : status == 404 || status == 410 ? ErrorCode::not_found
                                                          : ErrorCode::network;
  Error error{code, std::move(what), "HTTP " + std::to_string(status) + " from " + response.url.redacted(), {}};
  const auto tell = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!error.hint.empty()) error.hint += ", ";
    error.hint.append(name).append(name.empty() ? "" : " ");
    for (const char c : value.substr(0, 200)) error.hint += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  };
  for (const std::string_view name : {"X-Error-Code", "X-Error-Message"}) tell({}, response.headers.get(name));
  if (!response.headers.has("X-Error-Message") && response.body.find('\0') == std::string::npos) tell({}, trimmed(response.body));
  for (const std::string_view name : {"X-Request-Id", "X-Amzn-Trace-Id", "X-Amz-Cf-Id"}) tell(name, response.headers.get(name));
  return error;
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
  constexpr unsigned most_tries = 6, most_asked_waits = 20;
  INGOT_TRY(const Url start, Url::parse(request.url));
  Backoff backoff;
  const auto give_up = transport_.now() + patience;
  bool new_connection = false;
  for (unsigned tries = 1, asked_waits = 0;;) {
    RedirectWalk walk{start, request.headers};
    Method method = request.method;
    std::vector<ResponseHead> hops;
    detail::Attempt attempt;
    for (;;) {  // each hop
      INGOT_CHECK(detail::wait_until(transport_, *context_, context_->limits.free_at(walk.url().origin, transport_.now())));
      attempt = detail::attempt_hop(transport_, *context_, request, method, walk, new_connection, give_up);
      if (!attempt.response || !RedirectWalk::is_redirect(attempt.response->status)) break;
      ResponseHead head{attempt.response->status, attempt.response->headers};
      INGOT_TRY(Url next, walk.next(head));
      if (request.redirects == Redirects::same_origin && next.origin != walk.url().origin) break;
      if (head.status == 303 && method == Method::post) method = Method::get;
      INGOT_CHECK(walk.follow(std::move(next)));
      hops.push_back(std::move(head));
    }

    const auto now = transport_.now();
    auto pause = backoff(tries - 1);
    bool asked = false;
    if (attempt.response) {
      HttpResponse& response = *attempt.response;
      response.hops = std::move(hops);
      if (!may_retry(response.status)) return std::move(response);
      if (const auto wait = asked_wait({response.status, response.headers}, std::chrono::system_clock::now())) {
        if (*wait > RateLimits::longest_wait) return long_wait_error(*wait, response.url);
        pause = std::max<Clock::duration>(*wait, pause);
        asked = ++asked_waits <= most_asked_waits;
        context_->limits.hold(walk.url().origin, now + pause);
      }
      if (!asked && (tries >= most_tries || now + pause > give_up)) return std::move(response);
    } else if (!attempt.again || tries >= most_tries || now + pause > give_up) {
      return std::move(attempt.error);
    }
    if (context_->note && !attempt.response) context_->note(attempt.error.message() + ": trying again");
    if (!asked) ++tries;
    new_connection = !attempt.response;
    INGOT_CHECK(detail::wait_until(transport_, *context_, now + pause));
  }
}

}  // namespace ingot::acquire
