// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/curl_transport_definitions.hpp: curl_transport.hpp; ingot::acquire compiles it, once.

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <curl/curl.h>

#include <ingot/acquire/curl_failure.hpp>
#include <ingot/acquire/curl_transport.hpp>
#include <ingot/acquire/environment.hpp>
#include <ingot/acquire/token_bucket.hpp>
#include <ingot/version.hpp>

namespace ingot::acquire {

namespace detail {

struct CloseEasy {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct CloseMulti {
  void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

}  // namespace detail

struct CurlTransport::State {
  static constexpr std::size_t most_header_bytes = std::size_t{256} << 10;

  struct Exchange {
    State* state = nullptr;
    ExchangeId id = 0;
    Receiver* receiver = nullptr;
    std::string body, url;
    std::unique_ptr<curl_slist, detail::FreeList> fields;
    ResponseHead head;
    std::size_t header_bytes = 0;
    bool head_delivered = false, too_large = false;
    std::array<char, CURL_ERROR_SIZE> reason{};
    std::unique_ptr<CURL, detail::CloseEasy> handle{curl_easy_init()};
  };

  CurlSettings settings;
  std::filesystem::path ca_path;  // a directory of certificates
  std::unordered_map<ExchangeId, std::unique_ptr<Exchange>> exchanges;
  std::deque<ExchangeId> paused;  // longest first: each gets its share of the rate
  TokenBucket bucket{0, {}};
  ExchangeId last = 0;
  bool events = false;
  std::atomic<bool> woken = false;
  std::unique_ptr<CURLM, detail::CloseMulti> multi{curl_multi_init()};

  ~State() {
    for (auto& [id, exchange] : exchanges) curl_multi_remove_handle(multi.get(), exchange->handle.get());
  }

  /// One header line, its line break included; the empty one ends a head.
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* target) {
    auto& exchange = *static_cast<Exchange*>(target);
    if (exchange.head_delivered) return size;  // a trailer
    if ((exchange.header_bytes += size) > most_header_bytes) {
      exchange.too_large = true;
      return 0;
    }
    const std::string_view line = trimmed({data, size});
    if (line.starts_with("HTTP/") && line.find(':') == std::string_view::npos) {
      exchange.head = {};
      const auto space = line.find(' ');
      if (space != std::string_view::npos) std::from_chars(line.data() + space + 1, line.data() + line.size(), exchange.head.status);
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      exchange.head.headers.add(std::string{trimmed(line.substr(0, colon))}, std::string{trimmed(line.substr(colon + 1))});
    } else if (line.empty() && exchange.head.status >= 200) {
      exchange.head_delivered = exchange.state->events = true;
      return exchange.receiver->head(exchange.head) ? size : 0;
    }
    return size;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* target) {
    auto& exchange = *static_cast<Exchange*>(target);
    State& state = *exchange.state;
    if (state.bucket.limited()) {
      if (state.bucket.empty(Clock::now())) {
        state.paused.push_back(exchange.id);
        return CURL_WRITEFUNC_PAUSE;
      }
      state.bucket.take(size);
    }
    state.events = true;
    if (!exchange.head_delivered) return 0;  // HTTP/0.9
    return exchange.receiver->body(std::as_bytes(std::span{data, size})) ? size : 0;
  }

  void configure(Exchange& exchange, Request&& request) {
    CURL* const handle = exchange.handle.get();
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
    exchange.url = std::move(request.url);
    set(CURLOPT_URL, exchange.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, 15L);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);  // the last resort: whoever starts exchanges has finer timers
    set(CURLOPT_LOW_SPEED_TIME, 60L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings.proxy.empty()) set(CURLOPT_PROXY, settings.proxy.c_str());
    if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
    if (!ca_path.empty()) set(CURLOPT_CAPATH, ca_path.c_str());
    // Bodies one a connection: each range is a TCP flow of its own, and what is cancelled costs no other.
    set(CURLOPT_HTTP_VERSION, static_cast<long>(request.own_connection ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_FRESH_CONNECT, request.new_connection ? 1L : 0L);
    const std::uint64_t buffer = settings.max_rate == 0 ? 512 << 10 : std::clamp<std::uint64_t>(settings.max_rate / 10, 1024, 512 << 10);
    set(CURLOPT_BUFFERSIZE, static_cast<long>(buffer));
    set(CURLOPT_USERAGENT, settings.user_agent.c_str());
    if (request.method == Method::head) set(CURLOPT_NOBODY, 1L);
    if (request.method == Method::post) {
      exchange.body = std::move(request.body);
      set(CURLOPT_POST, 1L);
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(exchange.body.size()));
      set(CURLOPT_POSTFIELDS, exchange.body.data());
      request.headers.set("Expect", "");  // without: waiting for a 100 that many servers never send
    }
    if (request.range) {
      const std::string range = std::to_string(request.range->begin) + "-" + std::to_string(request.range->end - 1);
      set(CURLOPT_RANGE, range.c_str());
    }
    for (const Header& field : request.headers) {
      const std::string line = field.name + (field.value.empty() ? ":" : ": " + field.value);
      if (line.find_first_of("\r\n") != std::string::npos) continue;  // would be a field of its own
      if (curl_slist* const list = curl_slist_append(exchange.fields.get(), line.c_str())) {
        static_cast<void>(exchange.fields.release());
        exchange.fields.reset(list);
      }
    }
    set(CURLOPT_HTTPHEADER, exchange.fields.get());
    set(CURLOPT_ERRORBUFFER, exchange.reason.data());
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, &exchange);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_PRIVATE, &exchange);
  }

  [[nodiscard]] std::string reason_for(const Exchange& exchange, Failure failure, CURLcode code) const {
    std::string reason = exchange.reason[0] != '\0' ? exchange.reason.data() : curl_easy_strerror(code);
    if (exchange.too_large) reason = "more than 256 KiB of headers";
    if (failure == Failure::tls) reason += settings.ca_file.empty() ? "" : " (certificates: " + settings.ca_file.string() + ")";
    if (const std::string proxy = detail::proxy_for(exchange.url, settings.proxy);
        !proxy.empty() && failure != Failure::refused_by_receiver)
      reason += " (proxy: " + proxy + ")";
    return reason;
  }

  void finish_ended() {
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      Exchange* ended = nullptr;
      const CURLcode code = message->data.result;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
      const auto found = exchanges.find(ended->id);
      const std::unique_ptr<Exchange> exchange = std::move(found->second);
      exchanges.erase(found);
      Failure failure = exchange->too_large ? Failure::too_large : detail::failure_of(exchange->handle.get(), code);
      if (failure == Failure::none && !exchange->head_delivered) failure = Failure::protocol;
      curl_multi_remove_handle(multi.get(), exchange->handle.get());
      events = true;
      exchange->receiver->done(failure, failure == Failure::none ? std::string{} : reason_for(*exchange, failure, code));
    }
  }

  void resume_paused() {
    for (std::size_t count = paused.size(); count > 0 && !bucket.empty(Clock::now()); --count) {
      const auto found = exchanges.find(paused.front());
      paused.pop_front();
      if (found != exchanges.end()) curl_easy_pause(found->second->handle.get(), CURLPAUSE_CONT);
    }
  }

  void run(Clock::duration duration) {
    const auto end = Clock::now() + duration;
    events = false;
    for (;;) {
      resume_paused();
      int running = 0;
      curl_multi_perform(multi.get(), &running);
      finish_ended();
      auto left = end - Clock::now();
      if (events || woken.exchange(false) || left <= Clock::duration::zero()) return;
      if (!paused.empty()) left = std::min(left, bucket.wait());
      const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(std::min<std::int64_t>(milliseconds, 60'000)), nullptr);
    }
  }
};

Result<CurlTransport> CurlTransport::create(CurlSettings settings) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  const auto* const curl = curl_version_info(CURLVERSION_NOW);
  if (initialized != CURLE_OK || curl->version_num < 0x075500)
    return Error{ErrorCode::other, "libcurl " + std::string{curl->version} + " is too old", {}, "7.85 or newer is needed"};
  auto state = std::make_unique<State>();
  if (!state->multi) return Error{ErrorCode::other, "libcurl is out of memory", {}, {}};
  if (settings.ca_file.empty())
    settings.ca_file = Environment::of_process().first({"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"}).value_or("");
  std::error_code error;
  if (!settings.ca_file.empty()) {
    const auto type = std::filesystem::status(settings.ca_file, error).type();
    if (type == std::filesystem::file_type::directory)
      state->ca_path = std::exchange(settings.ca_file, {});
    else if (type != std::filesystem::file_type::regular)
      return Error{ErrorCode::not_found, "no such file of certificates", settings.ca_file.string(), "check the option or SSL_CERT_FILE"};
  }
  if (settings.user_agent.empty()) settings.user_agent = "ingot/" + std::string{version};
  state->bucket = TokenBucket{settings.max_rate, Clock::now()};
  state->settings = std::move(settings);
  curl_multi_setopt(state->multi.get(), CURLMOPT_MAXCONNECTS, 64L);
  return CurlTransport{std::move(state)};
}

CurlTransport::CurlTransport(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
CurlTransport::CurlTransport(CurlTransport&&) noexcept = default;
CurlTransport& CurlTransport::operator=(CurlTransport&&) noexcept = default;
CurlTransport::~CurlTransport() = default;

ExchangeId CurlTransport::start(Request request, Receiver& receiver) {
  auto exchange = std::make_unique<State::Exchange>();
  exchange->state = state_.get();
  exchange->id = ++state_->last;
  exchange->receiver = &receiver;
  state_->configure(*exchange, std::move(request));
  curl_multi_add_handle(state_->multi.get(), exchange->handle.get());
  state_->exchanges.emplace(exchange->id, std::move(exchange));
  return state_->last;
}

void CurlTransport::cancel(ExchangeId id) {
  const auto found = state_->exchanges.find(id);
  if (found == state_->exchanges.end()) return;
  curl_multi_remove_handle(state_->multi.get(), found->second->handle.get());
  state_->exchanges.erase(found);
}

void CurlTransport::run(Clock::duration duration) { state_->run(duration); }

void CurlTransport::wake() {
  state_->woken.store(true);
  curl_multi_wakeup(state_->multi.get());
}

}  // namespace ingot::acquire
